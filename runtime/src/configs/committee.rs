//! The committee: who generates keys, and how long each phase may take.

use super::staking::SessionsPerEra;
use crate::{
    deposit, AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeHoldReason, Session, MINUTES,
};
use alloc::vec::Vec;
use frame_support::{parameter_types, traits::Get};
use frame_system::EnsureRoot;

parameter_types! {
    /// Three keys, and who owns each.
    pub const KeyDeposit: Balance = deposit(4, 32 * 8);
    // A phase ends early once everyone has acted, so these bound only how long the absent are waited for: a dealing
    // must be made, submitted, included and finalised, some five blocks, with room for a slow node.
    pub const CommitPeriod: BlockNumber = MINUTES;
    pub const DealPeriod: BlockNumber = MINUTES;
    pub const ComplainPeriod: BlockNumber = MINUTES;
    pub const ConfirmPeriod: BlockNumber = 2 * MINUTES;
}

/// The validators of the running session.
pub struct SessionValidators;

impl Get<Vec<AccountId>> for SessionValidators {
    fn get() -> Vec<AccountId> {
        Session::validators()
    }
}

/// Its number.
pub struct RunningSession;

impl Get<u32> for RunningSession {
    fn get() -> u32 {
        Session::current_index()
    }
}

impl pallet_committee::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Validators = SessionValidators;
    type SessionIndex = RunningSession;
    // An era: whoever steals shares has an hour to steal t of them before they are worthless.
    type SessionsPerEpoch = SessionsPerEra;
    type AdminOrigin = EnsureRoot<AccountId>;
    type KeyDeposit = KeyDeposit;
    type CommitPeriod = CommitPeriod;
    type DealPeriod = DealPeriod;
    type ComplainPeriod = ComplainPeriod;
    type ConfirmPeriod = ConfirmPeriod;
    type WeightInfo = pallet_committee::ReasonedWeight;
}
