//! What the registry stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::{AuthMethod, KeysetId, PublicKey, Scopes};
use frame_support::{
    traits::{fungible::Inspect, ConstU32},
    BoundedBTreeMap, BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;

use crate::Config;

/// Bound of the keys of a PKP: room for every signing curve of the design.
pub const MAX_KEYS: u32 = 8;

/// The public keys of a PKP, one per curve, in the order of `Curve::SIGNING`.
pub type PkpKeys = BoundedVec<PublicKey, ConstU32<MAX_KEYS>>;

/// A PKP as the registry stores it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PkpRecord<AccountId, Balance, BlockNumber> {
    /// Who owns it.
    pub owner: AccountId,
    /// The key set its keys derive from.
    pub keyset: KeysetId,
    /// When it was minted.
    pub minted_at: BlockNumber,
    /// Who minted it: the mint deposit is held there, whoever owns the PKP.
    pub depositor: AccountId,
    /// The mint deposit.
    pub deposit: Balance,
    /// Its public keys.
    pub public_keys: PkpKeys,
}

/// What an auth method may do with a PKP, and what the owner deposited for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Grant<Balance> {
    /// What it may do; never empty.
    pub scopes: Scopes,
    /// Held from the PKP's owner.
    pub deposit: Balance,
}

pub(crate) type BalanceOf<T> =
    <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
pub(crate) type PkpRecordOf<T> =
    PkpRecord<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;
pub(crate) type GrantsOf<T> = BoundedBTreeMap<AuthMethod, Grant<BalanceOf<T>>, <T as Config>::MaxPermissions>;
