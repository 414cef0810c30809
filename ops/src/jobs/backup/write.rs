//! The bundle on one target: dumps, settings and guide, encrypted where the target has recipients; then what describes
//! them, the manifest last, as a bundle without a manifest is not a bundle.

use super::{DUMP, databases};
use crate::engine::bundle::{self, ENCRYPTED, GUIDE, MANIFEST, SEAL, SUMS};
use crate::error::{Error, Result};
use crate::jobs::context::StepContext;
use crate::jobs::copies::{self, Source};
use crate::jobs::{describe, helpers};
use domain::backup::{Manifest, Part};
use domain::container::ContainerId;
use domain::encryption::Encrypted;
use domain::helper::DUMPS;
use domain::target::TargetName;
use domain::text::file_size;
use std::sync::Arc;

/// The small parts. Read once, so that every target gets the same.
pub struct Texts {
    /// Name and content.
    conf: Vec<(String, String)>,
    guide: String,
    /// The guide of a copy that must be decrypted first.
    decrypting: String,
}

/// The small files of the bundle.
pub async fn texts(cx: &StepContext, manifest: &Manifest) -> Result<Texts> {
    let container = cx.container().await?;
    let conf = describe::conf(cx, &container).await?.into_iter().map(|conf| (conf.part, conf.text)).collect();
    let volume = helpers::live_data(&container)?.source;
    Ok(Texts {
        conf,
        guide: bundle::guide(manifest, &volume, false),
        decrypting: bundle::guide(manifest, &volume, true),
    })
}

/// The parts as the manifest names them, the same for every target; and how they lie there, where they are encrypted.
pub async fn parts(
    cx: &Arc<StepContext>,
    target: &TargetName,
    manifest: &Manifest,
    texts: &Texts,
) -> Result<(Vec<Part>, Option<Encrypted>)> {
    let engine = &cx.engine;
    let helper = ContainerId(cx.name(DUMP));
    let recipients = cx.state.recipients(target).await?;
    let (mut parts, mut stored) = (Vec::new(), Vec::new());
    let mut take = |(part, there): (Part, Part)| {
        parts.push(part);
        stored.push(there);
    };
    for database in databases(manifest) {
        let name = format!("dumps/{database}.dump");
        let path = format!("{DUMPS}/{database}.dump");
        let (facts, _) = engine.read_file(&helper, &path).await?;
        let source = Source::File { helper: &helper, path: &path, bytes: facts.bytes };
        let (part, there) = copies::put_for(cx, target, &manifest.id, &name, source, &recipients).await?;
        cx.log(None, &format!("{} to {target}: {}", there.name, file_size(there.bytes))).await;
        take((part, there));
    }
    for (name, text) in &texts.conf {
        take(copies::put_for(cx, target, &manifest.id, name, Source::Text(text), &recipients).await?);
    }
    let guide = if recipients.is_empty() { &texts.guide } else { &texts.decrypting };
    take((
        bundle::part_of(GUIDE, &texts.guide),
        copies::put_part(cx, target, &manifest.id, GUIDE, Source::Text(guide)).await?,
    ));
    let backup = manifest.id.clone();
    let encrypted =
        (!recipients.is_empty()).then_some(Encrypted { format: Encrypted::FORMAT, backup, recipients, parts: stored });
    Ok((parts, encrypted))
}

/// Writes the manifest and its signature: from then on there is a bundle.
pub async fn manifest(
    cx: &Arc<StepContext>,
    target: &TargetName,
    manifest: &Manifest,
    encrypted: Option<&Encrypted>,
) -> Result<Part> {
    let put = async |name, text: &str| copies::put_part(cx, target, &manifest.id, name, Source::Text(text)).await;
    put(SUMS, &bundle::sums(bundle::stored(manifest, encrypted))).await?;
    let encrypted = encrypted.map(serde_json::to_string_pretty).transpose()?;
    if let Some(encrypted) = &encrypted {
        put(ENCRYPTED, encrypted).await?;
    }
    let text = serde_json::to_string_pretty(manifest)?;
    put(SEAL, &bundle::sign(&cx.state.seal, &text, encrypted.as_deref())).await?;
    put(MANIFEST, &text).await
}

/// Reading back proves the dumps whole. Where every copy is encrypted that cannot be seen there, so it is seen here,
/// before the helper that holds them is gone.
pub async fn prove_at_home(cx: &Arc<StepContext>, manifest: &Manifest) -> Result<()> {
    for database in databases(manifest) {
        let (_, content) =
            cx.engine.read_file(&ContainerId(cx.name(DUMP)), &format!("{DUMPS}/{database}.dump")).await?;
        let (content, reading) = bundle::metered(content, |_| {});
        crate::engine::archive::prove(content)
            .await
            .map_err(|error| Error::conflict(format!("dumps/{database}.dump {error}")))?;
        if manifest.dump_of(&database).is_none_or(|part| part.sha256 != reading.finish().1) {
            return Err(Error::conflict(format!("dumps/{database}.dump is not what was copied.")));
        }
    }
    Ok(())
}
