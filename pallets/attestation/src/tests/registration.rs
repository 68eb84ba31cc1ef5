//! Validators register, renew and withdraw.

use super::mock::*;
use crate::{Attestations, ChipOwner, Error, Event, ReportIdOwner, MAX_PER_BLOCK};
use conclave_primitives::ReportPurpose;
use conclave_snp::{GuestPolicy, Report, SigningKey};
use conclave_soft_psp::{Guest, Network, SoftPsp};
use frame_support::{
    assert_noop, assert_ok,
    pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
    traits::Authorize,
};
use frame_system::RawOrigin;
use sp_runtime::DispatchError;

#[test]
fn register_should_keep_claims_and_deposit() {
    execute(|| {
        let machine = Machine::new(1);
        assert_ok!(machine.register());
        let attestation = Attestations::<Test>::get(account(1)).expect("it is registered");
        assert_eq!(attestation.bound_to, now() - 1);
        assert_eq!(attestation.expires, now() + VALIDITY);
        assert_eq!(attestation.claims.report.measurement, MEASUREMENT);
        assert_eq!(held(&account(1)), DEPOSIT);
        assert_eq!(ChipOwner::<Test>::get(machine.psp.chip_id()), Some(account(1)));
        assert!(matches!(last_event(), Some(Event::Registered { release: RELEASE, .. })));
        assert_eq!(Attestation::standing(&account(1)), Ok(()));
        assert_noop!(machine.register(), Error::<Test>::AlreadyRegistered);
    });
}

#[test]
fn renew_should_extend_and_move_to_other_machines() {
    execute(|| {
        let machine = Machine::new(1);
        assert_noop!(machine.renew(), Error::<Test>::NotRegistered);
        assert_ok!(machine.register());
        let first = Attestations::<Test>::get(account(1)).expect("registered");
        run_to(35);
        assert_ok!(machine.renew());
        let second = Attestations::<Test>::get(account(1)).expect("registered");
        assert!(second.expires == 35 + VALIDITY && second.digest != first.digest);
        assert_eq!(held(&account(1)), DEPOSIT);
        run_to(40);
        let other = Machine::with(1, 51, 52);
        assert_ok!(other.renew());
        assert_eq!(ChipOwner::<Test>::get(machine.psp.chip_id()), None);
        assert_eq!(ReportIdOwner::<Test>::get([1; 32]), None);
        assert_eq!(ChipOwner::<Test>::get(other.psp.chip_id()), Some(account(1)));
        assert!(matches!(last_event(), Some(Event::Renewed { .. })));
    });
}

#[test]
fn withdraw_should_free_chip_and_deposit() {
    execute(|| {
        let machine = Machine::new(1);
        let origin = || RuntimeOrigin::signed(account(1));
        assert_noop!(Attestation::withdraw(origin()), Error::<Test>::NotRegistered);
        assert_ok!(machine.register());
        assert_ok!(Attestation::withdraw(origin()));
        assert_eq!(held(&account(1)), 0);
        assert_ok!(Machine::with(2, 1, 1).register());
    });
}

#[test]
fn a_report_should_serve_once_and_one_validator() {
    execute(|| {
        let machine = Machine::new(1);
        let sealed = machine.sealed(ReportPurpose::Register, now() - 1, |_| {});
        // Another validator's report, on its own machine even.
        let thief = Machine { who: account(2), ..machine.clone() };
        assert_noop!(thief.submit(sealed.clone(), now() - 1), Error::<Test>::ReportData);
        assert_ok!(machine.submit(sealed.clone(), now() - 1));
        // A renewal needs a report of its own, later than the last.
        let serial = Network::DEV.anchor().ask_serial;
        assert_noop!(machine.renew(), Error::<Test>::TooSoon);
        run_to(14);
        assert_noop!(machine.send("renew", sealed, serial, 9), Error::<Test>::ReportData);
        assert_noop!(machine.renew_at(9), Error::<Test>::Replayed);
        assert_ok!(machine.renew());
        run_to(18);
        assert_noop!(machine.renew_at(9), Error::<Test>::Replayed);
    });
}

