//! What a worker sees of a key generation attempt.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{AttemptId, BlockNumber, KeysetId, Member, ParticipantIndex, RootKey, RootKeyId};

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
    /// Dealers post the hash of their dealing, which removes the advantage of dealing last.
    #[codec(index = 0)]
    Commit,
    /// Dealers open it.
    #[codec(index = 1)]
    Deal,
    /// Recipients complain, or say that all is well.
    #[codec(index = 2)]
    Complain,
    /// Keys are final; members confirm their shares and sign once together.
    #[codec(index = 3)]
    Confirm,
}

/// An attempt as of a finalized block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AttemptView {
    /// The attempt.
    pub id: AttemptId,
    /// The key set that it makes.
    pub keyset: KeysetId,
    /// Who takes part; member i has participant index i + 1.
    pub members: Vec<Member>,
    /// t of n.
    pub threshold: u32,
    /// The keys, in the order of every dealing.
    pub keys: Vec<RootKeyId>,
    /// The phase.
    pub phase: AttemptPhase,
    /// The last block of the phase.
    pub deadline: BlockNumber,
    /// Who posted the hash of a dealing.
    pub committed: Vec<ParticipantIndex>,
    /// Who opened it.
    pub dealt: Vec<ParticipantIndex>,
    /// Who was proven guilty.
    pub disqualified: Vec<ParticipantIndex>,
    /// Who complained or said that all is well.
    pub reported: Vec<ParticipantIndex>,
    /// Who confirmed its shares.
    pub confirmed: Vec<ParticipantIndex>,
    /// The keys that came out; empty before the phase [`AttemptPhase::Confirm`].
    pub roots: Vec<RootKey>,
}
