//! A runtime with balances and this pallet.

use conclave_primitives::conditions::{parse, PolicyId};
use frame_support::{
    derive_impl,
    traits::{fungible::InspectHold, ConstU32, ConstU64},
};
use frame_system::EnsureRoot;
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage};

use crate::{EncodedCondition, HoldReason};

pub(crate) const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub(crate) const BOB: AccountId32 = AccountId32::new([2; 32]);
/// Has no funds: an account that does not exist.
pub(crate) const NOBODY: AccountId32 = AccountId32::new([3; 32]);
pub(crate) const ENDOWMENT: u64 = 10_000;
pub(crate) const POLICY_DEPOSIT: u64 = 100;
pub(crate) const BYTE_DEPOSIT: u64 = 3;
pub(crate) const MAX_CHAINS: u32 = 3;

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
    pub type AccessConditions = crate::Pallet<Test>;
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
    type RegistryOrigin = EnsureRoot<AccountId32>;
    type PolicyDeposit = ConstU64<POLICY_DEPOSIT>;
    type ByteDeposit = ConstU64<BYTE_DEPOSIT>;
    type MaxChains = ConstU32<MAX_CHAINS>;
    type WeightInfo = ();
}

/// Block 1, Alice and Bob with funds, Ethereum and a chain without finality in the registry; then the invariants.
pub(crate) fn run(test: impl FnOnce()) {
    let genesis = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: vec![(ALICE, ENDOWMENT), (BOB, ENDOWMENT)],
            ..Default::default()
        },
        access_conditions: crate::GenesisConfig {
            evm_chains: vec![("ethereum".into(), 1, None), ("devnet".into(), 1337, Some(2))],
            ..Default::default()
        },
        ..Default::default()
    };
    let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is well-formed"));
    ext.execute_with(|| {
        System::set_block_number(1);
        test();
        AccessConditions::do_try_state().expect("the invariants hold");
    });
}

/// The bytes of a condition in our own JSON.
pub(crate) fn condition(text: &str) -> EncodedCondition {
    parse(text).expect("a sound condition").to_bytes().try_into().expect("short enough")
}

/// Holds from a block on.
pub(crate) fn from_block(from: u32) -> EncodedCondition {
    condition(&format!(r#"{{"blocks":{{"from":{from}}}}}"#))
}

/// Makes a policy and returns the id from the event.
pub(crate) fn must_create(owner: AccountId32, bytes: EncodedCondition) -> PolicyId {
    AccessConditions::create_policy(RuntimeOrigin::signed(owner), bytes).expect("the policy is made");
    match System::events().pop().map(|record| record.event) {
        Some(RuntimeEvent::AccessConditions(crate::Event::PolicyCreated { id, .. })) => id,
        other => panic!("expected PolicyCreated, got {other:?}"),
    }
}

pub(crate) fn held(who: &AccountId32) -> u64 {
    Balances::balance_on_hold(&HoldReason::Policy.into(), who)
}
