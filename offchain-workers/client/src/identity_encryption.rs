//! A 32-byte key under an identity: FullIdent of Boneh and Franklin (Crypto 2001) as blsful's time-lock encryption
//! has it, chosen-ciphertext secure by the transform of Fujisaki and Okamoto.

use bls12_381_plus::G1Projective;
use blsful::{Bls12381G2Impl, SignatureSchemes, TimeCryptCiphertext};
use conclave_primitives::{DecryptionIdentity, G1_BYTES};
use conclave_vss::{decode_point, Bls12381G1};
use group::GroupEncoding;
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use crate::{DecryptRoot, DecryptionKey, Error};

pub(crate) type Ciphertext = TimeCryptCiphertext<Bls12381G2Impl>;

/// A key of the AEAD.
pub(crate) type DataKey = Zeroizing<[u8; 32]>;

const V_BYTES: usize = 32;
/// The length of the key as one byte, and the key: longer than the padding, so that every byte counts.
const W_BYTES: usize = 33;
/// U ‖ V ‖ W.
pub(crate) const SEALED_KEY_BYTES: usize = G1_BYTES + V_BYTES + W_BYTES;

/// Encrypts `key` to the identity.
pub(crate) fn seal(
    root: &DecryptRoot,
    identity: &DecryptionIdentity,
    key: &DataKey,
    rng: &mut impl CryptoRng,
) -> Result<[u8; SEALED_KEY_BYTES], Error> {
    let ciphertext = encrypt(root, identity, key.as_slice(), rng)?;
    let mut bytes = [0; SEALED_KEY_BYTES];
    let encoded = [ciphertext.u.to_bytes().as_ref(), &ciphertext.v, &ciphertext.w].concat();
    if encoded.len() != bytes.len() {
        return Err(Error::Backend { reason: format!("a sealed key of {} bytes", encoded.len()) });
    }
    bytes.copy_from_slice(&encoded);
    Ok(bytes)
}

/// Opens what [`seal`] made.
pub(crate) fn open(sealed: &[u8; SEALED_KEY_BYTES], key: &DecryptionKey) -> Result<DataKey, Error> {
    let (u, rest) = sealed.split_at_checked(G1_BYTES).ok_or(Error::KeyRefused)?;
    let (v, w) = rest.split_first_chunk::<V_BYTES>().ok_or(Error::KeyRefused)?;
    let ciphertext = Ciphertext {
        u: decode_u(u).ok_or(Error::KeyRefused)?,
        v: *v,
        w: w.to_vec(),
        scheme: SignatureSchemes::ProofOfPossession,
    };
    let mut opened = decrypt(&ciphertext, key).ok_or(Error::KeyRefused)?;
    let data_key = <[u8; 32]>::try_from(opened.as_slice()).map(Zeroizing::new);
    opened.zeroize();
    data_key.map_err(|_| Error::KeyRefused)
}

pub(crate) fn decode_u(bytes: &[u8]) -> Option<G1Projective> {
    decode_point::<Bls12381G1>(bytes).ok()
}

pub(crate) fn encrypt(
    root: &DecryptRoot,
    identity: &DecryptionIdentity,
    message: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Ciphertext, Error> {
    root.public_key
        .encrypt_time_lock_with_rng(SignatureSchemes::ProofOfPossession, message, identity.bytes(), rng)
        .map_err(|error| Error::Backend { reason: error.to_string() })
}

pub(crate) fn decrypt(ciphertext: &Ciphertext, key: &DecryptionKey) -> Option<Vec<u8>> {
    Option::from(ciphertext.decrypt(&key.signature()))
}
