//! What the calls cost: measured by benchmarking.rs. A runtime answers with the file that `make weights` writes.

use frame_support::weights::Weight;

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
}
