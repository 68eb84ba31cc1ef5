//! Lit's format, against what Lit's own packages made (tests/vectors/lit-encryption.json).

use base64ct::{Base64, Encoding};
use bls12_381_plus::Scalar;
use conclave_client::{lit, DecryptRoot, DecryptionKey, Error};
use conclave_primitives::DecryptionIdentity;
use serde_json::Value;

use crate::committee::{rng, Committee, GENESIS, KEYSET};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../tests/vectors/lit-encryption.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn committee(vectors: &Value) -> Committee {
    let mut secret: [u8; 32] = bytes(&vectors["secretKey"]).try_into().unwrap();
    secret.reverse();
    Committee::of(Scalar::from_le_bytes(&secret).unwrap())
}

#[test]
fn what_lits_packages_encrypted_should_open() {
    let vectors = vectors();
    let committee = committee(&vectors);
    assert_eq!(committee.public_key().to_vec(), bytes(&vectors["publicKey"]));
    let root = DecryptRoot::new(&bytes(&vectors["publicKey"]), GENESIS, KEYSET).unwrap();
    let cases = vectors["ciphertexts"].as_array().unwrap();
    assert!(cases.len() >= 6);
    for case in cases {
        let (plaintext, condition) = (bytes(&case["plaintext"]), bytes(&case["condition"]));
        let identity = lit::identity(condition.try_into().unwrap(), &plaintext);
        assert_eq!(identity.bytes(), case["identity"].as_str().unwrap().as_bytes());
        // The signature that Lit's `combineSignatureShares` made of shares.
        let key = DecryptionKey::from_bytes(&bytes(&case["signature"]), &root, &identity).unwrap();
        assert_eq!(*lit::decrypt(case["ciphertext"].as_str().unwrap(), &key).unwrap(), plaintext);
        assert_eq!(committee.sign(identity.bytes()).to_vec(), bytes(&case["signature"]));

        // Ours has the same form, length included; tests/e2e/lit decrypts it with Lit's packages.
        let (ciphertext, again) =
            lit::encrypt(&root, *identity.condition(), &plaintext, &mut rng(1)).unwrap();
        assert_eq!((ciphertext.len(), again), (case["ciphertext"].as_str().unwrap().len(), identity));
        assert_eq!(*lit::decrypt(&ciphertext, &key).unwrap(), plaintext);
    }
}

fn flipped(bytes: &[u8], bit: usize) -> String {
    let mut bad = bytes.to_vec();
    bad[bit / 8] ^= 1 << (bit % 8);
    Base64::encode_string(&bad)
}

/// Also bits that Lit's own decryption does not look at.
#[test]
fn every_flipped_bit_should_be_refused() {
    let committee = Committee::new(2, 3, 40);
    // With padding behind the plaintext, and without.
    for plaintext in [&b"short"[..], &[7; 40]] {
        let (ciphertext, identity) =
            lit::encrypt(&committee.root(), [1; 32], plaintext, &mut rng(41)).unwrap();
        let key = committee.decryption_key(&identity);
        assert_eq!(*lit::decrypt(&ciphertext, &key).unwrap(), plaintext);
        let bytes = Base64::decode_vec(&ciphertext).unwrap();
        for bit in 0..bytes.len() * 8 {
            assert!(lit::decrypt(&flipped(&bytes, bit), &key).is_err(), "bit {bit}");
        }
        let mut padding_refused = 0;
        for bit in (bytes.len() - 2) * 8..(bytes.len() - 1) * 8 {
            let error = lit::decrypt(&flipped(&bytes, bit), &key).unwrap_err();
            padding_refused +=
                u32::from(matches!(error, Error::InvalidLitCiphertext { reason: "padding is not zero" }));
        }
        assert_eq!(padding_refused, if plaintext.len() < 31 { 8 } else { 0 });
    }
}

