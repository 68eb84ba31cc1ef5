//! Shares on their way: ECDH on ristretto255, HKDF-SHA256 (RFC 5869), ChaCha20-Poly1305 (RFC 8439).

use alloc::vec::Vec;
use chacha20poly1305::{
    aead::{Aead, KeyInit, Payload},
    ChaCha20Poly1305, Key, Nonce,
};
use codec::Encode;
use conclave_primitives::ParticipantIndex;
use core::fmt;
use curve25519_dalek::{RistrettoPoint, Scalar};
use group::{Group, GroupEncoding};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{context::DealingContext, curve::decode_scalar, polynomial::nonzero, Ristretto255};

/// A worker's decryption key: shares dealt to it are read with it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct EncryptionSecret(Scalar);

impl EncryptionSecret {
    /// A fresh key.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(nonzero(rng))
    }

    /// From a canonical scalar (RFC 9496 order, little-endian) other than 0.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        decode_scalar::<Ristretto255>(bytes).filter(|scalar| *scalar != Scalar::ZERO).map(Self)
    }

    /// The scalar's bytes, for the keystore.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        (RistrettoPoint::generator() * self.0).to_bytes()
    }

    pub(crate) fn scalar(&self) -> &Scalar {
        &self.0
    }

    pub(crate) fn shared_point(&self, ephemeral: &RistrettoPoint) -> RistrettoPoint {
        ephemeral * self.0
    }
}

impl fmt::Debug for EncryptionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionSecret(<redacted>)")
    }
}

/// Under the key that a shared point and what it is for make. It is used for one message only, so the nonce is constant.
pub(crate) fn cipher(shared: &[u8; 32], info: &[u8]) -> Option<ChaCha20Poly1305> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, shared).expand(info, key.as_mut()).ok()?;
    Some(ChaCha20Poly1305::new(&Key::from(*key)))
}

/// The channel from a dealer to a recipient: one ephemeral key, one message.
pub(crate) struct Channel<'a> {
    pub(crate) context: &'a DealingContext,
    pub(crate) recipient: ParticipantIndex,
    pub(crate) ephemeral: &'a RistrettoPoint,
    pub(crate) recipient_key: &'a RistrettoPoint,
    pub(crate) shared: &'a RistrettoPoint,
}

impl Channel<'_> {
    pub(crate) fn seal(&self, plaintext: &[u8]) -> Option<Vec<u8>> {
        self.cipher()?
            .encrypt(&Nonce::default(), Payload { msg: plaintext, aad: &self.associated_data() })
            .ok()
    }

    pub(crate) fn open(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.cipher()?
            .decrypt(&Nonce::default(), Payload { msg: ciphertext, aad: &self.associated_data() })
            .ok()
            .map(Zeroizing::new)
    }

    fn cipher(&self) -> Option<ChaCha20Poly1305> {
        cipher(&self.shared.to_bytes(), &self.associated_data())
    }

    fn associated_data(&self) -> Vec<u8> {
        (
            b"CONCLAVE-V1-SHARE",
            self.context,
            self.recipient,
            self.ephemeral.to_bytes(),
            self.recipient_key.to_bytes(),
        )
            .encode()
    }
}
