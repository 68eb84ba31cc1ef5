//! The node's own keys, which Substrate keeps on disk in the clear, sealed by the machine like the worker's records.
//!
//! - **Network key** (libp2p, which signs the worker's messages too): a record, made in the machine. A file with one, if the
//!   operator put it there, is taken into the record and erased.
//! - **Session keys**: Substrate's keystore knows only files of its own, but takes a password, without which the phrase in
//!   a file is another key. The password has 256 bits, is made in the machine, and is the record. A thief of the disk has
//!   phrases and public keys, and no key.
//!
//! Nodes that are no validators, and those with well-known development keys, keep theirs as Substrate does.

use super::{
    keys::system_rng,
    sealed::{Records, Seal},
    store::FileRecords,
};
use crate::Machine;
use conclave_primitives::blake2_256;
use conclave_worker::ports::StoreRecords;
use rand_core::Rng;
use sc_network::config::{NodeKeyConfig, Secret};
use sc_network_types::ed25519;
use sc_service::{config::KeystoreConfig, Configuration, Error};
use std::{fs, path::Path, str::FromStr, sync::Arc};
use zeroize::Zeroizing;

const NETWORK_KEY: &str = "network-key";
const KEYSTORE_PASSWORD: &str = "keystore-password";
/// The records of the node itself; all others are the worker's.
pub(super) const NAMES: [&str; 2] = [NETWORK_KEY, KEYSTORE_PASSWORD];

/// Replaces, in `config`, where network key and session keys come from. Before the keystore is opened.
pub(crate) fn seal(config: &mut Configuration, machine: &Arc<dyn Machine>) -> Result<(), Error> {
    if config.dev_key_seed.is_some() {
        return Ok(());
    }
    let directory = super::directory(config);
    let mut records = records(&directory, config.chain_spec.id(), machine).map_err(other)?;
    if let KeystoreConfig::Path { path, password: password @ None } = &mut config.keystore {
        let text = keystore_password(&mut records, path)?;
        *password = Some(FromStr::from_str(&text).map_err(|_| other("the keystore's password"))?);
    }
    if let NodeKeyConfig::Ed25519(Secret::File(file)) = &config.network.node_key {
        let secret = network_key(&mut records, file)?;
        config.network.node_key = NodeKeyConfig::Ed25519(Secret::Input(secret));
    }
    Ok(())
}

/// Before the chain's genesis and the worker's identity are known; the chain is told from others by its id.
pub(super) fn records(directory: &Path, chain: &str, machine: &Arc<dyn Machine>) -> Result<Records, String> {
    let chain = blake2_256(&[b"CONCLAVE-V1-NODE-KEYS".as_slice(), chain.as_bytes()].concat());
    let seal = Seal::new(machine.clone(), chain, [0; 32])?;
    let files = FileRecords::open(directory).map_err(|error| error.to_string())?;
    Ok(Records::new(files, Some(seal)))
}

/// The public key of the node's identity, where it is known: of a command that runs without the node.
pub(crate) fn transport_key(config: &Configuration, machine: &Arc<dyn Machine>) -> Result<[u8; 32], Error> {
    let secret = match &config.network.node_key {
        NodeKeyConfig::Ed25519(Secret::File(_)) => {
            let records =
                records(&super::directory(config), config.chain_spec.id(), machine).map_err(other)?;
            let mut bytes = read(&records, NETWORK_KEY)?.ok_or_else(|| other("no network key is sealed"))?;
            ed25519::SecretKey::try_from_bytes(bytes.as_mut_slice())
                .map_err(|_| other("the sealed network key is corrupt"))?
        }
        given => given.clone().into_keypair().map_err(|error| other(error.to_string()))?.secret(),
    };
    Ok(ed25519::Keypair::from(secret).public().to_bytes())
}

fn keystore_password(records: &mut Records, keystore: &Path) -> Result<Zeroizing<String>, Error> {
    if let Some(password) = read(records, KEYSTORE_PASSWORD)? {
        return String::from_utf8(password.to_vec())
            .map(Zeroizing::new)
            .map_err(|_| other("the keystore's password is corrupt"));
    }
    // Under a password that is new, keys of before would be others.
    if fs::read_dir(keystore).is_ok_and(|mut files| files.next().is_some()) {
        return Err(other(format!(
            "the keystore {} has keys that were made outside of this machine, or whose seal is lost: remove them, and \
             make new ones with author_rotateKeysWithOwner",
            keystore.display()
        )));
    }
    let mut bytes = Zeroizing::new([0; 32]);
    system_rng().fill_bytes(bytes.as_mut());
    let password = Zeroizing::new(hex::encode(bytes.as_ref()));
    write(records, KEYSTORE_PASSWORD, password.as_bytes())?;
    Ok(password)
}

