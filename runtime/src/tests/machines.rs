//! Attested validators, and that nobody else is in a committee. What a chip signs is not to be had here: the claims stand
//! in storage as if they had been verified, and are judged by the policy and the floors that a chain begins with.

use super::must_start;
use crate::{
    genesis_presets::LOCAL, AccountId, Attestation, Balance, Committee, Executive, Header, Runtime, Session,
    System, MINUTES,
};
use conclave_primitives::{AdmitMembers, ReportPurpose};
use conclave_snp::{
    Anchor, Claims, FirmwareVersion, Floor, GuestPolicy, Identity, Mitigations, Platform, Release,
    ReleaseStatus, Report, SigningKey, Validity, DEVELOPMENT_CHIP_PREFIX,
};
use pallet_attestation::{Attestations, ChipOwner, Releases, ReportIdOwner};
use pallet_committee::{DealingKey, RegisteredKeys, WorkerKeysOf};
use sp_runtime::traits::Header as _;

const MEASUREMENT: [u8; 48] = [0x3e; 48];

/// As if the validator had registered a machine of its own, of the last product that is trusted.
pub(super) fn attest(validator: &AccountId, number: u8) {
    let anchor = roots::anchors().iter().rfind(|anchor| anchor.refused.is_none()).expect("one is accepted");
    let (cpuid, Floor { tcb, firmware }) = *roots::FLOORS.last().expect("it has a floor");
    assert!(anchor.contains(cpuid));
    let tcb = anchor.layout.write(tcb);
    let firmware = FirmwareVersion { build: firmware.build.saturating_add(40), ..firmware };
    let report = Report {
        version: 5,
        guest_svn: 0,
        policy: GuestPolicy::RESERVED_ONE,
        family_id: [0; 16],
        image_id: [0; 16],
        vmpl: 0,
        current_tcb: tcb,
        platform_info: Platform::ALIAS_CHECK_COMPLETE,
        author_key_enabled: false,
        chip_key_masked: false,
        signing_key: SigningKey::Vcek,
        report_data: [0; 64],
        measurement: MEASUREMENT,
        host_data: [0; 32],
        id_key_digest: [0; 48],
        author_key_digest: [0; 48],
        report_id: [number; 32],
        report_id_ma: [0xff; 32],
        reported_tcb: tcb,
        cpuid: Some(cpuid),
        chip_id: chip(anchor, number),
        committed_tcb: tcb,
        current_firmware: firmware,
        committed_firmware: firmware,
        launch_tcb: tcb,
        mitigations: Some(Mitigations { launch: 0b110, current: 0b110 }),
    };
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
    let claims = Claims {
        product: anchor.product,
        layout: anchor.layout,
        validity: Some(Validity { not_before: 0, not_after: u64::MAX / 2 }),
        ask_serial: anchor.ask_serial,
        report,
    };
    Releases::<Runtime>::insert(MEASUREMENT, release);
    ChipOwner::<Runtime>::insert(claims.report.chip_id, validator);
    ReportIdOwner::<Runtime>::insert(claims.report.report_id, validator);
    let keys = Attestation::keys_of(validator).expect("it has session keys and worker keys");
    let attestation = pallet_attestation::Attestation {
        claims,
        digest: [number; 48],
        bound_to: 0,
        expires: 100,
        keys,
        deposit: 0,
    };
    Attestations::<Runtime>::insert(validator, attestation);
}

/// Chips of the software PSP are marked, and those of production must not be.
fn chip(anchor: &Anchor, number: u8) -> [u8; 64] {
    let mut chip = [number; 64];
    if anchor.is_development() {
        chip.iter_mut().zip(DEVELOPMENT_CHIP_PREFIX).for_each(|(to, from)| *to = *from);
    }
    chip
}

pub(super) fn attest_all() {
    for (number, validator) in (1..).zip(Session::validators()) {
        attest(&validator, number);
        assert_eq!(Attestation::standing(&validator), Ok(()));
    }
}

/// Each worker's encryption key serves as its dealing key here, in every attempt.
pub(super) fn provide_dealing_keys() {
    WorkerKeysOf::<Runtime>::translate_values(|registered: RegisteredKeys<Balance>| {
        let dealing_key = DealingKey { public: registered.keys.encryption, is_used: false };
        Some(RegisteredKeys { dealing_key: Some(dealing_key), ..registered })
    });
}

fn begin_block(number: u32) {
    System::set_block_number(number - 1);
    let parent = System::parent_hash();
    let digest = Default::default();
    Executive::initialize_block(&Header::new(number, Default::default(), Default::default(), parent, digest));
}

#[test]
fn no_key_should_be_made_by_machines_that_nobody_saw() {
    must_start(LOCAL).execute_with(|| {
        let validators = Session::validators();
        assert!(Attestation::admit(validators.clone()).is_empty());
        begin_block(1);
        assert_eq!(Committee::attempt(), None);
        let machine = Attestation::machine(&validators[0]).expect("it has keys");
        assert_eq!(machine.due, Some(ReportPurpose::Register));
        assert_eq!(machine.session_keys.len(), 96);
    });
}

#[test]
fn keys_should_be_made_of_all_who_prove_their_machines_in_time_and_then_without_the_rest() {
    let attempt_at = |number, attested: usize| {
        must_start(LOCAL).execute_with(|| {
            provide_dealing_keys();
            let validators = Session::validators();
            for (number, validator) in (1..).zip(validators.iter().take(attested)) {
                attest(validator, number);
            }
            assert_eq!(Attestation::admit(validators).len(), attested);
            begin_block(number);
            Committee::attempt().map(|attempt| attempt.members.len())
        })
    };
    assert_eq!(attempt_at(1, 4), Some(4));
    assert_eq!(attempt_at(MINUTES, 3), None);
    assert_eq!(attempt_at(MINUTES + 1, 3), Some(3));
    assert_eq!(attempt_at(MINUTES + 1, 2), None);
}
