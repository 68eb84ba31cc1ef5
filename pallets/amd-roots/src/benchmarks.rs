//! Nothing here can sign what AMD's chips sign: benchmarks that need it are skipped, and measured on the development
//! runtime.

/// The certificate of a chip's key.
pub const VCEK: &[u8] = &[];
/// The certificate of a second ASK.
pub const ASK: &[u8] = &[];
/// A revocation list.
pub const REVOCATIONS: &[u8] = &[];

/// A report over this REPORT_DATA: none.
pub fn report(_data: [u8; 64]) -> Option<[u8; conclave_snp::REPORT_BYTES]> {
    None
}
