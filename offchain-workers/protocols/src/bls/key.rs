//! A key share as BLS computes with it.

use bls12_381_plus::Scalar;
use conclave_primitives::{EncodedPoint, ParticipantIndex};
use conclave_vss::decode_point;
use core::fmt;
use group::Group;
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroize;

use super::suite::{encode, BlsSuite, Key};
use crate::{key_share::others_in, KeyShare, ProtocolError};

/// A key share decoded and checked. Erased when dropped.
pub struct PreparedKey<B: BlsSuite> {
    pub(super) secret: Scalar,
    pub(super) key: Key<B>,
    pub(super) index: ParticipantIndex,
    pub(super) public_key: EncodedPoint,
    pub(super) threshold: u32,
    pub(super) public_shares: BTreeMap<ParticipantIndex, EncodedPoint>,
}

impl<B: BlsSuite> fmt::Debug for PreparedKey<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedKey {{ {:?} of {:?}, <redacted> }}", self.index, B::SCHEME)
    }
}

impl<B: BlsSuite> Drop for PreparedKey<B> {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl<B: BlsSuite> PreparedKey<B> {
    /// Decodes a key share, a root key's or a derived one's.
    pub fn new(key_share: &KeyShare) -> Result<Self, ProtocolError> {
        let invalid = |reason| ProtocolError::InvalidKeyShare { reason };
        let curve = B::SCHEME.curve();
        if key_share.curve() != curve {
            return Err(ProtocolError::WrongCurve { got: key_share.curve(), expected: curve });
        }
        let secret = Scalar::from_le_bytes(key_share.secret().as_bytes());
        let prepared = Self {
            secret: Option::from(secret).ok_or(invalid("no scalar"))?,
            key: decode_point::<B::Keys>(key_share.public_key())
                .map_err(|_| invalid("public key is no point"))?,
            index: key_share.index(),
            public_key: key_share.public_key().clone(),
            threshold: key_share.threshold(),
            public_shares: key_share.public_shares().clone(),
        };
        // With a wrong share of ours the others would blame us, rightly.
        let public = encode::<B::Keys>(&(Key::<B>::generator() * prepared.secret));
        if public != key_share.own_public_share()?.as_slice() {
            return Err(invalid("not the one of its public share"));
        }
        Ok(prepared)
    }

    pub(super) fn others_in(
        &self,
        quorum: &BTreeSet<ParticipantIndex>,
    ) -> Result<BTreeSet<ParticipantIndex>, ProtocolError> {
        others_in(quorum, self.index, self.threshold, &self.public_shares)
    }
}
