//! The attestation report (SEV-SNP firmware ABI, ATTESTATION_REPORT): 1184 bytes, little endian.
//!
//! ```text
//!   0x000 version        0x034 signature algorithm  0x0c0 host data        0x180 reported TCB    0x1ec committed fw
//!   0x004 guest SVN      0x038 current TCB          0x0e0 id key digest    0x188 CPUID (3..)     0x1f0 launch TCB
//!   0x008 policy         0x040 platform info        0x110 author key dig.  0x1a0 chip id         0x1f8 mitigations (5)
//!   0x010 family id      0x048 keys                 0x140 report id        0x1e0 committed TCB   0x208 zero
//!   0x020 image id       0x050 report data          0x160 its migration    0x1e8 current fw      0x2a0 signature
//!   0x030 VMPL           0x090 measurement                agent's
//! ```

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sha2::{Digest, Sha384};

use crate::processor::{Cpuid, FirmwareVersion, RawTcb};

/// Bytes of a report, signature and all.
pub const REPORT_BYTES: usize = 1184;
/// The bytes at the front that the signature covers. Whatever identifies a report is computed over these only: the
/// signature itself can be changed into another valid one by anybody.
pub const SIGNED_BYTES: usize = 0x2a0;

/// Versions that can be parsed. Version 2 names no CPUID, so that policy refuses it.
const VERSIONS: core::ops::RangeInclusive<u32> = 2..=5;
const ECDSA_P384_SHA384: u32 = 1;

/// What is no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Not 1184 bytes.
    #[error("{found} bytes, expected {REPORT_BYTES}")]
    Length {
        /// How many there are.
        found: u32,
    },
    /// A version whose layout is unknown.
    #[error("unknown report version {found}")]
    Version {
        /// VERSION.
        found: u32,
    },
    /// Not ECDSA over P-384 with SHA-384.
    #[error("signature algorithm {found}, expected 1 (ECDSA P-384 with SHA-384)")]
    SignatureAlgorithm {
        /// SIGNATURE_ALGO.
        found: u32,
    },
    /// Bytes that this version reserves are not zero.
    #[error("reserved bytes from {from:#x} to {to:#x} are not zero")]
    Reserved {
        /// The first of them.
        from: u32,
        /// The first after them.
        to: u32,
    },
    /// Bytes beside R and S in the signature are not zero.
    #[error("bytes of the signature beside R and S are not zero")]
    SignaturePadding,
}

/// Which key signed the report.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum SigningKey {
    /// The chip's own, derived from its secret and the reported TCB.
    #[codec(index = 0)]
    Vcek,
    /// A cloud's: the same on all its machines.
    #[codec(index = 1)]
    Vlek,
    /// None: the report is not signed.
    #[codec(index = 2)]
    None,
    /// A value without meaning.
    #[codec(index = 3)]
    Unknown(u8),
}

/// Bits that say which mitigations were on (version 5).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Mitigations {
    /// When the guest was launched.
    pub launch: u64,
    /// Now.
    pub current: u64,
}

/// Everything a report says, reserved bytes checked, nothing judged yet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Report {
    /// Layout of the report, 2 to 5.
    pub version: u32,
    /// The guest's security version, from its id block.
    pub guest_svn: u32,
    /// What the guest's owner allows the host ([`crate::GuestPolicy`]).
    pub policy: u64,
    /// From the id block.
    pub family_id: [u8; 16],
    /// From the id block.
    pub image_id: [u8; 16],
    /// The privilege level that asked: 0 is the most privileged. 0xffffffff: the host asked.
    pub vmpl: u32,
    /// The versions that run now.
    pub current_tcb: RawTcb,
    /// How the platform is set up ([`crate::Platform`]).
    pub platform_info: u64,
    /// Whether an author key signed the id key.
    pub author_key_enabled: bool,
    /// Whether the host hides chip id and signature.
    pub chip_key_masked: bool,
    /// Who signed.
    pub signing_key: SigningKey,
    /// What the guest wanted signed.
    pub report_data: [u8; 64],
    /// The launch digest: firmware, kernel, initrd, command line, and the state of each vCPU.
    pub measurement: [u8; 48],
    /// What the host gave at launch.
    pub host_data: [u8; 32],
    /// Who signed the id block.
    pub id_key_digest: [u8; 48],
    /// Who signed the id key.
    pub author_key_digest: [u8; 48],
    /// The guest's own, drawn at its launch.
    pub report_id: [u8; 32],
    /// Its migration agent's.
    pub report_id_ma: [u8; 32],
    /// The versions that the signing key was derived from.
    pub reported_tcb: RawTcb,
    /// The processor (from version 3 on).
    pub cpuid: Option<Cpuid>,
    /// The chip; on Turin its first 8 bytes, then zeros.
    pub chip_id: [u8; 64],
    /// The versions that the platform does not go back behind.
    pub committed_tcb: RawTcb,
    /// The firmware that runs now.
    pub current_firmware: FirmwareVersion,
    /// The firmware that the platform does not go back behind.
    pub committed_firmware: FirmwareVersion,
    /// The versions when the guest was launched.
    pub launch_tcb: RawTcb,
    /// From version 5 on.
    pub mitigations: Option<Mitigations>,
}

