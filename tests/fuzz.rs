//! Random and damaged input for whatever reads what others wrote: nothing of it may panic, hang, or be taken for what
//! it is not. `PROPTEST_CASES` says how many cases each test has: 256, and in `make test-all` as many as it sets. What
//! was ever found stands as a test of its own beside the code.

mod archives;
mod input;
mod manifests;
mod requests;
mod texts;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

type Case = Result<(), TestCaseError>;

/// Tries cases until one fails, then the smallest like it.
fn check<S: Strategy>(input: &S, test: impl Fn(S::Value) -> Case) {
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(input, test).unwrap_or_else(|failed| panic!("{failed}"));
}

/// What a future gives, on a runtime of the test's own: cases are plain functions.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}
