//! Dumps and bundles, whole and damaged.

use super::input::{Damaged, damaged};
use super::{check, runtime};
use crate::rest_api::{Robot, backed_up};
use bytes::Bytes;
use domain::member::Role;
use fakes::dump_bytes;
use futures::{StreamExt, stream};
use ops::engine::archive::prove;
use ops::testing::actor;
use ops::use_cases::uploads::UploadBackup;
use proptest::prelude::*;
use std::io::Write;

/// Does not compress, so that there are blocks to be damaged.
fn content() -> Vec<u8> {
    (0..4000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

fn pieces(bytes: &[u8]) -> ports::Bytestream {
    stream::iter(bytes.chunks(700).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect::<Vec<_>>()).boxed()
}

#[test]
fn a_damaged_dump_is_proven_only_where_it_still_unpacks() {
    let (runtime, whole) = (runtime(), dump_bytes(&content()));
    runtime.block_on(prove(pieces(&whole))).expect("whole");
    check(&damaged(whole.clone()), |Damaged { bytes, .. }| {
        let proven = runtime.block_on(prove(pieces(&bytes))).is_ok();
        prop_assert!(
            !proven || bytes.len() + 600 >= whole.len(),
            "{} of {} bytes are proven",
            bytes.len(),
            whole.len()
        );
        Ok(())
    });
}

/// Packed after the damage, so that it is found by who reads the head and the tar inside, not by who unpacks.
#[test]
fn a_dump_damaged_before_it_was_packed_ends_with_an_answer() {
    let runtime = runtime();
    let plain = zstd::stream::decode_all(&dump_bytes(&content()[..3000])[4..]).expect("unpacked");
    let pack = |plain: &[u8]| {
        let mut packed = b"DZV1".to_vec();
        let mut encoder = zstd::stream::write::Encoder::new(&mut packed, 1).expect("zstd");
        encoder.write_all(plain).and_then(|()| encoder.finish().map(|_| ())).expect("packed");
        packed
    };
    runtime.block_on(prove(pieces(&pack(&plain)))).expect("whole");
    check(&damaged(plain), |Damaged { bytes, .. }| {
        // Only that it answers: what the content of a store is, its checksum says later.
        let _answer = runtime.block_on(prove(pieces(&pack(&bytes))));
        Ok(())
    });
}

#[test]
fn a_damaged_bundle_is_refused_without_a_trace_or_is_from_outside() {
    let runtime = runtime();
    let (bundle, robot) = runtime.block_on(async {
        let (robot, id) = backed_up().await;
        let response = robot.get(&format!("/backups/{id}/download")).await;
        (response.bytes().await.expect("a bundle").to_vec(), Robot::new(Role::Admin).await)
    });
    let site = &robot.site;
    let upload = |bytes: &[u8]| {
        let upload = UploadBackup { deployment: None, content: pieces(bytes) };
        runtime.block_on(site.inside.console.perform(&actor(Role::Admin), upload))
    };
    let files = || site.inside.target.files.lock().expect("files").keys().cloned().collect::<Vec<_>>();
    check(&damaged(bundle), |Damaged { bytes, .. }| {
        let before = files();
        match upload(&bytes) {
            Err(_) => prop_assert_eq!(files(), before, "a refused bundle leaves nothing"),
            // Damage after the last part, or in what no sum covers: then it can be uploaded once.
            Ok(uploaded) => {
                let manifest = format!("{}/manifest.json", uploaded.backup);
                prop_assert!(files().contains(&manifest));
                site.inside.target.files.lock().expect("files").clear();
            }
        }
        Ok(())
    });
}
