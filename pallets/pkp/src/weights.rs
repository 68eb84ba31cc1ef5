//! What the calls cost.
//!
//! Written by hand: the figures are reasoned, not benchmarked, and have to be replaced by the output of
//! `benchmarking.rs` on the reference machine before the chain carries value. They err on the expensive side.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weight of each call.
pub trait WeightInfo {
    /// Of `mint`.
    fn mint() -> Weight;
    /// Of `transfer`, with all permissions taken.
    fn transfer() -> Weight;
    /// Of `permit`, of a new auth method.
    fn permit() -> Weight;
    /// Of `revoke`.
    fn revoke() -> Weight;
    /// Of `burn`, with all permissions taken and the depositor not the owner.
    fn burn() -> Weight;
    /// Of `permit_passkey`, of a new one.
    fn permit_passkey() -> Weight;
    /// Of `change_permissions`, with so many changes.
    fn change_permissions(changes: u32) -> Weight;
    /// Of `permit_list`, of a new one.
    fn permit_list() -> Weight;
    /// Of `revoke_list`.
    fn revoke_list() -> Weight;
    /// Of `send_to_itself`, with its own account among the permissions.
    fn send_to_itself() -> Weight;
    /// Of `freeze`.
    fn freeze() -> Weight;
}

/// A call's own work without storage: origin, decoding, the holds, one event. For pallet-balances' transfer, which does
/// about as much, the SDK's benchmarks have about 50 µs.
const CALL_PICOSECONDS: u64 = 50_000_000;
/// Deriving the keys of a PKP on all six curves: 5.3 ms measured natively on a machine of two cores, most of it on G2
/// of BLS12-381; as Wasm at most five times that (no 128-bit multiplication), and half as much again for a slower
/// validator.
const DERIVE_PICOSECONDS: u64 = 40_000_000_000;

/// Reasoned weights over the database weights of the runtime.
///
/// Reads and writes count storage items: `P` a PKP record, `I` an entry of the owner index, `G` the permissions of a
/// PKP, `L` its lists, `M` an entry of the index of auth methods, `H` the holds of an account, `A` an account, `S` the
/// serial. Proof sizes are 0: the chain is no parachain.
pub struct ReasonedWeight<T>(PhantomData<T>);

/// The most permissions that a PKP can have under these weights, each with its M; and lists.
const PERMISSIONS: u64 = 16;
/// Checking that a passkey's key is a point of its curve: a square root, below 100 µs natively, five times that as Wasm.
const POINT_PICOSECONDS: u64 = 500_000_000;

impl<T: frame_system::Config> WeightInfo for ReasonedWeight<T> {
    /// Reads the committee with its root keys, the genesis hash, S, H, A; writes S, P, I, H, A.
    fn mint() -> Weight {
        call::<T>(5, 5).saturating_add(Weight::from_parts(DERIVE_PICOSECONDS, 0))
    }

    /// Reads P, G, L, and H and A of two depositors; writes P, two I, G, L, all M, and H and A of both.
    fn transfer() -> Weight {
        call::<T>(7, 9 + PERMISSIONS)
    }

    /// Reads P, G, H, A; writes G, M, H, A.
    fn permit() -> Weight {
        call::<T>(4, 4)
    }

    /// Reads P, G, H, A; writes G, M, H, A.
    fn revoke() -> Weight {
        call::<T>(4, 4)
    }

    /// Reads P, G, L, and H and A of three depositors; writes P, I, G, L, all M, and H and A of the three.
    fn burn() -> Weight {
        call::<T>(9, 10 + PERMISSIONS)
    }

    /// As `permit`, and checks a point.
    fn permit_passkey() -> Weight {
        Self::permit().saturating_add(Weight::from_parts(POINT_PICOSECONDS, 0))
    }

    /// Each change as one call.
    fn change_permissions(changes: u32) -> Weight {
        Self::permit_passkey().saturating_mul(u64::from(changes).max(1))
    }

    /// Reads P, L, H, A; writes L, H, A.
    fn permit_list() -> Weight {
        call::<T>(4, 3)
    }

    /// Reads P, L, H, A; writes L, H, A.
    fn revoke_list() -> Weight {
        call::<T>(4, 3)
    }

    /// Reads P, G, L, H, A; writes P, two I, G, M, H, A.
    fn send_to_itself() -> Weight {
        call::<T>(5, 7)
    }

    /// Reads P, G, L; writes P.
    fn freeze() -> Weight {
        call::<T>(3, 1)
    }
}

fn call<T: frame_system::Config>(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(CALL_PICOSECONDS, 0).saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

/// Nothing costs anything: for tests.
impl WeightInfo for () {
    fn mint() -> Weight {
        Weight::zero()
    }

    fn transfer() -> Weight {
        Weight::zero()
    }

    fn permit() -> Weight {
        Weight::zero()
    }

    fn revoke() -> Weight {
        Weight::zero()
    }

    fn burn() -> Weight {
        Weight::zero()
    }

    fn permit_passkey() -> Weight {
        Weight::zero()
    }

    fn change_permissions(_: u32) -> Weight {
        Weight::zero()
    }

    fn permit_list() -> Weight {
        Weight::zero()
    }

    fn revoke_list() -> Weight {
        Weight::zero()
    }

    fn send_to_itself() -> Weight {
        Weight::zero()
    }

    fn freeze() -> Weight {
        Weight::zero()
    }
}
