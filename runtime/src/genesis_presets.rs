//! How a chain begins: the presets that `conclave-node build-spec --chain <name>` turns into chain specs.
//!
//! Both are for development: their keys are derived from the well-known `//Alice` … and known to everybody.

use crate::{
    configs::{session::SessionKeys, BABE_GENESIS_EPOCH_CONFIGURATION},
    AccountId, Balance, RuntimeGenesisConfig, MICRO_UNIT, MILLI_UNIT, UNIT,
};
use alloc::{vec, vec::Vec};
use conclave_primitives::{actions::Prices, WorkerKeys};
use conclave_snp::Floor;
use frame_support::build_struct_json_patch;
use pallet_staking::StakerStatus;
use serde_json::Value;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::Perbill;

/// One validator, Alice, and a committee of four: a chain that one process runs alone.
pub const DEV: &str = "dev";
/// Four validators: the smallest committee that survives the loss of one.
pub const LOCAL: &str = "local";

const ENDOWMENT: Balance = 10_000_000 * UNIT;
/// What a use of actions costs on each member; in the proportions of Lit's price feed (Naga), with fuel for its seconds.
const PRICES_OF_ACTIONS: Prices = Prices {
    action: 5 * MILLI_UNIT,
    compute_unit: 2 * MICRO_UNIT,
    traffic_unit: MICRO_UNIT,
    host_call: MICRO_UNIT,
    fetch: MILLI_UNIT,
    signature: 10 * MILLI_UNIT,
    decryption: MILLI_UNIT,
    condition: MILLI_UNIT,
    contract_call: MILLI_UNIT,
    broadcast: MILLI_UNIT,
};
const VALIDATOR_STAKE: Balance = 100_000 * UNIT;
const MINIMUM_VALIDATOR_STAKE: Balance = 1_000 * UNIT;
const MINIMUM_NOMINATOR_STAKE: Balance = 10 * UNIT;

pub fn names() -> Vec<PresetId> {
    vec![PresetId::from(DEV), PresetId::from(LOCAL)]
}

/// The well-known development keys: the two keyrings list the same names, GRANDPA alone uses the Edwards curve.
const VALIDATORS: [(Sr25519Keyring, Ed25519Keyring); 4] = [
    (Sr25519Keyring::Alice, Ed25519Keyring::Alice),
    (Sr25519Keyring::Bob, Ed25519Keyring::Bob),
    (Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
    (Sr25519Keyring::Dave, Ed25519Keyring::Dave),
];

/// The preset as a JSON patch over the default genesis.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
    let patch = match id.as_ref() {
        // One seat: a second bonded validator without a node would halt finality of the lone process.
        DEV => development(&VALIDATORS[..1], &VALIDATORS[1..], 1),
        // More seats than validators, so that others can join without a vote.
        LOCAL => development(&VALIDATORS, &[], 10),
        _ => return None,
    };
    serde_json::to_vec(&patch).ok()
}

