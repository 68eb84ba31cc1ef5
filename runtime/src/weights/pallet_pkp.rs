//! Measured weights of `pallet_pkp`: written by `make weights`, not by hand.
//!
//! 2026-11-23, frame-omni-bencher with frame-benchmarking-cli 64.0.0, Compiled Wasm, on `AMD EPYC`:
//! CPU time, 6 steps, 3 repeats, MinSquares.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Times are picoseconds; reads and writes of the database come on top. Proof sizes are 0: the chain is no parachain.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_pkp::WeightInfo for WeightInfo<T> {
    // At least 29_413_511 ns.
    fn mint() -> Weight {
        Weight::from_parts(29_694_720_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // At least 743_569 ns.
    fn transfer() -> Weight {
        Weight::from_parts(930_217_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(23))
    }
    // At least 514_277 ns.
    fn permit() -> Weight {
        Weight::from_parts(527_377_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // At least 497_272 ns.
    fn revoke() -> Weight {
        Weight::from_parts(616_590_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // At least 915_715 ns.
    fn burn() -> Weight {
        Weight::from_parts(1_009_456_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(24))
    }
    // At least 576_590 ns.
    fn permit_passkey() -> Weight {
        Weight::from_parts(802_427_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    /// `c` from 1 to 16.
    // At least 554_908 ns.
    fn change_permissions(c: u32) -> Weight {
        Weight::from_parts(112_415_752, 0)
            .saturating_add(Weight::from_parts(387_022_453, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(u64::from(c).saturating_mul(1)))
    }
    // At least 467_918 ns.
    fn permit_list() -> Weight {
        Weight::from_parts(476_581_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // At least 406_917 ns.
    fn revoke_list() -> Weight {
        Weight::from_parts(422_370_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // At least 501_759 ns.
    fn send_to_itself() -> Weight {
        Weight::from_parts(555_648_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    // At least 189_303 ns.
    fn freeze() -> Weight {
        Weight::from_parts(200_970_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // At least 855_887 ns.
    fn set_logins() -> Weight {
        Weight::from_parts(906_973_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
}
