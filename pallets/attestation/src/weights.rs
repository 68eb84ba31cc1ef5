//! What the calls cost.

use frame_support::weights::Weight;

/// The weight of each call.
pub trait WeightInfo {
    /// Of the validation of `register` and `renew`.
    fn authorise() -> Weight;
    /// Of `register`.
    fn register() -> Weight;
    /// Of `renew`.
    fn renew() -> Weight;
    /// Of `withdraw`.
    fn withdraw() -> Weight;
    /// Of `submit_ask`.
    fn submit_ask() -> Weight;
    /// Of `submit_crl`.
    fn submit_crl() -> Weight;
    /// Of `tighten_policy`.
    fn tighten_policy() -> Weight;
    /// Of `set_policy`.
    fn set_policy() -> Weight;
    /// Of `raise_floor`.
    fn raise_floor() -> Weight;
    /// Of `set_floor`.
    fn set_floor() -> Weight;
    /// Of `remove_floor`.
    fn remove_floor() -> Weight;
    /// Of `set_release`.
    fn set_release() -> Weight;
    /// Of `disable_release`, with so many measurements.
    fn disable_release(r: u32) -> Weight;
    /// Of `forget_release`.
    fn forget_release() -> Weight;
    /// Of `block_chip`.
    fn block_chip() -> Weight;
    /// Of `unblock_chip`.
    fn unblock_chip() -> Weight;
    /// Of judging so many validators for the next committee.
    fn admit(v: u32) -> Weight;
}

macro_rules! nothing {
    ($($call:ident($($parameter:ident)?)),* $(,)?) => {
        /// Nothing costs anything: for tests.
        impl WeightInfo for () {
            $(fn $call($($parameter: u32)?) -> Weight {
                $(let _ = $parameter;)?
                Weight::zero()
            })*
        }
    };
}

nothing! {
    authorise(), register(), renew(), withdraw(), submit_ask(), submit_crl(), tighten_policy(), set_policy(), raise_floor(),
    set_floor(), remove_floor(), set_release(), disable_release(r), forget_release(), block_chip(), unblock_chip(), admit(v),
}
