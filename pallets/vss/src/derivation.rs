//! Homogeneous derivation: pk = Σ eⁱ·PKᵢ over the K root keys of a curve, shares likewise (Groth and
//! Shoup, ePrint 2021/1330, section on homogeneous key derivation).

use alloc::{format, vec::Vec};
use codec::Encode;
use conclave_primitives::{Curve, EncodedPoint, GenesisHash, KeysetId, PkpId};
use group::Group;

use crate::{
    curve::{decode_point, decode_scalar, encode_point, encode_scalar, on_curve, SharingCurve},
    polynomial::Commitments,
    shares::encode_all,
    PointError, SecretScalar,
};

/// Why a key does not derive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeriveError {
    /// A root key is no point, or the derived key is the identity: choose another id.
    Point(PointError),
    /// A root share is no scalar.
    NotAScalar,
}

/// e = hash_to_scalar(genesis ‖ keyset ‖ key id), under the tag `CONCLAVE-V1-KDF-<curve>`.
fn exponent<C: SharingCurve>(genesis: &GenesisHash, keyset: KeysetId, pkp: &PkpId) -> C::Scalar {
    let tag = format!("CONCLAVE-V1-KDF-{}", C::NAME);
    C::hash_to_scalar(&(genesis, keyset, pkp).encode(), tag.as_bytes())
}

/// The public key of a PKP on `curve`, from the K root keys of that curve in order.
pub fn derive_public_key(
    curve: Curve,
    genesis: &GenesisHash,
    keyset: KeysetId,
    pkp: &PkpId,
    roots: &[EncodedPoint],
) -> Result<EncodedPoint, DeriveError> {
    on_curve!(curve, C => {
        let e = exponent::<C>(genesis, keyset, pkp);
        let mut derived: <C as SharingCurve>::Group = Group::identity();
        for root in roots.iter().rev() {
            derived = derived * e + decode_point::<C>(root).map_err(DeriveError::Point)?;
        }
        if bool::from(derived.is_identity()) {
            return Err(DeriveError::Point(PointError::Identity));
        }
        Ok(encode_point::<C>(&derived))
    })
}

/// The sharing commitments of a PKP's key: its public key and all public shares follow from them. Of roots that stand on
/// chain: their subgroups are not checked again.
pub fn derive_commitments(
    curve: Curve,
    genesis: &GenesisHash,
    keyset: KeysetId,
    pkp: &PkpId,
    roots: &[&[EncodedPoint]],
) -> Result<Vec<EncodedPoint>, DeriveError> {
    on_curve!(curve, C => {
        let e = exponent::<C>(genesis, keyset, pkp);
        let mut derived: Vec<<C as SharingCurve>::Group> = Vec::new();
        for root in roots.iter().rev() {
            let commitments = Commitments::<C>::decode_verified(root).map_err(DeriveError::Point)?.0;
            if derived.is_empty() {
                derived = commitments;
            } else {
                derived.iter_mut().zip(commitments).for_each(|(sum, commitment)| *sum = *sum * e + commitment);
            }
        }
        encode_all::<C>(&derived).map_err(DeriveError::Point)
    })
}

/// The share of a PKP's key, from one's shares of the K root keys in order.
pub fn derive_share(
    curve: Curve,
    genesis: &GenesisHash,
    keyset: KeysetId,
    pkp: &PkpId,
    roots: &[&SecretScalar],
) -> Result<SecretScalar, DeriveError> {
    on_curve!(curve, C => {
        let e = exponent::<C>(genesis, keyset, pkp);
        let mut derived = <C as SharingCurve>::Scalar::ZERO;
        for root in roots.iter().rev() {
            derived = derived * e + decode_scalar::<C>(root.as_bytes()).ok_or(DeriveError::NotAScalar)?;
        }
        Ok(SecretScalar::from_bytes(encode_scalar::<C>(&derived)))
    })
}
