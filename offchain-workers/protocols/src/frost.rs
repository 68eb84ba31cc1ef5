//! Threshold Schnorr signatures: FROST (RFC 9591) by the Zcash Foundation's frost-core, whose suites
//! are constants. Two flights without a coordinator: every participant aggregates for itself.
//!
//! The RFC's coordinator hands all participants one list of commitments. Here each collects its own, so
//! one participant could tell two tales, and then honest shares would not verify against the other
//! list. The second flight therefore carries a hash of the list: shares are judged, and their senders
//! named, only where the lists agree.

mod ed25519;
mod randomness;

use codec::Encode;
use conclave_primitives::{blake2_256, Curve, EncodedPoint, ParticipantIndex, SessionId};
use core::fmt;
use frost_core::{
    aggregate_custom,
    keys::{KeyPackage, PublicKeyPackage, SigningShare, VerifyingShare},
    round1::{self, NonceCommitment, SigningCommitments, SigningNonces},
    round2::{self, SignatureShare},
    CheaterDetection, Ciphersuite, Error, Identifier, SigningPackage, VerifyingKey,
};
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};

pub use ed25519::SignEd25519;

use crate::{machine::check_flight, KeyShare, Machine, Outgoing, ProtocolError, Step};
use randomness::OlderTraits;

const DOMAIN_SESSION: &[u8] = b"CONCLAVE-V1-FROST-SESSION";
const DOMAIN_COMMITMENTS: &[u8] = b"CONCLAVE-V1-FROST-COMMITMENTS";
const HASH: usize = 32;
const SCALAR: usize = 32;

/// A suite of FROST over a curve of ours. Scalars are 32 bytes, in the curve's own byte order.
pub trait FrostSuite: Ciphersuite {
    /// The curve its keys live on.
    const CURVE: Curve;
}

/// One participant's side of a signature: commit to two nonces, then send a share. Every participant of
/// the quorum ends with the signature, verified.
pub struct Sign<C: FrostSuite> {
    signer: Signer<C>,
    flight: Flight<C>,
}

/// What stays the same in both flights.
struct Signer<C: FrostSuite> {
    key: KeyPackage<C>,
    public_shares: BTreeMap<ParticipantIndex, EncodedPoint>,
    index: ParticipantIndex,
    session: [u8; HASH],
    message: Vec<u8>,
    awaits: BTreeSet<ParticipantIndex>,
}

enum Flight<C: FrostSuite> {
    Commit(SigningNonces<C>),
    Share { package: SigningPackage<C>, view: [u8; HASH], own: SignatureShare<C> },
}

impl<C: FrostSuite> fmt::Debug for Sign<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flight = match &self.flight {
            Flight::Commit(_) => "commit",
            Flight::Share { .. } => "share",
        };
        write!(
            f,
            "Sign {{ {:?} with {:?}, flight: {flight}, <redacted> }}",
            self.signer.index, self.signer.awaits
        )
    }
}

impl<C: FrostSuite> Sign<C> {
    /// Starts the signature of `message` with the key of `key_share`, a root key's or a derived one's,
    /// by the `quorum` of exactly t. All of the quorum give the same `session`, which binds genesis,
    /// epoch, request, key, message, quorum and attempt.
    pub fn start(
        key_share: &KeyShare,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        message: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<Outgoing>), ProtocolError> {
        let index = key_share.index();
        let awaits = key_share.others_in(quorum)?;
        let key = key_package::<C>(key_share)?;
        let public_key = key_share.public_key();
        let session = blake2_256(&(DOMAIN_SESSION, C::ID, session, public_key, quorum, message).encode());

        let (nonces, commitments) = round1::commit(key.signing_share(), &mut OlderTraits(rng));
        let payload = [session.as_slice(), &encode_commitments(&commitments)?].concat();
        let outgoing = awaits.iter().map(|to| Outgoing { to: *to, payload: payload.clone() }).collect();
        let public_shares = key_share.public_shares().clone();
        let signer = Signer { key, public_shares, index, session, message: message.to_vec(), awaits };
        Ok((Self { signer, flight: Flight::Commit(nonces) }, outgoing))
    }
}

impl<C: FrostSuite> Machine for Sign<C> {
    type Output = C::SignatureSerialization;

