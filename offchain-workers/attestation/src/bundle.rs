//! Files as somebody hands them over: a report and certificates, in any order, in DER or PEM.

use base64::{engine::general_purpose::STANDARD, Engine};
use conclave_snp::{certificate_kind, CertificateKind, REPORT_BYTES};

use crate::table::{certificate_table, VCEK_GUID};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// A report and certificates, told apart by what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The report.
    pub report: Option<Vec<u8>>,
    /// The certificate of the key that signed it; also one that cannot be read.
    pub vcek: Option<Vec<u8>>,
    /// The ASK's.
    pub ask: Option<Vec<u8>>,
    /// The ARK's.
    pub ark: Option<Vec<u8>>,
}

/// Files that are not one report and its certificates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Two files are the same thing.
    #[error("{file}: a second {what}")]
    Twice {
        /// The second.
        file: String,
        /// What it is.
        what: &'static str,
    },
    /// PEM with something else than a certificate in base64.
    #[error("{file}: PEM without a certificate")]
    Pem {
        /// The file.
        file: String,
    },
}

impl Bundle {
    /// Takes files by name and contents: a report has 1184 bytes; PEM may hold several certificates, and so may the table
    /// that a host hands its guests; everything else is a certificate in DER.
    ///
    /// # Errors
    /// [`BundleError`], with the file.
    pub fn read(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, BundleError> {
        let mut bundle = Self::default();
        for (file, contents) in files {
            if contents.len() == REPORT_BYTES {
                set(&mut bundle.report, contents, &file, "report")?;
            } else if let Some(certificates) = pem(&contents) {
                let certificates = certificates.ok_or(BundleError::Pem { file: file.clone() })?;
                for certificate in certificates {
                    bundle.take(certificate, &file)?;
                }
            } else if let Some(entries) = certificate_table(&contents).filter(|entries| !entries.is_empty()) {
                for (guid, certificate) in entries {
                    if guid == VCEK_GUID {
                        bundle.take(certificate.to_vec(), &file)?;
                    }
                }
            } else {
                bundle.take(contents, &file)?;
            }
        }
        Ok(bundle)
    }

    fn take(&mut self, der: Vec<u8>, file: &str) -> Result<(), BundleError> {
        let (slot, what) = match certificate_kind(&der) {
            Ok(CertificateKind::Ark) => (&mut self.ark, "ARK certificate"),
            Ok(CertificateKind::Ask) => (&mut self.ask, "ASK certificate"),
            // What cannot be read is said to be so where the report's certificate is looked at.
            Ok(CertificateKind::Vcek | CertificateKind::Vlek) | Err(_) => {
                (&mut self.vcek, "VCEK certificate")
            }
        };
        set(slot, der, file, what)
    }
}

fn set(
    slot: &mut Option<Vec<u8>>,
    contents: Vec<u8>,
    file: &str,
    what: &'static str,
) -> Result<(), BundleError> {
    match slot.replace(contents) {
        None => Ok(()),
        Some(_) => Err(BundleError::Twice { file: file.into(), what }),
    }
}

/// The certificates in PEM (RFC 7468): none where this is no PEM, none inside where it is wrong.
fn pem(contents: &[u8]) -> Option<Option<Vec<Vec<u8>>>> {
    let text = core::str::from_utf8(contents).ok().filter(|text| text.contains(BEGIN))?;
    let blocks = text.split(BEGIN).skip(1).map(|block| {
        let (body, _) = block.split_once(END)?;
        let body: String = body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        STANDARD.decode(body).ok()
    });
    Some(blocks.collect())
}
