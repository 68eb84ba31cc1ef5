//! What is asked of a sealed machine: data, which governance sets and [`crate::Claims`] are judged by.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::processor::{Cpuid, FirmwareVersion, Tcb};

/// A block number of the chain that asks.
pub type BlockNumber = u32;

/// Bits of [`crate::Report::policy`].
#[allow(missing_docs, reason = "the names are those of the SEV-SNP firmware ABI, GUEST_POLICY")]
pub struct GuestPolicy;

#[allow(missing_docs, reason = "as above")]
impl GuestPolicy {
    /// The least ABI that the guest runs on: minor version, then major version, a byte each.
    pub const ABI: u64 = 0xffff;
    /// The guest may share a core with a sibling thread of another.
    pub const SMT: u64 = 1 << 16;
    /// Always one.
    pub const RESERVED_ONE: u64 = 1 << 17;
    pub const MIGRATE_MA: u64 = 1 << 18;
    pub const DEBUG: u64 = 1 << 19;
    pub const SINGLE_SOCKET: u64 = 1 << 20;
    pub const CXL_ALLOW: u64 = 1 << 21;
    pub const MEM_AES_256_XTS: u64 = 1 << 22;
    pub const RAPL_DIS: u64 = 1 << 23;
    pub const CIPHERTEXT_HIDING: u64 = 1 << 24;
    pub const PAGE_SWAP_DISABLE: u64 = 1 << 25;
    /// Every bit that has a meaning.
    pub const KNOWN: u64 = (1 << 26) - 1;
}

/// Bits of [`crate::Report::platform_info`].
#[allow(missing_docs, reason = "the names are those of the SEV-SNP firmware ABI, PLATFORM_INFO")]
pub struct Platform;

#[allow(missing_docs, reason = "as above")]
impl Platform {
    pub const SMT_EN: u64 = 1;
    pub const TSME_EN: u64 = 1 << 1;
    pub const ECC_EN: u64 = 1 << 2;
    pub const RAPL_DIS: u64 = 1 << 3;
    pub const CIPHERTEXT_HIDING: u64 = 1 << 4;
    /// No two addresses of memory are the same cells (BadRAM, AMD-SB-3015).
    pub const ALIAS_CHECK_COMPLETE: u64 = 1 << 5;
    pub const IOMMU_WRITE_SAFE: u64 = 1 << 6;
    pub const SEV_TIO: u64 = 1 << 7;
    /// Every bit that has a meaning.
    pub const KNOWN: u64 = (1 << 8) - 1;
}

/// Bits that must be ones and bits that must be zeros.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Masks {
    /// These must be ones.
    pub required: u64,
    /// These must be zeros.
    pub forbidden: u64,
}

impl Masks {
    const fn is_tightened_by(self, other: Self) -> bool {
        self.required & !other.required == 0 && self.forbidden & !other.forbidden == 0
    }
}

/// What is asked of every machine, beside what no policy can allow.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Policy {
    /// The least version of a report, at least 3.
    pub least_version: u32,
    /// Of [`GuestPolicy`].
    pub guest: Masks,
    /// Of [`Platform`].
    pub platform: Masks,
    /// Whether firmware may run that the platform can still go back behind.
    pub provisional_firmware: bool,
    /// Mitigations that must have been on at launch and be on now, where the report has them (version 5).
    pub mitigations: u64,
    /// How many blocks old a report may be when it is registered.
    pub max_age: BlockNumber,
}

impl Policy {
    /// Whether everything that this refuses, `other` refuses, too: nobody gains by the change from this to `other`.
    pub const fn is_tightened_by(&self, other: &Self) -> bool {
        other.least_version >= self.least_version
            && self.guest.is_tightened_by(other.guest)
            && self.platform.is_tightened_by(other.platform)
            && (self.provisional_firmware || !other.provisional_firmware)
            && self.mitigations & !other.mitigations == 0
            && other.max_age <= self.max_age
    }

