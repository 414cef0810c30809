//! The clock of the tests.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use ports::Clock;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// A clock that moves when somebody sleeps, or when a test moves it.
pub struct FakeClock(Mutex<Times>);

struct Times {
    wall: DateTime<Utc>,
    monotonic: Duration,
    jumps: TimeDelta,
}

impl Default for FakeClock {
    fn default() -> Self {
        let wall = DateTime::from_timestamp(1_795_000_000, 0).expect("a valid time");
        Self(Mutex::new(Times { wall, monotonic: Duration::ZERO, jumps: TimeDelta::zero() }))
    }
}

impl FakeClock {
    fn times(&self) -> MutexGuard<'_, Times> {
        self.0.lock().expect("the clock")
    }

    /// Somebody sets the clock, also back. No time passes.
    pub fn set(&self, to: DateTime<Utc>) {
        self.times().wall = to;
    }

    /// From now on somebody sets it so much forward, or back, whenever a sleep begins.
    pub fn let_jump(&self, by: TimeDelta) {
        self.times().jumps = by;
    }

    /// This much time passes.
    pub fn forward(&self, by: TimeDelta) {
        let mut times = self.times();
        times.wall += by;
        times.monotonic += by.to_std().expect("time passes forward");
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        self.times().wall
    }

    fn monotonic(&self) -> Duration {
        self.times().monotonic
    }

    async fn sleep(&self, duration: Duration) {
        let jumped = self.now() + self.times().jumps;
        self.set(jumped);
        self.forward(TimeDelta::from_std(duration).expect("a short time"));
        tokio::task::yield_now().await;
    }
}
