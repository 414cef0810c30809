//! Whether a backup can be read and may be restored.

use crate::console::context::Context;
use crate::engine::encryption::Keys;
use crate::error::{Error, Result};
use crate::jobs::{restore, restore_check};
use crate::store::BackupRow;
use domain::backup::BackupId;
use domain::encryption::{Identity, Recipient};
use domain::gate::{Gate, IdentityNeed, all_pass};
use domain::problem::ProblemKind;
use domain::text::Tone;
use domain::{Invalid, Problem};
use std::collections::BTreeSet;

/// Whether the backup can be read, and the identity sealed for the job where a copy needs one. A wrong one is refused
/// at once.
pub(super) async fn read_access(
    cx: &Context<'_>,
    backup: &BackupId,
    identity: Option<&Identity>,
) -> Result<(IdentityNeed, Option<String>)> {
    let identity_need = restore_check::identity_need(cx.store(), backup).await?;
    let Some(identity) = identity else {
        if identity_need == IdentityNeed::Missing {
            return Err(Invalid::new(
                "age_identity",
                "All copies of this backup are encrypted. Give the identity (AGE-SECRET-KEY-1…) of one of its keys.",
            )
            .into());
        }
        return Ok((identity_need, None));
    };
    let keys = Keys::of(identity)?;
    if identity_need == IdentityNeed::NotNeeded {
        return Ok((identity_need, None));
    }
    let copies = cx.store().copies(backup).await?;
    let recipients: Vec<Recipient> =
        copies.into_iter().filter_map(|copy| copy.encrypted).flat_map(|encrypted| encrypted.recipients).collect();
    if !keys.open_some(&recipients) {
        let of = |all: Vec<String>| all.join(", ");
        let to: BTreeSet<String> = recipients.iter().map(ToString::to_string).collect();
        let why = format!(
            "This identity is of {}. The backup is encrypted to {}.",
            of(keys.recipients()),
            of(to.into_iter().collect())
        );
        return Err(Invalid::new("age_identity", why).into());
    }
    let sealed = cx.seal().seal(&restore::identity_about(backup), identity.expose())?;
    Ok((if identity_need == IdentityNeed::Missing { IdentityNeed::Given } else { identity_need }, Some(sealed)))
}

/// A bare dump is nothing to restore before somebody counted it, and has no users.
pub(super) fn holds(backup: &BackupRow, include_users: bool) -> Result<()> {
    if backup.is_unproven_dump() {
        return Err(Error::conflict("This dump has not been verified yet. Verify it on its page first."));
    }
    if include_users && !backup.manifest.has_users() {
        return Err(Invalid::new(
            "include_users",
            "It was uploaded as a bare dump, which has no Neo4j users. Restore the data only.",
        )
        .into());
    }
    Ok(())
}

pub(super) fn with_users(include: bool) -> &'static str {
    if include { " with Neo4j users" } else { "" }
}

pub(super) fn pass(gates: &[Gate]) -> Result<()> {
    if all_pass(gates) {
        return Ok(());
    }
    let red = gates.iter().filter(|g| g.tone == Tone::Bad).map(|g| format!("{}: {}", g.name, g.says));
    let mut problem =
        Problem::new(ProblemKind::Conflict, "This backup cannot be restored here.").means("Nothing was changed.");
    problem.next_steps = red.collect();
    Err(problem.into())
}
