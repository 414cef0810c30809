//! Uploading a bundle: the tar that a download gave, or that `tar` made of a bundle's directory with the manifest
//! first. It is written part by part as it comes, to the console's own target; each sha256 is compared with the
//! manifest on the way. The manifest is written last: an upload that broke off is no bundle, and repeating it begins
//! anew. A bare dump goes its own way, [`dump`].

mod dump;

use crate::console::context::{Change, Context};
use crate::engine::bundle::{self, ENCRYPTED, MANIFEST, SEAL, SUMS};
use crate::engine::tar_guard::TarGuard;
use crate::error::{Error, Result};
use crate::use_cases::backups::{note_unread, read_back};
use crate::use_cases::scan;
use chrono::{DateTime, Utc};
use domain::Problem;
use domain::backup::{Archive, BackupId, Manifest, Part, archive_kind};
use domain::deployment::DeploymentName;
use domain::encryption::Encrypted;
use domain::job::JobId;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::scope::Subject;
use domain::target::TargetName;
use domain::text::file_size;
use futures::{StreamExt, TryStreamExt};
use ports::{Bytestream, Target};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};
use tokio_tar::{Archive as Tar, Entry};
use tokio_util::io::{ReaderStream, StreamReader};

/// Of a manifest; ours have some ten kilobytes.
const LARGEST_MANIFEST: u64 = 8 << 20;
const PIECE: usize = 256 * 1024;

/// Takes a bundle or a bare dump from a stream.
pub struct UploadBackup {
    /// Which deployment a bare dump is for; a bundle says so itself.
    pub deployment: Option<DeploymentName>,
    pub content: Bytestream,
}

/// What an upload became.
#[derive(Debug, PartialEq, Eq)]
pub struct Uploaded {
    pub backup: BackupId,
    /// That reads it back; none when its deployment is not adopted, or busy.
    pub job: Option<JobId>,
}

type Source = Pin<Box<dyn AsyncBufRead + Send>>;
type File = Entry<Tar<Source>>;

