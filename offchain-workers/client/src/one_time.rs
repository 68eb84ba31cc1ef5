//! One-time keys: to what members seal their shares.

use bls12_381_plus::{G1Projective, G2Projective, Scalar};
use conclave_primitives::{DecryptionIdentity, OneTimeKey, Sealed};
use conclave_vss::{decode_point, Bls12381G2};
use core::fmt;
use ff::Field;
use group::Group;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{DecryptRoot, DecryptionKey, Error};

/// c: draw one for each request, put [`Self::public`] into what you sign, drop it when the answer is open. Whoever has
/// it and the sealed answer has the decryption key. Erased when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct OneTimeSecret(Scalar);

impl fmt::Debug for OneTimeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeSecret(<redacted>)")
    }
}

impl OneTimeSecret {
    /// A fresh one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        loop {
            let scalar = Scalar::random(rng);
            if !bool::from(Field::is_zero(&scalar)) {
                return Self(scalar);
            }
        }
    }

    /// From 32 bytes, little-endian, canonical, not zero: where it has to outlive the process between request and answer.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let invalid = Error::InvalidScalar { field: "the one-time secret" };
        let Some(scalar) = Option::<Scalar>::from(Scalar::from_le_bytes(bytes)) else { return Err(invalid) };
        // The library reduces what is above the order; the bytes decide.
        if bool::from(Field::is_zero(&scalar)) || scalar.to_le_bytes() != *bytes {
            return Err(invalid);
        }
        Ok(Self(scalar))
    }

    /// The 32 bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_le_bytes())
    }

    /// c·g in both groups: for the request.
    pub fn public(&self) -> OneTimeKey {
        let (in_g1, in_g2) = (G1Projective::GENERATOR * self.0, G2Projective::GENERATOR * self.0);
        OneTimeKey { in_g1: in_g1.to_compressed(), in_g2: in_g2.to_compressed() }
    }

    /// Opens a gateway's answer, D = ω − c·μ, and verifies it: e(g₁, D) = e(Y, H(identity)).
    pub fn open(
        &self,
        sealed: &Sealed,
        root: &DecryptRoot,
        identity: &DecryptionIdentity,
    ) -> Result<DecryptionKey, Error> {
        let decode = |bytes: &[u8], field| {
            decode_point::<Bls12381G2>(bytes).map_err(|_| Error::InvalidPoint { field })
        };
        let (mu, omega) = (decode(&sealed.mu, "the answer's μ")?, decode(&sealed.omega, "the answer's ω")?);
        let mask = Zeroizing::new(mu * self.0);
        let point = omega - *mask;
        if bool::from(Group::is_identity(&point)) {
            return Err(Error::WrongAnswer);
        }
        DecryptionKey::verified(point, root, identity)
    }
}
