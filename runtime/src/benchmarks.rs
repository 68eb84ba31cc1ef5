//! What `make weights` measures: our own pallets. The others bring weights of their own.

use crate::{Committee, Pkp};
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};

frame_benchmarking::define_benchmarks!([pallet_committee, Committee][pallet_pkp, Pkp]);

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
