//! Targets: where backups are copied to. Adding one, trying it, removing it, and opening it for a job.

use crate::console::context::{Change, Context, Query};
use crate::engine::bundle::once;
use crate::engine::encryption;
use crate::engine::storage::seal_context;
use crate::error::{Error, Result};
use crate::store::TargetRow;
use domain::encryption::Recipient;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::scope::Subject;
use domain::target::{Place, Target, TargetName};
use domain::text::plural;
use domain::{Invalid, Problem};
use futures::TryStreamExt;
use ports::{self, Keys, TargetError};
use serde::{Deserialize, Serialize};

/// Writes, reads, compares and removes a small file, so that a wrong key is found now and not at the first backup.
async fn probe(target: &dyn ports::Target) -> std::result::Result<(), TargetError> {
    let text = format!("A test of the Neo4j console, {:016x}. It may be deleted.", rand::random::<u64>());
    let folder = format!("console-probe-{:08x}", rand::random::<u32>());
    let key = format!("{folder}/probe.txt");
    target.put(&key, once(text.clone())).await?;
    let read = async {
        let found: Vec<u8> = target
            .get(&key)
            .await?
            .map_ok(|piece| piece.to_vec())
            .try_concat()
            .await
            .map_err(|e| TargetError::Failed(e.to_string()))?;
        let same = found == text.as_bytes();
        if same { Ok(()) } else { Err(TargetError::Failed("what was read back is not what was written".into())) }
    };
    let read = read.await;
    target.remove(&folder).await?;
    read
}

/// The name is free of the built-in one, the place answers a write, a read and a delete.
pub struct AddTarget {
    pub name: TargetName,
    pub place: Place,
    /// Of an S3 store; `None` for a directory, or when the machine's own role gives them.
    pub keys: Option<Keys>,
    /// Copies there are encrypted to these keys of the customer; none: they are not.
    pub recipients: Vec<Recipient>,
}

impl Change for AddTarget {
    const NAME: &'static str = "add target";
    const NEEDS: &'static [Permission] = &[Permission::TargetManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        let kind = self.place.kind();
        match self.recipients.len() as u64 {
            0 => format!("{} ({kind})", self.name),
            n => format!("{} ({kind}, encrypted for {})", self.name, plural(n, "key", "keys")),
        }
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        if self.name.is_local() {
            return Err(
                Invalid::new("name", "The name local is the console's own directory. Choose another one.").into()
            );
        }
        let place = self.place.parse()?;
        encryption::check(&self.recipients)?;
        let sealed_keys = match &self.keys {
            Some(keys) => Some(cx.seal().seal(&seal_context(&self.name), &serde_json::to_string(keys)?)?),
            None => None,
        };
        let opened = cx.ports().targets.open(&place, self.keys.as_ref())?;
        probe(opened.as_ref()).await?;
        cx.store()
            .insert_target(&TargetRow { name: self.name, place, sealed_keys, recipients: self.recipients }, cx.now())
            .await
    }
}

/// Tries it again, as when it was added.
pub struct TestTarget {
    pub name: TargetName,
}

impl Change for TestTarget {
    const NAME: &'static str = "test target";
    const NEEDS: &'static [Permission] = &[Permission::BackupRun];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        self.name.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        Ok(probe(cx.open_target(&self.name).await?.as_ref()).await?)
    }
}

/// Forgets it. Existing backups on it are kept. Refused while a schedule uses it, or backups of the console have a copy
/// on it, unless those copies are to be forgotten: the way out when a target will not come back.
#[derive(Serialize, Deserialize)]
pub struct RemoveTarget {
    pub name: TargetName,
    /// The target's name, typed: its copies are forgotten, and backups that have no other one with them.
    pub forget_copies: Option<String>,
}

impl Change for RemoveTarget {
    const NAME: &'static str = "remove target";
    const NEEDS: &'static [Permission] = &[Permission::TargetManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        let forget = if self.forget_copies.is_some() { " and forget its copies" } else { "" };
        format!("{}{forget}", self.name)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        if self.name.is_local() {
            return Err(Error::conflict("The console's own directory is always a target."));
        }
        cx.store().target(&self.name).await?;
        unused(cx, &self.name).await?;
        let copies = cx.store().copies_on(&self.name).await?;
        match self.forget_copies.as_deref().map(str::trim) {
            Some(typed) if typed == self.name.as_str() => {
                // One may be reading from there.
                if let Some(job) = cx.store().live_jobs().await?.first() {
                    return Err(Error::Busy { job: job.id });
                }
                cx.store().forget_copies_on(&self.name).await?;
            }
            Some(_) => {
                return Err(Invalid::new("forget_copies", format!("Type the name {} exactly.", self.name)).into());
            }
            None if copies > 0 => return Err(still_used(&self.name, copies).into()),
            None => {}
        }
        cx.store().delete_target(&self.name).await
    }
}

fn still_used(name: &TargetName, copies: i64) -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        format!("{} a copy on {name}.", plural(copies.unsigned_abs(), "backup has", "backups have")),
    )
    .means("Nothing was changed.")
    .next_step("Delete those backups first, or let their retention do it.")
    .next_step(
        "If it will not come back, type its name to forget its copies. Backups that have no other copy \
            leave the list then.",
    )
}

async fn unused(cx: &Context<'_>, name: &TargetName) -> Result<()> {
    let all = cx.store().schedules(None).await?;
    let using: Vec<String> = all
        .iter()
        .filter(|row| row.schedule.targets.contains(name))
        .map(|row| format!("{} of {}", row.schedule.name, row.schedule.deployment))
        .collect();
    if using.is_empty() {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::Conflict, format!("{name} is still used by schedules."))
        .means(format!("They would fail each time: {}. Nothing was changed.", using.join(", ")))
        .next_step("Take the target out of those schedules, then remove it.")
        .into())
}

/// All targets, the console's own first.
pub struct ListTargets {}

impl Query for ListTargets {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Vec<Target>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<Target>> {
        let place = cx.ports().target.location();
        let path = place.strip_prefix("the directory ").unwrap_or(&place).to_string();
        let local = Place::Directory { path, mounted: false };
        let own = Target { name: TargetName::local(), place: local, built_in: true, recipients: Vec::new() };
        let listed =
            |row: TargetRow| Target { name: row.name, place: row.place, built_in: false, recipients: row.recipients };
        let others = cx.store().targets().await?.into_iter().map(listed);
        Ok(std::iter::once(own).chain(others).collect())
    }
}
