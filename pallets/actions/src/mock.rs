//! A runtime with balances and this pallet.

use conclave_primitives::Cid;
use frame_support::{
    derive_impl,
    traits::{fungible::InspectHold, ConstU64},
};
use frame_system::EnsureRoot;
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage};

use crate::{HoldReason, Program};

pub(crate) const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub(crate) const BOB: AccountId32 = AccountId32::new([2; 32]);
/// Has no funds: an account that does not exist.
pub(crate) const NOBODY: AccountId32 = AccountId32::new([3; 32]);
pub(crate) const ENDOWMENT: u64 = 10_000;
pub(crate) const PROGRAM_DEPOSIT: u64 = 100;
pub(crate) const BYTE_DEPOSIT: u64 = 3;

type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(2)]
    pub type Actions = crate::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type SettingsOrigin = EnsureRoot<AccountId32>;
    type ProgramDeposit = ConstU64<PROGRAM_DEPOSIT>;
    type ByteDeposit = ConstU64<BYTE_DEPOSIT>;
    type WeightInfo = ();
}

/// Block 1, Alice and Bob with funds.
pub(crate) fn externalities() -> sp_io::TestExternalities {
    let genesis = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: vec![(ALICE, ENDOWMENT), (BOB, ENDOWMENT)],
            ..Default::default()
        },
        ..Default::default()
    };
    let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is well-formed"));
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// The test, then the invariants.
pub(crate) fn run(test: impl FnOnce()) {
    externalities().execute_with(|| {
        test();
        Actions::do_try_state().expect("the invariants hold");
    });
}

pub(crate) fn program(text: &str) -> Program {
    text.as_bytes().to_vec().try_into().expect("short enough")
}

/// Publishes a program and returns the CID from the event.
pub(crate) fn must_publish(publisher: AccountId32, text: &str) -> Cid {
    Actions::publish(RuntimeOrigin::signed(publisher), program(text)).expect("the program is published");
    match System::events().pop().map(|record| record.event) {
        Some(RuntimeEvent::Actions(crate::Event::ProgramPublished { cid, .. })) => cid,
        other => panic!("expected ProgramPublished, got {other:?}"),
    }
}

pub(crate) fn held(who: &AccountId32) -> u64 {
    Balances::balance_on_hold(&HoldReason::Program.into(), who)
}
