//! What pages and the API see of jobs.

use crate::console::context::Change;
use crate::console::context::{Context, Query};
use crate::error::Error;
use crate::error::Result;
use crate::jobs::cancel::marks_of;
use crate::jobs::cancel::may_be_cancelled;
use crate::jobs::outage::marked_at;
use crate::jobs::registry::plan_of;
use crate::jobs::retry::{failed_undo, undo_again};
use crate::store::{JobRow, MarkRow};
use domain::deployment::DeploymentName;
use domain::job::{JobBrief, JobId, JobView, Kind, State, StepState, StepView, waits_for};
use domain::page::Page;
use domain::permission::Permission;
use domain::plan::{Mark, Outage, Step};
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

const PER_PAGE: u32 = 50;

/// A page of the jobs, newest first.
pub struct ListJobs {
    pub deployment: Option<DeploymentName>,
    pub page: u32,
}

impl Query for ListJobs {
    const NEEDS: &'static [Permission] = &[Permission::JobView];
    type Answer = Page<JobBrief>;
    fn subject(&self) -> Subject {
        Subject::of(self.deployment.as_ref())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Page<JobBrief>> {
        cx.store().job_page(self.deployment.as_ref(), self.page, PER_PAGE).await
    }
}

/// Queued, running and stuck ones.
pub struct RunningJobs {}

impl Query for RunningJobs {
    const NEEDS: &'static [Permission] = &[Permission::JobView];
    type Answer = Vec<JobBrief>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<JobBrief>> {
        cx.store().live_jobs().await
    }
}

/// One job with its steps, progress and log.
pub struct GetJob {
    pub job: JobId,
}

impl Query for GetJob {
    const NEEDS: &'static [Permission] = &[Permission::JobView];
    type Answer = JobView;
    fn subject(&self) -> Subject {
        Subject::Job(self.job)
    }
    async fn answer(self, cx: &Context<'_>) -> Result<JobView> {
        let row = cx.store().job(self.job).await?;
        let marks = cx.store().marks(self.job).await?;
        let progress = cx.store().progress(self.job).await?;
        let log = cx.store().log_lines(self.job).await?;
        let set_aside = if matches!(row.brief.kind, Kind::Restore | Kind::UndoRestore | Kind::Change) {
            cx.store().set_aside_jobs(&row.brief.deployment).await?
        } else {
            vec![]
        };
        let waits_for = waits_for(self.job, &cx.store().live_jobs().await?, cx.timeouts().max_heavy_jobs);
        Ok(JobView { waits_for, ..view(row, &marks, progress, log, &set_aside, cx.now()) })
    }
}

fn view(
    row: JobRow,
    marks: &[MarkRow],
    progress: Option<domain::job::Progress>,
    log: Vec<domain::job::LogLine>,
    set_aside: &[JobId],
    now: chrono::DateTime<chrono::Utc>,
) -> JobView {
    let pairs: Vec<(String, Mark)> = marks.iter().map(|m| (m.step.clone(), m.mark)).collect();
    let plan = plan_of(row.brief.kind, &row.saved);
    let steps: Vec<StepView> = plan.iter().map(|s| step(s, marks)).collect();
    let at = |outage, mark| marked_at(&plan, marks, outage, mark);
    let live = matches!(row.brief.state, State::Queued | State::Running);
    let present =
        steps.iter().find(|s| matches!(s.state, StepState::Running | StepState::Undoing)).map(|s| s.name.clone());
    JobView {
        started_at: row.started_at,
        // Of an earlier step, it would be wrong for the present one.
        progress: progress.filter(|p| Some(&p.step) == present.as_ref()),
        problem: row.problem,
        result: row.outcome,
        offline_from: at(Outage::Begins, Mark::Started),
        // Back by the plan, or by its undo.
        offline_to: at(Outage::Ends, Mark::Succeeded).or_else(|| at(Outage::Begins, Mark::UndoFinished)),
        can_cancel: live && !row.cancel && may_be_cancelled(row.brief.kind, &row.saved, &pairs),
        cancel_requested: row.cancel,
        waits_for: None,
        has_set_aside: set_aside.contains(&row.brief.id),
        can_undo_restore: row.brief.kind != Kind::Change
            && row.brief.state == State::Succeeded
            && set_aside.first() == Some(&row.brief.id),
        steps,
        log,
        now,
        brief: row.brief,
    }
}

/// Folds a step's marks into what a person sees.
fn step(step: &Step, marks: &[MarkRow]) -> StepView {
    let own: Vec<&MarkRow> = marks.iter().filter(|m| m.step == step.name).collect();
    let last = own.last();
    let state = match last.map(|m| m.mark) {
        None => StepState::Ahead,
        Some(Mark::Started) => StepState::Running,
        Some(Mark::Succeeded) => StepState::Done,
        Some(Mark::Failed) => StepState::Failed,
        Some(Mark::UndoStarted) => StepState::Undoing,
        Some(Mark::UndoFinished) if own.iter().any(|m| m.mark == Mark::Failed) => StepState::Failed,
        Some(Mark::UndoFinished) => StepState::Undone,
        Some(Mark::UndoFailed) => StepState::UndoFailed,
    };
    let started = own.iter().find(|m| m.mark == Mark::Started);
    let ended = own.iter().find(|m| matches!(m.mark, Mark::Succeeded | Mark::Failed));
    let took_ms = started.zip(ended).map(|(s, e)| (e.at - s.at).num_milliseconds().max(0).unsigned_abs());
    let detail = own.iter().rev().find(|m| !m.detail.is_empty()).map(|m| m.detail.clone()).unwrap_or_default();
    StepView { name: step.name.into(), title: step.title.into(), state, took_ms, detail }
}

/// Asks a job to stop at the next boundary between steps; what it did is undone.
#[derive(Serialize, Deserialize)]
pub struct CancelJob {
    pub job: JobId,
}

impl Change for CancelJob {
    const NAME: &'static str = "cancel job";
    const NEEDS: &'static [Permission] = &[Permission::JobCancel];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Job(self.job)
    }
    fn target(&self) -> String {
        self.job.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let row = cx.store().job(self.job).await?;
        let marks = marks_of(cx.store(), self.job).await?;
        if !may_be_cancelled(row.brief.kind, &row.saved, &marks) {
            return Err(Error::conflict(format!(
                "Job {} has made all its changes. Let it end, then undo it.",
                self.job
            )));
        }
        if !cx.store().request_cancel(self.job).await? {
            return Err(Error::conflict(format!("Job {} has already ended.", self.job)));
        }
        cx.wake_runner();
        Ok(())
    }
}

