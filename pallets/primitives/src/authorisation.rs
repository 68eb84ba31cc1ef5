//! Who asks, and the proof of it.

use alloc::{format, vec::Vec};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};

use crate::{AccountBytes, SessionAuthorisation, MAX_PROOF_NODES};

/// Bytes of variable length, at most `N`.
pub type Bytes<const N: u32> = BoundedVec<u8, ConstU32<N>>;

/// The longest EIP-4361 message: a ReCap of 32 capabilities, written out in its statement, has about half of it.
pub const MAX_SIWE_BYTES: u32 = 8 * 1024;
/// The longest signature of a contract wallet: some 60 owners of a Safe.
pub const MAX_CONTRACT_SIGNATURE_BYTES: u32 = 4 * 1024;
/// The longest prefix of a bech32 address (BIP-173).
pub const MAX_PREFIX_BYTES: u32 = 83;
/// The longest JSON web token; those of Google and Apple have between 700 and 1,500 bytes.
pub const MAX_TOKEN_BYTES: u32 = 8 * 1024;
/// The longest OAuth access token.
pub const MAX_ACCESS_TOKEN_BYTES: u32 = 512;
/// The longest credential id (WebAuthn, 5.8.3).
pub const MAX_CREDENTIAL_ID_BYTES: u32 = 1_023;
/// The longest `clientDataJSON`.
pub const MAX_CLIENT_DATA_BYTES: u32 = 2 * 1024;
/// The longest authenticator data of an assertion: 37 bytes and extensions.
pub const MAX_AUTHENTICATOR_DATA_BYTES: u32 = 512;
/// The longest relying party id: a domain name.
pub const MAX_RELYING_PARTY_BYTES: u32 = 253;
/// The longest ECDSA signature in DER on a curve of 256 bits.
pub const MAX_DER_SIGNATURE_BYTES: u32 = 72;

/// How someone proves who they are: the name under which a PKP permits them. The codec index is part of the chain's
/// format, never reused.
///
/// Those that hide an identity are Keccak-256 hashes as Lit makes them (`reference/lit-protocol.md`, 1.4), so that a
/// client computes one id for both networks; the constructors below say of what.
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
    /// An Ethereum wallet with a key, by address.
    #[codec(index = 1)]
    EthereumWallet([u8; 20]),
    /// A contract wallet (EIP-1271). Its chain is part of its name: at the same address on another chain somebody else
    /// may deploy.
    #[codec(index = 2)]
    ContractWallet {
        /// EIP-155.
        chain_id: u64,
        /// The contract.
        address: [u8; 20],
    },
    /// A Solana wallet, by its Ed25519 key.
    #[codec(index = 3)]
    SolanaWallet([u8; 32]),
    /// A Cosmos wallet, by RIPEMD-160 of SHA-256 of its compressed secp256k1 key: what its address on every chain of
    /// the Cosmos encodes.
    #[codec(index = 4)]
    CosmosWallet([u8; 20]),
    /// A program that the committee runs, by the SHA-256 digest in its CIDv0 (Lit's id without the constant `0x1220`).
    /// Nobody outside can authorise as one.
    #[codec(index = 5)]
    Action([u8; 32]),
    /// A passkey (WebAuthn): [`Self::passkey`].
    #[codec(index = 6)]
    Passkey([u8; 32]),
    /// A Google account as one client knows it: [`Self::google`].
    #[codec(index = 7)]
    Google([u8; 32]),
    /// An Apple account as one client knows it: [`Self::apple`].
    #[codec(index = 8)]
    Apple([u8; 32]),
    /// A Discord user as one application knows them: [`Self::discord`].
    #[codec(index = 9)]
    Discord([u8; 32]),
    /// A subject of any other OpenID provider: [`Self::open_id`].
    #[codec(index = 10)]
    OpenId([u8; 32]),
}

