//! Whether a signature over a request's text is the signer's.

use conclave_primitives::{blake2_256, Authorisation};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest, Keccak256};
use sp_core::{ecdsa, ed25519, sr25519, Pair};

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
            sr25519::Pair::verify(&(*signature).into(), message, &sr25519::Public::from_raw(*public))
        }
        Authorisation::Ed25519 { public, signature } => {
            ed25519::Pair::verify(&(*signature).into(), message, &ed25519::Public::from_raw(*public))
        }
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
}
