//! What an ARK signs: the certificates of ASKs, and revocation lists.

use crate::{
    anchors::Anchor,
    der::{context, Der, BIT_STRING, INTEGER, SEQUENCE},
    pss::{self, Modulus},
    time,
    x509::{common_name, rsa_modulus, At, Certificate, CertificateError, Field, Signed, Validity},
};
use alloc::vec::Vec;
use sha2::{Digest, Sha256};

/// 2.5.29.19
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
/// 2.5.29.15
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
/// 2.5.29.14, .35 and .31: subject and authority key identifiers, and where revocation lists are.
const WITHOUT_MEANING_HERE: [&[u8]; 3] = [&[0x55, 0x1d, 0x0e], &[0x55, 0x1d, 0x23], &[0x55, 0x1d, 0x1f]];
const KEY_CERT_SIGN: u8 = 0x04;

/// What an ARK has not vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// Not a certificate or revocation list of this kind.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Neither the ARK's nor the ASK's name of any root here.
    #[error("untrusted root: no ARK known here")]
    UntrustedRoot,
    /// Not the ARK's signature.
    #[error("the ARK's signature is wrong")]
    Signature,
}

/// An ASK that the ARK of an anchor vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its modulus.
    pub modulus: Modulus,
    /// Its certificate's serial number, by which it is revoked.
    pub serial: u64,
    /// When its certificate is valid.
    pub validity: Validity,
}

/// A certificate authority's certificate, read but not verified.
struct Authority<'a> {
    certificate: Certificate<'a>,
    modulus: Modulus,
    serial: u64,
}

impl<'a> Authority<'a> {
    fn parse(der: &'a [u8]) -> Result<Self, CertificateError> {
        let certificate = Certificate::parse(der)?;
        let modulus = rsa_modulus(certificate.public_key)?;
        let serial = serial(certificate.serial)?;
        let (mut is_authority, mut signs) = (false, false);
        certificate.extensions(|identifier, contents| {
            let mut der = Der::new(contents);
            if identifier == BASIC_CONSTRAINTS {
                let mut constraints = der.enter(SEQUENCE).at(Field::BasicConstraints)?;
                is_authority = constraints.flag().at(Field::BasicConstraints)?;
                constraints.optional(INTEGER).at(Field::BasicConstraints)?;
                constraints.end().at(Field::BasicConstraints)?;
            } else if identifier == KEY_USAGE {
                // The unused bits are the last ones, and zero.
                let usage = der.take(BIT_STRING).at(Field::KeyUsage)?;
                signs = matches!(usage, [0..=7, bits, ..] if bits & KEY_CERT_SIGN != 0);
            } else {
                return Ok(WITHOUT_MEANING_HERE.contains(&identifier));
            }
            der.end().at(Field::Extensions)?;
            Ok(true)
        })?;
        is_authority.then_some(()).at(Field::BasicConstraints)?;
        signs.then_some(()).at(Field::KeyUsage)?;
        Ok(Self { certificate, modulus, serial })
    }
}

fn serial(bytes: &[u8]) -> Result<u64, CertificateError> {
    let mut wide = [0; 8];
    let at = wide.len().checked_sub(bytes.len()).at(Field::SerialNumber)?;
    wide.get_mut(at..).at(Field::SerialNumber)?.copy_from_slice(bytes);
    Ok(u64::from_be_bytes(wide))
}

/// The root that a certificate of an ARK is: its fingerprint is one of `anchors`, it is signed by itself, and the
/// modulus is the one compiled in.
///
/// # Errors
/// [`AuthorityError`]: a certificate that is not an ARK's, an unknown one, or one with a wrong signature.
pub fn verify_ark(der: &[u8], anchors: &'static [Anchor]) -> Result<&'static Anchor, AuthorityError> {
    let ark = Authority::parse(der)?;
    let fingerprint: [u8; 32] = Sha256::digest(der).into();
    let anchor = anchors
        .iter()
        .find(|anchor| anchor.ark_fingerprint == fingerprint && *anchor.ark == ark.modulus)
        .ok_or(AuthorityError::UntrustedRoot)?;
    let signed = ark.certificate.signed;
    pss::verify(anchor.ark, signed.bytes, signed.signature).then_some(anchor).ok_or(AuthorityError::Signature)
}

/// An ASK: its certificate is one that the ARK of `anchor` signed.
///
/// # Errors
/// [`AuthorityError`]: not the certificate of an ASK of this root, or a wrong signature.
pub fn verify_ask(der: &[u8], anchor: &Anchor) -> Result<Ask, AuthorityError> {
    let ask = Authority::parse(der)?;
    let certificate = ask.certificate;
    (certificate.issuer == anchor.ark_name.as_bytes()).then_some(()).ok_or(AuthorityError::UntrustedRoot)?;
    (certificate.subject == anchor.ask_name.as_bytes()).then_some(()).at(Field::Subject)?;
    let signed = certificate.signed;
    if !pss::verify(anchor.ark, signed.bytes, signed.signature) {
        return Err(AuthorityError::Signature);
    }
    Ok(Ask { modulus: ask.modulus, serial: ask.serial, validity: certificate.validity })
}

/// A revocation list (RFC 5280, 5) that the ARK of an anchor signed. VCEKs all have the serial number 0: only ASKs can
/// be on it.
#[derive(Clone, Debug)]
pub struct RevocationList<'a> {
    /// When it was made, in seconds since 1970.
    pub this_update: u64,
    revoked: Der<'a>,
}

