//! JSON from outside, read strictly: a member that is read is there once, nothing follows, and an object is an object.
//! (The library also takes a list with an object's members in their order.)

pub(crate) mod authorisation;
pub(crate) mod request;

use serde::{de::Error, Deserialize};

/// An object, and nothing before or behind it.
pub(crate) fn object<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, serde_json::Error> {
    match bytes.trim_ascii_start().first() {
        Some(b'{') => serde_json::from_slice(bytes),
        _ => Err(serde_json::Error::custom("expected an object")),
    }
}
