//! Schemes and signatures in Lit's names and forms.

use conclave_primitives::Scheme;
use serde_json::{json, Value};

/// Lit's name of each scheme; those that Lit has no name for have ours.
const NAMES: [(&str, Scheme); 10] = [
    ("EcdsaK256Sha256", Scheme::EcdsaSecp256k1),
    ("EcdsaP256Sha256", Scheme::EcdsaSecp256r1),
    ("SchnorrEd25519Sha512", Scheme::Ed25519),
    ("SchnorrK256Sha256", Scheme::SchnorrSecp256k1),
    ("SchnorrK256Taproot", Scheme::Bip340Taproot),
    ("SchnorrRistretto25519Sha512", Scheme::SchnorrRistretto255),
    ("SchnorrkelSubstrate", Scheme::Sr25519),
    ("Bls12381G1ProofOfPossession", Scheme::BlsG2),
    ("schnorr-bip340", Scheme::Bip340),
    ("bls12381-g1", Scheme::BlsG1),
];

/// The scheme of a name, Lit's or ours.
pub(super) fn scheme(name: &str) -> Option<Scheme> {
    let of_lit = NAMES.iter().find(|(known, _)| *known == name).map(|(_, scheme)| *scheme);
    of_lit.or_else(|| name.parse().ok())
}

/// A signature as an action gets it: of ECDSA `{r, s, v}`, r compressed as a point, as Lit has it; of all others
/// `{signature, publicKey}`. Hex; that of ECDSA without `0x`.
pub(super) fn to_json(scheme: Scheme, public_key: &[u8], signature: &[u8]) -> String {
    match (scheme.is_ecdsa(), signature) {
        (true, [rs @ .., v]) if rs.len() == 64 => {
            let (r, s) = rs.split_at(32);
            // The parity of R's y is the lowest bit of v.
            let sign = if v & 1 == 0 { "02" } else { "03" };
            json!({ "r": format!("{sign}{}", hex::encode(r)), "s": hex::encode(s), "v": v }).to_string()
        }
        _ => json!({ "signature": with_0x(signature), "publicKey": with_0x(public_key) }).to_string(),
    }
}

/// The signature in what [`to_json`] made.
pub(super) fn from_json(text: &str) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_str(text).ok()?;
    let bytes = |name: &str| hex::decode(value.get(name)?.as_str()?.trim_start_matches("0x")).ok();
    if let Some(signature) = bytes("signature") {
        return Some(signature);
    }
    let (r, s) = (bytes("r")?, bytes("s")?);
    let v = u8::try_from(value.get("v")?.as_u64()?).ok()?;
    Some([r.get(r.len().checked_sub(32)?..)?, &s, &[v]].concat())
}

pub(super) fn with_0x(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_should_have_one_name_of_lits_or_ours() {
        for scheme_ in Scheme::ALL {
            assert_eq!(NAMES.iter().filter(|(_, of)| *of == scheme_).count(), 1);
            assert_eq!(scheme(scheme_.name()), Some(scheme_));
        }
        assert_eq!(scheme("EcdsaK256Sha256"), Some(Scheme::EcdsaSecp256k1));
        // A scheme of encryption keys, which Lit refuses as well.
        assert_eq!(scheme("Bls12381"), None);
    }

    #[test]
    fn signatures_should_survive_lits_form() {
        let ecdsa: Vec<u8> = (0..64).chain([1]).collect();
        let text = to_json(Scheme::EcdsaSecp256k1, &[2; 33], &ecdsa);
        assert!(text.contains(r#""r":"03000102"#) && text.contains(r#""v":1"#), "{text}");
        assert_eq!(from_json(&text), Some(ecdsa));
        let text = to_json(Scheme::Ed25519, &[2; 32], &[7; 64]);
        assert_eq!(from_json(&text), Some(vec![7; 64]));
        for bad in ["", "{}", r#"{"r":"00","s":"","v":0}"#, r#"{"signature":"0x0"}"#] {
            assert_eq!(from_json(bad), None, "{bad}");
        }
    }
}
