//! A report with the certificate of the key that signed it.

use p384::ecdsa::{signature::hazmat::PrehashVerifier, Signature, VerifyingKey};

use crate::{
    anchors::Anchor,
    checks::Circumstances,
    claims::Claims,
    policy::Policy,
    processor::{Cpuid, TcbPart},
    pss::{self, Modulus},
    refusal::Refusal,
    report::{signed_digest, Report, ReportError, ReportSignature},
    vcek::Vcek,
    x509::CertificateError,
};

/// A certificate that is not that of the report's chip at the report's TCB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindingError {
    /// hwID is not CHIP_ID: another chip's certificate.
    #[error("hwID mismatch: the certificate is of another chip than the report's CHIP_ID")]
    HardwareId,
    /// The report says another TCB than the one that the key was derived from. Old firmware can write any into a
    /// report, and sign it with its own key only.
    #[error("TCB mismatch: {part:?} is {reported:#04x} in the report, {certified:#04x} in the certificate")]
    Tcb {
        /// Which part.
        part: TcbPart,
        /// REPORTED_TCB's.
        reported: u8,
        /// The certificate's.
        certified: u8,
    },
    /// Reserved bytes of REPORTED_TCB are not zero, so that it is not of this product.
    #[error("TCB mismatch: REPORTED_TCB has not the layout of the certificate's product")]
    TcbLayout,
    /// The processor is of another family than the certificate's product.
    #[error("product mismatch: CPUID {cpuid} is not of the certificate's product")]
    Product {
        /// The report's.
        cpuid: Cpuid,
    },
}

/// Why evidence is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// Not a report.
    #[error("report: {0}")]
    Report(#[from] ReportError),
    /// Not the certificate of a chip's key under a root that is trusted.
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The certificate is not the report's.
    #[error(transparent)]
    Binding(#[from] BindingError),
    /// Policy refuses.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// The ASK did not sign the certificate.
    #[error("the ASK's signature of the certificate is wrong")]
    CertificateSignature,
    /// The chip's key did not sign the report.
    #[error("the chip's signature of the report is wrong")]
    ReportSignature,
}

/// A report and its certificate, both read, nothing verified.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    report: Report,
    signature: ReportSignature,
    digest: [u8; 48],
    vcek: Vcek<'a>,
}

impl<'a> Evidence<'a> {
    /// Reads both.
    ///
    /// # Errors
    /// [`EvidenceError::Report`] and [`EvidenceError::Certificate`].
    pub fn parse(report: &[u8], vcek: &'a [u8], anchors: &'static [Anchor]) -> Result<Self, EvidenceError> {
        let (parsed, signature) = Report::parse(report)?;
        let length = ReportError::Length { found: u32::try_from(report.len()).unwrap_or(u32::MAX) };
        let digest = signed_digest(report.try_into().map_err(|_| length)?);
        Ok(Self { report: parsed, signature, digest, vcek: Vcek::parse(vcek, anchors)? })
    }

    /// SHA-384 of the signed part of the report: what it is known by. The 1184 bytes can be changed into others that
    /// verify as well, these cannot.
    pub const fn digest(&self) -> [u8; 48] {
        self.digest
    }

    /// The report.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The certificate.
    pub const fn vcek(&self) -> &Vcek<'a> {
        &self.vcek
    }

    /// The facts, if the ASK with this serial number vouches for the certificate.
    pub fn claims(&self, ask_serial: u64) -> Claims {
        Claims {
            product: self.vcek.anchor.product,
            layout: self.vcek.anchor.layout,
            report: self.report.clone(),
            validity: Some(self.vcek.validity),
            ask_serial,
        }
    }

    /// The certificate is that of the report's chip, at the TCB the report says, and of its product.
    ///
    /// # Errors
    /// [`BindingError`].
    pub fn bind(&self) -> Result<(), BindingError> {
        let Self { report, vcek, .. } = self;
        if let Some(cpuid) = report.cpuid.filter(|cpuid| !vcek.anchor.contains(*cpuid)) {
            return Err(BindingError::Product { cpuid });
        }
        if report.chip_id != vcek.chip_id {
            return Err(BindingError::HardwareId);
        }
        let reported = vcek.anchor.layout.read(report.reported_tcb).ok_or(BindingError::TcbLayout)?;
        match reported.find(vcek.tcb, |reported, certified| reported != certified) {
            Some((part, reported, certified)) => Err(BindingError::Tcb { part, reported, certified }),
            None => Ok(()),
        }
    }

    /// Whether the ASK with this modulus signed the certificate. About 2 ms in Wasm.
    pub fn is_certified_by(&self, ask: &Modulus) -> bool {
        self.vcek.is_signed_by(ask)
    }

    /// Whether the certified key signed the report. About 7 ms in Wasm.
    pub fn is_signed(&self) -> bool {
        let ReportSignature { r, s } = self.signature;
        let (Ok(key), Ok(signature)) =
            (VerifyingKey::from_sec1_bytes(self.vcek.key), Signature::from_scalars(r, s))
        else {
            return false;
        };
        key.verify_prehash(&self.digest, &signature).is_ok()
    }

    /// Everything: the certificate is the report's, all sixteen checks pass, and both signatures are good; in this
    /// order, from cheap to dear. Returns the facts.
    ///
    /// `ask` is the modulus and the serial number of the ASK that has to have signed.
    ///
    /// # Errors
    /// [`EvidenceError`], the first.
    pub fn verify(
        &self,
        ask: (&Modulus, u64),
        policy: &Policy,
        circumstances: &Circumstances<'_>,
    ) -> Result<Claims, EvidenceError> {
        self.bind()?;
        let claims = self.claims(ask.1);
        claims.require(policy, circumstances)?;
        if !self.is_certified_by(ask.0) {
            return Err(EvidenceError::CertificateSignature);
        }
        if !self.is_signed() {
            return Err(EvidenceError::ReportSignature);
        }
        Ok(claims)
    }
}

impl Vcek<'_> {
    /// Whether the ASK with this modulus signed it.
    pub fn is_signed_by(&self, ask: &Modulus) -> bool {
        pss::verify(ask, self.signed.bytes, self.signed.signature)
    }
}
