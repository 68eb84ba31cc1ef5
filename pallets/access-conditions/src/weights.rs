//! What the calls cost.
//!
//! Written by hand: the figures are reasoned, not benchmarked, and have to be replaced by figures of the reference machine before
//! the chain carries value. They err on the expensive side.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weight of each call.
pub trait WeightInfo {
    /// Of `create_policy`, by the bytes of the condition.
    fn create_policy(bytes: u32) -> Weight;
    /// Of `update_policy`, by the bytes of the condition.
    fn update_policy(bytes: u32) -> Weight;
    /// Of `revoke_policy`.
    fn revoke_policy() -> Weight;
    /// Of `register_chain`.
    fn register_chain() -> Weight;
    /// Of `disable_chain`.
    fn disable_chain() -> Weight;
}

/// A call's own work without storage: origin, decoding, the hold, one event. As pallet-pkp reasons.
const CALL_PICOSECONDS: u64 = 50_000_000;
/// Checking a condition's bytes once: decoding, normalising with its sorts and clones, encoding, hashing. See `BYTE_PICOSECONDS`
/// for what grows; this is for thirty leaves.
const CONDITION_PICOSECONDS: u64 = 1_000_000_000;
/// For each byte: the test `checking_a_condition_should_cost_less_than_its_weight` measures the worst shapes natively and
/// allows a tenth of this and the above, which leaves ten times for Wasm and slower machines.
const BYTE_PICOSECONDS: u64 = 500_000;

/// Reasoned weights over the database weights of the runtime.
///
/// Reads and writes count storage items: `P` a policy, `H` the holds of an account, `A` an account, `S` the serial, `C` a chain,
/// `N` the number of chains. Proof sizes are 0: the chain is no parachain.
pub struct ReasonedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for ReasonedWeight<T> {
    /// Reads S, H, A; writes S, P, H, A.
    fn create_policy(bytes: u32) -> Weight {
        call::<T>(3, 4).saturating_add(condition(bytes))
    }

    /// Reads P, H, A; writes P, H, A.
    fn update_policy(bytes: u32) -> Weight {
        call::<T>(3, 3).saturating_add(condition(bytes))
    }

    /// Reads P, H, A; writes P, H, A.
    fn revoke_policy() -> Weight {
        call::<T>(3, 3)
    }

    /// Reads C, N; writes C, N.
    fn register_chain() -> Weight {
        call::<T>(2, 2)
    }

    /// Reads C; writes C.
    fn disable_chain() -> Weight {
        call::<T>(1, 1)
    }
}

/// Of checking a condition.
pub(crate) fn condition(bytes: u32) -> Weight {
    let picoseconds = CONDITION_PICOSECONDS.saturating_add(BYTE_PICOSECONDS.saturating_mul(bytes.into()));
    Weight::from_parts(picoseconds, 0)
}

fn call<T: frame_system::Config>(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(CALL_PICOSECONDS, 0).saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

/// Nothing costs anything: for tests.
impl WeightInfo for () {
    fn create_policy(_: u32) -> Weight {
        Weight::zero()
    }

    fn update_policy(_: u32) -> Weight {
        Weight::zero()
    }

    fn revoke_policy() -> Weight {
        Weight::zero()
    }

    fn register_chain() -> Weight {
        Weight::zero()
    }

    fn disable_chain() -> Weight {
        Weight::zero()
    }
}
