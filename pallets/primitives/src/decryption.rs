//! Encryption to identities: what a decryption key is for, and how shares of one travel.

use alloc::{format, string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

use crate::{blake2_256, domain::Hex, EncodedPoint, GenesisHash, KeysetId};

const DOMAIN_IDENTITY: &[u8] = b"CONCLAVE-V1-DECRYPTION-IDENTITY";
const DOMAIN_STATEMENT: &[u8] = b"CONCLAVE-V1-DECRYPTION-STATEMENT";
const LIT_PREFIX: &str = "lit-accesscontrolcondition://";

/// Bytes of a point in G1 of BLS12-381, compressed as Zcash does.
pub const G1_BYTES: usize = 48;
/// Bytes of a point in G2 of BLS12-381, compressed as Zcash does.
pub const G2_BYTES: usize = 96;

/// To whom something is encrypted: whoever meets a condition. The decryption key of an identity is the BLS
/// signature of the [`Purpose::Decrypt`](crate::Purpose::Decrypt) root on [`Self::bytes`], and opens whatever is
/// encrypted to it, forever.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum DecryptionIdentity {
    /// Ours. Says nothing about the plaintext, so that nobody can confirm a guess at it.
    #[codec(index = 0)]
    V1 {
        /// The chain.
        genesis: GenesisHash,
        /// The key set whose Decrypt root it is encrypted under.
        keyset: KeysetId,
        /// The hash of the condition.
        condition: [u8; 32],
        /// What keeps this ciphertext's key from opening others under the same condition: the hash of the
        /// ciphertext, or a nonce that is drawn for it. Never anything that follows from the plaintext.
        binding: [u8; 32],
    },
    /// Lit Protocol's, of the packages @lit-protocol/* version 7, for what those encrypt and decrypt. It has the
    /// plaintext's hash: whoever guesses a plaintext can tell that the guess is right.
    #[codec(index = 1)]
    LitV7 {
        /// SHA-256 of Lit's canonical JSON of the condition.
        condition: [u8; 32],
        /// SHA-256 of the plaintext.
        plaintext: [u8; 32],
    },
}

impl DecryptionIdentity {
    /// The bytes that are hashed to the curve. Injective, also between versions: one starts with our domain and has
    /// one length, the other is a URI of one length.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::V1 { .. } => (DOMAIN_IDENTITY, self).encode(),
            Self::LitV7 { condition, plaintext } => lit_uri(condition, plaintext).into_bytes(),
        }
    }

    /// The hash of the condition that has to hold.
    pub const fn condition(&self) -> &[u8; 32] {
        match self {
            Self::V1 { condition, .. } | Self::LitV7 { condition, .. } => condition,
        }
    }
}

/// As `_getIdentityParamForEncryption` of Lit's lit-node-client-nodejs 7.4 has it: lower-case hex, no 0x.
fn lit_uri(condition: &[u8; 32], plaintext: &[u8; 32]) -> String {
    format!("{LIT_PREFIX}{}/{}", Hex(condition), Hex(plaintext))
}

/// A client's one-time public key c·g, in both groups: shares are sealed to the half in G2, and verified by the
/// half in G1. Belongs into the text that the client signs, or another could have its shares sealed to himself.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct OneTimeKey {
    /// c·g₁.
    pub in_g1: [u8; G1_BYTES],
    /// c·g₂.
    pub in_g2: [u8; G2_BYTES],
}

impl fmt::Debug for OneTimeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OneTimeKey(0x{})", Hex(&self.in_g1))
    }
}

/// A point in G2, sealed to a [`OneTimeKey`]: a share of a decryption key or, combined, the key. Public.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Sealed {
    /// μ = r·g₂.
    pub mu: [u8; G2_BYTES],
    /// ω: the point, plus r·c·g₂.
    pub omega: [u8; G2_BYTES],
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed(0x{}, 0x{})", Hex(&self.mu), Hex(&self.omega))
    }
}

