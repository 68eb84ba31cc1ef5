//! Who asks, and the proof of it.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::AccountBytes;

/// How someone proves who they are.
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
    Serialize,
    Deserialize,
)]
pub enum AuthMethod {
    /// An account of this chain: sr25519 or Ed25519 public key, or the BLAKE2 hash of an ECDSA one.
    #[codec(index = 0)]
    Account(AccountBytes),
    /// An Ethereum wallet, by address.
    #[codec(index = 1)]
    EthereumWallet([u8; 20]),
}

/// A signature over the canonical text of a request ([`crate::SignRequest::text`]). Substrate wallets
/// may wrap the text in `<Bytes>…</Bytes>`, as `signRaw` does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Authorisation {
    /// schnorrkel, context `substrate`.
    #[codec(index = 0)]
    Sr25519 {
        /// The signer.
        public: [u8; 32],
        /// The signature.
        signature: [u8; 64],
    },
    /// RFC 8032.
    #[codec(index = 1)]
    Ed25519 {
        /// The signer.
        public: [u8; 32],
        /// The signature.
        signature: [u8; 64],
    },
    /// Substrate's ECDSA: secp256k1 over BLAKE2b-256, recoverable.
    #[codec(index = 2)]
    Ecdsa {
        /// The account: BLAKE2b-256 of the compressed key.
        account: AccountBytes,
        /// r ‖ s ‖ v.
        signature: [u8; 65],
    },
    /// `personal_sign` of an Ethereum wallet (EIP-191, version 0x45).
    #[codec(index = 3)]
    Eip191 {
        /// The signer.
        address: [u8; 20],
        /// r ‖ s ‖ v, v in {0, 1, 27, 28}.
        signature: [u8; 65],
    },
}

impl Authorisation {
    /// Whom the signature claims to be from.
    pub const fn method(&self) -> AuthMethod {
        match self {
            Self::Sr25519 { public, .. } | Self::Ed25519 { public, .. } => AuthMethod::Account(*public),
            Self::Ecdsa { account, .. } => AuthMethod::Account(*account),
            Self::Eip191 { address, .. } => AuthMethod::EthereumWallet(*address),
        }
    }

    /// The texts that the signature may cover: as is, and as a Substrate wallet wraps it.
    pub fn accepted_texts(text: &str) -> [Vec<u8>; 2] {
        let mut wrapped = b"<Bytes>".to_vec();
        wrapped.extend_from_slice(text.as_bytes());
        wrapped.extend_from_slice(b"</Bytes>");
        [text.as_bytes().to_vec(), wrapped]
    }
}
