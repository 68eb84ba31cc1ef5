//! Why an authorisation is refused, each with what to do about it.

use codec::{Decode, Encode};
use conclave_primitives::{BlockNumber, Capability, Cid, PkpId, RequestId};

use crate::{checksum_address, passkey::PasskeyError, recap::ReCapError, siwe::SiweError, token::TokenError};

/// Why an authorisation is refused.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The signature is not the signer's.
    #[error("the signature is not the signer's over this request; sign exactly the text of the request, on this chain")]
    #[codec(index = 0)]
    WrongSignature,
    /// The message is none of EIP-4361.
    #[error("sign-in message: {0}")]
    #[codec(index = 1)]
    Siwe(#[from] SiweError),
    /// The ReCap grants nothing that can be used.
    #[error("ReCap: {0}")]
    #[codec(index = 2)]
    ReCap(#[from] ReCapError),
    /// An id token.
    #[error("id token: {0}")]
    #[codec(index = 3)]
    Token(#[from] TokenError),
    /// A passkey.
    #[error("passkey: {0}")]
    #[codec(index = 4)]
    Passkey(#[from] PasskeyError),

    /// The request's last block is over.
    #[error("the request was valid until block {valid_until}, finalized is {finalized}; make a new one")]
    #[codec(index = 10)]
    RequestExpired {
        /// Its last block.
        valid_until: BlockNumber,
        /// Where the chain is.
        finalized: BlockNumber,
    },
    /// The request's last block is too far away.
    #[error("the request is valid until block {valid_until}; choose a block up to {limit}")]
    #[codec(index = 11)]
    RequestTooLong {
        /// Its last block.
        valid_until: BlockNumber,
        /// The latest.
        limit: BlockNumber,
    },
    /// Its time is over.
    #[error("the authorisation expired at {at} (Unix time); sign in again")]
    #[codec(index = 12)]
    Expired {
        /// When.
        at: u64,
    },
    /// Its time has not come.
    #[error("the authorisation is not valid before {from} (Unix time); wait, or set the clock right")]
    #[codec(index = 13)]
    NotYetValid {
        /// From when.
        from: u64,
    },
    /// It is valid for too long.
    #[error("the authorisation is valid for {seconds} seconds; choose at most {limit}")]
    #[codec(index = 14)]
    TooLong {
        /// For how long.
        seconds: u64,
        /// The longest.
        limit: u64,
    },
    /// It ends before it begins.
    #[error("the authorisation ends before it begins; set Expiration Time after Issued At and Not Before")]
    #[codec(index = 15)]
    EndsBeforeItBegins,
    /// It never ends.
    #[error("the authorisation never expires; set an Expiration Time")]
    #[codec(index = 16)]
    NoExpiry,

    /// The nonce is no hash of a block.
    #[error("the nonce is not the hash of a block: 64 hex digits, with or without 0x")]
    #[codec(index = 20)]
    NonceForm,
    /// No finalized block of this chain has this hash.
    #[error("no finalized block of this chain has the hash in the nonce; take that of a recent finalized block of this chain")]
    #[codec(index = 21)]
    UnknownBlock,
    /// The block is too old.
    #[error("block {number} in the nonce is too old; take one from {oldest} on")]
    #[codec(index = 22)]
    OldBlock {
        /// Its number.
        number: BlockNumber,
        /// The oldest that would do.
        oldest: BlockNumber,
    },
    /// The block is ahead of what this member knows as final.
    #[error("block {number} in the nonce is not final here yet; try again in some seconds")]
    #[codec(index = 23)]
    BlockAhead {
        /// Its number.
        number: BlockNumber,
    },

    /// Another domain asked for the signature.
    #[error("the message is for the domain `{got}`, which this network does not serve; sign in at one that it serves")]
    #[codec(index = 30)]
    OtherDomain {
        /// The message's.
        got: String,
    },
    /// The URI does not belong to the domain.
    #[error("the URI `{uri}` is not of the domain `{domain}`; make both of the same site")]
    #[codec(index = 31)]
    OtherUri {
        /// The URI.
        uri: String,
        /// The domain.
        domain: String,
    },
    /// The message is for another request, or for none.
    #[error("the message's Request ID is not this request's; set it to {expected}")]
    #[codec(index = 32)]
    OtherRequest {
        /// The request.
        expected: RequestId,
    },
    /// A message that delegates stands where a request is to be authorised.
    #[error("the message delegates to a session key; sign the request with that key, as an authorisation of type session")]
    #[codec(index = 33)]
    DelegationAsRequest,
    /// The URI names no session key.
    #[error("the URI is not `lit:session:` and 64 hex digits; put the session key there")]
    #[codec(index = 34)]
    NoSessionKey,
    /// The chain of a contract wallet is 0.
    #[error("a contract wallet needs the id of its chain (EIP-155)")]
    #[codec(index = 35)]
    NoChain,

    /// A message for one request stands where one for no request in particular should.
    #[error("the message is for one request (Request ID), and for no action to show; sign one without a Request ID")]
    #[codec(index = 36)]
    ForOneRequest,
    /// The address beside a message is not the message's.
    #[error("the message is of the wallet {}; put its address there", checksum_address(signer))]
    #[codec(index = 37)]
    OtherAddress {
        /// The message's.
        signer: [u8; 20],
    },
    /// The message is for other actions.
    #[error("the message names the actions that may show it, and this is none of them; add lit-litaction://{action}")]
    #[codec(index = 38)]
    OtherAction {
        /// The one that shows it.
        action: Cid,
    },

    /// The delegation grants nothing.
    #[error("the delegation grants no capability of this network; name at least one")]
    #[codec(index = 40)]
    GrantsNothing,
    /// The session may not do this.
    #[error("the session key may not do this: it may {}; sign in again and ask for it", list(granted))]
    #[codec(index = 41)]
    NotGranted {
        /// What it may.
        granted: Vec<Capability>,
    },
    /// A key passes on more than it has.
    #[error("sub-delegation {position} grants more than its parent: {capability}; grant a part of what the parent may")]
    #[codec(index = 42)]
    Wider {
        /// Which, counted from 0.
        position: u8,
        /// What is too much.
        capability: Capability,
    },
    /// A key passes on for longer than it has.
    #[error(
        "sub-delegation {position} lasts longer than its parent, until {limit} (Unix time); end it by then"
    )]
    #[codec(index = 43)]
    OutlivesParent {
        /// Which, counted from 0.
        position: u8,
        /// When the parent ends.
        limit: u64,
    },
    /// A sub-delegation is not signed by the key before.
    #[error("sub-delegation {position} is not signed by the key before it")]
    #[codec(index = 44)]
    WrongParent {
        /// Which, counted from 0.
        position: u8,
    },
    /// The session acts as another PKP.
    #[error("the session acts as PKP {session}, not as this one; sign in for this one")]
    #[codec(index = 45)]
    OtherPkp {
        /// As which.
        session: PkpId,
    },
    /// A session key asks for a session.
    #[error("a session key cannot ask for a session; sign in with a wallet, a passkey or a login, or delegate to a further key")]
    #[codec(index = 46)]
    SessionForSession,
    /// The committee did not sign the certificate.
    #[error("the session certificate is not the committee's on this chain; sign in again")]
    #[codec(index = 47)]
    WrongCertificate,
    /// Nobody showed to hold the session key.
    #[error("the session key's own signature over the session request is missing or wrong")]
    #[codec(index = 48)]
    NoPossession,
    /// A session for a PKP asks for another.
    #[error("a session as a PKP may name that PKP only; leave the others and `*` away")]
    #[codec(index = 49)]
    ForeignPkp,

    /// A contract wallet refuses.
    #[error("the contract wallet does not accept the signature (EIP-1271)")]
    #[codec(index = 60)]
    ContractRefuses,
    /// Only a session can be had with this.
    #[error("this login only serves to ask for a session; ask for one and sign the request with its key")]
    #[codec(index = 61)]
    SessionOnly,
    /// The token served another session key.
    #[error("the access token was used for another session key; log in again")]
    #[codec(index = 62)]
    TokenUsed,
    /// Discord does not know the token, or its application is another.
    #[error("Discord: {0}; log in again with the scope `identify`")]
    #[codec(index = 63)]
    Discord(String),
    /// Who should answer did not.
    #[error("could not be found out: {0}; try again")]
    #[codec(index = 64)]
    Unavailable(String),
    /// This network does not offer it.
    #[error("this network does not offer logins by {0}")]
    #[codec(index = 65)]
    NotOffered(String),
    /// Finalized state could not be read.
    #[error("this member could not read its chain; try again")]
    #[codec(index = 66)]
    ChainUnavailable,
}

impl From<crate::ports::Unreadable> for AuthError {
    fn from(_: crate::ports::Unreadable) -> Self {
        Self::ChainUnavailable
    }
}

impl AuthError {
    /// Whether the same authorisation may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_)
                | Self::ChainUnavailable
                | Self::BlockAhead { .. }
                | Self::NotYetValid { .. }
        )
    }
}

fn list(capabilities: &[Capability]) -> String {
    match capabilities {
        [] => "do nothing".into(),
        _ => capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
