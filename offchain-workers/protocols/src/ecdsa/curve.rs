//! The curves to sign ECDSA on, and signatures.

use conclave_primitives::Curve;
use dkls23_core::curve::DklsCurve;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use serde::{de::DeserializeOwned, Serialize};
use zeroize::Zeroize;

/// A curve that DKLs23 signs on. Scalars and field elements are 32 bytes.
pub trait EcdsaCurve:
    DklsCurve<AffinePoint: Serialize + DeserializeOwned, Scalar: Serialize + DeserializeOwned + Zeroize>
{
    /// The curve.
    const CURVE: Curve;

    /// The key under which (r, s) with this recovery id is a signature of `digest`; `None` if there is
    /// none or s is not low.
    fn recover(digest: &[u8; 32], signature: &EcdsaSignature) -> Option<Self::AffinePoint>;
}

impl EcdsaCurve for k256::Secp256k1 {
    const CURVE: Curve = Curve::Secp256k1;

    fn recover(digest: &[u8; 32], signature: &EcdsaSignature) -> Option<Self::AffinePoint> {
        let parsed = Signature::from_scalars(signature.r, signature.s).ok()?;
        if parsed.normalize_s() != parsed {
            return None;
        }
        let recovery_id = RecoveryId::from_byte(signature.recovery_id)?;
        let key = VerifyingKey::recover_from_prehash(digest, &parsed, recovery_id).ok()?;
        Some(*key.as_affine())
    }
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

impl EcdsaSignature {
    /// r ‖ s ‖ v.
    pub fn to_bytes(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        let parts = self.r.iter().chain(&self.s).chain([&self.recovery_id]);
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        bytes
    }
}
