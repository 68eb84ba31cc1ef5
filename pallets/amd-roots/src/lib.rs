//! What the production runtime trusts. `conclave-dev-roots` has the same names for the development runtime: the two
//! runtimes are one source, and differ in which of the two crates their manifest calls `roots`.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarks;

use conclave_snp::{Anchor, Cpuid, Floor, AMD, PRODUCTION_FLOORS};

/// Calls a macro with the name of the runtime, which nodes and wallets see.
#[macro_export]
macro_rules! with_spec_name {
    ($callback:ident) => {
        $callback!("conclave");
    };
}

/// The floors that a chain begins with.
pub const FLOORS: &[(Cpuid, Floor)] = &PRODUCTION_FLOORS;
/// The releases that a chain begins with: number, vCPUs, measurement. Governance approves the first.
pub const RELEASES: &[(u32, u16, [u8; 48])] = &[];

/// The roots of trust.
pub fn anchors() -> &'static [Anchor] {
    &AMD
}