impl AuthMethod {
    /// The passkey `credential_id` of `relying_party` (a domain): Keccak-256 of `credential id as base64url:relying
    /// party`.
    pub fn passkey(credential_id_base64url: &str, relying_party: &str) -> Self {
        Self::Passkey(lit_id(credential_id_base64url, relying_party))
    }

    /// The Google account `subject` (`sub`) at the client `audience` (`aud`): Keccak-256 of `subject:audience`.
    pub fn google(subject: &str, audience: &str) -> Self {
        Self::Google(lit_id(subject, audience))
    }

    /// The Apple account `subject` (`sub`) at the client `audience` (`aud`): Keccak-256 of `subject:audience`.
    pub fn apple(subject: &str, audience: &str) -> Self {
        Self::Apple(lit_id(subject, audience))
    }

    /// The Discord user at an application: Keccak-256 of `user:application`.
    pub fn discord(user: &str, application: &str) -> Self {
        Self::Discord(lit_id(user, application))
    }

    /// A subject at a client of the provider `issuer` (`iss`). Not in Lit's form, which names no issuer and where a
    /// colon in a subject is ambiguous: Keccak-256 of the SCALE encoding of (`CONCLAVE-V1-OPENID`, issuer, audience,
    /// subject).
    pub fn open_id(issuer: &str, audience: &str, subject: &str) -> Self {
        Self::OpenId(keccak_256(&("CONCLAVE-V1-OPENID", issuer, audience, subject).encode()))
    }
}

fn lit_id(user: &str, application: &str) -> [u8; 32] {
    keccak_256(format!("{user}:{application}").as_bytes())
}

fn keccak_256(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

/// The public key of a passkey, which its auth method does not give away.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum CredentialKey {
    /// ECDSA on P-256 with SHA-256 (COSE algorithm -7); SEC1 compressed.
    #[codec(index = 0)]
    Es256([u8; 33]),
    /// Ed25519 (COSE algorithm -8); RFC 8032.
    #[codec(index = 1)]
    EdDsa([u8; 32]),
}

/// Who asks: a signature over the request's canonical text ([`crate::SignRequest::text`]), or something
/// bound to its challenge. `conclave-auth` verifies it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Authorisation {
    /// schnorrkel, context `substrate`. Substrate wallets may wrap the text in `<Bytes>…</Bytes>`, as `signRaw` does.
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
    /// An Ethereum wallet under a message of EIP-4361 whose `Request ID` is this request's.
    #[codec(index = 4)]
    Siwe {
        /// The message.
        message: Bytes<MAX_SIWE_BYTES>,
        /// r ‖ s ‖ v, v in {0, 1, 27, 28}.
        signature: [u8; 65],
    },
    /// A contract wallet (EIP-1271) that accepts the EIP-191 digest of the text.
    #[codec(index = 5)]
    ContractWallet {
        /// EIP-155.
        chain_id: u64,
        /// The contract.
        address: [u8; 20],
        /// What the contract judges.
        signature: Bytes<MAX_CONTRACT_SIGNATURE_BYTES>,
    },
    /// A Solana wallet's `signMessage` over the text.
    #[codec(index = 6)]
    Solana {
        /// The signer.
        public: [u8; 32],
        /// RFC 8032.
        signature: [u8; 64],
    },
    /// A Cosmos wallet's `signArbitrary` over the text (ADR-36).
    #[codec(index = 7)]
    Cosmos {
        /// The prefix under which the wallet wrote its address into the document, as `cosmos`.
        prefix: Bytes<MAX_PREFIX_BYTES>,
        /// The signer, SEC1 compressed.
        public: [u8; 33],
        /// r ‖ s.
        signature: [u8; 64],
    },
    /// A passkey's assertion whose challenge is this request's.
    #[codec(index = 8)]
    Passkey(PasskeyAssertion),
    /// An id token of an OpenID provider whose `nonce` is this request's challenge as base64url.
    #[codec(index = 9)]
    OpenId {
        /// The token, in the compact form of RFC 7519.
        token: Bytes<MAX_TOKEN_BYTES>,
    },
    /// A Discord access token. It is bound to nothing, so it serves one session key only.
    #[codec(index = 10)]
    Discord {
        /// The token.
        token: Bytes<MAX_ACCESS_TOKEN_BYTES>,
    },
    /// A key to which somebody delegated.
    #[codec(index = 11)]
    Session(SessionAuthorisation),
}

