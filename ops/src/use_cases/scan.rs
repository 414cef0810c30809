//! A scan: which bundles lie on a target, and which of them the console did not know. After the console's own state was
//! lost they become backups again. Nothing is called verified here: sizes are compared, the newest of each deployment
//! is queued to be read, and a restore reads whatever nobody read before.

use crate::console::context::{Change, Context};
use crate::engine::bundle::{self, ENCRYPTED, MANIFEST, SEAL};
use crate::error::{Error, Result};
use crate::use_cases::backups::{note_unread, read_back};
use domain::backup::{BackupId, Manifest, Origin};
use domain::deployment::DeploymentName;
use domain::encryption::Encrypted;
use domain::job::JobId;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::target::{CopyState, TargetName};
use domain::text::file_size;
use futures::StreamExt;
use ports::{Target, TargetError};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Bundles that are looked into at the same time.
const AT_ONCE: usize = 8;

/// What lies on the target. Newest first in each list.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Backups from now on.
    pub found: Vec<BackupId>,
    /// Were backups already and have a copy here from now on.
    pub copies: Vec<BackupId>,
    /// Were backups with a copy here already.
    pub known: Vec<BackupId>,
    /// Left alone, and why.
    pub unreadable: Vec<(BackupId, String)>,
    /// That read the newest one of each deployment that is adopted. The weekly reading and any restore read the others.
    pub jobs: Vec<JobId>,
}

/// Looks for bundles on a target.
pub struct ScanTarget {
    pub name: TargetName,
}

impl Change for ScanTarget {
    const NAME: &'static str = "scan target";
    const NEEDS: &'static [Permission] = &[Permission::TargetManage];
    type Outcome = Scan;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        self.name.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<Scan> {
        let target = cx.open_target(&self.name).await?;
        let names = match target.list("").await {
            // The console's own directory is made with its first backup.
            Err(TargetError::Missing(_)) => Vec::new(),
            names => names?,
        };
        let mut ids: Vec<BackupId> = names.iter().filter_map(|name| BackupId::parse(name).ok()).collect();
        ids.reverse();
        let looks = ids.into_iter().map(|id| {
            let target = target.clone();
            async move { (look(cx, target.as_ref(), &id).await, id) }
        });
        let mut looks = futures::stream::iter(looks).buffered(AT_ONCE);
        let (mut scan, mut newest) = (Scan::default(), BTreeMap::new());
        while let Some((seen, id)) = looks.next().await {
            match seen? {
                Ok(bundle) => take(cx, &self.name, bundle, &mut scan, &mut newest).await?,
                Err(why) => scan.unreadable.push((id, why)),
            }
        }
        scan.jobs = read_newest(cx, newest).await?;
        Ok(scan)
    }
}

/// A bundle whose manifest was read and whose parts have the right sizes.
pub(crate) struct Bundle {
    pub manifest: Manifest,
    manifest_sha256: String,
    origin: Origin,
    encrypted: Option<Encrypted>,
}

/// The bundle, or why it is none; an error only when the target itself fails.
pub(crate) async fn look(
    cx: &Context<'_>,
    target: &dyn Target,
    id: &BackupId,
) -> Result<std::result::Result<Bundle, String>> {
    match target.size(&bundle::key(id, MANIFEST)).await {
        Err(TargetError::Missing(_)) => {
            return Ok(Err(format!("It has no {MANIFEST}: it is not a bundle, or was never finished.")));
        }
        other => other?,
    };
    let text = match bundle::read_text(target, id, MANIFEST).await {
        Err(Error::Conflict(why)) => return Ok(Err(why)),
        other => other?,
    };
    let manifest = match bundle::understand(id, &text, cx.now()) {
        Ok(manifest) => manifest,
        Err(why) => return Ok(Err(why)),
    };
    let encrypted = match look_for_encrypted(target, &manifest).await? {
        Ok(encrypted) => encrypted,
        Err(why) => return Ok(Err(why)),
    };
    for part in bundle::stored(&manifest, encrypted.as_ref().map(|(encrypted, _)| encrypted)) {
        match target.size(&bundle::key(id, &part.name)).await {
            Ok(bytes) if bytes == part.bytes => {}
            Ok(bytes) => {
                return Ok(Err(format!(
                    "{} has {} instead of {}.",
                    part.name,
                    file_size(bytes),
                    file_size(part.bytes)
                )));
            }
            Err(TargetError::Missing(_)) => return Ok(Err(format!("{} is missing.", part.name))),
            Err(error) => return Err(error.into()),
        }
    }
    let (encrypted, encrypted_text) = encrypted.unzip();
    let signature = match bundle::read_text_if_there(target, id, SEAL).await {
        // Something else lies there, which is no signature; it must not stop the scan of the others.
        Err(Error::Conflict(_)) => None,
        other => other?,
    };
    let origin = bundle::origin(cx.seal(), &manifest, &text, encrypted_text.as_deref(), signature.as_deref());
    Ok(Ok(Bundle { manifest, manifest_sha256: hex::encode(Sha256::digest(&text)), origin, encrypted }))
}

/// How the bundle is encrypted, if it is, and the text that says so.
async fn look_for_encrypted(
    target: &dyn Target,
    manifest: &Manifest,
) -> Result<std::result::Result<Option<(Encrypted, String)>, String>> {
    match bundle::read_text_if_there(target, &manifest.id, ENCRYPTED).await {
        Err(Error::Conflict(why)) => Ok(Err(why)),
        other => {
            Ok(other?.map(|text| bundle::understand_encrypted(manifest, &text).map(|told| (told, text))).transpose())
        }
    }
}

/// Writes down what is new. A copy that was found changed stays what it is: equal sizes prove nothing against that.
async fn take(
    cx: &Context<'_>,
    name: &TargetName,
    bundle: Bundle,
    scan: &mut Scan,
    newest: &mut BTreeMap<DeploymentName, Manifest>,
) -> Result<()> {
    let manifest = bundle.manifest;
    let id = manifest.id.clone();
    let was_known = match cx.store().backup(&id).await {
        Ok(row) if row.manifest == manifest => true,
        Ok(_) => {
            scan.unreadable.push((id, format!("Its {MANIFEST} is not the one the console knows of this backup.")));
            return Ok(());
        }
        Err(Error::NotFound { .. }) => false,
        Err(error) => return Err(error),
    };
    let before = cx.store().copies(&id).await?.into_iter().find(|copy| &copy.target == name);
    if before.is_some_and(|copy| copy.state != CopyState::Missing) {
        scan.known.push(id);
        return Ok(());
    }
    note_unread(cx, name, &manifest, (&bundle.manifest_sha256, bundle.origin), bundle.encrypted).await?;
    if was_known { &mut scan.copies } else { &mut scan.found }.push(id);
    let of = newest.entry(manifest.deployment.clone()).or_insert_with(|| manifest.clone());
    if of.made_at < manifest.made_at {
        *of = manifest;
    }
    Ok(())
}

/// One a deployment: there is one job at a time. One that is not adopted or busy has its backups read later.
async fn read_newest(cx: &Context<'_>, newest: BTreeMap<DeploymentName, Manifest>) -> Result<Vec<JobId>> {
    let mut jobs = Vec::new();
    for manifest in newest.into_values() {
        jobs.extend(read_back(cx, manifest.id).await?);
    }
    Ok(jobs)
}
