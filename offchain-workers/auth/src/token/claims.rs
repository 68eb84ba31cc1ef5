//! A token's parts.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;

use super::{
    key_set::{Algorithm, Key},
    TokenError,
};
use crate::json;

/// Every member of a header that changes how the token is to be checked is unknown here, and refused: `crit`, `b64`, and
/// keys or places of keys that the token brings along (`jwk`, `jku`, `x5u`, `x5c`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    alg: String,
    pub(crate) kid: String,
    #[serde(default)]
    typ: Option<String>,
    /// Thumbprints say nothing that the key id does not.
    #[serde(default, rename = "x5t")]
    _thumbprint: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    aud: Audiences,
    #[serde(default)]
    azp: Option<String>,
    pub(crate) exp: u64,
    pub(crate) iat: u64,
    #[serde(default)]
    pub(crate) nbf: Option<u64>,
    #[serde(default)]
    pub(crate) nonce: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Audiences {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// The client that the token is for: one, also where the claim is a list, and the one that asked for it.
    pub(crate) fn audience(&self) -> Result<&str, TokenError> {
        let refused = |why: &str| Err(TokenError::Claims(why.to_owned()));
        let audience = match &self.aud {
            Audiences::One(audience) => audience,
            Audiences::Several(audiences) => match audiences.as_slice() {
                [audience] => audience,
                _ => return refused("`aud` names another number of clients than one"),
            },
        };
        if self.azp.as_ref().is_some_and(|azp| azp != audience) {
            return refused("`azp` is another client than `aud`");
        }
        if audience.is_empty() || self.sub.is_empty() || self.iss.is_empty() {
            return refused("`iss`, `sub` or `aud` is empty");
        }
        Ok(audience)
    }
}

/// A token before its signature is checked.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) header: Header,
    pub(crate) claims: Claims,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Token {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, TokenError> {
        let text = core::str::from_utf8(bytes).map_err(|_| TokenError::Form)?;
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Form);
        };
        let decode = |part: &str| Base64UrlUnpadded::decode_vec(part).map_err(|_| TokenError::Form);
        let signed = format!("{header}.{claims}").into_bytes();
        let (header, claims, signature) = (decode(header)?, decode(claims)?, decode(signature)?);
        let header: Header = json::object(&header).map_err(|error| TokenError::Header(error.to_string()))?;
        if Algorithm::named(&header.alg).is_none() {
            return Err(TokenError::Algorithm(header.alg));
        }
        if header.typ.as_ref().is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Err(TokenError::Header("`typ` is not JWT".into()));
        }
        let claims: Claims = json::object(&claims).map_err(|error| TokenError::Claims(error.to_string()))?;
        Ok(Self { header, claims, signed, signature })
    }

    pub(crate) fn verify(&self, key: &Key) -> Result<(), TokenError> {
        let expected = key.algorithm();
        if Algorithm::named(&self.header.alg) != Some(expected) {
            return Err(TokenError::OtherAlgorithm {
                key: self.header.kid.clone(),
                expected: expected.name().into(),
                got: self.header.alg.clone(),
            });
        }
        if key.verifies(&self.signed, &self.signature) {
            Ok(())
        } else {
            Err(TokenError::Signature)
        }
    }
}

/// What a token claims, unverified: for a client that wants to know its auth method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedToken {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// `sub`.
    pub subject: String,
}

/// Reads a token without verifying anything.
pub fn read_unverified(bytes: &[u8]) -> Result<UnverifiedToken, TokenError> {
    let claims = Token::parse(bytes)?.claims;
    let audience = claims.audience()?.to_owned();
    Ok(UnverifiedToken { issuer: claims.iss, audience, subject: claims.sub })
}
