//! What a report says of the processor: product, CPUID, and the security versions of its firmware.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// A family of processors with one root of trust. The codec index is part of the chain's format: never reused.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Product {
    /// Zen 3. Known so that it can be refused with the reason.
    #[codec(index = 0)]
    Milan,
    /// Zen 4: Genoa, Bergamo and Siena.
    #[codec(index = 1)]
    Genoa,
    /// Zen 5.
    #[codec(index = 2)]
    Turin,
    /// No processor at all: the software PSP of development chains.
    #[codec(index = 255)]
    Development,
}

/// Family, model and stepping as CPUID gives them, extended parts added: the key of a TCB floor, since the versions of
/// different steppings cannot be compared.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Cpuid {
    /// 0x19 for Zen 3 and 4, 0x1a for Zen 5.
    pub family: u8,
    /// The model.
    pub model: u8,
    /// The stepping.
    pub stepping: u8,
}

impl fmt::Display for Cpuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}/{:02x}/{:02x}", self.family, self.model, self.stepping)
    }
}

impl fmt::Debug for Cpuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A TCB version as a report carries it: eight bytes, whose meaning depends on the product.
pub type RawTcb = [u8; 8];

/// Which byte of a TCB version is what (SEV-SNP firmware ABI, TCB_VERSION).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum TcbLayout {
    /// Milan and Genoa: boot loader, TEE, 0, 0, 0, 0, SNP, microcode.
    #[codec(index = 0)]
    Zen3,
    /// Turin: FMC, boot loader, TEE, SNP, 0, 0, 0, microcode.
    #[codec(index = 1)]
    Zen5,
}

impl TcbLayout {
    /// The components; `None` where a reserved byte is not zero.
    pub const fn read(self, raw: RawTcb) -> Option<Tcb> {
        match (self, raw) {
            (Self::Zen3, [bootloader, tee, 0, 0, 0, 0, snp, microcode]) => {
                Some(Tcb { fmc: 0, bootloader, tee, snp, microcode })
            }
            (Self::Zen5, [fmc, bootloader, tee, snp, 0, 0, 0, microcode]) => {
                Some(Tcb { fmc, bootloader, tee, snp, microcode })
            }
            _ => None,
        }
    }

    /// The bytes of a TCB version.
    pub const fn write(self, tcb: Tcb) -> RawTcb {
        let Tcb { fmc, bootloader, tee, snp, microcode } = tcb;
        match self {
            Self::Zen3 => [bootloader, tee, 0, 0, 0, 0, snp, microcode],
            Self::Zen5 => [fmc, bootloader, tee, snp, 0, 0, 0, microcode],
        }
    }
}

/// The security versions of the parts of the trusted computing base. Compared part by part, never as one number.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Tcb {
    /// The first mutable code of the PSP; 0 before Turin.
    pub fmc: u8,
    /// The PSP's boot loader.
    pub bootloader: u8,
    /// The PSP's operating system.
    pub tee: u8,
    /// The SNP firmware.
    pub snp: u8,
    /// The microcode of all cores.
    pub microcode: u8,
}

/// A part of the trusted computing base.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum TcbPart {
    /// [`Tcb::fmc`].
    Fmc,
    /// [`Tcb::bootloader`].
    Bootloader,
    /// [`Tcb::tee`].
    Tee,
    /// [`Tcb::snp`].
    Snp,
    /// [`Tcb::microcode`].
    Microcode,
}

impl Tcb {
    /// All parts with their versions.
    pub const fn parts(self) -> [(TcbPart, u8); 5] {
        [
            (TcbPart::Fmc, self.fmc),
            (TcbPart::Bootloader, self.bootloader),
            (TcbPart::Tee, self.tee),
            (TcbPart::Snp, self.snp),
            (TcbPart::Microcode, self.microcode),
        ]
    }

    /// The first part that `differs` finds between the two, with its version here and there.
    pub(crate) fn find(self, other: Self, differs: impl Fn(u8, u8) -> bool) -> Option<(TcbPart, u8, u8)> {
        self.parts()
            .into_iter()
            .zip(other.parts())
            .map(|((part, here), (_, there))| (part, here, there))
            .find(|(_, here, there)| differs(*here, *there))
    }
}

/// The version of the SNP firmware.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct FirmwareVersion {
    /// Of the ABI.
    pub major: u8,
    /// Of the ABI.
    pub minor: u8,
    /// Of the firmware.
    pub build: u8,
}

impl fmt::Display for FirmwareVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_should_differ_and_refuse_reserved_bytes() {
        let genoa = TcbLayout::Zen3.read([9, 1, 0, 0, 0, 0, 0x1b, 0x56]).unwrap();
        assert_eq!(genoa, Tcb { fmc: 0, bootloader: 9, tee: 1, snp: 0x1b, microcode: 0x56 });
        let turin = TcbLayout::Zen5.read([1, 2, 3, 4, 0, 0, 0, 0x51]).unwrap();
        assert_eq!(turin, Tcb { fmc: 1, bootloader: 2, tee: 3, snp: 4, microcode: 0x51 });
        for reserved in 2..6 {
            let mut raw = TcbLayout::Zen3.write(genoa);
            raw[reserved] = 1;
            assert_eq!(TcbLayout::Zen3.read(raw), None);
        }
        for reserved in 4..7 {
            let mut raw = TcbLayout::Zen5.write(turin);
            raw[reserved] = 1;
            assert_eq!(TcbLayout::Zen5.read(raw), None);
        }
    }
}
