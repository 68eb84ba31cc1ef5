//! Secrets on disk: sealed, written durably, read back.

use chacha20poly1305::{
    aead::{Aead, KeyInit, Payload},
    Key, XChaCha20Poly1305, XNonce,
};
use codec::{DecodeAll, Encode};
use conclave_primitives::{Attempt, AttemptId, Curve, Epoch, ParticipantIndex, RootKeyId};
use conclave_protocols::Pair;
use conclave_vss::{Dealing, EncryptionSecret, SecretScalar};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::ports::{StoreError, StoreRecords};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// Why a secret could not be stored or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShareStoreError {
    /// The disk failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is on disk does not open: it was changed, or another key sealed it.
    #[error("record `{name}` does not open: restore the disk or the worker's key file")]
    Sealed {
        /// Which record.
        name: String,
    },
    /// It opens to something else than it should be.
    #[error("record `{name}` is corrupt")]
    Corrupt {
        /// Which record.
        name: String,
    },
    /// What was read back is not what was written.
    #[error("record `{name}` was not written as given")]
    NotWritten {
        /// Which record.
        name: String,
    },
}

/// The worker's secrets over a [`StoreRecords`].
pub(crate) struct ShareStore<S> {
    records: S,
    cipher: XChaCha20Poly1305,
}

