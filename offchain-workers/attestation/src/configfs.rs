//! Reports by configfs-tsm: files, since Linux 6.7 (Documentation/ABI/testing/configfs-tsm).

use std::{
    fs,
    path::{Path, PathBuf},
};

use conclave_snp::REPORT_BYTES;

use crate::{
    provider::{ReportError, ReportProvider, SealedReport},
    table::{certificate_table, VCEK_GUID},
};

const ATTEMPTS: usize = 5;
const PROVIDER: &str = "sev_guest";

/// Asks the kernel.
#[derive(Clone, Debug)]
pub struct ConfigfsTsm {
    reports: PathBuf,
    vcek: Option<PathBuf>,
}

impl ConfigfsTsm {
    /// With the certificate from a file, where the host gives none.
    pub fn new(vcek: Option<PathBuf>) -> Self {
        Self { reports: "/sys/kernel/config/tsm/report".into(), vcek }
    }

    /// Whether the kernel has it.
    pub fn is_there(&self) -> bool {
        self.reports.is_dir()
    }

    fn certificate(&self, entry: &Path) -> Result<Vec<u8>, ReportError> {
        // Absent, or empty, where the host gives no certificates.
        let table = fs::read(entry.join("auxblob")).unwrap_or_default();
        let given = certificate_table(&table)
            .and_then(|entries| entries.into_iter().find(|(guid, _)| *guid == VCEK_GUID))
            .map(|(_, certificate)| certificate.to_vec());
        match (given, &self.vcek) {
            (Some(certificate), _) => Ok(certificate),
            (None, Some(path)) => read(path),
            (None, None) => Err(ReportError::NoCertificate),
        }
    }

    /// Asks in an entry of our own. Whoever writes to it meanwhile moves its generation.
    fn ask(&self, entry: &Path, data: &[u8; 64]) -> Result<SealedReport, ReportError> {
        let found = String::from_utf8_lossy(&read(&entry.join("provider"))?).trim().to_string();
        if found != PROVIDER {
            return Err(ReportError::Provider { found });
        }
        for _ in 0..ATTEMPTS {
            write(&entry.join("privlevel"), b"0")?;
            write(&entry.join("inblob"), data)?;
            let before = read(&entry.join("generation"))?;
            let report = read(&entry.join("outblob"))?;
            let vcek = self.certificate(entry)?;
            if read(&entry.join("generation"))? == before {
                let found = report.len();
                let report: [u8; REPORT_BYTES] =
                    report.try_into().map_err(|_| ReportError::Length { found })?;
                // What came back is for us: REPORT_DATA is at 0x50.
                if report.iter().skip(0x50).zip(data).all(|(found, asked)| found == asked) {
                    return Ok(SealedReport { report, vcek });
                }
            }
        }
        Err(ReportError::Replaced)
    }
}

impl ReportProvider for ConfigfsTsm {
    fn report(&self, data: [u8; 64]) -> Result<SealedReport, ReportError> {
        let entry = self.reports.join(format!("conclave-{}", std::process::id()));
        // Left over from a process with this id that was killed.
        let _ = fs::remove_dir(&entry);
        fs::create_dir(&entry).map_err(|error| ReportError::File { path: entry.clone(), error })?;
        let report = self.ask(&entry, &data);
        let _ = fs::remove_dir(&entry);
        report
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ReportError> {
    fs::read(path).map_err(|error| ReportError::File { path: path.into(), error })
}

fn write(path: &Path, contents: &[u8]) -> Result<(), ReportError> {
    fs::write(path, contents).map_err(|error| ReportError::File { path: path.into(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry as the kernel would show it, but for its answers, which stand still.
    struct Entry(PathBuf);

    impl Entry {
        fn new(name: &str, data: [u8; 64]) -> Self {
            let path = std::env::temp_dir().join(format!("conclave-tsm-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            let entry = Self(path);
            let mut report = [0; REPORT_BYTES];
            report[0x50..0x90].copy_from_slice(&data);
            entry.put("provider", b"sev_guest\n").put("generation", b"2\n").put("outblob", &report);
            entry
        }

        fn put(&self, file: &str, contents: &[u8]) -> &Self {
            fs::write(self.0.join(file), contents).unwrap();
            self
        }
    }

    impl Drop for Entry {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn table() -> Vec<u8> {
        let header = [&VCEK_GUID[..], &48u32.to_le_bytes(), &3u32.to_le_bytes(), &[0; 24]].concat();
        [&header[..], b"der"].concat()
    }

    #[test]
    fn a_report_should_be_asked_for_at_level_0_and_come_with_its_certificate() {
        let entry = Entry::new("good", [7; 64]);
        entry.put("auxblob", &table());
        let sealed = ConfigfsTsm::new(None).ask(&entry.0, &[7; 64]).unwrap();
        assert_eq!(sealed.vcek, b"der");
        assert_eq!(fs::read(entry.0.join("privlevel")).unwrap(), b"0");
        assert_eq!(fs::read(entry.0.join("inblob")).unwrap(), [7; 64]);
    }

    #[test]
    fn without_the_hosts_certificate_the_file_should_be_taken() {
        let entry = Entry::new("file", [7; 64]);
        assert!(matches!(ConfigfsTsm::new(None).ask(&entry.0, &[7; 64]), Err(ReportError::NoCertificate)));
        entry.put("vcek.der", b"mine");
        let provider = ConfigfsTsm::new(Some(entry.0.join("vcek.der")));
        assert_eq!(provider.ask(&entry.0, &[7; 64]).unwrap().vcek, b"mine");
    }

    #[test]
    fn what_is_no_report_of_ours_should_be_refused() {
        let entry = Entry::new("bad", [7; 64]);
        entry.put("auxblob", &table());
        let ask = |data| ConfigfsTsm::new(None).ask(&entry.0, &data).map(|_| ());
        assert!(matches!(ask([8; 64]), Err(ReportError::Replaced)));
        entry.put("outblob", &[0; 64]);
        assert!(matches!(ask([7; 64]), Err(ReportError::Length { found: 64 })));
        entry.put("provider", b"tdx_guest");
        assert!(matches!(ask([7; 64]), Err(ReportError::Provider { .. })));
    }
}
