//! A key for a worker's eyes: ECDH on ristretto255 (RFC 9496), HKDF-SHA256 (RFC 5869), ChaCha20-Poly1305 (RFC 8439), as
//! shares are sealed.

use alloc::vec::Vec;
use chacha20poly1305::{
    aead::{Aead, Payload},
    Nonce,
};
use codec::Encode;
use conclave_primitives::SealedKey;
use curve25519_dalek::{RistrettoPoint, Scalar};
use group::{Group, GroupEncoding};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    curve::decode_point,
    encryption::{cipher, EncryptionSecret},
    polynomial::nonzero,
    Ristretto255,
};

/// Seals `key` to a worker's encryption key. It opens under the same `binding` only. `None` if the encryption key is no
/// point, or the identity.
pub fn seal_key(
    recipient: &[u8; 32],
    binding: &[u8],
    key: &[u8; 32],
    rng: &mut impl CryptoRng,
) -> Option<SealedKey> {
    let point = decode_point::<Ristretto255>(recipient).ok()?;
    let secret: Zeroizing<Scalar> = Zeroizing::new(nonzero(rng));
    let ephemeral = (RistrettoPoint::generator() * *secret).to_bytes();
    let shared = Zeroizing::new((point * *secret).to_bytes());
    let info = info(&ephemeral, recipient, binding);
    let ciphertext =
        cipher(&shared, &info)?.encrypt(&Nonce::default(), Payload { msg: key, aad: &info }).ok()?;
    Some(SealedKey { ephemeral, ciphertext: ciphertext.try_into().ok()? })
}

/// Opens what [`seal_key`] sealed to this worker under the same `binding`.
pub fn open_key(
    secret: &EncryptionSecret,
    binding: &[u8],
    sealed: &SealedKey,
) -> Option<Zeroizing<[u8; 32]>> {
    let ephemeral = decode_point::<Ristretto255>(&sealed.ephemeral).ok()?;
    let shared = Zeroizing::new(secret.shared_point(&ephemeral).to_bytes());
    let info = info(&sealed.ephemeral, &secret.public(), binding);
    let payload = Payload { msg: &sealed.ciphertext, aad: &info };
    let key = Zeroizing::new(cipher(&shared, &info)?.decrypt(&Nonce::default(), payload).ok()?);
    let key: [u8; 32] = key.as_slice().try_into().ok()?;
    Some(Zeroizing::new(key))
}

fn info(ephemeral: &[u8; 32], recipient: &[u8; 32], binding: &[u8]) -> Vec<u8> {
    (b"CONCLAVE-V1-SEALED-KEY", ephemeral, recipient, binding).encode()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};

    #[test]
    fn a_key_should_open_for_its_worker_under_its_binding_only() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (worker, other) = (EncryptionSecret::random(&mut rng), EncryptionSecret::random(&mut rng));
        let sealed = seal_key(&worker.public(), b"this", &[7; 32], &mut rng).expect("a point");
        assert_eq!(open_key(&worker, b"this", &sealed).as_deref(), Some(&[7; 32]));
        assert!(open_key(&worker, b"that", &sealed).is_none());
        assert!(open_key(&other, b"this", &sealed).is_none());
        for byte in 0..48 {
            let mut changed = sealed;
            changed.ciphertext[byte] ^= 1;
            assert!(open_key(&worker, b"this", &changed).is_none());
        }
        let elsewhere = SealedKey { ephemeral: other.public(), ..sealed };
        assert!(open_key(&worker, b"this", &elsewhere).is_none());
    }

    #[test]
    fn no_key_should_be_sealed_to_what_is_no_point() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        assert!(seal_key(&[0; 32], b"", &[7; 32], &mut rng).is_none(), "the identity");
        assert!(seal_key(&[0xff; 32], b"", &[7; 32], &mut rng).is_none(), "not canonical");
        let sealed = SealedKey { ephemeral: [0; 32], ciphertext: [0; 48] };
        assert!(open_key(&EncryptionSecret::random(&mut rng), b"", &sealed).is_none());
    }
}
