//! The key that seals secrets at rest: 32 random bytes in a file only the console's user can read.

use std::fs::{OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

pub const LENGTH: usize = 32;

/// Reads the key; makes it first when there is none. Fails with a sentence that says what to do.
pub fn load_or_create(path: &Path) -> Result<[u8; LENGTH], String> {
    match load(path)? {
        Some(key) => Ok(key),
        None => create(path),
    }
}

/// `None` when there is no such file.
pub fn load(path: &Path) -> Result<Option<[u8; LENGTH]>, String> {
    let shown = path.display();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("The key file {shown} cannot be read: {error}. Give it to the user the console runs as.")),
    };
    let mode = std::fs::metadata(path).map_err(|error| format!("The key file {shown} cannot be read: {error}."))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(format!("The key file {shown} has mode {:04o}: others can read it. Run chmod 600 {shown}.", mode & 0o7777));
    }
    let length = bytes.len();
    let key = bytes.try_into().map_err(|_| {
        format!(
            "The key file {shown} holds {length} bytes; it must hold exactly {LENGTH}. Bring the right file back: without it, stored passwords cannot be opened."
        )
    })?;
    Ok(Some(key))
}

/// Written whole under another name first: a crash never leaves half a key.
fn create(path: &Path) -> Result<[u8; LENGTH], String> {
    let key: [u8; LENGTH] = rand::random();
    let failed = |error: std::io::Error| format!("The key file {} cannot be made: {error}. Check the directory's owner and mode.", path.display());
    if let Some(directory) = path.parent() {
        make_directory(directory).map_err(failed)?;
    }
    let unfinished = path.with_extension("unfinished");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished).map_err(failed)?;
    file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
    file.write_all(&key).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&unfinished, path).map_err(failed)?;
    Ok(key)
}

/// Makes a directory that only the console's user may enter; one that exists is left as it is.
pub fn make_directory(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
