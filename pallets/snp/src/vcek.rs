//! The certificate of a chip's key (AMD, "VCEK Certificate and KDS Interface Specification", 57230).

use crate::{
    anchors::Anchor,
    der::{Der, IA5_STRING, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE},
    processor::Tcb,
    x509::{At, Certificate, CertificateError, Field, Signed, Validity},
};

/// 1.2.840.10045.2.1
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 1.3.132.0.34
const SECP384R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const VCEK_NAME: &[u8] = b"SEV-VCEK";
const VLEK_NAME: &[u8] = b"SEV-VLEK";

/// A VCEK's certificate, read but not verified.
#[derive(Clone, Debug)]
pub struct Vcek<'a> {
    pub(crate) anchor: &'static Anchor,
    pub(crate) signed: Signed<'a>,
    pub(crate) validity: Validity,
    /// SEC 1, uncompressed.
    pub(crate) key: &'a [u8; 97],
    /// The versions that the key was derived from.
    pub(crate) tcb: Tcb,
    /// As a report writes it: followed by zeros.
    pub(crate) chip_id: [u8; 64],
}

/// The extensions as they are found.
#[derive(Default)]
struct Found<'a> {
    version: Option<u64>,
    product: Option<&'a [u8]>,
    bootloader: Option<u8>,
    tee: Option<u8>,
    snp: Option<u8>,
    microcode: Option<u8>,
    fmc: Option<u8>,
    hardware_id: Option<&'a [u8]>,
}

impl<'a> Vcek<'a> {
    /// Reads a certificate in DER. Its issuer and productName have to be of one of `anchors`.
    ///
    /// # Errors
    /// [`CertificateError`], which names the part.
    pub fn parse(der: &'a [u8], anchors: &'static [Anchor]) -> Result<Self, CertificateError> {
        let certificate = Certificate::parse(der)?;
        if certificate.subject == VLEK_NAME {
            return Err(CertificateError::Vlek);
        }
        (certificate.subject == VCEK_NAME).then_some(()).at(Field::Subject)?;
        let anchor = anchors
            .iter()
            .find(|anchor| anchor.ask_name.as_bytes() == certificate.issuer)
            .ok_or(CertificateError::UntrustedRoot)?;
        let key = elliptic_key(certificate.public_key)?;
        let found = Found::read(&certificate, anchor)?;
        let product = found.product.ok_or(CertificateError::Missing { field: Field::ProductName })?;
        anchor.is_named(product).then_some(()).at(Field::ProductName)?;
        Ok(Self {
            anchor,
            signed: certificate.signed,
            validity: certificate.validity,
            key,
            tcb: found.tcb(anchor)?,
            chip_id: found.chip_id(anchor)?,
        })
    }

    /// The root that vouches for it, if its signatures are good.
    pub const fn anchor(&self) -> &'static Anchor {
        self.anchor
    }

    /// The versions that the key was derived from.
    pub const fn tcb(&self) -> Tcb {
        self.tcb
    }

    /// The chip, as a report writes it.
    pub const fn chip_id(&self) -> [u8; 64] {
        self.chip_id
    }

    /// When it is valid.
    pub const fn validity(&self) -> Validity {
        self.validity
    }
}

/// id-ecPublicKey over secp384r1, as an uncompressed point (RFC 5480).
fn elliptic_key(mut public_key: Der<'_>) -> Result<&[u8; 97], CertificateError> {
    let field = Field::PublicKey;
    let mut algorithm = public_key.enter(SEQUENCE).at(field)?;
    let is_ec = algorithm.take(OBJECT_IDENTIFIER).at(field)? == EC_PUBLIC_KEY;
    let is_p384 = algorithm.take(OBJECT_IDENTIFIER).at(field)? == SECP384R1;
    algorithm.end().at(field)?;
    let point: &[u8; 97] = public_key.bits().at(field)?.try_into().ok().at(field)?;
    public_key.end().at(field)?;
    (is_ec && is_p384 && point.starts_with(&[4])).then_some(point).at(field)
}

