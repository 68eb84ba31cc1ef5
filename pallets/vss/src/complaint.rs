//! A complaint opens one sealed share to all, so that the runtime can judge who lied.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::{ParticipantIndex, RootKeyId};
use curve25519_dalek::RistrettoPoint;
use group::GroupEncoding;
use merlin::Transcript;
use rand_core::CryptoRng;
use scale_info::TypeInfo;

use crate::{
    context::DealingContext,
    curve::{decode_point, Ristretto255},
    dealing::{open_with, Dealing, DealingFault},
    encryption::EncryptionSecret,
    proof::DleqProof,
};

/// A complaint about the shares that a dealer sealed for the complainer. It reveals the ECDH point of
/// that one channel, which opens no other.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Complaint {
    /// Whom it accuses.
    pub dealer: ParticipantIndex,
    /// S = e·R.
    pub shared_point: [u8; 32],
    /// log_G(E) = log_R(S).
    pub proof: DleqProof,
}

/// What makes a complaint false.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ComplaintFault {
    /// The shared point is no point.
    BadPoint,
    /// The proof does not tie the shared point to the complainer's key.
    BadProof,
    /// The shares that it opens are good.
    SharesAreGood,
}

impl Complaint {
    pub(crate) fn prove(
        context: &DealingContext,
        complainer: ParticipantIndex,
        secret: &EncryptionSecret,
        ephemeral: &RistrettoPoint,
        rng: &mut impl CryptoRng,
    ) -> Self {
        Self {
            dealer: context.dealer,
            shared_point: secret.shared_point(ephemeral).to_bytes(),
            proof: DleqProof::prove::<Ristretto255>(
                transcript(context, complainer),
                secret.scalar(),
                ephemeral,
                rng,
            ),
        }
    }
}

/// Judges a complaint about a dealing whose public part is verified: `Ok` is the dealer's fault, `Err`
/// the complainer's.
pub fn judge(
    context: &DealingContext,
    keys: &[RootKeyId],
    dealing: &Dealing,
    complainer: ParticipantIndex,
    complainer_key: &[u8; 32],
    complaint: &Complaint,
) -> Result<DealingFault, ComplaintFault> {
    let key = decode_point::<Ristretto255>(complainer_key).map_err(|_| ComplaintFault::BadProof)?;
    let shared =
        decode_point::<Ristretto255>(&complaint.shared_point).map_err(|_| ComplaintFault::BadPoint)?;
    let sealed = dealing.sealed_for(complainer).ok_or(ComplaintFault::BadProof)?;
    let ephemeral = decode_point::<Ristretto255>(&sealed.ephemeral).map_err(|_| ComplaintFault::BadProof)?;
    if !complaint.proof.verify::<Ristretto255>(transcript(context, complainer), &key, &ephemeral, &shared) {
        return Err(ComplaintFault::BadProof);
    }
    match open_with(context, keys, dealing, complainer, &key, &shared) {
        Ok(_) => Err(ComplaintFault::SharesAreGood),
        Err(fault) => Ok(fault),
    }
}

fn transcript(context: &DealingContext, complainer: ParticipantIndex) -> Transcript {
    context.transcript(b"complaint", &complainer)
}
