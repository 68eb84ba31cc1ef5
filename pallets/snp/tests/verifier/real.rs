//! Each real report gets exactly the verdict that its README gives.

use conclave_snp::{
    BindingError, CertificateStanding, Check, Circumstances, Evidence, Outcome, Policy, Refusal, Tcb,
    TcbKind, TcbPart, AMD, PRODUCTION_FLOORS,
};

use crate::vectors::{Vector, SHARED};

/// 2026-11-22.
const NOW: u64 = 1_795_305_600;

/// What can be known without a chain.
pub(crate) fn offline() -> Circumstances<'static> {
    Circumstances {
        anchors: &AMD,
        floors: &PRODUCTION_FLOORS,
        release: None,
        report_data: None,
        is_report_id_taken: None,
        chip: None,
        freshness: None,
        certificate: Some(CertificateStanding { now: NOW, is_ask_revoked: false }),
    }
}

/// The refusals of all checks.
fn refusals(evidence: &Evidence<'_>, circumstances: &Circumstances<'_>) -> Vec<(Check, Refusal)> {
    let claims = evidence.claims(evidence.vcek().anchor().ask_serial);
    claims
        .judge(&Policy::PRODUCTION, circumstances)
        .filter_map(|(check, outcome)| match outcome {
            Outcome::Refused(refusal) => Some((check, refusal)),
            _ => None,
        })
        .collect()
}

fn names(refusals: &[(Check, Refusal)]) -> Vec<Check> {
    refusals.iter().map(|(check, _)| *check).collect()
}

#[test]
fn milan_of_sev_should_be_genuine_and_refused_by_version_and_product() {
    let vector = Vector::committed("milan-v2-sevcrate");
    let evidence = Evidence::parse(&vector.report, &vector.vcek, &AMD).unwrap();
    assert_eq!(evidence.bind(), Ok(()));
    assert!(evidence.is_certified_by(evidence.vcek().anchor().ask) && evidence.is_signed());
    let refusals = refusals(&evidence, &offline());
    assert_eq!(names(&refusals), [Check::Version, Check::Product]);
    assert_eq!(refusals[0].1, Refusal::Version { version: 2, least: 3 });
    assert!(
        matches!(refusals[1].1, Refusal::ProductRefused { reason, .. } if reason.contains("AMD-SB-3045"))
    );
}

#[test]
fn old_genoa_should_be_genuine_and_refused_by_vmpl_and_tcb() {
    let vector = Vector::committed("genoa-v2-sev_attest_tool");
    let evidence = Evidence::parse(&vector.report, &vector.vcek, &AMD).unwrap();
    assert_eq!(evidence.bind(), Ok(()));
    assert!(evidence.is_certified_by(evidence.vcek().anchor().ask) && evidence.is_signed());
    let refusals = refusals(&evidence, &offline());
    let expected = [Check::Version, Check::Product, Check::Vmpl, Check::Tcb, Check::Firmware];
    assert_eq!(names(&refusals), expected);
    assert_eq!(refusals[1].1, Refusal::NoCpuid);
    assert_eq!(refusals[2].1, Refusal::Vmpl { vmpl: 1 });
    let tcb = Refusal::Tcb { kind: TcbKind::Current, part: TcbPart::Bootloader, found: 7, floor: 9 };
    assert_eq!(refusals[3].1, tcb);
}

#[test]
fn debugged_milan_should_be_genuine_and_refused_by_debug() {
    let vector = Vector::committed("milan-v2-omne-kdsvcek");
    let evidence = Evidence::parse(&vector.report, &vector.vcek, &AMD).unwrap();
    assert_eq!(evidence.bind(), Ok(()));
    assert!(evidence.is_certified_by(evidence.vcek().anchor().ask) && evidence.is_signed());
    let refusals = refusals(&evidence, &offline());
    assert_eq!(names(&refusals), [Check::Version, Check::Product, Check::GuestPolicy]);
    assert_eq!(refusals[2].1, Refusal::Debug);
}

#[test]
fn milan_with_another_chips_chain_should_be_refused_by_its_chip() {
    let vector = Vector::committed("milan-v2-azure-hcl");
    let evidence = Evidence::parse(&vector.report, &vector.vcek, &AMD).unwrap();
    assert!(evidence.is_certified_by(evidence.vcek().anchor().ask), "the chain is AMD's");
    assert_eq!(evidence.bind(), Err(BindingError::HardwareId));
    assert!(!evidence.is_signed());
}

#[test]
fn genoa_should_be_genuine_and_refused_by_a_floor_alone() {
    let Some(vector) = Vector::shared(SHARED) else { return };
    let evidence = Evidence::parse(&vector.report, &vector.vcek, &AMD).unwrap();
    assert_eq!(evidence.bind(), Ok(()));
    assert!(evidence.is_certified_by(evidence.vcek().anchor().ask) && evidence.is_signed());
    let above = refusals(&evidence, &offline());
    let tcb = Refusal::Tcb { kind: TcbKind::Current, part: TcbPart::Snp, found: 0x17, floor: 0x1b };
    // The boot loader's 0x0a is above its floor of 9.
    assert_eq!(above, [(Check::Tcb, tcb)]);

    let [(cpuid, mut floor), ..] = PRODUCTION_FLOORS;
    floor.tcb = Tcb { snp: 0x17, microcode: 0x54, ..floor.tcb };
    let floors = [(cpuid, floor)];
    assert_eq!(refusals(&evidence, &Circumstances { floors: &floors, ..offline() }), []);
    floor.tcb.microcode = 0x55;
    let floors = [(cpuid, floor)];
    let tcb = Refusal::Tcb { kind: TcbKind::Current, part: TcbPart::Microcode, found: 0x54, floor: 0x55 };
    assert_eq!(refusals(&evidence, &Circumstances { floors: &floors, ..offline() }), [(Check::Tcb, tcb)]);
}

#[test]
fn what_cannot_be_judged_should_be_refused() {
    let Some(vector) = Vector::shared(SHARED) else { return };
    let evidence = Evidence::parse(&vector.report, &vector.vcek, &AMD).unwrap();
    let [(cpuid, mut floor), ..] = PRODUCTION_FLOORS;
    floor.tcb = Tcb::default();
    let floors = [(cpuid, floor)];
    let claims = evidence.claims(evidence.vcek().anchor().ask_serial);
    let outcome = claims.require(&Policy::PRODUCTION, &Circumstances { floors: &floors, ..offline() });
    assert_eq!(outcome, Err(Refusal::NotJudged { check: Check::Measurement }));
}
