//! Project Wycheproof's vectors (tests/vectors/README.md) against what the worker verifies signatures with.

use bls12_381_plus::{elliptic_curve_013::hash2curve::ExpandMsgXmd, G2Projective};
use conclave_primitives::Scheme;
use conclave_protocols::verify;
use group::GroupEncoding;
use serde_json::Value;
use sha2_010::{Digest, Sha256};

struct Vector {
    id: u64,
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    valid: bool,
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn vectors(json: &str) -> Vec<Vector> {
    let file: Value = serde_json::from_str(json).unwrap();
    let groups = file["groups"].as_array().unwrap();
    let of_group = |group: &Value| {
        let key = bytes(&group["key"]);
        let vector = |test: &Value| Vector {
            id: test["tcId"].as_u64().unwrap(),
            key: key.clone(),
            message: bytes(&test["msg"]),
            signature: bytes(&test["sig"]),
            valid: match test["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                other => panic!("{other}"),
            },
        };
        group["tests"].as_array().unwrap().iter().map(vector).collect::<Vec<_>>()
    };
    groups.iter().flat_map(of_group).collect()
}

/// Ours have low s and the parity of the nonce's point, which vectors have not: a valid one verifies under one parity once s
/// is low, and never while it is high. `normalise` makes s low, if r and s are in range.
fn check_ecdsa(scheme: Scheme, json: &str, count: usize, normalise: fn(&[u8]) -> Option<Vec<u8>>) {
    let vectors = vectors(json);
    assert_eq!(vectors.len(), count);
    let (mut verified, mut high) = (0, 0);
    for Vector { id, key, message, signature, valid } in vectors {
        let (x, y) = key[1..].split_at(32);
        let key = [&[2 + (y[31] & 1)][..], x].concat();
        let digest = Sha256::digest(&message);
        let verifies = |signature: &[u8]| {
            (0..=255u8).filter(|v| verify(scheme, &key, &digest, &[signature, &[*v]].concat())).count()
        };
        let low = normalise(&signature);
        assert_eq!(low.as_ref().map_or(0, |low| verifies(low)), usize::from(valid), "vector {id}");
        if low.as_deref() == Some(&signature) {
            verified += usize::from(valid);
        } else {
            assert_eq!(verifies(&signature), 0, "vector {id}: s is high or out of range");
            high += usize::from(valid);
        }
    }
    assert!(verified > 50 && high > 50, "{verified} with low s, {high} with high s");
}

#[test]
fn ecdsa_secp256k1_should_verify_as_wycheproof_says() {
    let json = include_str!("../../../../tests/vectors/wycheproof-ecdsa-secp256k1.json");
    check_ecdsa(Scheme::EcdsaSecp256k1, json, 252, |signature| {
        let signature = k256::ecdsa::Signature::from_slice(signature).ok()?;
        Some(signature.normalize_s().to_bytes().to_vec())
    });
}

#[test]
fn ecdsa_secp256r1_should_verify_as_wycheproof_says() {
    let json = include_str!("../../../../tests/vectors/wycheproof-ecdsa-secp256r1.json");
    check_ecdsa(Scheme::EcdsaSecp256r1, json, 262, |signature| {
        let signature = p256::ecdsa::Signature::from_slice(signature).ok()?;
        Some(signature.normalize_s().to_bytes().to_vec())
    });
}

fn check(scheme: Scheme, json: &str, count: usize) {
    let vectors = vectors(json);
    assert_eq!(vectors.len(), count);
    for Vector { id, key, message, signature, valid } in vectors {
        assert_eq!(verify(scheme, &key, &message, &signature), valid, "vector {id}");
    }
}

#[test]
fn ed25519_should_verify_as_wycheproof_says() {
    check(Scheme::Ed25519, include_str!("../../../../tests/vectors/wycheproof-ed25519.json"), 151);
}

#[test]
fn bls_should_verify_as_wycheproof_says() {
    check(Scheme::BlsG2, include_str!("../../../../tests/vectors/wycheproof-bls-g2-pop.json"), 26);
}

/// RFC 9380, `BLS12381G2_XMD:SHA-256_SSWU_RO_`: what messages are hashed with before they are signed.
#[test]
fn hash_to_g2_should_match_the_vectors() {
    let json = include_str!("../../../../tests/vectors/wycheproof-bls-hash-to-g2.json");
    let file: Value = serde_json::from_str(json).unwrap();
    let tests = file["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 34);
    for test in tests {
        let dst = file["dst"].as_str().unwrap().as_bytes();
        let point = G2Projective::hash::<ExpandMsgXmd<Sha256>>(&bytes(&test["msg"]), dst);
        assert_eq!(point.to_bytes().as_ref(), bytes(&test["expected"]), "vector {}", test["tcId"]);
    }
}
