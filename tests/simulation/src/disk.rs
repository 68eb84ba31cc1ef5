//! Disks: in memory, shared with the worker that writes to it, and they survive its crash.

use chacha20poly1305::{
    aead::{Aead, KeyInit, Payload},
    Key, XChaCha20Poly1305, XNonce,
};
use codec::{Decode, DecodeAll};
use conclave_primitives::{AttemptId, RootKeyId};
use conclave_vss::{Dealing, EncryptionSecret, SecretScalar};
use conclave_worker::ports::{StoreError, StoreRecords};
use hkdf::Hkdf;
use sha2::Sha256;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// The power fails at a write, or as a record is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerCut {
    /// At which of them, counted from 1 on.
    pub write: u64,
    /// Whether it is done afterwards.
    pub written: bool,
}

/// A member's disk.
#[derive(Clone, Default)]
pub(crate) struct Disk(Rc<RefCell<Contents>>);

#[derive(Default)]
struct Contents {
    records: BTreeMap<String, Vec<u8>>,
    writes: u64,
    generations: usize,
    cut: Option<PowerCut>,
    power_failed: Option<&'static str>,
}

impl Disk {
    pub(crate) fn cut_power_after(&self, cut: PowerCut) {
        let mut contents = self.0.borrow_mut();
        contents.cut = Some(PowerCut { write: contents.writes + cut.write, ..cut });
    }

    /// At what the power failed since this was last asked.
    pub(crate) fn take_power_failure(&self) -> Option<&'static str> {
        std::mem::take(&mut self.0.borrow_mut().power_failed)
    }

    /// Of how many attempts there are records.
    pub(crate) fn generations(&self) -> usize {
        self.0.borrow().generations
    }

    /// A copy of the sealed shares of an attempt, as a thief or a backup takes one.
    pub(crate) fn copy_of_shares(&self, attempt: AttemptId) -> Option<Copied> {
        let name = format!("shares.{}", name_of(attempt));
        let record = self.0.borrow().records.get(&name)?.clone();
        Some(Copied { name, record })
    }

    /// Whether any key that is on this disk, or derived from the encryption key, opens the copy.
    pub(crate) fn opens(&self, encryption_key: &[u8; 32], copied: &Copied) -> bool {
        let Some(master) = master_key(encryption_key) else { return false };
        let names: Vec<String> = self.0.borrow().records.keys().cloned().collect();
        let on_disk = names.iter().filter_map(|name| self.open(&master, name));
        let keys = on_disk.filter_map(|key| <[u8; 32]>::try_from(key).ok());
        keys.chain([master]).any(|key| unseal(&key, &copied.name, &copied.record).is_some())
    }

    /// The dealing that a member with this encryption key stored.
    pub(crate) fn dealing(&self, key: &[u8; 32], attempt: AttemptId) -> Option<Dealing> {
        let plaintext = self.open_of(key, "dealing", attempt)?;
        Dealing::decode_all(&mut plaintext.as_slice()).ok()
    }

    /// The shares that it stored.
    pub(crate) fn shares(
        &self,
        key: &[u8; 32],
        attempt: AttemptId,
    ) -> Option<Vec<(RootKeyId, SecretScalar)>> {
        let plaintext = self.open_of(key, "shares", attempt)?;
        let mut input = plaintext.as_slice();
        let mut shares = Vec::new();
        while !input.is_empty() {
            let id = RootKeyId::decode(&mut input).ok()?;
            let (share, rest) = input.split_first_chunk::<32>()?;
            shares.push((id, SecretScalar::from_bytes(*share)));
            input = rest;
        }
        Some(shares)
    }

    /// The secrets of all dealing keys that it has, for attempts to come and of those whose records are there.
    pub(crate) fn dealing_keys(&self, encryption_key: &[u8; 32]) -> Vec<EncryptionSecret> {
        let Some(master) = master_key(encryption_key) else { return Vec::new() };
        let names: Vec<String> = self.0.borrow().records.keys().cloned().collect();
        let open = |name: &String| match name.strip_prefix("dealing-key.") {
            Some(of) => {
                let key = self.open(&master, &format!("key.{of}"))?;
                self.open(key.as_slice().try_into().ok()?, name)
            }
            None => self.open(&master, name.strip_prefix("next-").map(|_| name.as_str())?),
        };
        let secrets = names.iter().filter_map(open);
        secrets
            .filter_map(|secret| EncryptionSecret::from_bytes(secret.as_slice().try_into().ok()?))
            .collect()
    }

    /// The transport keys that it will never again run ECDSA with.
    pub(crate) fn bans(&self) -> Vec<String> {
        let contents = self.0.borrow();
        contents.records.keys().filter_map(|name| name.strip_prefix("ban.")).map(str::to_owned).collect()
    }

    /// How many records of other attempts are left.
    pub(crate) fn records_beside(&self, attempt: AttemptId) -> usize {
        let of = name_of(attempt);
        let contents = self.0.borrow();
        let others = |name: &&String| !outlives_attempts(name) && name.split('.').nth(1) != Some(of.as_str());
        contents.records.keys().filter(others).count()
    }

    /// What `conclave-worker` sealed, opened by the format's description: version ‖ nonce ‖ XChaCha20-Poly1305, with
    /// the record's name as associated data, under the attempt's key; that is a record itself, under a key derived
    /// from the encryption key.
    fn open_of(&self, encryption_key: &[u8; 32], kind: &str, attempt: AttemptId) -> Option<Vec<u8>> {
        let master = master_key(encryption_key)?;
        let of = name_of(attempt);
        let key = self.open(&master, &format!("key.{of}"))?;
        self.open(key.as_slice().try_into().ok()?, &format!("{kind}.{of}"))
    }

    fn open(&self, key: &[u8; 32], name: &str) -> Option<Vec<u8>> {
        let contents = self.0.borrow();
        unseal(key, name, contents.records.get(name)?)
    }
}

