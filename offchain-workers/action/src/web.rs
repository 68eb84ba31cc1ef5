//! HTTP.

use crate::{ask, Error, Outcome};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use base64ct::{Base64, Encoding};
use serde_json::{json, Value};

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 200, 404 …
    pub status: u16,
    /// Whole.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as JSON.
    ///
    /// # Errors
    /// It is none.
    pub fn json(&self) -> Outcome<Value> {
        serde_json::from_slice(&self.body).map_err(|error| Error(error.to_string()))
    }
}

/// Fetches; `headers` are names in lower case and values, `body` is for methods that have one.
///
/// # Errors
/// The member does not reach it, or may not.
pub fn fetch(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Outcome<Response> {
    let answer = ask(
        "fetch",
        &json!({
            "url": url, "method": method, "headers": headers, "redirect": "follow",
            "body": body.map(Base64::encode_string),
        }),
    )?;
    let status = answer.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let body = answer.get("body").and_then(Value::as_str).map(String::from).unwrap_or_default();
    Ok(Response {
        status: status.ok_or_else(|| Error("fetch: no status".into()))?,
        body: Base64::decode_vec(&body).map_err(|error| Error(error.to_string()))?,
    })
}
