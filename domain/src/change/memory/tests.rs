use super::*;
use crate::container::RunState;
use crate::container::tests::sample;

const HEAP_MAX: &str = "NEO4J_server_memory_heap_max__size";
const HEAP_INITIAL: &str = "NEO4J_server_memory_heap_initial__size";
const PAGE_CACHE: &str = "NEO4J_server_memory_pagecache_size";
const JVM: &str = "NEO4J_server_jvm_additional";

fn wanted(heap: &str, page_cache: &str, limit: &str) -> MemoryWanted {
    MemoryWanted::parse(heap, page_cache, limit, "", None).expect("sizes")
}

fn with(pairs: &[(&str, &str)]) -> Container {
    let mut container = sample();
    container.env.extend(pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())));
    container
}

fn planned(now: &Container, wanted: &MemoryWanted) -> Plan {
    plan_memory(now, Some(Version::new(5, 26, 5)), Some(16 * GIB), wanted).expect("a plan")
}

fn refused(wanted: &MemoryWanted) -> Invalid {
    plan_memory(&sample(), None, Some(16 * GIB), wanted).expect_err("refused")
}

fn variable(name: &str, before: Option<&str>, after: Option<&str>) -> Difference {
    Difference::Variable { name: name.into(), before: before.map(str::to_owned), after: after.map(str::to_owned) }
}

#[test]
fn heap_is_set_twice_and_the_limit_of_the_container_with_it() {
    let plan = planned(&sample(), &wanted("600m", "1g", "4g"));
    let expected = [
        variable(HEAP_INITIAL, None, Some("600m")),
        variable(HEAP_MAX, None, Some("600m")),
        variable(PAGE_CACHE, None, Some("1g")),
        Difference::MemoryLimit { before: None, after: Some(4 * GIB) },
    ];
    assert_eq!((plan.differences, plan.warnings), (expected.to_vec(), vec![]));
    assert_eq!(plan.summary, "Heap 600\u{202f}MiB, page cache 1\u{202f}GiB, limit 4\u{202f}GiB");
}

#[test]
fn what_is_so_already_is_no_difference_however_it_is_written() {
    let mut now = with(&[(HEAP_INITIAL, "1024m"), (HEAP_MAX, "1G"), (PAGE_CACHE, "1.00GiB")]);
    now.memory_limit = Some(4 * GIB);
    assert_eq!(planned(&now, &wanted("1g", "1g", "")).differences, []);
    let limit = Difference::MemoryLimit { before: Some(4 * GIB), after: None };
    assert_eq!(planned(&now, &wanted("1g", "1g", "none")).differences, [limit]);
}

#[test]
fn names_of_4_4_are_replaced_on_5_and_used_on_4_4() {
    let old = [
        ("NEO4J_dbms_memory_heap_max__size", "2g"),
        ("NEO4J_dbms_memory_pagecache_size", "1g"),
        ("NEO4J_dbms_memory_transaction_global__max__size", "512m"),
        ("NEO4J_dbms_jvm_additional", "-Xlog:gc"),
    ];
    let plan = planned(&with(&old), &wanted("2g", "1g", "8g"));
    let expected = [
        variable(HEAP_INITIAL, None, Some("2g")),
        variable(HEAP_MAX, None, Some("2g")),
        variable(PAGE_CACHE, None, Some("1g")),
        variable("NEO4J_dbms_memory_transaction_total_max", None, Some("512m")),
        variable(JVM, None, Some("-Xlog:gc")),
        variable("NEO4J_dbms_memory_heap_max__size", Some("2g"), None),
        variable("NEO4J_dbms_memory_pagecache_size", Some("1g"), None),
        variable("NEO4J_dbms_memory_transaction_global__max__size", Some("512m"), None),
        variable("NEO4J_dbms_jvm_additional", Some("-Xlog:gc"), None),
        Difference::MemoryLimit { before: None, after: Some(8 * GIB) },
    ];
    assert_eq!(plan.differences, expected);
    let of_4_4 = plan_memory(&with(&old), Some(Version::new(4, 4, 48)), None, &wanted("2g", "1g", "")).expect("a plan");
    assert_eq!(of_4_4.differences, [variable("NEO4J_dbms_memory_heap_initial__size", None, Some("2g"))]);
}

