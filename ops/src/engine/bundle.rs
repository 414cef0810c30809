//! A bundle on its target: what files it has, how a stream is hashed on its way, how a dump is proven whole.

mod guide;

pub use guide::guide;

use crate::crypto::seal::Seal;
use crate::engine::encryption;
use crate::error::{Error, Result};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::backup::{BackupId, Manifest, Origin, Part};
use domain::encryption::{ENDING, Encrypted, Recipient};
use domain::target::CopyState;
use futures::StreamExt;
use ports::{Bytestream, Target, TargetError};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};

/// What the backup is and which parts it has, with sizes and sha256.
pub const MANIFEST: &str = "manifest.json";
/// How to restore it by hand.
pub const GUIDE: &str = "RESTORE.md";
/// The sha256 of the parts, as `sha256sum -c` reads them.
pub const SUMS: &str = "SHA256SUMS";
/// Beside the manifest of a copy that is encrypted: what lies there instead of the manifest's parts.
pub const ENCRYPTED: &str = "encrypted.json";
/// The console's signature of the manifest, and of what lies beside it as [`ENCRYPTED`]. Without it the bundle may be
/// anybody's.
pub const SEAL: &str = "manifest.seal";
/// Of the parts, what can be read also where the others are encrypted: it says how.
pub const PLAIN: [&str; 1] = [GUIDE];

/// Where a part of a backup lies on its target.
pub fn key(backup: &BackupId, part: &str) -> String {
    format!("{backup}/{part}")
}

/// What went through a [`metered`] stream.
#[derive(Default)]
struct Meter {
    hash: Sha256,
    bytes: u64,
    error: Option<String>,
}

/// Read after the stream has ended.
#[derive(Clone, Default)]
pub struct Reading(Arc<Mutex<Meter>>);

impl Reading {
    /// Bytes and sha256 so far.
    pub fn finish(&self) -> (u64, String) {
        let meter = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (meter.bytes, hex::encode(meter.hash.clone().finalize()))
    }

    /// Why the stream ended before its end, if it did: then nothing is known of what it would have held.
    pub fn broke_off(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).error.clone()
    }
}

/// Hashes and counts a stream as it passes; `on_bytes` hears each piece's size.
pub fn metered(content: Bytestream, on_bytes: impl Fn(u64) + Send + 'static) -> (Bytestream, Reading) {
    let reading = Reading::default();
    let meter = reading.clone();
    let stream = content.inspect(move |piece| {
        let mut m = meter.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match piece {
            Ok(piece) => {
                m.hash.update(piece);
                m.bytes += piece.len() as u64;
                on_bytes(piece.len() as u64);
            }
            Err(error) => m.error = Some(error.to_string()),
        }
    });
    (stream.boxed(), reading)
}

/// A small text as a stream.
pub fn once(text: String) -> Bytestream {
    futures::stream::once(async move { Ok(Bytes::from(text)) }).boxed()
}

/// Writes one part encrypted to the recipients: what the source held, and what lies there now.
pub async fn try_put_encrypted(
    target: &dyn Target,
    backup: &BackupId,
    name: &str,
    content: Bytestream,
    recipients: &[Recipient],
    on_bytes: impl Fn(u64) + Send + 'static,
) -> std::result::Result<(Part, Part), TargetError> {
    let (stream, reading) = metered(content, on_bytes);
    let stream = encryption::encrypt(stream, recipients).map_err(|error| TargetError::Failed(error.to_string()))?;
    let stored = try_put(target, backup, &format!("{name}{ENDING}"), stream, |_| {}).await?;
    let (bytes, sha256) = reading.finish();
    Ok((Part { name: name.into(), bytes, sha256 }, stored))
}

/// Writes one part; what was hashed on the way is what the source held.
pub async fn try_put(
    target: &dyn Target,
    backup: &BackupId,
    name: &str,
    content: Bytestream,
    on_bytes: impl Fn(u64) + Send + 'static,
) -> std::result::Result<Part, TargetError> {
    let (stream, reading) = metered(content, on_bytes);
    target.put(&key(backup, name), stream).await?;
    let (bytes, sha256) = reading.finish();
    Ok(Part { name: name.into(), bytes, sha256 })
}

/// Reads one part back from the target and compares it with what the manifest says. A dump is also unpacked to its end,
/// so that a truncated one is found now and not at the restore. What is wrong, if anything; an error only when it
/// cannot be told.
pub async fn damage(
    target: &dyn Target,
    backup: &BackupId,
    part: &Part,
    on_bytes: impl Fn(u64) + Send + 'static,
) -> Result<Option<(CopyState, String)>> {
    let broken = |why: String| Ok(Some((CopyState::Failed, format!("{} {why}", part.name))));
    // Before a byte of it is read: another size is another file, whatever is in it.
    match target.size(&key(backup, &part.name)).await {
        Err(TargetError::Missing(_)) => return missing(target, &part.name).await.map(Some),
        Ok(bytes) if bytes != part.bytes => return broken(other_size(bytes, part)),
        other => other?,
    };
    let content = match target.get(&key(backup, &part.name)).await {
        Err(TargetError::Missing(_)) => return missing(target, &part.name).await.map(Some),
        other => other?,
    };
    let (stream, reading) = metered(content, on_bytes);
    let whole =
        if part.name.ends_with(".dump") { crate::engine::archive::prove(stream).await } else { drain(stream).await };
    if let Some(why) = reading.broke_off() {
        return Err(TargetError::Failed(format!("reading {} broke off: {why}", part.name)).into());
    }
    let (bytes, sha256) = reading.finish();
    if bytes != part.bytes {
        return broken(other_size(bytes, part));
    }
    if sha256 != part.sha256 {
        return broken("was changed: its sha256 does not match.".into());
    }
    match whole {
        Ok(()) => Ok(None),
        Err(error) => broken(error.to_string()),
    }
}

