//! Which certificate is which: for files that somebody hands over without saying.

use crate::x509::{Certificate, CertificateError};

/// Whose certificate it says it is. Nothing about it is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    /// A chip's key's.
    Vcek,
    /// A cloud's key's.
    Vlek,
    /// Signed by itself.
    Ark,
    /// Any other: signed by another.
    Ask,
}

/// What a certificate in DER says it is.
///
/// # Errors
/// [`CertificateError`]: not a certificate.
pub fn certificate_kind(der: &[u8]) -> Result<CertificateKind, CertificateError> {
    let Certificate { subject, issuer, .. } = Certificate::parse(der)?;
    Ok(match subject {
        b"SEV-VCEK" => CertificateKind::Vcek,
        b"SEV-VLEK" => CertificateKind::Vlek,
        subject if subject == issuer => CertificateKind::Ark,
        _ => CertificateKind::Ask,
    })
}
