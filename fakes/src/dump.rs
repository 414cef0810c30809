//! Dumps in Neo4j's own format.

use std::io::Write;

/// A whole dump in Neo4j's own format around some bytes (docs/neo4j-facts.md: Dumps).
pub fn dump_bytes(content: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o600);
    tar.append_data(&mut header, "store", content).expect("tar");
    let tar = tar.into_inner().expect("tar");
    let mut plain = b"zstd".to_vec();
    plain.extend_from_slice(&1i32.to_be_bytes());
    plain.extend_from_slice(&1i64.to_be_bytes());
    plain.extend_from_slice(&(content.len() as i64).to_be_bytes());
    plain.extend_from_slice(&tar);
    let mut out = b"DZV1".to_vec();
    let mut encoder = zstd::stream::write::Encoder::new(&mut out, 1).expect("zstd");
    encoder.write_all(&plain).expect("zstd");
    encoder.finish().expect("zstd");
    out
}

/// What [`dump_bytes`] was made around.
pub(super) fn undump(bytes: &[u8]) -> Option<Vec<u8>> {
    let plain = zstd::stream::decode_all(bytes.strip_prefix(b"DZV1")?).ok()?;
    let mut archive = tar::Archive::new(plain.get(24..)?);
    let mut entry = archive.entries().ok()?.next()?.ok()?;
    let mut out = Vec::new();
    std::io::copy(&mut entry, &mut out).ok()?;
    Some(out)
}
