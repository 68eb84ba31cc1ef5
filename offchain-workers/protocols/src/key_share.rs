//! A participant's share of a key.

use conclave_primitives::{Curve, EncodedPoint, ParticipantIndex};
use conclave_vss::SecretScalar;
use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use crate::ProtocolError;

/// A participant's share of a root key, or of a key derived from root keys, with what is public of it.
pub struct KeyShare {
    curve: Curve,
    index: ParticipantIndex,
    threshold: u32,
    secret: SecretScalar,
    public_key: EncodedPoint,
    public_shares: BTreeMap<ParticipantIndex, EncodedPoint>,
}

impl KeyShare {
    /// The share of participant `index`. `public_shares` are those of all n participants; `secret` is
    /// checked against its own when it is first used.
    pub fn new(
        curve: Curve,
        index: ParticipantIndex,
        threshold: u32,
        secret: SecretScalar,
        public_key: EncodedPoint,
        public_shares: BTreeMap<ParticipantIndex, EncodedPoint>,
    ) -> Result<Self, ProtocolError> {
        let invalid = |reason| Err(ProtocolError::InvalidKeyShare { reason });
        // With t = 1 every share is the key itself.
        if threshold < 2 || usize::try_from(threshold).map_or(true, |t| t > public_shares.len()) {
            return invalid("threshold not in 2..=n");
        }
        if !public_shares.contains_key(&index) {
            return invalid("no public share of its own");
        }
        if public_shares.values().chain([&public_key]).any(|point| point.len() != curve.point_bytes()) {
            return invalid("point of another length than the curve's");
        }
        Ok(Self { curve, index, threshold, secret, public_key, public_shares })
    }

    /// The curve of the key.
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// Whose share it is: the x coordinate.
    pub const fn index(&self) -> ParticipantIndex {
        self.index
    }

    /// t of n.
    pub const fn threshold(&self) -> u32 {
        self.threshold
    }

    /// The share itself: the y coordinate.
    pub const fn secret(&self) -> &SecretScalar {
        &self.secret
    }

    /// The public key.
    pub const fn public_key(&self) -> &EncodedPoint {
        &self.public_key
    }

    /// The public counterparts of all n shares.
    pub const fn public_shares(&self) -> &BTreeMap<ParticipantIndex, EncodedPoint> {
        &self.public_shares
    }

    /// The public counterpart of this share.
    pub(crate) fn own_public_share(&self) -> Result<&EncodedPoint, ProtocolError> {
        self.public_shares
            .get(&self.index)
            .ok_or(ProtocolError::InvalidKeyShare { reason: "no public share of its own" })
    }

    /// The other members of a quorum of exactly t, of which this one is a member.
    pub(crate) fn others_in(
        &self,
        quorum: &BTreeSet<ParticipantIndex>,
    ) -> Result<BTreeSet<ParticipantIndex>, ProtocolError> {
        others_in(quorum, self.index, self.threshold, &self.public_shares)
    }
}

/// The other members of a quorum of exactly t out of those with a public share, of which `index` is one.
pub(crate) fn others_in(
    quorum: &BTreeSet<ParticipantIndex>,
    index: ParticipantIndex,
    threshold: u32,
    public_shares: &BTreeMap<ParticipantIndex, EncodedPoint>,
) -> Result<BTreeSet<ParticipantIndex>, ProtocolError> {
    let expected = usize::try_from(threshold).unwrap_or(usize::MAX);
    if quorum.len() != expected {
        return Err(ProtocolError::WrongQuorumSize { got: quorum.len(), expected });
    }
    if let Some(participant) = quorum.iter().find(|member| !public_shares.contains_key(member)) {
        return Err(ProtocolError::UnknownParticipant { participant: *participant });
    }
    let mut others = quorum.clone();
    if !others.remove(&index) {
        return Err(ProtocolError::NotInQuorum { participant: index });
    }
    Ok(others)
}

impl fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyShare")
            .field("curve", &self.curve)
            .field("index", &self.index)
            .field("threshold", &self.threshold)
            .field("secret", &"<redacted>")
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
    }
}
