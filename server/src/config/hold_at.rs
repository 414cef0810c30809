//! `CONSOLE_TEST_HOLD_AT`, of test builds only (ops, `fault_point`).

use super::Reader;
use ops::console::fault_point::HoldAt;
use ops::jobs::fault_point;
use std::path::Path;

/// The variable that names the moment of a job to hold at.
pub const VARIABLE: &str = "CONSOLE_TEST_HOLD_AT";
/// In the data directory, once the point is reached.
pub const TELLS: &str = "held";

pub(super) fn read(read: &mut Reader, data: &Path) -> Option<HoldAt> {
    let text = read.text(VARIABLE)?;
    let point = fault_point::parse(&text);
    if point.is_none() {
        read.wrong(VARIABLE, "a moment of a job, for example restore.load.acted");
    }
    Some(HoldAt { point: point?, tell: data.join(TELLS) })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_moment_that_does_not_exist_stops_the_start() {
        let from = |point: &str| Config::from([("CONSOLE_TEST_HOLD_AT".into(), point.into())]);
        assert_eq!(
            from("restore.load.acted").expect("a configuration").hold_at.expect("a point").point.to_string(),
            "restore.load.acted"
        );
        assert!(from("restore.dance.acted").expect_err("refused")[0].contains("a moment of a job"));
    }
}