    fn awaits(&self) -> &BTreeSet<ParticipantIndex> {
        &self.signer.awaits
    }

    fn max_message_bytes(&self) -> usize {
        match &self.flight {
            Flight::Commit(_) => HASH + 2 * C::CURVE.point_bytes(),
            Flight::Share { .. } => HASH + SCALAR,
        }
    }

    fn advance(
        self,
        received: BTreeMap<ParticipantIndex, Vec<u8>>,
        _rng: &mut impl CryptoRng,
    ) -> Result<Step<Self, Self::Output>, ProtocolError> {
        check_flight(&self.signer.awaits, &received, self.max_message_bytes())?;
        let Self { signer, flight } = self;
        match flight {
            Flight::Commit(nonces) => {
                let (flight, payload) = signer.share(nonces, &received)?;
                let outgoing =
                    signer.awaits.iter().map(|to| Outgoing { to: *to, payload: payload.clone() }).collect();
                Ok(Step::Next { machine: Self { signer, flight }, outgoing })
            }
            Flight::Share { package, view, own } => {
                Ok(Step::Done(signer.aggregate(&package, view, own, &received)?))
            }
        }
    }
}

impl<C: FrostSuite> Signer<C> {
    /// On the commitments of all: our signature share.
    fn share(
        &self,
        nonces: SigningNonces<C>,
        received: &BTreeMap<ParticipantIndex, Vec<u8>>,
    ) -> Result<(Flight<C>, Vec<u8>), ProtocolError> {
        // Flight 1 as everybody should have seen it.
        let mut seen = BTreeMap::from([(self.index, encode_commitments(nonces.commitments())?)]);
        let mut commitments = BTreeMap::from([(identifier(self.index)?, *nonces.commitments())]);
        for (from, payload) in received {
            let from = *from;
            let too_short = ProtocolError::Malformed { from, reason: "too short" };
            let (session, encoded) = payload.split_at_checked(HASH).ok_or(too_short)?;
            if session != self.session {
                return Err(ProtocolError::SessionMismatch { from });
            }
            commitments.insert(identifier(from)?, decode_commitments::<C>(from, encoded)?);
            seen.insert(from, encoded.to_vec());
        }
        let view = blake2_256(&(DOMAIN_COMMITMENTS, self.session, seen).encode());
        let package = SigningPackage::new(commitments, &self.message);
        // The nonces end here: `sign` borrows them, and we drop them, erased.
        let own = round2::sign(&package, &nonces, &self.key).map_err(backend)?;
        let payload = [view.as_slice(), &own.serialize()].concat();
        Ok((Flight::Share { package, view, own }, payload))
    }

    /// On the shares of all: the signature, or whose share is wrong.
    fn aggregate(
        &self,
        package: &SigningPackage<C>,
        view: [u8; HASH],
        own: SignatureShare<C>,
        received: &BTreeMap<ParticipantIndex, Vec<u8>>,
    ) -> Result<C::SignatureSerialization, ProtocolError> {
        let mut shares = BTreeMap::from([(identifier(self.index)?, own)]);
        let mut others = BTreeSet::new();
        for (from, payload) in received {
            let from = *from;
            let too_short = ProtocolError::Malformed { from, reason: "too short" };
            let (their_view, share) = payload.split_at_checked(HASH).ok_or(too_short)?;
            if their_view != view {
                others.insert(from);
                continue;
            }
            let share = SignatureShare::deserialize(share)
                .map_err(|_| ProtocolError::Malformed { from, reason: "share is no scalar" })?;
            shares.insert(identifier(from)?, share);
        }
        if !others.is_empty() {
            return Err(ProtocolError::ViewsDiffer { participants: others });
        }

        // Without looking for cheaters first: their public shares are decoded only if there is one.
        let key = *self.key.verifying_key();
        let threshold = Some(*self.key.min_signers());
        let public = PublicKeyPackage::new(BTreeMap::new(), key, threshold);
        let signature = match aggregate_custom(package, &shares, &public, CheaterDetection::Disabled) {
            Err(Error::InvalidSignature) => {
                let public = PublicKeyPackage::new(self.verifying_shares()?, key, threshold);
                aggregate_custom(package, &shares, &public, CheaterDetection::AllCheaters)
            }
            result => result,
        };
        let signature = signature.map_err(|error| self.name_culprits(error))?;
        let bytes = signature.serialize().map_err(backend)?;
        C::SignatureSerialization::try_from(&bytes)
            .map_err(|_| ProtocolError::Backend { reason: "signature of unexpected length".into() })
    }

