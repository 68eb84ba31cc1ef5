//! Addresses from public keys: pure functions, each after its published specification.

use alloc::{string::String, vec::Vec};
use bech32::{hrp, segwit};
use blake2::{Blake2b512, Digest};
use conclave_primitives::PkpAddresses;
use conclave_vss::{decode_point, Secp256k1};
use k256::{
    elliptic_curve::{sec1::ToSec1Point, Group, PrimeField},
    AffinePoint, ProjectivePoint, Scalar,
};
use ripemd::Ripemd160;
use sp_io::hashing::{keccak_256, sha2_256};

/// A key that has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressError {
    /// Not a point of secp256k1 in SEC1's compressed encoding.
    NotSecp256k1,
    /// Not 32 bytes, as an Ed25519 public key is.
    NotEd25519,
    /// Not 32 bytes, as an sr25519 public key is.
    NotSr25519,
    /// The taproot tweak gives no key; for a random key the probability is below 2^-127.
    Untweakable,
    /// The SS58 prefix takes more than 14 bits.
    Ss58Prefix,
    /// The address encoder refused.
    Encoding,
}

/// Every address of a PKP: `secp256k1` compressed as in SEC1, `ed25519` as in RFC 8032, `sr25519` as in RFC 9496.
pub fn addresses(
    secp256k1: &[u8],
    ed25519: &[u8],
    sr25519: &[u8],
    ss58_prefix: u16,
) -> Result<PkpAddresses, AddressError> {
    let ed25519: &[u8; 32] = ed25519.try_into().map_err(|_| AddressError::NotEd25519)?;
    let sr25519: &[u8; 32] = sr25519.try_into().map_err(|_| AddressError::NotSr25519)?;
    Ok(PkpAddresses {
        evm: evm(secp256k1)?,
        bitcoin_p2wpkh: bitcoin_p2wpkh(secp256k1)?,
        bitcoin_p2tr: bitcoin_p2tr(secp256k1)?,
        solana: solana(ed25519),
        ss58_sr25519: ss58(sr25519, ss58_prefix)?,
        ss58_ed25519: ss58(ed25519, ss58_prefix)?,
    })
}

/// EVM: the last 20 bytes of Keccak-256 of the uncompressed key, in the checksum of EIP-55.
pub fn evm(secp256k1: &[u8]) -> Result<String, AddressError> {
    let point = decode_point::<Secp256k1>(secp256k1).map_err(|_| AddressError::NotSecp256k1)?;
    let uncompressed = point.to_affine().to_sec1_point(false);
    // 0x04 ‖ x ‖ y; the address is of x ‖ y.
    let coordinates = uncompressed.as_bytes().get(1..).ok_or(AddressError::NotSecp256k1)?;
    let [.., a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = keccak_256(coordinates);
    Ok(eip55(&[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t]))
}

/// EIP-55: a letter is a capital where the hash of the lower-case text has a nibble of 8 or more.
pub fn eip55(address: &[u8; 20]) -> String {
    let lower: Vec<u8> = address.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect();
    let hash = keccak_256(&lower);
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = String::from("0x");
    text.extend(
        lower
            .iter()
            .zip(nibbles)
            .map(|(digit, nibble)| char::from(if nibble >= 8 { digit.to_ascii_uppercase() } else { *digit })),
    );
    text
}

const fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + nibble - 10,
    }
}

/// Bitcoin mainnet, pay to witness public key hash: version 0 of RIPEMD-160(SHA-256(key)) (BIP-141, BIP-173).
pub fn bitcoin_p2wpkh(secp256k1: &[u8]) -> Result<String, AddressError> {
    decode_point::<Secp256k1>(secp256k1).map_err(|_| AddressError::NotSecp256k1)?;
    let program = Ripemd160::digest(sha2_256(secp256k1));
    segwit::encode_v0(hrp::BC, &program).map_err(|_| AddressError::Encoding)
}

/// Bitcoin mainnet, pay to taproot by key path without scripts: version 1 of the tweaked key (BIP-86, BIP-350).
pub fn bitcoin_p2tr(secp256k1: &[u8]) -> Result<String, AddressError> {
    segwit::encode_v1(hrp::BC, &taproot_output_key(secp256k1)?).map_err(|_| AddressError::Encoding)
}

/// BIP-341, `taproot_tweak_pubkey` with an empty `h`, as BIP-86 wants: Q = lift_x(x(P)) + H_TapTweak(x(P))·G.
pub fn taproot_output_key(secp256k1: &[u8]) -> Result<[u8; 32], AddressError> {
    const ODD: u8 = 3;
    let point = decode_point::<Secp256k1>(secp256k1).map_err(|_| AddressError::NotSecp256k1)?;
    let internal = x_only(&point.to_affine())?;
    let lifted = if secp256k1.first() == Some(&ODD) { -point } else { point };
    let tweak: Option<Scalar> = Scalar::from_repr(tagged_hash(b"TapTweak", &internal).into()).into();
    let output = lifted + ProjectivePoint::GENERATOR * tweak.ok_or(AddressError::Untweakable)?;
    if bool::from(output.is_identity()) {
        return Err(AddressError::Untweakable);
    }
    x_only(&output.to_affine())
}

/// The x coordinate (BIP-340).
fn x_only(point: &AffinePoint) -> Result<[u8; 32], AddressError> {
    point
        .to_sec1_point(true)
        .as_bytes()
        .get(1..)
        .and_then(|x| x.try_into().ok())
        .ok_or(AddressError::NotSecp256k1)
}

/// BIP-340: SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ message).
fn tagged_hash(tag: &[u8], message: &[u8]) -> [u8; 32] {
    let tag = sha2_256(tag);
    sha2_256(&[&tag, &tag, message].concat())
}

/// Solana: the Ed25519 key in base58.
pub fn solana(ed25519: &[u8; 32]) -> String {
    bs58::encode(ed25519).into_string()
}

/// SS58: base58 of prefix ‖ key ‖ the first two bytes of BLAKE2b-512("SS58PRE" ‖ prefix ‖ key).
pub fn ss58(account: &[u8; 32], prefix: u16) -> Result<String, AddressError> {
    let mut bytes = ss58_prefix(prefix)?;
    bytes.extend_from_slice(account);
    let checksum = Blake2b512::new().chain_update(b"SS58PRE").chain_update(&bytes).finalize();
    bytes.extend(checksum.into_iter().take(2));
    Ok(bs58::encode(bytes).into_string())
}

/// One byte below 64; two with the bits `01pppppp pppppppp` spread as the SS58 registry says below 16,384.
fn ss58_prefix(prefix: u16) -> Result<Vec<u8>, AddressError> {
    let [high, low] = prefix.to_be_bytes();
    match prefix {
        0..=63 => Ok([low].to_vec()),
        64..=16_383 => Ok([0b0100_0000 | (low >> 2), high | (low << 6)].to_vec()),
        _ => Err(AddressError::Ss58Prefix),
    }
}
