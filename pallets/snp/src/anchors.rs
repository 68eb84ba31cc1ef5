//! Roots of trust. They are constants of a runtime: nothing on a chain changes them.

use crate::{
    processor::{Cpuid, Product, TcbLayout},
    pss::Modulus,
};

/// A root of trust: one family of products, the chips of which its ASK vouches for.
#[derive(Debug)]
pub struct Anchor {
    /// The family.
    pub product: Product,
    /// Names that its certificates call their product by, before the stepping: `Milan` for `Milan-B0`.
    pub names: &'static [&'static str],
    /// CPUID family, and the first and the last model.
    pub models: &'static [(u8, u8, u8)],
    /// How its reports write TCB versions.
    pub layout: TcbLayout,
    /// How many bytes a hardware id has.
    pub hardware_id_bytes: usize,
    /// The object identifier that those of its extensions begin with, as DER has it.
    pub arc: &'static [u8],
    /// SHA-256 of the ARK's certificate in DER.
    pub ark_fingerprint: [u8; 32],
    /// The ARK's modulus: it signs ASKs and revocation lists.
    pub ark: &'static Modulus,
    /// The common name of the ARK's certificate.
    pub ark_name: &'static str,
    /// The ASK's modulus: it signs VCEKs.
    pub ask: &'static Modulus,
    /// The common name of the ASK's certificate.
    pub ask_name: &'static str,
    /// The serial number of the ASK's certificate.
    pub ask_serial: u64,
    /// Why nothing under this root is accepted, however good its signatures.
    pub refused: Option<&'static str>,
}

/// What the chip ids of the software PSP begin with. Production refuses it whatever signed.
pub const DEVELOPMENT_CHIP_PREFIX: &[u8] = b"DEV-NOT-AMD";

impl Anchor {
    /// Whether a certificate's productName is of this family: a name, alone or with a stepping such as `-B0`.
    pub(crate) fn is_named(&self, product_name: &[u8]) -> bool {
        self.names.iter().any(|name| {
            product_name
                .strip_prefix(name.as_bytes())
                .is_some_and(|stepping| matches!(stepping, [] | [b'-', b'A'..=b'Z', b'0'..=b'9']))
        })
    }

    /// Whether a processor is of this family.
    pub fn contains(&self, cpuid: Cpuid) -> bool {
        self.models
            .iter()
            .any(|(family, first, last)| cpuid.family == *family && (*first..=*last).contains(&cpuid.model))
    }

    /// Whether this is the root of a software PSP.
    pub const fn is_development(&self) -> bool {
        matches!(self.product, Product::Development)
    }
}

/// 1.3.6.1.4.1.3704.1, AMD's arc for these extensions.
const AMD_ARC: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01];

/// The roots of AMD, as its key distribution service publishes them (kdsintf.amd.com/vcek/v1/{product}/cert_chain).
pub static AMD: [Anchor; 3] = [
    Anchor {
        product: Product::Milan,
        names: &["Milan"],
        models: &[(0x19, 0x00, 0x0f)],
        layout: TcbLayout::Zen3,
        hardware_id_bytes: 64,
        arc: AMD_ARC,
        ark_fingerprint: fingerprint("69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd"),
        ark: include_bytes!("../anchors/milan-ark.modulus"),
        ark_name: "ARK-Milan",
        ask: include_bytes!("../anchors/milan-ask.modulus"),
        ask_name: "SEV-Milan",
        ask_serial: 0x01_0001,
        refused: Some(
            "the secret that Milan's keys are derived from can be read by software (AMD-SB-3045, arXiv 2605.12990), \
             so that a report of any version can be forged",
        ),
    },
    Anchor {
        product: Product::Genoa,
        names: &["Genoa", "Bergamo", "Siena"],
        models: &[(0x19, 0x10, 0x1f), (0x19, 0xa0, 0xaf)],
        layout: TcbLayout::Zen3,
        hardware_id_bytes: 64,
        arc: AMD_ARC,
        ark_fingerprint: fingerprint("4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1"),
        ark: include_bytes!("../anchors/genoa-ark.modulus"),
        ark_name: "ARK-Genoa",
        ask: include_bytes!("../anchors/genoa-ask.modulus"),
        ask_name: "SEV-Genoa",
        ask_serial: 0x02_0002,
        refused: None,
    },
    Anchor {
        product: Product::Turin,
        names: &["Turin"],
        models: &[(0x1a, 0x00, 0x11)],
        layout: TcbLayout::Zen5,
        hardware_id_bytes: 8,
        arc: AMD_ARC,
        ark_fingerprint: fingerprint("1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a"),
        ark: include_bytes!("../anchors/turin-ark.modulus"),
        ark_name: "ARK-Turin",
        ask: include_bytes!("../anchors/turin-ask.modulus"),
        ask_name: "SEV-Turin",
        ask_serial: 0x03_0001,
        refused: None,
    },
];

/// 32 bytes from hex, when compiling: text that is no fingerprint does not compile.
#[allow(clippy::indexing_slicing, clippy::panic, reason = "runs in the compiler only")]
pub const fn fingerprint(hex: &str) -> [u8; 32] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => panic!("not a lowercase hex digit"),
        }
    }
    let hex = hex.as_bytes();
    assert!(hex.len() == 64, "not 32 bytes");
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = digit(hex[2 * at]) << 4 | digit(hex[2 * at + 1]);
        at += 1;
    }
    bytes
}