/// What the workers of `//Alice` … `//Dave` are known by: encryption scalar k, signing seed kk…k and transport seed
/// 00…0k for the k-th of them (conclave-node's `worker::keys` checks it).
pub const DEVELOPMENT_WORKER_KEYS: [WorkerKeys; 4] = [
    WorkerKeys {
        encryption: [
            0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f,
            0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
        ],
        signing: [
            0x8a, 0x88, 0xe3, 0xdd, 0x74, 0x09, 0xf1, 0x95, 0xfd, 0x52, 0xdb, 0x2d, 0x3c, 0xba, 0x5d, 0x72,
            0xca, 0x67, 0x09, 0xbf, 0x1d, 0x94, 0x12, 0x1b, 0xf3, 0x74, 0x88, 0x01, 0xb4, 0x0f, 0x6f, 0x5c,
        ],
        transport: [
            0x4c, 0xb5, 0xab, 0xf6, 0xad, 0x79, 0xfb, 0xf5, 0xab, 0xbc, 0xca, 0xfc, 0xc2, 0x69, 0xd8, 0x5c,
            0xd2, 0x65, 0x1e, 0xd4, 0xb8, 0x85, 0xb5, 0x86, 0x9f, 0x24, 0x1a, 0xed, 0xf0, 0xa5, 0xba, 0x29,
        ],
    },
    WorkerKeys {
        encryption: [
            0x6a, 0x49, 0x32, 0x10, 0xf7, 0x49, 0x9c, 0xd1, 0x7f, 0xec, 0xb5, 0x10, 0xae, 0x0c, 0xea, 0x23,
            0xa1, 0x10, 0xe8, 0xd5, 0xb9, 0x01, 0xf8, 0xac, 0xad, 0xd3, 0x09, 0x5c, 0x73, 0xa3, 0xb9, 0x19,
        ],
        signing: [
            0x81, 0x39, 0x77, 0x0e, 0xa8, 0x7d, 0x17, 0x5f, 0x56, 0xa3, 0x54, 0x66, 0xc3, 0x4c, 0x7e, 0xcc,
            0xcb, 0x8d, 0x8a, 0x91, 0xb4, 0xee, 0x37, 0xa2, 0x5d, 0xf6, 0x0f, 0x5b, 0x8f, 0xc9, 0xb3, 0x94,
        ],
        transport: [
            0x74, 0x22, 0xb9, 0x88, 0x75, 0x98, 0x06, 0x8e, 0x32, 0xc4, 0x44, 0x8a, 0x94, 0x9a, 0xdb, 0x29,
            0x0d, 0x0f, 0x4e, 0x35, 0xb9, 0xe0, 0x1b, 0x0e, 0xe5, 0xf1, 0xa1, 0xe6, 0x00, 0xfe, 0x26, 0x74,
        ],
    },
    WorkerKeys {
        encryption: [
            0x94, 0x74, 0x1f, 0x5d, 0x5d, 0x52, 0x75, 0x5e, 0xce, 0x4f, 0x23, 0xf0, 0x44, 0xee, 0x27, 0xd5,
            0xd1, 0xea, 0x1e, 0x2b, 0xd1, 0x96, 0xb4, 0x62, 0x16, 0x6b, 0x16, 0x15, 0x2a, 0x9d, 0x02, 0x59,
        ],
        signing: [
            0xed, 0x49, 0x28, 0xc6, 0x28, 0xd1, 0xc2, 0xc6, 0xea, 0xe9, 0x03, 0x38, 0x90, 0x59, 0x95, 0x61,
            0x29, 0x59, 0x27, 0x3a, 0x5c, 0x63, 0xf9, 0x36, 0x36, 0xc1, 0x46, 0x14, 0xac, 0x87, 0x37, 0xd1,
        ],
        transport: [
            0xf3, 0x81, 0x62, 0x6e, 0x41, 0xe7, 0x02, 0x7e, 0xa4, 0x31, 0xbf, 0xe3, 0x00, 0x9e, 0x94, 0xbd,
            0xd2, 0x5a, 0x74, 0x6b, 0xee, 0xc4, 0x68, 0x94, 0x8d, 0x6c, 0x3c, 0x7c, 0x5d, 0xc9, 0xa5, 0x4b,
        ],
    },
    WorkerKeys {
        encryption: [
            0xda, 0x80, 0x86, 0x27, 0x73, 0x35, 0x8b, 0x46, 0x6f, 0xfa, 0xdf, 0xe0, 0xb3, 0x29, 0x3a, 0xb3,
            0xd9, 0xfd, 0x53, 0xc5, 0xea, 0x6c, 0x95, 0x53, 0x58, 0xf5, 0x68, 0x32, 0x2d, 0xaf, 0x6a, 0x57,
        ],
        signing: [
            0xca, 0x93, 0xac, 0x17, 0x05, 0x18, 0x70, 0x71, 0xd6, 0x7b, 0x83, 0xc7, 0xff, 0x0e, 0xfe, 0x81,
            0x08, 0xe8, 0xec, 0x45, 0x30, 0x57, 0x5d, 0x77, 0x26, 0x87, 0x93, 0x33, 0xdb, 0xda, 0xbe, 0x7c,
        ],
        transport: [
            0xfd, 0x50, 0xb8, 0xe3, 0xb1, 0x44, 0xea, 0x24, 0x4f, 0xbf, 0x77, 0x37, 0xf5, 0x50, 0xbc, 0x8d,
            0xd0, 0xc2, 0x65, 0x0b, 0xbc, 0x1a, 0xad, 0xa8, 0x33, 0xca, 0x17, 0xff, 0x8d, 0xbf, 0x32, 0x9b,
        ],
    },
];

