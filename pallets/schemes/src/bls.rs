//! BLS signatures (Boneh, Lynn, Shacham 2001; the proof-of-possession ciphersuites of draft-irtf-cfrg-bls-signature), with
//! keys in either group. A share of a signature is a signature under a public share (Boldyreva, PKC 2003).

use alloc::vec::Vec;
use bls12_381_plus::{
    elliptic_curve_013::hash2curve::ExpandMsgXmd, multi_miller_loop, G1Affine, G1Projective, G2Affine,
    G2Prepared, G2Projective, Scalar,
};
use conclave_primitives::Scheme;
use conclave_vss::{decode_point, Bls12381G1, Bls12381G2, SharingCurve};
use group::Group;
use sha2_010::Sha256;

/// A BLS scheme: keys in one group, signatures in the other.
pub trait BlsSuite: Send + Sync + 'static {
    /// The group of keys.
    type Keys: SharingCurve<Scalar = Scalar, Group: Send + Sync>;
    /// The group of signatures.
    type Signatures: SharingCurve<Scalar = Scalar, Group: Send + Sync>;
    /// The scheme.
    const SCHEME: Scheme;
    /// Bytes of a signature or of a share of one.
    const SIGNATURE_BYTES: usize;

    /// H(m) of the ciphersuite.
    fn hash(message: &[u8]) -> BlsSignature<Self>;

    /// Whether `signature` is `hash` times the secret of `key`: e(hash, key) = e(signature, generator).
    fn pairs(key: &BlsKey<Self>, hash: &BlsSignature<Self>, signature: &BlsSignature<Self>) -> bool;

    /// Σ scalarᵢ·pointᵢ in variable time: of what everybody may know.
    fn sum(points: &[BlsSignature<Self>], scalars: &[Scalar]) -> BlsSignature<Self>;

    /// Whether `signature` is one of `message` under `public_key`, encodings decoded strictly.
    fn verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let (Ok(key), Ok(signature)) =
            (decode_point::<Self::Keys>(public_key), decode_point::<Self::Signatures>(signature))
        else {
            return false;
        };
        Self::pairs(&key, &Self::hash(message), &signature)
    }
}

/// A point in the group of keys.
pub type BlsKey<B> = <<B as BlsSuite>::Keys as SharingCurve>::Group;
/// A point in the group of signatures.
pub type BlsSignature<B> = <<B as BlsSuite>::Signatures as SharingCurve>::Group;

/// [`Scheme::BlsG2`]: signatures in G2, keys in G1.
pub enum BlsG2 {}

impl BlsSuite for BlsG2 {
    type Keys = Bls12381G1;
    type Signatures = Bls12381G2;
    const SCHEME: Scheme = Scheme::BlsG2;
    const SIGNATURE_BYTES: usize = 96;

    fn hash(message: &[u8]) -> G2Projective {
        const DST: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
        G2Projective::hash::<ExpandMsgXmd<Sha256>>(message, DST)
    }

    fn pairs(key: &G1Projective, hash: &G2Projective, signature: &G2Projective) -> bool {
        product_is_one(&[(key.into(), hash.into()), ((-G1Projective::GENERATOR).into(), signature.into())])
    }

    fn sum(points: &[G2Projective], scalars: &[Scalar]) -> G2Projective {
        G2Projective::sum_of_products_vartime(points, scalars)
    }
}

/// [`Scheme::BlsG1`]: signatures in G1, keys in G2.
pub enum BlsG1 {}

impl BlsSuite for BlsG1 {
    type Keys = Bls12381G2;
    type Signatures = Bls12381G1;
    const SCHEME: Scheme = Scheme::BlsG1;
    const SIGNATURE_BYTES: usize = 48;

    fn hash(message: &[u8]) -> G1Projective {
        const DST: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
        G1Projective::hash::<ExpandMsgXmd<Sha256>>(message, DST)
    }

    fn pairs(key: &G2Projective, hash: &G1Projective, signature: &G1Projective) -> bool {
        product_is_one(&[(hash.into(), key.into()), (signature.into(), (-G2Projective::GENERATOR).into())])
    }

    fn sum(points: &[G1Projective], scalars: &[Scalar]) -> G1Projective {
        G1Projective::sum_of_products_vartime(points, scalars)
    }
}

/// Whether this is certainly no share of a signature of `message` by whoever has `public_share`: an honest one is the
/// canonical encoding of the one point that fits.
pub fn is_wrong_bls_share(scheme: Scheme, public_share: &[u8], message: &[u8], share: &[u8]) -> bool {
    match scheme {
        Scheme::BlsG1 => is_wrong::<BlsG1>(public_share, message, share),
        Scheme::BlsG2 => is_wrong::<BlsG2>(public_share, message, share),
        // Judged by no pairing.
        Scheme::EcdsaSecp256k1
        | Scheme::EcdsaSecp256r1
        | Scheme::Ed25519
        | Scheme::Bip340
        | Scheme::Bip340Taproot
        | Scheme::Sr25519
        | Scheme::SchnorrRistretto255
        | Scheme::SchnorrSecp256k1 => false,
    }
}

fn is_wrong<B: BlsSuite>(public_share: &[u8], message: &[u8], share: &[u8]) -> bool {
    // What is no public share proves nothing.
    decode_point::<B::Keys>(public_share).is_ok() && !B::verify(public_share, message, share)
}

/// Whether the product of pairings is 1. The identity pairs with everything, so it never does here.
pub fn product_is_one(terms: &[(G1Affine, G2Affine)]) -> bool {
    let identity = terms.iter().any(|(g1, g2)| bool::from(g1.is_identity()) || bool::from(g2.is_identity()));
    let prepared: Vec<_> = terms.iter().map(|(g1, g2)| (g1, G2Prepared::from(*g2))).collect();
    let terms: Vec<_> = prepared.iter().map(|(g1, g2)| (*g1, g2)).collect();
    !identity && bool::from(Group::is_identity(&multi_miller_loop(&terms).final_exponentiation()))
}

#[cfg(test)]
mod tests;
