//! The worker's keys: made at the first start and kept beside its records; the transport key is the node's libp2p
//! identity. A node started with `--alice` … uses the well-known development keys, as it does for its session keys.

use super::{
    sealed::{Records, Seal},
    store::FileRecords,
};
use crate::Machine;
use conclave_primitives::WorkerKeys;
use conclave_vss::EncryptionSecret;
use conclave_worker::{ports::StoreRecords, WorkerSecrets};
use rand_core::UnwrapErr;
use sc_network::config::{NodeKeyConfig, Secret};
use sc_network_types::ed25519;
use sc_service::{Configuration, Error};
use std::sync::Arc;

const KEY_RECORD: &str = "worker-keys";

/// The operating system's generator; that it fails is no state to go on in.
pub(crate) type SystemRng = UnwrapErr<getrandom::SysRng>;

pub(crate) fn system_rng() -> SystemRng {
    UnwrapErr(getrandom::SysRng)
}

/// The keys of this node's worker.
pub(crate) struct Keys {
    secrets: WorkerSecrets,
    development: bool,
    /// Of a validator.
    pub(super) machine: Option<Arc<dyn Machine>>,
}

impl Keys {
    /// Finds, or makes, the keys. Fixes the node key in `config`, so that network and worker use the same. A validator's
    /// are sealed by its machine.
    pub(crate) fn load(
        config: &mut Configuration,
        genesis: [u8; 32],
        machine: Option<Arc<dyn Machine>>,
    ) -> Result<Self, Error> {
        let transport = fix_node_key(config)?;
        let directory = super::directory(config);
        let seed = config.dev_key_seed.as_deref().and_then(development_number);
        if let Some(number) = seed {
            let secrets = development(number, &transport).ok_or_else(|| other("development key"))?;
            return Ok(Self { secrets, development: true, machine });
        }
        let seal = match &machine {
            Some(machine) => {
                let validator = ed25519_dalek::SigningKey::from_bytes(&transport).verifying_key().to_bytes();
                Some(Seal::new(machine.clone(), genesis, validator).map_err(other)?)
            }
            None => None,
        };
        let files = FileRecords::open(&directory).map_err(|error| other(error.to_string()))?;
        let mut records = Records::new(files, seal);
        let stored = records.read(KEY_RECORD).map_err(|error| other(error.to_string()))?;
        let secrets = match stored {
            Some(bytes) => <&[u8; 64]>::try_from(bytes.as_slice())
                .ok()
                .and_then(|bytes| WorkerSecrets::from_bytes(bytes, &transport))
                .ok_or_else(|| {
                    other("the worker's key file is corrupt: restore it, or remove it and register new keys")
                })?,
            None => {
                let secrets = WorkerSecrets::random(&transport, &mut system_rng());
                records
                    .write(KEY_RECORD, secrets.to_bytes().as_ref())
                    .map_err(|error| other(error.to_string()))?;
                secrets
            }
        };
        Ok(Self { secrets, development: false, machine })
    }

    pub(super) fn is_development(&self) -> bool {
        self.development
    }

    pub(super) fn into_secrets(self) -> WorkerSecrets {
        self.secrets
    }
}

/// What the workers of the well-known `//Alice` … `//Dave` are known by: the presets of development chains register them.
pub fn development_keys() -> Vec<WorkerKeys> {
    development_members().iter().map(WorkerSecrets::public).collect()
}

/// The four members of a development chain, in one process.
pub(super) fn development_members() -> Vec<WorkerSecrets> {
    (1..=4).filter_map(|number| development(number, &seed(number))).collect()
}

/// Encryption scalar k, signing seed kk…k, for the k-th well-known account: what the presets register. The preset's
/// transport keys have the seed 00…0k, which is what `--node-key` must be.
fn development(number: u8, transport: &[u8; 32]) -> Option<WorkerSecrets> {
    let mut scalar = [0; 32];
    if let Some(first) = scalar.first_mut() {
        *first = number;
    }
    Some(WorkerSecrets::new(EncryptionSecret::from_bytes(&scalar)?, &[number; 32], transport))
}

fn seed(number: u8) -> [u8; 32] {
    let mut seed = [0; 32];
    if let Some(last) = seed.last_mut() {
        *last = number;
    }
    seed
}

fn development_number(seed: &str) -> Option<u8> {
    let names = ["//Alice", "//Bob", "//Charlie", "//Dave"];
    names.iter().position(|name| *name == seed).and_then(|position| u8::try_from(position + 1).ok())
}

/// Reads, or generates, the node key once: `Secret::New` would give the network another one than us.
fn fix_node_key(config: &mut Configuration) -> Result<[u8; 32], Error> {
    let keypair = config
        .network
        .node_key
        .clone()
        .into_keypair()
        .map_err(|error| other(format!("node key: {error}")))?;
    let secret = keypair.secret();
    config.network.node_key = NodeKeyConfig::Ed25519(Secret::Input(secret.clone()));
    let bytes = secret.to_bytes();
    // The pair must be one that our own signatures verify under.
    let public = ed25519_dalek::SigningKey::from_bytes(&bytes).verifying_key().to_bytes();
    if public != ed25519::PublicKey::to_bytes(&keypair.public()) {
        return Err(other("the node key is not an Ed25519 seed"));
    }
    Ok(bytes)
}

fn other(reason: impl Into<String>) -> Error {
    Error::Other(reason.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_runtime::genesis_presets::DEVELOPMENT_WORKER_KEYS;

    #[test]
    fn presets_should_register_the_development_keys() {
        let ours: Vec<_> = development_members().iter().map(WorkerSecrets::public).collect();
        assert_eq!(ours, DEVELOPMENT_WORKER_KEYS, "{ours:02x?}");
    }
}