/// A sealed record that left the disk.
pub(crate) struct Copied {
    name: String,
    record: Vec<u8>,
}

/// Whether a record is of no attempt, or of one that is to come.
fn outlives_attempts(name: &str) -> bool {
    name.starts_with("ban.") || name.starts_with("next-dealing-key.")
}

fn master_key(encryption_key: &[u8; 32]) -> Option<[u8; 32]> {
    let mut master = [0; 32];
    Hkdf::<Sha256>::new(None, encryption_key).expand(b"CONCLAVE-V1-SHARE-STORE", &mut master).ok()?;
    Some(master)
}

fn unseal(key: &[u8; 32], name: &str, record: &[u8]) -> Option<Vec<u8>> {
    let (version, rest) = record.split_first()?;
    let (nonce, sealed) = rest.split_first_chunk::<24>()?;
    let payload = Payload { msg: sealed, aad: name.as_bytes() };
    let opened = XChaCha20Poly1305::new(&Key::from(*key)).decrypt(&XNonce::from(*nonce), payload);
    opened.ok().filter(|_| *version == 2)
}

fn name_of(attempt: AttemptId) -> String {
    format!("{}-{}", attempt.epoch.0, attempt.attempt.0)
}

/// At which kind of record the power failed.
fn cut_at(name: &str) -> &'static str {
    match name.split('.').next() {
        Some("key") => "power cut at the key of an attempt's records",
        Some("dealing-key") => "power cut at a dealing key",
        Some("next-dealing-key") => "power cut at the next dealing key",
        Some("dealing") => "power cut at a dealing",
        Some("shares") => "power cut at shares",
        _ => "power cut at another record",
    }
}

impl Contents {
    /// Changes a record, unless the power fails just before; also then nobody hears of it.
    fn change(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>),
    ) -> Result<(), StoreError> {
        self.writes += 1;
        let cut = self.cut.filter(|cut| cut.write == self.writes);
        if cut.is_none_or(|cut| cut.written) {
            change(&mut self.records);
            self.count_generations();
        }
        match cut {
            Some(_) => {
                self.power_failed = Some(cut_at(name));
                Err(StoreError { name: name.to_owned(), reason: "the power failed".into() })
            }
            None => Ok(()),
        }
    }

    fn count_generations(&mut self) {
        let of = |name: &String| Some(name.split('.').nth(1)?.to_owned());
        let attempts: BTreeSet<String> =
            self.records.keys().filter(|name| !outlives_attempts(name)).filter_map(of).collect();
        self.generations = attempts.len();
    }
}

impl StoreRecords for Disk {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.borrow_mut().change(name, |records| {
            records.insert(name.to_owned(), bytes.to_vec());
        })
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.borrow().records.get(name).cloned())
    }

    fn erase(&mut self, name: &str) -> Result<(), StoreError> {
        self.0.borrow_mut().change(name, |records| {
            records.remove(name);
        })
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.0.borrow().records.keys().filter(|name| name.starts_with(prefix)).cloned().collect())
    }
}
