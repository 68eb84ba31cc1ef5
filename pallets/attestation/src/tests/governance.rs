//! The fast track refuses more, and never accepts more.

use super::mock::*;
use crate::{BlockedChips, CurrentPolicy, Error, Floors, Releases};
use conclave_dev_roots::{CPUID, FLOOR};
use conclave_snp::{Cpuid, Floor, GuestPolicy, Masks, Policy, Release, ReleaseStatus, Tcb};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError::BadOrigin;

#[test]
fn the_fast_track_should_not_loosen_the_policy() {
    execute(|| {
        let strict = Policy {
            least_version: 5,
            guest: Masks { required: GuestPolicy::RAPL_DIS, forbidden: GuestPolicy::SMT },
            mitigations: 0b1110,
            max_age: 20,
            ..Policy::PRODUCTION
        };
        assert_ok!(Attestation::tighten_policy(tighten(), strict));
        assert_eq!(CurrentPolicy::<Test>::get(), strict);
        let looser = [
            Policy { least_version: 4, ..strict },
            Policy { guest: Masks { required: 0, ..strict.guest }, ..strict },
            Policy { guest: Masks { forbidden: 0, ..strict.guest }, ..strict },
            Policy { provisional_firmware: true, ..strict },
            Policy { mitigations: 0b110, ..strict },
            Policy { max_age: 21, ..strict },
        ];
        for policy in looser {
            assert_noop!(Attestation::tighten_policy(tighten(), policy), Error::<Test>::Loosens);
        }
        assert_noop!(Attestation::set_policy(tighten(), Policy::PRODUCTION), BadOrigin);
        assert_noop!(Attestation::tighten_policy(RuntimeOrigin::signed(account(1)), strict), BadOrigin);
        assert_ok!(Attestation::set_policy(loosen(), Policy::PRODUCTION));
    });
}

#[test]
fn the_fast_track_should_only_raise_floors() {
    execute(|| {
        let (_, floor) = FLOOR;
        let raised = Floor { tcb: Tcb { snp: 5, ..floor.tcb }, ..floor };
        let lowered = Floor { tcb: Tcb { snp: 9, microcode: 0, ..floor.tcb }, ..floor };
        let unknown = Cpuid { stepping: 1, ..CPUID };
        let raise = |cpuid, floor, at| Attestation::raise_floor(tighten(), cpuid, floor, at, [0; 32]);
        assert_noop!(raise(CPUID, lowered, 20), Error::<Test>::Loosens);
        assert_noop!(raise(unknown, raised, 20), Error::<Test>::UnknownFloor);
        assert_ok!(raise(CPUID, raised, 20));
        // Neither put off nor taken back.
        assert_noop!(raise(CPUID, raised, 21), Error::<Test>::Loosens);
        assert_noop!(raise(CPUID, floor, 20), Error::<Test>::Loosens);
        assert_ok!(raise(CPUID, raised, 15));
        run_to(15);
        assert_eq!(Floors::<Test>::get(CPUID).expect("a floor").at(now()), raised);
        assert_noop!(raise(CPUID, floor, 30), Error::<Test>::Loosens);
        assert_noop!(Attestation::set_floor(tighten(), CPUID, floor, [0; 32]), BadOrigin);
        assert_ok!(Attestation::set_floor(loosen(), CPUID, floor, [0; 32]));
        assert_ok!(Attestation::set_floor(loosen(), unknown, floor, [0; 32]));
        let third = Cpuid { stepping: 2, ..CPUID };
        assert_noop!(Attestation::set_floor(loosen(), third, floor, [0; 32]), Error::<Test>::TooManyFloors);
        let genoa = Cpuid { family: 0x19, model: 0x11, stepping: 1 };
        assert_noop!(
            Attestation::set_floor(loosen(), genoa, floor, [0; 32]),
            Error::<Test>::ForeignProcessor
        );
        assert_ok!(Attestation::remove_floor(tighten(), unknown));
        assert_noop!(Attestation::remove_floor(tighten(), unknown), Error::<Test>::UnknownFloor);
    });
}

