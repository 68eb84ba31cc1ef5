//! What the registry asks of the committee.

use alloc::vec::Vec;
use conclave_primitives::{Curve, EncodedPoint, KeysetId};

/// Tells the root keys that new PKPs derive from. The runtime answers with the committee's.
pub trait ProvideRootKeys {
    /// The key set that serves, and for each signing curve its K root public keys for [`Purpose::Sign`] in the order
    /// of their index; `None` before the first committee is active.
    ///
    /// [`Purpose::Sign`]: conclave_primitives::Purpose::Sign
    fn signing_roots() -> Option<(KeysetId, Vec<(Curve, Vec<EncodedPoint>)>)>;

    /// Makes [`Self::signing_roots`] answer, where a benchmark starts from an empty state.
    #[cfg(feature = "runtime-benchmarks")]
    fn ensure_signing_roots() {}
}