/// What a sealed share is a share of. A member sends its hash with the share, so that its signed message alone says
/// what the share has to be judged by.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DecryptionStatement {
    /// The public key that data is encrypted under: a Decrypt root, in G1.
    pub public_key: EncodedPoint,
    /// Of which identity.
    pub identity: DecryptionIdentity,
    /// Sealed to whom.
    pub client: OneTimeKey,
}

impl DecryptionStatement {
    /// BLAKE2b-256 of the domain and the SCALE encoding.
    pub fn hash(&self) -> [u8; 32] {
        blake2_256(&(DOMAIN_STATEMENT, self).encode())
    }
}

/// A member's answer: always [`Self::BYTES`] long.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct DecryptionShare {
    /// [`DecryptionStatement::hash`].
    pub statement: [u8; 32],
    /// The share.
    pub sealed: Sealed,
}

impl DecryptionShare {
    /// The length of the encoding.
    pub const BYTES: usize = 32 + 2 * G2_BYTES;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v1() -> DecryptionIdentity {
        DecryptionIdentity::V1 { genesis: [1; 32], keyset: KeysetId(2), condition: [3; 32], binding: [4; 32] }
    }

    /// Pins the bytes: whatever is encrypted today is opened by them forever.
    #[test]
    fn identity_bytes_should_stay() {
        let domain = [&[31 << 2][..], b"CONCLAVE-V1-DECRYPTION-IDENTITY"].concat();
        let expected = [&domain[..], &[0], &[1; 32], &[2, 0, 0, 0], &[3; 32], &[4; 32]].concat();
        assert_eq!(v1().bytes(), expected);
        let lit = DecryptionIdentity::LitV7 { condition: [0xab; 32], plaintext: [0x0c; 32] };
        let uri = format!("lit-accesscontrolcondition://{}/{}", "ab".repeat(32), "0c".repeat(32));
        assert_eq!(lit.bytes(), uri.into_bytes());
    }

    #[test]
    fn every_part_should_change_the_identity_and_the_statement() {
        let (genesis, keyset, condition, binding) = ([1; 32], KeysetId(2), [3; 32], [4; 32]);
        let identities = [
            v1(),
            DecryptionIdentity::V1 { genesis: [9; 32], keyset, condition, binding },
            DecryptionIdentity::V1 { genesis, keyset: KeysetId(9), condition, binding },
            DecryptionIdentity::V1 { genesis, keyset, condition: [9; 32], binding },
            DecryptionIdentity::V1 { genesis, keyset, condition, binding: [9; 32] },
            DecryptionIdentity::LitV7 { condition, plaintext: binding },
            DecryptionIdentity::LitV7 { condition: binding, plaintext: condition },
        ];
        let client = OneTimeKey { in_g1: [5; G1_BYTES], in_g2: [6; G2_BYTES] };
        let statement = |identity| DecryptionStatement {
            public_key: EncodedPoint::truncate_from([7; G1_BYTES].to_vec()),
            identity,
            client,
        };
        let mut statements: Vec<_> = identities.into_iter().map(statement).collect();
        statements.push(DecryptionStatement { public_key: EncodedPoint::default(), ..statement(v1()) });
        for changed in
            [OneTimeKey { in_g1: [9; G1_BYTES], ..client }, OneTimeKey { in_g2: [9; G2_BYTES], ..client }]
        {
            statements.push(DecryptionStatement { client: changed, ..statement(v1()) });
        }
        for (i, one) in identities.iter().enumerate() {
            assert!(identities.iter().skip(i + 1).all(|other| one.bytes() != other.bytes()));
        }
        for (i, one) in statements.iter().enumerate() {
            assert!(statements.iter().skip(i + 1).all(|other| one.hash() != other.hash()));
        }
    }

    #[test]
    fn a_share_should_have_one_length() {
        let sealed = Sealed { mu: [1; G2_BYTES], omega: [2; G2_BYTES] };
        let share = DecryptionShare { statement: [3; 32], sealed };
        assert_eq!(share.encode().len(), DecryptionShare::BYTES);
        assert_eq!(DecryptionShare::max_encoded_len(), DecryptionShare::BYTES);
        assert_eq!(DecryptionShare::decode(&mut &share.encode()[..]), Ok(share));
    }
}
