//! A signature: commit to two nonces, then send a share.

use codec::Encode;
use conclave_primitives::{
    blake2_256, EncodedPoint, NonceCommitments, ParticipantIndex, Scheme, SessionId, MAX_MESSAGE_BYTES,
};
use core::fmt;
use frost_core::{
    aggregate_custom,
    round1::{self, NonceCommitment, SigningCommitments, SigningNonces},
    round2::{self, SignatureShare},
    CheaterDetection, Ciphersuite, Error, SigningPackage,
};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{backend, identifier, randomness::OlderTraits, FrostSuite, PreparedKey};
use crate::{machine::check_flight, Machine, Outgoing, ProtocolError, Step};

const DOMAIN_SESSION: &[u8] = b"CONCLAVE-V1-FROST-SESSION";
const HASH: usize = 32;
const SCALAR: usize = 32;

/// One participant's side of a signature. Every participant of the quorum ends with the signature, verified.
pub struct Sign<S: FrostSuite> {
    signer: Signer<S>,
    flight: Flight<S::Ciphersuite>,
}

/// What stays the same in both flights.
struct Signer<S: FrostSuite> {
    key: Arc<PreparedKey<S>>,
    session: [u8; HASH],
    message: Vec<u8>,
    awaits: BTreeSet<ParticipantIndex>,
}

enum Flight<C: Ciphersuite> {
    Commit { nonces: SigningNonces<C>, sent: Vec<u8> },
    Share { package: SigningPackage<C>, hash: [u8; HASH], own: SignatureShare<C> },
}

/// What every message of the first flight begins with: so that its sender signs what it is for.
pub fn session_binding(
    scheme: Scheme,
    session: &SessionId,
    public_key: &EncodedPoint,
    quorum: &BTreeSet<ParticipantIndex>,
    message: &[u8],
) -> [u8; HASH] {
    blake2_256(&(DOMAIN_SESSION, scheme, session, public_key, quorum, message).encode())
}

impl<S: FrostSuite> fmt::Debug for Sign<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flight = match &self.flight {
            Flight::Commit { .. } => "commit",
            Flight::Share { .. } => "share",
        };
        write!(
            f,
            "Sign {{ {:?} with {:?}, flight: {flight}, <redacted> }}",
            self.signer.key, self.signer.awaits
        )
    }
}

impl<S: FrostSuite> Sign<S> {
    /// The bytes of a message of the first flight, the longer one.
    pub const MAX_MESSAGE_BYTES: usize = HASH + 2 * S::SCHEME.curve().point_bytes();

    /// Starts the signature of `message` by the `quorum` of exactly t. All of the quorum give the same
    /// `session`, which binds genesis, epoch, request, key, message, quorum and attempt.
    pub fn start(
        key: &Arc<PreparedKey<S>>,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        message: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<Outgoing>), ProtocolError> {
        let awaits = key.others_in(quorum)?;
        if !u32::try_from(message.len()).is_ok_and(|length| length <= MAX_MESSAGE_BYTES) {
            return Err(ProtocolError::MessageTooLong { got: message.len() });
        }
        let session = session_binding(S::SCHEME, session, &key.public_key, quorum, message);

        let (nonces, commitments) = round1::commit(key.package.signing_share(), &mut OlderTraits(rng));
        let sent = encode_commitments(&commitments)?;
        let payload = [session.as_slice(), &sent].concat();
        let outgoing = awaits.iter().map(|to| Outgoing { to: *to, payload: payload.clone() }).collect();
        let signer = Signer { key: Arc::clone(key), session, message: message.to_vec(), awaits };
        Ok((Self { signer, flight: Flight::Commit { nonces, sent } }, outgoing))
    }
}

impl<S: FrostSuite> Machine for Sign<S> {
    type Output = Vec<u8>;

    fn awaits(&self) -> &BTreeSet<ParticipantIndex> {
        &self.signer.awaits
    }

    fn max_message_bytes(&self) -> usize {
        match &self.flight {
            Flight::Commit { .. } => Self::MAX_MESSAGE_BYTES,
            Flight::Share { .. } => SCALAR + HASH,
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
            Flight::Commit { nonces, sent } => {
                let (flight, payload) = signer.share(nonces, &sent, &received)?;
                let outgoing =
                    signer.awaits.iter().map(|to| Outgoing { to: *to, payload: payload.clone() }).collect();
                Ok(Step::Next { machine: Self { signer, flight }, outgoing })
            }
            Flight::Share { package, hash, own } => {
                Ok(Step::Done(signer.aggregate(&package, &hash, own, &received)?))
            }
        }
    }
}

