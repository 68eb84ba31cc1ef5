//! Secret scalars.

use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret scalar in the canonical encoding of its curve (32 bytes; big-endian on secp256k1
/// and secp256r1, little-endian on the curves over 2^255 - 19 and on BLS12-381). Erased when dropped, never cloned, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretScalar([u8; 32]);

impl SecretScalar {
    /// Takes the bytes of a scalar. Whether they are canonical is checked by what uses them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a protocol or the encrypted store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretScalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretScalar(<redacted>)")
    }
}
