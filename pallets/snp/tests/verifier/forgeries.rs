//! Evidence that is good but for one thing, each refused by its own error. The software PSP signs whatever it is told
//! to, so that everything else is right: no case fails because its signature is wrong, unless it is about that.

use conclave_dev_roots::{ARC, CPUID, FLOOR};
use conclave_snp::{
    BindingError, CertificateError, CertificateStanding, ChipStanding, Circumstances, Cpuid, DerError,
    Evidence, EvidenceError, Field, FirmwareKind, FirmwareVersion, Floor, Freshness, GuestPolicy, Identity,
    IdentityField, Masks, Mitigations, Platform, Policy, Product, Refusal, Release, ReleaseLookup,
    ReleaseStatus, Report, ReportError, SigningKey, TcbKind, TcbPart, AMD, REPORT_BYTES,
};
use conclave_soft_psp::{
    certificate::{Extension, Template},
    der::{element, identifier, integer, sequence},
    sign, unsigned, Guest, Network, SoftPsp,
};

const DATA: [u8; 64] = [0xda; 64];
const MEASUREMENT: [u8; 48] = [0x3e; 48];
/// 2026-11-22.
const NOW: u64 = 1_795_305_600;

/// Everything that decides, all of it good.
struct Forgery {
    network: Network,
    psp: SoftPsp,
    report: Report,
    template: Template,
    policy: Policy,
    floors: Vec<(Cpuid, Floor)>,
    release: Release,
    is_known: bool,
    bound: [u8; 64],
    is_report_id_taken: bool,
    chip: ChipStanding,
    freshness: Freshness,
    certificate: CertificateStanding,
    /// Changes the signed report.
    touch: fn(&mut [u8; REPORT_BYTES]),
}

impl Forgery {
    fn new() -> Self {
        let network = Network::DEV;
        let psp = SoftPsp::new(network, 1, Guest::new(MEASUREMENT, [1; 32]));
        Self {
            network,
            report: psp.draft(DATA),
            template: psp.template().unwrap(),
            psp,
            policy: Policy::PRODUCTION,
            floors: vec![FLOOR],
            release: Release {
                id: 3,
                measurement: MEASUREMENT,
                vcpus: 4,
                valid_from: 10,
                valid_until: Some(1000),
                status: ReleaseStatus::Active,
                source_digest: [0; 32],
                identity: Identity::default(),
            },
            is_known: true,
            bound: DATA,
            is_report_id_taken: false,
            chip: ChipStanding::Free,
            freshness: Freshness { number: 490, is_ours: true, now: 500, last: Some(400) },
            certificate: CertificateStanding { now: NOW, is_ask_revoked: false },
            touch: |_| {},
        }
    }

    fn judge(&self) -> Result<(), EvidenceError> {
        let mut report = unsigned(&self.report);
        sign(&mut report, &self.psp.key().unwrap()).unwrap();
        (self.touch)(&mut report);
        let vcek = self.template.issue(&self.network).unwrap();
        let anchor = Network::DEV.anchor();
        let circumstances = Circumstances {
            anchors: Network::DEV.anchors(),
            floors: &self.floors,
            release: Some(ReleaseLookup {
                found: self.is_known.then_some(&self.release),
                now: self.freshness.now,
            }),
            report_data: Some(self.bound),
            is_report_id_taken: Some(self.is_report_id_taken),
            chip: Some(self.chip),
            freshness: Some(self.freshness),
            certificate: Some(self.certificate),
        };
        Evidence::parse(&report, &vcek, Network::DEV.anchors())?
            .verify((anchor.ask, anchor.ask_serial), &self.policy, &circumstances)
            .map(|_| ())
    }

    fn extension(&mut self, suffix: &[u8]) -> &mut Extension {
        let wanted = [ARC, suffix].concat();
        self.template.extensions.iter_mut().find(|(oid, _, _)| *oid == wanted).expect("an extension it has")
    }

    fn set_tcb(&mut self, kind: TcbKind, at: usize, version: u8) {
        match kind {
            TcbKind::Current => self.report.current_tcb[at] = version,
            TcbKind::Reported => self.report.reported_tcb[at] = version,
            TcbKind::Committed => self.report.committed_tcb[at] = version,
            TcbKind::Launch => self.report.launch_tcb[at] = version,
        }
    }
}

