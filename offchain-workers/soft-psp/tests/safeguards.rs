//! What keeps a software PSP out of production: another root of trust, never another check. The walls between crates
//! are in `scripts/check-walls`; that no call changes a runtime's roots, in pallet-attestation.

use conclave_attestation::{ReportProvider, SealedReport};
use conclave_dev_roots::{ARC, MARKER, PRODUCT_NAME};
use conclave_primitives::{ReportBinding, ReportPurpose, WorkerKeys};
use conclave_snp::{
    Anchor, CertificateError, CertificateStanding, ChipStanding, Circumstances, Claims, Evidence,
    EvidenceError, Freshness, Identity, Policy, Refusal, Release, ReleaseLookup, ReleaseStatus, AMD,
    DEVELOPMENT_CHIP_PREFIX, REPORT_BYTES,
};
use conclave_soft_psp::{Guest, Network, SoftPsp};

const MEASUREMENT: [u8; 48] = [3; 48];

fn psp(network: Network) -> SoftPsp {
    SoftPsp::new(network, 1, Guest::new(MEASUREMENT, [9; 32]))
}

fn binding(genesis: [u8; 32]) -> [u8; 64] {
    let worker_keys = WorkerKeys { encryption: [1; 32], signing: [2; 32], transport: [3; 32] };
    ReportBinding {
        genesis,
        purpose: ReportPurpose::Register,
        validator: [4; 32],
        session_keys: &[5; 128],
        worker_keys,
        block_number: 90,
        block_hash: [6; 32],
    }
    .report_data()
}

/// As a chain with these roots and this genesis would.
fn verify(
    sealed: &SealedReport,
    anchors: &'static [Anchor],
    bound: [u8; 64],
) -> Result<Claims, EvidenceError> {
    let release = Release {
        id: 1,
        measurement: MEASUREMENT,
        vcpus: 1,
        valid_from: 0,
        valid_until: None,
        status: ReleaseStatus::Active,
        source_digest: [0; 32],
        identity: Identity::default(),
    };
    let circumstances = Circumstances {
        anchors,
        floors: &[conclave_dev_roots::FLOOR],
        release: Some(ReleaseLookup { found: Some(&release), now: 100 }),
        report_data: Some(bound),
        is_report_id_taken: Some(false),
        chip: Some(ChipStanding::Free),
        freshness: Some(Freshness { number: 90, is_ours: true, now: 100, last: None }),
        certificate: Some(CertificateStanding { now: 1_795_305_600, is_ask_revoked: false }),
    };
    let evidence = Evidence::parse(&sealed.report, &sealed.vcek, anchors)?;
    let anchor = evidence.vcek().anchor();
    evidence.verify((anchor.ask, anchor.ask_serial), &Policy::PRODUCTION, &circumstances)
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|at| at == needle)
}

/// 1: the same bytes through the same port and the same verifier.
#[test]
fn a_network_should_verify_its_reports_by_the_production_verifier() {
    let provider: Box<dyn ReportProvider> = Box::new(psp(Network::DEV));
    let sealed = provider.report(binding([7; 32])).unwrap();
    assert_eq!(sealed.report.len(), REPORT_BYTES);
    let claims = verify(&sealed, Network::DEV.anchors(), binding([7; 32])).unwrap();
    assert_eq!(claims.report.measurement, MEASUREMENT);
}

/// 2 and 6c: production has no such root, before any signature is looked at.
#[test]
fn production_should_know_no_development_root() {
    for network in [Network::DEV, Network::LOCAL] {
        let sealed = psp(network).report(binding([7; 32])).unwrap();
        let refused = verify(&sealed, &AMD, binding([7; 32]));
        assert_eq!(refused, Err(EvidenceError::Certificate(CertificateError::UntrustedRoot)));
    }
    assert!(AMD.iter().all(|anchor| !anchor.is_development()));
}

/// 4: names that nothing of AMD's has.
#[test]
fn certificates_and_chips_should_be_marked() {
    let psp = psp(Network::DEV);
    let sealed = psp.report([0; 64]).unwrap();
    assert!(contains(&sealed.vcek, PRODUCT_NAME.as_bytes()));
    assert!(psp.chip_id().starts_with(DEVELOPMENT_CHIP_PREFIX));
    assert!(contains(&sealed.report, DEVELOPMENT_CHIP_PREFIX));
    for anchor in &AMD {
        assert!(!contains(&sealed.vcek, anchor.arc) && anchor.arc != ARC);
        assert!(!anchor.names.iter().any(|name| PRODUCT_NAME.contains(name)));
    }
    let (ark, ask) = Network::DEV.authorities();
    assert!(contains(ark, MARKER.as_bytes()) && contains(ask, MARKER.as_bytes()));
}

/// 5: no report of one network is good on another, be it for the root or, with the same root, for the genesis.
#[test]
fn reports_should_stay_on_their_network() {
    let sealed = psp(Network::DEV).report(binding([7; 32])).unwrap();
    let refused = verify(&sealed, Network::LOCAL.anchors(), binding([7; 32]));
    assert_eq!(refused, Err(EvidenceError::Certificate(CertificateError::UntrustedRoot)));
    let refused = verify(&sealed, Network::DEV.anchors(), binding([8; 32]));
    assert_eq!(refused, Err(EvidenceError::Refusal(Refusal::ReportData)));
}

/// A chip's key changes with its firmware, as a real one's does: old firmware signs nothing for the new.
#[test]
fn a_key_should_be_that_of_its_chip_and_firmware() {
    let old = psp(Network::DEV);
    let mut newer = conclave_dev_roots::FLOOR.1.tcb;
    newer.microcode += 1;
    let new = old.clone().at(newer);
    let other = SoftPsp::new(Network::DEV, 2, Guest::new(MEASUREMENT, [9; 32]));
    let keys = [&old, &new, &other].map(|psp| psp.key().unwrap().to_bytes());
    assert!(keys[0] != keys[1] && keys[0] != keys[2]);
    let mut forged = old.draft(binding([7; 32]));
    forged.reported_tcb = new.draft([0; 64]).reported_tcb;
    let mut sealed = old.sign(&forged).unwrap();
    sealed.vcek = new.report([0; 64]).unwrap().vcek;
    let refused = verify(&sealed, Network::DEV.anchors(), binding([7; 32]));
    assert_eq!(refused, Err(EvidenceError::ReportSignature));
}
