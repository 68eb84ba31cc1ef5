//! The reasons for which policy refuses.

use crate::{
    policy::BlockNumber,
    processor::{Cpuid, FirmwareVersion, TcbPart},
    report::SigningKey,
};

/// Which of a report's four TCB versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TcbKind {
    /// What runs now.
    #[error("current")]
    Current,
    /// What the key was derived from; the host may lower it.
    #[error("reported")]
    Reported,
    /// What the platform does not go back behind.
    #[error("committed")]
    Committed,
    /// What ran when the guest was launched: the least that it has lived through.
    #[error("launch")]
    Launch,
}

/// Which firmware version of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FirmwareKind {
    /// What runs now.
    #[error("current")]
    Current,
    /// What the platform does not go back behind.
    #[error("committed")]
    Committed,
}

/// A field that is signed without being measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the names are those of `Identity`")]
pub enum IdentityField {
    #[error("HOST_DATA")]
    HostData,
    #[error("FAMILY_ID")]
    FamilyId,
    #[error("IMAGE_ID")]
    ImageId,
    #[error("ID_KEY_DIGEST")]
    IdKeyDigest,
    #[error("AUTHOR_KEY_DIGEST")]
    AuthorKeyDigest,
}

/// Why a machine is refused. In the order of the checks; each says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// 1: the report's layout is too old, or newer than this code.
    #[error("VERSION {version}: expected {least} to 5")]
    Version {
        /// VERSION.
        version: u32,
        /// The policy's.
        least: u32,
    },
    /// 2: nothing under this root is accepted.
    #[error("product {product:?}: {reason}")]
    ProductRefused {
        /// The family.
        product: crate::Product,
        /// Why.
        reason: &'static str,
    },
    /// 2: the report names no processor.
    #[error("product: the report names no CPUID")]
    NoCpuid,
    /// 2: no floor is known for this processor.
    #[error("product: no TCB floor for CPUID {cpuid}")]
    NoFloor {
        /// The processor.
        cpuid: Cpuid,
    },
    /// 3: signed by another key than a chip's.
    #[error("SIGNING_KEY {key:?}: expected VCEK")]
    SigningKey {
        /// Whose.
        key: SigningKey,
    },
    /// 3: the host hides the chip.
    #[error("MASK_CHIP_KEY: the host hides the chip")]
    ChipKeyMasked,
    /// 3: no chip is named.
    #[error("CHIP_ID is zero")]
    NoChip,
    /// 3: the chip of a software PSP under another root than a development chain's, or the reverse.
    #[error("CHIP_ID is a software PSP's (DEV-NOT-AMD), or the root is and the chip is not")]
    DevelopmentChip,
    /// 4: the host asked for the report, not the guest.
    #[error("VMPL 0xffffffff: the host asked for this report")]
    HostRequested,
    /// 4: not the guest's most privileged level asked.
    #[error("VMPL {vmpl}: expected 0")]
    Vmpl {
        /// The level.
        vmpl: u32,
    },
    /// 5: the host may decrypt the guest.
    #[error("POLICY: DEBUG is on")]
    Debug,
    /// 5: a migration agent may export the guest.
    #[error("POLICY: MIGRATE_MA is on")]
    MigrationAgent,
    /// 5: memory may lie outside the processor's.
    #[error("POLICY: CXL_ALLOW is on")]
    Cxl,
    /// 5: a bit without meaning, or the one that is always on is off.
    #[error("POLICY: reserved bits in {policy:#x}")]
    PolicyReserved {
        /// POLICY.
        policy: u64,
    },
    /// 5: the guest wants an ABI that the firmware does not have.
    #[error("POLICY: ABI {major}.{minor} is newer than the firmware's")]
    PolicyAbi {
        /// ABI_MAJOR.
        major: u8,
        /// ABI_MINOR.
        minor: u8,
    },
    /// 5: bits that must be on are off.
    #[error("POLICY: bits {bits:#x} must be on")]
    PolicyRequired {
        /// The missing ones.
        bits: u64,
    },
    /// 5: bits that must be off are on.
    #[error("POLICY: bits {bits:#x} must be off")]
    PolicyForbidden {
        /// The ones on.
        bits: u64,
    },
    /// 6: memory was not checked for aliases.
    #[error("PLATFORM_INFO: ALIAS_CHECK_COMPLETE is off")]
    AliasCheck,
    /// 6: bits without meaning.
    #[error("PLATFORM_INFO: unknown bits {bits:#x}")]
    PlatformUnknown {
        /// The ones on.
        bits: u64,
    },
    /// 6: bits that must be on are off.
    #[error("PLATFORM_INFO: bits {bits:#x} must be on")]
    PlatformRequired {
        /// The missing ones.
        bits: u64,
    },
    /// 6: bits that must be off are on.
    #[error("PLATFORM_INFO: bits {bits:#x} must be off")]
    PlatformForbidden {
        /// The ones on.
        bits: u64,
    },
    /// 7: reserved bytes of a TCB version are not zero.
    #[error("{kind} TCB: reserved bytes are not zero")]
    TcbReserved {
        /// Whose.
        kind: TcbKind,
    },
    /// 7: a part is older than its floor.
    #[error("{kind} TCB: {part:?} is {found:#04x}, the floor {floor:#04x}")]
    Tcb {
        /// Whose.
        kind: TcbKind,
        /// Which part.
        part: TcbPart,
        /// Its version.
        found: u8,
        /// The least version.
        floor: u8,
    },
    /// 7: the platform can still go back behind the firmware that runs.
    #[error("TCB: committed is not current (provisional firmware)")]
    Provisional,
    /// 8: the firmware is older than its floor.
    #[error("{kind} firmware {found}, the floor is {floor}")]
    Firmware {
        /// Whose.
        kind: FirmwareKind,
        /// Its version.
        found: FirmwareVersion,
        /// The least version.
        floor: FirmwareVersion,
    },
    /// 9: mitigations were off at launch or are off now.
    #[error("mitigations {bits:#x} are off, at launch or now")]
    Mitigations {
        /// The missing ones.
        bits: u64,
    },
    /// 10: no release has this measurement.
    #[error("MEASUREMENT is of no release")]
    UnknownMeasurement,
    /// 10: the release is not accepted yet.
    #[error("release {id} is pending")]
    ReleasePending {
        /// Which.
        id: u32,
    },
    /// 10: the release is no longer accepted.
    #[error("release {id} is disabled")]
    ReleaseDisabled {
        /// Which.
        id: u32,
    },
    /// 10: before the release's first block.
    #[error("release {id} is valid from block {from}")]
    ReleaseEarly {
        /// Which.
        id: u32,
        /// Its first block.
        from: BlockNumber,
    },
    /// 10: after the release's last block.
    #[error("release {id} was valid until block {until}")]
    ReleaseOver {
        /// Which.
        id: u32,
        /// Its last block.
        until: BlockNumber,
    },
    /// 11: a field that is signed without being measured is not the release's.
    #[error("{field} is not the release's")]
    Identity {
        /// Which.
        field: IdentityField,
    },
    /// 12: the report is bound to something else.
    #[error("REPORT_DATA is not what this registration binds")]
    ReportData,
    /// 13: the report names no guest.
    #[error("REPORT_ID is zero")]
    NoReportId,
    /// 13: the guest serves another validator already.
    #[error("REPORT_ID is another validator's")]
    ReportIdTaken,
    /// 14: governance refuses this chip.
    #[error("CHIP_ID is blocked")]
    ChipBlocked,
    /// 14: the chip serves another validator already.
    #[error("CHIP_ID is another validator's")]
    ChipTaken,
    /// 15: bound to a block that is not there yet.
    #[error("freshness: bound to block {number}, now is {now}")]
    Future {
        /// The block.
        number: BlockNumber,
        /// The chain's.
        now: BlockNumber,
    },
    /// 15: bound to a block too long ago.
    #[error("freshness: {age} blocks old, at most {max_age}")]
    Stale {
        /// How long ago.
        age: BlockNumber,
        /// The policy's.
        max_age: BlockNumber,
    },
    /// 15: bound to a block of another chain or fork.
    #[error("freshness: block {number} has another hash")]
    BlockHash {
        /// The block.
        number: BlockNumber,
    },
    /// 15: not newer than the last one accepted.
    #[error("freshness: bound to block {number}, not after {last} of the last report")]
    Replayed {
        /// The block.
        number: BlockNumber,
        /// That of the last one.
        last: BlockNumber,
    },
    /// 16: the certificate's time has not come.
    #[error("certificate is not valid yet")]
    CertificateEarly,
    /// 16: the certificate's time is over.
    #[error("certificate is no longer valid")]
    CertificateOver,
    /// 16: who signed the certificate is revoked.
    #[error("ASK {serial:#x} is revoked")]
    AskRevoked {
        /// Its serial number.
        serial: u64,
    },
    /// The circumstances that this check needs were not given.
    #[error("{check:?} could not be judged here")]
    NotJudged {
        /// Which.
        check: crate::Check,
    },
}