#[test]
fn a_report_should_be_fresh_and_of_this_chain() {
    execute(|| {
        run_to(100);
        let machine = Machine::new(1);
        let at =
            |bound_to| machine.submit(machine.sealed(ReportPurpose::Register, bound_to, |_| {}), bound_to);
        assert_noop!(at(49), Error::<Test>::Stale);
        assert_noop!(at(101), Error::<Test>::BoundToFuture);
        // The block of this report is not hashed yet.
        assert_noop!(at(100), Error::<Test>::BlockHash);
        // Bound to one block, said to be bound to another.
        let sealed = machine.sealed(ReportPurpose::Register, 98, |_| {});
        assert_noop!(machine.submit(sealed, 99), Error::<Test>::ReportData);
        assert_ok!(at(50));
    });
}

#[test]
fn one_chip_and_one_guest_should_serve_one_validator() {
    execute(|| {
        assert_ok!(Machine::with(1, 1, 1).register());
        assert_noop!(Machine::with(2, 1, 2).register(), Error::<Test>::ChipTaken);
        assert_noop!(Machine::with(2, 2, 1).register(), Error::<Test>::ReportIdTaken);
        assert_ok!(Machine::with(2, 2, 2).register());
        run_to(20);
        assert_noop!(Machine::with(2, 1, 2).renew(), Error::<Test>::ChipTaken);
        // What expired keeps no chip.
        run_to(u64::from(10 + VALIDITY));
        assert_noop!(Machine::with(3, 1, 1).register(), Error::<Test>::ReportIdTaken);
        run_to(u64::from(10 + VALIDITY + 1));
        assert_ok!(Machine::with(3, 1, 1).register());
        assert_eq!(Attestation::standing(&account(1)), Err(crate::Lapse::Superseded));
        assert_noop!(Machine::with(1, 1, 1).renew(), Error::<Test>::ReportIdTaken);
        assert_ok!(Attestation::withdraw(RuntimeOrigin::signed(account(1))));
        assert_eq!(Attestation::standing(&account(3)), Ok(()));
    });
}

#[test]
fn four_in_a_block_should_be_enough() {
    execute(|| {
        let machines: Vec<_> = (1..=6).map(Machine::new).collect();
        let (first, rest) = machines.split_at(MAX_PER_BLOCK as usize);
        assert!(first.iter().all(|machine| machine.register().is_ok()));
        assert_noop!(rest[0].register(), Error::<Test>::BlockFull);
        run_to(11);
        assert!(rest.iter().all(|machine| machine.register().is_ok()));
    });
}

#[test]
fn a_validator_should_have_keys_and_funds() {
    execute(|| {
        let psp = Machine::new(1).psp;
        let sealed = psp.sign(&psp.draft([0; 64])).expect("it signs");
        let nobody = Machine { who: account(99), psp };
        assert_noop!(nobody.submit(sealed, 9), Error::<Test>::NoKeys);
        // Account 50 has no funds.
        assert!(Machine::new(50).register().is_err());
        assert!(!Attestations::<Test>::contains_key(account(50)));
    });
}

/// Each refusal of the verifier arrives as its own error; conclave-snp's tests have the rest.
#[test]
fn refused_reports_should_be_refused_by_their_error() {
    type Change = fn(&mut Report);
    let cases: [(Change, Error<Test>); 12] = [
        (|r| r.vmpl = 1, Error::Vmpl),
        (|r| r.vmpl = u32::MAX, Error::HostRequested),
        (|r| r.policy |= GuestPolicy::DEBUG, Error::Debug),
        (|r| r.policy |= GuestPolicy::MIGRATE_MA, Error::MigrationAgent),
        (|r| r.signing_key = SigningKey::Vlek, Error::SigningKey),
        (|r| r.platform_info = 0, Error::AliasCheck),
        (|r| r.launch_tcb = [0; 8], Error::TcbBelowFloor),
        (|r| r.committed_firmware.minor = 1, Error::FirmwareBelowFloor),
        (|r| r.measurement = [0; 48], Error::UnknownMeasurement),
        (|r| r.host_data = [1; 32], Error::HostData),
        (|r| r.report_data = [0; 64], Error::ReportData),
        (|r| (r.version, r.cpuid, r.mitigations) = (2, None, None), Error::Version),
    ];
    execute(|| {
        for (change, error) in cases {
            assert_noop!(Machine::new(1).register_as(change), error);
        }
    });
}

