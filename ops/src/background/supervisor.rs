//! Keeps a background loop going: one that panics is logged and started again.

use crate::console::Console;
use crate::console::loops::{Loop, LoopState};
use crate::error::Error;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// Before it is started again; doubled with each panic that comes soon after a start.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A loop that ran for so long is taken for sound again.
const SOUND_AFTER: Duration = Duration::from_secs(600);

/// Runs what `start` gives until it ends by itself.
pub async fn supervise<Run: Future<Output = ()> + Send>(console: &Console, which: Loop, start: impl Fn() -> Run) {
    let (clock, loops) = (&console.state.ports.clock, &console.state.loops);
    let mut pause = PAUSE;
    loop {
        loops.set(which, LoopState::Running);
        let started = clock.monotonic();
        // Also what the loop does before its first wait may panic.
        let Err(panic) = AssertUnwindSafe(async { start().await }).catch_unwind().await else { return };
        if clock.monotonic() - started >= SOUND_AFTER {
            pause = PAUSE;
        }
        loops.set(which, LoopState::Restarting);
        let name: &str = which.into();
        tracing::error!(background_loop = name, error = %Error::panicked(panic.as_ref()), pause_s = pause.as_secs(), "background loop panicked, restarting");
        clock.sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::stage::Stage;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_loop_that_panics_is_started_again_after_longer_and_longer_pauses() {
        let stage = Stage::new().await;
        let console = &stage.test.console;
        let starts = AtomicUsize::new(0);
        let from = console.state.ports.clock.monotonic();
        let run = || {
            let start = starts.fetch_add(1, Ordering::Relaxed);
            let seen = console.loops()[&Loop::Scheduler];
            async move {
                assert_eq!(seen, LoopState::Running);
                assert!(start >= 3, "one of three panics");
            }
        };
        let mut seen = Vec::new();
        let watch = async {
            while starts.load(Ordering::Relaxed) < 4 {
                seen.push(console.loops()[&Loop::Scheduler]);
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(supervise(console, Loop::Scheduler, run), watch);
        assert!(
            !seen.is_empty() && seen.iter().all(|state| *state == LoopState::Restarting),
            "each pause is shown: {seen:?}"
        );
        assert_eq!(starts.load(Ordering::Relaxed), 4);
        assert_eq!(console.state.ports.clock.monotonic() - from, Duration::from_secs(1 + 2 + 4));
    }
}