impl<S: FrostSuite> Signer<S> {
    /// On the commitments of all: our signature share.
    fn share(
        &self,
        nonces: SigningNonces<S::Ciphersuite>,
        sent: &[u8],
        received: &BTreeMap<ParticipantIndex, Vec<u8>>,
    ) -> Result<(Flight<S::Ciphersuite>, Vec<u8>), ProtocolError> {
        let me = self.key.index;
        let mut commitments = BTreeMap::from([(identifier(me)?, *nonces.commitments())]);
        let mut encoded = BTreeMap::from([(me, split_commitments::<S>(me, sent)?)]);
        for (from, payload) in received {
            let from = *from;
            let too_short = ProtocolError::Malformed { from, reason: "too short" };
            let (session, bytes) = payload.split_at_checked(HASH).ok_or(too_short)?;
            if session != self.session {
                return Err(ProtocolError::SessionMismatch { from });
            }
            let points = split_commitments::<S>(from, bytes)?;
            commitments.insert(identifier(from)?, decode_commitments(from, &points)?);
            encoded.insert(from, points);
        }
        let hash = self.package(encoded)?.hash();
        let package = SigningPackage::new(commitments, &self.message);
        // The nonces end here: `sign` borrows them, and we drop them, erased.
        let own = round2::sign(&package, &nonces, &self.key.package).map_err(backend)?;
        let payload = [own.serialize().as_slice(), &hash].concat();
        Ok((Flight::Share { package, hash, own }, payload))
    }

    /// What all of the quorum sign, if nobody told two tales.
    fn package(
        &self,
        commitments: BTreeMap<ParticipantIndex, NonceCommitments>,
    ) -> Result<conclave_primitives::SigningPackage, ProtocolError> {
        let too_many = |_| ProtocolError::Backend { reason: "more signers than a committee has".into() };
        let too_long = |_| ProtocolError::MessageTooLong { got: self.message.len() };
        Ok(conclave_primitives::SigningPackage {
            scheme: S::SCHEME,
            public_key: self.key.public_key.clone(),
            message: self.message.clone().try_into().map_err(too_long)?,
            commitments: commitments.try_into().map_err(too_many)?,
        })
    }

    /// On the shares of all: the signature, or whose share is wrong.
    fn aggregate(
        &self,
        package: &SigningPackage<S::Ciphersuite>,
        hash: &[u8; HASH],
        own: SignatureShare<S::Ciphersuite>,
        received: &BTreeMap<ParticipantIndex, Vec<u8>>,
    ) -> Result<Vec<u8>, ProtocolError> {
        let mut shares = BTreeMap::from([(identifier(self.key.index)?, own)]);
        let mut others = BTreeSet::new();
        for (from, payload) in received {
            let from = *from;
            let too_short = ProtocolError::Malformed { from, reason: "too short" };
            let (share, their_hash) = payload.split_at_checked(SCALAR).ok_or(too_short)?;
            if their_hash != hash {
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
        let signature = match aggregate_custom(package, &shares, &self.key.public, CheaterDetection::Disabled)
        {
            Err(Error::InvalidSignature) => {
                let public = self.key.public_with_shares(&self.awaits)?;
                aggregate_custom(package, &shares, &public, CheaterDetection::AllCheaters)
            }
            result => result,
        };
        signature.map_err(|error| self.name_culprits(error))?.serialize().map_err(backend)
    }

    fn name_culprits(&self, error: Error<S::Ciphersuite>) -> ProtocolError {
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

/// Hiding ‖ binding.
fn encode_commitments<C: Ciphersuite>(commitments: &SigningCommitments<C>) -> Result<Vec<u8>, ProtocolError> {
    let mut bytes = commitments.hiding().serialize().map_err(backend)?;
    bytes.extend(commitments.binding().serialize().map_err(backend)?);
    Ok(bytes)
}

fn split_commitments<S: FrostSuite>(
    from: ParticipantIndex,
    bytes: &[u8],
) -> Result<NonceCommitments, ProtocolError> {
    let malformed = || ProtocolError::Malformed { from, reason: "commitment is no point" };
    let (hiding, binding) = bytes.split_at_checked(S::SCHEME.curve().point_bytes()).ok_or_else(malformed)?;
    let point = |bytes: &[u8]| EncodedPoint::try_from(bytes.to_vec()).map_err(|_| malformed());
    Ok(NonceCommitments { hiding: point(hiding)?, binding: point(binding)? })
}

/// Strict: frost-core refuses the identity, points outside the prime-order group and other encodings.
fn decode_commitments<C: Ciphersuite>(
    from: ParticipantIndex,
    points: &NonceCommitments,
) -> Result<SigningCommitments<C>, ProtocolError> {
    let decode = |point: &EncodedPoint| {
        NonceCommitment::deserialize(point)
            .map_err(|_| ProtocolError::Malformed { from, reason: "commitment is no point" })
    };
    Ok(SigningCommitments::new(decode(&points.hiding)?, decode(&points.binding)?))
}
