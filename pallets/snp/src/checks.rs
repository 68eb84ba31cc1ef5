//! The sixteen checks that policy makes of [`Claims`], in their order: cheap ones first, and first those without which
//! later ones mean nothing.

use crate::{
    anchors::{Anchor, DEVELOPMENT_CHIP_PREFIX},
    claims::Claims,
    policy::{BlockNumber, Floor, GuestPolicy, Masks, Platform, Policy, Release, ReleaseStatus},
    processor::{Cpuid, FirmwareVersion, Product, Tcb},
    refusal::{FirmwareKind, IdentityField, Refusal, TcbKind},
    report::SigningKey,
};

/// The last layout that this code reads.
const NEWEST_VERSION: u32 = 5;
/// The first layout whose PLATFORM_INFO says whether memory was checked for aliases.
const ALIAS_CHECK_VERSION: u32 = 3;
/// VMPL of a report that the host asked for (SNP_HV_REPORT_REQ).
const HOST: u32 = u32::MAX;
/// AMD's service dates certificates a little before or after the moment it makes them.
const DATING_TOLERANCE_SECONDS: u64 = 24 * 60 * 60;

/// A check. Its number is its place in the order, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The report's layout.
    Version = 1,
    /// A product, and a processor for which a floor is known.
    Product,
    /// A chip's own key signed, and the chip is named.
    SigningKey,
    /// The guest's most privileged level asked.
    Vmpl,
    /// What the host is allowed.
    GuestPolicy,
    /// How the platform is set up.
    Platform,
    /// All four TCB versions are at the floor.
    Tcb,
    /// Both firmware versions are at the floor.
    Firmware,
    /// Mitigations are on.
    Mitigations,
    /// A release that governance approved.
    Measurement,
    /// What the measurement does not cover is the release's.
    Identity,
    /// Bound to this validator, its keys and this moment.
    ReportData,
    /// One validator in one guest.
    ReportId,
    /// One validator on one chip, and none on a blocked one.
    Chip,
    /// Bound to a recent block.
    Freshness,
    /// The certificate is valid now, and its issuer not revoked.
    Certificate,
}

impl Check {
    /// All, in their order.
    pub const ALL: [Self; 16] = [
        Self::Version,
        Self::Product,
        Self::SigningKey,
        Self::Vmpl,
        Self::GuestPolicy,
        Self::Platform,
        Self::Tcb,
        Self::Firmware,
        Self::Mitigations,
        Self::Measurement,
        Self::Identity,
        Self::ReportData,
        Self::ReportId,
        Self::Chip,
        Self::Freshness,
        Self::Certificate,
    ];

    /// Its place in the order, from 1.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to object to.
    Passed,
    /// Refused.
    Refused(Refusal),
    /// The circumstances were not given: whoever decides must take this for a refusal.
    NotJudged,
}

impl From<Result<(), Refusal>> for Outcome {
    fn from(result: Result<(), Refusal>) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(refusal) => Self::Refused(refusal),
        }
    }
}

/// The release with the report's measurement.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseLookup<'a> {
    /// None where none has it.
    pub found: Option<&'a Release>,
    /// The current block.
    pub now: BlockNumber,
}

/// Whether a chip may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipStanding {
    /// It serves no other validator.
    Free,
    /// It serves another one.
    Taken,
    /// Governance refuses it.
    Blocked,
}

/// The block that a report is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    /// The block.
    pub number: BlockNumber,
    /// Whether the chain's block of that number has the hash given.
    pub is_ours: bool,
    /// The chain's block now.
    pub now: BlockNumber,
    /// The block that the validator's last report was bound to.
    pub last: Option<BlockNumber>,
}

/// What there is to know of the certificate's issuer and the time.
#[derive(Clone, Copy, Debug)]
pub struct CertificateStanding {
    /// Seconds since 1970.
    pub now: u64,
    /// Whether the ASK that signed is on its ARK's revocation list.
    pub is_ask_revoked: bool,
}

/// What checks need beside claims and policy. What is None here is not known, and the checks that need it do not pass.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The roots that this chain trusts.
    pub anchors: &'static [Anchor],
    /// Floors. Of a chain's, the one for the report's processor is enough.
    pub floors: &'a [(Cpuid, Floor)],
    /// The release.
    pub release: Option<ReleaseLookup<'a>>,
    /// What the report has to be bound to.
    pub report_data: Option<[u8; 64]>,
    /// Whether another validator has this report id.
    pub is_report_id_taken: Option<bool>,
    /// Whether the chip may serve.
    pub chip: Option<ChipStanding>,
    /// The block that the report is bound to.
    pub freshness: Option<Freshness>,
    /// Time and revocations.
    pub certificate: Option<CertificateStanding>,
}

