//! Measured weights of `pallet_attestation`: written by `make weights`, not by hand.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Times are picoseconds; reads and writes of the database come on top. Proof sizes are 0: the chain is no parachain.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_attestation::WeightInfo for WeightInfo<T> {
    fn authorise() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn register() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn renew() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn withdraw() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn submit_ask() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn submit_crl() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn tighten_policy() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn set_policy() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn raise_floor() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn set_floor() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn remove_floor() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn set_release() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn disable_release(_r: u32) -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn forget_release() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn block_chip() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn unblock_chip() -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
    fn admit(_v: u32) -> Weight {
        Weight::from_parts(30_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(20, 9))
    }
}
