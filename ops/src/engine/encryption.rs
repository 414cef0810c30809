//! Encrypting a stream to recipients and decrypting it with an identity, in the format of the command `age`: piece by
//! piece, never the whole of it. Every file is authenticated as it is read; one that was changed or cut short fails
//! instead of ending early.

use crate::error::{Error, Result};
use domain::Invalid;
use domain::encryption::{Identity, Recipient};
use futures::{AsyncReadExt, StreamExt, TryStreamExt, stream};
use ports::Bytestream;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Read at a time while decrypting: age's own chunks are as large.
const PIECE: usize = 64 * 1024;

type Key = age::x25519::Recipient;

fn key(recipient: &Recipient) -> Result<Key, Invalid> {
    let why = "A letter of this key is wrong: its checksum does not fit. Copy it again, whole.";
    recipient.as_str().parse::<Key>().map_err(|_| Invalid::new("age_recipients", format!("{recipient}: {why}")))
}

/// That each of them can be encrypted to.
pub fn check(recipients: &[Recipient]) -> Result<(), Invalid> {
    recipients.iter().try_for_each(|recipient| key(recipient).map(drop))
}

/// What the encryption has written and nobody has taken yet.
#[derive(Clone, Default)]
struct Outlet(Arc<Mutex<Vec<u8>>>);

impl Outlet {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Anybody with the identity of one of them can read what comes out. A source that breaks off breaks this off, without
/// the end that would make it whole.
pub fn encrypt(content: Bytestream, recipients: &[Recipient]) -> Result<Bytestream> {
    let keys = recipients.iter().map(key).collect::<Result<Vec<_>, _>>()?;
    let encryptor = age::Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient))
        .map_err(|e| Error::internal(e.to_string()))?;
    let outlet = Outlet::default();
    let writer = encryptor.wrap_output(outlet.clone()).map_err(Error::internal)?;
    let pieces = stream::unfold(Some((content, writer)), move |state| {
        let outlet = outlet.clone();
        async move {
            let (mut content, mut writer) = state?;
            loop {
                match content.next().await {
                    Some(Ok(piece)) => {
                        if let Err(error) = writer.write_all(&piece) {
                            return Some((Err(error), None));
                        }
                        let done = outlet.take();
                        if !done.is_empty() {
                            return Some((Ok(done.into()), Some((content, writer))));
                        }
                    }
                    Some(Err(error)) => return Some((Err(error), None)),
                    None => return Some((writer.finish().map(|_| outlet.take().into()), None)),
                }
            }
        }
    });
    // A target asks again after the end, which `unfold` would answer with a panic.
    Ok(pieces.fuse().boxed())
}

/// Keys that were given for one restore.
pub struct Keys(Vec<age::x25519::Identity>);

impl Keys {
    /// One key a line. Refused when a checksum does not fit.
    pub fn of(identity: &Identity) -> Result<Self, Invalid> {
        let wrong = |_| {
            Invalid::new(
                "age_identity",
                "A letter of this identity is wrong: its checksum does not fit. Paste it again, whole.",
            )
        };
        identity.expose().lines().map(|line| line.parse().map_err(wrong)).collect::<Result<_, _>>().map(Self)
    }

    /// The public halves.
    pub fn recipients(&self) -> Vec<String> {
        self.0.iter().map(|identity| identity.to_public().to_string()).collect()
    }

    /// Whether something that was encrypted to these can be read.
    pub fn open_some(&self, recipients: &[Recipient]) -> bool {
        self.recipients().iter().any(|own| recipients.iter().any(|to| to.as_str() == own))
    }

    /// The content as it was before; nothing when none of the keys opens it. Reads only its head at first.
    pub async fn decrypt(&self, content: Bytestream) -> Result<Option<Bytestream>> {
        let damaged = |error: age::DecryptError| Error::conflict(format!("cannot be decrypted: {error}."));
        let file = age::Decryptor::new_async_buffered(content.into_async_read()).await.map_err(damaged)?;
        let reader = match file.decrypt_async(self.0.iter().map(|identity| identity as &dyn age::Identity)) {
            Ok(reader) => reader,
            Err(age::DecryptError::NoMatchingKeys) => return Ok(None),
            Err(error) => return Err(damaged(error)),
        };
        let pieces = stream::try_unfold(reader, |mut reader| async move {
            let mut piece = vec![0; PIECE];
            let read = reader.read(&mut piece).await?;
            piece.truncate(read);
            Ok((read > 0).then(|| (piece.into(), reader)))
        });
        Ok(Some(pieces.boxed()))
    }
}

