//! Weights of `pallet_actions`: reasoned, until `make weights` writes the file anew.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Times are picoseconds; reads and writes of the database come on top.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_actions::WeightInfo for WeightInfo<T> {
    fn publish(bytes: u32) -> Weight {
        Weight::from_parts(100_000_000, 0)
            .saturating_add(Weight::from_parts(20_000, 0).saturating_mul(bytes.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    fn unpublish() -> Weight {
        Weight::from_parts(100_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    fn set_limits() -> Weight {
        Weight::from_parts(50_000_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    fn set_prices() -> Weight {
        Weight::from_parts(50_000_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
}