impl Claims {
    /// All sixteen checks in their order, each made when it is asked for.
    pub fn judge<'a>(
        &'a self,
        policy: &'a Policy,
        circumstances: &'a Circumstances<'a>,
    ) -> impl Iterator<Item = (Check, Outcome)> + 'a {
        Check::ALL.into_iter().map(move |check| (check, self.judge_one(check, policy, circumstances)))
    }

    /// Passes only if every check does: what could not be judged is refused.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn require(&self, policy: &Policy, circumstances: &Circumstances<'_>) -> Result<(), Refusal> {
        self.judge(policy, circumstances).try_for_each(|(check, outcome)| match outcome {
            Outcome::Passed => Ok(()),
            Outcome::Refused(refusal) => Err(refusal),
            Outcome::NotJudged => Err(Refusal::NotJudged { check }),
        })
    }

    /// Judges claims again that [`Self::require`] once accepted, when policy or time may have changed. What they were
    /// bound to, and when, was judged then: these three checks alone may have no circumstances now.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn require_again(&self, policy: &Policy, circumstances: &Circumstances<'_>) -> Result<(), Refusal> {
        self.judge(policy, circumstances).try_for_each(|(check, outcome)| match (check, outcome) {
            (_, Outcome::Passed)
            | (Check::ReportData | Check::ReportId | Check::Freshness, Outcome::NotJudged) => Ok(()),
            (_, Outcome::Refused(refusal)) => Err(refusal),
            (_, Outcome::NotJudged) => Err(Refusal::NotJudged { check }),
        })
    }

    /// One check.
    pub fn judge_one(&self, check: Check, policy: &Policy, circumstances: &Circumstances<'_>) -> Outcome {
        match check {
            Check::Version => self.version(policy).into(),
            Check::Product => self.product(circumstances).into(),
            Check::SigningKey => self.signing_key().into(),
            Check::Vmpl => self.vmpl().into(),
            Check::GuestPolicy => self.guest_policy(policy).into(),
            Check::Platform => self.platform(policy),
            Check::Tcb => self.tcb(policy, circumstances),
            Check::Firmware => self.firmware(circumstances),
            Check::Mitigations => self.mitigations(policy).into(),
            Check::Measurement => known(circumstances.release, measurement),
            Check::Identity => match circumstances.release.and_then(|lookup| lookup.found) {
                Some(release) => self.identity(release).into(),
                None => Outcome::NotJudged,
            },
            Check::ReportData => known(circumstances.report_data, |bound| {
                ensure(self.report.report_data == bound, Refusal::ReportData)
            }),
            Check::ReportId => known(circumstances.is_report_id_taken, |is_taken| self.report_id(is_taken)),
            Check::Chip => known(circumstances.chip, chip),
            Check::Freshness => known(circumstances.freshness, |freshness| fresh(freshness, policy.max_age)),
            Check::Certificate => {
                known(circumstances.certificate.zip(self.validity), |(standing, validity)| {
                    let Claims { ask_serial: serial, .. } = *self;
                    let early = standing.now.saturating_add(DATING_TOLERANCE_SECONDS) < validity.not_before;
                    let over = standing.now.saturating_sub(DATING_TOLERANCE_SECONDS) > validity.not_after;
                    ensure(!early, Refusal::CertificateEarly)?;
                    ensure(!over, Refusal::CertificateOver)?;
                    ensure(!standing.is_ask_revoked, Refusal::AskRevoked { serial })
                })
            }
        }
    }

    fn version(&self, policy: &Policy) -> Result<(), Refusal> {
        let (version, least) = (self.report.version, policy.least_version.max(3));
        ensure((least..=NEWEST_VERSION).contains(&version), Refusal::Version { version, least })
    }

    fn product(&self, circumstances: &Circumstances<'_>) -> Result<(), Refusal> {
        let product = self.product;
        let anchor = circumstances.anchors.iter().find(|anchor| anchor.product == product);
        if let Some(reason) = anchor.map_or(Some("no root for it"), |anchor| anchor.refused) {
            return Err(Refusal::ProductRefused { product, reason });
        }
        let cpuid = self.report.cpuid.ok_or(Refusal::NoCpuid)?;
        exact_floor(cpuid, circumstances).map(|_| ()).ok_or(Refusal::NoFloor { cpuid })
    }

    fn signing_key(&self) -> Result<(), Refusal> {
        let report = &self.report;
        let is_development = report.chip_id.starts_with(DEVELOPMENT_CHIP_PREFIX);
        ensure(report.signing_key == SigningKey::Vcek, Refusal::SigningKey { key: report.signing_key })?;
        ensure(!report.chip_key_masked, Refusal::ChipKeyMasked)?;
        ensure(report.chip_id != [0; 64], Refusal::NoChip)?;
        ensure(is_development == (self.product == Product::Development), Refusal::DevelopmentChip)
    }

    fn vmpl(&self) -> Result<(), Refusal> {
        match self.report.vmpl {
            0 => Ok(()),
            HOST => Err(Refusal::HostRequested),
            vmpl => Err(Refusal::Vmpl { vmpl }),
        }
    }

    fn guest_policy(&self, rules: &Policy) -> Result<(), Refusal> {
        let policy = self.report.policy;
        let is_on = |bit| policy & bit != 0;
        ensure(!is_on(GuestPolicy::DEBUG), Refusal::Debug)?;
        ensure(!is_on(GuestPolicy::MIGRATE_MA), Refusal::MigrationAgent)?;
        ensure(!is_on(GuestPolicy::CXL_ALLOW), Refusal::Cxl)?;
        let is_sound = is_on(GuestPolicy::RESERVED_ONE) && !is_on(!GuestPolicy::KNOWN);
        ensure(is_sound, Refusal::PolicyReserved { policy })?;
        let [minor, major, ..] = policy.to_le_bytes();
        let FirmwareVersion { major: has_major, minor: has_minor, .. } = self.report.current_firmware;
        ensure((major, minor) <= (has_major, has_minor), Refusal::PolicyAbi { major, minor })?;
        let (missing, excess) = violations(policy, rules.guest);
        ensure(missing == 0, Refusal::PolicyRequired { bits: missing })?;
        ensure(excess == 0, Refusal::PolicyForbidden { bits: excess })
    }

    fn platform(&self, rules: &Policy) -> Outcome {
        let platform = self.report.platform_info;
        let is_checked = platform & Platform::ALIAS_CHECK_COMPLETE != 0;
        let unknown = platform & !Platform::KNOWN;
        let (missing, excess) = violations(platform, rules.platform);
        let judged = ensure(is_checked || self.report.version < ALIAS_CHECK_VERSION, Refusal::AliasCheck)
            .and_then(|()| ensure(unknown == 0, Refusal::PlatformUnknown { bits: unknown }))
            .and_then(|()| ensure(missing == 0, Refusal::PlatformRequired { bits: missing }))
            .and_then(|()| ensure(excess == 0, Refusal::PlatformForbidden { bits: excess }));
        match judged {
            // Before, the bit says nothing.
            Ok(()) if !is_checked => Outcome::NotJudged,
            judged => judged.into(),
        }
    }

    /// Each of the four is compared: the reported one alone can be lowered by the host, and the launch one tells which
    /// firmware the guest has lived through.
    fn tcb(&self, policy: &Policy, circumstances: &Circumstances<'_>) -> Outcome {
        let report = &self.report;
        let kinds = [
            (TcbKind::Current, report.current_tcb),
            (TcbKind::Reported, report.reported_tcb),
            (TcbKind::Committed, report.committed_tcb),
            (TcbKind::Launch, report.launch_tcb),
        ];
        self.at_floor(circumstances, |floor| {
            for (kind, raw) in kinds {
                let tcb = self.layout.read(raw).ok_or(Refusal::TcbReserved { kind })?;
                if let Some((part, found, floor)) = tcb.find(floor.tcb, |found, floor| found < floor) {
                    return Err(Refusal::Tcb { kind, part, found, floor });
                }
            }
            let is_committed = report.committed_tcb == report.current_tcb;
            ensure(is_committed || policy.provisional_firmware, Refusal::Provisional)
        })
    }

    fn firmware(&self, circumstances: &Circumstances<'_>) -> Outcome {
        let report = &self.report;
        let kinds = [
            (FirmwareKind::Current, report.current_firmware),
            (FirmwareKind::Committed, report.committed_firmware),
        ];
        self.at_floor(circumstances, |floor| {
            let floor = floor.firmware;
            kinds.into_iter().try_for_each(|(kind, found)| {
                ensure(found >= floor, Refusal::Firmware { kind, found, floor })
            })
        })
    }

    /// Compares with the floor of the processor. Where the report names none, with the least of its product's: what is
    /// below that is refused, what is not cannot be judged.
    fn at_floor(
        &self,
        circumstances: &Circumstances<'_>,
        compare: impl Fn(Floor) -> Result<(), Refusal>,
    ) -> Outcome {
        match self.report.cpuid {
            Some(cpuid) => known(exact_floor(cpuid, circumstances), compare),
            None => match known(least_floor(self.product, circumstances), compare) {
                Outcome::Passed => Outcome::NotJudged,
                outcome => outcome,
            },
        }
    }

    fn mitigations(&self, policy: &Policy) -> Result<(), Refusal> {
        let Some(mitigations) = self.report.mitigations else { return Ok(()) };
        let missing = policy.mitigations & !(mitigations.launch & mitigations.current);
        ensure(missing == 0, Refusal::Mitigations { bits: missing })
    }

    fn identity(&self, release: &Release) -> Result<(), Refusal> {
        let (report, identity) = (&self.report, &release.identity);
        [
            (IdentityField::HostData, report.host_data == identity.host_data),
            (IdentityField::FamilyId, report.family_id == identity.family_id),
            (IdentityField::ImageId, report.image_id == identity.image_id),
            (IdentityField::IdKeyDigest, report.id_key_digest == identity.id_key_digest),
            (IdentityField::AuthorKeyDigest, report.author_key_digest == identity.author_key_digest),
        ]
        .into_iter()
        .try_for_each(|(field, is_the_releases)| ensure(is_the_releases, Refusal::Identity { field }))
    }

    fn report_id(&self, is_taken: bool) -> Result<(), Refusal> {
        ensure(self.report.report_id != [0; 32], Refusal::NoReportId)?;
        ensure(!is_taken, Refusal::ReportIdTaken)
    }
}

