//! Signed condition tokens: the committee's word that somebody met a condition, for whoever holds its public key. A
//! JSON Web Token (RFC 7519) by BLS, in the form of Lit's `getSignedToken`, payload version 2:
//!
//! `base64url({"alg":"BLS12-381","typ":"JWT"}) . base64url(payload) . base64url(signature)`
//!
//! The signature is the proof-of-possession ciphersuite's in G2, over the first two parts with the dot. The key that
//! signs tokens is never a Decrypt root: what that signs are decryption keys.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use blsful::{Bls12381G2Impl, PublicKey, Signature};
use conclave_vss::{decode_point, Bls12381G1, Bls12381G2};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Error;

/// The one header: an algorithm is not for a token to choose.
const HEADER: &str = r#"{"alg":"BLS12-381","typ":"JWT"}"#;
/// By how much the clocks of committee and verifier may differ, in seconds. Lit's.
pub const CLOCK_LEEWAY: u64 = 180;
/// The longest a token may be valid, in seconds: Lit's twelve hours and leeway.
pub const MAX_LIFETIME: u64 = 12 * 60 * 60 + 2 * CLOCK_LEEWAY;
/// The longest token that is looked at.
pub const MAX_TOKEN_BYTES: usize = 256 * 1024;

/// What was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenConditions {
    /// The hash of a condition of ours.
    Hash([u8; 32]),
    /// Lit's conditions, as JSON: hash them canonically and compare.
    Lit {
        /// Which of Lit's four kinds.
        kind: LitKind,
        /// The array.
        json: String,
    },
}

/// Lit's kinds of conditions, by the fields that have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LitKind {
    /// `accessControlConditions`.
    AccessControl,
    /// `evmContractConditions`.
    EvmContract,
    /// `solRpcConditions`.
    SolRpc,
    /// `unifiedAccessControlConditions`.
    Unified,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who says it: `LIT`, or a name of the committee's chain.
    pub issuer: String,
    /// Who met the conditions: an address.
    pub subject: String,
    /// On which chain the subject is.
    pub chain: String,
    /// Since when, in seconds since 1970.
    pub issued_at: u64,
    /// Until when, in seconds since 1970.
    pub expires_at: u64,
    /// What was met.
    pub conditions: TokenConditions,
}

/// The payload, its fields in their order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Payload {
    iss: String,
    sub: String,
    chain: String,
    iat: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_control_conditions: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evm_contract_conditions: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sol_rpc_conditions: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unified_access_control_conditions: Option<Box<RawValue>>,
}

impl Claims {
    fn payload(&self) -> Result<Payload, Error> {
        let mut payload = Payload {
            iss: self.issuer.clone(),
            sub: self.subject.clone(),
            chain: self.chain.clone(),
            iat: self.issued_at,
            exp: self.expires_at,
            condition_hash: None,
            access_control_conditions: None,
            evm_contract_conditions: None,
            sol_rpc_conditions: None,
            unified_access_control_conditions: None,
        };
        match &self.conditions {
            TokenConditions::Hash(hash) => payload.condition_hash = Some(hex::encode(hash)),
            TokenConditions::Lit { kind, json } => {
                let json = RawValue::from_string(json.clone())
                    .map_err(|_| Error::InvalidToken { reason: "conditions are not JSON" })?;
                *match kind {
                    LitKind::AccessControl => &mut payload.access_control_conditions,
                    LitKind::EvmContract => &mut payload.evm_contract_conditions,
                    LitKind::SolRpc => &mut payload.sol_rpc_conditions,
                    LitKind::Unified => &mut payload.unified_access_control_conditions,
                } = Some(json);
            }
        }
        Ok(payload)
    }

    fn from_payload(payload: Payload) -> Result<Self, Error> {
        let lit = |kind, json: Option<Box<RawValue>>| {
            json.map(|json| TokenConditions::Lit { kind, json: json.get().to_owned() })
        };
        let hash = payload.condition_hash.map(|text| condition_hash(&text)).transpose()?;
        let mut given = [
            hash.map(TokenConditions::Hash),
            lit(LitKind::AccessControl, payload.access_control_conditions),
            lit(LitKind::EvmContract, payload.evm_contract_conditions),
            lit(LitKind::SolRpc, payload.sol_rpc_conditions),
            lit(LitKind::Unified, payload.unified_access_control_conditions),
        ]
        .into_iter()
        .flatten();
        let (Some(conditions), None) = (given.next(), given.next()) else {
            return Err(Error::InvalidToken { reason: "not one kind of conditions" });
        };
        Ok(Self {
            issuer: payload.iss,
            subject: payload.sub,
            chain: payload.chain,
            issued_at: payload.iat,
            expires_at: payload.exp,
            conditions,
        })
    }
}