impl<'a> RevocationList<'a> {
    /// Reads and verifies a list.
    ///
    /// # Errors
    /// [`AuthorityError`]: not a revocation list of this root, or a wrong signature.
    pub fn verify(der: &'a [u8], anchor: &Anchor) -> Result<Self, AuthorityError> {
        let field = Field::RevocationList;
        let (signed, mut list, algorithm) = Signed::parse(der, field)?;
        (list.u64().at(Field::Version)? == 1).then_some(()).at(Field::Version)?;
        if list.take(SEQUENCE).at(Field::SignatureAlgorithm)? != algorithm {
            return Err(CertificateError::SignatureAlgorithm.into());
        }
        if common_name(&mut list, Field::Issuer)? != anchor.ark_name.as_bytes() {
            return Err(AuthorityError::UntrustedRoot);
        }
        let this_update = time::read(&mut list).at(Field::ThisUpdate)?;
        if matches!(list.tag(), crate::der::UTC_TIME | crate::der::GENERALIZED_TIME) {
            time::read(&mut list).at(Field::ThisUpdate)?;
        }
        let revoked = match list.optional(SEQUENCE).at(Field::Revoked)? {
            Some(revoked) => Der::new(revoked),
            None => Der::new(&[]),
        };
        if let Some(extensions) = list.optional(context(0)).at(Field::Extensions)? {
            refuse_critical(Der::new(extensions))?;
        }
        list.end().at(field)?;
        let checked = Self { this_update, revoked };
        checked.try_for_each(|_| ())?;
        if !pss::verify(anchor.ark, signed.bytes, signed.signature) {
            return Err(AuthorityError::Signature);
        }
        Ok(checked)
    }

    /// The serial numbers that are revoked, in their order, of up to 64 bits: an ASK's has 24.
    pub fn serials(&self) -> Vec<u64> {
        let mut serials = Vec::new();
        // Read once already, when it was verified: it reads again.
        let _ = self.try_for_each(|serial| serials.push(serial));
        serials
    }

    fn try_for_each(&self, mut each: impl FnMut(u64)) -> Result<(), CertificateError> {
        let field = Field::Revoked;
        let mut entries = self.revoked;
        while !entries.is_empty() {
            let mut entry = entries.enter(SEQUENCE).at(field)?;
            let serial_bytes = entry.unsigned().at(field)?;
            time::read(&mut entry).at(field)?;
            if let Some(extensions) = entry.optional(SEQUENCE).at(field)? {
                check_extensions(Der::new(extensions))?;
            }
            entry.end().at(field)?;
            // A serial number beyond 64 bits is none of an ASK's.
            if let Ok(serial) = serial(serial_bytes) {
                each(serial);
            }
        }
        Ok(())
    }
}

fn refuse_critical(mut explicit: Der<'_>) -> Result<(), CertificateError> {
    let extensions = explicit.enter(SEQUENCE).at(Field::Extensions)?;
    explicit.end().at(Field::Extensions)?;
    check_extensions(extensions)
}

/// No extension of a list changes what it means here, as long as none is critical.
fn check_extensions(mut extensions: Der<'_>) -> Result<(), CertificateError> {
    while !extensions.is_empty() {
        let mut extension = extensions.enter(SEQUENCE).at(Field::Extensions)?;
        extension.take(crate::der::OBJECT_IDENTIFIER).at(Field::Extensions)?;
        if extension.flag().at(Field::Extensions)? {
            return Err(CertificateError::UnknownCritical);
        }
        extension.take(crate::der::OCTET_STRING).at(Field::Extensions)?;
        extension.end().at(Field::Extensions)?;
    }
    Ok(())
}
