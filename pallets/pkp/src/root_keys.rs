//! What the registry asks of the committee.

use alloc::vec::Vec;
use conclave_primitives::{Curve, EncodedPoint, KeysetId};

/// A key set, and for each signing curve its K root public keys for [`Purpose::Sign`] in the order of their index.
///
/// [`Purpose::Sign`]: conclave_primitives::Purpose::Sign
pub type SigningRoots = (KeysetId, Vec<(Curve, Vec<EncodedPoint>)>);

/// Tells the root keys that new PKPs derive from. The runtime answers with the committee's.
pub trait ProvideRootKeys {
    /// The roots of the key set that serves; `None` before the first committee is active.
    fn signing_roots() -> Option<SigningRoots>;

    /// Makes [`Self::signing_roots`] answer, where a benchmark starts from an empty state.
    #[cfg(feature = "runtime-benchmarks")]
    fn ensure_signing_roots() {}
}
