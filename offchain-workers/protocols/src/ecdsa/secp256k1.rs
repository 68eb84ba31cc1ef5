//! ECDSA on secp256k1, as Bitcoin and Ethereum verify it.

use conclave_primitives::Curve;
use k256::{
    ecdsa::{RecoveryId, Signature, VerifyingKey},
    AffinePoint, Secp256k1,
};

use super::{Dkls23, EcdsaCurve, EcdsaSignature};

/// The backend for ECDSA on secp256k1.
pub type Dkls23Secp256k1 = Dkls23<Secp256k1>;

impl EcdsaCurve for Secp256k1 {
    const CURVE: Curve = Curve::Secp256k1;

    fn recover(digest: &[u8; 32], signature: &EcdsaSignature) -> Option<AffinePoint> {
        let parsed = Signature::from_scalars(signature.r, signature.s).ok()?;
        if parsed.normalize_s() != parsed {
            return None;
        }
        let recovery_id = RecoveryId::from_byte(signature.recovery_id)?;
        let key = VerifyingKey::recover_from_prehash(digest, &parsed, recovery_id).ok()?;
        Some(*key.as_affine())
    }
}