/// `virtual_members` sit on the committee without validating: on a chain of one process it stands for all of them.
fn development(
    validators: &[(Sr25519Keyring, Ed25519Keyring)],
    virtual_members: &[(Sr25519Keyring, Ed25519Keyring)],
    seats: u32,
) -> Value {
    // Stash and validator are one account, so that `//Alice` validates for Alice.
    let accounts = || validators.iter().map(|(validator, _)| validator.to_account_id());
    let virtual_accounts = || virtual_members.iter().map(|(member, _)| member.to_account_id());
    build_struct_json_patch!(RuntimeGenesisConfig {
        babe: pallet_babe::GenesisConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIGURATION },
        balances: pallet_balances::GenesisConfig {
            balances: Sr25519Keyring::well_known()
                .map(|who| (who.to_account_id(), ENDOWMENT))
                .collect::<Vec<_>>(),
        },
        session: pallet_session::GenesisConfig {
            keys: accounts()
                .zip(validators)
                .map(|(who, (schnorr, edwards))| (who.clone(), who, session_keys(*schnorr, *edwards)))
                .collect::<Vec<_>>(),
        },
        staking: pallet_staking::GenesisConfig {
            validator_count: seats,
            minimum_validator_count: 1,
            slash_reward_fraction: Perbill::from_percent(10),
            stakers: accounts()
                .map(|who| (who.clone(), who, VALIDATOR_STAKE, StakerStatus::<AccountId>::Validator))
                .collect::<Vec<_>>(),
            min_validator_bond: MINIMUM_VALIDATOR_STAKE,
            min_nominator_bond: MINIMUM_NOMINATOR_STAKE,
        },
        committee: pallet_committee::GenesisConfig {
            worker_keys: accounts()
                .chain(virtual_accounts())
                .zip(DEVELOPMENT_WORKER_KEYS)
                .collect::<Vec<_>>(),
            virtual_members: virtual_accounts().collect::<Vec<_>>(),
        },
        attestation: pallet_attestation::GenesisConfig {
            floors: roots::FLOORS
                .iter()
                .map(|(cpuid, Floor { tcb, firmware })| {
                    (
                        [cpuid.family, cpuid.model, cpuid.stepping],
                        [tcb.bootloader, tcb.tee, tcb.snp, tcb.microcode, tcb.fmc],
                        [firmware.major, firmware.minor, firmware.build],
                    )
                })
                .collect::<Vec<_>>(),
            releases: roots::RELEASES
                .iter()
                .map(|(id, vcpus, measurement)| (*id, *vcpus, measurement.to_vec()))
                .collect::<Vec<_>>(),
            ..Default::default()
        },
        actions: pallet_actions::GenesisConfig { prices: PRICES_OF_ACTIONS, ..Default::default() },
        access_conditions: pallet_access_conditions::GenesisConfig {
            // A development chain of Ethereum's tools beside the real ones; it has no finality.
            evm_chains: [("ethereum", 1, None), ("base", 8453, None), ("hardhat", 31_337, Some(0))]
                .map(|(name, chain_id, depth)| (name.into(), chain_id, depth))
                .into(),
            ..Default::default()
        },
        sudo: pallet_sudo::GenesisConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
    })
}

/// The keys that a node started with `--alice` (or `--bob` …) puts into its keystore.
fn session_keys(schnorr: Sr25519Keyring, edwards: Ed25519Keyring) -> SessionKeys {
    SessionKeys {
        grandpa: edwards.public().into(),
        babe: schnorr.public().into(),
        authority_discovery: schnorr.public().into(),
    }
}
