//! One page of a long list.

use serde::{Deserialize, Serialize};

/// One page of a long list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Of the whole list.
    pub total: u64,
    /// From 1.
    pub page: u32,
    pub per_page: u32,
}

impl<T> Page<T> {
    /// How many there are; at least one.
    pub fn pages(&self) -> u32 {
        (self.total.div_ceil(u64::from(self.per_page.max(1))) as u32).max(1)
    }

    /// `1–50 of 98,640`; nothing for an empty list.
    pub fn range(&self) -> String {
        let first = u64::from(self.page.max(1) - 1) * u64::from(self.per_page) + 1;
        let last = (first + self.items.len() as u64).saturating_sub(1);
        if self.items.is_empty() {
            String::new()
        } else {
            format!("{}–{} of {}", crate::text::count(first), crate::text::count(last), crate::text::count(self.total))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_says_where_one_is() {
        let page = Page { items: vec![0; 40], total: 98_640, page: 3, per_page: 50 };
        assert_eq!(page.range(), "101–140 of 98,640");
        assert_eq!(page.pages(), 1973);
        assert_eq!(Page::<u8> { items: vec![], total: 0, page: 1, per_page: 50 }.pages(), 1);
    }
}
