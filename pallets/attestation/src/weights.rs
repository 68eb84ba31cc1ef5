//! What the calls cost.
//!
//! Written by hand: reasoned, not benchmarked in the executor. The verification was measured as Wasm by the reference
//! at 7 to 9 ms under Cranelift; with stack metering and a slower validator in mind, 30 ms are charged.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weight of each call.
pub trait WeightInfo {
    /// Of `register` and `renew`.
    fn register() -> Weight;
    /// Of `withdraw`.
    fn withdraw() -> Weight;
    /// Of `submit_ask` and `submit_crl`.
    fn submit_authority() -> Weight;
    /// Of a call of governance.
    fn govern() -> Weight;
    /// Of `disable_release`, with so many measurements.
    fn disable_release(releases: u32) -> Weight;
}

/// A call's own work without storage.
const CALL_PICOSECONDS: u64 = 50_000_000;
/// Parsing, one RSA-4096 and one P-384 verification.
const VERIFY_PICOSECONDS: u64 = 30_000_000_000;
/// One RSA-4096 verification, about a quarter of that.
const RSA_PICOSECONDS: u64 = 8_000_000_000;

/// Reasoned weights over the database weights of the runtime.
pub struct ReasonedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for ReasonedWeight<T> {
    /// Reads keys (3), policy, floor, release, chip, its owner and that one's attestation, guest, its owner's
    /// attestation, ASK, revocations, time, block hash, genesis hash, count, turn, hold and account; writes the
    /// attestation, two old and two new owners, count, turn, hold and account.
    fn register() -> Weight {
        call::<T>(20, 9).saturating_add(Weight::from_parts(VERIFY_PICOSECONDS, 0))
    }

    fn withdraw() -> Weight {
        call::<T>(6, 6)
    }

    fn submit_authority() -> Weight {
        call::<T>(3, 2).saturating_add(Weight::from_parts(RSA_PICOSECONDS, 0))
    }

    fn govern() -> Weight {
        call::<T>(2, 2)
    }

    fn disable_release(releases: u32) -> Weight {
        call::<T>(u64::from(releases), u64::from(releases))
    }
}

fn call<T: frame_system::Config>(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(CALL_PICOSECONDS, 0).saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

/// Nothing costs anything: for tests.
impl WeightInfo for () {
    fn register() -> Weight {
        Weight::zero()
    }

    fn withdraw() -> Weight {
        Weight::zero()
    }

    fn submit_authority() -> Weight {
        Weight::zero()
    }

    fn govern() -> Weight {
        Weight::zero()
    }

    fn disable_release(_: u32) -> Weight {
        Weight::zero()
    }
}
