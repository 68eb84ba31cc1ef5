//! What a Wasm action in Rust is written with.
//!
//! An action is a module that exports `memory` and `run` and imports nothing but `lit.call` and `lit.read`. This crate
//! wraps those two, names the operations that most actions want, and [`action!`] exports `run`:
//!
//! ```text
//! #![cfg_attr(target_family = "wasm", no_std)]
//! conclave_action::action!(main);
//!
//! fn main() -> conclave_action::Outcome<()> {
//!     conclave_action::respond("hello")
//! }
//! ```
//!
//! Build it as a `cdylib` for `wasm32v1-none`, with `panic = "abort"`. Outside of Wasm there is no host: there every call
//! is an error.

#![cfg_attr(target_family = "wasm", no_std)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

extern crate alloc;

mod host;
#[cfg(target_family = "wasm")]
mod runtime;
mod web;

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use base64ct::{Base64, Encoding};
use serde_json::{json, Map, Value};

pub use host::call;
pub use serde_json;
pub use web::{fetch, Response};

/// What the host said no with, or what could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(pub String);

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Error {}

/// What calls come to.
pub type Outcome<T> = Result<T, Error>;

/// Asks for an operation whose argument and answer are JSON: all that `Lit.Actions` has, by the same names. Bytes are
/// base64.
///
/// # Errors
/// The host refuses; its text says why.
pub fn ask(operation: &str, argument: &Value) -> Outcome<Value> {
    let answer = call(operation, argument.to_string().as_bytes())?;
    if answer.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&answer).map_err(|error| Error(format!("{operation}: {error}")))
}

/// What whoever asked for the action gave it.
///
/// # Errors
/// None, in a sandbox.
pub fn parameters() -> Outcome<Map<String, Value>> {
    let configuration = call("configuration", &[])?;
    let configuration: Value =
        serde_json::from_slice(&configuration).map_err(|error| Error(error.to_string()))?;
    match configuration.get("jsParams") {
        Some(Value::Object(parameters)) => Ok(parameters.clone()),
        _ => Err(Error("no parameters".into())),
    }
}

/// Responds; the last response counts.
///
/// # Errors
/// It is too long.
pub fn respond(response: &str) -> Outcome<()> {
    call("setResponse", response.as_bytes()).map(drop)
}

/// Logs a line; what is beyond the limit is dropped.
pub fn log(text: &str) {
    // There is nobody to tell that it could not be told.
    let _ = call("log", format!("{text}\n").as_bytes());
}

/// What the clock shows, all the while: microseconds since 1970.
///
/// # Errors
/// None, in a sandbox.
pub fn now_us() -> Outcome<u64> {
    let text = call("now", &[])?;
    let text = core::str::from_utf8(&text).map_err(|error| Error(error.to_string()))?;
    text.parse().map_err(|_| Error("now is no number".into()))
}

/// Secret random bytes, others on each member; at most 65,536.
///
/// # Errors
/// Too many.
pub fn random(bytes: usize) -> Outcome<Vec<u8>> {
    call("random", bytes.to_string().as_bytes())
}

/// Ethereum's hash, computed by the host.
///
/// # Errors
/// The message has more than 4 MiB.
pub fn keccak256(message: &[u8]) -> Outcome<[u8; 32]> {
    let digest = call("keccak256", message)?;
    digest.try_into().map_err(|_| Error("keccak256: not 32 bytes".into()))
}

/// Signs a digest with a PKP (its public key in hex). The client gets the signature, under `name`.
///
/// # Errors
/// The PKP does not permit this action to, or fewer than two thirds of the members ask for the same.
pub fn sign_ecdsa(digest: &[u8; 32], public_key: &str, name: &str) -> Outcome<()> {
    ask("signEcdsa", &ecdsa(digest, public_key, name)).map(drop)
}

/// Signs a digest with a PKP; the action gets the signature: `{r, s, v}`, r as 33 bytes compressed, in hex.
///
/// # Errors
/// As [`sign_ecdsa`].
pub fn sign_and_combine_ecdsa(digest: &[u8; 32], public_key: &str, name: &str) -> Outcome<Value> {
    let signature = ask("signAndCombineEcdsa", &ecdsa(digest, public_key, name))?;
    let text = signature.as_str().unwrap_or_default();
    serde_json::from_str(text).map_err(|error| Error(format!("signAndCombineEcdsa: {error}")))
}

fn ecdsa(digest: &[u8; 32], public_key: &str, name: &str) -> Value {
    json!({
        "toSign": Base64::encode_string(digest), "publicKey": public_key, "sigName": name,
        "signingScheme": "EcdsaK256Sha256",
    })
}

/// Runs the action with this id; its response.
///
/// # Errors
/// It is not found, or fails.
pub fn call_action(ipfs_id: &str, parameters: Map<String, Value>) -> Outcome<String> {
    let response = ask("call", &json!({ "ipfsId": ipfs_id, "params": parameters }))?;
    Ok(response.as_str().unwrap_or_default().into())
}

/// Exports `run`: a function without parameters that returns an [`Outcome`]. An error is logged, and traps.
#[macro_export]
macro_rules! action {
    ($main:path) => {
        #[cfg(target_family = "wasm")]
        #[no_mangle]
        extern "C" fn run() {
            $crate::finish($main())
        }
        #[cfg(not(target_family = "wasm"))]
        const _: fn() -> $crate::Outcome<()> = $main;
    };
}

/// What [`action!`] does with what the action returned.
#[doc(hidden)]
#[cfg(target_family = "wasm")]
pub fn finish(outcome: Outcome<()>) {
    if let Err(error) = outcome {
        log(&error.to_string());
        core::arch::wasm32::unreachable()
    }
}
