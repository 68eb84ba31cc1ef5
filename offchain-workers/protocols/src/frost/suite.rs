//! What differs between the suites.

use conclave_primitives::Scheme;
use frost_core::{
    keys::{KeyPackage, PublicKeyPackage},
    Ciphersuite, Signature, VerifyingKey,
};
use std::collections::BTreeMap;

/// A scheme that FROST signs: a ciphersuite, and what becomes of the key before. Scalars are 32 bytes.
pub trait FrostSuite: Send + Sync + 'static {
    /// frost-core's suite, over the curve of the scheme.
    type Ciphersuite: Ciphersuite;
    /// The scheme.
    const SCHEME: Scheme;

    /// The key that signs, from the one that is shared: the same unless the scheme tweaks it.
    fn tweak(key: KeyPackage<Self::Ciphersuite>) -> KeyPackage<Self::Ciphersuite> {
        key
    }

    /// [`Self::tweak`] of what is public.
    fn tweak_public(key: PublicKeyPackage<Self::Ciphersuite>) -> PublicKeyPackage<Self::Ciphersuite> {
        key
    }

    /// Whether `signature` is one of `message` under the shared key `public_key`, encodings decoded strictly.
    fn verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let (Ok(key), Ok(signature)) =
            (VerifyingKey::deserialize(public_key), Signature::<Self::Ciphersuite>::deserialize(signature))
        else {
            return false;
        };
        let public = Self::tweak_public(PublicKeyPackage::new(BTreeMap::new(), key, None));
        public.verifying_key().verify(message, &signature).is_ok()
    }
}
