//! Forms that were refused, until their page is drawn: in memory, under a number that only the browser of the form was
//! told. They hold whole what was typed, which no cookie does.

use crate::visitor::Refusal;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// So many wait at most. Where a page never comes for its own, the oldest is dropped.
const MOST: usize = 32;

/// All that wait. Cheap to clone.
#[derive(Clone, Default)]
pub struct Refusals(Arc<Mutex<VecDeque<(String, Refusal)>>>);

impl Refusals {
    /// Keeps it; returns its number.
    pub fn keep(&self, refusal: Refusal) -> String {
        let number = format!("{:032x}", rand::random::<u128>());
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == MOST {
            waiting.pop_front();
        }
        waiting.push_back((number.clone(), refusal));
        number
    }

    /// The one of this number, where it is for the page at `path`. It is handed out once.
    pub fn take(&self, number: &str, path: &str) -> Option<Refusal> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting
            .iter()
            .position(|(known, refusal)| known == number && refusal.page.as_deref().is_none_or(|page| page == path))?;
        waiting.remove(at).map(|(_, refusal)| refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Problem;
    use domain::problem::ProblemKind;

    fn of(page: Option<&str>) -> Refusal {
        let problem = Problem::new(ProblemKind::Invalid, "No.");
        Refusal { form: "/api/fn/x".into(), page: page.map(Into::into), problem, values: vec![] }
    }

    #[test]
    fn a_refusal_is_for_its_own_page_and_once() {
        let refusals = Refusals::default();
        let number = refusals.keep(of(Some("/members/new")));
        assert_eq!(refusals.take(&number, "/"), None, "another tab");
        assert_eq!(refusals.take("0", "/members/new"), None, "another browser");
        assert_eq!(refusals.take(&number, "/members/new"), Some(of(Some("/members/new"))));
        assert_eq!(refusals.take(&number, "/members/new"), None);
    }

    #[test]
    fn those_whose_page_never_comes_do_not_pile_up() {
        let refusals = Refusals::default();
        let numbers: Vec<_> = (0..=MOST).map(|_| refusals.keep(of(None))).collect();
        assert_eq!(refusals.take(&numbers[0], "/"), None);
        assert!(numbers[1..].iter().all(|number| refusals.take(number, "/").is_some()));
    }
}
