//! The console is killed at moments of every kind of job, on a real engine and a real Neo4j. Against the fakes all
//! moments are tried in every run (`ops/jobs/tests.rs`); here a part of them that goes round with the commits, all with
//! `KILL_POINTS=all`.

mod points;
mod story;

use points::Choice;
use story::Story;

#[tokio::test(flavor = "multi_thread")]
async fn the_console_may_be_killed_at_any_moment_of_any_job() {
    let choice = Choice::of_environment();
    choice.tell();
    let mut story = Story::begin().await;
    for point in &choice.points {
        let started = std::time::Instant::now();
        story.kill_at(point).await;
        println!("{point}: {:.1} s", started.elapsed().as_secs_f32());
    }
    story.end();
}
