//! The parts that AMD's certificates share (RFC 5280), read strictly.

use codec::{Decode, Encode};

use crate::{
    der::{
        context, Der, DerError, NULL, OBJECT_IDENTIFIER, OCTET_STRING, PRINTABLE_STRING, SEQUENCE, SET,
        UTF8_STRING,
    },
    pss::{Modulus, MODULUS_BYTES},
    time,
};

/// Bytes of the longest certificate or revocation list that is looked at; AMD's have about 1700.
pub const MAX_CERTIFICATE_BYTES: usize = 4096;
/// More extensions than any certificate of AMD has: 13.
const MAX_EXTENSIONS: usize = 24;
/// 2.5.4.3
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 1.2.840.113549.1.1.10
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
/// 1.2.840.113549.1.1.8
const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];
/// 2.16.840.1.101.3.4.2.2
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];

/// The part of a certificate that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
#[allow(missing_docs, reason = "the names are those of RFC 5280 and of AMD's VCEK specification")]
pub enum Field {
    #[error("certificate")]
    Certificate,
    #[error("version")]
    Version,
    #[error("serial number")]
    SerialNumber,
    #[error("signature algorithm")]
    SignatureAlgorithm,
    #[error("signature")]
    Signature,
    #[error("issuer")]
    Issuer,
    #[error("validity")]
    Validity,
    #[error("subject")]
    Subject,
    #[error("public key")]
    PublicKey,
    #[error("extensions")]
    Extensions,
    #[error("structVersion")]
    StructVersion,
    #[error("productName")]
    ProductName,
    #[error("blSPL")]
    BootloaderSpl,
    #[error("teeSPL")]
    TeeSpl,
    #[error("snpSPL")]
    SnpSpl,
    #[error("a spare SPL")]
    SpareSpl,
    #[error("ucodeSPL")]
    MicrocodeSpl,
    #[error("fmcSPL")]
    FmcSpl,
    #[error("hwID")]
    HardwareId,
    #[error("CSP_ID")]
    CspId,
    #[error("basicConstraints")]
    BasicConstraints,
    #[error("keyUsage")]
    KeyUsage,
    #[error("revocation list")]
    RevocationList,
    #[error("thisUpdate")]
    ThisUpdate,
    #[error("revoked certificates")]
    Revoked,
}

/// What is no certificate or revocation list of the kind expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Longer than [`MAX_CERTIFICATE_BYTES`].
    #[error("longer than {MAX_CERTIFICATE_BYTES} bytes")]
    TooLong,
    /// Not DER, or not the elements expected.
    #[error("{field}: {error}")]
    Der {
        /// Where.
        field: Field,
        /// What.
        error: DerError,
    },
    /// Elements are there, with values that this kind cannot have.
    #[error("{field} is not what this kind of certificate has")]
    Value {
        /// Where.
        field: Field,
    },
    /// Not RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes, or not the same inside and outside.
    #[error("signature algorithm is not RSASSA-PSS with SHA-384 and a salt of 48 bytes, inside and outside")]
    SignatureAlgorithm,
    /// An extension appears twice.
    #[error("{field} appears twice")]
    Duplicate {
        /// Which.
        field: Field,
    },
    /// An extension must be understood and is not.
    #[error("an unknown extension is critical")]
    UnknownCritical,
    /// An extension is not there.
    #[error("{field} is missing")]
    Missing {
        /// Which.
        field: Field,
    },
    /// The certificate of a cloud's key: it names no chip, since it has no hwID.
    #[error("a VLEK's certificate: hwID is missing, so that it names no chip")]
    Vlek,
    /// The issuer is no ASK of a root that is trusted here.
    #[error("untrusted root: the issuer is no ASK known here")]
    UntrustedRoot,
}

pub(crate) trait At<T> {
    /// The same, saying where.
    fn at(self, field: Field) -> Result<T, CertificateError>;
}

impl<T> At<T> for Result<T, DerError> {
    fn at(self, field: Field) -> Result<T, CertificateError> {
        self.map_err(|error| CertificateError::Der { field, error })
    }
}

impl<T> At<T> for Option<T> {
    fn at(self, field: Field) -> Result<T, CertificateError> {
        self.ok_or(CertificateError::Value { field })
    }
}

/// What was signed, and the signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    /// The signed element, as it stands, header and all.
    pub(crate) bytes: &'a [u8],
    pub(crate) signature: &'a [u8; MODULUS_BYTES],
}

