//! The wall clock. The only place of the program that reads it or waits for it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ports::Clock;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// For the age of an adapter's own things, such as a kept connection. Not the wall clock: it never jumps.
pub fn monotonic() -> Instant {
    Instant::now()
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// What [`Clock::monotonic`] counts from.
static BEGAN: LazyLock<Instant> = LazyLock::new(monotonic);

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn monotonic(&self) -> Duration {
        BEGAN.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