#[test]
fn the_option_of_the_jvm_is_added_to_the_others_and_taken_from_them() {
    let sizes = [(HEAP_INITIAL, "1g"), (HEAP_MAX, "1g"), (PAGE_CACHE, "1g")];
    let asked = |exit| MemoryWanted { exit_on_out_of_memory: Some(exit), ..wanted("1g", "1g", "") };
    let of = |jvm: &[(&str, &str)], exit| {
        let now = with(&[&sizes[..], jvm].concat());
        plan_memory(&now, None, None, &asked(exit)).map(|plan| plan.differences)
    };
    let on = format!("-Xlog:gc {EXIT_ON_OUT_OF_MEMORY}");
    assert_eq!(of(&[], true), Ok(vec![variable(JVM, None, Some(EXIT_ON_OUT_OF_MEMORY))]));
    assert_eq!(of(&[(JVM, "-Xlog:gc")], true), Ok(vec![variable(JVM, Some("-Xlog:gc"), Some(&on))]));
    assert_eq!(of(&[(JVM, &on)], true), Ok(vec![]));
    assert_eq!(of(&[(JVM, &on)], false), Ok(vec![variable(JVM, Some(&on), Some("-Xlog:gc"))]));
    let only = variable(JVM, Some(EXIT_ON_OUT_OF_MEMORY), None);
    assert_eq!(of(&[(JVM, EXIT_ON_OUT_OF_MEMORY)], false), Ok(vec![only]));
    let secret = of(&[(JVM, "-Djavax.net.ssl.trustStorePassword=owls")], true).expect_err("refused");
    assert_eq!(secret.field, "exit_on_out_of_memory");
    assert!(!secret.why.contains("owls"), "{secret}");
}

#[test]
fn what_does_not_fit_is_refused_at_its_field() {
    let field = |heap, page_cache, limit| refused(&wanted(heap, page_cache, limit)).field;
    assert_eq!(field("4g", "1g", "4g"), "heap");
    assert_eq!(field("2g", "2g", "4g"), "page_cache");
    assert_eq!(field("8g", "8g", ""), "page_cache", "without a limit it is the host that counts");
    assert_eq!(field("1g", "1g", "17g"), "limit");
    assert_eq!(field("4", "1g", "4g"), "heap");
    assert_eq!(field("1g", "7m", "4g"), "page_cache");
    let transactions = |total| {
        let wanted = MemoryWanted { transaction_total: Some(total), ..wanted("1g", "1g", "4g") };
        plan_memory(&sample(), None, None, &wanted).map(|_| ()).map_err(|e| e.field)
    };
    assert_eq!(transactions(MIB), Err("transaction_total".into()));
    assert_eq!(transactions(2 * GIB), Err("transaction_total".into()));
    assert_eq!((transactions(0), transactions(GIB)), (Ok(()), Ok(())));
    let typed = |heap, limit| MemoryWanted::parse(heap, "1g", limit, "", None).expect_err("refused").field;
    assert_eq!((typed("half", ""), typed("1g", "all")), ("heap".into(), "limit".into()));
}

#[test]
fn a_tight_fit_no_limit_and_a_server_that_does_not_run_are_said() {
    let says = |now: &Container, wanted: &MemoryWanted| planned(now, wanted).warnings.join("\n");
    assert!(says(&sample(), &wanted("2g", "1700m", "4g")).contains("91\u{202f}% of the limit"));
    assert!(says(&sample(), &wanted("1g", "1g", "")).contains("Without a limit"));
    let stopped = Container { run: RunState::Stopped { exit_code: 137, out_of_memory: true }, ..sample() };
    assert!(says(&stopped, &wanted("1g", "1g", "4g")).contains("It is started with the change."));
    let huge = plan_memory(&sample(), None, None, &wanted("32g", "1g", "64g")).expect("a plan").warnings.join("\n");
    assert!(huge.contains("31\u{202f}GiB"), "{huge}");
}

#[test]
fn a_value_from_a_file_is_not_overruled_in_vain() {
    let now = with(&[("NEO4J_server_memory_heap_max__size_FILE", "/run/secrets/heap")]);
    let why = plan_memory(&now, None, None, &wanted("1g", "1g", "4g")).expect_err("refused");
    assert_eq!(why.field, "heap");
}

#[test]
fn what_the_container_is_told_now_is_read_under_both_names() {
    let told = Memory { heap: Some(7), page_cache: Some(8), limit: None };
    let now = with(&[("NEO4J_dbms_memory_heap_max__size", "2g"), (JVM, EXIT_ON_OUT_OF_MEMORY)]);
    let values = MemoryValues::of(&now, None, &told);
    let expected = MemoryValues {
        heap: Some(2 * GIB),
        page_cache: Some(8),
        limit: None,
        transaction_total: None,
        exit_on_out_of_memory: true,
    };
    assert_eq!(values, expected);
}
