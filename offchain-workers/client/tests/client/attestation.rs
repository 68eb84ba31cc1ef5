//! What a node says of its machine is believed for the chip's signature, and for the client's own nonce.

use conclave_attestation::ReportProvider;
use conclave_client::{verify_attestation, Attestation, Trust};
use conclave_dev_roots::FLOORS;
use conclave_primitives::{ReportBinding, ReportPurpose, WorkerKeys};
use conclave_snp::{CertificateError, EvidenceError, Identity, Policy, Refusal, Release, ReleaseStatus, AMD};
use conclave_soft_psp::{Guest, Network, SoftPsp};

const MEASUREMENT: [u8; 48] = [3; 48];
const NONCE: [u8; 32] = [9; 32];
const GENESIS: [u8; 32] = [7; 32];
const KEYS: WorkerKeys = WorkerKeys { encryption: [1; 32], signing: [2; 32], transport: [3; 32] };

fn answer(nonce: [u8; 32]) -> Attestation {
    let data = ReportBinding {
        genesis: GENESIS,
        purpose: ReportPurpose::Prove(nonce),
        validator: [4; 32],
        session_keys: &[5; 96],
        worker_keys: KEYS,
        block_number: 90,
        block_hash: [6; 32],
    }
    .report_data();
    let psp = SoftPsp::new(Network::DEV, 1, Guest::new(MEASUREMENT, [8; 32]));
    let sealed = psp.report(data).unwrap();
    Attestation {
        validator: [4; 32],
        session_keys: vec![5; 96],
        worker_keys: KEYS,
        block_number: 90,
        block_hash: [6; 32],
        report: sealed.report.to_vec(),
        vcek: sealed.vcek,
    }
}

fn release(status: ReleaseStatus) -> Release {
    Release {
        id: 1,
        measurement: MEASUREMENT,
        vcpus: 1,
        valid_from: 0,
        valid_until: None,
        status,
        source_digest: [0; 32],
        identity: Identity::default(),
    }
}

fn trust<'a>(releases: &'a [Release]) -> Trust<'a> {
    Trust {
        anchors: Network::DEV.anchors(),
        genesis: GENESIS,
        policy: &Policy::PRODUCTION,
        floors: FLOORS,
        releases,
        finalized: 100,
        now: 1_795_305_600,
    }
}

#[test]
fn a_machine_should_be_believed_for_the_clients_nonce_only() {
    let releases = [release(ReleaseStatus::Active)];
    let trust = trust(&releases);
    let claims = verify_attestation(&answer(NONCE), NONCE, &trust).unwrap();
    assert_eq!(claims.report.measurement, MEASUREMENT);
    let replayed = verify_attestation(&answer(NONCE), [10; 32], &trust);
    assert_eq!(replayed, Err(EvidenceError::Refusal(Refusal::ReportData)));
}

#[test]
fn every_field_of_the_answer_should_be_bound() {
    let releases = [release(ReleaseStatus::Active)];
    let trust = trust(&releases);
    let changes: [fn(&mut Attestation); 6] = [
        |answer| answer.validator = [0; 32],
        |answer| answer.session_keys = vec![6; 96],
        |answer| answer.worker_keys.transport = [0; 32],
        |answer| answer.block_number = 91,
        |answer| answer.block_hash = [0; 32],
        |answer| answer.report[0x50] ^= 1,
    ];
    for change in changes {
        let mut answer = answer(NONCE);
        change(&mut answer);
        let refused = verify_attestation(&answer, NONCE, &trust);
        assert_eq!(refused, Err(EvidenceError::Refusal(Refusal::ReportData)));
    }
    let other = Trust { genesis: [8; 32], ..trust };
    let refused = verify_attestation(&answer(NONCE), NONCE, &other);
    assert_eq!(refused, Err(EvidenceError::Refusal(Refusal::ReportData)));
}

#[test]
fn what_the_chain_refuses_a_client_should_refuse() {
    let disabled = [release(ReleaseStatus::Disabled)];
    let refused = verify_attestation(&answer(NONCE), NONCE, &trust(&disabled));
    assert_eq!(refused, Err(EvidenceError::Refusal(Refusal::ReleaseDisabled { id: 1 })));
    let refused = verify_attestation(&answer(NONCE), NONCE, &trust(&[]));
    assert_eq!(refused, Err(EvidenceError::Refusal(Refusal::UnknownMeasurement)));
    let active = [release(ReleaseStatus::Active)];
    let production = Trust { anchors: &AMD, ..trust(&active) };
    let refused = verify_attestation(&answer(NONCE), NONCE, &production);
    assert_eq!(refused, Err(EvidenceError::Certificate(CertificateError::UntrustedRoot)));
    let mut flipped = answer(NONCE);
    flipped.report[0x2a0] ^= 1;
    assert_eq!(verify_attestation(&flipped, NONCE, &trust(&active)), Err(EvidenceError::ReportSignature));
}
