//! Schnorr proofs of knowledge and Chaum-Pedersen proofs of equality, made non-interactive with
//! Merlin transcripts (Fiat-Shamir over all public values, so that statements cannot be swapped).

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use group::{Group, GroupEncoding};
use merlin::Transcript;
use rand_core::CryptoRng;
use scale_info::TypeInfo;

use crate::{
    curve::{decode_point, decode_scalar, encode_scalar, scalar_from_wide, Ristretto255, SharingCurve},
    encryption::EncryptionSecret,
    polynomial::nonzero,
};

/// Knowledge of the discrete logarithm of a point: challenge ‖ response.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SchnorrProof {
    challenge: [u8; 32],
    response: [u8; 32],
}

impl SchnorrProof {
    pub(crate) fn prove<C: SharingCurve>(
        mut transcript: Transcript,
        secret: &C::Scalar,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let nonce = nonzero::<C::Scalar>(rng);
        append::<C>(&mut transcript, b"public", &(C::Group::generator() * secret));
        append::<C>(&mut transcript, b"nonce", &(C::Group::generator() * nonce));
        let challenge = challenge::<C>(&mut transcript);
        Self {
            challenge: encode_scalar::<C>(&challenge),
            response: encode_scalar::<C>(&(nonce + challenge * secret)),
        }
    }

    pub(crate) fn verify<C: SharingCurve>(&self, mut transcript: Transcript, public: &C::Group) -> bool {
        let (Some(given), Some(response)) =
            (decode_scalar::<C>(&self.challenge), decode_scalar::<C>(&self.response))
        else {
            return false;
        };
        append::<C>(&mut transcript, b"public", public);
        append::<C>(&mut transcript, b"nonce", &(C::Group::generator() * response - *public * given));
        challenge::<C>(&mut transcript) == given
    }

    /// The 64 bytes.
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(self.challenge.iter().chain(&self.response)) {
            *to = *from;
        }
        bytes
    }

    /// From 64 bytes; whether they are scalars is checked when the proof is.
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        let (mut challenge, mut response) = ([0; 32], [0; 32]);
        for (to, from) in challenge.iter_mut().chain(&mut response).zip(bytes) {
            *to = *from;
        }
        Self { challenge, response }
    }
}

/// log_G(E) = log_R(S): the shared point S of a complaint belongs to the complainer's key E.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct DleqProof {
    challenge: [u8; 32],
    response: [u8; 32],
}

impl DleqProof {
    pub(crate) fn prove<C: SharingCurve>(
        mut transcript: Transcript,
        secret: &C::Scalar,
        base: &C::Group,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let nonce = nonzero::<C::Scalar>(rng);
        let generator = C::Group::generator();
        append_statement::<C>(&mut transcript, &(generator * secret), base, &(*base * secret));
        append::<C>(&mut transcript, b"nonce-generator", &(generator * nonce));
        append::<C>(&mut transcript, b"nonce-base", &(*base * nonce));
        let challenge = challenge::<C>(&mut transcript);
        Self {
            challenge: encode_scalar::<C>(&challenge),
            response: encode_scalar::<C>(&(nonce + challenge * secret)),
        }
    }

    pub(crate) fn verify<C: SharingCurve>(
        &self,
        mut transcript: Transcript,
        public: &C::Group,
        base: &C::Group,
        shared: &C::Group,
    ) -> bool {
        let (Some(given), Some(response)) =
            (decode_scalar::<C>(&self.challenge), decode_scalar::<C>(&self.response))
        else {
            return false;
        };
        append_statement::<C>(&mut transcript, public, base, shared);
        let generator = C::Group::generator();
        append::<C>(&mut transcript, b"nonce-generator", &(generator * response - *public * given));
        append::<C>(&mut transcript, b"nonce-base", &(*base * response - *shared * given));
        challenge::<C>(&mut transcript) == given
    }
}

/// Proves possession of a worker's encryption key; `statement` is
/// [`conclave_primitives::worker_keys_bytes`].
pub fn prove_worker_key(
    secret: &EncryptionSecret,
    statement: &[u8],
    rng: &mut impl CryptoRng,
) -> SchnorrProof {
    SchnorrProof::prove::<Ristretto255>(worker_key_transcript(statement), secret.scalar(), rng)
}

/// Verifies [`prove_worker_key`].
pub fn verify_worker_key(public: &[u8; 32], statement: &[u8], proof: &SchnorrProof) -> bool {
    decode_point::<Ristretto255>(public)
        .is_ok_and(|public| proof.verify::<Ristretto255>(worker_key_transcript(statement), &public))
}

fn worker_key_transcript(statement: &[u8]) -> Transcript {
    let mut transcript = Transcript::new(b"CONCLAVE-V1-WORKER-KEY");
    transcript.append_message(b"statement", statement);
    transcript
}

fn append_statement<C: SharingCurve>(
    transcript: &mut Transcript,
    public: &C::Group,
    base: &C::Group,
    shared: &C::Group,
) {
    append::<C>(transcript, b"public", public);
    append::<C>(transcript, b"base", base);
    append::<C>(transcript, b"shared", shared);
}

fn append<C: SharingCurve>(transcript: &mut Transcript, label: &'static [u8], point: &C::Group) {
    transcript.append_message(label, point.to_bytes().as_ref());
}

fn challenge<C: SharingCurve>(transcript: &mut Transcript) -> C::Scalar {
    transcript.append_message(b"curve", C::NAME.as_bytes());
    let mut wide = [0; 48];
    transcript.challenge_bytes(b"challenge", &mut wide);
    scalar_from_wide(&wide)
}
