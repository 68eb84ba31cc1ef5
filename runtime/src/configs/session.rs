//! Sessions: which keys a validator uses, and proofs that a key belonged to a validator in a past session.

use crate::{
    deposit, AccountId, AuthorityDiscovery, Babe, Balance, Balances, Grandpa, Runtime, RuntimeEvent, Staking,
};
// `impl_opaque_keys!` names it.
use alloc::vec::Vec;
use frame_support::parameter_types;
use pallet_session::disabling::UpToLimitWithReEnablingDisablingStrategy;
use sp_runtime::{
    impl_opaque_keys,
    traits::{ConvertInto, OpaqueKeys},
};

/// GRANDPA's messages grow with the square of this; a committee has [`MAX_MEMBERS`](conclave_primitives::MAX_MEMBERS) of them
/// at most.
pub const MAXIMUM_VALIDATORS: u32 = 100;

impl_opaque_keys! {
    /// The keys that a validator registers with `session.setKeys`, in the order in which they are encoded.
    pub struct SessionKeys {
        pub grandpa: Grandpa,
        pub babe: Babe,
        pub authority_discovery: AuthorityDiscovery,
    }
}

parameter_types! {
    /// Three public keys and their reverse look-ups.
    pub const KeyDeposit: Balance = deposit(4, 5 * 32);
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = Babe;
    type NextSessionRotation = Babe;
    type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Staking>;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    // At most a third is disabled, the worst offenders: more would stop the chain.
    type DisablingStrategy = UpToLimitWithReEnablingDisablingStrategy;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type KeyDeposit = KeyDeposit;
}

impl pallet_session::historical::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    // Staking looks exposures up by itself: that an account was a validator is all that a proof must say.
    type FullIdentification = ();
    type FullIdentificationOf = pallet_staking::UnitIdentificationOf<Self>;
}
