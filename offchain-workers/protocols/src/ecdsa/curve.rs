//! The curves to sign ECDSA on, and signatures.

use conclave_primitives::Curve;
use dkls23_core::curve::DklsCurve;
use serde::{de::DeserializeOwned, Serialize};
use zeroize::Zeroize;

/// A curve that DKLs23 signs on. Scalars and field elements are 32 bytes.
pub trait EcdsaCurve:
    DklsCurve<AffinePoint: Serialize + DeserializeOwned, Scalar: Serialize + DeserializeOwned + Zeroize>
{
    /// The curve.
    const CURVE: Curve;

    /// The key under which this is a signature of `digest`; `None` if there is none or s is not low.
    fn recover(digest: &[u8; 32], signature: &EcdsaSignature) -> Option<Self::AffinePoint>;
}

/// An ECDSA signature with low s, and which of the points with x = r was the nonce's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EcdsaSignature {
    /// r, big-endian.
    pub r: [u8; 32],
    /// s, big-endian, at most half the order.
    pub s: [u8; 32],
    /// v: whether the nonce point's y is odd.
    pub recovery_id: u8,
}

impl From<EcdsaSignature> for Vec<u8> {
    fn from(signature: EcdsaSignature) -> Self {
        signature.to_bytes().to_vec()
    }
}

impl EcdsaSignature {
    /// From r ‖ s ‖ v.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (r, rest) = bytes.split_first_chunk()?;
        let (s, rest) = rest.split_first_chunk()?;
        let [recovery_id] = rest else { return None };
        Some(Self { r: *r, s: *s, recovery_id: *recovery_id })
    }

    /// r ‖ s ‖ v.
    pub fn to_bytes(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        let parts = self.r.iter().chain(&self.s).chain([&self.recovery_id]);
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        bytes
    }
}
