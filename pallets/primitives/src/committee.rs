//! A committee: who holds shares of which keys.

use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
    AccountBytes, Attempt, AttemptId, AttemptKind, EncodedPoint, Epoch, KeysetId, ParticipantIndex,
    RootKeyId, MAX_MEMBERS,
};

/// The public keys a validator's worker acts with.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct WorkerKeys {
    /// ristretto255: clients seal private parameters to it.
    pub encryption: [u8; 32],
    /// Ed25519: signs the worker's extrinsics.
    pub signing: [u8; 32],
    /// Ed25519: the libp2p identity, which also signs every message to other members.
    pub transport: [u8; 32],
}

/// Proofs that whoever registers worker keys holds them: without, a key could be copied from another
/// validator and its shares or its blame moved with it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct WorkerKeyProofs {
    /// Schnorr proof of knowledge, challenge ‖ response (`conclave_vss::SchnorrProof`).
    pub encryption: [u8; 64],
    /// Ed25519 signature over [`crate::worker_keys_bytes`].
    pub signing: [u8; 64],
    /// Ed25519 signature over [`crate::worker_keys_bytes`].
    pub transport: [u8; 64],
}

/// A member: the validator and the keys its worker had when the committee was formed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Member<AccountId = AccountBytes> {
    /// The validator's stash account.
    pub account: AccountId,
    /// Its worker's keys.
    pub keys: WorkerKeys,
    /// ristretto255: the shares of this committee are dealt to it, and its secret is erased with them.
    pub dealing_key: [u8; 32],
}

/// What the chain has of a worker's next dealing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DealingKeyView {
    /// The key that was provided last, to which the next attempt deals.
    pub provided: Option<[u8; 32]>,
    /// Whether another is due: there is none, or an attempt has used it.
    pub is_due: bool,
    /// The attempt that comes next. A key is provided for it, so that an old call brings no key back.
    pub next: AttemptId,
}

/// A root key with the Feldman commitments of its sharing polynomial: `commitments[0]` is the public
/// key, and every member's public share follows from them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RootKey {
    /// Which key.
    pub id: RootKeyId,
    /// t points, constant term first.
    pub commitments: BoundedVec<EncodedPoint, ConstU32<MAX_MEMBERS>>,
}

/// A committee with its keys.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Committee {
    /// The epoch it serves.
    pub epoch: Epoch,
    /// The attempt that made its shares.
    pub attempt: Attempt,
    /// How it made them.
    pub kind: AttemptKind,
    /// The key set its root keys form.
    pub keyset: KeysetId,
    /// Its members; member i has participant index i + 1.
    pub members: Vec<Member>,
    /// t of n.
    pub threshold: u32,
    /// Its root keys.
    pub roots: Vec<RootKey>,
    /// Those who had confirmed, when it became active, that their shares are on disk.
    pub confirmed: Vec<ParticipantIndex>,
}

impl Committee {
    /// The attempt that made its shares, as an id.
    pub fn attempt_id(&self) -> AttemptId {
        AttemptId { epoch: self.epoch, attempt: self.attempt }
    }

    /// The member with this index.
    pub fn member(&self, index: ParticipantIndex) -> Option<&Member> {
        self.members.get(index.position())
    }

    /// Every index of the committee.
    pub fn indices(&self) -> impl Iterator<Item = ParticipantIndex> + '_ {
        (0..self.members.len()).filter_map(ParticipantIndex::from_position)
    }

    /// The index of the member with this transport key.
    pub fn index_of_transport(&self, transport: &[u8; 32]) -> Option<ParticipantIndex> {
        self.members
            .iter()
            .position(|member| member.keys.transport == *transport)
            .and_then(ParticipantIndex::from_position)
    }
}

/// Who of the validators may be in a committee: on chains that require sealed machines, those that proved theirs.
pub trait AdmitMembers<AccountId> {
    /// Those of `validators` that may, in their order.
    fn admit(validators: Vec<AccountId>) -> Vec<AccountId>;
}

/// Everybody: chains that require nothing more.
impl<AccountId> AdmitMembers<AccountId> for () {
    fn admit(validators: Vec<AccountId>) -> Vec<AccountId> {
        validators
    }
}
