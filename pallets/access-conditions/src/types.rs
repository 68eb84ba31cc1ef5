//! What this pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::conditions::{ExternalChain, MAX_CONDITION_BYTES};
use frame_support::{
    traits::{fungible::Inspect, ConstU32},
    BoundedVec,
};
use scale_info::TypeInfo;

use crate::Config;

/// A condition's canonical bytes.
pub type EncodedCondition = BoundedVec<u8, ConstU32<MAX_CONDITION_BYTES>>;

/// A policy as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PolicyRecord<AccountId, Balance> {
    /// Who may update and revoke it.
    pub owner: AccountId,
    /// Held from the owner.
    pub deposit: Balance,
    /// How many conditions it has had, this one included.
    pub version: u32,
    /// What it says now.
    pub condition: EncodedCondition,
}

/// An external chain as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ChainRecord {
    /// What it is.
    pub chain: ExternalChain,
    /// Whether conditions may ask it.
    pub enabled: bool,
}

pub(crate) type BalanceOf<T> =
    <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
pub(crate) type PolicyRecordOf<T> = PolicyRecord<<T as frame_system::Config>::AccountId, BalanceOf<T>>;
