//! Attestation off chain: where reports come from ([`ReportProvider`]), and what an operator can check of reports and
//! certificates in files, without a chain and without a network ([`inspect`]), by the code that the runtime runs.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

mod provider;

pub use provider::{ReportError, ReportProvider, SealedReport};