/// Tries the undo a stuck job failed at once more.
#[derive(Serialize, Deserialize)]
pub struct RetryUndo {
    pub job: JobId,
}

impl Change for RetryUndo {
    const NAME: &'static str = "retry undo";
    const NEEDS: &'static [Permission] = &[Permission::JobCancel];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Job(self.job)
    }
    fn target(&self) -> String {
        self.job.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let Some(failed) = failed_undo(cx.store(), self.job).await? else {
            return Err(Error::conflict(format!("Job {} is not stuck.", self.job)));
        };
        undo_again(cx.store(), self.job, &failed, "tried again", cx.now()).await?;
        cx.wake_runner();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn a_step_is_told_by_its_marks() {
        let s = Step { name: "stop", title: "Stop", touches: true, outage: None };
        let mark = |mark, ms| MarkRow {
            step: "stop".into(),
            mark,
            at: DateTime::from_timestamp_millis(ms).expect("time"),
            detail: String::new(),
        };
        assert_eq!(step(&s, &[]).state, StepState::Ahead);
        assert_eq!(step(&s, &[mark(Mark::Started, 0)]).state, StepState::Running);
        let done = step(&s, &[mark(Mark::Started, 0), mark(Mark::Succeeded, 1_800)]);
        assert_eq!((done.state, done.took_ms), (StepState::Done, Some(1_800)));
        let failed =
            [mark(Mark::Started, 0), mark(Mark::Failed, 5), mark(Mark::UndoStarted, 6), mark(Mark::UndoFinished, 7)];
        assert_eq!(step(&s, &failed).state, StepState::Failed, "the failed step stays the failed one after its undo");
        let undone =
            [mark(Mark::Started, 0), mark(Mark::Succeeded, 5), mark(Mark::UndoStarted, 6), mark(Mark::UndoFinished, 7)];
        assert_eq!(step(&s, &undone).state, StepState::Undone);
    }
}