fn network_key(records: &mut Records, file: &Path) -> Result<ed25519::SecretKey, Error> {
    let stored = read(records, NETWORK_KEY)?;
    let secret = match stored {
        Some(mut bytes) => ed25519::SecretKey::try_from_bytes(bytes.as_mut_slice())
            .map_err(|_| other("the sealed network key is corrupt"))?,
        None => {
            // The operator's, or a new one.
            let keypair = NodeKeyConfig::Ed25519(match file.exists() {
                true => Secret::File(file.to_owned()),
                false => Secret::New,
            })
            .into_keypair()
            .map_err(|error| other(format!("network key: {error}")))?;
            let secret = keypair.secret();
            write(records, NETWORK_KEY, Zeroizing::new(secret.to_bytes()).as_ref())?;
            secret
        }
    };
    // Only now, when it is sealed and was read back.
    super::store::erase(file).map_err(|error| other(format!("{}: {error}", file.display())))?;
    Ok(secret)
}

fn read(records: &Records, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    records.read(name).map(|bytes| bytes.map(Zeroizing::new)).map_err(|error| other(error.to_string()))
}

fn write(records: &mut Records, name: &str, bytes: &[u8]) -> Result<(), Error> {
    records.write(name, bytes).map_err(|error| other(error.to_string()))?;
    match read(records, name)? {
        Some(read) if read.as_slice() == bytes => Ok(()),
        _ => Err(other(format!("record `{name}` was not written as given"))),
    }
}

fn other(reason: impl Into<String>) -> Error {
    Error::Other(reason.into())
}

#[cfg(test)]
mod tests {
    use super::{super::sealed::tests::CHIP, *};
    use std::path::PathBuf;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("conclave-node-keys-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("made");
        folder
    }

    fn open(folder: &Path, chip: super::super::sealed::tests::Chip) -> Records {
        let seal = super::super::sealed::tests::seal(chip, 1, 0);
        Records::new(FileRecords::open(folder).expect("a folder"), Some(seal))
    }

    #[test]
    fn the_network_key_should_move_into_the_seal() {
        let folder = folder("network");
        let file = folder.join("secret_ed25519");
        fs::write(&file, [7; 32]).expect("the operator's");
        let records = folder.join("records");
        let taken = network_key(&mut open(&records, CHIP), &file).expect("sealed");
        assert_eq!(taken.to_bytes(), [7; 32]);
        assert!(!file.exists(), "no copy stays in the clear");
        let sealed = fs::read(records.join(NETWORK_KEY)).expect("a record");
        assert!(!sealed.windows(32).any(|at| at == [7; 32]));
        assert_eq!(network_key(&mut open(&records, CHIP), &file).expect("again").to_bytes(), [7; 32]);
        let stolen = super::super::sealed::tests::Chip { secret: 9, ..CHIP };
        assert!(network_key(&mut open(&records, stolen), &file).is_err(), "on another chip");
        // Without a file one is made, once.
        let other = folder.join("other");
        let made = network_key(&mut open(&other, CHIP), &file).expect("made").to_bytes();
        assert_eq!(network_key(&mut open(&other, CHIP), &file).expect("kept").to_bytes(), made);
        assert!(made != [7; 32] && !file.exists());
    }

    #[test]
    fn the_keystore_should_open_with_what_the_machine_sealed_only() {
        use sc_keystore::LocalKeystore;
        use sp_keystore::Keystore;
        let folder = folder("keystore");
        let (records, keystore) = (folder.join("records"), folder.join("keystore"));
        let password = keystore_password(&mut open(&records, CHIP), &keystore).expect("made");
        let with = |password: Option<&str>| {
            let password = password.map(|text| FromStr::from_str(text).expect("any text"));
            LocalKeystore::open(&keystore, password).expect("a keystore")
        };
        let kind = sp_core::crypto::KeyTypeId(*b"babe");
        let public = with(Some(&password)).sr25519_generate_new(kind, None).expect("made");
        let again = keystore_password(&mut open(&records, CHIP), &keystore).expect("kept");
        let signs = |password: Option<&str>| with(password).sr25519_sign(kind, &public, b"m");
        assert!(matches!(signs(Some(&again)), Ok(Some(_))));
        // What a thief has: the files, and no password.
        assert!(!matches!(signs(None), Ok(Some(_))));
        let stolen = super::super::sealed::tests::Chip { secret: 9, ..CHIP };
        assert!(keystore_password(&mut open(&records, stolen), &keystore).is_err());
        // Keys of before would be others under a new password: said, not hidden.
        let fresh = keystore_password(&mut open(&folder.join("fresh"), CHIP), &keystore);
        assert!(fresh.unwrap_err().to_string().contains("author_rotateKeysWithOwner"));
    }
}