#[test]
fn evidence_of_other_chips_and_networks_should_be_refused() {
    execute(|| {
        let machine = Machine::new(1);
        let good = machine.sealed(ReportPurpose::Register, now() - 1, |_| {});
        let other = Machine::new(2).sealed(ReportPurpose::Register, now() - 1, |_| {});
        let mixed = conclave_attestation::SealedReport { vcek: other.vcek, ..good.clone() };
        assert_noop!(machine.submit(mixed, now() - 1), Error::<Test>::HardwareIdMismatch);
        let mut flipped = good.clone();
        flipped.report[0x2a0] ^= 1;
        assert_noop!(machine.submit(flipped, now() - 1), Error::<Test>::ReportSignature);
        let foreign = SoftPsp::new(Network::LOCAL, 1, Guest::new(MEASUREMENT, [1; 32]));
        let foreign = foreign.sign(&foreign.draft(machine.data(ReportPurpose::Register, now() - 1)));
        assert_noop!(machine.submit(foreign.expect("it signs"), now() - 1), Error::<Test>::UntrustedRoot);
        assert_noop!(machine.send("register", good.clone(), 5, now() - 1), Error::<Test>::UnknownAsk);
        assert_ok!(machine.submit(good, now() - 1));
    });
}

/// Without fee, so for the worker's key only; and the call itself believes no authorisation but verifies again.
#[test]
fn nobody_else_should_submit_for_a_validator() {
    execute(|| {
        let machine = Machine::new(1);
        let serial = Network::DEV.anchor().ask_serial;
        let sealed = machine.sealed(ReportPurpose::Register, now() - 1, |_| {});
        let call = machine.call("register", sealed.clone(), serial, now() - 1);
        let crate::Call::register { validator, report, vcek, ask_serial, block_number, signature } = call
        else {
            panic!("another call");
        };
        let mut forged = signature;
        forged[0] ^= 1;
        let forged = crate::Call::<Test>::register {
            validator: validator.clone(),
            report: report.clone(),
            vcek: vcek.clone(),
            ask_serial,
            block_number,
            signature: forged,
        };
        for source in [TransactionSource::External, TransactionSource::InBlock] {
            let refused = forged.authorize(source).expect("it authorises itself");
            assert_eq!(refused, Err(InvalidTransaction::BadProof.into()));
        }
        let signed = RuntimeOrigin::signed(account(1));
        let refused = Attestation::register(
            signed,
            validator.clone(),
            report,
            vcek,
            ask_serial,
            block_number,
            signature,
        );
        assert_noop!(refused, DispatchError::BadOrigin);
        let mut flipped = Box::new(sealed.report);
        flipped[0x2a0] ^= 1;
        let vcek = sealed.vcek.try_into().expect("it fits");
        let origin = RawOrigin::Authorized.into();
        assert_noop!(
            Attestation::register(origin, validator, flipped, vcek, ask_serial, block_number, signature),
            Error::<Test>::ReportSignature
        );
        assert_noop!(
            Machine::new(50).register(),
            DispatchError::Other(TransactionValidityError::from(InvalidTransaction::Payment).into())
        );
    });
}

#[test]
fn a_node_should_be_told_when_a_report_is_due() {
    execute(|| {
        let machine = Machine::new(1);
        let due = || Attestation::machine(&account(1)).expect("it has keys").due;
        assert_eq!(Attestation::machine(&account(99)), None);
        assert_eq!(due(), Some(ReportPurpose::Register));
        assert_ok!(machine.register());
        let view = Attestation::machine(&account(1)).expect("it has keys");
        assert_eq!((view.expires, view.lapse, view.due), (Some(10 + VALIDITY), None, None));
        run_to(33);
        assert_eq!(due(), None);
        run_to(34);
        assert_eq!(due(), Some(ReportPurpose::Renew));
        assert_ok!(machine.renew());
        assert_eq!(due(), None);
        // What policy refuses now may be accepted of a machine that was updated since.
        run_to(40);
        assert_ok!(Attestation::disable_release(tighten(), RELEASE));
        let view = Attestation::machine(&account(1)).expect("it has keys");
        assert_eq!(view.due, Some(ReportPurpose::Renew));
        assert!(String::from_utf8(view.lapse.expect("it lapsed")).expect("text").starts_with("refused: "));
        let data = |at| Attestation::report_data_at(&account(1), ReportPurpose::Renew, at);
        assert_eq!(data(39), Some(machine.data(ReportPurpose::Renew, 39)));
        assert_eq!(data(40), None, "the block is not hashed yet");
    });
}