fn ensure(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    holds.then_some(()).ok_or(refusal)
}

fn known<T>(value: Option<T>, judge: impl FnOnce(T) -> Result<(), Refusal>) -> Outcome {
    value.map_or(Outcome::NotJudged, |value| judge(value).into())
}

/// Bits that must be on and are off, and bits that must be off and are on.
const fn violations(bits: u64, masks: Masks) -> (u64, u64) {
    (masks.required & !bits, masks.forbidden & bits)
}

fn exact_floor(cpuid: Cpuid, circumstances: &Circumstances<'_>) -> Option<Floor> {
    circumstances.floors.iter().find(|(of, _)| *of == cpuid).map(|(_, floor)| *floor)
}

fn least_floor(product: Product, circumstances: &Circumstances<'_>) -> Option<Floor> {
    let anchor = circumstances.anchors.iter().find(|anchor| anchor.product == product)?;
    circumstances.floors.iter().filter(|(cpuid, _)| anchor.contains(*cpuid)).map(|(_, floor)| *floor).reduce(
        |a, b| Floor {
            tcb: Tcb {
                fmc: a.tcb.fmc.min(b.tcb.fmc),
                bootloader: a.tcb.bootloader.min(b.tcb.bootloader),
                tee: a.tcb.tee.min(b.tcb.tee),
                snp: a.tcb.snp.min(b.tcb.snp),
                microcode: a.tcb.microcode.min(b.tcb.microcode),
            },
            firmware: a.firmware.min(b.firmware),
        },
    )
}

