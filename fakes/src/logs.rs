use super::world::{Fake, State, World};
use chrono::{DateTime, TimeDelta};
use domain::container::{ContainerId, RunState};
use futures::{StreamExt, stream};
use ports::{EngineError, LogLine, LogSource, LogStream, LogsFrom};
use std::time::Duration;

type Result<T> = std::result::Result<T, EngineError>;

const PAUSE: Duration = Duration::from_millis(5);

impl World {
    /// The container prints this, one or several whole lines.
    pub fn print(&self, container: &str, text: &str) {
        let mut s = self.lock();
        let output = &mut s.containers.get_mut(container).expect("such a container").output;
        if !(output.is_empty() || output.ends_with('\n')) {
            output.push('\n');
        }
        output.push_str(text);
    }
}

/// All it has printed. Each line came a millisecond after the one before, on standard output.
fn lines(fake: &Fake) -> Vec<LogLine> {
    let start = fake.container.started_at.unwrap_or(DateTime::UNIX_EPOCH);
    let line = |(nth, line): (i64, &str)| LogLine {
        at: Some(start + TimeDelta::milliseconds(nth)),
        stream: LogSource::Stdout,
        line: line.into(),
    };
    (0..).zip(fake.output.lines()).map(line).collect()
}

pub fn follow(world: &World, s: &State, id: &ContainerId, from: &LogsFrom) -> Result<LogStream> {
    let fake = s.containers.get(id.as_str()).ok_or_else(|| super::engine::no_container(id))?;
    let old = lines(fake);
    let first = old.len() - from.last_lines.unwrap_or(old.len()).min(old.len());
    let since = from.since;
    let follow = Follow { world: world.clone(), id: fake.container.id.clone(), next: first, ended: false };
    let lines = stream::unfold(follow, |mut follow| async move { Some((follow.next().await?, follow)) });
    let wanted = move |line: &Result<LogLine>| !line.as_ref().is_ok_and(|line| line.at < since);
    Ok(lines.filter(move |line| std::future::ready(wanted(line))).boxed())
}

struct Follow {
    world: World,
    id: ContainerId,
    /// The line that comes next.
    next: usize,
    ended: bool,
}

impl Follow {
    async fn next(&mut self) -> Option<Result<LogLine>> {
        while !self.ended {
            if let Some(answer) = self.look() {
                return Some(answer);
            }
            tokio::time::sleep(PAUSE).await;
        }
        None
    }

    fn look(&mut self) -> Option<Result<LogLine>> {
        let s = self.world.lock();
        if let Some(error) = &s.down {
            self.ended = true;
            return Some(Err(error.clone()));
        }
        let fake = s.containers.get(self.id.as_str());
        let line = fake.and_then(|fake| lines(fake).into_iter().nth(self.next));
        let runs = |fake: &Fake| matches!(fake.container.run, RunState::Running | RunState::Paused);
        match line {
            Some(_) => self.next += 1,
            None => self.ended = !fake.is_some_and(runs),
        }
        line.map(Ok)
    }
}
