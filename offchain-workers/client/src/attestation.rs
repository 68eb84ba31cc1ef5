//! A member's machine, checked by the client: the answer of `conclave_attestation`, by the code that the chain runs.

use codec::{Decode, Encode};
use conclave_primitives::{AccountBytes, BlockNumber, GenesisHash, ReportBinding, ReportPurpose, WorkerKeys};
use conclave_snp::{
    Anchor, CertificateStanding, ChipStanding, Circumstances, Claims, Cpuid, Evidence, EvidenceError, Floor,
    Freshness, Policy, Release, ReleaseLookup,
};

/// What a node answered to a nonce, field by field as `conclave_attestation` has them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Attestation {
    /// The validator's stash account.
    pub validator: AccountBytes,
    /// Its session keys, as pallet-session encodes them.
    pub session_keys: Vec<u8>,
    /// Its worker's keys.
    pub worker_keys: WorkerKeys,
    /// The block that the report is bound to.
    pub block_number: BlockNumber,
    /// Its hash.
    pub block_hash: [u8; 32],
    /// The report, 1184 bytes.
    pub report: Vec<u8>,
    /// The certificate of the chip's key, in DER.
    pub vcek: Vec<u8>,
}

/// What the client believes by itself: read from finalized state, or from whom it trusts.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// The roots: `conclave_snp::AMD` in production, whatever a node says.
    pub anchors: &'static [Anchor],
    /// The chain.
    pub genesis: GenesisHash,
    /// Its policy, pallet-attestation's `CurrentPolicy`.
    pub policy: &'a Policy,
    /// Its floors, as they are enforced now.
    pub floors: &'a [(Cpuid, Floor)],
    /// Its releases.
    pub releases: &'a [Release],
    /// Its finalized block.
    pub finalized: BlockNumber,
    /// Seconds since 1970.
    pub now: u64,
}

/// Verifies that a sealed machine which holds these keys made a report for this nonce: one that the client drew at random
/// and used once. Returns what the report says. That the member is the one that serves is `worker_keys.transport`, which
/// `conclave_committee` names and which signs its messages; that no chip serves two validators, the chain looks after.
///
/// # Errors
/// [`EvidenceError`], the first check that fails: all sixteen are made, and both signatures.
pub fn verify_attestation(
    attestation: &Attestation,
    nonce: [u8; 32],
    trust: &Trust<'_>,
) -> Result<Claims, EvidenceError> {
    let Attestation { validator, session_keys, worker_keys, block_number, block_hash, report, vcek } =
        attestation;
    let evidence = Evidence::parse(report, vcek, trust.anchors)?;
    let bound = ReportBinding {
        genesis: trust.genesis,
        purpose: ReportPurpose::Prove(nonce),
        validator: *validator,
        session_keys,
        worker_keys: *worker_keys,
        block_number: *block_number,
        block_hash: *block_hash,
    };
    let release = trust.releases.iter().find(|release| release.measurement == evidence.report().measurement);
    let circumstances = Circumstances {
        anchors: trust.anchors,
        floors: trust.floors,
        release: Some(ReleaseLookup { found: release, now: trust.finalized }),
        report_data: Some(bound.report_data()),
        is_report_id_taken: Some(false),
        chip: Some(ChipStanding::Free),
        // The nonce says that it is new.
        freshness: Some(Freshness {
            number: *block_number,
            is_ours: true,
            now: trust.finalized.max(*block_number),
            last: None,
        }),
        certificate: Some(CertificateStanding { now: trust.now, is_ask_revoked: false }),
    };
    let anchor = evidence.vcek().anchor();
    evidence.verify((anchor.ask, anchor.ask_serial), trust.policy, &circumstances)
}
