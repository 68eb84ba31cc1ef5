//! What the registry asks of the committee.

pub use conclave_primitives::SigningRoots;

/// Tells the root keys that new PKPs derive from. The runtime answers with the committee's.
pub trait ProvideRootKeys {
    /// The roots of the key set that serves; `None` before the first committee is active.
    fn signing_roots() -> Option<SigningRoots>;

    /// Makes [`Self::signing_roots`] answer, where a benchmark starts from an empty state.
    #[cfg(feature = "runtime-benchmarks")]
    fn ensure_signing_roots() {}
}
