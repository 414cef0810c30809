//! What somebody may have meant by a name that does not exist.

/// More wrong letters than this make another name.
const MOST: usize = 5;

/// The nearest of these names, if it is near.
pub fn nearest<'a>(name: &str, all: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, nearest) = all.into_iter().map(|one| (strsim::damerau_levenshtein(one, name), one)).min()?;
    (distance <= MOST.min(name.len().max(nearest.len()) / 4)).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_another_name_is_not() {
        let all = ["server.memory.heap.max_size", "server.memory.pagecache.size"];
        assert_eq!(nearest("server.memory.heap.max_sizes", all), Some(all[0]));
        assert_eq!(nearest("server.memroy.pagecache.size", all), Some(all[1]));
        assert_eq!(nearest("dbms.cluster.discovery.type", all), None);
        assert_eq!(nearest("CONSOLE_SECRET_KEY", ["CONSOLE_SECRET_KEY_FILE"]), Some("CONSOLE_SECRET_KEY_FILE"));
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("x", []), None);
    }
}