/// The signature of a report: big endian, as SEC 1 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportSignature {
    pub(crate) r: [u8; 48],
    pub(crate) s: [u8; 48],
}

/// A view of the whole: every offset above is inside it.
struct Fields<'a>(&'a [u8; REPORT_BYTES]);

impl Fields<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.iter().skip(at).zip(bytes.iter_mut()).for_each(|(from, to)| *to = *from);
        bytes
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.bytes(at))
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.bytes(at))
    }

    /// Build, minor, major, zero.
    fn firmware(&self, at: usize) -> Result<FirmwareVersion, ReportError> {
        let [build, minor, major, _] = self.bytes(at);
        self.zero(at + 3, at + 4)?;
        Ok(FirmwareVersion { major, minor, build })
    }

    fn is_zero(&self, from: usize, to: usize) -> bool {
        self.0.get(from..to).is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0))
    }

    fn zero(&self, from: usize, to: usize) -> Result<(), ReportError> {
        let reserved = ReportError::Reserved { from: from as u32, to: to as u32 };
        self.is_zero(from, to).then_some(()).ok_or(reserved)
    }

    /// 72 bytes, little endian, of which 48 are used.
    fn scalar(&self, at: usize) -> Result<[u8; 48], ReportError> {
        let mut scalar: [u8; 48] = self.bytes(at);
        scalar.reverse();
        self.is_zero(at + 48, at + 72).then_some(scalar).ok_or(ReportError::SignaturePadding)
    }
}

impl Report {
    /// Reads a report and its signature. Nothing in it is believed yet.
    ///
    /// # Errors
    /// [`ReportError`], which names the bytes.
    pub fn parse(bytes: &[u8]) -> Result<(Self, ReportSignature), ReportError> {
        let length = ReportError::Length { found: u32::try_from(bytes.len()).unwrap_or(u32::MAX) };
        let fields = Fields(bytes.try_into().map_err(|_| length)?);
        let version = fields.u32(0);
        if !VERSIONS.contains(&version) {
            return Err(ReportError::Version { found: version });
        }
        let algorithm = fields.u32(0x34);
        if algorithm != ECDSA_P384_SHA384 {
            return Err(ReportError::SignatureAlgorithm { found: algorithm });
        }
        let keys = fields.u32(0x48);
        if keys >> 5 != 0 {
            return Err(ReportError::Reserved { from: 0x48, to: 0x4c });
        }
        fields.zero(0x4c, 0x50)?;
        let cpuid = match version {
            2 => {
                fields.zero(0x188, 0x1a0)?;
                None
            }
            _ => {
                fields.zero(0x18b, 0x1a0)?;
                let [family, model, stepping] = fields.bytes(0x188);
                Some(Cpuid { family, model, stepping })
            }
        };
        let mitigations = match version {
            2..=4 => {
                fields.zero(0x1f8, SIGNED_BYTES)?;
                None
            }
            _ => {
                fields.zero(0x208, SIGNED_BYTES)?;
                Some(Mitigations { launch: fields.u64(0x1f8), current: fields.u64(0x200) })
            }
        };
        if !fields.is_zero(0x330, REPORT_BYTES) {
            return Err(ReportError::SignaturePadding);
        }
        let signature = ReportSignature { r: fields.scalar(0x2a0)?, s: fields.scalar(0x2e8)? };
        let report = Self {
            version,
            guest_svn: fields.u32(0x04),
            policy: fields.u64(0x08),
            family_id: fields.bytes(0x10),
            image_id: fields.bytes(0x20),
            vmpl: fields.u32(0x30),
            current_tcb: fields.bytes(0x38),
            platform_info: fields.u64(0x40),
            author_key_enabled: keys & 1 != 0,
            chip_key_masked: keys & 2 != 0,
            signing_key: match keys >> 2 {
                0 => SigningKey::Vcek,
                1 => SigningKey::Vlek,
                7 => SigningKey::None,
                // Three bits: keys has no higher ones.
                unknown => SigningKey::Unknown(unknown as u8),
            },
            report_data: fields.bytes(0x50),
            measurement: fields.bytes(0x90),
            host_data: fields.bytes(0xc0),
            id_key_digest: fields.bytes(0xe0),
            author_key_digest: fields.bytes(0x110),
            report_id: fields.bytes(0x140),
            report_id_ma: fields.bytes(0x160),
            reported_tcb: fields.bytes(0x180),
            cpuid,
            chip_id: fields.bytes(0x1a0),
            committed_tcb: fields.bytes(0x1e0),
            current_firmware: fields.firmware(0x1e8)?,
            committed_firmware: fields.firmware(0x1ec)?,
            launch_tcb: fields.bytes(0x1f0),
            mitigations,
        };
        Ok((report, signature))
    }
}

/// SHA-384 of the signed bytes: what the chip signed, and what a report is known by.
pub(crate) fn signed_digest(bytes: &[u8; REPORT_BYTES]) -> [u8; 48] {
    let mut hasher = Sha384::new();
    hasher.update(bytes.split_at(SIGNED_BYTES).0);
    hasher.finalize().into()
}
