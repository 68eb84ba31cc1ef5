//! Claims are judged again whenever a committee is chosen.

use super::mock::*;
use crate::{FloorRecord, Floors, Lapse};
use conclave_dev_roots::{CPUID, FLOOR};
use conclave_primitives::AdmitMembers;
use conclave_snp::{Floor, Masks, Platform, Policy, Refusal, Tcb, TcbKind, TcbPart};
use frame_support::assert_ok;

fn admitted(count: u8) -> Vec<u8> {
    let validators = (1..=count).map(account).collect();
    <Attestation as AdmitMembers<_>>::admit(validators)
        .into_iter()
        .map(|validator| <[u8; 32]>::from(validator)[0])
        .collect()
}

fn register(numbers: &[u8]) {
    for (at, number) in numbers.iter().enumerate() {
        if at % crate::MAX_PER_BLOCK as usize == 0 {
            run_to(u64::from(now()) + 1);
        }
        assert_ok!(Machine::new(*number).register());
    }
}

#[test]
fn only_the_attested_should_be_admitted() {
    execute(|| {
        assert!(admitted(4).is_empty());
        register(&[2, 3, 4]);
        assert_eq!(admitted(4), [2, 3, 4]);
        assert_eq!(Attestation::standing(&account(1)), Err(Lapse::NoAttestation));
        register(&[1]);
        assert_eq!(admitted(4), [1, 2, 3, 4]);
    });
}

#[test]
fn a_disabled_release_should_drop_its_members() {
    execute(|| {
        register(&[1, 2, 3]);
        assert_ok!(Attestation::set_release(loosen(), Box::new(release(2, [0x44; 48]))));
        let mut other = Machine::new(4);
        other.psp = other.psp.running(conclave_soft_psp::Guest::new([0x44; 48], [4; 32]));
        assert_ok!(other.register());
        assert_eq!(admitted(4), [1, 2, 3, 4]);
        assert_ok!(Attestation::disable_release(tighten(), 2));
        assert_eq!(admitted(4), [1, 2, 3]);
        assert_eq!(
            Attestation::standing(&account(4)),
            Err(Lapse::Refused(Refusal::ReleaseDisabled { id: 2 }))
        );
        // Even where too few are left: what policy refuses is never let in.
        assert_ok!(Attestation::disable_release(tighten(), RELEASE));
        assert!(admitted(4).is_empty());
    });
}

#[test]
fn a_raised_floor_should_drop_members_when_it_is_enforced() {
    execute(|| {
        register(&[1, 2, 3, 4]);
        let (_, floor) = FLOOR;
        let raised = Floor { tcb: Tcb { snp: 2, ..floor.tcb }, ..floor };
        assert_ok!(Attestation::raise_floor(tighten(), CPUID, raised, 30, [1; 32]));
        run_to(29);
        assert_eq!(admitted(4), [1, 2, 3, 4]);
        // One updates in time.
        let updated = Machine::new(1);
        let updated = Machine { psp: updated.psp.at(raised.tcb), ..updated };
        assert_ok!(updated.renew());
        run_to(30);
        assert_eq!(admitted(4), [1]);
        let refusal = Refusal::Tcb { kind: TcbKind::Current, part: TcbPart::Snp, found: 1, floor: 2 };
        assert_eq!(Attestation::standing(&account(2)), Err(Lapse::Refused(refusal)));
        let record = Floors::<Test>::get(CPUID).expect("a floor");
        assert_eq!(record, FloorRecord { floor, next: Some((raised, 30)), source_digest: [1; 32] });
    });
}

#[test]
fn a_blocked_chip_and_a_stricter_policy_should_drop_members() {
    execute(|| {
        register(&[1, 2, 3, 4]);
        assert_ok!(Attestation::block_chip(tighten(), Machine::new(3).psp.chip_id()));
        assert_eq!(admitted(4), [1, 2, 4]);
        assert_eq!(Attestation::standing(&account(3)), Err(Lapse::Refused(Refusal::ChipBlocked)));
        assert_ok!(Attestation::unblock_chip(loosen(), Machine::new(3).psp.chip_id()));
        assert_eq!(admitted(4), [1, 2, 3, 4]);
        let platform = Masks { required: Platform::ECC_EN, forbidden: 0 };
        assert_ok!(Attestation::tighten_policy(tighten(), Policy { platform, ..Policy::PRODUCTION }));
        assert!(admitted(4).is_empty());
    });
}

#[test]
fn other_keys_should_need_another_report() {
    execute(|| {
        register(&[1, 2, 3]);
        Rotated::set(vec![(account(2), 1)]);
        assert_eq!(Attestation::standing(&account(2)), Err(Lapse::Keys));
        assert_eq!(admitted(3), [1, 3]);
        run_to(20);
        assert_ok!(Machine::new(2).renew());
        assert_eq!(admitted(3), [1, 2, 3]);
    });
}

#[test]
fn an_expired_attestation_should_drop_its_member() {
    execute(|| {
        register(&[1, 2, 3, 4]);
        let expires = now() + VALIDITY;
        run_to(50);
        for number in 1..=3 {
            assert_ok!(Machine::new(number).renew());
        }
        run_to(u64::from(expires));
        assert_eq!(admitted(4), [1, 2, 3, 4]);
        run_to(u64::from(expires) + 1);
        assert_eq!(admitted(4), [1, 2, 3]);
        assert_eq!(Attestation::standing(&account(4)), Err(Lapse::Expired { at: expires }));
    });
}

#[test]
fn a_mass_expiry_should_not_empty_the_set() {
    execute(|| {
        register(&[1, 2, 3, 4]);
        run_to(50);
        // The first and the second renew at different times, the others never.
        assert_ok!(Machine::new(1).renew());
        run_to(60);
        assert_ok!(Machine::new(2).renew());
        run_to(u64::from(55 + VALIDITY));
        // Of four, three are needed: 2 stands, 1 expired last, then 3 and 4 together.
        assert_eq!(Attestation::standing(&account(2)), Ok(()));
        assert_eq!(admitted(4), [1, 2, 3, 4]);
        run_to(u64::from(60 + VALIDITY + 1));
        assert_eq!(admitted(4), [1, 2, 3, 4]);
        // But no blocked chip comes back with them, nor whoever never was attested.
        assert_ok!(Attestation::block_chip(tighten(), Machine::new(3).psp.chip_id()));
        assert_eq!(admitted(5), [1, 2, 4]);
        assert_ok!(Machine::new(1).renew());
        assert_ok!(Machine::new(2).renew());
        assert_ok!(Machine::new(4).renew());
        assert_eq!(admitted(4), [1, 2, 4]);
        // Enough stand: whoever expired stays out.
        assert_ok!(Attestation::unblock_chip(loosen(), Machine::new(3).psp.chip_id()));
        assert_eq!(admitted(4), [1, 2, 4]);
    });
}

#[test]
fn a_certificate_that_ends_should_drop_its_member() {
    execute(|| {
        register(&[1]);
        // 2046-01-03: two days after its end.
        Time::set(2_398_550_400);
        assert_eq!(Attestation::standing(&account(1)), Err(Lapse::Refused(Refusal::CertificateOver)));
    });
}
