//! Measured weights of `pallet_actions`: written by `make weights`, not by hand.
//!
//! 2026-11-23, frame-omni-bencher with frame-benchmarking-cli 64.0.0, Compiled Wasm, on `AMD EPYC`:
//! CPU time, 6 steps, 3 repeats, MinSquares.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Times are picoseconds; reads and writes of the database come on top. Proof sizes are 0: the chain is no parachain.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_actions::WeightInfo for WeightInfo<T> {
    /// `b` from 1 to 1048576.
    // At least 545_594 ns.
    fn publish(b: u32) -> Weight {
        Weight::from_parts(244_838_367, 0)
            .saturating_add(Weight::from_parts(20_759, 0).saturating_mul(b.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // At least 547_697 ns.
    fn unpublish() -> Weight {
        Weight::from_parts(548_107_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // At least 77_937 ns.
    fn set_limits() -> Weight {
        Weight::from_parts(81_241_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
    // At least 75_353 ns.
    fn set_prices() -> Weight {
        Weight::from_parts(76_584_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
}
