//! Downloading a backup: the whole bundle as one tar, read from its target as fast as the reader takes it. Every sha256
//! is compared on the way; a part that turns out changed breaks the stream off, so that the file ends short of the
//! length that was announced and no program takes it for whole.

use crate::console::context::{Change, Context};
use crate::engine::bundle::{self, ENCRYPTED, MANIFEST, Reading, SEAL, SUMS};
use crate::error::{Error, Result};
use bytes::Bytes;
use domain::Problem;
use domain::backup::{BackupId, Manifest};
use domain::encryption::Encrypted;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::scope::Subject;
use domain::target::TargetName;
use futures::{StreamExt, TryStreamExt, stream};
use ports::{Bytestream, Target, TargetError};
use std::io::Error as Broken;
use std::sync::Arc;

/// Of a tar.
const BLOCK: u64 = 512;

/// A bundle as one tar.
pub struct Download {
    pub file_name: String,
    /// Of the whole tar.
    pub bytes: u64,
    pub content: Bytestream,
}

/// A backup holds all data of a deployment: it has a permission of its own and an entry in the audit log.
pub struct DownloadBackup {
    pub backup: BackupId,
}

impl Change for DownloadBackup {
    const NAME: &'static str = "download backup";
    const NEEDS: &'static [Permission] = &[Permission::BackupDownload];
    type Outcome = Download;
    fn subject(&self) -> Subject {
        Subject::Backup(self.backup.clone())
    }
    fn target(&self) -> String {
        self.backup.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<Download> {
        let manifest = cx.store().backup(&self.backup).await?.manifest;
        let mut found = Vec::new();
        let mut copies = cx.store().copies(&self.backup).await?;
        // What needs no identity first; where there is nothing else, what is encrypted as it is.
        copies.sort_by_key(|copy| copy.encrypted.is_some());
        for copy in copies.into_iter().filter(|copy| copy.state.may_be_whole()) {
            match open(cx, &copy.target, &manifest, copy.encrypted.as_ref()).await {
                Ok(download) => return Ok(download),
                Err(error) => found.push(format!("{}: {error}", copy.target)),
            }
        }
        Err(Problem::new(ProblemKind::Conflict, "No copy of the backup can be read whole now.")
            .means(found.join(" "))
            .next_step("Read the backup back to see what is wrong, or choose another one.")
            .into())
    }
}

/// A file of the tar.
struct Entry {
    name: String,
    bytes: u64,
    /// `None`: the manifest cannot hold its own, nor those of what lies beside it.
    sha256: Option<String>,
}

async fn open(
    cx: &Context<'_>,
    target: &TargetName,
    manifest: &Manifest,
    encrypted: Option<&Encrypted>,
) -> Result<Download> {
    let target = cx.open_target(target).await?;
    let id = manifest.id.clone();
    let mut entries = Vec::new();
    // The manifest first, then how it is encrypted: who reads the tar knows from its beginning what is to come.
    let sealed = match target.size(&bundle::key(&id, SEAL)).await {
        Err(TargetError::Missing(_)) => None,
        other => other.map(|_| Some(SEAL))?,
    };
    for name in [Some(MANIFEST), encrypted.map(|_| ENCRYPTED), sealed, Some(SUMS)].into_iter().flatten() {
        entries.push(Entry { name: name.into(), bytes: target.size(&bundle::key(&id, name)).await?, sha256: None });
    }
    for part in bundle::stored(manifest, encrypted) {
        if target.size(&bundle::key(&id, &part.name)).await? != part.bytes {
            return Err(Error::conflict(format!("{} has another size than when it was made.", part.name)));
        }
        entries.push(Entry { name: part.name.clone(), bytes: part.bytes, sha256: Some(part.sha256.clone()) });
    }
    let bytes = entries.iter().map(|entry| BLOCK + entry.bytes.next_multiple_of(BLOCK)).sum::<u64>() + 2 * BLOCK;
    let made_at = manifest.made_at.timestamp().max(0).unsigned_abs();
    let file_name = format!("{id}.tar");
    let files = stream::iter(entries)
        .map(move |entry| Ok((target.clone(), id.clone(), entry)))
        .and_then(move |(target, id, entry)| file(target, id, entry, made_at));
    let content = files.try_flatten().chain(zeros(2 * BLOCK)).boxed();
    Ok(Download { file_name, bytes, content })
}

fn zeros(bytes: u64) -> Bytestream {
    stream::iter((bytes > 0).then(|| Ok(Bytes::from(vec![0; bytes as usize])))).boxed()
}

/// Header, content, and zeros up to the next block. Opened when its turn comes.
async fn file(target: Arc<dyn Target>, id: BackupId, entry: Entry, made_at: u64) -> std::io::Result<Bytestream> {
    let key = bundle::key(&id, &entry.name);
    let mut header = tar::Header::new_ustar();
    header.set_path(&key)?;
    header.set_size(entry.bytes);
    header.set_mode(0o600);
    header.set_mtime(made_at);
    header.set_cksum();
    let head = Bytes::copy_from_slice(header.as_bytes());
    let content = target.get(&key).await.map_err(|error: TargetError| Broken::other(error.to_string()))?;
    let (content, reading) = bundle::metered(content, |_| {});
    let fill = zeros(entry.bytes.next_multiple_of(BLOCK) - entry.bytes);
    let proof =
        stream::once(async move { compare(&entry, &reading) }).filter_map(|result| async { result.err().map(Err) });
    Ok(stream::once(async { Ok(head) }).chain(content).chain(proof).chain(fill).boxed())
}

fn compare(entry: &Entry, reading: &Reading) -> std::io::Result<()> {
    let (bytes, sha256) = reading.finish();
    if bytes == entry.bytes && entry.sha256.as_ref().is_none_or(|known| *known == sha256) {
        return Ok(());
    }
    tracing::warn!(part = entry.name, "download aborted: the part was changed on its target");
    Err(Broken::other(format!("{} was changed on its target", entry.name)))
}
