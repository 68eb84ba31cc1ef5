//! What a machine would submit, for benchmarks: made by the software PSP (its test `benchmarks` holds them against it),
//! but for the signature of the report, which depends on the chain.

use conclave_snp::{REPORT_BYTES, SIGNED_BYTES};
use p384::ecdsa::{signature::hazmat::PrehashSigner, Signature, SigningKey};
use sha2::{Digest, Sha384};

/// The certificate of the chip's key, in DER.
pub const VCEK: &[u8] = include_bytes!("../benchmarks/vcek.der");
/// The certificate of a second ASK, in DER.
pub const ASK: &[u8] = include_bytes!("../benchmarks/ask.der");
/// As long a revocation list as is taken, in DER.
pub const REVOCATIONS: &[u8] = include_bytes!("../benchmarks/crl.der");

const REPORT: &[u8; REPORT_BYTES] = include_bytes!("../benchmarks/report.bin");
const KEY: &[u8; 48] = include_bytes!("../benchmarks/vcek.key");
/// Where REPORT_DATA is (SEV-SNP ABI, table 23).
const REPORT_DATA: usize = 0x50;

/// The report of the chip over this REPORT_DATA; none where the key is no key, which the PSP's test rules out.
pub fn report(data: [u8; 64]) -> Option<[u8; REPORT_BYTES]> {
    let mut report = *REPORT;
    let (signed, signature) = report.split_at_mut(SIGNED_BYTES);
    signed.iter_mut().skip(REPORT_DATA).zip(data).for_each(|(to, from)| *to = from);
    let key = SigningKey::from_slice(KEY).ok()?;
    let made: Signature = key.sign_prehash(&Sha384::digest(signed)).ok()?;
    let (r, s) = made.split_bytes();
    // Little endian, 72 bytes each.
    for (scalar, field) in [r, s].iter().zip(signature.chunks_mut(72)) {
        scalar.iter().rev().zip(field).for_each(|(from, to)| *to = *from);
    }
    Some(report)
}
