//! A bare `.dump`: kept in the console's own target and proven by a job, which also finds out what is in it.

use super::{PIECE, Source, Uploaded, cut, put};
use crate::console::context::Context;
use crate::error::{Error, Result};
use crate::store::DeploymentRow;
use crate::use_cases::backups::{note_unread, read_back};
use bytes::Bytes;
use domain::backup::{BackupId, Content, Manifest, Origin, Part, UPLOADED_DUMP};
use domain::container::Container;
use domain::database::DatabaseName;
use domain::deployment::{DeploymentName, Health};
use domain::problem::ProblemKind;
use domain::target::TargetName;
use domain::text::file_size;
use domain::{Invalid, Problem};
use futures::{StreamExt, TryStreamExt};
use ports::{Bytestream, Target};
use std::io::ErrorKind;
use tokio_util::io::ReaderStream;

/// What an upload leaves free beside it: the console's own database may lie there too.
const RESERVE: u64 = 512 << 20;

pub(super) async fn take(cx: &Context<'_>, deployment: Option<&DeploymentName>, source: Source) -> Result<Uploaded> {
    let deployment = deployment.ok_or_else(|| {
        Invalid::new("deployment", "A bare dump does not say where it belongs: choose the deployment it is for.")
    })?;
    let (row, container) = cx.with_container(deployment).await?;
    let mut manifest = describe(cx, &row, &container).await?;
    let target = cx.open_target(&TargetName::local()).await?;
    let database = manifest.databases[0].database.clone();
    match keep(target.as_ref(), &manifest.id, &format!("dumps/{database}.dump"), source).await {
        Ok(part) => manifest.parts.push(part),
        Err(error) => {
            target.remove(manifest.id.as_str()).await?;
            return Err(error);
        }
    }
    // Whoever uploads it has chosen what it is for, and it says nothing of itself that could be false.
    // No manifest lies there yet, so nothing takes it for a whole backup before it is proven.
    note_unread(cx, &TargetName::local(), &manifest, ("", Origin::Accepted), None).await?;
    Ok(Uploaded { job: read_back(cx, manifest.id.clone()).await?, backup: manifest.id })
}

/// As far as it is known before the dump was loaded. Version and edition are those it is proven with.
async fn describe(cx: &Context<'_>, row: &DeploymentRow, container: &Container) -> Result<Manifest> {
    let seen = cx.observer().refresh_until_known(row, cx.seal()).await;
    let server = &seen.server;
    let default = server.databases.iter().find(|d| d.default).map(|d| DatabaseName::parse(&d.name)).transpose()?;
    let (Some(version), Some(edition), Some(database)) = (server.version, server.edition, default) else {
        return Err(unknown(row, &seen.health));
    };
    Ok(Manifest {
        format: Manifest::FORMAT,
        // No job has the number 0, so no backup has this name.
        id: BackupId::new(&row.name, cx.now(), 0),
        deployment: row.name.clone(),
        made_at: cx.now(),
        kind: UPLOADED_DUMP.into(),
        how: "Uploaded as a bare dump; counted in a scratch server.".into(),
        by: cx.actor.name.clone(),
        reason: "An uploaded dump".into(),
        console_version: env!("CARGO_PKG_VERSION").into(),
        version,
        edition,
        image: container.image.clone(),
        image_id: container.image_id.clone(),
        image_digest: container.image_digest.clone(),
        container: container.name.clone(),
        env: Vec::new(),
        plugins: Vec::new(),
        databases: vec![Content { database, ..Content::default() }],
        counted_at: None,
        left_out: Vec::new(),
        neo4j_users: Vec::new(),
        parts: Vec::new(),
        offline_ms: 0,
        duration_ms: 0,
    })
}

fn unknown(row: &DeploymentRow, health: &Health) -> Error {
    let step = match health {
        Health::NotRunning => "Start it, then upload the dump.",
        Health::KeepsRestarting(_) => "Make it start again, then upload the dump.",
        Health::CredentialsRefused | Health::PasswordChangeRequired => {
            "Enter its current password, then upload the dump."
        }
        Health::Answers | Health::Starting | Health::Silent(_) | Health::Unknown(_) => {
            "Upload the dump again once it answers."
        }
    };
    Problem::new(ProblemKind::Conflict, format!("{} does not say which Neo4j it is.", row.name))
        .means("An uploaded dump is proven with the same Neo4j as the deployment's.")
        .next_step(step)
        .into()
}

async fn keep(target: &dyn Target, id: &BackupId, name: &str, source: Source) -> Result<Part> {
    let room = target.free().await?.map_or(u64::MAX, |free| free.saturating_sub(RESERVE));
    let content = at_most(ReaderStream::with_capacity(source, PIECE).boxed(), room);
    put(target, id, name, content)
        .await?
        .map_err(|error| if error.kind() == ErrorKind::FileTooLarge { too_large(room) } else { cut(error) })
}

fn too_large(room: u64) -> Error {
    Problem::new(ProblemKind::Conflict, "There is not enough space for this dump.")
        .means(format!("It has more than the {} that an upload may take here. Nothing was stored.", file_size(room)))
        .next_step("Free some space, then upload it again.")
        .into()
}

/// Fails as soon as more came: a client may say any length, or none.
fn at_most(content: Bytestream, mut room: u64) -> Bytestream {
    let check = move |piece: Bytes| {
        let fits = room.checked_sub(piece.len() as u64);
        room = fits.unwrap_or(0);
        futures::future::ready(fits.map(|_| piece).ok_or_else(|| ErrorKind::FileTooLarge.into()))
    };
    content.and_then(check).boxed()
}