/// Exactly one element, of which `read` makes something.
fn only<'a, T>(
    bytes: &'a [u8],
    field: Field,
    read: impl FnOnce(&mut Der<'a>) -> Result<T, crate::der::DerError>,
) -> Result<T, CertificateError> {
    let mut der = Der::new(bytes);
    let value = read(&mut der).at(field)?;
    der.end().at(field)?;
    Ok(value)
}

fn set<T>(slot: &mut Option<T>, value: T, field: Field) -> Result<(), CertificateError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(CertificateError::Duplicate { field }),
    }
}

impl<'a> Found<'a> {
    fn read(certificate: &Certificate<'a>, anchor: &Anchor) -> Result<Self, CertificateError> {
        let mut found = Self::default();
        certificate.extensions(|identifier, contents| match identifier.strip_prefix(anchor.arc) {
            Some(local) => found.take(local, contents),
            None => Ok(false),
        })?;
        Ok(found)
    }

    fn take(&mut self, local: &[u8], contents: &'a [u8]) -> Result<bool, CertificateError> {
        // An SPL that does not fit a byte of a TCB version is none.
        let spl =
            |field| only(contents, field, Der::u64).and_then(|version| u8::try_from(version).ok().at(field));
        match local {
            [1] => {
                let field = Field::StructVersion;
                set(&mut self.version, only(contents, field, Der::u64)?, field)?;
            }
            [2] => {
                let field = Field::ProductName;
                set(&mut self.product, only(contents, field, |der| der.take(IA5_STRING))?, field)?;
            }
            [3, 1] => set(&mut self.bootloader, spl(Field::BootloaderSpl)?, Field::BootloaderSpl)?,
            [3, 2] => set(&mut self.tee, spl(Field::TeeSpl)?, Field::TeeSpl)?,
            [3, 3] => set(&mut self.snp, spl(Field::SnpSpl)?, Field::SnpSpl)?,
            // The bytes they stand for are reserved in a report.
            [3, 4..=7] => (spl(Field::SpareSpl)? == 0).then_some(()).at(Field::SpareSpl)?,
            [3, 8] => set(&mut self.microcode, spl(Field::MicrocodeSpl)?, Field::MicrocodeSpl)?,
            [3, 9] => set(&mut self.fmc, spl(Field::FmcSpl)?, Field::FmcSpl)?,
            [4] => set(&mut self.hardware_id, contents, Field::HardwareId)?,
            // Only a VLEK's certificate names a cloud.
            [5] => return Err(CertificateError::Vlek),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn tcb(&self, anchor: &Anchor) -> Result<Tcb, CertificateError> {
        let need = |spl: Option<u8>, field| spl.ok_or(CertificateError::Missing { field });
        if self.version.is_none() {
            return Err(CertificateError::Missing { field: Field::StructVersion });
        }
        let fmc = match anchor.layout {
            crate::TcbLayout::Zen5 => need(self.fmc, Field::FmcSpl)?,
            // Before Turin there is none, and no byte of a report for it.
            crate::TcbLayout::Zen3 => match self.fmc {
                None | Some(0) => 0,
                Some(_) => return Err(CertificateError::Value { field: Field::FmcSpl }),
            },
        };
        Ok(Tcb {
            fmc,
            bootloader: need(self.bootloader, Field::BootloaderSpl)?,
            tee: need(self.tee, Field::TeeSpl)?,
            snp: need(self.snp, Field::SnpSpl)?,
            microcode: need(self.microcode, Field::MicrocodeSpl)?,
        })
    }

    /// hwID: its bytes alone, or as an octet string in the extension's. Which of both, the length says: the bytes may
    /// begin with any tag.
    fn chip_id(&self, anchor: &Anchor) -> Result<[u8; 64], CertificateError> {
        let field = Field::HardwareId;
        let contents = self.hardware_id.ok_or(CertificateError::Missing { field })?;
        let id = if contents.len() == anchor.hardware_id_bytes {
            contents
        } else {
            only(contents, field, |der| der.take(OCTET_STRING))?
        };
        (id.len() == anchor.hardware_id_bytes).then_some(()).at(field)?;
        let mut chip_id = [0; 64];
        chip_id.get_mut(..id.len()).at(field)?.copy_from_slice(id);
        Ok(chip_id)
    }
}
