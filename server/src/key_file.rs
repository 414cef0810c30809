//! The key that seals secrets at rest: 32 random bytes in a file only the console's user can read. After it was
//! changed, the earlier keys stand behind it: what they sealed or signed lies in backups.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Of a key, in bytes.
pub const LENGTH: usize = 32;
/// The present one and earlier ones.
pub const MOST: usize = 16;

/// A key that seals.
pub type Key = [u8; LENGTH];

/// The present key and the earlier ones.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    pub present: Key,
    /// Newest first.
    pub earlier: Vec<Key>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("earlier", &self.earlier.len()).finish_non_exhaustive()
    }
}

/// Reads the keys; makes one first when there is none. Fails with a sentence that says what to do.
pub fn load_or_create(path: &Path) -> Result<Keys, String> {
    match load(path)? {
        Some(keys) => Ok(keys),
        None => {
            let keys = Keys { present: rand::random(), earlier: vec![] };
            write(path, &keys)?;
            Ok(keys)
        }
    }
}

/// `None` when there is no such file.
pub fn load(path: &Path) -> Result<Option<Keys>, String> {
    let shown = path.display();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(format!(
                "The key file {shown} cannot be read: {error}. Give it to the user the console runs as."
            ));
        }
    };
    let mode = std::fs::metadata(path)
        .map_err(|error| format!("The key file {shown} cannot be read: {error}."))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(format!(
            "The key file {shown} has mode {:04o}: others can read it. Run chmod 600 {shown}.",
            mode & 0o7777
        ));
    }
    let (keys, rest) = bytes.as_chunks::<LENGTH>();
    match keys {
        [present, earlier @ ..] if rest.is_empty() && earlier.len() < MOST => {
            Ok(Some(Keys { present: *present, earlier: earlier.to_vec() }))
        }
        _ => Err(format!(
            "The key file {shown} holds {} bytes; it must hold {LENGTH} for each key, {MOST} keys at most. Bring the \
             right file back: without it, stored \
             passwords cannot be opened.",
            bytes.len()
        )),
    }
}

/// A new key; what was there stands behind it.
///
/// # Errors
/// When there is no key yet, or there are as many as there may be.
pub fn change(path: &Path) -> Result<Keys, String> {
    let shown = path.display();
    let Some(keys) = load(path)? else {
        return Err(format!("There is no key file {shown}: it is made when the console starts for the first time."));
    };
    if keys.earlier.len() + 1 == MOST {
        return Err(format!("The key file {shown} holds {MOST} keys already. Run key forget-earlier first."));
    }
    let earlier = std::iter::once(keys.present).chain(keys.earlier).collect();
    let keys = Keys { present: rand::random(), earlier };
    write(path, &keys)?;
    Ok(keys)
}

/// Leaves the present key alone in the file; returns how many went.
pub fn forget_earlier(path: &Path) -> Result<usize, String> {
    let Some(keys) = load(path)? else { return Ok(0) };
    write(path, &Keys { present: keys.present, earlier: vec![] })?;
    Ok(keys.earlier.len())
}

/// Whole under another name first: a crash never leaves half a key.
fn write(path: &Path, keys: &Keys) -> Result<(), String> {
    let failed = |error: std::io::Error| {
        format!("The key file {} cannot be written: {error}. Check the directory's owner and mode.", path.display())
    };
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_directory(directory).map_err(failed)?;
    let unfinished = path.with_extension("unfinished");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished).map_err(failed)?;
    file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
    file.write_all(&keys.present)
        .and_then(|()| file.write_all(keys.earlier.as_flattened()))
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    std::fs::rename(&unfinished, path).map_err(failed)?;
    // What is sealed next must not be durable before its key is.
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)
}

/// Makes a directory that only the console's user may enter; one that exists is left as it is.
pub fn make_directory(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
