//! Public keys of passkeys as authenticators write them (COSE, RFC 9052 and 9053), for whoever permits one.

use ciborium::Value;
use conclave_primitives::CredentialKey;

use super::PasskeyError;

/// A map of integers to integers and bytes is flat.
const DEPTH: usize = 4;

/// The key in a COSE key for ES256 or EdDSA: exactly the members of such a key, nothing behind.
pub fn credential_key(mut cose: &[u8]) -> Result<CredentialKey, PasskeyError> {
    let refused = |why: &str| PasskeyError::Key(why.to_owned());
    let value: Value = ciborium::de::from_reader_with_recursion_limit(&mut cose, DEPTH)
        .map_err(|_| refused("it is not CBOR"))?;
    if !cose.is_empty() {
        return Err(refused("something follows it"));
    }
    let members = value.into_map().map_err(|_| refused("it is not a map"))?;
    let mut labels = Vec::with_capacity(members.len());
    for (label, _) in &members {
        let label = label.as_integer().and_then(|label| i64::try_from(label).ok());
        let label = label.ok_or_else(|| refused("a label is not a small number"))?;
        if labels.contains(&label) {
            return Err(refused("a label is there twice"));
        }
        labels.push(label);
    }
    let member =
        |label: i64| labels.iter().zip(&members).find(|(of, _)| **of == label).map(|(_, (_, value))| value);
    let number =
        |label| member(label).and_then(Value::as_integer).and_then(|value| i64::try_from(value).ok());
    let coordinate = |label| -> Result<[u8; 32], PasskeyError> {
        let bytes = member(label).and_then(Value::as_bytes);
        bytes
            .and_then(|bytes| bytes.as_slice().try_into().ok())
            .ok_or_else(|| refused("a coordinate has not 32 bytes"))
    };
    let mut known = labels.clone();
    known.sort_unstable();
    // kty, alg, crv.
    match (number(1), number(3), number(-1)) {
        (Some(2), Some(-7), Some(1)) if known == [-3, -2, -1, 1, 3] => {
            let (x, y) = (coordinate(-2)?, coordinate(-3)?);
            let point = [&[4][..], &x, &y].concat();
            let key =
                p256::PublicKey::from_sec1_bytes(&point).map_err(|_| refused("the point is not on P-256"))?;
            let compressed = p256::Sec1Point::from(key).compress();
            let bytes = compressed.as_bytes().try_into().map_err(|_| refused("the point is not on P-256"))?;
            Ok(CredentialKey::Es256(bytes))
        }
        (Some(1), Some(-8), Some(6)) if known == [-2, -1, 1, 3] => {
            let key = coordinate(-2)?;
            // A key of small order would sign for anybody.
            match ed25519_dalek::VerifyingKey::from_bytes(&key) {
                Ok(point) if !point.is_weak() => Ok(CredentialKey::EdDsa(key)),
                _ => Err(refused("the point is not on Ed25519, or is weak")),
            }
        }
        _ => Err(refused("it is of another algorithm, or has other members")),
    }
}
