use super::*;

fn of(mebibytes: u64) -> (String, String) {
    let r = recommended(mebibytes * MIB);
    (written(r.heap), written(r.page_cache))
}

/// MiB in all, heap and page cache: what `neo4j-admin server memory-recommendation --memory=…m` of 5.26.5 printed.
const GOLDEN: [(u64, &str, &str); 46] = include!("golden.in");

#[test]
fn the_figures_are_those_of_neo4j() {
    for (mebibytes, heap, page_cache) in GOLDEN {
        assert_eq!(of(mebibytes), (heap.into(), page_cache.into()), "{mebibytes} MiB");
    }
}

/// Below 256 MiB the table leaves less than the smallest page cache.
#[test]
fn no_total_asks_for_more_than_there_is() {
    for mebibytes in 256..8192 {
        let (total, r) = (mebibytes * MIB, recommended(mebibytes * MIB));
        assert!(r.system + r.heap + r.page_cache <= total, "{mebibytes} MiB: {r:?}");
    }
    for total in [0, 1, MIB, u64::MAX] {
        assert!(recommended(total).page_cache >= PAGE_CACHE.0 && !written(total).is_empty());
    }
}
