//! Where a target is, as words.

use domain::target::Place;

/// On one line.
pub fn place(place: &Place) -> String {
    match place {
        Place::Directory { path, .. } => path.clone(),
        Place::S3(s3) => {
            let endpoint = if s3.endpoint.is_empty() { "Amazon S3" } else { s3.endpoint.as_str() };
            [endpoint, s3.bucket.as_str(), s3.prefix.as_str()]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" / ")
        }
    }
}