fn measurement(lookup: ReleaseLookup<'_>) -> Result<(), Refusal> {
    let release = lookup.found.ok_or(Refusal::UnknownMeasurement)?;
    let id = release.id;
    match release.status {
        ReleaseStatus::Active => {}
        ReleaseStatus::Pending => return Err(Refusal::ReleasePending { id }),
        ReleaseStatus::Disabled => return Err(Refusal::ReleaseDisabled { id }),
    }
    ensure(lookup.now >= release.valid_from, Refusal::ReleaseEarly { id, from: release.valid_from })?;
    match release.valid_until {
        Some(until) => ensure(lookup.now <= until, Refusal::ReleaseOver { id, until }),
        None => Ok(()),
    }
}

fn chip(standing: ChipStanding) -> Result<(), Refusal> {
    match standing {
        ChipStanding::Free => Ok(()),
        ChipStanding::Taken => Err(Refusal::ChipTaken),
        ChipStanding::Blocked => Err(Refusal::ChipBlocked),
    }
}

fn fresh(freshness: Freshness, max_age: BlockNumber) -> Result<(), Refusal> {
    let Freshness { number, is_ours, now, last } = freshness;
    let age = now.checked_sub(number).ok_or(Refusal::Future { number, now })?;
    ensure(age <= max_age, Refusal::Stale { age, max_age })?;
    ensure(is_ours, Refusal::BlockHash { number })?;
    match last {
        Some(last) => ensure(number > last, Refusal::Replayed { number, last }),
        None => Ok(()),
    }
}
