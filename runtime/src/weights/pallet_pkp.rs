//! Weights of `pallet_pkp`: the times of `mint`, `transfer`, `permit`, `revoke` and `burn` are measured (2026-11-22, CPU time,
//! Wasm, AMD EPYC), before lists and passkeys; the rest is reasoned. `make weights` writes the file anew.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The most permissions that a PKP can have, each with an entry in the index of auth methods.
const PERMISSIONS: u64 = 16;

/// Times are picoseconds; reads and writes of the database come on top.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_pkp::WeightInfo for WeightInfo<T> {
    fn mint() -> Weight {
        Weight::from_parts(31_675_177_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    fn transfer() -> Weight {
        Weight::from_parts(524_653_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(9 + PERMISSIONS))
    }

    fn permit() -> Weight {
        Weight::from_parts(794_766_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn revoke() -> Weight {
        Weight::from_parts(688_357_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn burn() -> Weight {
        Weight::from_parts(888_495_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(10 + PERMISSIONS))
    }

    fn permit_passkey() -> Weight {
        // A square root, to check that the key is a point of its curve.
        Self::permit().saturating_add(Weight::from_parts(500_000_000, 0))
    }

    fn change_permissions(changes: u32) -> Weight {
        Self::permit_passkey().saturating_mul(u64::from(changes).max(1))
    }

    fn permit_list() -> Weight {
        Weight::from_parts(794_766_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn revoke_list() -> Weight {
        Self::permit_list()
    }

    fn send_to_itself() -> Weight {
        Weight::from_parts(50_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    fn freeze() -> Weight {
        Weight::from_parts(50_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    // Reasoned: the longest settings have 170 kB, to be decoded, looked at and written.
    fn set_logins() -> Weight {
        Weight::from_parts(2_000_000_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
}
