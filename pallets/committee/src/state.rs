//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::{
    Attempt, AttemptId, AttemptKind, AttemptPhase, Epoch, KeysetId, Member, ParticipantIndex, Participants,
    RootKey, WorkerKeys, MAX_MEMBERS, MAX_ROOT_KEYS,
};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

pub(crate) type Members<AccountId> = BoundedVec<Member<AccountId>, ConstU32<MAX_MEMBERS>>;

/// Worker keys and the deposit held for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RegisteredKeys<Balance> {
    /// The keys.
    pub keys: WorkerKeys,
    /// What is held; nothing for keys of the genesis.
    pub deposit: Balance,
    /// What the next attempt deals to. None before the worker has provided one.
    pub dealing_key: Option<DealingKey>,
}

/// See [`Member::dealing_key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct DealingKey {
    /// The public key.
    pub public: [u8; 32],
    /// Whether an attempt has dealt to it: another one is due, since the worker erases it with what that attempt dealt.
    pub is_used: bool,
}

/// The committee that serves.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ActiveCommittee<AccountId> {
    /// The epoch it serves.
    pub epoch: Epoch,
    /// The session in which it was activated.
    pub session: u32,
    /// The attempt that made it.
    pub attempt: Attempt,
    /// How it came by its keys.
    pub kind: AttemptKind,
    /// Its key set.
    pub keyset: KeysetId,
    /// Its members.
    pub members: Members<AccountId>,
    /// t of n.
    pub threshold: u32,
    /// Its keys.
    pub roots: BoundedVec<RootKey, ConstU32<MAX_ROOT_KEYS>>,
    /// Those who had confirmed their shares when it became active: by this a member knows a disk that is older.
    pub confirmed: Participants,
}

impl<AccountId> ActiveCommittee<AccountId> {
    /// The attempt that made it.
    pub const fn attempt_id(&self) -> AttemptId {
        AttemptId { epoch: self.epoch, attempt: self.attempt }
    }
}

/// A running attempt.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RunningAttempt<AccountId, BlockNumber> {
    /// Which.
    pub id: AttemptId,
    /// How it comes by its keys.
    pub kind: AttemptKind,
    /// Who receives shares; in a key generation also who deals.
    pub members: Members<AccountId>,
    /// t of n.
    pub threshold: u32,
    /// The phase.
    pub phase: AttemptPhase,
    /// How often dealings that fell had to be replaced by others: dealings and reports are signed for one round.
    pub round: u32,
    /// The last block of the phase.
    pub deadline: BlockNumber,
    /// Dealers that were proven guilty.
    pub guilty_dealers: Participants,
    /// Members that were proven guilty.
    pub guilty_members: Participants,
    /// Members that reported on their shares.
    pub reported: Participants,
    /// Members that confirmed their shares.
    pub confirmed: Participants,
}

impl<AccountId, BlockNumber> RunningAttempt<AccountId, BlockNumber> {
    /// The member with this index.
    pub fn member(&self, index: ParticipantIndex) -> Option<&Member<AccountId>> {
        self.members.get(index.position())
    }

    /// Every index of a member.
    pub fn indices(&self) -> impl Iterator<Item = ParticipantIndex> + '_ {
        (0..self.members.len()).filter_map(ParticipantIndex::from_position)
    }
}

/// Why an attempt ended without a committee.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum FailureReason {
    /// Fewer than t members committed to a dealing in time.
    TooFewCommitments,
    /// Fewer than t dealings stood at the end.
    TooFewDealings,
    /// The dealings that stood combine to no key, or to another one than the one to keep.
    NoKey,
    /// The committee did not confirm and sign in time.
    NotActivated,
    /// Governance ended it.
    Cancelled,
}