/// 64 lower-case hexadecimal digits.
fn condition_hash(text: &str) -> Result<[u8; 32], Error> {
    let mut hash = [0; 32];
    let decoded = hex::decode_to_slice(text, &mut hash);
    if decoded.is_err() || hex::encode(hash) != text {
        return Err(Error::InvalidToken { reason: "conditionHash is no hash" });
    }
    Ok(hash)
}

/// The bytes that the committee signs: the first two parts, with the dot.
pub fn bytes_to_sign(claims: &Claims) -> Result<String, Error> {
    let payload = serde_json::to_string(&claims.payload()?)
        .map_err(|_| Error::InvalidToken { reason: "claims are not JSON" })?;
    let encode = |part: &str| Base64UrlUnpadded::encode_string(part.as_bytes());
    Ok([encode(HEADER), encode(&payload)].join("."))
}

/// The token, from the bytes that were signed and the signature, 96 bytes.
pub fn with_signature(bytes_to_sign: &str, signature: &[u8]) -> String {
    [bytes_to_sign, &Base64UrlUnpadded::encode_string(signature)].join(".")
}

/// base64url, or what Lit's packages of version 7 take for it: base64 in which only the first `+` and the first `/` are
/// replaced (`base64ToBase64UrlPad` of @lit-protocol/uint8arrays 7.4.0). Nothing else, so that a token has one text.
fn decode_signature(part: &str) -> Result<Vec<u8>, Error> {
    let invalid = Error::InvalidToken { reason: "signature is not base64url" };
    let Ok(bytes) = Base64UrlUnpadded::decode_vec(&part.replace('+', "-").replace('/', "_")) else {
        return Err(invalid);
    };
    let lits = Base64::encode_string(&bytes).replacen('+', "-", 1).replacen('/', "_", 1);
    if part == Base64UrlUnpadded::encode_string(&bytes) || part == lits.trim_end_matches('=') {
        Ok(bytes)
    } else {
        Err(invalid)
    }
}

/// Verifies a token at `now`, in seconds since 1970: by `public_key` (48 bytes in G1; know it from elsewhere), from
/// `issuer`, in its time, and for conditions that `expected` recognises. Only then are the claims true.
pub fn verify(
    token: &str,
    public_key: &[u8],
    issuer: &str,
    now: u64,
    expected: impl FnOnce(&TokenConditions) -> bool,
) -> Result<Claims, Error> {
    let invalid = |reason| Error::InvalidToken { reason };
    if token.len() > MAX_TOKEN_BYTES {
        return Err(invalid("too long"));
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(invalid("not three parts"))?;
    let (header, payload) = signed.split_once('.').ok_or(invalid("not three parts"))?;
    if payload.contains('.') {
        return Err(invalid("not three parts"));
    }
    let decode = |part| Base64UrlUnpadded::decode_vec(part).map_err(|_| invalid("not base64url"));
    if decode(header)? != HEADER.as_bytes() {
        return Err(invalid("another header"));
    }
    let key = decode_point::<Bls12381G1>(public_key)
        .map_err(|_| Error::InvalidPoint { field: "the public key" })?;
    let point = decode_point::<Bls12381G2>(&decode_signature(signature)?)
        .map_err(|_| Error::InvalidPoint { field: "the token's signature" })?;
    Signature::<Bls12381G2Impl>::ProofOfPossession(point)
        .verify(&PublicKey(key), signed)
        .map_err(|_| Error::TokenSignature)?;

    let payload = String::from_utf8(decode(payload)?).map_err(|_| invalid("payload is not UTF-8"))?;
    // Strict: no unknown fields, none twice.
    let payload = serde_json::from_str(&payload).map_err(|_| invalid("not the payload of a token"))?;
    let claims = Claims::from_payload(payload)?;
    if claims.issuer != issuer {
        return Err(invalid("another issuer"));
    }
    let (from, until) = (claims.issued_at, claims.expires_at);
    if until.checked_sub(from).is_none_or(|lifetime| lifetime > MAX_LIFETIME) {
        return Err(invalid("valid for too long, or never"));
    }
    if now.saturating_add(CLOCK_LEEWAY) < from || now >= until {
        return Err(Error::TokenTime { from, until, now });
    }
    if !expected(&claims.conditions) {
        return Err(Error::TokenConditions);
    }
    Ok(claims)
}
