//! sr25519: Schnorr signatures over ristretto255 whose challenge is schnorrkel's Merlin transcript, in the
//! context that Substrate signs in.
//!
//! The suite is FROST(ristretto255, SHA-512) with another H2, and with a context string of its own in all
//! other hashes, so that nonces and binding factors of the two never meet.

use alloc::vec::Vec;
use curve25519_dalek_4::Scalar;
use frost_core::{Ciphersuite, Error, Field, Group, Signature};
use frost_ristretto255::{RistrettoGroup, RistrettoScalarField};
use merlin::Transcript;
use sha2_010::{Digest, Sha512};

const CONTEXT: &[u8] = b"CONCLAVE-V1-FROST-RISTRETTO255-SCHNORRKEL";
/// What Substrate signs in (`sp_core::sr25519`).
const SIGNING_CONTEXT: &[u8] = b"substrate";
/// The highest bit of a signature tells schnorrkel's from those of Ed25519.
const MARK: u8 = 0b1000_0000;

/// FROST over ristretto255 for schnorrkel's verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ristretto255Schnorrkel;

fn hash(parts: [&[u8]; 3]) -> [u8; 64] {
    parts.into_iter().fold(Sha512::new(), Digest::chain_update).finalize().into()
}

fn scalar(role: &[u8], input: &[u8]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&hash([CONTEXT, role, input]))
}

impl Ciphersuite for Ristretto255Schnorrkel {
    const ID: &'static str = "CONCLAVE-V1-FROST-RISTRETTO255-SCHNORRKEL";
    type Group = RistrettoGroup;
    type HashOutput = [u8; 64];
    type SignatureSerialization = [u8; 64];

    fn H1(m: &[u8]) -> Scalar {
        scalar(b"rho", m)
    }

    /// The challenge of schnorrkel's `sign` and `verify`; `m` is R ‖ public key ‖ message.
    fn H2(m: &[u8]) -> Scalar {
        let (nonce, rest) = m.split_at_checked(32).unwrap_or((m, &[]));
        let (public_key, message) = rest.split_at_checked(32).unwrap_or((rest, &[]));
        let mut transcript = Transcript::new(b"SigningContext");
        transcript.append_message(b"", SIGNING_CONTEXT);
        transcript.append_message(b"sign-bytes", message);
        transcript.append_message(b"proto-name", b"Schnorr-sig");
        transcript.append_message(b"sign:pk", public_key);
        transcript.append_message(b"sign:R", nonce);
        let mut wide = [0; 64];
        transcript.challenge_bytes(b"sign:c", &mut wide);
        Scalar::from_bytes_mod_order_wide(&wide)
    }

    fn H3(m: &[u8]) -> Scalar {
        scalar(b"nonce", m)
    }

    fn H4(m: &[u8]) -> [u8; 64] {
        hash([CONTEXT, b"msg", m])
    }

    fn H5(m: &[u8]) -> [u8; 64] {
        hash([CONTEXT, b"com", m])
    }

    fn serialize_signature(signature: &Signature<Self>) -> Result<Vec<u8>, Error<Self>> {
        let mut bytes = RistrettoGroup::serialize(signature.R())?.to_vec();
        bytes.extend(RistrettoScalarField::serialize(signature.z()));
        if let Some(last) = bytes.last_mut() {
            *last |= MARK;
        }
        Ok(bytes)
    }

    fn deserialize_signature(bytes: &[u8]) -> Result<Signature<Self>, Error<Self>> {
        let halves = bytes.split_first_chunk::<32>();
        let (nonce, response) = halves.ok_or(Error::MalformedSignature)?;
        let mut response = <[u8; 32]>::try_from(response).map_err(|_| Error::MalformedSignature)?;
        let [.., last] = &mut response;
        if *last & MARK == 0 {
            return Err(Error::MalformedSignature);
        }
        *last &= !MARK;
        Ok(Signature::new(RistrettoGroup::deserialize(nonce)?, RistrettoScalarField::deserialize(&response)?))
    }
}
