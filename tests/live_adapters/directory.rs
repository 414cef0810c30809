//! Backups in a local directory: whole or not at all.

use adapters::local_directory::LocalDirectory;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use ports::{Bytestream, Target, TargetError};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn pieces(count: usize) -> Bytestream {
    stream::iter((0..count).map(|n| Ok(Bytes::from(vec![n as u8; 100_000])))).boxed()
}

async fn read(target: &LocalDirectory, key: &str) -> Result<Vec<u8>, TargetError> {
    let all = target.get(key).await?.try_fold(vec![], |all: Vec<u8>, piece| async move {
        assert!(piece.len() <= 256 * 1024, "a piece of {}", piece.len());
        Ok([all, piece.to_vec()].concat())
    });
    Ok(all.await.expect("the whole file"))
}

/// All files below, as paths from there.
fn files(below: &Path) -> Vec<String> {
    let found = Command::new("find")
        .args([below.as_os_str(), "-mindepth".as_ref(), "1".as_ref(), "-printf".as_ref(), "%P\n".as_ref()])
        .output()
        .expect("find");
    let mut names: Vec<String> = String::from_utf8_lossy(&found.stdout).lines().map(str::to_owned).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn what_was_put_is_got_replaced_and_removed_and_nobody_else_may_read_it() {
    let place = tempfile::tempdir().expect("a directory");
    let root = place.path().join("made/when/needed");
    let target = LocalDirectory::new(&root);
    assert_eq!(target.location(), format!("the directory {}", root.display()));
    assert!(target.free().await.expect("free").expect("a number") > 0, "before the directory is there");
    assert!(
        matches!(target.list("").await, Err(TargetError::Missing(_))),
        "a target that is not there is no empty target"
    );
    assert_eq!(target.put("b1/neo4j.dump", pieces(30)).await, Ok(3_000_000));
    assert_eq!(target.put("b1/deep/er", pieces(0)).await, Ok(0));
    assert_eq!(target.put("b2/neo4j.dump", pieces(1)).await, Ok(100_000));
    assert_eq!(read(&target, "b1/neo4j.dump").await.expect("read").len(), 3_000_000);
    assert_eq!(target.put("b1/neo4j.dump", pieces(2)).await, Ok(200_000));
    assert_eq!(read(&target, "b1/neo4j.dump").await.expect("read").len(), 200_000);
    assert_eq!((mode(&root), mode(&root.join("b1")), mode(&root.join("b1/neo4j.dump"))), (0o700, 0o700, 0o600));
    for _ in 0..2 {
        target.remove("b1").await.expect("removed, and then gone");
    }
    assert_eq!(files(&root), ["b2", "b2/neo4j.dump"]);
    assert_eq!(read(&target, "b1/neo4j.dump").await, Err(TargetError::Missing("b1/neo4j.dump".into())));
    assert_eq!(read(&target, "b2").await, Err(TargetError::Missing("b2".into())));
}

#[tokio::test]
async fn a_link_that_somebody_planted_on_a_share_leads_nowhere() {
    let place = tempfile::tempdir().expect("a directory");
    let (root, key) = (place.path().join("share"), place.path().join("secret.key"));
    std::fs::write(&key, "the key").expect("written");
    // The share itself may be reached over a link.
    std::fs::create_dir(place.path().join("disk")).expect("made");
    std::os::unix::fs::symlink(place.path().join("disk"), &root).expect("a link");
    let target = LocalDirectory::new(&root);
    target.put("b1/neo4j.dump", pieces(1)).await.expect("put");
    assert_eq!(read(&target, "b1/neo4j.dump").await.expect("read").len(), 100_000);
    std::os::unix::fs::symlink(&key, root.join("b1/evil.dump")).expect("a link");
    std::os::unix::fs::symlink(place.path(), root.join("b2")).expect("a link");
    let is_refused = |said: Result<(), TargetError>, what: &str| match said {
        Err(TargetError::Failed(why)) => assert!(why.contains("symbolic link"), "{what}: {why}"),
        other => panic!("{what}: {other:?}"),
    };
    for behind in ["b1/evil.dump", "b2/secret.key"] {
        is_refused(target.get(behind).await.map(drop), behind);
        is_refused(target.put(behind, pieces(1)).await.map(drop), behind);
        is_refused(target.size(behind).await.map(drop), behind);
    }
    is_refused(target.list("b2").await.map(drop), "a list");
    is_refused(target.remove("b2/secret.key").await, "removing behind it");
    target.remove("b2").await.expect("the link itself goes");
    assert_eq!(std::fs::read_to_string(&key).expect("it is there"), "the key");
}

/// Otherwise reading it back would compare memory with itself, and find no fault of the disk.
#[tokio::test]
async fn what_was_written_is_read_back_from_the_disk() {
    let place = tempfile::tempdir_in("/var/tmp").expect("a directory");
    LocalDirectory::new(place.path()).put("b/part", pieces(30)).await.expect("put");
    let cached = Command::new("fincore")
        .args(["--bytes", "--noheadings", "--output", "RES"])
        .arg(place.path().join("b/part"))
        .output()
        .expect("fincore");
    assert_eq!(String::from_utf8_lossy(&cached.stdout).trim(), "0", "bytes of the file in memory");
}

#[tokio::test]
async fn a_stream_that_breaks_or_a_caller_who_gives_up_leaves_the_old_file_and_no_new_one() {
    let place = tempfile::tempdir().expect("a directory");
    let target = LocalDirectory::new(place.path());
    target.put("b/part", pieces(1)).await.expect("put");
    let broken = pieces(3).chain(stream::iter([Err(std::io::Error::other("the cable was cut"))])).boxed();
    assert!(
        matches!(target.put("b/part", broken).await, Err(TargetError::Failed(why)) if why.contains("the cable was cut"))
    );
    let endless = pieces(3).chain(stream::pending()).boxed();
    let given_up = tokio::time::timeout(std::time::Duration::from_millis(300), target.put("b/part", endless)).await;
    assert!(given_up.is_err());
    std::fs::write(place.path().join("b/cut.partial"), "half").expect("written");
    assert_eq!(target.list("b").await.expect("a list"), ["part"], "what is not whole is not listed");
    std::fs::remove_file(place.path().join("b/cut.partial")).expect("removed");
    assert_eq!(files(place.path()), ["b", "b/part"]);
    assert_eq!(read(&target, "b/part").await.expect("the old one").len(), 100_000);
}

#[tokio::test]
async fn a_key_never_leaves_the_directory() {
    let place = tempfile::tempdir().expect("a directory");
    let target = LocalDirectory::new(place.path().join("backups"));
    for bad in ["", "/etc/passwd", "../out", "b/../../out", "b//x", "./b", "b/", "b\\x", "b\0x"] {
        assert!(matches!(target.put(bad, pieces(1)).await, Err(TargetError::Failed(_))), "{bad:?}");
        assert!(matches!(target.get(bad).await, Err(TargetError::Failed(_))), "{bad:?}");
    }
    for bad in ["/", "..", "b/..", "/etc"] {
        assert!(matches!(target.list(bad).await, Err(TargetError::Failed(_))), "{bad:?}");
    }
    for bad in ["", "/", "..", "b/..", "/etc"] {
        assert!(matches!(target.remove(bad).await, Err(TargetError::Failed(_))), "{bad:?}");
    }
    assert_eq!(files(place.path()), Vec::<String>::new());
}

/// A file system of 512 KiB, unmounted when the test ends.
struct Tiny(tempfile::TempDir);

impl Tiny {
    fn new() -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(place.path()).status();
        assert!(mounted.is_ok_and(|status| status.success()), "this test mounts a small file system: run it as root");
        Self(place)
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_as_such_and_given_back() {
    let tiny = Tiny::new();
    let target = LocalDirectory::new(tiny.0.path());
    let free = target.free().await.expect("free").expect("a number");
    assert!((300_000..=524_288).contains(&free), "{free}");
    target.put("b1/part", pieces(1)).await.expect("room for one");
    assert!(matches!(target.put("b2/part", pieces(9)).await, Err(TargetError::Full(why)) if why.contains("part")));
    assert_eq!(files(tiny.0.path()), ["b1", "b1/part", "b2"]);
    target.put("b2/part", pieces(2)).await.expect("the room is back");
}
