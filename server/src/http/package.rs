//! The browser's program: script, wasm and style sheet under `/pkg/<digest>/`. The digest is theirs all together, taken
//! once at start: what the browser keeps for good can never be of another build, and no page has to look for file names
//! on the disk.

use leptos::config::LeptosOptions;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Given to cargo-leptos as `output-name`.
const NAME: &str = "console";
/// Below the site's root, on the disk and in addresses.
pub const DIRECTORY: &str = "pkg";
/// Bytes of the digest in the address.
const LENGTH: usize = 8;

/// What leptos must know to name the files in a page.
///
/// # Errors
/// A sentence when a file is missing: then no page would come alive.
pub fn options(site_root: &str) -> Result<LeptosOptions, String> {
    let digest = digest(&Path::new(site_root).join(DIRECTORY))?;
    // Not `hash_files`: with it leptos reads the disk twice for every page.
    Ok(LeptosOptions::builder()
        .output_name(NAME)
        .site_root(site_root.to_owned())
        .site_pkg_dir(format!("{DIRECTORY}/{digest}"))
        .build())
}

fn digest(directory: &Path) -> Result<String, String> {
    let mut all = Sha256::new();
    for ending in ["js", "wasm", "css"] {
        let file = directory.join(format!("{NAME}.{ending}"));
        let content = std::fs::read(&file).map_err(|error| {
            format!(
                "The browser's file {} cannot be read: {error}. LEPTOS_SITE_ROOT must be the site directory that was \
                 built with this console.",
                file.display()
            )
        })?;
        all.update(content);
    }
    Ok(hex::encode(&all.finalize()[..LENGTH]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_build_has_another_address_and_a_missing_file_is_named() {
        let site = tempfile::tempdir().expect("a directory");
        let root = site.path().to_str().expect("text");
        std::fs::create_dir(site.path().join(DIRECTORY)).expect("made");
        for file in ["console.js", "console.css"] {
            std::fs::write(site.path().join(DIRECTORY).join(file), file).expect("written");
        }
        let wasm = site.path().join("pkg/console.wasm");
        assert!(options(root).expect_err("no wasm").contains("pkg/console.wasm cannot be read"));
        let address = |content: &str| {
            std::fs::write(&wasm, content).expect("written");
            options(root).expect("options").site_pkg_dir.to_string()
        };
        let first = address("one");
        assert!(first.starts_with("pkg/") && first.len() == "pkg/".len() + 2 * LENGTH, "{first}");
        assert_ne!(first, address("two"));
        assert_eq!(first, address("one"));
    }
}
