use adapters::system_clock::SystemClock;
use domain::job::Kind;
use ops::console::fault_point::{FaultPoint, Moment};
use ops::jobs::fault_point::plan_steps;
use ports::Clock;
use std::io::Write;
use std::process::Command;

/// In one run, unless `KILL_POINTS` says otherwise.
const A_RUN: usize = 8;

/// Every moment at which a job that goes well may lose its console. The `clone` of a backup needs a disk that can:
/// `live_short_outage`.
fn all() -> Vec<FaultPoint> {
    let moments = [Moment::Begun, Moment::Acting, Moment::Acted];
    let steps = Kind::ALL.iter().flat_map(|&kind| plan_steps(kind).into_iter().map(move |step| (kind, step)));
    steps.flat_map(|(kind, step)| moments.map(|moment| FaultPoint { kind, step: step.into(), moment })).collect()
}

/// The points of this run.
pub struct Choice {
    pub points: Vec<FaultPoint>,
    says: String,
}

impl Choice {
    /// `KILL_POINTS`: `all`, a number, or beginnings of points with commas between (`restore.,backup.dump.acted`).
    /// `KILL_SEED`: which part, when it is a number; else the commit, or the day where the checkout does not tell one.
    pub fn of_environment() -> Self {
        let wanted = std::env::var("KILL_POINTS").unwrap_or_default();
        let all = all();
        let number = if wanted.is_empty() { Some(A_RUN) } else { wanted.parse().ok() };
        if let Some(number) = number {
            return Self::part(&all, number);
        }
        let beginnings: Vec<&str> = if wanted == "all" { vec![""] } else { wanted.split(',').collect() };
        let points: Vec<FaultPoint> =
            all.iter().filter(|p| beginnings.iter().any(|b| p.to_string().starts_with(b))).cloned().collect();
        assert!(!points.is_empty(), "KILL_POINTS={wanted} is no beginning of a point");
        Self { says: format!("kill points: {} of {}, {wanted}", points.len(), all.len()), points }
    }

    /// Each seed takes every n-th point from another beginning: as many seeds in a row take all of them.
    fn part(all: &[FaultPoint], number: usize) -> Self {
        let seed = std::env::var("KILL_SEED").unwrap_or_else(|_| commit().unwrap_or_else(today));
        let stride = all.len().div_ceil(number.max(1));
        let first = usize::from_str_radix(&seed[..seed.len().min(8)], 16)
            .expect("KILL_SEED is a number in hexadecimal")
            % stride;
        let numbers: Vec<usize> = (first..all.len()).step_by(stride).collect();
        let shown: Vec<String> = numbers.iter().map(usize::to_string).collect();
        let says = format!("kill points {} of {}; seed {seed}", shown.join(", "), all.len());
        Self { points: numbers.into_iter().map(|n| all[n].clone()).collect(), says }
    }

    /// In the test's output, and for the last lines of the run in the file that `KILL_LOG` names.
    pub fn tell(&self) {
        let points: String = self.points.iter().map(|point| format!("  {point}\n")).collect();
        let says = format!("{}:\n{points}", self.says);
        print!("{says}");
        if let Ok(file) = std::env::var("KILL_LOG") {
            let mut file = std::fs::File::options()
                .create(true)
                .append(true)
                .open(&file)
                .unwrap_or_else(|error| panic!("{file}: {error}"));
            file.write_all(says.as_bytes()).expect("written");
        }
    }
}

fn commit() -> Option<String> {
    // The checkout may belong to somebody else.
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "-C", env!("CARGO_MANIFEST_DIR"), "rev-parse", "HEAD"])
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn today() -> String {
    format!("{:x}", SystemClock.now().timestamp() / 86_400)
}
