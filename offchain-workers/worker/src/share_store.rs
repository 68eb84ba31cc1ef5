//! Secrets on disk: sealed, written durably, read back.
//!
//! Every attempt's records are sealed with a key of their own, which is a record, too. To erase an attempt
//! is to erase that key: whatever a disk, a snapshot or a backup keeps of the other records opens no more.

use chacha20poly1305::{
    aead::{Aead, KeyInit, Payload},
    Key, XChaCha20Poly1305, XNonce,
};
use codec::{DecodeAll, Encode};
use conclave_primitives::{Attempt, AttemptId, Epoch, RootKeyId};
use conclave_vss::{Dealing, EncryptionSecret, SecretScalar};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    message::TransportKey,
    ports::{StoreError, StoreRecords},
};

const VERSION: u8 = 2;
const NONCE_BYTES: usize = 24;
const DEALING_KEY: &str = "dealing-key";
const NEXT_DEALING_KEY: &str = "next-dealing-key.";

/// Why a secret could not be stored or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShareStoreError {
    /// The disk failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is on disk does not open: it was changed, or another key sealed it.
    #[error("record `{name}` does not open: the disk is damaged, or of another machine; the next reshare gives new shares")]
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
    /// Seals what outlives attempts, and the attempts' own keys.
    master: SealingKey,
}

/// Dealing keys on disk. One that does not open takes none of the others with it.
struct DealingKeys<Of> {
    readable: Vec<(Of, EncryptionSecret)>,
    damaged: Vec<(Of, ShareStoreError)>,
}

impl<Of> Default for DealingKeys<Of> {
    fn default() -> Self {
        Self { readable: Vec::new(), damaged: Vec::new() }
    }
}

impl<Of: Copy> DealingKeys<Of> {
    fn add(&mut self, of: Of, secret: Result<Option<EncryptionSecret>, ShareStoreError>) {
        match secret {
            Ok(secret) => self.readable.extend(secret.map(|secret| (of, secret))),
            Err(error) => {
                log::error!(target: "conclave::store", "a dealing key is passed over: {error}");
                self.damaged.push((of, error));
            }
        }
    }

    fn take(&mut self, public: &[u8; 32]) -> Option<(Of, EncryptionSecret)> {
        let position = self.readable.iter().position(|(_, secret)| secret.public() == *public)?;
        Some(self.readable.swap_remove(position))
    }

    fn first_error(self) -> Option<ShareStoreError> {
        self.damaged.into_iter().next().map(|(_, error)| error)
    }

    fn numbers(&self) -> impl Iterator<Item = Of> + '_ {
        let readable = self.readable.iter().map(|(of, _)| *of);
        readable.chain(self.damaged.iter().map(|(of, _)| *of))
    }
}

/// Seals records. Erased when dropped.
struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.0))
    }
}

