//! The audit log outside the browser: whether anybody changed it, and all of it for another system.

use crate::config::Config;
use crate::{key_file, parts};
use domain::text::plural;
use ops::crypto::chain::ChainReport;
use ops::crypto::seal::Seal;
use ops::store::Store;
use std::io::{BufWriter, Write};

async fn open(config: &Config) -> Result<(Store, Seal), String> {
    let keys = key_file::load(&config.key_file)?
        .ok_or_else(|| format!("There is no key file {}.", config.key_file.display()))?;
    let store = Store::open(&config.data).await.map_err(|error| parts::words(&error))?;
    Ok((store, parts::seal(&keys)))
}

/// Checks every signature of the log. An error names the first broken entry; without a key file it cannot begin.
pub async fn verify(config: &Config) -> Result<(), String> {
    let (store, key) = open(config).await?;
    let mut found = ChainReport::default();
    store.read_audit(|next| found.read(&key, &next)).await.map_err(|error| parts::words(&error))?;
    if let Some(first) = found.broken.first() {
        let broken = plural(found.broken.len() as u64, "place is", "places are");
        return Err(format!(
            "The audit log was changed: {broken} broken, first entry {first}. Keep a copy of the database, and compare \
             it with the console's own log, where each \
             entry stands as well."
        ));
    }
    let older = match found.unsigned {
        0 => String::new(),
        n => format!(", after {} of an older console, which nothing is known of", plural(n, "entry", "entries")),
    };
    println!(
        "{} signed and unchanged{older}. The last signature is {}.",
        plural(found.signed, "entry is", "entries are"),
        found.last
    );
    Ok(())
}

/// One JSON object a line, oldest first.
pub async fn export(config: &Config) -> Result<(), String> {
    let (store, _) = open(config).await?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut written = Ok(());
    let each = |next: ops::crypto::chain::Signed| {
        if written.is_ok() {
            written = serde_json::to_writer(&mut out, &next.entry)
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n"));
        }
    };
    store.read_audit(each).await.map_err(|error| parts::words(&error))?;
    written.and_then(|()| out.flush()).map_err(|error| format!("The audit log could not be written out: {error}."))
}
