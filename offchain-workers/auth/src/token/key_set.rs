//! Key sets of providers (RFC 7517), kept for an hour.
//!
//! Providers rotate: a new key id is asked for at once, but not more than once a minute, so that made-up key ids make no
//! flood. A key that is gone from a newer set counts no more. A set that cannot be renewed counts no more either.

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::{signature::Verifier, Signature, VerifyingKey};
use ring::signature::{RsaPublicKeyComponents, RSA_PKCS1_2048_8192_SHA256};
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::{
    json,
    limits::{KEY_SET_COOLDOWN, KEY_SET_FRESH, MAX_ANSWER_BYTES, MAX_PROVIDER_KEYS},
    wallets::verify_ed25519,
};

/// How a token is signed. Neither `none` nor the symmetric ones are here: whoever knows a public key could sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Rs256, Self::Es256, Self::EdDsa].into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// As RFC 7518 and RFC 8037 write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Key {
    Rs256 { modulus: Vec<u8>, exponent: Vec<u8> },
    Es256(VerifyingKey),
    EdDsa([u8; 32]),
}

impl Key {
    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rs256 { .. } => Algorithm::Rs256,
            Self::Es256(_) => Algorithm::Es256,
            Self::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Self::Es256(key) => Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::EdDsa(key) => {
                signature.try_into().is_ok_and(|signature| verify_ed25519(key, message, signature))
            }
        }
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

impl Jwk {
    /// The key, if it is one that signs tokens by an algorithm known here.
    fn key(&self) -> Option<Key> {
        if self.purpose.as_ref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let decode = |part: &Option<String>| Base64UrlUnpadded::decode_vec(part.as_ref()?).ok();
        let fixed = |part| <[u8; 32]>::try_from(decode(part)?).ok();
        let key = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", None) => Key::Rs256 { modulus: decode(&self.n)?, exponent: decode(&self.e)? },
            ("EC", Some("P-256")) => {
                let point = [&[4][..], &fixed(&self.x)?, &fixed(&self.y)?].concat();
                Key::Es256(VerifyingKey::from_sec1_bytes(&point).ok()?)
            }
            ("OKP", Some("Ed25519")) => Key::EdDsa(fixed(&self.x)?),
            _ => return None,
        };
        // The same key under another algorithm is not meant for ours.
        let fits = self.alg.as_ref().is_none_or(|alg| alg == key.algorithm().name());
        fits.then_some(key)
    }
}

#[derive(Debug)]
struct KeySet {
    asked_at: u64,
    keys: BTreeMap<String, Key>,
}

/// What is known of a key.
pub(crate) enum Found<'a> {
    Key(&'a Key),
    /// Nothing; the provider is to be asked.
    Ask,
    /// The provider was just asked, and has none.
    Unknown,
}

/// The key sets of all providers, by their URL.
#[derive(Debug, Default)]
pub struct KeySets(BTreeMap<String, KeySet>);

impl KeySets {
    pub(crate) fn find(&self, url: &str, id: &str, now: u64) -> Found<'_> {
        let Some(set) = self.0.get(url) else { return Found::Ask };
        let age = now.saturating_sub(set.asked_at);
        match set.keys.get(id) {
            Some(key) if age < KEY_SET_FRESH => Found::Key(key),
            None if age < KEY_SET_COOLDOWN => Found::Unknown,
            _ => Found::Ask,
        }
    }

    /// Takes over a provider's answer. An answer that cannot be read leaves the old set to its time.
    pub(crate) fn insert(&mut self, url: &str, answer: &[u8], now: u64) -> Result<(), String> {
        if answer.len() > MAX_ANSWER_BYTES {
            return Err(format!("the key set at {url} is longer than {MAX_ANSWER_BYTES} bytes"));
        }
        let document: Document =
            json::object(answer).map_err(|error| format!("the key set at {url}: {error}"))?;
        if document.keys.len() > MAX_PROVIDER_KEYS {
            return Err(format!("the key set at {url} has more than {MAX_PROVIDER_KEYS} keys"));
        }
        let mut keys = BTreeMap::new();
        for jwk in document.keys {
            let (Some(key), Some(id)) = (jwk.key(), jwk.kid) else { continue };
            if keys.insert(id.clone(), key).is_some() {
                return Err(format!("the key set at {url} has two keys `{}`", id.escape_default()));
            }
        }
        if keys.is_empty() {
            return Err(format!("the key set at {url} has no key for RS256, ES256 or EdDSA"));
        }
        self.0.insert(url.to_owned(), KeySet { asked_at: now, keys });
        Ok(())
    }
}
