//! What a worker sees of an attempt to make a committee.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{AttemptId, BlockNumber, KeysetId, Member, ParticipantIndex, RootKey, RootKeyId};

/// How an attempt comes by its keys.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum AttemptKind {
    /// Members deal fresh secrets: new keys. They are dealers and recipients.
    #[codec(index = 0)]
    Keygen,
    /// The committee that serves deals its shares to the next one, whoever that is: the same keys. With
    /// the same members it is a refresh.
    #[codec(index = 1)]
    Reshare,
}

/// The phases of an attempt, each a window of blocks that ends early when all have acted.
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
#[serde(rename_all = "lowercase")]
pub enum AttemptPhase {
    /// Dealers of a key generation post the hash of their dealing, which removes the advantage of dealing
    /// last. A reshare has none: whatever its dealers choose, the keys stay.
    #[codec(index = 0)]
    Commit,
    /// Dealers open it.
    #[codec(index = 1)]
    Deal,
    /// Recipients complain, or say that all is well.
    #[codec(index = 2)]
    Complain,
    /// The runtime combines the dealings that stand to keys, as many a block as fit.
    #[codec(index = 3)]
    Finalise,
    /// Keys are final; members confirm their shares and sign once together.
    #[codec(index = 4)]
    Confirm,
}

/// An attempt as of a finalized block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AttemptView {
    /// The attempt.
    pub id: AttemptId,
    /// How it comes by its keys.
    pub kind: AttemptKind,
    /// The key set that it makes or keeps.
    pub keyset: KeysetId,
    /// Who deals; dealer i has participant index i + 1 among the dealers. In a key generation the members,
    /// in a reshare the committee that serves.
    pub dealers: Vec<Member>,
    /// Who receives shares; member i has participant index i + 1.
    pub members: Vec<Member>,
    /// t of n, of the members.
    pub threshold: u32,
    /// The keys, in the order of every dealing.
    pub keys: Vec<RootKeyId>,
    /// The phase.
    pub phase: AttemptPhase,
    /// How often dealings that fell had to be replaced by others.
    pub round: u32,
    /// The last block of the phase.
    pub deadline: BlockNumber,
    /// Dealers that posted the hash of a dealing.
    pub committed: Vec<ParticipantIndex>,
    /// Dealers whose dealing stands.
    pub dealt: Vec<ParticipantIndex>,
    /// Dealers that were proven guilty.
    pub guilty_dealers: Vec<ParticipantIndex>,
    /// Members that were proven guilty.
    pub guilty_members: Vec<ParticipantIndex>,
    /// Members that complained or said that all is well.
    pub reported: Vec<ParticipantIndex>,
    /// Members that confirmed their shares.
    pub confirmed: Vec<ParticipantIndex>,
    /// The keys that came out; empty before the phase [`AttemptPhase::Confirm`].
    pub roots: Vec<RootKey>,
}
