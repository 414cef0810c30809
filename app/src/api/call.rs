//! How the browser calls a server function: one way for all of them, as the browser's own forms do it, so that the code
//! for it is there once and not once a function.

use crate::problem::ApiError;
use leptos::server_fn::redirect::REDIRECT_HEADER;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// What the server said to a call it did not refuse.
pub struct Reply {
    /// JSON of what the function answers.
    pub text: String,
    /// Where it says to go on.
    pub onward: Option<String>,
}

/// Posts `body`, which is url-encoded.
pub async fn call(path: &str, body: &JsValue) -> Result<Reply, ApiError> {
    let (response, text) = fetched(path, body).await.map_err(|_| ApiError::no_answer())?;
    if !response.ok() {
        return Err(serde_json::from_str(&text).unwrap_or_else(|_| ApiError::no_answer()));
    }
    let headers = response.headers();
    let redirects = headers.has(REDIRECT_HEADER).unwrap_or(false);
    Ok(Reply { text, onward: if redirects { headers.get("location").ok().flatten() } else { None } })
}

async fn fetched(path: &str, body: &JsValue) -> Result<(Response, String), JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    headers.set("content-type", "application/x-www-form-urlencoded")?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(body);
    let response: Response =
        JsFuture::from(leptos::prelude::window().fetch_with_str_and_init(path, &request)).await?.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response, text.as_string().unwrap_or_default()))
}
