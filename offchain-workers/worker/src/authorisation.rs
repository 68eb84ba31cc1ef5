//! Whether a signature over a request's text is the signer's.

use conclave_primitives::{blake2_256, Authorisation};
use conclave_schemes::anybody_can_sign_for;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest, Keccak256};
use sp_core::{ecdsa, sr25519, Pair};

/// Verifies `authorisation` over `text`.
pub fn verify_authorisation(text: &str, authorisation: &Authorisation) -> bool {
    match authorisation {
        Authorisation::Eip191 { address, signature } => {
            recover_address(text.as_bytes(), signature) == Some(*address)
        }
        _ => Authorisation::accepted_texts(text).iter().any(|message| verify_account(message, authorisation)),
    }
}

fn verify_account(message: &[u8], authorisation: &Authorisation) -> bool {
    match authorisation {
        Authorisation::Sr25519 { public, signature } => {
            !anybody_can_sign_for(public)
                && sr25519::Pair::verify(&(*signature).into(), message, &sr25519::Public::from_raw(*public))
        }
        // Strictly: sp-core's (ZIP-215) takes keys of small order, for which anybody can sign, and encodings of R that are
        // not canonical.
        Authorisation::Ed25519 { public, signature } => ed25519_dalek::VerifyingKey::from_bytes(public)
            .and_then(|key| key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)))
            .is_ok(),
        Authorisation::Ecdsa { account, signature } => ecdsa::Signature::from_raw(*signature)
            .recover(message)
            .is_some_and(|public| blake2_256(public.as_ref()) == *account),
        Authorisation::Eip191 { .. } => false,
    }
}

/// The address that signed `message` with `personal_sign` (EIP-191, version 0x45).
fn recover_address(message: &[u8], signature: &[u8; 65]) -> Option<[u8; 20]> {
    let (v, rs) = signature.split_last()?;
    let recovery_id =
        RecoveryId::from_byte(v.checked_sub(27).unwrap_or(*v)).filter(|id| !id.is_x_reduced())?;
    let mut prefixed = format!("\x19Ethereum Signed Message:\n{}", message.len()).into_bytes();
    prefixed.extend_from_slice(message);
    let signature = Signature::from_slice(rs).ok()?;
    let key = VerifyingKey::recover_from_prehash(&keccak_256(&prefixed), &signature, recovery_id).ok()?;
    let point = key.to_sec1_point(false);
    keccak_256(point.as_bytes().get(1..)?).get(12..)?.try_into().ok()
}

fn keccak_256(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substrate_signatures_should_verify_raw_and_wrapped() {
        let pair = sr25519::Pair::from_seed(&[1; 32]);
        for message in [b"text".to_vec(), b"<Bytes>text</Bytes>".to_vec()] {
            let authorisation =
                Authorisation::Sr25519 { public: pair.public().0, signature: pair.sign(&message).0 };
            assert!(verify_authorisation("text", &authorisation));
            assert!(!verify_authorisation("other", &authorisation));
        }
        let pair = ecdsa::Pair::from_seed(&[2; 32]);
        let account = blake2_256(pair.public().as_ref());
        let authorisation = Authorisation::Ecdsa { account, signature: pair.sign(b"text").0 };
        assert!(verify_authorisation("text", &authorisation));
        assert!(!verify_authorisation(
            "text",
            &Authorisation::Ecdsa { account: [0; 32], signature: pair.sign(b"text").0 }
        ));
    }

    /// ethers.js documentation: `signMessage("hello world")` by the wallet of private key 0x01…01 is
    /// recovered to its address.
    #[test]
    fn eip191_signatures_should_recover_the_address() {
        let key = k256::ecdsa::SigningKey::from_slice(&[1; 32]).expect("scalar");
        let message = b"hello world";
        let digest = keccak_256(b"\x19Ethereum Signed Message:\n11hello world");
        let (signature, id) = key.sign_prehash_recoverable(&digest);
        let mut bytes = [0u8; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + id.to_byte();
        // The well-known address of that private key.
        let address = [
            0x1a, 0x64, 0x2f, 0x0e, 0x3c, 0x3a, 0xf5, 0x45, 0xe7, 0xac, 0xbd, 0x38, 0xb0, 0x72, 0x51, 0xb3,
            0x99, 0x09, 0x14, 0xf1,
        ];
        assert_eq!(recover_address(message, &bytes), Some(address));
        bytes[64] = 29;
        assert_eq!(recover_address(message, &bytes), None);
    }

    /// The identity as key and as R, s = 0: by the equation it signs any message.
    #[test]
    fn a_key_for_which_anybody_can_sign_should_authorise_nothing() {
        let (mut public, mut signature) = ([0; 32], [0; 64]);
        (public[0], signature[0]) = (1, 1);
        let forged = sp_core::ed25519::Pair::verify(&signature.into(), "text", &public.into());
        assert!(forged, "sp-core refuses it by itself");
        assert!(!verify_authorisation("text", &Authorisation::Ed25519 { public, signature }));

        let (public, mut signature) = ([0; 32], [0; 64]);
        // schnorrkel's mark.
        signature[63] = 0x80;
        let forged = sr25519::Pair::verify(&signature.into(), "text", &public.into());
        assert!(forged, "sp-core refuses it by itself");
        assert!(!verify_authorisation("text", &Authorisation::Sr25519 { public, signature }));
    }

    /// Project Wycheproof's vectors (tests/vectors/README.md), as far as their messages are texts.
    #[test]
    fn ed25519_should_verify_as_wycheproof_says() {
        let json = include_str!("../../../tests/vectors/wycheproof-ed25519.json");
        let file: serde_json::Value = serde_json::from_str(json).expect("JSON");
        let bytes = |value: &serde_json::Value| hex::decode(value.as_str().expect("text")).expect("hex");
        let (mut valid, mut invalid) = (0, 0);
        for group in file["groups"].as_array().expect("groups") {
            let public = bytes(&group["key"]).try_into().expect("32 bytes");
            for test in group["tests"].as_array().expect("tests") {
                // Of another length than 64 a signature does not even decode.
                let Ok(signature) = bytes(&test["sig"]).try_into() else { continue };
                let Ok(text) = String::from_utf8(bytes(&test["msg"])) else { continue };
                let verified = verify_authorisation(&text, &Authorisation::Ed25519 { public, signature });
                assert_eq!(verified, test["result"] == "valid", "vector {}", test["tcId"]);
                *if verified { &mut valid } else { &mut invalid } += 1;
            }
        }
        assert!(valid > 10 && invalid > 10, "{valid} valid, {invalid} invalid");
    }
}