fn other_size(bytes: u64, part: &Part) -> String {
    format!("has {bytes} bytes instead of {}.", part.bytes)
}

/// Of a file that is not on the target. Where the target itself is not there, or cannot be listed, it proves nothing:
/// an error.
pub async fn missing(target: &dyn Target, name: &str) -> Result<(CopyState, String)> {
    target.list("").await?;
    Ok((CopyState::Missing, format!("{name} is missing on the target.")))
}

async fn drain(mut stream: Bytestream) -> Result<()> {
    while let Some(piece) = stream.next().await {
        piece.map_err(Error::internal)?;
    }
    Ok(())
}

/// Reads a small text file of a bundle, at most 8 MiB. `Conflict`: it was read, and is no such file.
pub async fn read_text(target: &dyn Target, backup: &BackupId, name: &str) -> Result<String> {
    read_to_end(target.get(&key(backup, name)).await?, name).await
}

/// The same; `None` when it is not there.
pub async fn read_text_if_there(target: &dyn Target, backup: &BackupId, name: &str) -> Result<Option<String>> {
    match target.get(&key(backup, name)).await {
        Err(TargetError::Missing(_)) => Ok(None),
        other => read_to_end(other?, name).await.map(Some),
    }
}

async fn read_to_end(mut stream: Bytestream, name: &str) -> Result<String> {
    let mut all = Vec::new();
    while let Some(piece) = stream.next().await {
        all.extend_from_slice(&piece.map_err(|why| TargetError::Failed(format!("reading {name} broke off: {why}")))?);
        if all.len() > 8 << 20 {
            return Err(Error::conflict(format!("{name} is too large to be one of ours.")));
        }
    }
    String::from_utf8(all).map_err(|_| Error::conflict(format!("{name} is not text.")))
}

/// A manifest that may have been written by anybody; or what is wrong with it.
pub fn understand(id: &BackupId, text: &str, now: DateTime<Utc>) -> std::result::Result<Manifest, String> {
    let manifest: Manifest =
        serde_json::from_str(text).map_err(|error| format!("Its {MANIFEST} cannot be read: {error}."))?;
    if &manifest.id != id {
        return Err(format!("Its {MANIFEST} is of another backup, {}.", manifest.id));
    }
    manifest.check_made_at(now)?;
    manifest.check().map(|()| manifest)
}

/// What [`SEAL`] holds.
pub fn sign(seal: &Seal, manifest: &str, encrypted: Option<&str>) -> String {
    seal.sign(&signed(manifest, encrypted))
}

/// Who made it, by the signature beside it. A bare dump is never the console's own, though its manifest may be.
pub fn origin(
    seal: &Seal,
    manifest: &Manifest,
    text: &str,
    encrypted: Option<&str>,
    signature: Option<&str>,
) -> Origin {
    let own = signature.is_some_and(|signature| seal.has_signed(&signed(text, encrypted), signature.trim()));
    if own && !manifest.is_uploaded_dump() { Origin::Own } else { Origin::Outside }
}

fn signed<'a>(manifest: &'a str, encrypted: Option<&'a str>) -> Vec<&'a str> {
    ["neo4j-console bundle", manifest].into_iter().chain(encrypted).collect()
}

/// An `encrypted.json` that may have been written by anybody; or what is wrong with it.
pub fn understand_encrypted(manifest: &Manifest, text: &str) -> std::result::Result<Encrypted, String> {
    let encrypted: Encrypted =
        serde_json::from_str(text).map_err(|error| format!("Its {ENCRYPTED} cannot be read: {error}."))?;
    encrypted.check(manifest, &PLAIN).map_err(|why| format!("Its {ENCRYPTED} does not fit: {why}."))?;
    Ok(encrypted)
}

/// The parts as they lie on a target.
pub fn stored<'a>(manifest: &'a Manifest, encrypted: Option<&'a Encrypted>) -> &'a [Part] {
    encrypted.map_or(&manifest.parts, |encrypted| &encrypted.parts)
}

/// Of the parts as they lie there. `sha256sum -c` reads it.
pub fn sums(parts: &[Part]) -> String {
    parts.iter().map(|p| format!("{}  {}\n", p.sha256, p.name)).collect()
}

/// One sha256 over all parts: that of `SHA256SUMS`.
pub fn digest(parts: &[Part]) -> String {
    hex::encode(Sha256::digest(sums(parts)))
}

/// A part whose content is at hand.
pub fn part_of(name: &str, text: &str) -> Part {
    Part { name: name.into(), bytes: text.len() as u64, sha256: hex::encode(Sha256::digest(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_is_hashed_and_counted_on_its_way() {
        let (stream, reading) = metered(once("abc".into()), |_| {});
        drain(stream).await.expect("reads");
        assert_eq!(reading.finish(), (3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into()));
    }
}
