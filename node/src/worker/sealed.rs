//! Records that only this machine opens: what a stolen disk holds is noise.
//!
//! Sealed with a key that the chip derives of its secret, the guest's policy and measurement and the versions of its
//! firmware (`conclave_attestation::sealing`), and HKDF of chain, worker and epoch. The worker's own keys and its dealing
//! keys are such records, so that the shares that others dealt to it on chain are not to be had without the machine
//! either. A record names the versions it was sealed under: newer firmware opens what older sealed, never the reverse.
//! Another image opens nothing: upgrades go by reshare.

use super::store::FileRecords;
use chacha20poly1305::{
    aead::{Aead, KeyInit, Payload},
    Key, XChaCha20Poly1305, XNonce,
};
use conclave_attestation::{sealing_key, SealingContext};
use conclave_snp::{RawTcb, Report};
use conclave_worker::ports::{StoreError, StoreRecords};
use rand_core::Rng;
use std::sync::Arc;

use super::keys::system_rng;
use crate::Machine;

const VERSION: u8 = 1;
const TCB_BYTES: usize = 8;
const NONCE_BYTES: usize = 24;

/// What a machine seals for one worker.
#[derive(Clone)]
pub(crate) struct Seal {
    machine: Arc<dyn Machine>,
    /// The versions it seals under: those that the platform cannot go back behind.
    tcb: RawTcb,
    guest_svn: u32,
    genesis: [u8; 32],
    /// The worker's transport key, which one validator has.
    validator: [u8; 32],
}

impl Seal {
    pub(crate) fn new(
        machine: Arc<dyn Machine>,
        genesis: [u8; 32],
        validator: [u8; 32],
    ) -> Result<Self, String> {
        let sealed = machine.report([0; 64]).map_err(|error| error.to_string())?;
        let (report, _) = Report::parse(&sealed.report).map_err(|error| error.to_string())?;
        Ok(Self { machine, tcb: report.committed_tcb, guest_svn: report.guest_svn, genesis, validator })
    }

    fn cipher(&self, name: &str, tcb: RawTcb) -> Result<XChaCha20Poly1305, StoreError> {
        let machine = self
            .machine
            .derive_key(tcb, self.guest_svn)
            .map_err(|error| failed(name, format!("the machine derives no key: {error}")))?;
        let context =
            SealingContext { genesis: self.genesis, validator: self.validator, epoch: epoch_of(name) };
        Ok(XChaCha20Poly1305::new(&Key::from(*sealing_key(&machine, &context))))
    }

    fn seal(&self, name: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        system_rng().fill_bytes(&mut nonce);
        let sealed = self
            .cipher(name, self.tcb)?
            .encrypt(&XNonce::from(nonce), Payload { msg: bytes, aad: name.as_bytes() })
            .map_err(|_| failed(name, "does not seal"))?;
        Ok([&[VERSION][..], &self.tcb, &nonce, &sealed].concat())
    }

    fn open(&self, name: &str, record: &[u8]) -> Result<Vec<u8>, StoreError> {
        let not_ours = || failed(name, "another machine, image, firmware, chain or validator sealed it");
        let parts = record
            .split_first()
            .filter(|(version, _)| **version == VERSION)
            .and_then(|(_, rest)| rest.split_first_chunk::<TCB_BYTES>())
            .and_then(|(tcb, rest)| Some((*tcb, rest.split_first_chunk::<NONCE_BYTES>()?)));
        let (tcb, (nonce, sealed)) = parts.ok_or_else(not_ours)?;
        self.cipher(name, tcb)?
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: name.as_bytes() })
            .map_err(|_| not_ours())
    }
}

/// Records are called `kind.epoch-attempt…`; what outlives epochs is of epoch 0.
fn epoch_of(name: &str) -> u32 {
    let attempt = name.split('.').nth(1).and_then(|attempt| attempt.split_once('-'));
    attempt.and_then(|(epoch, _)| epoch.parse().ok()).unwrap_or_default()
}

/// Files, sealed where there is a machine. A node without one is no member, and keeps no shares.
pub struct Records {
    files: FileRecords,
    seal: Option<Seal>,
}

impl Records {
    pub(crate) fn new(files: FileRecords, seal: Option<Seal>) -> Self {
        Self { files, seal }
    }
}

impl StoreRecords for Records {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        match &self.seal {
            Some(seal) => self.files.write(name, &seal.seal(name, bytes)?),
            None => self.files.write(name, bytes),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(record) = self.files.read(name)? else { return Ok(None) };
        match &self.seal {
            Some(seal) => seal.open(name, &record).map(Some),
            None => Ok(Some(record)),
        }
    }

    fn erase(&mut self, name: &str) -> Result<(), StoreError> {
        self.files.erase(name)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.files.list(prefix)
    }
}

