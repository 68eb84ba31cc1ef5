//! Decryption keys.

use bls12_381_plus::G2Projective;
use blsful::{Bls12381G2Impl, Signature};
use conclave_primitives::{DecryptionIdentity, G2_BYTES};
use conclave_vss::{decode_point, Bls12381G2};
use core::fmt;
use zeroize::{Zeroize, Zeroizing};

use crate::{DecryptRoot, Error};

/// The decryption key of an identity, verified. Secret: it opens whatever is encrypted to the identity, forever.
/// Erased when dropped.
pub struct DecryptionKey {
    identity: DecryptionIdentity,
    point: G2Projective,
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey {{ {:?}, <redacted> }}", self.identity)
    }
}

impl Drop for DecryptionKey {
    fn drop(&mut self) {
        self.point.zeroize();
    }
}

impl DecryptionKey {
    /// From 96 bytes, a compressed point in G2, that are the root's signature on the identity.
    pub fn from_bytes(
        bytes: &[u8],
        root: &DecryptRoot,
        identity: &DecryptionIdentity,
    ) -> Result<Self, Error> {
        let point = decode_point::<Bls12381G2>(bytes)
            .map_err(|_| Error::InvalidPoint { field: "the decryption key" })?;
        Self::verified(point, root, identity)
    }

    /// Takes a point in the subgroup, other than the identity, if it is the root's signature on the identity.
    pub(crate) fn verified(
        point: G2Projective,
        root: &DecryptRoot,
        identity: &DecryptionIdentity,
    ) -> Result<Self, Error> {
        root.check(identity)?;
        let key = Self { identity: *identity, point };
        key.signature().verify(&root.public_key, identity.bytes()).map_err(|_| Error::WrongAnswer)?;
        Ok(key)
    }

    /// Whose key it is.
    pub const fn identity(&self) -> &DecryptionIdentity {
        &self.identity
    }

    /// The 96 bytes; for Lit's `blsDecrypt`, too.
    pub fn to_bytes(&self) -> Zeroizing<[u8; G2_BYTES]> {
        Zeroizing::new(self.point.to_compressed())
    }

    /// As blsful takes it. It is `Copy` there: keep it no longer than needed.
    pub(crate) const fn signature(&self) -> Signature<Bls12381G2Impl> {
        Signature::ProofOfPossession(self.point)
    }
}
