//! Attestation off chain: where reports come from ([`ReportProvider`], [`ConfigfsTsm`], [`SevGuest`]) and
//! the keys that seal its disk ([`DeriveKey`], [`sealing_key`]), where the certificate of a
//! chip's key is had ([`kds_address`]), and what an operator can check of reports and certificates in files
//! ([`inspect`]), without a chain and without a network, by the code that the runtime runs.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

mod bundle;
mod configfs;
mod inspection;
mod kds;
mod provider;
mod sealing;
mod sev_guest;
mod table;

pub use bundle::{Bundle, BundleError};
pub use configfs::ConfigfsTsm;
pub use inspection::{inspect, Expectations, Finding, Inspection};
pub use kds::{kds_address, KdsError};
pub use provider::{ReportError, ReportProvider, SealedReport};
pub use sealing::{sealing_key, DeriveKey, MachineKey, SealingContext};
pub use sev_guest::SevGuest;
pub use table::{certificate_table, VCEK_GUID};
