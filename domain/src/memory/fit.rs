//! Whether heap and page cache fit into what there is.

/// How heap and page cache fit, both in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    Fits,
    /// More than nine tenths: hardly room for the JVM besides.
    Tight {
        percent: u64,
    },
    /// The kernel would end Neo4j.
    TooMuch,
}

impl Fit {
    /// In `available` bytes: the container's limit, or the host's memory where there is none.
    pub fn of(heap: u64, page_cache: u64, available: u64) -> Self {
        let used = u128::from(heap) + u128::from(page_cache);
        let available = u128::from(available);
        if used >= available {
            return Self::TooMuch;
        }
        let percent = u64::try_from(used * 100 / available.max(1)).unwrap_or(u64::MAX);
        if used * 10 > available * 9 { Self::Tight { percent } } else { Self::Fits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_nine_tenths_is_tight_and_all_is_too_much() {
        assert_eq!(Fit::of(4, 5, 10), Fit::Fits);
        assert_eq!(Fit::of(45, 46, 100), Fit::Tight { percent: 91 });
        assert_eq!(Fit::of(5, 5, 10), Fit::TooMuch);
        assert_eq!(Fit::of(u64::MAX, u64::MAX, u64::MAX), Fit::TooMuch);
        assert_eq!(Fit::of(0, 0, 0), Fit::TooMuch);
    }
}
