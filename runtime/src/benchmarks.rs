//! What `make weights` measures: our own pallets. The others bring weights of their own.

use crate::{AccountId, Actions, Attestation, Committee, Pkp, Runtime, SessionKeys};
use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use conclave_primitives::WorkerKeys;
use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};

use sp_core::crypto::KeyTypeId;

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"cncl");
/// 2026-11-22, in milliseconds: when the benchmarks' certificates are valid.
const NOW: u64 = 1_795_305_600_000;

frame_benchmarking::define_benchmarks!(
    [pallet_actions, Actions]
    [pallet_attestation, Attestation]
    [pallet_committee, Committee]
    [pallet_pkp, Pkp]
);

pub(crate) fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::new();
    list_benchmarks!(list, extra);
    (list, crate::AllPalletsWithSystem::storage_info())
}

pub(crate) fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = crate::AllPalletsWithSystem::whitelisted_storage_keys();
    let (mut batches, params) = (Vec::new(), (&config, &whitelist));
    add_benchmarks!(params, batches);
    Ok(batches)
}

/// Validators with machines of the software PSP, where the runtime trusts that.
pub struct Machines;

impl pallet_attestation::BenchmarkHelper<AccountId> for Machines {
    fn validator(index: u32) -> AccountId {
        let who: AccountId = frame_benchmarking::account("validator", index, 0);
        let seed = alloc::format!("//validator//{index}").into_bytes();
        let signing = sp_io::crypto::ed25519_generate(KEY_TYPE, Some(seed.clone())).0;
        let keys = WorkerKeys { encryption: who.clone().into(), signing, transport: who.clone().into() };
        let registered = pallet_committee::RegisteredKeys { keys, deposit: 0, dealing_key: None };
        pallet_committee::WorkerKeysOf::<Runtime>::insert(&who, registered);
        let session = SessionKeys::generate(&who.encode(), Some(seed)).keys.encode();
        if let Ok(session) = SessionKeys::decode(&mut &session[..]) {
            pallet_session::NextKeys::<Runtime>::insert(&who, session);
        }
        pallet_timestamp::Now::<Runtime>::put(NOW);
        who
    }

    fn report(data: [u8; 64]) -> Option<[u8; conclave_snp::REPORT_BYTES]> {
        roots::benchmarks::report(data)
    }

    fn vcek() -> &'static [u8] {
        roots::benchmarks::VCEK
    }

    fn ask() -> &'static [u8] {
        roots::benchmarks::ASK
    }

    fn revocations() -> &'static [u8] {
        roots::benchmarks::REVOCATIONS
    }

    fn sign(validator: &AccountId, message: &[u8]) -> [u8; 64] {
        pallet_committee::WorkerKeysOf::<Runtime>::get(validator)
            .and_then(|registered| {
                sp_io::crypto::ed25519_sign(KEY_TYPE, &registered.keys.signing.into(), message)
            })
            .map_or([0; 64], |signature| signature.0)
    }
}
