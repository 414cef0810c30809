//! How far the engine is with fetching an image.

/// Of one image, all its layers together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullProgress {
    /// What the engine is doing, in its own words, for example `Downloading` or `Pull complete`.
    pub status: String,
    /// Bytes downloaded so far, compressed. Without the layers that were there already.
    pub done: u64,
    /// Bytes of the layers whose size is known so far: it grows at the beginning, and is 0 until the first is known.
    pub total: u64,
}
