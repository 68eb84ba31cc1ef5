//! Public keys as the web has them, and RSA.

use super::{take_prefixed, verdict};
use crate::vm::Answer;
use ring::signature::{
    RsaParameters, RsaPublicKeyComponents, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
};
use serde_json::json;
use spki::{
    der::{asn1::UintRef, Decode, Reader, SliceReader},
    ObjectIdentifier, SubjectPublicKeyInfoRef,
};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const K256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.10");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// RFC 7518's names; keys have 2,048 bits at least.
fn parameters(algorithm: &[u8]) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        b"RS256" => &RSA_PKCS1_2048_8192_SHA256,
        b"RS384" => &RSA_PKCS1_2048_8192_SHA384,
        b"RS512" => &RSA_PKCS1_2048_8192_SHA512,
        b"PS256" => &RSA_PSS_2048_8192_SHA256,
        b"PS384" => &RSA_PSS_2048_8192_SHA384,
        b"PS512" => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

pub(super) fn rsa_verify(mut argument: &[u8]) -> Answer {
    let parameters = parameters(take_prefixed(&mut argument)?).ok_or("no algorithm of RSA")?;
    let n = take_prefixed(&mut argument)?;
    let e = take_prefixed(&mut argument)?;
    let signature = take_prefixed(&mut argument)?;
    verdict(RsaPublicKeyComponents { n, e }.verify(parameters, argument, signature).is_ok())
}

/// RFC 5280's SubjectPublicKeyInfo, as `{curve, point}` or `{n, e}` in hex.
pub(super) fn public_key(der: &[u8]) -> Answer {
    let wrong = |error: spki::der::Error| format!("not a public key in DER: {error}");
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(wrong)?;
    let bits = info.subject_public_key.as_bytes().ok_or("not a public key in DER: odd bits")?;
    let curve = match info.algorithm.oid {
        RSA => {
            let mut reader = SliceReader::new(bits).map_err(wrong)?;
            let both = |inner: &mut SliceReader<'_>| -> spki::der::Result<_> {
                Ok(json!({
                    "n": hex::encode(UintRef::decode(inner)?.as_bytes()),
                    "e": hex::encode(UintRef::decode(inner)?.as_bytes()),
                }))
            };
            let key = reader.sequence(both).map_err(wrong)?;
            return Ok(key.to_string().into_bytes());
        }
        ED25519 => "Ed25519",
        EC => match info.algorithm.parameters_oid() {
            Ok(P256) => "P-256",
            Ok(K256) => "K-256",
            _ => return Err("a public key on a curve that is not supported".into()),
        },
        _ => return Err("a public key of an algorithm that is not supported".into()),
    };
    Ok(json!({ "curve": curve, "point": hex::encode(bits) }).to_string().into_bytes())
}
