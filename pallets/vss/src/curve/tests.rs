//! Strict decoding on every curve, and hashing to scalars beside published vectors and the curve libraries.

use alloc::{vec, vec::Vec};
use bls12_381_plus::{G1Affine, G2Affine};
use ff::Field;

use super::*;

const fn hex<const N: usize>(text: &str) -> [u8; N] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => panic!("no digit"),
        }
    }
    let (text, mut bytes, mut at) = (text.as_bytes(), [0; N], 0);
    assert!(text.len() == 2 * N);
    while at < N {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

/// `order`: the order of the group in the byte order of the curve's scalars.
fn strict_decoding<C: SharingCurve>(curve: Curve, order: [u8; 32]) {
    assert_eq!(C::NAME, curve.name());
    let generator = C::Group::generator();
    let bytes = generator.to_bytes().as_ref().to_vec();
    assert_eq!(bytes.len(), curve.point_bytes());
    assert_eq!(decode_point::<C>(&bytes), Ok(generator));
    assert_eq!(check_point(curve, &bytes), Ok(()));
    let identity = C::Group::identity().to_bytes().as_ref().to_vec();
    assert!(decode_point::<C>(&identity).is_err());
    assert!(decode_point::<C>(bytes.get(1..).unwrap_or_default()).is_err());
    assert!(decode_point::<C>(&[bytes.as_slice(), &[0]].concat()).is_err());
    for fill in [0, 0xff] {
        assert!(decode_point::<C>(&vec![fill; bytes.len()]).is_err());
    }

    let scalar = C::Scalar::from(2).invert().unwrap();
    assert_eq!(decode_scalar::<C>(&encode_scalar::<C>(&scalar)), Some(scalar));
    assert_eq!(decode_scalar::<C>(&order), None, "the order is not a canonical 0");
    assert_eq!(decode_scalar::<C>(&[0xff; 32]), None);
    assert_eq!(decode_scalar::<C>(&encode_scalar::<C>(&-C::Scalar::ONE)), Some(-C::Scalar::ONE));
}

const ORDER_25519: [u8; 32] = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
const ORDER_BLS: [u8; 32] = hex("01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73");

#[test]
fn secp256k1_should_decode_strictly() {
    let order = hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    strict_decoding::<Secp256k1>(Curve::Secp256k1, order);
}

#[test]
fn ed25519_should_decode_strictly() {
    strict_decoding::<Ed25519>(Curve::Ed25519, ORDER_25519);
}

#[test]
fn secp256r1_should_decode_strictly() {
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    strict_decoding::<Secp256r1>(Curve::Secp256r1, order);
}

#[test]
fn ristretto255_should_decode_strictly() {
    strict_decoding::<Ristretto255>(Curve::Ristretto255, ORDER_25519);
}

#[test]
fn bls12381_should_decode_strictly() {
    strict_decoding::<Bls12381G1>(Curve::Bls12381G1, ORDER_BLS);
    strict_decoding::<Bls12381G2>(Curve::Bls12381G2, ORDER_BLS);
}

#[test]
fn sec1_curves_should_refuse_other_tags_and_large_coordinates() {
    fn check<C: SharingCurve>(field_order: [u8; 32]) {
        let mut bytes = C::Group::generator().to_bytes().as_ref().to_vec();
        for tag in [0, 1, 4, 5, 6, 7] {
            bytes[0] = tag;
            assert_eq!(decode_point::<C>(&bytes), Err(PointError::Invalid));
        }
        for tag in [2, 3] {
            let large = [&[tag][..], &field_order].concat();
            assert_eq!(decode_point::<C>(&large), Err(PointError::Invalid));
        }
    }
    check::<Secp256k1>(hex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"));
    check::<Secp256r1>(hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"));
}

#[test]
fn ed25519_should_refuse_low_order_and_mixed_order_points() {
    use curve25519_dalek::{constants, edwards::EdwardsPoint};
    let torsion: EdwardsPoint = constants::EIGHT_TORSION[1];
    let mixed = constants::ED25519_BASEPOINT_POINT + torsion;
    for point in [torsion, mixed] {
        assert_eq!(decode_point::<Ed25519>(&point.compress().to_bytes()), Err(PointError::Invalid));
    }
    // y = p + 1 is a non-canonical encoding of y = 1.
    let mut non_canonical = [0xff; 32];
    non_canonical[0] = 0xee;
    non_canonical[31] = 0x7f;
    assert_eq!(decode_point::<Ed25519>(&non_canonical), Err(PointError::Invalid));
}

/// RFC 9496, appendix A.2: invalid encodings, one of each kind.
#[test]
fn ristretto255_should_refuse_the_published_bad_encodings() {
    for bad in [
        // Not canonical.
        "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        // Negative.
        "0100000000000000000000000000000000000000000000000000000000000000",
        // Of no square x².
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
        // With y = 0.
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        assert_eq!(decode_point::<Ristretto255>(&hex::<32>(bad)), Err(PointError::Invalid), "{bad}");
    }
}

const COMPRESSED: u8 = 0b1000_0000;
const INFINITY: u8 = 0b0100_0000;
const SORT: u8 = 0b0010_0000;

fn bls12381_flags<C: SharingCurve>() {
    let bytes = C::Group::generator().to_bytes().as_ref().to_vec();
    let mut zero = vec![0; bytes.len()];
    zero[0] = COMPRESSED | INFINITY;
    assert_eq!(decode_point::<C>(&zero), Err(PointError::Identity));
    zero[0] |= SORT;
    assert_eq!(decode_point::<C>(&zero), Err(PointError::Invalid));

    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = bytes.clone();
        change(&mut changed);
        decode_point::<C>(&changed)
    };
    assert_eq!(with(&|bytes| bytes[0] &= !COMPRESSED), Err(PointError::Invalid));
    assert_eq!(with(&|bytes| bytes[0] |= INFINITY), Err(PointError::Invalid));
    assert_eq!(with(&|bytes| bytes[0] ^= SORT), Ok(-C::Group::generator()));
    // The field's order as a coordinate, the first and, on G2, the second.
    let order: [u8; 48] = hex(concat!(
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf",
        "6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
    ));
    for start in (0..bytes.len()).step_by(48) {
        let large = with(&|bytes| {
            bytes[start..start + 48].copy_from_slice(&order);
            bytes[0] |= COMPRESSED;
        });
        assert_eq!(large, Err(PointError::Invalid));
    }
}

#[test]
fn bls12381_should_refuse_wrong_flags_and_large_coordinates() {
    bls12381_flags::<Bls12381G1>();
    bls12381_flags::<Bls12381G2>();
}

/// Points of the curves outside the subgroups, which decode without the check.
#[test]
fn bls12381_should_refuse_points_outside_the_subgroup() {
    let (mut on_g1, mut on_g2) = (0, 0);
    for x in 0..32 {
        let (mut g1, mut g2) = ([0; 48], [0; 96]);
        (g1[0], g1[47]) = (COMPRESSED, x);
        (g2[0], g2[95]) = (COMPRESSED, x);
        if bool::from(G1Affine::from_compressed_unchecked(&g1).is_some()) {
            on_g1 += 1;
            assert_eq!(decode_point::<Bls12381G1>(&g1), Err(PointError::Invalid));
        }
        if bool::from(G2Affine::from_compressed_unchecked(&g2).is_some()) {
            on_g2 += 1;
            assert_eq!(decode_point::<Bls12381G2>(&g2), Err(PointError::Invalid));
        }
    }
    assert!(on_g1 > 4 && on_g2 > 4, "{on_g1} and {on_g2} points: the test tests nothing");
}

/// RFC 9380, appendices K.1 and K.3.
#[test]
fn expand_message_should_match_rfc_9380() {
    let sha256 = |message: &[u8]| {
        expand::<ExpandMsgXmd<Sha256>, 32>(message, b"QUUX-V01-CS02-with-expander-SHA256-128")
    };
    assert_eq!(sha256(b""), hex("68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235"));
    assert_eq!(sha256(b"abc"), hex("d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615"));
    let sha512 = |message: &[u8]| {
        expand::<ExpandMsgXmd<Sha512>, 32>(message, b"QUUX-V01-CS02-with-expander-SHA512-256")
    };
    assert_eq!(sha512(b""), hex("6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba"));
    assert_eq!(sha512(b"abc"), hex("0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc"));
}

/// RFC 9497, appendix A.3.1: `DeriveKeyPair` of OPRF(P-256, SHA-256) is `hash_to_field` of the scalars.
#[test]
fn hash_to_scalar_should_match_rfc_9497_on_p256() {
    let message = [&[0xa3; 32][..], &[0, 8], b"test key", &[0]].concat();
    let scalar = Secp256r1::hash_to_scalar(&message, b"DeriveKeyPairOPRFV1-\x00-P256-SHA256");
    let expected = hex("159749d750713afe245d2d39ccfaae8381c53ce92d098a9375ee70739c7ac0bf");
    assert_eq!(encode_scalar::<Secp256r1>(&scalar), expected);
}

/// The curve libraries' own `hash_to_field` for scalars are the oracles.
#[test]
fn hash_to_scalar_should_match_the_curve_libraries() {
    use hybrid_array::typenum::U48;
    let tag = b"CONCLAVE-V1-KDF-secp256k1";
    let theirs =
        hash2curve::hash_to_scalar::<k256::Secp256k1, ExpandMsgXmd<Sha256>, U48>(&[b"abc"], &[tag]).ok();
    assert_eq!(theirs, Some(Secp256k1::hash_to_scalar(b"abc", tag)));

    let mut order = [0; 48];
    order[16..].copy_from_slice(&ORDER_BLS);
    order[16..].reverse();
    for wide in [[0xff; 48], order, [0x5a; 48]] {
        let theirs = bls12_381_plus::Scalar::from_okm(&wide);
        assert_eq!(scalar_from_wide::<bls12_381_plus::Scalar>(&wide), theirs);
    }
}

#[test]
fn every_curve_should_hash_to_scalars_of_its_own() {
    let mut seen = alloc::collections::BTreeSet::new();
    for curve in Curve::SIGNING {
        let tag = [b"CONCLAVE-V1-KDF-", curve.name().as_bytes()].concat();
        let bytes = on_curve!(curve, C => encode_scalar::<C>(&C::hash_to_scalar(b"abc", &tag)));
        assert!(seen.insert(bytes), "{curve:?}");
    }
}
