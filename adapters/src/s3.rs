//! Backups in an S3-compatible store, by the crate `object_store`. Large parts go up in pieces; an upload that was cut
//! short is aborted at the next visit, for which its number is kept in a small file. Does not know what a backup is.

mod explain;
mod journal;

use async_trait::async_trait;
use domain::target::S3;
use explain::explain;
use futures::{StreamExt, TryStreamExt};
use journal::Journal;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path as Key;
use object_store::{
    Attribute, Attributes, ClientOptions, MultipartId, ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions,
    PutPayload, RetryConfig,
};
use ports::{Bytestream, Keys, Target, TargetError};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Of a piece. At most three are in memory: two on their way, one being filled. S3 takes 10,000 pieces of one object.
const PIECE: usize = 8 << 20;
/// Pieces after this many are [`LATE_PIECE`] long, so that one object may have 190 GB.
const EARLY: usize = 8_000;
const LATE_PIECE: usize = 64 << 20;
const AT_ONCE: usize = 2;
/// The longest silence of the store.
const SILENCE: Duration = Duration::from_secs(60);

type Result<T> = std::result::Result<T, TargetError>;

/// A target in a bucket.
pub struct S3Store {
    client: Arc<AmazonS3>,
    place: S3,
    journal: Journal,
}

impl S3Store {
    /// `journals`: a directory of the console for the numbers of uploads under way. Connects to nothing yet.
    pub fn new(place: &S3, keys: Option<&Keys>, journals: &Path) -> Result<Self> {
        let options = ClientOptions::new()
            .with_connect_timeout(Duration::from_secs(10))
            .with_timeout_disabled()
            .with_read_timeout(SILENCE);
        let retry = RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(120), ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&place.bucket)
            .with_region(&place.region)
            .with_virtual_hosted_style_request(!place.path_style)
            .with_client_options(options)
            .with_allow_http(place.endpoint.starts_with("http://"))
            .with_disable_bulk_delete(true)
            .with_retry(retry);
        if !place.endpoint.is_empty() {
            builder = builder.with_endpoint(&place.endpoint);
        }
        if let Some(keys) = keys {
            builder = builder.with_access_key_id(&keys.access_key).with_secret_access_key(&keys.secret_key);
        }
        if !place.server_side_encryption.is_empty() {
            let header: AmazonS3ConfigKey = "aws_server_side_encryption".parse().map_err(|e| explain(place, "", &e))?;
            builder = builder.with_config(header, &place.server_side_encryption);
        }
        let client = builder.build().map_err(|e| explain(place, "", &e))?;
        Ok(Self { client: Arc::new(client), place: place.clone(), journal: Journal::new(journals, place) })
    }

    fn path(&self, key: &str) -> Result<Key> {
        let bad = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains(['\\', '\0']);
        if key.split('/').any(bad) {
            return Err(TargetError::Failed(format!("{key:?} is not a name of a backup's part")));
        }
        let whole = if self.place.prefix.is_empty() { key.to_string() } else { format!("{}/{key}", self.place.prefix) };
        Key::parse(whole).map_err(|e| TargetError::Failed(e.to_string()))
    }

    fn explain(&self, key: &str) -> impl Fn(object_store::Error) -> TargetError {
        let (place, key) = (self.place.clone(), key.to_string());
        move |error| explain(&place, &key, &error)
    }

    fn attributes(&self) -> Attributes {
        let class = &self.place.storage_class;
        if class.is_empty() {
            Attributes::new()
        } else {
            [(Attribute::StorageClass, class.clone())].into_iter().collect()
        }
    }

    /// Uploads a process that is gone had begun. Best effort: what cannot be aborted now is tried at the next visit.
    async fn abort_left(&self) {
        for left in self.journal.left() {
            let aborted = match Key::parse(&left.path) {
                Ok(path) => self.client.abort_multipart(&path, &left.upload).await,
                Err(error) => Err(error.into()),
            };
            match aborted {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => self.journal.ended(&left),
                Err(error) => tracing::warn!(path = left.path, %error, "could not abort an interrupted upload"),
            }
        }
    }

    async fn put_pieces(&self, key: &str, path: &Key, first: PutPayload, content: Bytestream) -> Result<u64> {
        let options = PutMultipartOptions { attributes: self.attributes(), ..PutMultipartOptions::default() };
        let upload = self.client.create_multipart_opts(path, options).await.map_err(self.explain(key))?;
        let pending = self.journal.began(path.as_ref(), &upload)?;
        let sent = match self.send(key, path, &upload, first, content).await {
            Ok((parts, bytes)) => {
                self.client.complete_multipart(path, &upload, parts).await.map(|_| bytes).map_err(self.explain(key))
            }
            Err(error) => Err(error),
        };
        if sent.is_err()
            && let Err(error) = self.client.abort_multipart(path, &upload).await
        {
            tracing::warn!(path = %path, %error, "could not abort a failed upload");
            return sent;
        }
        self.journal.ended(&pending);
        sent
    }

    /// All pieces; their numbers in the store, in order, and the bytes of all.
    async fn send(
        &self,
        key: &str,
        path: &Key,
        upload: &MultipartId,
        first: PutPayload,
        mut content: Bytestream,
    ) -> Result<(Vec<PartId>, u64)> {
        let (mut next, mut bytes, mut n) = (first, 0, 0);
        let (mut sending, mut sent) = (JoinSet::new(), BTreeMap::new());
        while next.content_length() > 0 {
            bytes += next.content_length() as u64;
            let (client, path, upload) = (self.client.clone(), path.clone(), upload.clone());
            sending.spawn(async move { (n, client.put_part(&path, &upload, n, next).await) });
            n += 1;
            next = fill(&mut content, if n < EARLY { PIECE } else { LATE_PIECE }).await?;
            if sending.len() >= AT_ONCE {
                self.arrived(key, &mut sending, &mut sent).await?;
            }
        }
        while !sending.is_empty() {
            self.arrived(key, &mut sending, &mut sent).await?;
        }
        Ok((sent.into_values().collect(), bytes))
    }

    async fn arrived(
        &self,
        key: &str,
        sending: &mut JoinSet<(usize, object_store::Result<PartId>)>,
        sent: &mut BTreeMap<usize, PartId>,
    ) -> Result<()> {
        if let Some(done) = sending.join_next().await {
            let (n, part) = done.map_err(|error| TargetError::Failed(error.to_string()))?;
            sent.insert(n, part.map_err(self.explain(key))?);
        }
        Ok(())
    }
}

