use super::must_start;
use crate::{
    configs::staking::{OnChainElection, MAXIMUM_EXPOSURE_PAGE, SESSIONS_PER_ERA},
    genesis_presets::{names, preset, DEV, LOCAL},
    AccountId, AuthorityDiscovery, Babe, Balances, Block, Grandpa, Runtime, RuntimeOrigin, Session, Staking,
    BABE_EPOCH_DURATION_IN_SLOTS, UNIT,
};
use frame_election_provider_support::{onchain::OnChainExecution, ElectionProvider};
use frame_support::{
    assert_ok,
    storage::unhashed,
    traits::{
        fungible::{Inspect, Mutate},
        Get,
    },
};
use pallet_staking::RewardDestination;
use sp_consensus_babe::runtime_decl_for_babe_api::BabeApi;
use sp_io::hashing::{blake2_256, twox_128};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use std::collections::BTreeSet;

#[test]
fn presets_are_listed_and_others_refused() {
    assert_eq!(names(), [DEV, LOCAL]);
    assert!(preset(&"mainnet".into()).is_none());
}

#[test]
fn stakers_are_elected_and_authorities_follow() {
    for (name, count) in [(DEV, 1), (LOCAL, 4)] {
        must_start(name).execute_with(|| {
            let mut validators = Session::validators();
            validators.sort();
            let mut expected: Vec<_> =
                [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave]
                    [..count]
                    .iter()
                    .map(|key| key.to_account_id())
                    .collect();
            expected.sort();
            assert_eq!(validators, expected);
            assert_eq!(Babe::authorities().len(), count);
            assert_eq!(Grandpa::grandpa_authorities().len(), count);
            assert_eq!(AuthorityDiscovery::authorities().len(), count);
            assert!(Grandpa::grandpa_authorities()
                .iter()
                .any(|(key, _)| *key == Ed25519Keyring::Alice.public().into()));
        });
    }
}

#[test]
fn stake_is_held_and_the_election_repeats() {
    must_start(LOCAL).execute_with(|| {
        let alice = Sr25519Keyring::Alice.to_account_id();
        assert_eq!(Staking::ledger(alice.clone().into()).expect("bonded").active, 100_000 * UNIT);
        assert_eq!(Balances::total_balance(&alice), 10_000_000 * UNIT);
        assert_eq!(Balances::balance(&alice), 9_900_000 * UNIT);
        let elected = OnChainExecution::<OnChainElection>::elect(0).expect("within bounds");
        assert_eq!(elected.len(), 4);
    });
}

#[test]
fn no_more_should_back_a_validator_than_an_offence_is_weighed_for() {
    must_start(LOCAL).execute_with(|| {
        let alice = Sr25519Keyring::Alice.to_account_id();
        let nominators: Vec<_> =
            (0..100u32).map(|number| AccountId::from(blake2_256(&number.to_le_bytes()))).collect();
        for (nominator, stake) in nominators.iter().zip(1_000..) {
            let stake = stake * UNIT;
            assert_ok!(Balances::mint_into(nominator, 2 * stake));
            let origin = || RuntimeOrigin::signed(nominator.clone());
            assert_ok!(Staking::bond(origin(), stake, RewardDestination::Stash));
            assert_ok!(Staking::nominate(origin(), vec![alice.clone().into()]));
        }
        let elected = OnChainExecution::<OnChainElection>::elect(0).expect("within bounds");
        let (_, support) = elected.into_iter().find(|(who, _)| *who == alice).expect("backed by most");
        let backers: BTreeSet<_> = support.voters.iter().map(|(backer, _)| backer.clone()).collect();
        // Itself and the largest others.
        let largest = nominators.into_iter().rev().take(MAXIMUM_EXPOSURE_PAGE as usize - 1);
        assert_eq!(backers, largest.chain([alice]).collect());
        let stake: u128 = support.voters.iter().map(|(_, stake)| stake).sum();
        assert_eq!(support.total, stake, "those who were left out do not count");
    });
}

// tests/e2e writes these keys into the genesis storage of its chains.
#[test]
fn sessions_and_eras_take_their_length_from_the_genesis_storage() {
    must_start(LOCAL).execute_with(|| {
        let epoch_length = || {
            let configuration = <Runtime as BabeApi<Block>>::configuration();
            assert_eq!(configuration.epoch_length, <Runtime as pallet_babe::Config>::EpochDuration::get());
            configuration.epoch_length
        };
        let sessions_per_era = || <Runtime as pallet_staking::Config>::SessionsPerEra::get();
        assert_eq!((epoch_length(), sessions_per_era()), (BABE_EPOCH_DURATION_IN_SLOTS, SESSIONS_PER_ERA));
        unhashed::put(&twox_128(b":EpochDuration:"), &20u64);
        unhashed::put(&twox_128(b":SessionsPerEra:"), &2u32);
        assert_eq!((epoch_length(), sessions_per_era()), (20, 2));
    });
}

#[test]
fn sudo_key_is_set_for_development_only() {
    must_start(DEV).execute_with(|| {
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(Sr25519Keyring::Alice.to_account_id()));
    });
    assert_eq!(pallet_sudo::GenesisConfig::<Runtime>::default().key, None);
}

#[test]
fn address_format_is_the_one_in_the_chain_specification() {
    must_start(DEV).execute_with(|| {
        let prefix: u16 = <Runtime as frame_system::Config>::SS58Prefix::get();
        assert_eq!(prefix, crate::SS58_PREFIX);
    });
}
