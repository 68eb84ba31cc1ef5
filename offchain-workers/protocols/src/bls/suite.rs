//! The suites, which the runtime judges shares with: points and their bytes.

pub(crate) use conclave_schemes::{product_is_one, BlsKey as Key, BlsSignature as Signature};
pub use conclave_schemes::{BlsG1, BlsG2, BlsSuite};
use conclave_vss::SharingCurve;
use group::GroupEncoding;

pub(super) fn encode<C: SharingCurve>(point: &C::Group) -> Vec<u8> {
    point.to_bytes().as_ref().to_vec()
}