    /// What this code was written for. The mask of mitigations is of AMD-SB-3020 (bit 1) and AMD-SB-3016 (bit 2).
    pub const PRODUCTION: Self = Self {
        least_version: 3,
        guest: Masks { required: 0, forbidden: 0 },
        platform: Masks { required: 0, forbidden: 0 },
        provisional_firmware: false,
        mitigations: 0b110,
        max_age: 50,
    };
}

/// The least versions for one processor.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Floor {
    /// Of each part.
    pub tcb: Tcb,
    /// Of the firmware.
    pub firmware: FirmwareVersion,
}

impl Floor {
    /// Whether no version of `other` is below this one's.
    pub fn is_raised_by(&self, other: &Self) -> bool {
        let is_lowered = other.tcb.find(self.tcb, |other, this| other < this).is_some();
        !is_lowered && other.firmware >= self.firmware
    }
}

/// The floors to begin with (reference/attestation.md, 4.3): AMD-SB-3020 (SNP firmware), AMD-SB-3027 (microcode), and
/// for Genoa the first firmware that checks for aliases (AMD-SB-3015). To be read at AMD anew before a mainnet.
/// Bergamo and Siena are left out until AMD's value is known: what has no floor is refused.
pub const PRODUCTION_FLOORS: [(Cpuid, Floor); 3] = [
    (
        Cpuid { family: 0x19, model: 0x11, stepping: 0x01 },
        Floor {
            tcb: Tcb { fmc: 0, bootloader: 9, tee: 0, snp: 0x1b, microcode: 0x56 },
            firmware: FirmwareVersion { major: 1, minor: 55, build: 38 },
        },
    ),
    (
        Cpuid { family: 0x19, model: 0x11, stepping: 0x02 },
        Floor {
            tcb: Tcb { fmc: 0, bootloader: 9, tee: 0, snp: 0x1b, microcode: 0x51 },
            firmware: FirmwareVersion { major: 1, minor: 55, build: 38 },
        },
    ),
    (
        Cpuid { family: 0x1a, model: 0x02, stepping: 0x01 },
        Floor {
            tcb: Tcb { fmc: 1, bootloader: 1, tee: 1, snp: 4, microcode: 0x51 },
            firmware: FirmwareVersion { major: 1, minor: 55, build: 0 },
        },
    ),
];

/// Where a release stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ReleaseStatus {
    /// Proposed: not accepted yet.
    #[codec(index = 0)]
    Pending,
    /// Accepted.
    #[codec(index = 1)]
    Active,
    /// No longer accepted.
    #[codec(index = 2)]
    Disabled,
}

/// An image that validators may run, launched with one number of vCPUs: the measurement covers their states.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Release {
    /// The number of the release; one for all its measurements.
    pub id: u32,
    /// The launch digest.
    pub measurement: [u8; 48],
    /// vCPUs that the measurement is for.
    pub vcpus: u16,
    /// The first block that accepts it.
    pub valid_from: BlockNumber,
    /// The last block that accepts it, if it ends.
    pub valid_until: Option<BlockNumber>,
    /// Where it stands.
    pub status: ReleaseStatus,
    /// SHA-256 of the sources and the recipe that make it.
    pub source_digest: [u8; 32],
    /// What is signed without being measured: exactly this, and zeros where a release uses none.
    pub identity: Identity,
}

/// Fields of a report that the measurement does not cover.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Identity {
    /// Given by the host.
    pub host_data: [u8; 32],
    /// From the id block.
    pub family_id: [u8; 16],
    /// From the id block.
    pub image_id: [u8; 16],
    /// Who signed the id block.
    pub id_key_digest: [u8; 48],
    /// Who signed the id key.
    pub author_key_digest: [u8; 48],
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            host_data: [0; 32],
            family_id: [0; 16],
            image_id: [0; 16],
            id_key_digest: [0; 48],
            author_key_digest: [0; 48],
        }
    }
}