#[test]
fn releases_should_have_all_their_measurements_disabled() {
    execute(|| {
        for vcpus in 1..=2 {
            let release = Release { vcpus, ..release(7, [vcpus as u8; 48]) };
            assert_ok!(Attestation::set_release(loosen(), Box::new(release)));
        }
        let moved = release(8, [1; 48]);
        assert_noop!(Attestation::set_release(loosen(), Box::new(moved)), Error::<Test>::ReleaseExists);
        assert_noop!(Attestation::set_release(tighten(), Box::new(moved)), BadOrigin);
        assert_noop!(Attestation::disable_release(tighten(), 9), Error::<Test>::UnknownRelease);
        assert_noop!(Attestation::forget_release(tighten(), [1; 48]), Error::<Test>::UnknownRelease);
        assert_ok!(Attestation::disable_release(tighten(), 7));
        let status = |measurement: [u8; 48]| Releases::<Test>::get(measurement).map(|release| release.status);
        assert_eq!(status([1; 48]), Some(ReleaseStatus::Disabled));
        assert_eq!(status([2; 48]), Some(ReleaseStatus::Disabled));
        assert_eq!(status(MEASUREMENT), Some(ReleaseStatus::Active));
        assert_ok!(Attestation::set_release(loosen(), Box::new(release(9, [9; 48]))));
        let fifth = release(10, [10; 48]);
        assert_noop!(Attestation::set_release(loosen(), Box::new(fifth)), Error::<Test>::TooManyReleases);
        assert_ok!(Attestation::forget_release(tighten(), [1; 48]));
        assert_eq!(status([1; 48]), None);
        assert_ok!(Attestation::set_release(loosen(), Box::new(fifth)));
    });
}

#[test]
fn chips_should_be_blocked_fast_and_unblocked_slowly() {
    execute(|| {
        assert_ok!(Attestation::block_chip(tighten(), [1; 64]));
        assert_noop!(Attestation::block_chip(tighten(), [1; 64]), Error::<Test>::AlreadyBlocked);
        assert_noop!(Attestation::unblock_chip(tighten(), [1; 64]), BadOrigin);
        assert_noop!(Attestation::unblock_chip(loosen(), [2; 64]), Error::<Test>::NotBlocked);
        assert_ok!(Attestation::block_chip(tighten(), [2; 64]));
        assert_noop!(Attestation::block_chip(tighten(), [3; 64]), Error::<Test>::TooManyBlocked);
        assert_ok!(Attestation::unblock_chip(loosen(), [1; 64]));
        assert_eq!(BlockedChips::<Test>::count(), 1);
        let chip = Machine::new(1).psp.chip_id();
        assert_ok!(Attestation::block_chip(tighten(), chip));
        assert_noop!(Machine::new(1).register(), Error::<Test>::ChipBlocked);
    });
}

#[test]
#[should_panic(expected = "of no product trusted here")]
fn a_genesis_for_amds_processors_should_not_become_a_development_chain() {
    let genesis = crate::GenesisConfig::<Test> {
        floors: vec![([0x19, 0x11, 1], [9, 0, 0x1b, 0x56, 0], [1, 55, 38])],
        ..Default::default()
    };
    sp_io::TestExternalities::default().execute_with(|| genesis.build_or_panic());
}

/// Safeguard 2: roots are a constant. What the chain can store and whom it can call are these, and none is a root.
#[test]
fn no_storage_and_no_call_should_change_the_roots() {
    use frame_support::traits::{GetCallName, PalletInfo as _};
    let calls = crate::Call::<Test>::get_call_names();
    let expected = [
        "register",
        "renew",
        "withdraw",
        "submit_ask",
        "submit_crl",
        "tighten_policy",
        "set_policy",
        "raise_floor",
        "set_floor",
        "remove_floor",
        "set_release",
        "disable_release",
        "forget_release",
        "block_chip",
        "unblock_chip",
    ];
    assert_eq!(calls, expected);
    execute(|| {
        let before = Machine::new(1).psp;
        assert_ok!(Attestation::set_policy(loosen(), Policy::PRODUCTION));
        // Whatever the storage of the pallet says, the roots are those of the runtime.
        let name = <Test as frame_system::Config>::PalletInfo::name::<Attestation>().expect("it is there");
        let prefix = sp_io::hashing::twox_128(name.as_bytes());
        let _ = sp_io::storage::clear_prefix(&prefix, None);
        let sealed = before.sign(&before.draft([0; 64])).expect("it signs");
        let outcome = Machine::new(1).submit(sealed, now() - 1);
        assert_eq!(outcome, Err(Error::<Test>::NoFloor.into()), "read under the root, without any storage");
    });
}

/// Safeguard 5: REPORT_DATA holds the hash of block 0.
#[test]
fn a_report_should_be_good_on_one_chain_only() {
    execute(|| {
        let machine = Machine::new(1);
        let sealed = machine.sealed(conclave_primitives::ReportPurpose::Register, now() - 1, |_| {});
        frame_system::BlockHash::<Test>::insert(0, sp_runtime::testing::H256([1; 32]));
        assert_noop!(machine.submit(sealed, now() - 1), Error::<Test>::ReportData);
    });
}
