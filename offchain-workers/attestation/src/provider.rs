//! The port through which a machine is asked for reports.

use conclave_snp::REPORT_BYTES;

/// A report and the certificate of the key that signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedReport {
    /// As the PSP wrote it.
    pub report: [u8; REPORT_BYTES],
    /// The VCEK's certificate in DER.
    pub vcek: Vec<u8>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The machine does not give one.
    #[error("{path}: {error}")]
    File {
        /// What was read or written.
        path: std::path::PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// What answers is not the firmware of an SEV-SNP guest.
    #[error("reports come from {found:?}, expected sev_guest")]
    Provider {
        /// What does.
        found: String,
    },
    /// Somebody else asked at the same time, again and again.
    #[error("the report was replaced while it was read")]
    Replaced,
    /// The answer has not the length of a report.
    #[error("{found} bytes of report, expected {REPORT_BYTES}")]
    Length {
        /// Its length.
        found: usize,
    },
    /// Neither the host nor a file has the certificate for this report.
    #[error("no certificate: the host gives none; see `conclave-node attestation fetch-vcek`")]
    NoCertificate,
    /// The software PSP cannot.
    #[error("software PSP: {0}")]
    Software(&'static str),
}

/// Asks the machine for reports.
pub trait ReportProvider {
    /// A report at VMPL 0 with `data` as REPORT_DATA, and its certificate.
    ///
    /// # Errors
    /// [`ReportError`].
    fn report(&self, data: [u8; 64]) -> Result<SealedReport, ReportError>;
}