type Case = (&'static str, fn(&mut Forgery), EvidenceError);

fn check(cases: &[Case]) {
    for (name, forge, expected) in cases {
        let mut forgery = Forgery::new();
        forge(&mut forgery);
        assert_eq!(forgery.judge(), Err(*expected), "{name}");
    }
    let mut errors: Vec<_> = cases.iter().map(|(_, _, error)| format!("{error:?}")).collect();
    errors.sort();
    errors.dedup();
    assert_eq!(errors.len(), cases.len(), "each case has its own error");
}

const fn refused(refusal: Refusal) -> EvidenceError {
    EvidenceError::Refusal(refusal)
}

const fn certificate(error: CertificateError) -> EvidenceError {
    EvidenceError::Certificate(error)
}

#[test]
fn what_nothing_is_wrong_with_should_be_accepted() {
    assert_eq!(Forgery::new().judge(), Ok(()));
}

#[test]
fn versions_products_keys_and_levels_should_be_refused() {
    check(&[
        (
            "old layout",
            |f| (f.report.version, f.report.cpuid, f.report.mitigations) = (2, None, None),
            refused(Refusal::Version { version: 2, least: 3 }),
        ),
        (
            "layout below the policy's",
            |f| {
                (f.report.version, f.report.mitigations) = (3, None);
                f.policy.least_version = 5;
            },
            refused(Refusal::Version { version: 3, least: 5 }),
        ),
        ("no floor", |f| f.floors.clear(), refused(Refusal::NoFloor { cpuid: CPUID })),
        (
            "unknown stepping",
            |f| f.report.cpuid = Some(Cpuid { stepping: 9, ..CPUID }),
            refused(Refusal::NoFloor { cpuid: Cpuid { stepping: 9, ..CPUID } }),
        ),
        (
            "VLEK",
            |f| f.report.signing_key = SigningKey::Vlek,
            refused(Refusal::SigningKey { key: SigningKey::Vlek }),
        ),
        (
            "unsigned",
            |f| f.report.signing_key = SigningKey::None,
            refused(Refusal::SigningKey { key: SigningKey::None }),
        ),
        (
            "a key without meaning",
            |f| f.report.signing_key = SigningKey::Unknown(5),
            refused(Refusal::SigningKey { key: SigningKey::Unknown(5) }),
        ),
        ("masked chip key", |f| f.report.chip_key_masked = true, refused(Refusal::ChipKeyMasked)),
        (
            "chip of zeros",
            |f| {
                f.report.chip_id = [0; 64];
                f.extension(&[4]).2 = vec![0; 64];
            },
            refused(Refusal::NoChip),
        ),
        (
            "a real chip's id under a development root",
            |f| {
                f.report.chip_id = [0x5a; 64];
                f.extension(&[4]).2 = vec![0x5a; 64];
            },
            refused(Refusal::DevelopmentChip),
        ),
        ("VMPL 1", |f| f.report.vmpl = 1, refused(Refusal::Vmpl { vmpl: 1 })),
        ("asked for by the host", |f| f.report.vmpl = u32::MAX, refused(Refusal::HostRequested)),
    ]);
}

#[test]
fn guest_policies_and_platforms_should_be_refused() {
    const HIDING: u64 = GuestPolicy::CIPHERTEXT_HIDING | GuestPolicy::PAGE_SWAP_DISABLE;
    check(&[
        ("debug", |f| f.report.policy |= GuestPolicy::DEBUG, refused(Refusal::Debug)),
        ("migration agent", |f| f.report.policy |= GuestPolicy::MIGRATE_MA, refused(Refusal::MigrationAgent)),
        ("CXL", |f| f.report.policy |= GuestPolicy::CXL_ALLOW, refused(Refusal::Cxl)),
        ("bit 17 off", |f| f.report.policy = 0, refused(Refusal::PolicyReserved { policy: 0 })),
        (
            "bit 26 on",
            |f| f.report.policy |= 1 << 26,
            refused(Refusal::PolicyReserved { policy: GuestPolicy::RESERVED_ONE | 1 << 26 }),
        ),
        (
            "ABI 1.56 on firmware 1.55",
            |f| f.report.policy |= 0x0138,
            refused(Refusal::PolicyAbi { major: 1, minor: 0x38 }),
        ),
        (
            "no hiding where it is asked for",
            |f| f.policy.guest = Masks { required: HIDING, forbidden: 0 },
            refused(Refusal::PolicyRequired { bits: HIDING }),
        ),
        (
            "SMT where it is forbidden",
            |f| {
                f.policy.guest = Masks { required: 0, forbidden: GuestPolicy::SMT };
                f.report.policy |= GuestPolicy::SMT;
            },
            refused(Refusal::PolicyForbidden { bits: GuestPolicy::SMT }),
        ),
        ("no alias check", |f| f.report.platform_info = 0, refused(Refusal::AliasCheck)),
        (
            "platform bit 8",
            |f| f.report.platform_info |= 1 << 8,
            refused(Refusal::PlatformUnknown { bits: 1 << 8 }),
        ),
        (
            "no ECC where it is asked for",
            |f| f.policy.platform.required = Platform::ECC_EN,
            refused(Refusal::PlatformRequired { bits: Platform::ECC_EN }),
        ),
        (
            "sibling threads where they are forbidden",
            |f| {
                f.policy.platform.forbidden = Platform::SMT_EN;
                f.report.platform_info |= Platform::SMT_EN;
            },
            refused(Refusal::PlatformForbidden { bits: Platform::SMT_EN }),
        ),
    ]);
}

#[test]
fn old_firmware_should_be_refused() {
    let below = |kind, part| refused(Refusal::Tcb { kind, part, found: 0, floor: 1 });
    check(&[
        ("current", |f| f.set_tcb(TcbKind::Current, 0, 0), below(TcbKind::Current, TcbPart::Bootloader)),
        (
            "reported, certified",
            |f| {
                f.set_tcb(TcbKind::Reported, 6, 0);
                f.extension(&[3, 3]).2 = integer(0);
            },
            below(TcbKind::Reported, TcbPart::Snp),
        ),
        ("committed", |f| f.set_tcb(TcbKind::Committed, 7, 0), below(TcbKind::Committed, TcbPart::Microcode)),
        ("launch", |f| f.set_tcb(TcbKind::Launch, 0, 0), below(TcbKind::Launch, TcbPart::Bootloader)),
        (
            "reserved byte",
            |f| f.set_tcb(TcbKind::Launch, 3, 1),
            refused(Refusal::TcbReserved { kind: TcbKind::Launch }),
        ),
        ("provisional", |f| f.set_tcb(TcbKind::Current, 6, 2), refused(Refusal::Provisional)),
        (
            "firmware",
            |f| f.report.current_firmware.minor = 54,
            refused(Refusal::Firmware {
                kind: FirmwareKind::Current,
                found: FirmwareVersion { major: 1, minor: 54, build: 40 },
                floor: FirmwareVersion { major: 1, minor: 55, build: 0 },
            }),
        ),
        (
            "firmware it can go back to",
            |f| f.report.committed_firmware.major = 0,
            refused(Refusal::Firmware {
                kind: FirmwareKind::Committed,
                found: FirmwareVersion { major: 0, minor: 55, build: 40 },
                floor: FirmwareVersion { major: 1, minor: 55, build: 0 },
            }),
        ),
        (
            "mitigation that was off at launch",
            |f| f.report.mitigations = Some(Mitigations { launch: 0b010, current: 0b110 }),
            refused(Refusal::Mitigations { bits: 0b100 }),
        ),
        (
            "mitigation that is off now",
            |f| f.report.mitigations = Some(Mitigations { launch: u64::MAX, current: 0b100 }),
            refused(Refusal::Mitigations { bits: 0b010 }),
        ),
        // Old firmware writes any version into a report, and signs with its own key.
        (
            "reported, not certified",
            |f| f.extension(&[3, 8]).2 = integer(0),
            EvidenceError::Binding(BindingError::Tcb { part: TcbPart::Microcode, reported: 1, certified: 0 }),
        ),
    ]);
}

#[test]
fn other_images_should_be_refused() {
    let identity = |field| refused(Refusal::Identity { field });
    check(&[
        ("unknown", |f| f.is_known = false, refused(Refusal::UnknownMeasurement)),
        (
            "pending",
            |f| f.release.status = ReleaseStatus::Pending,
            refused(Refusal::ReleasePending { id: 3 }),
        ),
        (
            "disabled",
            |f| f.release.status = ReleaseStatus::Disabled,
            refused(Refusal::ReleaseDisabled { id: 3 }),
        ),
        ("too early", |f| f.release.valid_from = 501, refused(Refusal::ReleaseEarly { id: 3, from: 501 })),
        (
            "too late",
            |f| f.release.valid_until = Some(499),
            refused(Refusal::ReleaseOver { id: 3, until: 499 }),
        ),
        ("host data", |f| f.report.host_data[0] = 1, identity(IdentityField::HostData)),
        ("family id", |f| f.report.family_id[0] = 1, identity(IdentityField::FamilyId)),
        ("image id", |f| f.report.image_id[15] = 1, identity(IdentityField::ImageId)),
        ("id key", |f| f.release.identity.id_key_digest[0] = 1, identity(IdentityField::IdKeyDigest)),
        ("author key", |f| f.report.author_key_digest[47] = 1, identity(IdentityField::AuthorKeyDigest)),
    ]);
}

#[test]
fn replays_and_stale_reports_should_be_refused() {
    check(&[
        ("bound to another", |f| f.bound[63] ^= 1, refused(Refusal::ReportData)),
        ("no guest", |f| f.report.report_id = [0; 32], refused(Refusal::NoReportId)),
        ("another's guest", |f| f.is_report_id_taken = true, refused(Refusal::ReportIdTaken)),
        ("another's chip", |f| f.chip = ChipStanding::Taken, refused(Refusal::ChipTaken)),
        ("blocked chip", |f| f.chip = ChipStanding::Blocked, refused(Refusal::ChipBlocked)),
        ("future", |f| f.freshness.number = 501, refused(Refusal::Future { number: 501, now: 500 })),
        ("stale", |f| f.freshness.number = 449, refused(Refusal::Stale { age: 51, max_age: 50 })),
        ("another fork", |f| f.freshness.is_ours = false, refused(Refusal::BlockHash { number: 490 })),
        (
            "not newer than the last",
            |f| f.freshness.last = Some(490),
            refused(Refusal::Replayed { number: 490, last: 490 }),
        ),
        (
            "certificate too early",
            |f| f.template.not_before = "261123000001Z".into(),
            refused(Refusal::CertificateEarly),
        ),
        (
            "certificate too late",
            |f| f.template.not_after = "261120235959Z".into(),
            refused(Refusal::CertificateOver),
        ),
        (
            "ASK revoked",
            |f| f.certificate.is_ask_revoked = true,
            refused(Refusal::AskRevoked { serial: 0x0d_0001 }),
        ),
    ]);
}

#[test]
fn certificates_within_a_day_of_their_time_should_be_accepted() {
    let mut forgery = Forgery::new();
    forgery.template.not_before = "261123000000Z".into();
    assert_eq!(forgery.judge(), Ok(()));
    forgery.template.not_before = "260101000000Z".into();
    forgery.template.not_after = "261121000000Z".into();
    assert_eq!(forgery.judge(), Ok(()));
}

#[test]
fn other_roots_and_keys_should_be_refused() {
    check(&[
        (
            "another network's root",
            |f| {
                f.network = Network::LOCAL;
                f.template.issuer = Network::LOCAL.anchor().ask_name.into();
            },
            certificate(CertificateError::UntrustedRoot),
        ),
        (
            "another network's signature under our name",
            |f| f.network = Network::LOCAL,
            EvidenceError::CertificateSignature,
        ),
        (
            "another chip's key",
            |f| f.psp = SoftPsp::new(Network::DEV, 2, Guest::new(MEASUREMENT, [1; 32])),
            EvidenceError::ReportSignature,
        ),
        (
            "another chip's certificate",
            |f| {
                f.template =
                    SoftPsp::new(Network::DEV, 2, Guest::new(MEASUREMENT, [1; 32])).template().unwrap()
            },
            EvidenceError::Binding(BindingError::HardwareId),
        ),
        (
            "another product's processor",
            |f| f.report.cpuid = Some(Cpuid { family: 0x19, model: 0x11, stepping: 1 }),
            EvidenceError::Binding(BindingError::Product {
                cpuid: Cpuid { family: 0x19, model: 0x11, stepping: 1 },
            }),
        ),
        (
            "reserved byte of the reported TCB",
            |f| f.set_tcb(TcbKind::Reported, 2, 1),
            EvidenceError::Binding(BindingError::TcbLayout),
        ),
        (
            "AMD's arc",
            |f| {
                for (oid, _, _) in &mut f.template.extensions {
                    *oid = [AMD[1].arc, &oid[ARC.len()..]].concat();
                }
            },
            certificate(CertificateError::Missing { field: Field::ProductName }),
        ),
        (
            "AMD's product",
            |f| f.extension(&[2]).2 = element(0x16, "Genoa"),
            certificate(CertificateError::Value { field: Field::ProductName }),
        ),
    ]);
}

#[test]
fn mangled_certificates_should_be_refused() {
    let value = |field| certificate(CertificateError::Value { field });
    let der = |field, error| certificate(CertificateError::Der { field, error });
    let missing = |field| certificate(CertificateError::Missing { field });
    let duplicate = |field| certificate(CertificateError::Duplicate { field });
    fn without(f: &mut Forgery, suffix: &[u8]) {
        let wanted = [ARC, suffix].concat();
        f.template.extensions.retain(|(oid, _, _)| *oid != wanted);
    }
    fn twice(f: &mut Forgery, suffix: &[u8]) {
        let copy = f.extension(suffix).clone();
        f.template.extensions.push(copy);
    }
    check(&[
        ("version 1", |f| f.template.version = 0, value(Field::Version)),
        ("VLEK", |f| f.template.subject = "SEV-VLEK".into(), certificate(CertificateError::Vlek)),
        ("not a VCEK", |f| f.template.subject = "SEV-VCEX".into(), value(Field::Subject)),
        ("no date", |f| f.template.not_after = "261322000000Z".into(), value(Field::Validity)),
        (
            "another algorithm",
            |f| f.template.algorithms = [rsa_sha384(), rsa_sha384()],
            certificate(CertificateError::SignatureAlgorithm),
        ),
        (
            "a point of another curve",
            |f| {
                f.template.key_algorithm = sequence(&[
                    identifier(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]),
                    identifier(&[0x2b, 0x81, 0x04, 0x00, 0x0a]),
                ])
            },
            value(Field::PublicKey),
        ),
        ("no structVersion", |f| without(f, &[1]), missing(Field::StructVersion)),
        ("no productName", |f| without(f, &[2]), missing(Field::ProductName)),
        ("no blSPL", |f| without(f, &[3, 1]), missing(Field::BootloaderSpl)),
        ("no teeSPL", |f| without(f, &[3, 2]), missing(Field::TeeSpl)),
        ("no snpSPL", |f| without(f, &[3, 3]), missing(Field::SnpSpl)),
        ("no ucodeSPL", |f| without(f, &[3, 8]), missing(Field::MicrocodeSpl)),
        ("no hwID", |f| without(f, &[4]), missing(Field::HardwareId)),
        ("two of hwID", |f| twice(f, &[4]), duplicate(Field::HardwareId)),
        ("two of snpSPL", |f| twice(f, &[3, 3]), duplicate(Field::SnpSpl)),
        ("two of productName", |f| twice(f, &[2]), duplicate(Field::ProductName)),
        ("two spares", |f| twice(f, &[3, 5]), duplicate(Field::Extensions)),
        ("a spare in use", |f| f.extension(&[3, 6]).2 = integer(1), value(Field::SpareSpl)),
        ("an SPL of 256", |f| f.extension(&[3, 2]).2 = integer(256), value(Field::TeeSpl)),
        (
            "a negative SPL",
            |f| f.extension(&[3, 1]).2 = vec![2, 1, 0xdb],
            der(Field::BootloaderSpl, DerError::Integer),
        ),
        (
            "an SPL in two bytes",
            |f| f.extension(&[3, 8]).2 = vec![2, 2, 0, 1],
            der(Field::MicrocodeSpl, DerError::Integer),
        ),
        ("bytes after an SPL", |f| f.extension(&[3, 3]).2.push(0), der(Field::SnpSpl, DerError::LeftOver)),
        (
            "fmcSPL before Turin",
            |f| f.template.extensions.push(([ARC, &[3, 9]].concat(), false, integer(1))),
            value(Field::FmcSpl),
        ),
        (
            "productName in UTF-8",
            |f| f.extension(&[2]).2 = element(0x0c, "DEV-SNP"),
            der(Field::ProductName, DerError::Tag { expected: 0x16, found: 0x0c }),
        ),
        (
            "productName with a suffix",
            |f| f.extension(&[2]).2 = element(0x16, "DEV-SNPX"),
            value(Field::ProductName),
        ),
        (
            "hwID of 63 bytes in 65",
            |f| f.extension(&[4]).2 = element(0x04, [1; 63]),
            value(Field::HardwareId),
        ),
        (
            "hwID of 65 bytes",
            |f| f.extension(&[4]).2 = vec![4; 65],
            der(Field::HardwareId, DerError::LeftOver),
        ),
        (
            "unknown, critical",
            |f| f.template.extensions.push((vec![0x2a, 0x03], true, vec![])),
            certificate(CertificateError::UnknownCritical),
        ),
        (
            "too many",
            |f| f.template.extensions.extend((0..32).map(|n| (vec![0x2a, n], false, vec![]))),
            value(Field::Extensions),
        ),
    ]);
}