fn failed(name: &str, reason: impl Into<String>) -> StoreError {
    StoreError { name: name.to_owned(), reason: reason.into() }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use conclave_attestation::{DeriveKey, MachineKey, ReportError, ReportProvider, SealedReport};
    use std::path::Path;
    use zeroize::Zeroizing;

    /// A chip as `conclave-soft-psp` has it, which this crate must not know: its key is its secret with image and
    /// firmware mixed in, for its own versions and older ones.
    #[derive(Clone)]
    pub(crate) struct Chip {
        pub(crate) secret: u8,
        pub(crate) image: u8,
        pub(crate) tcb: RawTcb,
    }

    impl ReportProvider for Chip {
        fn report(&self, _: [u8; 64]) -> Result<SealedReport, ReportError> {
            Err(ReportError::Software("none in this test"))
        }
    }

    impl DeriveKey for Chip {
        fn derive_key(&self, tcb: RawTcb, _: u32) -> Result<MachineKey, ReportError> {
            if tcb > self.tcb {
                return Err(ReportError::Software("a version that this machine does not have"));
            }
            let mut key = [0; 32];
            for (to, from) in key.iter_mut().zip([self.secret, self.image].into_iter().chain(tcb)) {
                *to = from;
            }
            Ok(MachineKey::new(Zeroizing::new(key)))
        }
    }

    pub(crate) const CHIP: Chip = Chip { secret: 1, image: 2, tcb: [3; 8] };

    pub(crate) fn seal(chip: Chip, genesis: u8, validator: u8) -> Seal {
        let tcb = chip.tcb;
        let (genesis, validator) = ([genesis; 32], [validator; 32]);
        Seal { machine: Arc::new(chip), tcb, guest_svn: 0, genesis, validator }
    }

    fn records(folder: &Path, seal: Seal) -> Records {
        Records::new(FileRecords::open(folder).expect("a folder"), Some(seal))
    }

    #[test]
    fn a_stolen_disk_should_open_nowhere_else() {
        let folder = std::env::temp_dir().join(format!("conclave-sealed-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        records(&folder, seal(CHIP, 7, 8)).write("shares.3-0", b"secret").expect("written");
        let raw = std::fs::read(folder.join("shares.3-0")).expect("a file");
        assert!(!raw.windows(6).any(|at| at == b"secret"));
        let read = |seal: Seal| records(&folder, seal).read("shares.3-0");
        assert_eq!(read(seal(CHIP, 7, 8)), Ok(Some(b"secret".to_vec())));
        let newer = Chip { tcb: [4; 8], ..CHIP };
        assert_eq!(read(seal(newer, 7, 8)), Ok(Some(b"secret".to_vec())), "an update of the firmware");
        let elsewhere = [
            ("another chip", seal(Chip { secret: 9, ..CHIP }, 7, 8)),
            ("another image", seal(Chip { image: 9, ..CHIP }, 7, 8)),
            ("older firmware", seal(Chip { tcb: [2; 8], ..CHIP }, 7, 8)),
            ("another chain", seal(CHIP, 9, 8)),
            ("another validator", seal(CHIP, 7, 9)),
        ];
        for (what, seal) in elsewhere {
            assert!(read(seal).is_err(), "{what}");
        }
        // Another epoch's, and another kind: the name is sealed in, too.
        for name in ["shares.4-0", "shares.3-1", "dealing.3-0"] {
            std::fs::copy(folder.join("shares.3-0"), folder.join(name)).expect("copied");
            assert!(records(&folder, seal(CHIP, 7, 8)).read(name).is_err(), "{name}");
        }
        // Neither does what was never sealed.
        std::fs::write(folder.join("shares.5-0"), b"plain").expect("written");
        assert!(records(&folder, seal(CHIP, 7, 8)).read("shares.5-0").is_err());
    }

    /// What is on the disks of earlier releases, as another implementation (PyCryptodome) makes it: version, firmware,
    /// nonce, and what is sealed.
    #[test]
    fn a_record_on_disk_should_open_for_ever() {
        let parts = ["01", &"03".repeat(8), &"05".repeat(24), "936d9c3541cde3203e179c6c07d5d4ab6da23f92411c"];
        let record = hex::decode(parts.concat()).expect("hex");
        assert_eq!(seal(CHIP, 7, 8).open("shares.3-0", &record), Ok(b"secret".to_vec()));
    }

    #[test]
    fn every_epoch_should_have_a_key_of_its_own() {
        assert_eq!(epoch_of("shares.3-0"), 3);
        assert_eq!(epoch_of("pair.12-1.secp256k1.2"), 12);
        assert_eq!(epoch_of("worker-keys"), 0);
        assert_eq!(epoch_of(&format!("ban.{}", "ab".repeat(32))), 0);
        let keys = [3, 4].map(|epoch| {
            let machine = CHIP.derive_key(CHIP.tcb, 0).expect("its own version");
            *sealing_key(&machine, &SealingContext { genesis: [7; 32], validator: [8; 32], epoch })
        });
        assert_ne!(keys[0], keys[1]);
    }
}
