//! Files in a container's volumes, streamed through the engine's archive calls. Works on containers that never ran.

use super::errors::{IDLE, WRITE, as_io, bounded, in_path, translate};
use super::tar_stream::{directory_header, file_header, first_file, trailer};
use super::upload::{Upload, while_it_moves};
use bollard::Docker;
use bollard::query_parameters::{DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder};
use bytes::Bytes;
use futures::{StreamExt, stream};
use ports::{Bytestream, EngineError, FileFacts};
use std::io;

/// Size and content of a file; `NotFound` when it or the container is missing.
pub async fn read_file(client: &Docker, id: &str, path: &str) -> Result<(FileFacts, Bytestream), EngineError> {
    let asked = format!("read a file of a container (GET /containers/{id}/archive)");
    let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
    let mut pieces = client.download_from_container(in_path(id)?, Some(options)).boxed();
    // The first piece is awaited here, so that a missing file is an error of the call and not of the stream.
    let first = bounded(&asked, WRITE, async { pieces.next().await.transpose() }).await?;
    let rest = patient(pieces.map(move |piece| piece.map_err(|error| as_io(&asked, &error))).boxed());
    let whole = stream::iter(first.map(Ok)).chain(rest).boxed();
    let (bytes, content) =
        first_file(whole).await.map_err(|error| EngineError::Failed(format!("{path} in {id}: {error}")))?;
    Ok((FileFacts { bytes }, content))
}

/// Fails when the next piece does not come within [`IDLE`].
fn patient(pieces: Bytestream) -> Bytestream {
    stream::unfold(Some(pieces), |pieces| async move {
        let mut pieces = pieces?;
        match tokio::time::timeout(IDLE, pieces.next()).await {
            Ok(piece) => piece.map(|piece| (piece, Some(pieces))),
            Err(_) => Some((
                Err(io::Error::new(io::ErrorKind::TimedOut, format!("Docker sent nothing for {} s", IDLE.as_secs()))),
                None,
            )),
        }
    })
    .boxed()
}

/// The engine cannot delete a file, so a failed upload is overwritten by an empty file: no `neo4j-admin` loads that.
pub async fn write_file(
    client: &Docker,
    id: &str,
    path: &str,
    bytes: u64,
    content: Bytestream,
) -> Result<(), EngineError> {
    let place = Place::of(path)?;
    let (upload, error, progress) = Upload::new(place.headers(bytes)?, bytes, content);
    let asked = format!("write a file of a container (PUT /containers/{id}/archive)");
    let body = bollard::body_stream(upload.pieces());
    let call = async {
        client
            .upload_to_container(in_path(id)?, Some(place.options()), body)
            .await
            .map_err(|error| translate(&asked, &error))
    };
    let answer = while_it_moves(&asked, progress, call).await;
    let failure = match (error.get(), answer) {
        (Some(why), _) => EngineError::Failed(format!("{path} in {id}: {why}")),
        (None, Ok(())) => return Ok(()),
        (None, Err(error @ EngineError::NotFound(_))) => return Err(error),
        (None, Err(error)) => error,
    };
    if let Err(error) = put(client, id, &place, [place.headers(0)?, trailer(0)].concat().into()).await {
        tracing::warn!(path, container = id, %error, "could not truncate a partial file");
    }
    Err(failure)
}

/// Right below an existing one; what is in it already stays.
pub async fn make_directory(client: &Docker, id: &str, path: &str) -> Result<(), EngineError> {
    let (parent, name) = split(path)?;
    let place = Place { at: parent, directory: Some(name), file: None };
    put(client, id, &place, [place.headers(0)?, trailer(0)].concat().into()).await
}

async fn put(client: &Docker, id: &str, place: &Place<'_>, archive: Bytes) -> Result<(), EngineError> {
    let asked = format!("write a file of a container (PUT /containers/{id}/archive)");
    bounded(&asked, WRITE, client.upload_to_container(in_path(id)?, Some(place.options()), bollard::body_full(archive)))
        .await
}

/// A file and its directory, and where the engine must unpack both.
struct Place<'a> {
    at: &'a str,
    /// `None` for a file right below the root.
    directory: Option<&'a str>,
    file: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Result<Self, EngineError> {
        let (parent, file) = split(path)?;
        if parent == "/" {
            return Ok(Self { at: "/", directory: None, file: Some(file) });
        }
        let (at, directory) = split(parent)?;
        Ok(Self { at, directory: Some(directory), file: Some(file) })
    }

    fn options(&self) -> bollard::query_parameters::UploadToContainerOptions {
        UploadToContainerOptionsBuilder::new().path(self.at).build()
    }

    fn headers(&self, bytes: u64) -> Result<Bytes, EngineError> {
        let name = [self.directory, self.file].into_iter().flatten().collect::<Vec<_>>().join("/");
        let directory = self.directory.map(directory_header).transpose();
        let file = self.file.map(|_| file_header(&name, bytes)).transpose();
        let both = directory.and_then(|d| file.map(|f| [d, f].into_iter().flatten().collect::<Vec<_>>().concat()));
        both.map(Bytes::from).map_err(|error| EngineError::Failed(format!("{name}: {error}")))
    }
}

/// Parent and last part of an absolute path.
fn split(path: &str) -> Result<(&str, &str), EngineError> {
    let good = path.starts_with('/') && !path.split('/').any(|part| part == ".." || part == ".");
    match path.trim_end_matches('/').rsplit_once('/') {
        Some((parent, name)) if good && !name.is_empty() => Ok((if parent.is_empty() { "/" } else { parent }, name)),
        _ => Err(EngineError::Failed(format!("{path:?} is not an absolute path of a file"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_unpacked_above_its_directory() {
        let place = Place::of("/staging/dumps/neo4j.dump").expect("a place");
        assert_eq!((place.at, place.directory, place.file), ("/staging", Some("dumps"), Some("neo4j.dump")));
        let place = Place::of("/staging/x").expect("a place");
        assert_eq!((place.at, place.directory, place.file), ("/", Some("staging"), Some("x")));
        let place = Place::of("/x").expect("a place");
        assert_eq!((place.at, place.directory), ("/", None));
        assert_eq!(place.headers(1).expect("headers").len(), 512);
        for bad in ["", "/", "x", "staging/x", "/staging/../etc/passwd"] {
            assert!(Place::of(bad).is_err(), "{bad}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_goes_silent_ends_with_an_error() {
        let mut pieces = patient(stream::iter([Ok(Bytes::from_static(b"a"))]).chain(stream::pending()).boxed());
        assert!(pieces.next().await.expect("first").is_ok());
        assert_eq!(pieces.next().await.expect("second").expect_err("silence").kind(), io::ErrorKind::TimedOut);
        assert!(pieces.next().await.is_none());
    }
}
