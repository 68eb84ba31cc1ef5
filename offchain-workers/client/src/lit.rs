//! Data in Lit Protocol's format: what the packages @lit-protocol/encryption and @lit-protocol/crypto, version 7, make
//! is decrypted here, and the reverse, to the byte.
//!
//! A ciphertext is the base64 of blsful's `TimeCryptCiphertext` in serde_bare: U (48) ‖ V (32) ‖ length of W (varint) ‖
//! W ‖ 2 (the proof-of-possession scheme). W is the plaintext with its length before it, padded with zeros to 32 bytes.
//! Lit's own decryption takes any padding and anything behind the plaintext; here both are refused, as are other
//! encodings of the same, so that no bit can be changed unnoticed.
//!
//! Mind what Lit's identity tells: it has the plaintext's SHA-256. And its one pass encrypts data as a whole: for large
//! data [`encrypt`](crate::encrypt) is better.

use base64ct::{Base64, Encoding};
use blsful::{Bls12381G2Impl, BlsTimeCrypt, Pairing};
use conclave_primitives::{DecryptionIdentity, G1_BYTES};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    identity_encryption::{self, decode_u, Ciphertext},
    DecryptRoot, DecryptionKey, Error,
};

/// To how many bytes a plaintext is padded, its length included.
const PADDED_BYTES: usize = 32;

/// The identity of a plaintext under the condition whose canonical JSON has this SHA-256.
pub fn identity(condition: [u8; 32], plaintext: &[u8]) -> DecryptionIdentity {
    DecryptionIdentity::LitV7 { condition, plaintext: Sha256::digest(plaintext).into() }
}

/// Encrypts as Lit's `encrypt`: the ciphertext in base64, and its identity, in which is `dataToEncryptHash`.
pub fn encrypt(
    root: &DecryptRoot,
    condition: [u8; 32],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<(String, DecryptionIdentity), Error> {
    let identity = identity(condition, plaintext);
    let ciphertext = identity_encryption::encrypt(root, &identity, plaintext, rng)?;
    let bytes =
        Vec::<u8>::try_from(&ciphertext).map_err(|error| Error::Backend { reason: error.to_string() })?;
    Ok((Base64::encode_string(&bytes), identity))
}

/// Decrypts what Lit's packages or [`encrypt`] made.
pub fn decrypt(ciphertext: &str, key: &DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error> {
    let DecryptionIdentity::LitV7 { plaintext: hash, .. } = key.identity() else {
        return Err(Error::AnotherIdentity);
    };
    let ciphertext = decode(ciphertext)?;
    let opened = identity_encryption::decrypt(&ciphertext, key).ok_or(Error::KeyRefused)?;
    let plaintext = Zeroizing::new(opened);
    check_padding(&ciphertext, key, &plaintext)?;
    if Sha256::digest(plaintext.as_slice()).as_slice() != hash {
        return Err(Error::AnotherPlaintext);
    }
    Ok(plaintext)
}

fn decode(base64: &str) -> Result<Ciphertext, Error> {
    let invalid = |reason| Error::InvalidLitCiphertext { reason };
    let bytes = Base64::decode_vec(base64).map_err(|_| invalid("not base64"))?;
    let u = bytes.get(..G1_BYTES).ok_or(invalid("cut off"))?;
    decode_u(u).ok_or(invalid("U is no point"))?;
    let ciphertext = Ciphertext::try_from(bytes.as_slice()).map_err(|_| invalid("not in serde_bare"))?;
    if ciphertext.w.len() < PADDED_BYTES {
        return Err(invalid("W is shorter than any plaintext"));
    }
    // One encoding: no other varints, nothing behind the end.
    if Vec::<u8>::try_from(&ciphertext).ok().as_deref() != Some(bytes.as_slice()) {
        return Err(invalid("not in canonical form"));
    }
    Ok(ciphertext)
}

/// What blsful ignores: bytes of W behind the plaintext. They must be zeros, and no more than Lit's padding.
fn check_padding(ciphertext: &Ciphertext, key: &DecryptionKey, plaintext: &[u8]) -> Result<(), Error> {
    let invalid = |reason| Error::InvalidLitCiphertext { reason };
    let mut prefix = 1_usize;
    let mut rest = plaintext.len() >> 7;
    while rest > 0 {
        (prefix, rest) = (prefix.saturating_add(1), rest >> 7);
    }
    let used = prefix.saturating_add(plaintext.len());
    if ciphertext.w.len() != used.max(PADDED_BYTES) {
        return Err(invalid("bytes behind the plaintext"));
    }
    if used < ciphertext.w.len() {
        let mut shared = Bls12381G2Impl::pairing(&[(*key.signature().as_raw_value(), ciphertext.u)]);
        let alpha = Zeroizing::new(Bls12381G2Impl::compute_v(shared, &ciphertext.v));
        shared.zeroize();
        let padded = Zeroizing::new(Bls12381G2Impl::compute_w(alpha.as_slice(), &ciphertext.w));
        if padded.iter().skip(used).any(|byte| *byte != 0) {
            return Err(invalid("padding is not zero"));
        }
    }
    Ok(())
}
