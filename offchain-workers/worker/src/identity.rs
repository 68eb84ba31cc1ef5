//! A worker's secret keys.

use conclave_primitives::{
    worker_call_bytes, worker_keys_bytes, AccountBytes, GenesisHash, WorkerKeyProofs, WorkerKeys,
};
use conclave_vss::{prove_worker_key, EncryptionSecret};
use core::fmt;
use ed25519_dalek::{Signer, SigningKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The secret counterparts of [`WorkerKeys`]. Erased when dropped, never cloned, never printed.
pub struct WorkerSecrets {
    pub(crate) encryption: EncryptionSecret,
    signing: SigningKey,
    transport: SigningKey,
    /// Computed once: every message is signed under one of them.
    public: WorkerKeys,
}

impl WorkerSecrets {
    /// From the encryption key and the seeds of the Ed25519 keys.
    pub fn new(encryption: EncryptionSecret, signing: &[u8; 32], transport: &[u8; 32]) -> Self {
        let (signing, transport) = (SigningKey::from_bytes(signing), SigningKey::from_bytes(transport));
        let public = WorkerKeys {
            encryption: encryption.public(),
            signing: signing.verifying_key().to_bytes(),
            transport: transport.verifying_key().to_bytes(),
        };
        Self { encryption, signing, transport, public }
    }

    /// Fresh keys, but for the transport key, which is the node's libp2p identity.
    pub fn random(transport: &[u8; 32], rng: &mut impl CryptoRng) -> Self {
        let mut signing = Zeroizing::new([0; 32]);
        rng.fill_bytes(signing.as_mut());
        Self::new(EncryptionSecret::random(rng), &signing, transport)
    }

    /// Encryption scalar ‖ signing seed, for the node's key file.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 64]> {
        let mut bytes = Zeroizing::new([0; 64]);
        let encryption = self.encryption.to_bytes();
        let signing = Zeroizing::new(self.signing.to_bytes());
        bytes.iter_mut().zip(encryption.iter().chain(signing.iter())).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// From [`Self::to_bytes`] and the seed of the transport key.
    pub fn from_bytes(bytes: &[u8; 64], transport: &[u8; 32]) -> Option<Self> {
        let (encryption, rest) = bytes.split_first_chunk::<32>()?;
        let signing: &[u8; 32] = rest.try_into().ok()?;
        Some(Self::new(EncryptionSecret::from_bytes(encryption)?, signing, transport))
    }

    /// The public keys.
    pub const fn public(&self) -> WorkerKeys {
        self.public
    }

    /// Proofs of possession, for `register_worker_keys` by `account`.
    pub fn prove(
        &self,
        genesis: &GenesisHash,
        account: &AccountBytes,
        rng: &mut impl CryptoRng,
    ) -> WorkerKeyProofs {
        let statement = worker_keys_bytes(genesis, account, &self.public());
        WorkerKeyProofs {
            encryption: prove_worker_key(&self.encryption, &statement, rng).to_bytes(),
            signing: self.signing.sign(&statement).to_bytes(),
            transport: self.transport.sign(&statement).to_bytes(),
        }
    }

    pub(crate) fn sign_call(
        &self,
        genesis: &GenesisHash,
        call: &str,
        arguments: &impl codec::Encode,
    ) -> [u8; 64] {
        self.signing.sign(&worker_call_bytes(genesis, call, arguments)).to_bytes()
    }

    /// With the signing key, which the chain has for this member: `outcome` is the text of an `ExecutionOutcome`.
    pub(crate) fn sign_outcome(&self, outcome: &str) -> [u8; 64] {
        self.signing.sign(outcome.as_bytes()).to_bytes()
    }

    pub(crate) fn sign_message(&self, message: &[u8]) -> [u8; 64] {
        self.transport.sign(message).to_bytes()
    }
}

impl fmt::Debug for WorkerSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerSecrets").field("public", &self.public()).finish_non_exhaustive()
    }
}
