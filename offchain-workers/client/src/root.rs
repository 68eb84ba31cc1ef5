//! Under what data is encrypted.

use blsful::{Bls12381G2Impl, PublicKey};
use conclave_primitives::{DecryptionIdentity, GenesisHash, KeysetId, G1_BYTES};
use conclave_vss::{decode_point, Bls12381G1};
use core::fmt;

use crate::Error;

/// The Decrypt root of a key set of a chain. Read it from finalized state (`CommitteeApi`), or take it from whom you
/// trust: under a wrong one you encrypt to whoever made it.
pub struct DecryptRoot {
    pub(crate) public_key: PublicKey<Bls12381G2Impl>,
    genesis: GenesisHash,
    keyset: KeysetId,
}

impl fmt::Debug for DecryptRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptRoot({:?}, 0x{})", self.keyset, hex::encode(self.to_bytes()))
    }
}

impl DecryptRoot {
    /// `public_key`: 48 bytes, a compressed point in G1, decoded strictly.
    pub fn new(public_key: &[u8], genesis: GenesisHash, keyset: KeysetId) -> Result<Self, Error> {
        let point = decode_point::<Bls12381G1>(public_key)
            .map_err(|_| Error::InvalidPoint { field: "the public key" })?;
        Ok(Self { public_key: PublicKey(point), genesis, keyset })
    }

    /// The public key.
    pub fn to_bytes(&self) -> [u8; G1_BYTES] {
        self.public_key.0.to_compressed()
    }

    /// The chain.
    pub const fn genesis(&self) -> &GenesisHash {
        &self.genesis
    }

    /// The key set.
    pub const fn keyset(&self) -> KeysetId {
        self.keyset
    }

    /// Whoever meets the condition that has this hash, by the key of one ciphertext: its hash or a nonce is `binding`.
    pub const fn identity(&self, condition: [u8; 32], binding: [u8; 32]) -> DecryptionIdentity {
        DecryptionIdentity::V1 { genesis: self.genesis, keyset: self.keyset, condition, binding }
    }

    /// Refuses identities whose decryption keys another root makes. Lit's do not name their root.
    pub fn check(&self, identity: &DecryptionIdentity) -> Result<(), Error> {
        match identity {
            DecryptionIdentity::V1 { genesis, .. } if *genesis != self.genesis => {
                Err(Error::AnotherChain { got: *genesis })
            }
            DecryptionIdentity::V1 { keyset, .. } if *keyset != self.keyset => {
                Err(Error::AnotherKeyset { got: keyset.0 })
            }
            DecryptionIdentity::V1 { .. } | DecryptionIdentity::LitV7 { .. } => Ok(()),
        }
    }
}
