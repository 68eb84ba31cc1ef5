//! Policies and the registry of external chains.

use crate::{deposit, AccountId, Balance, Balances, Runtime, RuntimeHoldReason};
use frame_support::parameter_types;
use frame_system::EnsureRoot;

parameter_types! {
    /// A policy without its condition.
    pub const PolicyDeposit: Balance = deposit(1, 84);
    pub const PolicyByteDeposit: Balance = deposit(0, 1);
    pub const MaxChains: u32 = 256;
}

impl pallet_access_conditions::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RegistryOrigin = EnsureRoot<AccountId>;
    type PolicyDeposit = PolicyDeposit;
    type ByteDeposit = PolicyByteDeposit;
    type MaxChains = MaxChains;
    type WeightInfo = pallet_access_conditions::weights::ReasonedWeight<Runtime>;
}
