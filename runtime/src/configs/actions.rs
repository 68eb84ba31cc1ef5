//! Published actions: deposits, and who sets limits and prices.

use crate::{deposit, AccountId, Balance, Balances, Runtime, RuntimeHoldReason};
use frame_support::parameter_types;
use frame_system::EnsureRoot;

parameter_types! {
    /// What is known about a program, and its code: two items.
    pub const ProgramDeposit: Balance = deposit(2, 116);
    pub const ProgramByteDeposit: Balance = deposit(0, 1);
}

impl pallet_actions::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type SettingsOrigin = EnsureRoot<AccountId>;
    type ProgramDeposit = ProgramDeposit;
    type ByteDeposit = ProgramByteDeposit;
    type WeightInfo = crate::weights::pallet_actions::WeightInfo<Runtime>;
}
