//! A request for a signature, and the text that authorises it.

use alloc::{format, string::String, vec::Vec};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sha3::{Digest, Keccak256};

use crate::{
    blake2_256, domain::Hex, BlockNumber, Curve, GenesisHash, KeyId, PkpId, RequestId, Scheme, Scope,
    DOMAIN_SIGN_REQUEST,
};

/// The longest message that is signed; a Solana transaction has at most 1,232 bytes.
pub const MAX_MESSAGE_BYTES: u32 = 16 * 1024;
/// The longest a request may be valid, in blocks: members remember requests that long.
pub const MAX_REQUEST_LIFETIME: BlockNumber = 200;

/// What is to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Payload {
    /// 32 bytes that the client hashed; ECDSA only. Reduced modulo the group's order, as all of ECDSA does.
    #[codec(index = 0)]
    Digest([u8; 32]),
    /// Bytes that the scheme itself hashes; every scheme but ECDSA.
    #[codec(index = 1)]
    Message(BoundedVec<u8, ConstU32<MAX_MESSAGE_BYTES>>),
    /// A text that the committee prefixes and hashes as `personal_sign` does (EIP-191); ECDSA on
    /// secp256k1 only.
    #[codec(index = 2)]
    PersonalMessage(BoundedVec<u8, ConstU32<MAX_MESSAGE_BYTES>>),
}

/// A payload that its scheme cannot sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum PayloadError {
    /// The scheme hashes by itself and takes a message.
    ExpectedMessage,
    /// The scheme takes a digest; on secp256k1 also a personal message.
    ExpectedDigest,
    /// A digest of 0 has signatures that anyone can make.
    ZeroDigest,
}

/// A request for a signature by a PKP.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SignRequest {
    /// The PKP that signs.
    pub pkp: PkpId,
    /// How.
    pub scheme: Scheme,
    /// What.
    pub payload: Payload,
    /// The last block at which members start on it.
    pub valid_until: BlockNumber,
    /// Chosen by the client at random: the same request twice has two nonces.
    pub nonce: [u8; 32],
}

impl SignRequest {
    /// The id: a hash of everything in the request, so that one id never stands for two messages.
    pub fn id(&self, genesis: &GenesisHash) -> RequestId {
        RequestId(blake2_256(&(b"CONCLAVE-V1-REQUEST", genesis, self).encode()))
    }

    /// The key that signs.
    pub const fn key(&self) -> KeyId {
        KeyId::Pkp(self.pkp, self.curve())
    }

    /// The curve of the key.
    pub const fn curve(&self) -> Curve {
        self.scheme.curve()
    }

    /// The scope it takes.
    pub const fn scope(&self) -> Scope {
        match self.payload {
            Payload::PersonalMessage(_) => Scope::PersonalSign,
            Payload::Digest(_) | Payload::Message(_) => Scope::SignAnything,
        }
    }

    /// The bytes that the protocol signs: a 32-byte digest for ECDSA, the message for all other schemes.
    pub fn bytes_to_sign(&self) -> Result<Vec<u8>, PayloadError> {
        match (&self.payload, self.scheme) {
            (Payload::Digest(digest), scheme) if scheme.is_ecdsa() => {
                if *digest == [0; 32] {
                    return Err(PayloadError::ZeroDigest);
                }
                Ok(digest.to_vec())
            }
            // EIP-191 is of Ethereum's curve; on another curve nobody would verify it.
            (Payload::PersonalMessage(message), Scheme::EcdsaSecp256k1) => {
                Ok(eip191_digest(message).to_vec())
            }
            (Payload::Message(message), scheme) if !scheme.is_ecdsa() => Ok(message.to_vec()),
            (_, scheme) if scheme.is_ecdsa() => Err(PayloadError::ExpectedDigest),
            _ => Err(PayloadError::ExpectedMessage),
        }
    }

    /// The text whose signature authorises the request: readable in a wallet, one line per field, and
    /// injective, since every field but the last line of the payload has a fixed form.
    pub fn text(&self, genesis: &GenesisHash) -> String {
        let payload = match &self.payload {
            Payload::Digest(digest) => format!("digest 0x{}", Hex(digest)),
            Payload::Message(message) => format!("message 0x{}", Hex(message)),
            Payload::PersonalMessage(message) => format!("personal message 0x{}", Hex(message)),
        };
        format!(
            "{DOMAIN_SIGN_REQUEST}\nChain: 0x{}\nPKP: {}\nScheme: {}\nPayload: {payload}\nValid until block: {}\nNonce: 0x{}",
            Hex(genesis),
            self.pkp,
            self.scheme,
            self.valid_until,
            Hex(&self.nonce),
        )
    }
}

/// The digest of `personal_sign` (EIP-191, version 0x45 `E`).
fn eip191_digest(message: &[u8]) -> [u8; 32] {
    Keccak256::new()
        .chain_update(format!("\x19Ethereum Signed Message:\n{}", message.len()))
        .chain_update(message)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> SignRequest {
        SignRequest {
            pkp: PkpId([1; 32]),
            scheme: Scheme::EcdsaSecp256k1,
            payload: Payload::Digest([2; 32]),
            valid_until: 9,
            nonce: [3; 32],
        }
    }

    #[test]
    fn every_field_should_change_the_id_and_the_text() {
        let base = request();
        let changed = [
            SignRequest { pkp: PkpId([9; 32]), ..base.clone() },
            SignRequest { scheme: Scheme::Ed25519, ..base.clone() },
            SignRequest { payload: Payload::Digest([9; 32]), ..base.clone() },
            SignRequest { payload: Payload::Message(vec_of(&[2; 32])), ..base.clone() },
            SignRequest { valid_until: 10, ..base.clone() },
            SignRequest { nonce: [9; 32], ..base.clone() },
        ];
        for other in changed {
            assert_ne!(base.id(&[0; 32]), other.id(&[0; 32]));
            assert_ne!(base.text(&[0; 32]), other.text(&[0; 32]));
        }
        assert_ne!(base.id(&[0; 32]), base.id(&[1; 32]));
        assert_ne!(base.text(&[0; 32]), base.text(&[1; 32]));
    }

    #[test]
    fn payload_should_fit_the_scheme() {
        for scheme in Scheme::ALL {
            let with = |payload| SignRequest { scheme, payload, ..request() }.bytes_to_sign();
            let (digest, message) = (with(Payload::Digest([2; 32])), with(Payload::Message(vec_of(b"a"))));
            let personal = with(Payload::PersonalMessage(vec_of(b"a")));
            if scheme.is_ecdsa() {
                assert_eq!((digest, message), (Ok([2; 32].to_vec()), Err(PayloadError::ExpectedDigest)));
                assert_eq!(with(Payload::Digest([0; 32])), Err(PayloadError::ZeroDigest));
            } else {
                assert_eq!((digest, message), (Err(PayloadError::ExpectedMessage), Ok(b"a".to_vec())));
            }
            assert_eq!(personal.is_ok(), scheme == Scheme::EcdsaSecp256k1);
        }
    }

    /// The digest that ethers' `hashMessage("hello world")` documents.
    #[test]
    fn eip191_digest_should_match_ethers() {
        let digest = eip191_digest(b"hello world");
        assert_eq!(
            format!("{}", Hex(&digest)),
            "d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68"
        );
    }

    fn vec_of(bytes: &[u8]) -> BoundedVec<u8, ConstU32<MAX_MESSAGE_BYTES>> {
        BoundedVec::truncate_from(bytes.to_vec())
    }
}
