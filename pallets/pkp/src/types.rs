//! What the registry stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::{AuthMethod, CredentialKey, KeysetId, PublicKey, Scopes};
use frame_support::{
    traits::{fungible::Inspect, ConstU32},
    BoundedBTreeMap, BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;

use crate::Config;

/// Bound of the keys of a PKP: room for every signing curve of the design.
pub const MAX_KEYS: u32 = 8;

/// The most lists that one PKP permits.
pub const MAX_LISTS: u32 = 4;

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
    /// Whether its rules are fixed for ever.
    pub frozen: bool,
}

/// What an auth method may do with a PKP, and what was deposited for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Grant<AccountId, Balance> {
    /// What it may do; never empty.
    pub scopes: Scopes,
    /// The public key of a passkey; none of other auth methods.
    pub credential: Option<CredentialKey>,
    /// The owner who permitted it: the deposit is held there. Another than the owner once a PKP was sent to itself.
    pub depositor: AccountId,
    /// The deposit.
    pub deposit: Balance,
}

/// What everybody on a list may do with a PKP, and what was deposited for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ListGrant<AccountId, Balance> {
    /// The root of the list's Merkle tree (`conclave_primitives::list_tree`).
    pub root: [u8; 32],
    /// What they may do; never empty.
    pub scopes: Scopes,
    /// The owner who permitted it.
    pub depositor: AccountId,
    /// The deposit.
    pub deposit: Balance,
}

pub(crate) type BalanceOf<T> =
    <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
pub(crate) type PkpRecordOf<T> =
    PkpRecord<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;
pub(crate) type GrantOf<T> = Grant<<T as frame_system::Config>::AccountId, BalanceOf<T>>;
pub(crate) type GrantsOf<T> = BoundedBTreeMap<AuthMethod, GrantOf<T>, <T as Config>::MaxPermissions>;
pub(crate) type ListGrantOf<T> = ListGrant<<T as frame_system::Config>::AccountId, BalanceOf<T>>;
pub(crate) type ListGrantsOf<T> = BoundedBTreeMap<u32, ListGrantOf<T>, ConstU32<MAX_LISTS>>;
