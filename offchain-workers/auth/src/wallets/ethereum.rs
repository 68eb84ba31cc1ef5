//! Ethereum wallets with a key.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest, Keccak256};

/// The digest that `personal_sign` signs (EIP-191, version 0x45).
pub fn eip191_digest(message: &[u8]) -> [u8; 32] {
    Keccak256::new()
        .chain_update(format!("\x19Ethereum Signed Message:\n{}", message.len()))
        .chain_update(message)
        .finalize()
        .into()
}

/// The address that signed `message` with `personal_sign`. A signature with a high s, of which anybody can make a second
/// one, is refused (EIP-2).
pub(crate) fn recover_address(message: &[u8], signature: &[u8; 65]) -> Option<[u8; 20]> {
    let (v, rs) = signature.split_last()?;
    let recovery_id =
        RecoveryId::from_byte(v.checked_sub(27).unwrap_or(*v)).filter(|id| !id.is_x_reduced())?;
    let signature = Signature::from_slice(rs).ok()?;
    if signature.normalize_s() != signature {
        return None;
    }
    let digest = eip191_digest(message);
    let key = VerifyingKey::recover_from_prehash(&digest, &signature, recovery_id).ok()?;
    let point = key.to_sec1_point(false);
    keccak_256(point.as_bytes().get(1..)?).get(12..)?.try_into().ok()
}

/// An address with the checksum of EIP-55.
pub fn checksum_address(address: &[u8; 20]) -> String {
    let digits = hex::encode(address);
    let hash = keccak_256(digits.as_bytes());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let cased = digits.chars().zip(nibbles).map(|(digit, nibble)| match nibble {
        8.. => digit.to_ascii_uppercase(),
        _ => digit,
    });
    "0x".chars().chain(cased).collect()
}

pub(crate) fn keccak_256(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}