    fn verifying_shares(&self) -> Result<BTreeMap<Identifier<C>, VerifyingShare<C>>, ProtocolError> {
        let members = self.public_shares.iter().filter(|(member, _)| self.signs(**member));
        members
            .map(|(member, point)| {
                let share = VerifyingShare::deserialize(point)
                    .map_err(|_| ProtocolError::InvalidKeyShare { reason: "public share is no point" })?;
                Ok((identifier(*member)?, share))
            })
            .collect()
    }

    fn signs(&self, member: ParticipantIndex) -> bool {
        member == self.index || self.awaits.contains(&member)
    }

    fn name_culprits(&self, error: Error<C>) -> ProtocolError {
        let culprits = error.culprits();
        let from: BTreeSet<_> = self
            .awaits
            .iter()
            .copied()
            .filter(|member| identifier(*member).is_ok_and(|identifier| culprits.contains(&identifier)))
            .collect();
        match error {
            Error::InvalidSignatureShare { .. } if !from.is_empty() => {
                ProtocolError::InvalidSignatureShares { from }
            }
            Error::InvalidSignature | Error::InvalidSignatureShare { .. } => ProtocolError::SignatureRejected,
            error => backend(error),
        }
    }
}

fn key_package<C: FrostSuite>(key_share: &KeyShare) -> Result<KeyPackage<C>, ProtocolError> {
    let invalid = |reason| ProtocolError::InvalidKeyShare { reason };
    if key_share.curve() != C::CURVE {
        return Err(ProtocolError::WrongCurve { got: key_share.curve(), expected: C::CURVE });
    }
    let signing_share =
        SigningShare::deserialize(key_share.secret().as_bytes()).map_err(|_| invalid("no scalar"))?;
    let verifying_share = VerifyingShare::from(signing_share);
    // With a wrong share of ours the others would blame us, rightly.
    if verifying_share.serialize().map_err(backend)? != key_share.own_public_share()?.as_slice() {
        return Err(invalid("not the one of its public share"));
    }
    let key =
        VerifyingKey::deserialize(key_share.public_key()).map_err(|_| invalid("public key is no point"))?;
    let threshold = u16::try_from(key_share.threshold()).map_err(|_| invalid("threshold not in 2..=n"))?;
    Ok(KeyPackage::new(identifier(key_share.index())?, signing_share, verifying_share, key, threshold))
}

/// The RFC's identifier: the same number, the same x coordinate.
fn identifier<C: FrostSuite>(index: ParticipantIndex) -> Result<Identifier<C>, ProtocolError> {
    Identifier::try_from(u16::from(index.get())).map_err(backend)
}

/// Hiding ‖ binding.
fn encode_commitments<C: FrostSuite>(commitments: &SigningCommitments<C>) -> Result<Vec<u8>, ProtocolError> {
    let mut bytes = commitments.hiding().serialize().map_err(backend)?;
    bytes.extend(commitments.binding().serialize().map_err(backend)?);
    Ok(bytes)
}

/// Strict: frost-core refuses the identity, points outside the prime-order group and other encodings.
fn decode_commitments<C: FrostSuite>(
    from: ParticipantIndex,
    bytes: &[u8],
) -> Result<SigningCommitments<C>, ProtocolError> {
    let malformed = ProtocolError::Malformed { from, reason: "commitment is no point" };
    let (hiding, binding) = bytes.split_at_checked(C::CURVE.point_bytes()).ok_or(malformed.clone())?;
    let decode = |bytes| NonceCommitment::deserialize(bytes).map_err(|_| malformed.clone());
    Ok(SigningCommitments::new(decode(hiding)?, decode(binding)?))
}

fn backend<C: Ciphersuite>(error: Error<C>) -> ProtocolError {
    ProtocolError::Backend { reason: error.to_string() }
}
