//! Accounts of this chain.

use conclave_primitives::{blake2_256, AccountBytes, AuthMethod, Authorisation};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use schnorrkel::{PublicKey, Signature as SchnorrkelSignature};

use super::verify_ed25519;

pub(super) fn sr25519(text: &str, public: &[u8; 32], signature: &[u8; 64]) -> Option<AuthMethod> {
    // Under the identity, the account of zeros, anybody can sign; the group has no other such key.
    if *public == [0; 32] {
        return None;
    }
    let key = PublicKey::from_bytes(public).ok()?;
    let signature = SchnorrkelSignature::from_bytes(signature).ok()?;
    let verifies = |message: &Vec<u8>| key.verify_simple(b"substrate", message, &signature).is_ok();
    Authorisation::accepted_texts(text).iter().any(verifies).then_some(AuthMethod::Account(*public))
}

pub(super) fn ed25519(text: &str, public: &[u8; 32], signature: &[u8; 64]) -> Option<AuthMethod> {
    let verifies = |message: &Vec<u8>| verify_ed25519(public, message, signature);
    Authorisation::accepted_texts(text).iter().any(verifies).then_some(AuthMethod::Account(*public))
}

pub(super) fn ecdsa(text: &str, account: &AccountBytes, signature: &[u8; 65]) -> Option<AuthMethod> {
    let (v, rs) = signature.split_last()?;
    let id = RecoveryId::from_byte(*v)?;
    let rs = Signature::from_slice(rs).ok()?;
    let signed_by = |message: &Vec<u8>| {
        let key = VerifyingKey::recover_from_prehash(&blake2_256(message), &rs, id).ok()?;
        Some(blake2_256(key.to_sec1_point(true).as_bytes()))
    };
    let of = |message: &Vec<u8>| signed_by(message).as_ref() == Some(account);
    Authorisation::accepted_texts(text).iter().any(of).then_some(AuthMethod::Account(*account))
}