impl<'a> Signed<'a> {
    /// SEQUENCE { signed SEQUENCE, algorithm, BIT STRING }: also what is inside the first, and the algorithm that has
    /// to stand there again.
    pub(crate) fn parse(der: &'a [u8], field: Field) -> Result<(Self, Der<'a>, &'a [u8]), CertificateError> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(CertificateError::TooLong);
        }
        let mut outer = Der::new(der);
        let mut parts = outer.enter(SEQUENCE).at(field)?;
        outer.end().at(field)?;
        let (bytes, contents) = parts.element(SEQUENCE).at(field)?;
        let algorithm = parts.take(SEQUENCE).at(Field::SignatureAlgorithm)?;
        let signature = parts.bits().at(Field::Signature)?;
        parts.end().at(field)?;
        let signature = signature.try_into().ok().at(Field::Signature)?;
        if !is_pss_sha384(algorithm).at(Field::SignatureAlgorithm)? {
            return Err(CertificateError::SignatureAlgorithm);
        }
        Ok((Self { bytes, signature }, Der::new(contents), algorithm))
    }
}

/// A certificate, whoever's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Certificate<'a> {
    pub(crate) signed: Signed<'a>,
    pub(crate) serial: &'a [u8],
    pub(crate) issuer: &'a [u8],
    pub(crate) subject: &'a [u8],
    pub(crate) validity: Validity,
    /// Algorithm and key.
    pub(crate) public_key: Der<'a>,
    extensions: Der<'a>,
}

/// When a certificate is valid, in seconds since 1970, both ends included.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    codec::DecodeWithMemTracking,
    codec::MaxEncodedLen,
    scale_info::TypeInfo,
)]
pub struct Validity {
    /// From when on.
    pub not_before: u64,
    /// Until when.
    pub not_after: u64,
}

impl<'a> Certificate<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, CertificateError> {
        let (signed, mut tbs, algorithm) = Signed::parse(der, Field::Certificate)?;
        let mut version = tbs.enter(context(0)).at(Field::Version)?;
        let is_v3 = version.u64().at(Field::Version)? == 2;
        version.end().at(Field::Version)?;
        is_v3.then_some(()).at(Field::Version)?;
        // Of AMD's VCEKs always 0.
        let serial = tbs.unsigned().at(Field::SerialNumber)?;
        (serial.len() <= 20).then_some(()).at(Field::SerialNumber)?;
        // RFC 5280, 4.1.1.2: the same as outside.
        if tbs.take(SEQUENCE).at(Field::SignatureAlgorithm)? != algorithm {
            return Err(CertificateError::SignatureAlgorithm);
        }
        let issuer = common_name(&mut tbs, Field::Issuer)?;
        let mut dates = tbs.enter(SEQUENCE).at(Field::Validity)?;
        let not_before = time::read(&mut dates).at(Field::Validity)?;
        let not_after = time::read(&mut dates).at(Field::Validity)?;
        dates.end().at(Field::Validity)?;
        let subject = common_name(&mut tbs, Field::Subject)?;
        let public_key = tbs.enter(SEQUENCE).at(Field::PublicKey)?;
        let mut explicit = tbs.enter(context(3)).at(Field::Extensions)?;
        tbs.end().at(Field::Certificate)?;
        let extensions = explicit.enter(SEQUENCE).at(Field::Extensions)?;
        explicit.end().at(Field::Extensions)?;
        let validity = Validity { not_before, not_after };
        Ok(Self { signed, serial, issuer, subject, validity, public_key, extensions })
    }

    /// Calls `read` with the object identifier and the contents of each extension. It answers whether it knows the
    /// extension. One that it does not know must not be critical, and none may appear twice.
    pub(crate) fn extensions(
        &self,
        mut read: impl FnMut(&'a [u8], &'a [u8]) -> Result<bool, CertificateError>,
    ) -> Result<(), CertificateError> {
        let mut seen: [&[u8]; MAX_EXTENSIONS] = [&[]; MAX_EXTENSIONS];
        let mut slots = seen.iter_mut();
        let mut all = self.extensions;
        while !all.is_empty() {
            let mut extension = all.enter(SEQUENCE).at(Field::Extensions)?;
            let identifier = extension.take(OBJECT_IDENTIFIER).at(Field::Extensions)?;
            let critical = extension.flag().at(Field::Extensions)?;
            let contents = extension.take(OCTET_STRING).at(Field::Extensions)?;
            extension.end().at(Field::Extensions)?;
            *slots.next().at(Field::Extensions)? = identifier;
            if !read(identifier, contents)? && critical {
                return Err(CertificateError::UnknownCritical);
            }
        }
        let count = MAX_EXTENSIONS - slots.len();
        let mut rest = seen.get(..count).unwrap_or_default();
        while let Some((first, others)) = rest.split_first() {
            if others.contains(first) {
                return Err(CertificateError::Duplicate { field: Field::Extensions });
            }
            rest = others;
        }
        Ok(())
    }
}