impl<S: StoreRecords> ShareStore<S> {
    /// Seals with a key derived from the worker's encryption key.
    pub(crate) fn new(records: S, secret: &EncryptionSecret) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        // Fails only above 255 · 32 bytes.
        let _ = Hkdf::<Sha256>::new(None, secret.to_bytes().as_ref())
            .expand(b"CONCLAVE-V1-SHARE-STORE", key.as_mut());
        Self { records, cipher: XChaCha20Poly1305::new(&Key::from(*key)) }
    }

    pub(crate) fn put_dealing(
        &mut self,
        keygen: AttemptId,
        dealing: &Dealing,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ShareStoreError> {
        self.put(&name("dealing", keygen), &dealing.encode(), rng)
    }

    pub(crate) fn dealing(&self, keygen: AttemptId) -> Result<Option<Dealing>, ShareStoreError> {
        let name = name("dealing", keygen);
        let Some(bytes) = self.get(&name)? else { return Ok(None) };
        Dealing::decode_all(&mut bytes.as_slice()).map(Some).map_err(|_| ShareStoreError::Corrupt { name })
    }

    pub(crate) fn put_shares(
        &mut self,
        keygen: AttemptId,
        shares: &[(RootKeyId, SecretScalar)],
        rng: &mut impl CryptoRng,
    ) -> Result<(), ShareStoreError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(shares.len().saturating_mul(40)));
        for (id, share) in shares {
            id.encode_to(&mut *bytes);
            bytes.extend_from_slice(share.as_bytes());
        }
        self.put(&name("shares", keygen), &bytes, rng)
    }

    pub(crate) fn shares(
        &self,
        keygen: AttemptId,
    ) -> Result<Option<Vec<(RootKeyId, SecretScalar)>>, ShareStoreError> {
        use codec::Decode;
        let name = name("shares", keygen);
        let Some(bytes) = self.get(&name)? else { return Ok(None) };
        let mut input = bytes.as_slice();
        let mut shares = Vec::new();
        while !input.is_empty() {
            let corrupt = || ShareStoreError::Corrupt { name: name.clone() };
            let id = RootKeyId::decode(&mut input).map_err(|_| corrupt())?;
            let (share, rest) = input.split_first_chunk::<32>().ok_or_else(corrupt)?;
            shares.push((id, SecretScalar::from_bytes(*share)));
            input = rest;
        }
        Ok(Some(shares))
    }

    pub(crate) fn put_pair(
        &mut self,
        keygen: AttemptId,
        pair: &Pair,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ShareStoreError> {
        let name = of_pair(keygen, pair.curve(), pair.counterparty());
        let bytes = pair.to_bytes().map_err(|_| ShareStoreError::Corrupt { name: name.clone() })?;
        self.put(&name, &bytes, rng)
    }

    pub(crate) fn pair(
        &self,
        keygen: AttemptId,
        curve: Curve,
        peer: ParticipantIndex,
    ) -> Result<Option<Pair>, ShareStoreError> {
        let name = of_pair(keygen, curve, peer);
        let Some(bytes) = self.get(&name)? else { return Ok(None) };
        Pair::from_bytes(curve, &bytes).map(Some).map_err(|_| ShareStoreError::Corrupt { name })
    }

    pub(crate) fn erase_pair(
        &mut self,
        keygen: AttemptId,
        curve: Curve,
        peer: ParticipantIndex,
    ) -> Result<(), ShareStoreError> {
        Ok(self.records.erase(&of_pair(keygen, curve, peer))?)
    }

    /// Bans a pair for as long as its set-up would last.
    pub(crate) fn put_ban(
        &mut self,
        keygen: AttemptId,
        peer: ParticipantIndex,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ShareStoreError> {
        self.put(&of_peer("ban", keygen, peer), &[], rng)
    }

    pub(crate) fn is_banned(
        &self,
        keygen: AttemptId,
        peer: ParticipantIndex,
    ) -> Result<bool, ShareStoreError> {
        Ok(self.records.read(&of_peer("ban", keygen, peer))?.is_some())
    }

    /// Erases everything of attempts before `keygen`.
    pub(crate) fn keep_from(&mut self, keygen: AttemptId) -> Result<(), ShareStoreError> {
        for prefix in ["dealing.", "shares.", "pair.", "ban."] {
            for record in self.records.list(prefix)? {
                let of = record.split('.').nth(1).and_then(parse_attempt);
                if of.is_some_and(|of| of < keygen) {
                    self.records.erase(&record)?;
                }
            }
        }
        Ok(())
    }

    /// Seals and writes a record, and reads it back before anyone is told that it exists.
    fn put(&mut self, name: &str, plaintext: &[u8], rng: &mut impl CryptoRng) -> Result<(), ShareStoreError> {
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: name.as_bytes() })
            .map_err(|_| ShareStoreError::Sealed { name: name.to_owned() })?;
        let mut record = vec![VERSION];
        record.extend_from_slice(&nonce);
        record.extend_from_slice(&sealed);
        self.records.write(name, &record)?;
        match self.get(name)? {
            Some(read) if read.as_slice() == plaintext => Ok(()),
            _ => Err(ShareStoreError::NotWritten { name: name.to_owned() }),
        }
    }

    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, ShareStoreError> {
        let Some(record) = self.records.read(name)? else { return Ok(None) };
        let corrupt = || ShareStoreError::Corrupt { name: name.to_owned() };
        let (version, rest) = record.split_first().ok_or_else(corrupt)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(corrupt)?;
        if *version != VERSION {
            return Err(corrupt());
        }
        self.cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: name.as_bytes() })
            .map(|plaintext| Some(Zeroizing::new(plaintext)))
            .map_err(|_| ShareStoreError::Sealed { name: name.to_owned() })
    }
}

fn attempt(keygen: AttemptId) -> String {
    format!("{}-{}", keygen.epoch.0, keygen.attempt.0)
}

fn parse_attempt(text: &str) -> Option<AttemptId> {
    let (epoch, attempt) = text.split_once('-')?;
    Some(AttemptId { epoch: Epoch(epoch.parse().ok()?), attempt: Attempt(attempt.parse().ok()?) })
}

fn name(kind: &str, keygen: AttemptId) -> String {
    format!("{kind}.{}", attempt(keygen))
}

fn of_pair(keygen: AttemptId, curve: Curve, peer: ParticipantIndex) -> String {
    format!("pair.{}.{}.{peer}", attempt(keygen), curve.name())
}

fn of_peer(kind: &str, keygen: AttemptId, peer: ParticipantIndex) -> String {
    format!("{kind}.{}.{peer}", attempt(keygen))
}
