//! The suites, which the runtime judges shares with: points and their bytes.

pub use conclave_schemes::{BlsG1, BlsG2, BlsSuite};
pub(crate) use conclave_schemes::{BlsKey as Key, BlsSignature as Signature};
use conclave_vss::SharingCurve;
use group::GroupEncoding;

pub(super) fn encode<C: SharingCurve>(point: &C::Group) -> Vec<u8> {
    point.to_bytes().as_ref().to_vec()
}