#[test]
fn certificates_of_either_shape_should_be_accepted() {
    let accepts = |forge: fn(&mut Forgery)| {
        let mut forgery = Forgery::new();
        forge(&mut forgery);
        assert_eq!(forgery.judge(), Ok(()));
    };
    // hwID wrapped in an octet string, as some certificates have it: `04 40` and the bytes.
    accepts(|f| {
        let (_, _, contents) = f.extension(&[4]);
        *contents = element(0x04, &*contents);
    });
    // The trailer's default written out, as AMD's older certificates have it.
    accepts(|f| {
        let explicit = explicit_trailer();
        f.template.algorithms = [explicit.clone(), explicit];
    });
    accepts(|f| f.extension(&[2]).2 = element(0x16, "DEV-SNP-B0"));
    accepts(|f| f.template.extensions.push((vec![0x2a, 0x03], false, vec![])));
    accepts(|f| f.extension(&[4]).1 = true);
}

#[test]
fn mangled_reports_should_be_refused() {
    let report = EvidenceError::Report;
    check(&[
        ("version 6", |f| f.touch = |r| r[0] = 6, report(ReportError::Version { found: 6 })),
        ("version 1", |f| f.touch = |r| r[0] = 1, report(ReportError::Version { found: 1 })),
        ("algorithm 2", |f| f.touch = |r| r[0x34] = 2, report(ReportError::SignatureAlgorithm { found: 2 })),
        (
            "high bits of the keys",
            |f| f.touch = |r| r[0x48] = 0x20,
            report(ReportError::Reserved { from: 0x48, to: 0x4c }),
        ),
        (
            "after the keys",
            |f| f.touch = |r| r[0x4f] = 1,
            report(ReportError::Reserved { from: 0x4c, to: 0x50 }),
        ),
        (
            "after CPUID",
            |f| f.touch = |r| r[0x18b] = 1,
            report(ReportError::Reserved { from: 0x18b, to: 0x1a0 }),
        ),
        (
            "after current firmware",
            |f| f.touch = |r| r[0x1eb] = 1,
            report(ReportError::Reserved { from: 0x1eb, to: 0x1ec }),
        ),
        (
            "after committed firmware",
            |f| f.touch = |r| r[0x1ef] = 1,
            report(ReportError::Reserved { from: 0x1ef, to: 0x1f0 }),
        ),
        (
            "before the signature",
            |f| f.touch = |r| r[0x29f] = 1,
            report(ReportError::Reserved { from: 0x208, to: 0x2a0 }),
        ),
        ("signature's reserved bytes", |f| f.touch = |r| r[0x49f] = 1, report(ReportError::SignaturePadding)),
        (
            "mitigations in version 4",
            |f| (f.report.version, f.report.mitigations) = (4, Some(Mitigations { launch: 1, current: 1 })),
            report(ReportError::Reserved { from: 0x1f8, to: 0x2a0 }),
        ),
        (
            "CPUID in version 2",
            |f| (f.report.version, f.report.mitigations) = (2, None),
            report(ReportError::Reserved { from: 0x188, to: 0x1a0 }),
        ),
        ("signature of zeros", |f| f.touch = |r| r[0x2a0..0x330].fill(0), EvidenceError::ReportSignature),
    ]);
    for padding in [0x2d0, 0x2e7, 0x318, 0x32f, 0x330] {
        let mut bytes = unsigned(&Forgery::new().report);
        bytes[padding] = 1;
        assert_eq!(Report::parse(&bytes), Err(ReportError::SignaturePadding), "{padding:#x}");
    }
}

