//! The kernel's device for SEV-SNP guests: reports where there is no configfs-tsm, and derived keys, which only it gives.

use std::{io, path::PathBuf};

use conclave_snp::{RawTcb, REPORT_BYTES};
use sev::firmware::guest::{DerivedKey, Firmware, GuestFieldSelect};
use zeroize::Zeroizing;

use crate::{
    provider::{ReportError, ReportProvider, SealedReport},
    sealing::{DeriveKey, MachineKey},
    table::VCEK_GUID,
};

const DEVICE: &str = "/dev/sev-guest";
/// The first version of messages: firmware before 1.58 knows no other.
const MESSAGE_VERSION: Option<u32> = Some(1);
/// Said aloud: the library's default is 1.
const VMPL: u32 = 0;
/// Policy (bit 0), measurement (3), guest SVN (4), TCB version (5). Never image or family id alone: anybody can launch
/// another image under those.
const FIELDS: GuestFieldSelect = GuestFieldSelect(0b11_1001);

/// Asks the device.
#[derive(Clone, Debug)]
pub struct SevGuest {
    vcek: Option<PathBuf>,
}

impl SevGuest {
    /// With the certificate from a file, where the host gives none.
    pub fn new(vcek: Option<PathBuf>) -> Self {
        Self { vcek }
    }

    /// Whether the kernel has it.
    pub fn is_there() -> bool {
        std::path::Path::new(DEVICE).exists()
    }
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ReportError {
    ReportError::File { path: DEVICE.into(), error: io::Error::other(error) }
}

impl ReportProvider for SevGuest {
    fn report(&self, data: [u8; 64]) -> Result<SealedReport, ReportError> {
        let mut firmware = Firmware::open().map_err(failed)?;
        let (report, table) = firmware
            .get_ext_report(MESSAGE_VERSION, Some(data), Some(VMPL))
            .map_err(|error| failed(error.to_string()))?;
        let given = table.unwrap_or_default().into_iter().find_map(|entry| {
            let guid = uuid::Uuid::try_from(entry.cert_type.clone()).ok()?;
            (*guid.as_bytes() == VCEK_GUID).then(|| entry.data().to_vec())
        });
        let vcek = match (given, &self.vcek) {
            (Some(certificate), _) => certificate,
            (None, Some(path)) => {
                std::fs::read(path).map_err(|error| ReportError::File { path: path.clone(), error })?
            }
            (None, None) => return Err(ReportError::NoCertificate),
        };
        let found = report.len();
        let report: [u8; REPORT_BYTES] = report.try_into().map_err(|_| ReportError::Length { found })?;
        Ok(SealedReport { report, vcek })
    }
}

impl DeriveKey for SevGuest {
    fn derive_key(&self, tcb: RawTcb, guest_svn: u32) -> Result<MachineKey, ReportError> {
        let mut firmware = Firmware::open().map_err(failed)?;
        // false: of the VCEK's secret, not of a migration agent's.
        let request = DerivedKey::new(false, FIELDS, VMPL, guest_svn, u64::from_le_bytes(tcb), None);
        let key =
            firmware.get_derived_key(MESSAGE_VERSION, request).map_err(|error| failed(error.to_string()))?;
        Ok(MachineKey::new(Zeroizing::new(key)))
    }
}