#[test]
fn malformed_ciphertexts_should_be_refused() {
    let committee = Committee::new(2, 3, 42);
    let (good, identity) = lit::encrypt(&committee.root(), [1; 32], b"short", &mut rng(43)).unwrap();
    let key = committee.decryption_key(&identity);
    let bytes = Base64::decode_vec(&good).unwrap();
    let [u, v, w] = [&bytes[..48], &bytes[48..80], &bytes[81..113]];
    let mut infinity = [0; 48];
    infinity[0] = 0xc0;
    for (what, bytes, expected) in [
        ("empty", vec![], "cut off"),
        ("U only", u.to_vec(), "not in serde_bare"),
        ("U at infinity", [&infinity, v, &[32], w, &[2]].concat(), "U is no point"),
        ("W empty", [u, v, &[0, 2]].concat(), "W is shorter than any plaintext"),
        ("W short", [u, v, &[31], &w[..31], &[2]].concat(), "W is shorter than any plaintext"),
        ("a byte behind", [&bytes[..], &[0]].concat(), "not in canonical form"),
        ("a longer length", [u, v, &[0xa0, 0x00], w, &[2]].concat(), "not in serde_bare"),
        ("a huge length", [u, v, &[0xff; 9], &[1], w, &[2]].concat(), "not in serde_bare"),
        ("another scheme", [u, v, &[32], w, &[3]].concat(), "not in serde_bare"),
        ("a byte in W behind", [u, v, &[33], w, &[0], &[2]].concat(), "bytes behind the plaintext"),
    ] {
        match lit::decrypt(&Base64::encode_string(&bytes), &key) {
            Err(Error::InvalidLitCiphertext { reason }) => {
                // Two of the decoders may be the first to refuse a length.
                let either = [expected, "not in canonical form"].contains(&reason);
                assert!(either, "{what}: {reason}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    for text in ["*", good.trim_end_matches('='), &format!("{good}\n"), &good.replace('+', "-")] {
        if text != good {
            assert!(lit::decrypt(text, &key).is_err());
        }
    }
    for scheme in [0, 1] {
        let bytes = [u, v, &[32], w, &[scheme]].concat();
        assert!(matches!(lit::decrypt(&Base64::encode_string(&bytes), &key), Err(Error::KeyRefused)));
    }
}

#[test]
fn keys_of_other_identities_should_be_refused() {
    let committee = Committee::new(2, 3, 44);
    let root = committee.root();
    let (ciphertext, identity) = lit::encrypt(&root, [1; 32], b"a secret", &mut rng(45)).unwrap();
    assert!(lit::decrypt(&ciphertext, &committee.decryption_key(&identity)).is_ok());
    for other in [lit::identity([2; 32], b"a secret"), lit::identity([1; 32], b"A secret")] {
        let error = lit::decrypt(&ciphertext, &committee.decryption_key(&other)).unwrap_err();
        assert!(matches!(error, Error::KeyRefused), "{error}");
    }
    let ours = committee.decryption_key(&root.identity([1; 32], [2; 32]));
    assert!(matches!(lit::decrypt(&ciphertext, &ours), Err(Error::AnotherIdentity)));
    assert!(!ours.identity().bytes().starts_with(b"lit-"));

    // Encrypted to the hash of another plaintext: Lit's packages never do, and here it does not pass for it.
    let claimed = DecryptionIdentity::LitV7 { condition: [1; 32], plaintext: [9; 32] };
    let public = blsful::PublicKey::<blsful::Bls12381G2Impl>::try_from(root.to_bytes().as_slice()).unwrap();
    let scheme = blsful::SignatureSchemes::ProofOfPossession;
    let ciphertext = public.encrypt_time_lock(scheme, b"a secret", claimed.bytes()).unwrap();
    let ciphertext = Base64::encode_string(&Vec::<u8>::try_from(&ciphertext).unwrap());
    let error = lit::decrypt(&ciphertext, &committee.decryption_key(&claimed)).unwrap_err();
    assert!(matches!(error, Error::AnotherPlaintext), "{error}");
}