/// RSASSA-PSS-params (RFC 8017, A.2.3) with SHA-384 throughout, a salt of 48, and the trailer 1, said or not.
fn is_pss_sha384(algorithm: &[u8]) -> Result<bool, DerError> {
    let mut algorithm = Der::new(algorithm);
    let is_pss = algorithm.take(OBJECT_IDENTIFIER)? == RSASSA_PSS;
    let mut parameters = algorithm.enter(SEQUENCE)?;
    algorithm.end()?;
    let mut hash = parameters.enter(context(0))?;
    let is_hash = is_sha384(&mut hash)?;
    hash.end()?;
    let mut mask = parameters.enter(context(1))?;
    let mut generator = mask.enter(SEQUENCE)?;
    mask.end()?;
    let is_mgf1 = generator.take(OBJECT_IDENTIFIER)? == MGF1 && is_sha384(&mut generator)?;
    if is_mgf1 {
        generator.end()?;
    }
    let mut salt = parameters.enter(context(2))?;
    let is_salt = salt.u64()? == 48;
    salt.end()?;
    // A default written out: not DER, but AMD has issued certificates of both shapes.
    let is_trailer = match parameters.optional(context(3))? {
        None => true,
        Some(trailer) => {
            let mut trailer = Der::new(trailer);
            let is_one = trailer.u64()? == 1;
            trailer.end()?;
            is_one
        }
    };
    parameters.end()?;
    Ok(is_pss && is_hash && is_mgf1 && is_salt && is_trailer)
}

/// AlgorithmIdentifier of SHA-384, with NULL parameters or none.
fn is_sha384(der: &mut Der<'_>) -> Result<bool, DerError> {
    let mut algorithm = der.enter(SEQUENCE)?;
    let is_sha384 = algorithm.take(OBJECT_IDENTIFIER)? == SHA384;
    let parameters = algorithm.optional(NULL)?;
    algorithm.end()?;
    Ok(is_sha384 && parameters.is_none_or(<[u8]>::is_empty))
}

/// The one common name in a Name.
pub(crate) fn common_name<'a>(der: &mut Der<'a>, field: Field) -> Result<&'a [u8], CertificateError> {
    let mut name = der.enter(SEQUENCE).at(field)?;
    let mut found = None;
    while !name.is_empty() {
        let mut relative = name.enter(SET).at(field)?;
        let mut attribute = relative.enter(SEQUENCE).at(field)?;
        relative.end().at(field)?;
        let kind = attribute.take(OBJECT_IDENTIFIER).at(field)?;
        let value = match attribute.optional(PRINTABLE_STRING).at(field)? {
            Some(value) => value,
            None => attribute.take(UTF8_STRING).at(field)?,
        };
        attribute.end().at(field)?;
        if kind == COMMON_NAME && found.replace(value).is_some() {
            return Err(CertificateError::Duplicate { field });
        }
    }
    found.at(field)
}

/// The modulus in a public key of RSA with e = 65537.
pub(crate) fn rsa_modulus(mut public_key: Der<'_>) -> Result<Modulus, CertificateError> {
    /// 1.2.840.113549.1.1.1
    const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let field = Field::PublicKey;
    let mut algorithm = public_key.enter(SEQUENCE).at(field)?;
    let is_rsa = algorithm.take(OBJECT_IDENTIFIER).at(field)? == RSA_ENCRYPTION;
    let is_null = algorithm.take(NULL).at(field)?.is_empty();
    algorithm.end().at(field)?;
    let bits = public_key.bits().at(field)?;
    public_key.end().at(field)?;
    let mut outer = Der::new(bits);
    let mut key = outer.enter(SEQUENCE).at(field)?;
    outer.end().at(field)?;
    let modulus = key.unsigned().at(field)?;
    let is_f4 = key.u64().at(field)? == 65537;
    key.end().at(field)?;
    let modulus = Modulus::try_from(modulus).ok().at(field)?;
    (is_rsa && is_null && is_f4 && crate::pss::is_modulus(&modulus)).then_some(modulus).at(field)
}
