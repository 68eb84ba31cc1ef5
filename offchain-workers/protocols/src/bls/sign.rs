//! A signature: one flight of shares.

use conclave_primitives::{
    bls_share_binding, bls_share_message, ParticipantIndex, SessionId, MAX_MESSAGE_BYTES,
};
use conclave_vss::decode_point;
use core::fmt;
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    combine::combine_points,
    suite::{encode, BlsSuite, Signature},
    PreparedKey,
};
use crate::{machine::check_flight, Machine, Outgoing, ProtocolError, Step};

const HASH: usize = 32;

/// One participant's side of a signature. Every participant of the quorum ends with the signature, verified.
pub struct Sign<B: BlsSuite> {
    key: Arc<PreparedKey<B>>,
    session: [u8; HASH],
    /// H(m).
    hash: Signature<B>,
    own: Signature<B>,
    awaits: BTreeSet<ParticipantIndex>,
}

impl<B: BlsSuite> fmt::Debug for Sign<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sign {{ {:?} with {:?}, <redacted> }}", self.key, self.awaits)
    }
}

impl<B: BlsSuite> Sign<B> {
    /// The bytes of every message.
    pub const MAX_MESSAGE_BYTES: usize = HASH + B::SIGNATURE_BYTES;

    /// Starts the signature of `message` by the `quorum` of exactly t. All of the quorum give the same
    /// `session`, which binds genesis, epoch, request, key, message, quorum and attempt.
    pub fn start(
        key: &Arc<PreparedKey<B>>,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        message: &[u8],
    ) -> Result<(Self, Vec<Outgoing>), ProtocolError> {
        let awaits = key.others_in(quorum)?;
        if !u32::try_from(message.len()).is_ok_and(|length| length <= MAX_MESSAGE_BYTES) {
            return Err(ProtocolError::MessageTooLong { got: message.len() });
        }
        let session = bls_share_binding(B::SCHEME, session, &key.public_key, quorum, message);
        let hash = B::hash(message);
        let own = hash * key.secret;
        let payload = bls_share_message(&session, &encode::<B::Signatures>(&own));
        let outgoing = awaits.iter().map(|to| Outgoing { to: *to, payload: payload.clone() }).collect();
        Ok((Self { key: Arc::clone(key), session, hash, own, awaits }, outgoing))
    }
}

impl<B: BlsSuite> Machine for Sign<B> {
    type Output = Vec<u8>;

    fn awaits(&self) -> &BTreeSet<ParticipantIndex> {
        &self.awaits
    }

    fn max_message_bytes(&self) -> usize {
        Self::MAX_MESSAGE_BYTES
    }

    fn advance(
        self,
        received: BTreeMap<ParticipantIndex, Vec<u8>>,
        _rng: &mut impl CryptoRng,
    ) -> Result<Step<Self, Self::Output>, ProtocolError> {
        check_flight(&self.awaits, &received, self.max_message_bytes())?;
        let mut shares = BTreeMap::from([(self.key.index, self.own)]);
        for (from, payload) in received {
            let too_short = ProtocolError::Malformed { from, reason: "too short" };
            let (session, share) = payload.split_at_checked(HASH).ok_or(too_short)?;
            if session != self.session {
                return Err(ProtocolError::SessionMismatch { from });
            }
            let share = decode_point::<B::Signatures>(share)
                .map_err(|_| ProtocolError::Malformed { from, reason: "share is no point" })?;
            shares.insert(from, share);
        }
        let key = &self.key;
        // With exactly t shares none can be left out: a wrong one is an error that names its sender.
        let (signature, _) =
            combine_points::<B>(&key.key, &key.public_shares, key.threshold, &self.hash, shares)?;
        Ok(Step::Done(encode::<B::Signatures>(&signature)))
    }
}
