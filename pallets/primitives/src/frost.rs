//! What a FROST signature share is for, as bytes: a signed frame that carries a share and the hash of its
//! package proves which package the share was for, so that whoever has the package can judge the share.

use bounded_collections::{BoundedBTreeMap, BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::{blake2_256, EncodedPoint, ParticipantIndex, Scheme, MAX_MEMBERS, MAX_MESSAGE_BYTES};

/// A signer's commitments to its two nonces (RFC 9591, section 5.1).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct NonceCommitments {
    /// D.
    pub hiding: EncodedPoint,
    /// E.
    pub binding: EncodedPoint,
}

/// The commitments of a quorum, by participant index.
pub type QuorumCommitments = BoundedBTreeMap<ParticipantIndex, NonceCommitments, ConstU32<MAX_MEMBERS>>;

/// The input of all signature shares of one run, as every honest signer of the quorum sees it. Its SCALE
/// encoding has the commitments in the order of the indices: one package, one sequence of bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SigningPackage {
    /// The scheme: the same commitments under another suite ask for another share.
    pub scheme: Scheme,
    /// The public key, before any tweak that the scheme makes.
    pub public_key: EncodedPoint,
    /// The message.
    pub message: BoundedVec<u8, ConstU32<MAX_MESSAGE_BYTES>>,
    /// Whose nonces.
    pub commitments: QuorumCommitments,
}

impl SigningPackage {
    /// The canonical bytes: a domain and the SCALE encoding.
    pub fn canonical_bytes(&self) -> alloc::vec::Vec<u8> {
        (b"CONCLAVE-V1-FROST-PACKAGE", self).encode()
    }

    /// What goes with a signature share: BLAKE2b-256 of the canonical bytes.
    pub fn hash(&self) -> [u8; 32] {
        blake2_256(&self.canonical_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeMap, vec, vec::Vec};

    fn point(fill: u8) -> EncodedPoint {
        EncodedPoint::truncate_from(vec![fill; 32])
    }

    fn package() -> SigningPackage {
        let commitments = |fill| NonceCommitments { hiding: point(fill), binding: point(fill + 1) };
        let index = |value| ParticipantIndex::new(value).expect("not zero");
        SigningPackage {
            scheme: Scheme::Ed25519,
            public_key: point(9),
            message: BoundedVec::truncate_from(vec![7; 3]),
            commitments: BTreeMap::from([(index(3), commitments(30)), (index(1), commitments(10))])
                .try_into()
                .expect("two members"),
        }
    }

    /// Pins the bytes: evidence is made on one side of a chain and judged on the other.
    #[test]
    fn canonical_bytes_should_stay() {
        let points = |fills: [u8; 2]| fills.map(|fill| [vec![32 << 2], vec![fill; 32]].concat()).concat();
        let expected: Vec<u8> = [
            b"CONCLAVE-V1-FROST-PACKAGE".to_vec(),
            vec![1],
            [vec![32 << 2], vec![9; 32]].concat(),
            vec![3 << 2, 7, 7, 7],
            vec![2 << 2, 1],
            points([10, 11]),
            vec![3],
            points([30, 31]),
        ]
        .concat();
        assert_eq!(package().canonical_bytes(), expected);
    }

    #[test]
    fn every_part_should_change_the_hash() {
        let base = package();
        let mut changed = vec![
            SigningPackage { scheme: Scheme::Sr25519, ..base.clone() },
            SigningPackage { public_key: point(8), ..base.clone() },
            SigningPackage { message: BoundedVec::default(), ..base.clone() },
        ];
        for change in
            [|c: &mut NonceCommitments| c.hiding = point(0), |c: &mut NonceCommitments| c.binding = point(0)]
        {
            let mut other = base.clone();
            change(other.commitments.iter_mut().next().expect("two members").1);
            changed.push(other);
        }
        let mut fewer = base.clone();
        fewer.commitments.remove(&ParticipantIndex::new(3).expect("not zero"));
        changed.push(fewer);
        for other in changed {
            assert_ne!(base.hash(), other.hash());
            assert_eq!(SigningPackage::decode(&mut other.encode().as_slice()), Ok(other));
        }
    }
}
