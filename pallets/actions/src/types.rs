//! What this pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::actions::MAX_PUBLISHED_BYTES;
use frame_support::{
    traits::{fungible::Inspect, ConstU32},
    BoundedVec,
};
use scale_info::TypeInfo;

use crate::Config;

/// The bytes of an action.
pub type Program = BoundedVec<u8, ConstU32<MAX_PUBLISHED_BYTES>>;

/// What is known about a published program.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Publication<AccountId, Balance> {
    /// Who published it.
    pub publisher: AccountId,
    /// Held from the publisher.
    pub deposit: Balance,
    /// How long it is.
    pub bytes: u32,
}

pub(crate) type BalanceOf<T> =
    <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
pub(crate) type PublicationOf<T> = Publication<<T as frame_system::Config>::AccountId, BalanceOf<T>>;
