//! Identifiers as newtypes: an id that carries its attempt cannot be confused with a retry.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, num::NonZeroU8};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The committee's period of service, counted from 1; never a pallet-session "session".
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct Epoch(pub u32);

/// The number of a try at the same goal, counted from 0.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct Attempt(pub u32);

/// A set of root keys born in one key generation. Resharing keeps it; PKPs name it.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct KeysetId(pub u32);

/// One attempt to make a committee: a key generation or a reshare.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct AttemptId {
    /// The epoch that the new committee will serve.
    pub epoch: Epoch,
    /// Which try this is.
    pub attempt: Attempt,
}

/// The index of a participant in a committee, 1..=n: the x coordinate of its shares. Never 0, where
/// the secret itself lies.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct ParticipantIndex(NonZeroU8);

/// A participant index of 0, or above 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidParticipantIndex;

impl ParticipantIndex {
    /// The index `value`; `None` for 0.
    pub const fn new(value: u8) -> Option<Self> {
        match NonZeroU8::new(value) {
            Some(index) => Some(Self(index)),
            None => None,
        }
    }

    /// The index of the member at `position` (counted from 0) of the committee's list.
    pub fn from_position(position: usize) -> Option<Self> {
        u8::try_from(position).ok()?.checked_add(1).and_then(Self::new)
    }

    /// The position in the committee's list, counted from 0.
    pub fn position(self) -> usize {
        usize::from(self.0.get()).saturating_sub(1)
    }

    /// The index as a number.
    pub const fn get(self) -> u8 {
        self.0.get()
    }
}

impl TryFrom<u8> for ParticipantIndex {
    type Error = InvalidParticipantIndex;

    fn try_from(value: u8) -> Result<Self, Self::Error> {
        Self::new(value).ok_or(InvalidParticipantIndex)
    }
}

impl fmt::Display for ParticipantIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ParticipantIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen,
            TypeInfo, Serialize, Deserialize,
        )]
        pub struct $name(pub [u8; 32]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("0x")?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

hash_id!(
    /// A programmable key pair in the registry.
    PkpId
);
hash_id!(
    /// A client's request: the hash of its canonical bytes, so two requests never share an id.
    RequestId
);
hash_id!(
    /// One run of a protocol among a quorum. See `conclave-worker` for what it binds.
    SessionId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn participant_index_should_refuse_zero_also_when_decoded() {
        assert!(ParticipantIndex::new(0).is_none());
        assert!(ParticipantIndex::decode(&mut &[0u8][..]).is_err());
        assert_eq!(ParticipantIndex::decode(&mut &[7u8][..]).map(|i| i.position()), Ok(6));
        assert!(ParticipantIndex::from_position(255).is_none());
    }
}
