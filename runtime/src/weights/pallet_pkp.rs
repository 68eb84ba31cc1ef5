//! Reasoned weights of `pallet_pkp`, until `make weights` has measured them: curve operations count six times their
//! native CPU time.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Times are picoseconds; reads and writes of the database come on top.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_pkp::WeightInfo for WeightInfo<T> {
    fn mint() -> Weight {
        Weight::from_parts(40_000_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    fn transfer() -> Weight {
        Weight::from_parts(50_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    fn permit() -> Weight {
        Weight::from_parts(50_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn revoke() -> Weight {
        Weight::from_parts(50_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn burn() -> Weight {
        Weight::from_parts(50_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(7))
    }
}