impl Change for UploadBackup {
    const NAME: &'static str = "upload backup";
    const NEEDS: &'static [Permission] = &[Permission::BackupUpload];
    type Outcome = Uploaded;
    fn subject(&self) -> Subject {
        Subject::of(self.deployment.as_ref())
    }
    /// Which backup it is stands in the file.
    fn target(&self) -> String {
        TargetName::LOCAL.into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<Uploaded> {
        let _only = cx
            .uploading()
            .ok_or_else(|| Error::conflict("Another upload is in progress. Try again when it has finished."))?;
        let mut source: Source = Box::pin(StreamReader::new(self.content));
        if is_dump(source.fill_buf().await.map_err(cut)?)? {
            return dump::take(cx, self.deployment.as_ref(), source).await;
        }
        let mut files = Tar::new(guarded(source)).entries().map_err(cut)?;
        let first = files.next().await.ok_or_else(|| no_bundle("It is empty."))?.map_err(cut)?;
        let (text, manifest) = read_manifest(first, cx.now()).await?;
        let id = manifest.id.clone();
        let target = cx.open_target(&TargetName::local()).await?;
        if is_here(cx, target.as_ref(), &manifest).await? {
            return Ok(Uploaded { backup: id, job: None });
        }
        check_room(target.as_ref(), &manifest).await?;
        // What a copy that is lost or changed left there must not mix with this one.
        target.remove(id.as_str()).await?;
        let beside = match write(target.as_ref(), &manifest, &text, &mut files).await {
            Ok(beside) => beside,
            Err(error) => {
                // Nothing of it may be taken for a bundle.
                target.remove(id.as_str()).await?;
                return Err(error);
            }
        };
        // The stream was checksummed, the file on disk was not; it is read back.
        let origin = bundle::origin(cx.seal(), &manifest, &text, beside.encrypted_text(), beside.seal.as_deref());
        let encrypted = beside.encrypted.map(|(told, _)| told);
        note_unread(cx, &TargetName::local(), &manifest, (&hex::encode(Sha256::digest(&text)), origin), encrypted)
            .await?;
        Ok(Uploaded { job: read_back(cx, id.clone()).await?, backup: id })
    }
}

/// Before the crate that reads it.
fn guarded(source: Source) -> Source {
    let mut guard = TarGuard::new();
    let pieces = ReaderStream::with_capacity(source, PIECE).map(move |piece| {
        let piece = piece?;
        guard.look_at(&piece)?;
        Ok::<_, std::io::Error>(piece)
    });
    Box::pin(StreamReader::new(pieces))
}

fn no_bundle(why: &str) -> Error {
    Problem::new(ProblemKind::Invalid, "This file is not a backup of the console.")
        .means(format!("{why} Nothing was stored."))
        .next_step("Upload the .tar that Download gave, or a .dump of neo4j-admin, whole and as it was.")
        .into()
}

/// The client went away, or the tar is damaged.
#[expect(clippy::needless_pass_by_value, reason = "the shape map_err calls")]
fn cut(error: std::io::Error) -> Error {
    no_bundle(&format!("It broke off or is damaged: {error}."))
}

/// Whether it is a bare dump, and not a bundle. A wrong file is refused before more of it is read.
fn is_dump(first: &[u8]) -> Result<bool> {
    match archive_kind(first) {
        Archive::Zstd | Archive::Gzip => Ok(true),
        Archive::Old => Err(no_bundle("It is compressed, or a dump of Neo4j 4.x.")),
        Archive::EnterpriseBackup if first.get(257..262).is_none_or(|magic| magic != b"ustar") => {
            Err(no_bundle("It is an Enterprise backup artifact."))
        }
        // A tar is a bundle; what it is not says its first file.
        Archive::EnterpriseBackup | Archive::NotADump => Ok(false),
    }
}

/// The folder and the name of a file; `None` for what is not directly a bundle's.
fn place(file: &File) -> Result<(BackupId, String)> {
    let path = file.path().map_err(cut)?.into_owned();
    let path = path.to_str().map(|path| path.trim_start_matches("./")).unwrap_or_default();
    let (folder, name) =
        path.split_once('/').ok_or_else(|| no_bundle(&format!("It holds {path:?} outside a bundle's folder.")))?;
    let id = BackupId::parse(folder).map_err(|_| no_bundle(&format!("{folder:?} is not the name of a backup.")))?;
    Ok((id, name.to_string()))
}

async fn read_text(file: File) -> Result<String> {
    let mut text = String::new();
    file.take(LARGEST_MANIFEST).read_to_string(&mut text).await.map_err(cut)?;
    Ok(text)
}

async fn read_manifest(first: File, now: DateTime<Utc>) -> Result<(String, Manifest)> {
    let (id, name) = place(&first)?;
    if name != MANIFEST {
        return Err(no_bundle(&format!("It begins with {name} and not with {MANIFEST}.")));
    }
    let text = read_text(first).await?;
    let manifest = bundle::understand(&id, &text, now).map_err(|why| no_bundle(&why))?;
    Ok((text, manifest))
}

/// Whether the console has it already, with nothing known against its own copy, and all of that lies there: somebody
/// may upload it because files were lost, before the console itself noticed.
async fn is_here(cx: &Context<'_>, target: &dyn Target, manifest: &Manifest) -> Result<bool> {
    match cx.store().backup(&manifest.id).await {
        Ok(row) if &row.manifest != manifest => Err(Error::conflict(format!(
            "The console knows another backup {}, with another {MANIFEST}. Nothing of this one was stored.",
            manifest.id
        ))),
        Ok(_) => {
            let known = cx
                .store()
                .copies(&manifest.id)
                .await?
                .iter()
                .any(|copy| copy.target.is_local() && copy.state.may_be_whole());
            Ok(known && scan::look(cx, target, &manifest.id).await?.is_ok_and(|lies| lies.manifest == *manifest))
        }
        Err(Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn check_room(target: &dyn Target, manifest: &Manifest) -> Result<()> {
    match target.free().await? {
        Some(free) if free < manifest.bytes() => {
            Err(Problem::new(ProblemKind::Conflict, "There is not enough space for this backup.")
                .means(format!(
                    "It has {}, {} are free in {}.",
                    file_size(manifest.bytes()),
                    file_size(free),
                    target.location()
                ))
                .next_step("Free some space, then upload it again.")
                .into())
        }
        _ => Ok(()),
    }
}

/// What lies beside the manifest and is none of its parts.
#[derive(Default)]
struct Beside {
    encrypted: Option<(Encrypted, String)>,
    seal: Option<String>,
}

impl Beside {
    fn encrypted_text(&self) -> Option<&str> {
        self.encrypted.as_ref().map(|(_, text)| text.as_str())
    }

    /// The manifest is last.
    async fn write(&self, target: &dyn Target, id: &BackupId, parts: &[Part], manifest: &str) -> Result<()> {
        let texts = [
            (SUMS, Some(bundle::sums(parts))),
            (ENCRYPTED, self.encrypted_text().map(str::to_owned)),
            (SEAL, self.seal.clone()),
        ];
        let there = texts.into_iter().filter_map(|(name, text)| Some((name, text?)));
        for (name, text) in there.chain([(MANIFEST, manifest.to_string())]) {
            target.put(&bundle::key(id, name), bundle::once(text)).await?;
        }
        Ok(())
    }
}

async fn write(
    target: &dyn Target,
    manifest: &Manifest,
    text: &str,
    files: &mut tokio_tar::Entries<Source>,
) -> Result<Beside> {
    let id = &manifest.id;
    let (mut parts, mut beside) = (manifest.parts.clone(), Beside::default());
    let mut written = BTreeSet::new();
    while let Some(file) = files.next().await {
        let file = file.map_err(cut)?;
        if file.header().entry_type().is_dir() {
            continue;
        }
        let (folder, name) = place(&file)?;
        if &folder != id {
            return Err(no_bundle(&format!("It holds two backups, {id} and {folder}.")));
        }
        if !file.header().entry_type().is_file() {
            return Err(no_bundle(&format!("{name} is not an ordinary file.")));
        }
        // Made anew below.
        if name == SUMS {
            continue;
        }
        if name == ENCRYPTED && written.is_empty() {
            let text = read_text(file).await?;
            let told = bundle::understand_encrypted(manifest, &text).map_err(|why| no_bundle(&why))?;
            parts.clone_from(&told.parts);
            beside.encrypted = Some((told, text));
            continue;
        }
        if name == SEAL {
            beside.seal = Some(read_text(file).await?);
            continue;
        }
        let unknown = || no_bundle(&format!("{name} is not in its manifest, or in an {ENCRYPTED} right behind that."));
        let part = parts.iter().find(|part| part.name == name).ok_or_else(unknown)?;
        write_part(target, id, part, file).await?;
        written.insert(name);
    }
    if let Some(part) = parts.iter().find(|part| !written.contains(&part.name)) {
        return Err(no_bundle(&format!("It ends before {}.", part.name)));
    }
    beside.write(target, id, &parts, text).await?;
    Ok(beside)
}

/// The inner error is of what came in: a target tells of a source that broke off as of a fault of its own.
async fn put(target: &dyn Target, id: &BackupId, name: &str, content: Bytestream) -> Result<std::io::Result<Part>> {
    let broke = Arc::new(OnceLock::new());
    let seen = broke.clone();
    let content = content.inspect_err(move |error| drop(seen.set((error.kind(), error.to_string()))));
    match bundle::try_put(target, id, name, content.boxed(), |_| {}).await {
        Err(_) if let Some((kind, why)) = broke.get() => Ok(Err(std::io::Error::new(*kind, why.as_str()))),
        written => Ok(Ok(written?)),
    }
}

async fn write_part(target: &dyn Target, id: &BackupId, part: &Part, file: File) -> Result<()> {
    if file.effective_size() != part.bytes {
        return Err(no_bundle(&format!("{} has another size than its manifest says.", part.name)));
    }
    let written = put(target, id, &part.name, ReaderStream::with_capacity(file, PIECE).boxed()).await?.map_err(cut)?;
    if &written == part {
        Ok(())
    } else {
        Err(no_bundle(&format!("{} was changed: its sha256 does not match.", part.name)))
    }
}
