//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::{
    Attempt, AttemptId, AttemptPhase, Epoch, KeysetId, Member, ParticipantIndex, RootKey, WorkerKeys,
    MAX_MEMBERS, MAX_ROOT_KEYS,
};
use frame_support::{traits::ConstU32, BoundedBTreeSet, BoundedVec};
use scale_info::TypeInfo;

pub(crate) type Members<AccountId> = BoundedVec<Member<AccountId>, ConstU32<MAX_MEMBERS>>;
pub(crate) type Participants = BoundedBTreeSet<ParticipantIndex, ConstU32<MAX_MEMBERS>>;

/// Worker keys and the deposit held for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RegisteredKeys<Balance> {
    /// The keys.
    pub keys: WorkerKeys,
    /// What is held; nothing for keys of the genesis.
    pub deposit: Balance,
}

/// The committee that serves.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ActiveCommittee<AccountId> {
    /// The epoch it serves.
    pub epoch: Epoch,
    /// The attempt that made it.
    pub attempt: Attempt,
    /// Its key set.
    pub keyset: KeysetId,
    /// Its members.
    pub members: Members<AccountId>,
    /// t of n.
    pub threshold: u32,
    /// Its keys.
    pub roots: BoundedVec<RootKey, ConstU32<MAX_ROOT_KEYS>>,
}

/// A running attempt.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RunningAttempt<AccountId, BlockNumber> {
    /// Which.
    pub id: AttemptId,
    /// Who takes part.
    pub members: Members<AccountId>,
    /// t of n.
    pub threshold: u32,
    /// The phase.
    pub phase: AttemptPhase,
    /// The last block of the phase.
    pub deadline: BlockNumber,
    /// Who was proven guilty.
    pub disqualified: Participants,
    /// Who reported on its shares.
    pub reported: Participants,
    /// Who confirmed its shares.
    pub confirmed: Participants,
}

impl<AccountId, BlockNumber> RunningAttempt<AccountId, BlockNumber> {
    /// The member with this index.
    pub fn member(&self, index: ParticipantIndex) -> Option<&Member<AccountId>> {
        self.members.get(index.position())
    }

    /// Every index of the attempt.
    pub fn indices(&self) -> impl Iterator<Item = ParticipantIndex> + '_ {
        (0..self.members.len()).filter_map(ParticipantIndex::from_position)
    }
}

/// Why an attempt ended without keys.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum FailureReason {
    /// Fewer than t members committed to a dealing in time.
    TooFewCommitments,
    /// Fewer than t dealings stood at the end.
    TooFewDealings,
    /// The dealings that stood sum to no key.
    NoKey,
    /// The committee did not confirm and sign in time.
    NotActivated,
}
