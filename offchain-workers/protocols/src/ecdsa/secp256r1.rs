//! ECDSA on secp256r1, as WebCrypto, passkeys and the precompile of RIP-7212 verify it.

use conclave_primitives::Curve;
use p256::{
    ecdsa::{RecoveryId, Signature, VerifyingKey},
    AffinePoint, NistP256,
};

use super::{Dkls23, EcdsaCurve, EcdsaSignature};

/// The backend for ECDSA on secp256r1.
pub type Dkls23Secp256r1 = Dkls23<NistP256>;

impl EcdsaCurve for NistP256 {
    const CURVE: Curve = Curve::Secp256r1;

    fn recover(digest: &[u8; 32], signature: &EcdsaSignature) -> Option<AffinePoint> {
        let parsed = Signature::from_scalars(signature.r, signature.s).ok()?;
        // Verifiers take either s; ours is always the low one.
        if parsed.normalize_s() != parsed {
            return None;
        }
        let recovery_id = RecoveryId::from_byte(signature.recovery_id)?;
        let key = VerifyingKey::recover_from_prehash(digest, &parsed, recovery_id).ok()?;
        Some(*key.as_affine())
    }
}