/// The next `wanted` bytes, or what is left. Pieces are taken over, not copied.
async fn fill(content: &mut Bytestream, wanted: usize) -> Result<PutPayload> {
    let (mut pieces, mut bytes) = (Vec::new(), 0);
    while bytes < wanted {
        let Some(piece) = content.next().await else { break };
        let piece =
            piece.map_err(|error| TargetError::Failed(format!("what was to be uploaded broke off: {error}")))?;
        bytes += piece.len();
        pieces.push(piece);
    }
    Ok(pieces.into_iter().collect())
}

#[async_trait]
impl Target for S3Store {
    fn location(&self) -> String {
        let at = if self.place.endpoint.is_empty() { "Amazon S3".to_string() } else { self.place.endpoint.clone() };
        format!(
            "the bucket {} of {at}",
            [self.place.bucket.as_str(), &self.place.prefix].join("/").trim_end_matches('/')
        )
    }

    async fn put(&self, key: &str, content: Bytestream) -> Result<u64> {
        // It is asked once more after its end, which not every stream bears.
        let mut content = content.fuse().boxed();
        let path = self.path(key)?;
        self.abort_left().await;
        let first = fill(&mut content, PIECE).await?;
        let bytes = first.content_length();
        if bytes >= PIECE {
            return self.put_pieces(key, &path, first, content).await;
        }
        let options = PutOptions { attributes: self.attributes(), ..PutOptions::default() };
        self.client.put_opts(&path, first, options).await.map_err(self.explain(key))?;
        Ok(bytes as u64)
    }

    async fn get(&self, key: &str) -> Result<Bytestream> {
        let found = self.client.get(&self.path(key)?).await.map_err(self.explain(key))?;
        Ok(found.into_stream().map_err(std::io::Error::other).boxed())
    }

    async fn size(&self, key: &str) -> Result<u64> {
        Ok(self.client.head(&self.path(key)?).await.map_err(self.explain(key))?.size)
    }

    async fn remove(&self, prefix: &str) -> Result<()> {
        self.abort_left().await;
        let folder = self.path(prefix.trim_end_matches('/'))?;
        let found: Vec<Key> = self
            .client
            .list(Some(&folder))
            .map_ok(|object| object.location)
            .try_collect()
            .await
            .map_err(self.explain(prefix))?;
        for object in found {
            match self.client.delete(&object).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(self.explain(prefix)(error)),
            }
        }
        Ok(())
    }

    /// A bucket has no folders: one that holds nothing is as good as one that is not there.
    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let folder = if prefix.is_empty() {
            Key::parse(&self.place.prefix).map_err(|e| TargetError::Failed(e.to_string()))?
        } else {
            self.path(prefix)?
        };
        let found = self.client.list_with_delimiter(Some(&folder)).await.map_err(self.explain(prefix))?;
        let objects = found.objects.into_iter().map(|object| object.location);
        let mut names: Vec<String> = found
            .common_prefixes
            .into_iter()
            .chain(objects)
            .filter_map(|path| path.filename().map(str::to_owned))
            .collect();
        names.sort();
        Ok(names)
    }

    /// A store does not tell.
    async fn free(&self) -> Result<Option<u64>> {
        Ok(None)
    }
}