impl<S: StoreRecords> ShareStore<S> {
    /// Seals with a key derived from the worker's encryption key.
    pub(crate) fn new(records: S, secret: &EncryptionSecret) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        // Fails only above 255 · 32 bytes.
        let _ = Hkdf::<Sha256>::new(None, secret.to_bytes().as_ref())
            .expand(b"CONCLAVE-V1-SHARE-STORE", key.as_mut());
        Self { records, master: SealingKey(key) }
    }

    pub(crate) fn put_dealing(
        &mut self,
        attempt: AttemptId,
        dealing: &Dealing,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ShareStoreError> {
        self.put(attempt, &name("dealing", attempt), &dealing.encode(), rng)
    }

    pub(crate) fn dealing(&self, attempt: AttemptId) -> Result<Option<Dealing>, ShareStoreError> {
        let name = name("dealing", attempt);
        let Some(bytes) = self.get(attempt, &name)? else { return Ok(None) };
        Dealing::decode_all(&mut bytes.as_slice()).map(Some).map_err(|_| ShareStoreError::Corrupt { name })
    }

    pub(crate) fn put_shares(
        &mut self,
        attempt: AttemptId,
        shares: &[(RootKeyId, SecretScalar)],
        rng: &mut impl CryptoRng,
    ) -> Result<(), ShareStoreError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(shares.len().saturating_mul(40)));
        for (id, share) in shares {
            id.encode_to(&mut *bytes);
            bytes.extend_from_slice(share.as_bytes());
        }
        self.put(attempt, &name("shares", attempt), &bytes, rng)
    }

    pub(crate) fn shares(
        &self,
        attempt: AttemptId,
    ) -> Result<Option<Vec<(RootKeyId, SecretScalar)>>, ShareStoreError> {
        use codec::Decode;
        let name = name("shares", attempt);
        let Some(bytes) = self.get(attempt, &name)? else { return Ok(None) };
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

    /// Makes the key that a coming attempt is to deal to.
    pub(crate) fn make_dealing_key(&mut self, rng: &mut impl CryptoRng) -> Result<[u8; 32], ShareStoreError> {
        let newest = self.next_dealing_keys()?.numbers().max();
        let secret = EncryptionSecret::random(rng);
        let name = next_dealing_key(newest.map_or(0, |number| number.saturating_add(1)));
        write_sealed(&mut self.records, &self.master, &name, secret.to_bytes().as_ref(), rng)?;
        Ok(secret.public())
    }

    /// A key that no attempt has used yet.
    pub(crate) fn next_dealing_key(
        &self,
        public: &[u8; 32],
    ) -> Result<Option<EncryptionSecret>, ShareStoreError> {
        Ok(self.next_dealing_keys()?.take(public).map(|(_, secret)| secret))
    }

    /// Makes a key a part of the attempt that deals to it, to be erased with its shares. Says whether it is there: among
    /// those for coming attempts, or used by one that failed.
    pub(crate) fn adopt_dealing_key(
        &mut self,
        attempt: AttemptId,
        public: &[u8; 32],
        rng: &mut impl CryptoRng,
    ) -> Result<bool, ShareStoreError> {
        let mut next = self.next_dealing_keys()?;
        let found = next.take(public);
        if self.dealing_key(attempt)?.is_none() {
            let mut used = DealingKeys::default();
            let secret = match &found {
                Some((_, secret)) => Some(secret.to_bytes()),
                None => {
                    used = self.used_dealing_keys()?;
                    used.take(public).map(|(_, secret)| secret.to_bytes())
                }
            };
            let Some(secret) = secret else {
                // It may be one of those that do not open now.
                return next.first_error().or(used.first_error()).map_or(Ok(false), Err);
            };
            self.put(attempt, &name(DEALING_KEY, attempt), secret.as_ref(), rng)?;
        }
        if let Some((number, _)) = found {
            self.records.erase(&next_dealing_key(number))?;
        }
        Ok(true)
    }

    /// The key that an attempt deals to.
    pub(crate) fn dealing_key(
        &self,
        attempt: AttemptId,
    ) -> Result<Option<EncryptionSecret>, ShareStoreError> {
        let name = name(DEALING_KEY, attempt);
        self.get(attempt, &name)?.map(|bytes| encryption_secret(&bytes, name)).transpose()
    }

    /// Lets go of keys that were made before the one that the chain has, and never got there; but for the last, which
    /// an attempt that we have not seen yet may deal to.
    pub(crate) fn forget_dealing_keys_before(&mut self, provided: &[u8; 32]) -> Result<(), ShareStoreError> {
        let mut keys = self.next_dealing_keys()?;
        let Some((current, _)) = keys.take(provided) else { return Ok(()) };
        let mut older: Vec<u64> = keys.numbers().filter(|number| *number < current).collect();
        older.sort_unstable();
        older.pop();
        older.into_iter().try_for_each(|number| Ok(self.records.erase(&next_dealing_key(number))?))
    }

    fn next_dealing_keys(&self) -> Result<DealingKeys<u64>, ShareStoreError> {
        let mut keys = DealingKeys::default();
        for name in self.records.list(NEXT_DEALING_KEY)? {
            let number = name.strip_prefix(NEXT_DEALING_KEY).and_then(|number| number.parse().ok());
            let Some(number) = number else { continue };
            let secret = read_sealed(&self.records, &self.master, &name)
                .and_then(|bytes| bytes.map(|bytes| encryption_secret(&bytes, name)).transpose());
            keys.add(number, secret);
        }
        Ok(keys)
    }

    fn used_dealing_keys(&self) -> Result<DealingKeys<AttemptId>, ShareStoreError> {
        let records = self.records.list(&format!("{DEALING_KEY}."))?;
        let mut keys = DealingKeys::default();
        for attempt in records.iter().filter_map(|record| parse_attempt(record.split('.').nth(1)?)) {
            keys.add(attempt, self.dealing_key(attempt));
        }
        Ok(keys)
    }

    /// Bans a pair, in this epoch and all later ones: by the peer's transport key, which outlives indices.
    pub(crate) fn put_ban(
        &mut self,
        peer: &TransportKey,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ShareStoreError> {
        write_sealed(&mut self.records, &self.master, &ban(peer), &[], rng)
    }

    pub(crate) fn is_banned(&self, peer: &TransportKey) -> Result<bool, ShareStoreError> {
        Ok(self.records.read(&ban(peer))?.is_some())
    }

    /// Erases every attempt before `newest` but `serving`: two generations at most stay.
    pub(crate) fn keep(
        &mut self,
        serving: Option<AttemptId>,
        newest: AttemptId,
    ) -> Result<(), ShareStoreError> {
        // Keys first: after that nothing of the attempt can be opened, should the rest not be erased.
        for prefix in ["key.", "dealing.", "shares.", "dealing-key."] {
            for record in self.records.list(prefix)? {
                let of = record.split('.').nth(1).and_then(parse_attempt);
                if of.is_some_and(|of| of < newest && Some(of) != serving) {
                    self.records.erase(&record)?;
                }
            }
        }
        Ok(())
    }

    /// For tests, which damage them.
    #[cfg(test)]
    pub(crate) fn records_mut(&mut self) -> &mut S {
        &mut self.records
    }

    /// The key of an attempt's records; made with the first of them.
    fn key_for(
        &mut self,
        attempt: AttemptId,
        rng: &mut impl CryptoRng,
    ) -> Result<SealingKey, ShareStoreError> {
        if let Some(key) = self.key_of(attempt)? {
            return Ok(key);
        }
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        write_sealed(&mut self.records, &self.master, &name("key", attempt), key.as_ref(), rng)?;
        Ok(SealingKey(key))
    }

    fn key_of(&self, attempt: AttemptId) -> Result<Option<SealingKey>, ShareStoreError> {
        let name = name("key", attempt);
        let Some(bytes) = read_sealed(&self.records, &self.master, &name)? else { return Ok(None) };
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| ShareStoreError::Corrupt { name })?;
        Ok(Some(SealingKey(Zeroizing::new(key))))
    }

    fn put(
        &mut self,
        attempt: AttemptId,
        name: &str,
        plaintext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(), ShareStoreError> {
        let key = self.key_for(attempt, rng)?;
        write_sealed(&mut self.records, &key, name, plaintext, rng)
    }

    fn get(&self, attempt: AttemptId, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, ShareStoreError> {
        match self.key_of(attempt)? {
            Some(key) => read_sealed(&self.records, &key, name),
            // Its key was erased, and so was it.
            None => Ok(None),
        }
    }
}

/// Seals and writes a record, and reads it back before anyone is told that it exists.
fn write_sealed(
    records: &mut impl StoreRecords,
    key: &SealingKey,
    name: &str,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<(), ShareStoreError> {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    let sealed = key
        .cipher()
        .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: name.as_bytes() })
        .map_err(|_| ShareStoreError::Sealed { name: name.to_owned() })?;
    let mut record = vec![VERSION];
    record.extend_from_slice(&nonce);
    record.extend_from_slice(&sealed);
    records.write(name, &record)?;
    match read_sealed(records, key, name)? {
        Some(read) if read.as_slice() == plaintext => Ok(()),
        _ => Err(ShareStoreError::NotWritten { name: name.to_owned() }),
    }
}

fn read_sealed(
    records: &impl StoreRecords,
    key: &SealingKey,
    name: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, ShareStoreError> {
    let Some(record) = records.read(name)? else { return Ok(None) };
    let corrupt = || ShareStoreError::Corrupt { name: name.to_owned() };
    let (version, rest) = record.split_first().ok_or_else(corrupt)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(corrupt)?;
    if *version != VERSION {
        return Err(corrupt());
    }
    key.cipher()
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: name.as_bytes() })
        .map(|plaintext| Some(Zeroizing::new(plaintext)))
        .map_err(|_| ShareStoreError::Sealed { name: name.to_owned() })
}

fn attempt_name(attempt: AttemptId) -> String {
    format!("{}-{}", attempt.epoch.0, attempt.attempt.0)
}

fn parse_attempt(text: &str) -> Option<AttemptId> {
    let (epoch, attempt) = text.split_once('-')?;
    Some(AttemptId { epoch: Epoch(epoch.parse().ok()?), attempt: Attempt(attempt.parse().ok()?) })
}

fn encryption_secret(bytes: &[u8], name: String) -> Result<EncryptionSecret, ShareStoreError> {
    let secret = <&[u8; 32]>::try_from(bytes).ok().and_then(EncryptionSecret::from_bytes);
    secret.ok_or(ShareStoreError::Corrupt { name })
}

fn next_dealing_key(number: u64) -> String {
    format!("{NEXT_DEALING_KEY}{number}")
}

fn ban(peer: &TransportKey) -> String {
    format!("ban.{}", hex::encode(peer))
}

fn name(kind: &str, attempt: AttemptId) -> String {
    format!("{kind}.{}", attempt_name(attempt))
}