/// An assertion by a passkey (WebAuthn level 3, 7.2).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct PasskeyAssertion {
    /// The relying party: the domain for which the passkey was made.
    pub relying_party: Bytes<MAX_RELYING_PARTY_BYTES>,
    /// Which passkey.
    pub credential_id: Bytes<MAX_CREDENTIAL_ID_BYTES>,
    /// `clientDataJSON`, as the browser wrote it.
    pub client_data: Bytes<MAX_CLIENT_DATA_BYTES>,
    /// `authenticatorData`.
    pub authenticator_data: Bytes<MAX_AUTHENTICATOR_DATA_BYTES>,
    /// ES256: DER; EdDSA: 64 bytes.
    pub signature: Bytes<MAX_DER_SIGNATURE_BYTES>,
}

impl Authorisation {
    /// The texts that a Substrate signature may cover: as is, and as a wallet wraps it.
    pub fn accepted_texts(text: &str) -> [Vec<u8>; 2] {
        let mut wrapped = b"<Bytes>".to_vec();
        wrapped.extend_from_slice(text.as_bytes());
        wrapped.extend_from_slice(b"</Bytes>");
        [text.as_bytes().to_vec(), wrapped]
    }
}

/// What entitles to one request.
///
/// That somebody is on a list needs no signature of theirs: it says nothing that finalized state does not, and of nobody
/// but who asks.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Entitlement {
    /// Who asks.
    pub authorisation: Authorisation,
    /// Where the PKP does not permit them by name: the list that they are on.
    pub listed: Option<ListMembership>,
}

impl From<Authorisation> for Entitlement {
    fn from(authorisation: Authorisation) -> Self {
        Self { authorisation, listed: None }
    }
}

/// The claim to be on one of a PKP's permitted lists ([`crate::ListPermission`]).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct ListMembership {
    /// Which list of the PKP.
    pub list: u32,
    /// The siblings of the auth method's leaf and of the nodes above it, from the leaf up ([`crate::list_tree`]).
    pub proof: BoundedVec<[u8; 32], ConstU32<{ MAX_PROOF_NODES as u32 }>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codec_indices_should_stay() {
        let methods = [
            AuthMethod::Account([0; 32]),
            AuthMethod::EthereumWallet([0; 20]),
            AuthMethod::ContractWallet { chain_id: 1, address: [0; 20] },
            AuthMethod::SolanaWallet([0; 32]),
            AuthMethod::CosmosWallet([0; 20]),
            AuthMethod::Action([0; 32]),
            AuthMethod::passkey("id", "example.com"),
            AuthMethod::google("1", "a"),
            AuthMethod::apple("1", "a"),
            AuthMethod::discord("1", "a"),
            AuthMethod::open_id("https://example.com", "a", "1"),
        ];
        let indices: Vec<u8> = methods.iter().filter_map(|method| method.encode().first().copied()).collect();
        assert_eq!(indices, (0..=10).collect::<Vec<u8>>());
    }

    #[test]
    fn an_openid_subject_should_not_be_another_client_s() {
        let one = AuthMethod::open_id("https://a", "b", "c:d");
        assert_ne!(one, AuthMethod::open_id("https://a", "b:c", "d"));
        assert_ne!(one, AuthMethod::open_id("https://a:b", "c", "d"));
        // Lit's form is for providers whose subjects have no colon.
        assert_eq!(AuthMethod::google("c:d", "b"), AuthMethod::google("c", "d:b"));
    }
}
