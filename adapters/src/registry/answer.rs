//! What came back: its status in the port's words, its body within bounds.

use super::Result;
use super::connection::unreachable;
use ports::RegistryError;
use reqwest::Response;

/// Bytes that may still be read.
pub struct Room(pub usize);

impl Room {
    /// The whole body of `who`, or `TooMuch`.
    pub async fn read(&mut self, mut response: Response, who: &str) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| unreachable(who, error))? {
            self.0 = self.0.checked_sub(piece.len()).ok_or_else(|| RegistryError::TooMuch(who.into()))?;
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

/// An answer of `who` that is one; `what` was asked for, by somebody who signed in or not.
pub fn judged(response: Response, who: &str, what: &str, signed_in: bool) -> Result<Response> {
    Err(match response.status().as_u16() {
        200 => return Ok(response),
        401 | 403 if signed_in => RegistryError::SignInRefused(who.into()),
        401 | 403 => RegistryError::Denied(who.into()),
        404 => RegistryError::NotFound(what.into()),
        429 => RegistryError::Failed(format!("{who} was asked too often and wants to be left alone for a while")),
        status @ 300..=399 => {
            RegistryError::Failed(format!("{who} wants to lead on to another address (HTTP status {status})"))
        }
        status => RegistryError::Failed(format!("{who} answered with the HTTP status {status}")),
    })
}
