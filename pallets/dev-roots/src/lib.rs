//! The roots of trust of development networks, which have no sealed machines: the software PSP
//! (`conclave-soft-psp`) signs what AMD's would. `scripts/dev-root` makes a root; its keys are no secret.
//!
//! A crate of its own because it is a wall: a runtime or node that does not depend on it trusts none of these, whatever
//! its features and flags. One root a network, so that no report of one is good in another. CI looks for [`MARKER`] in
//! the production runtime.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarks;

use conclave_snp::{fingerprint, Anchor, Cpuid, Floor, Product, Tcb, TcbLayout};

/// In every certificate of such a root, and so in every program that knows one.
pub const MARKER: &str = "SNP-DEV-ROOT";
/// What the certificates call the product. No product of AMD's is called this.
pub const PRODUCT_NAME: &str = "DEV-SNP";
/// The processor that reports of the software PSP name. AMD made none.
pub const CPUID: Cpuid = Cpuid { family: 0xde, model: 0x00, stepping: 0x00 };
/// 2.999.1 (X.660's arc for examples): where these certificates have their extensions, and AMD's have none.
pub const ARC: &[u8] = &[0x88, 0x37, 0x01];

/// The floor to begin with.
pub const FLOOR: (Cpuid, Floor) = (
    CPUID,
    Floor {
        tcb: Tcb { fmc: 0, bootloader: 1, tee: 0, snp: 1, microcode: 1 },
        firmware: conclave_snp::FirmwareVersion { major: 1, minor: 55, build: 0 },
    },
);

/// The floors that a development chain begins with.
pub const FLOORS: &[(Cpuid, Floor)] = &[FLOOR];
/// What the software PSP says was launched, unless it is told otherwise: no measurement of anything.
pub const MEASUREMENT: [u8; 48] = *b"DEV-NOT-AMD: nothing was measured, release 1    ";
/// The release that a development chain begins with: number, vCPUs, measurement.
pub const RELEASES: &[(u32, u16, [u8; 48])] = &[(1, 1, MEASUREMENT)];
/// Calls a macro with the name of the development runtime, which nodes and wallets see.
#[macro_export]
macro_rules! with_spec_name {
    ($callback:ident) => {
        $callback!("conclave-dev");
    };
}

/// The root of trust of the development runtime. Reports bound to one network's genesis are good in no other.
pub fn anchors() -> &'static [Anchor] {
    &DEV.anchors
}

/// The certificates of a root, and the anchor that trusts it.
#[derive(Debug)]
pub struct DevRoot {
    /// The ARK's certificate in DER.
    pub ark: &'static [u8],
    /// The ASK's certificate in DER.
    pub ask: &'static [u8],
    /// For a runtime's `TrustAnchors`: this root alone.
    pub anchors: [Anchor; 1],
}

macro_rules! root {
    ($(#[$doc:meta])* $name:ident, $folder:literal, $fingerprint:literal) => {
        $(#[$doc])*
        pub static $name: DevRoot = DevRoot {
            ark: include_bytes!(concat!("../roots/", $folder, "/ark.der")),
            ask: include_bytes!(concat!("../roots/", $folder, "/ask.der")),
            anchors: [Anchor {
                product: Product::Development,
                names: &[PRODUCT_NAME],
                models: &[(CPUID.family, CPUID.model, CPUID.model)],
                layout: TcbLayout::Zen3,
                hardware_id_bytes: 64,
                arc: ARC,
                ark_fingerprint: fingerprint($fingerprint),
                ark: include_bytes!(concat!("../roots/", $folder, "/ark.modulus")),
                ark_name: concat!("ARK-DEV-", $folder),
                ask: include_bytes!(concat!("../roots/", $folder, "/ask.modulus")),
                ask_name: concat!("SEV-DEV-", $folder),
                ask_serial: 0x0d_0001,
                refused: None,
            }],
        };
    };
}

root!(
    /// Of `--dev`.
    DEV, "dev", "0455c51360f2ac59a36ea6c66be4c3d7805bdb0707a220df81371e9828fb6ed5"
);
root!(
    /// Of the local network of four.
    LOCAL, "local", "93a561bba296abd2ea5b9aae0d11c64d76d33f99fe71fb04eea9e26b2affe637"
);

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_snp::{verify_ark, verify_ask};

    #[test]
    fn roots_should_be_the_certificates() {
        for root in [&DEV, &LOCAL] {
            let anchor = verify_ark(root.ark, &root.anchors).expect("the ARK is the anchor's");
            let ask = verify_ask(root.ask, anchor).expect("the ARK signed the ASK");
            assert_eq!((&ask.modulus, ask.serial), (anchor.ask, anchor.ask_serial));
            let marker = MARKER.as_bytes();
            assert!([root.ark, root.ask].iter().all(|der| der.windows(marker.len()).any(|at| at == marker)));
        }
        assert!(verify_ark(DEV.ark, &LOCAL.anchors).is_err(), "each network has its own");
        assert!(verify_ask(DEV.ask, &LOCAL.anchors[0]).is_err());
        assert!(verify_ark(DEV.ark, &conclave_snp::AMD).is_err(), "and none is AMD's");
    }
}
