//! A key share as FROST computes with it.

use conclave_primitives::{EncodedPoint, ParticipantIndex};
use core::fmt;
use frost_core::{
    keys::{KeyPackage, PublicKeyPackage, SigningShare, VerifyingShare},
    VerifyingKey,
};
use std::collections::{BTreeMap, BTreeSet};

use super::{backend, identifier, FrostSuite};
use crate::{key_share::others_in, KeyShare, ProtocolError};

/// A key share decoded, checked and tweaked for a suite. It costs about as much as a flight, and serves any
/// number of signatures, so whoever signs often with a key keeps it. Erased when dropped.
pub struct PreparedKey<S: FrostSuite> {
    pub(super) package: KeyPackage<S::Ciphersuite>,
    /// Without shares: they are decoded only to find who cheated.
    pub(super) public: PublicKeyPackage<S::Ciphersuite>,
    /// Before the tweak.
    verifying_key: VerifyingKey<S::Ciphersuite>,
    pub(super) index: ParticipantIndex,
    pub(super) public_key: EncodedPoint,
    threshold: u32,
    public_shares: BTreeMap<ParticipantIndex, EncodedPoint>,
}

impl<S: FrostSuite> fmt::Debug for PreparedKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedKey {{ {:?} of {:?}, <redacted> }}", self.index, S::SCHEME)
    }
}

impl<S: FrostSuite> PreparedKey<S> {
    /// Decodes a key share, a root key's or a derived one's.
    pub fn new(key_share: &KeyShare) -> Result<Self, ProtocolError> {
        let invalid = |reason| ProtocolError::InvalidKeyShare { reason };
        let curve = S::SCHEME.curve();
        if key_share.curve() != curve {
            return Err(ProtocolError::WrongCurve { got: key_share.curve(), expected: curve });
        }
        let signing_share =
            SigningShare::deserialize(key_share.secret().as_bytes()).map_err(|_| invalid("no scalar"))?;
        let verifying_share = VerifyingShare::from(signing_share);
        // With a wrong share of ours the others would blame us, rightly.
        if verifying_share.serialize().map_err(backend)? != key_share.own_public_share()?.as_slice() {
            return Err(invalid("not the one of its public share"));
        }
        let verifying_key = VerifyingKey::deserialize(key_share.public_key())
            .map_err(|_| invalid("public key is no point"))?;
        let threshold =
            u16::try_from(key_share.threshold()).map_err(|_| invalid("threshold not in 2..=n"))?;
        let index = key_share.index();
        let package =
            KeyPackage::new(identifier(index)?, signing_share, verifying_share, verifying_key, threshold);
        Ok(Self {
            package: S::tweak(package),
            public: S::tweak_public(PublicKeyPackage::new(BTreeMap::new(), verifying_key, Some(threshold))),
            verifying_key,
            index,
            public_key: key_share.public_key().clone(),
            threshold: key_share.threshold(),
            public_shares: key_share.public_shares().clone(),
        })
    }

    pub(super) fn others_in(
        &self,
        quorum: &BTreeSet<ParticipantIndex>,
    ) -> Result<BTreeSet<ParticipantIndex>, ProtocolError> {
        others_in(quorum, self.index, self.threshold, &self.public_shares)
    }

    /// With the shares of `members`, to find who cheated.
    pub(super) fn public_with_shares(
        &self,
        members: &BTreeSet<ParticipantIndex>,
    ) -> Result<PublicKeyPackage<S::Ciphersuite>, ProtocolError> {
        let of_quorum = self
            .public_shares
            .iter()
            .filter(|(member, _)| **member == self.index || members.contains(member));
        let shares = of_quorum
            .map(|(member, point)| {
                let share = VerifyingShare::deserialize(point)
                    .map_err(|_| ProtocolError::InvalidKeyShare { reason: "public share is no point" })?;
                Ok((identifier(*member)?, share))
            })
            .collect::<Result<_, ProtocolError>>()?;
        let public = PublicKeyPackage::new(shares, self.verifying_key, self.public.min_signers());
        Ok(S::tweak_public(public))
    }
}
