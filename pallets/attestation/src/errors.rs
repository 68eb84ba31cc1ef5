//! The errors of the verifier, as those of the pallet: one each.

use conclave_snp::{
    AuthorityError, BindingError, CertificateError, EvidenceError, IdentityField, Refusal, ReportError,
};

use crate::Error;

impl<T> From<EvidenceError> for Error<T> {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Report(error) => error.into(),
            EvidenceError::Certificate(error) => error.into(),
            EvidenceError::Binding(error) => error.into(),
            EvidenceError::Refusal(refusal) => refusal.into(),
            EvidenceError::CertificateSignature => Self::CertificateSignature,
            EvidenceError::ReportSignature => Self::ReportSignature,
            _ => Self::NotJudged,
        }
    }
}

impl<T> From<ReportError> for Error<T> {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Version { .. } => Self::ReportVersion,
            ReportError::SignatureAlgorithm { .. } => Self::ReportAlgorithm,
            ReportError::SignaturePadding => Self::ReportSignaturePadding,
            ReportError::Reserved { .. } => Self::ReportReserved,
            // A call's report always has the right length.
            _ => Self::NotJudged,
        }
    }
}

impl<T> From<CertificateError> for Error<T> {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::SignatureAlgorithm => Self::CertificateAlgorithm,
            CertificateError::Duplicate { .. } => Self::CertificateDuplicate,
            CertificateError::UnknownCritical => Self::CertificateUnknownCritical,
            CertificateError::Missing { .. } => Self::CertificateIncomplete,
            CertificateError::Vlek => Self::CertificateVlek,
            CertificateError::UntrustedRoot => Self::UntrustedRoot,
            _ => Self::CertificateMalformed,
        }
    }
}

impl<T> From<BindingError> for Error<T> {
    fn from(error: BindingError) -> Self {
        match error {
            BindingError::HardwareId => Self::HardwareIdMismatch,
            BindingError::Product { .. } => Self::ProductMismatch,
            _ => Self::TcbMismatch,
        }
    }
}

impl<T> From<AuthorityError> for Error<T> {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Signature => Self::AuthoritySignature,
            AuthorityError::UntrustedRoot => Self::UntrustedRoot,
            _ => Self::AuthorityMalformed,
        }
    }
}

impl<T> From<Refusal> for Error<T> {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Version { .. } => Self::Version,
            Refusal::ProductRefused { .. } => Self::ProductRefused,
            Refusal::NoCpuid => Self::NoCpuid,
            Refusal::NoFloor { .. } => Self::NoFloor,
            Refusal::SigningKey { .. } => Self::SigningKey,
            Refusal::ChipKeyMasked => Self::ChipKeyMasked,
            Refusal::NoChip => Self::NoChip,
            Refusal::DevelopmentChip => Self::DevelopmentChip,
            Refusal::HostRequested => Self::HostRequested,
            Refusal::Vmpl { .. } => Self::Vmpl,
            Refusal::Debug => Self::Debug,
            Refusal::MigrationAgent => Self::MigrationAgent,
            Refusal::Cxl => Self::Cxl,
            Refusal::PolicyReserved { .. } => Self::PolicyReserved,
            Refusal::PolicyAbi { .. } => Self::PolicyAbi,
            Refusal::PolicyRequired { .. } => Self::PolicyRequired,
            Refusal::PolicyForbidden { .. } => Self::PolicyForbidden,
            Refusal::AliasCheck => Self::AliasCheck,
            Refusal::PlatformUnknown { .. } => Self::PlatformUnknown,
            Refusal::PlatformRequired { .. } => Self::PlatformRequired,
            Refusal::PlatformForbidden { .. } => Self::PlatformForbidden,
            Refusal::TcbReserved { .. } => Self::TcbReserved,
            Refusal::Tcb { .. } => Self::TcbBelowFloor,
            Refusal::Provisional => Self::ProvisionalFirmware,
            Refusal::Firmware { .. } => Self::FirmwareBelowFloor,
            Refusal::Mitigations { .. } => Self::Mitigations,
            Refusal::UnknownMeasurement => Self::UnknownMeasurement,
            Refusal::ReleasePending { .. } => Self::ReleasePending,
            Refusal::ReleaseDisabled { .. } => Self::ReleaseDisabled,
            Refusal::ReleaseEarly { .. } => Self::ReleaseEarly,
            Refusal::ReleaseOver { .. } => Self::ReleaseOver,
            Refusal::Identity { field: IdentityField::HostData } => Self::HostData,
            Refusal::Identity { field: IdentityField::FamilyId } => Self::FamilyId,
            Refusal::Identity { field: IdentityField::ImageId } => Self::ImageId,
            Refusal::Identity { field: IdentityField::IdKeyDigest } => Self::IdKeyDigest,
            Refusal::Identity { field: IdentityField::AuthorKeyDigest } => Self::AuthorKeyDigest,
            Refusal::ReportData => Self::ReportData,
            Refusal::NoReportId => Self::NoReportId,
            Refusal::ReportIdTaken => Self::ReportIdTaken,
            Refusal::ChipBlocked => Self::ChipBlocked,
            Refusal::ChipTaken => Self::ChipTaken,
            Refusal::Future { .. } => Self::BoundToFuture,
            Refusal::Stale { .. } => Self::Stale,
            Refusal::BlockHash { .. } => Self::BlockHash,
            Refusal::Replayed { .. } => Self::Replayed,
            Refusal::CertificateEarly => Self::CertificateEarly,
            Refusal::CertificateOver => Self::CertificateOver,
            Refusal::AskRevoked { .. } => Self::AskRevoked,
            _ => Self::NotJudged,
        }
    }
}