/// For tests of other packages: a new key, as a person would make one with `age-keygen`. Public half and identity.
#[cfg(any(test, feature = "testing"))]
pub fn new_key() -> (Recipient, Identity) {
    use age::secrecy::ExposeSecret;
    let identity = age::x25519::Identity::generate();
    let recipient = Recipient::parse(&identity.to_public().to_string()).expect("a public key");
    let identity = Identity::parse(identity.to_string().expose_secret()).expect("an identity").expect("one");
    (recipient, identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn pieces(content: &[u8], size: usize) -> Bytestream {
        stream::iter(content.chunks(size).map(|c| Ok(Bytes::copy_from_slice(c))).collect::<Vec<_>>()).boxed()
    }

    async fn all(content: Bytestream) -> std::io::Result<Vec<u8>> {
        content.map_ok(|piece| piece.to_vec()).try_concat().await
    }

    #[tokio::test]
    async fn what_was_encrypted_for_two_is_read_by_either_and_by_nobody_else() {
        let (keys, stranger) = ([new_key(), new_key()], new_key());
        let recipients: Vec<Recipient> = keys.iter().map(|(recipient, _)| recipient.clone()).collect();
        for length in [0, 1, PIECE, PIECE + 1, 3 * PIECE, 300_000] {
            let content: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let encrypted =
                all(encrypt(pieces(&content, 100_003), &recipients).expect("encrypts")).await.expect("whole");
            assert!(encrypted.starts_with(b"age-encryption.org/v1\n"));
            for (_, identity) in &keys {
                let opened = Keys::of(identity)
                    .expect("keys")
                    .decrypt(pieces(&encrypted, 777))
                    .await
                    .expect("whole")
                    .expect("opens");
                assert!(all(opened).await.expect("whole") == content, "{length}");
            }
            assert!(
                Keys::of(&stranger.1).expect("keys").decrypt(pieces(&encrypted, 777)).await.expect("whole").is_none()
            );
        }
    }

    /// As the S3 target does, for the piece after the last one.
    #[tokio::test]
    async fn after_its_end_it_is_still_at_its_end() {
        let mut encrypted = encrypt(pieces(&vec![7; 200_000], 5_000), &[new_key().0]).expect("encrypts");
        while encrypted.next().await.is_some() {}
        assert!(encrypted.next().await.is_none());
    }

    #[tokio::test]
    async fn a_file_that_was_changed_or_cut_short_is_never_taken_for_whole() {
        let (recipient, identity) = new_key();
        let encrypted =
            all(encrypt(pieces(&vec![7; 200_000], 5_000), &[recipient]).expect("encrypts")).await.expect("whole");
        let mut changed = encrypted.clone();
        changed[150_000] ^= 1;
        for bad in [
            changed,
            encrypted[..encrypted.len() - 1].to_vec(),
            encrypted[..70_000].to_vec(),
            b"hello".to_vec(),
            vec![],
        ] {
            let read = match Keys::of(&identity).expect("keys").decrypt(pieces(&bad, 5_000)).await {
                Ok(opened) => all(opened.expect("the key is right")).await.is_ok(),
                Err(_) => false,
            };
            assert!(!read, "{} bytes", bad.len());
        }
    }

    /// The source is asked for no more than what comes out, but for a chunk of age and a piece on each side.
    #[tokio::test]
    async fn neither_way_ever_holds_more_than_a_few_pieces() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let (recipient, identity) = new_key();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = |content: Bytestream| {
            let asked = asked.clone();
            let count = move |piece: &Bytes| {
                asked.fetch_add(piece.len(), Ordering::Relaxed);
            };
            content.inspect_ok(count).boxed()
        };
        let check = async |mut content: Bytestream| {
            let mut out = Vec::new();
            while let Some(piece) = content.try_next().await.expect("whole") {
                out.extend_from_slice(&piece);
                let ahead = asked.load(Ordering::Relaxed).saturating_sub(out.len());
                assert!(ahead <= 4 * PIECE, "{ahead} bytes are held");
            }
            out
        };
        let encrypted =
            check(encrypt(counted(pieces(&vec![7; 3_000_000], PIECE)), &[recipient]).expect("encrypts")).await;
        asked.store(0, Ordering::Relaxed);
        let opened = Keys::of(&identity)
            .expect("keys")
            .decrypt(counted(pieces(&encrypted, PIECE)))
            .await
            .expect("whole")
            .expect("opens");
        assert_eq!(check(opened).await.len(), 3_000_000);
    }

    #[tokio::test]
    async fn a_source_that_breaks_off_leaves_no_whole_file() {
        let (recipient, _) = new_key();
        let broken =
            stream::iter([Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("the cable was cut"))]).boxed();
        assert!(all(encrypt(broken, &[recipient]).expect("encrypts")).await.is_err());
    }

    #[test]
    fn a_key_with_a_wrong_letter_is_named_by_its_field() {
        let (recipient, identity) = new_key();
        let swap = |text: &str, letter: char| {
            format!("{}{}", &text[..text.len() - 1], if text.ends_with(letter) { 'q' } else { letter })
        };
        let wrong = Recipient::parse(&swap(recipient.as_str(), 'p')).expect("the right shape");
        assert_eq!(check(&[recipient, wrong]).expect_err("wrong").field, "age_recipients");
        let wrong =
            Identity::parse(&swap(identity.expose(), 'P').replace('q', "Q")).expect("the right shape").expect("one");
        let refused = Keys::of(&wrong).err().expect("wrong");
        assert!(refused.field == "age_identity" && !refused.why.contains(wrong.expose()));
    }
}
