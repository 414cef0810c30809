use crate::ports::Clock;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Mutex;
use std::time::Duration;

/// A clock that moves when somebody sleeps, or when a test moves it.
pub struct FakeClock(Mutex<DateTime<Utc>>);

impl Default for FakeClock {
    fn default() -> Self {
        Self(Mutex::new(DateTime::from_timestamp(1_795_000_000, 0).expect("a valid time")))
    }
}

impl FakeClock {
    /// Also back.
    pub fn set(&self, to: DateTime<Utc>) {
        *self.0.lock().expect("the clock") = to;
    }

    pub fn forward(&self, by: TimeDelta) {
        *self.0.lock().expect("the clock") += by;
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("the clock")
    }

    async fn sleep(&self, duration: Duration) {
        self.forward(TimeDelta::from_std(duration).expect("a short time"));
        tokio::task::yield_now().await;
    }
}
