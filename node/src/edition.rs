//! What differs between the production node and the development node (`node/dev`): all else is this library.

use conclave_amd_roots::anchors;
use conclave_attestation::{
    ConfigfsTsm, DeriveKey, MachineKey, ReportError, ReportProvider, SealedReport, SevGuest,
};
use conclave_snp::{Anchor, RawTcb};
use sp_core::storage::Storage;
use std::{fmt, path::Path, sync::Arc};

use crate::{
    chain_spec::ChainSpec,
    worker::{honest_member, MakeMember},
};

/// A sealed machine, or what stands for one: it gives reports, and keys that only it has.
pub trait Machine: ReportProvider + DeriveKey + Send + Sync {}

impl<T: ReportProvider + DeriveKey + Send + Sync> Machine for T {}

/// A kind of node.
#[derive(Clone, Copy)]
pub struct Edition {
    /// How it is called.
    pub name: &'static str,
    /// Whether it runs chains of value, or else only those of development.
    pub is_production: bool,
    /// The roots of trust that a runtime has to have.
    pub anchors: fn() -> &'static [Anchor],
    /// The chain of this name, if it knows it.
    pub chain: fn(&str) -> Option<Result<ChainSpec, String>>,
    /// The genesis of a preset.
    pub genesis: fn(&str) -> Result<Storage, String>,
    /// The machine that it runs on; `directory` is where the worker has its records, which is all that a machine in
    /// software can tell itself from others by.
    pub machine: fn(directory: &Path) -> Result<Arc<dyn Machine>, String>,
    /// The member that it runs: [`honest_member`], but for those that tests put among honest ones.
    pub member: MakeMember,
}

impl Edition {
    /// For chains of value: AMD's roots, machines by AMD, no chain of development.
    pub const PRODUCTION: Self = Self {
        name: "conclave-node",
        is_production: true,
        anchors,
        chain: |_| None,
        genesis: |preset| Err(format!("production has no preset {preset}")),
        machine: sealed_machine,
        member: honest_member,
    };
}

/// The command line is parsed before the edition is known.
impl Default for Edition {
    fn default() -> Self {
        Self::PRODUCTION
    }
}

impl fmt::Debug for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A guest of SEV-SNP: configfs-tsm gives reports since Linux 6.7, the device always; keys only the device.
struct SnpGuest {
    configfs: Option<ConfigfsTsm>,
    device: SevGuest,
}

/// Where `conclave-node attestation fetch-vcek --save` should keep the certificate, for hosts that give none.
const VCEK_FILE: &str = "vcek.der";

fn sealed_machine(directory: &Path) -> Result<Arc<dyn Machine>, String> {
    if !SevGuest::is_there() {
        return Err(
            "no SEV-SNP guest device (/dev/sev-guest): a validator of a live chain runs in a sealed \
                    machine only; see docs/validators.md"
                .into(),
        );
    }
    let vcek = Some(directory.join(VCEK_FILE)).filter(|file| file.exists());
    let configfs = Some(ConfigfsTsm::new(vcek.clone())).filter(ConfigfsTsm::is_there);
    Ok(Arc::new(SnpGuest { configfs, device: SevGuest::new(vcek) }))
}

impl ReportProvider for SnpGuest {
    fn report(&self, data: [u8; 64]) -> Result<SealedReport, ReportError> {
        match &self.configfs {
            Some(configfs) => configfs.report(data),
            None => self.device.report(data),
        }
    }
}

impl DeriveKey for SnpGuest {
    fn derive_key(&self, tcb: RawTcb, guest_svn: u32) -> Result<MachineKey, ReportError> {
        self.device.derive_key(tcb, guest_svn)
    }
}
