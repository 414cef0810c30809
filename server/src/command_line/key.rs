//! A new key for the stored secrets, after somebody may have read the old one.

use crate::config::Config;
use crate::{key_file, parts};
use domain::text::plural;
use ops::store::Store;

/// The new key is in the file before anything is sealed with it, and the earlier ones stay there: ended anywhere, the
/// console opens all it opened before, and the command may be given again.
pub async fn change(config: &Config) -> Result<(), String> {
    let _lock = parts::lock(config)?;
    let store = Store::open(&config.data).await.map_err(|error| parts::words(&error))?;
    let keys = key_file::change(&config.key_file)?;
    let done = store.seal_again(&parts::seal(&keys)).await.map_err(|error| parts::words(&error))?;
    let file = config.key_file.display();
    println!(
        "{} sealed with a new key. Copy {file} anew: older copies of it do not open them.",
        plural(done, "secret is", "secrets are")
    );
    println!(
        "Whoever has the earlier key and an older copy of the database still reads what was in it: change the \
         passwords and keys themselves as well."
    );
    Ok(())
}

/// Takes all keys but the present one out of the file. Refused while a stored secret still needs one of them.
pub async fn forget_earlier(config: &Config) -> Result<(), String> {
    let _lock = parts::lock(config)?;
    let Some(keys) = key_file::load(&config.key_file)? else {
        return Err(format!("There is no key file {}.", config.key_file.display()));
    };
    let store = Store::open(&config.data).await.map_err(|error| parts::words(&error))?;
    let needed = store.sealed(&parts::seal(&keys)).await.map_err(|error| parts::words(&error))?.by_earlier_keys;
    if needed > 0 {
        return Err(format!(
            "{} with an earlier key. Run key change first.",
            plural(needed, "stored secret is sealed", "stored secrets are sealed")
        ));
    }
    store.sign_audit_again(&parts::seal(&keys)).await.map_err(|error| parts::words(&error))?;
    let gone = key_file::forget_earlier(&config.key_file)? as u64;
    println!(
        "{} removed. Backups they signed count as from outside when a scan finds them again.",
        plural(gone, "earlier key is", "earlier keys are")
    );
    Ok(())
}
