//! RSASSA-PSS (RFC 8017, 8.1.2) as AMD uses it: 4096-bit moduli, e = 65537, SHA-384, MGF1 with SHA-384, salt of 48
//! bytes. Verification only: everything is public, and nothing needs constant time.

use crypto_bigint::{
    modular::{FixedMontyForm, FixedMontyParams},
    Odd, U4096,
};
use sha2::{Digest, Sha384};

/// Bytes of a modulus and of a signature.
pub const MODULUS_BYTES: usize = 512;
/// An RSA modulus, big endian.
pub type Modulus = [u8; MODULUS_BYTES];

const HASH_BYTES: usize = 48;
const SALT_BYTES: usize = 48;
const DB_BYTES: usize = MODULUS_BYTES - HASH_BYTES - 1;
const TRAILER: u8 = 0xbc;

/// Whether a number can be a modulus here: odd, and of 4096 bits exactly.
pub(crate) const fn is_modulus(modulus: &Modulus) -> bool {
    modulus[0] & 0x80 != 0 && modulus[MODULUS_BYTES - 1] & 1 == 1
}

/// Whether `signature` is that of `message` under `modulus`.
pub(crate) fn verify(modulus: &Modulus, message: &[u8], signature: &[u8; MODULUS_BYTES]) -> bool {
    recover(modulus, signature).is_some_and(|encoded| encodes(&encoded, &Sha384::digest(message).into()))
}

/// RSAVP1 (5.2.2): signature^65537 mod modulus.
fn recover(modulus: &Modulus, signature: &[u8; MODULUS_BYTES]) -> Option<[u8; MODULUS_BYTES]> {
    if !is_modulus(modulus) {
        return None;
    }
    let modulus = Odd::new(U4096::from_be_slice(modulus)).into_option()?;
    let signature = U4096::from_be_slice(signature);
    if signature >= *modulus.as_ref() {
        return None;
    }
    let parameters = FixedMontyParams::new_vartime(modulus);
    let base = FixedMontyForm::new(&signature, &parameters);
    // 65537 = 2^16 + 1.
    let power = (0..16).fold(base, |power, _| power.square());
    let mut encoded = [0; MODULUS_BYTES];
    encoded.copy_from_slice(power.mul(&base).retrieve().to_be_bytes().as_ref());
    Some(encoded)
}

/// EMSA-PSS-VERIFY (9.1.2) with emBits = 4095: EM = maskedDB ‖ H ‖ 0xbc.
fn encodes(encoded: &[u8; MODULUS_BYTES], message_hash: &[u8; HASH_BYTES]) -> bool {
    let (masked, rest) = encoded.split_at(DB_BYTES);
    let Some((hash, [TRAILER])) = rest.split_at_checked(HASH_BYTES) else { return false };
    // The highest of 8 · emLen - emBits = 1 bits is zero.
    if masked.first().is_none_or(|byte| byte & 0x80 != 0) {
        return false;
    }
    let mut db = [0; DB_BYTES];
    db.copy_from_slice(masked);
    unmask(&mut db, hash);
    db[0] &= 0x7f;
    let (padding, salt) = db.split_at(DB_BYTES - SALT_BYTES);
    let Some((1, zeros)) = padding.split_last().map(|(last, zeros)| (*last, zeros)) else { return false };
    let mut hasher = Sha384::new();
    hasher.update([0; 8]);
    hasher.update(message_hash);
    hasher.update(salt);
    zeros.iter().all(|byte| *byte == 0) && hasher.finalize()[..] == *hash
}

/// MGF1 (B.2.1) with SHA-384, xored onto `db`.
fn unmask(db: &mut [u8; DB_BYTES], seed: &[u8]) {
    for (counter, block) in (0u32..).zip(db.chunks_mut(HASH_BYTES)) {
        let mask = Sha384::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        block.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}
