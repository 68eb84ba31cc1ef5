//! What a BLS signature share is for, as bytes: as in the `frost` module, whoever knows it can judge the share.

use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::{blake2_256, EncodedPoint, KeyId, Participants, Scheme, SessionId, MAX_MESSAGE_BYTES};

/// In which flight of a BLS session its signature shares are sent.
pub const BLS_SHARE_FLIGHT: u8 = 1;

const DOMAIN_SESSION: &[u8] = b"CONCLAVE-V1-BLS-SESSION";

/// What a session signs by BLS: all that its shares depend on but the members' secrets.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct BlsSubject {
    /// The scheme: which group has the signatures.
    pub scheme: Scheme,
    /// The key.
    pub key: KeyId,
    /// Who signs: t members.
    pub quorum: Participants,
    /// The message.
    pub message: BoundedVec<u8, ConstU32<MAX_MESSAGE_BYTES>>,
}

impl BlsSubject {
    /// [`bls_share_binding`] of this subject.
    pub fn binding(&self, session: &SessionId, public_key: &EncodedPoint) -> [u8; 32] {
        bls_share_binding(self.scheme, session, public_key, &self.quorum, &self.message)
    }
}

/// What goes with a BLS signature share, so that its sender signs what it is for.
pub fn bls_share_binding(
    scheme: Scheme,
    session: &SessionId,
    public_key: &EncodedPoint,
    quorum: &alloc::collections::BTreeSet<crate::ParticipantIndex>,
    message: &[u8],
) -> [u8; 32] {
    blake2_256(&(DOMAIN_SESSION, scheme, session, public_key, quorum, message).encode())
}

/// The message that carries a BLS signature share: what it is for, and the share.
pub fn bls_share_message(binding: &[u8; 32], share: &[u8]) -> Vec<u8> {
    [binding.as_slice(), share].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParticipantIndex, PkpId};
    use alloc::{collections::BTreeSet, vec};

    fn subject() -> BlsSubject {
        let index = |value| ParticipantIndex::new(value).expect("not zero");
        BlsSubject {
            scheme: Scheme::BlsG2,
            key: KeyId::Pkp(PkpId([1; 32]), crate::Curve::Bls12381G1),
            quorum: BTreeSet::from([index(3), index(1)]).try_into().expect("two members"),
            message: BoundedVec::truncate_from(vec![7; 3]),
        }
    }

    fn point(fill: u8) -> EncodedPoint {
        EncodedPoint::truncate_from(vec![fill; 48])
    }

    /// Pins the bytes: evidence is made on one side of a chain and judged on the other.
    #[test]
    fn what_is_bound_should_stay() {
        let expected: Vec<u8> = [
            vec![23 << 2],
            b"CONCLAVE-V1-BLS-SESSION".to_vec(),
            Scheme::BlsG2.encode(),
            vec![5; 32],
            vec![48 << 2],
            vec![9; 48],
            vec![2 << 2, 1, 3],
            vec![3 << 2, 7, 7, 7],
        ]
        .concat();
        assert_eq!(subject().binding(&SessionId([5; 32]), &point(9)), blake2_256(&expected));
    }

    #[test]
    fn every_part_should_change_it() {
        let (base, session, key) = (subject(), SessionId([5; 32]), point(9));
        let mut fewer = base.clone();
        fewer.quorum.remove(&ParticipantIndex::new(3).expect("not zero"));
        let others = [
            BlsSubject { scheme: Scheme::BlsG1, ..base.clone() }.binding(&session, &key),
            BlsSubject { message: BoundedVec::default(), ..base.clone() }.binding(&session, &key),
            fewer.binding(&session, &key),
            base.binding(&SessionId([6; 32]), &key),
            base.binding(&session, &point(8)),
        ];
        assert!(others.iter().all(|other| *other != base.binding(&session, &key)));
    }
}
