//! Measured weights of `pallet_attestation`: written by `make weights`, not by hand.
//!
//! 2026-11-23, frame-omni-bencher with frame-benchmarking-cli 64.0.0, Compiled Wasm, on `AMD EPYC`:
//! CPU time, 6 steps, 3 repeats, MinSquares.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Times are picoseconds; reads and writes of the database come on top. Proof sizes are 0: the chain is no parachain.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_attestation::WeightInfo for WeightInfo<T> {
    // At least 4_826_452 ns.
    fn authorise() -> Weight {
        Weight::from_parts(5_015_500_000, 0).saturating_add(T::DbWeight::get().reads(14))
    }
    // At least 5_065_516 ns.
    fn register() -> Weight {
        Weight::from_parts(5_149_901_000, 0)
            .saturating_add(T::DbWeight::get().reads(17))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    // At least 4_651_177 ns.
    fn renew() -> Weight {
        Weight::from_parts(4_995_857_000, 0)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // At least 542_610 ns.
    fn withdraw() -> Weight {
        Weight::from_parts(726_012_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    // At least 1_291_987 ns.
    fn submit_ask() -> Weight {
        Weight::from_parts(1_354_931_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // At least 1_114_172 ns.
    fn submit_crl() -> Weight {
        Weight::from_parts(1_270_925_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // At least 296_102 ns.
    fn tighten_policy() -> Weight {
        Weight::from_parts(422_981_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // At least 327_058 ns.
    fn set_policy() -> Weight {
        Weight::from_parts(350_233_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
    // At least 465_604 ns.
    fn raise_floor() -> Weight {
        Weight::from_parts(476_291_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // At least 189_182 ns.
    fn set_floor() -> Weight {
        Weight::from_parts(483_722_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // At least 427_598 ns.
    fn remove_floor() -> Weight {
        Weight::from_parts(493_827_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // At least 492_364 ns.
    fn set_release() -> Weight {
        Weight::from_parts(541_608_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    /// `r` from 1 to 64.
    // At least 452_545 ns.
    fn disable_release(r: u32) -> Weight {
        Weight::from_parts(503_111_428, 0)
            .saturating_add(Weight::from_parts(22_580_320, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(u64::from(r).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(u64::from(r).saturating_mul(1)))
    }
    // At least 546_605 ns.
    fn forget_release() -> Weight {
        Weight::from_parts(590_290_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // At least 407_547 ns.
    fn block_chip() -> Weight {
        Weight::from_parts(431_044_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // At least 167_630 ns.
    fn unblock_chip() -> Weight {
        Weight::from_parts(360_808_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    /// `v` from 0 to 100.
    // At least 8_273 ns.
    fn admit(v: u32) -> Weight {
        Weight::from_parts(147_262_507, 0)
            .saturating_add(Weight::from_parts(226_955_677, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(u64::from(v).saturating_mul(6)))
    }
}
