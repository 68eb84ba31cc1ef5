//! What the calls cost. The figures are the runtime's (`runtime/src/weights`), measured by `make weights`.

use frame_support::weights::Weight;

/// The weight of each call.
pub trait WeightInfo {
    /// Of `publish`, by the bytes of the program.
    fn publish(bytes: u32) -> Weight;
    /// Of `unpublish`.
    fn unpublish() -> Weight;
    /// Of `set_limits`.
    fn set_limits() -> Weight;
    /// Of `set_prices`.
    fn set_prices() -> Weight;
}

/// Nothing costs anything: for tests.
impl WeightInfo for () {
    fn publish(_: u32) -> Weight {
        Weight::zero()
    }

    fn unpublish() -> Weight {
        Weight::zero()
    }

    fn set_limits() -> Weight {
        Weight::zero()
    }

    fn set_prices() -> Weight {
        Weight::zero()
    }
}