/// Anybody can make (r, n - s) of (r, s): both are valid, and what a report is known by is the same.
#[test]
fn a_report_should_be_known_by_what_is_signed() {
    let psp = SoftPsp::new(Network::DEV, 1, Guest::new(MEASUREMENT, [1; 32]));
    let sealed = psp.sign(&psp.draft(DATA)).unwrap();
    let mut s = [0; 48];
    s.copy_from_slice(&sealed.report[0x2e8..0x318]);
    s.reverse();
    let s = -p384::NonZeroScalar::try_from(&s[..]).unwrap();
    let mut other = sealed.report;
    other[0x2e8..0x318].iter_mut().rev().zip(s.to_bytes()).for_each(|(to, from)| *to = from);
    assert_ne!(other, sealed.report);
    let [first, second] = [&sealed.report, &other]
        .map(|report| Evidence::parse(report, &sealed.vcek, Network::DEV.anchors()).unwrap());
    assert!(first.is_signed() && second.is_signed());
    assert_eq!(first.digest(), second.digest());
}

#[test]
fn a_development_report_should_find_no_root_in_production() {
    let psp = SoftPsp::new(Network::DEV, 1, Guest::new(MEASUREMENT, [1; 32]));
    let sealed = psp.sign(&psp.draft(DATA)).unwrap();
    let refused = Evidence::parse(&sealed.report, &sealed.vcek, &AMD).map(|_| ());
    assert_eq!(refused, Err(EvidenceError::Certificate(CertificateError::UntrustedRoot)));
    // Not under AMD's names either: nobody but AMD's ASK signs those.
    let mut template = psp.template().unwrap();
    template.issuer = "SEV-Genoa".into();
    for (oid, _, _) in &mut template.extensions {
        *oid = [AMD[1].arc, &oid[ARC.len()..]].concat();
    }
    let product = |f: &mut Template, name: &str| f.extensions[1].2 = element(0x16, name);
    let vcek = template.issue(&Network::DEV).unwrap();
    let refused = Evidence::parse(&sealed.report, &vcek, &AMD).map(|_| ());
    assert_eq!(refused, Err(certificate(CertificateError::Value { field: Field::ProductName })));
    product(&mut template, "Genoa");
    let vcek = template.issue(&Network::DEV).unwrap();
    let evidence = Evidence::parse(&sealed.report, &vcek, &AMD).unwrap();
    assert!(matches!(evidence.bind(), Err(BindingError::Product { .. })));
    assert!(!evidence.is_certified_by(AMD[1].ask));
    let claims = evidence.claims(AMD[1].ask_serial);
    assert_eq!(claims.product, Product::Genoa);
    let outcome =
        claims.judge_one(conclave_snp::Check::SigningKey, &Policy::PRODUCTION, &crate::real::offline());
    assert_eq!(outcome, conclave_snp::Outcome::Refused(Refusal::DevelopmentChip));
}

fn rsa_sha384() -> Vec<u8> {
    // sha384WithRSAEncryption, with parameters that read as far as those of PSS do.
    let pss = conclave_soft_psp::certificate::pss_sha384();
    let mut other = pss;
    let at = other.windows(9).position(|oid| oid.ends_with(&[0x01, 0x01, 0x0a])).unwrap() + 8;
    other[at] = 0x0c;
    other
}

fn explicit_trailer() -> Vec<u8> {
    let pss = conclave_soft_psp::certificate::pss_sha384();
    // SEQUENCE { OID (11 bytes), SEQUENCE { parameters } }
    let (oid, parameters) = pss[2..].split_at(11);
    let parameters = [&parameters[2..], &element(0xa3, integer(1))].concat();
    sequence(&[oid.to_vec(), element(0x30, parameters)])
}
