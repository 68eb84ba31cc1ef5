//! Evidence of a sealed machine: the report that an AMD processor signs of an SEV-SNP guest, and the certificate of the
//! key it signs with. Read strictly, verified to a root of trust that is a constant, and judged by policy.
//!
//! The runtime, the node's `attestation verify` and clients run this code and no other: what a client accepts is what
//! the chain accepts. It is plain integer arithmetic without heap, clock or host functions, so that it decides the same
//! everywhere and can be replaced by a runtime upgrade.
//!
//! ```text
//!   report, 1184 bytes ── Report ──┐                          ┌─ Policy, Floor, Release (governance)
//!                                  ├─ Evidence ── Claims ──◄──┤
//!   VCEK, DER ─────────── Vcek ────┘    │ bind: same chip,    └─ Circumstances (chain, clock)
//!       ▲ names an Anchor               │ TCB, product
//!       └── signed by its ASK ◄─────────┴── report signed by the VCEK
//! ```
//!
//! Claims are kept and judged again when policy changes. The same verifier serves development chains: they have
//! another [`Anchor`], never another check.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

extern crate alloc;

mod anchors;
mod authority;
mod checks;
mod claims;
mod der;
mod evidence;
mod kind;
mod policy;
mod processor;
mod pss;
mod refusal;
mod report;
mod time;
mod vcek;
mod x509;

pub use anchors::{fingerprint, Anchor, AMD, DEVELOPMENT_CHIP_PREFIX};
pub use authority::{verify_ark, verify_ask, Ask, AuthorityError, RevocationList};
pub use checks::{
    CertificateStanding, Check, ChipStanding, Circumstances, Freshness, Outcome, ReleaseLookup,
};
pub use claims::Claims;
pub use der::DerError;
pub use evidence::{BindingError, Evidence, EvidenceError};
pub use kind::{certificate_kind, CertificateKind};
pub use policy::{
    BlockNumber, Floor, GuestPolicy, Identity, Masks, Platform, Policy, Release, ReleaseStatus,
    PRODUCTION_FLOORS,
};
pub use processor::{Cpuid, FirmwareVersion, Product, RawTcb, Tcb, TcbLayout, TcbPart};
pub use pss::{Modulus, MODULUS_BYTES};
pub use refusal::{FirmwareKind, IdentityField, Refusal, TcbKind};
pub use report::{Mitigations, Report, ReportError, ReportSignature, SigningKey, REPORT_BYTES, SIGNED_BYTES};
pub use vcek::Vcek;
pub use x509::{CertificateError, Field, Validity, MAX_CERTIFICATE_BYTES};
