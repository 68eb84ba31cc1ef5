//! What a quorum is asked to sign or to decrypt.

use codec::{Decode, Encode};
use conclave_auth::Asked;
use conclave_primitives::{
    blake2_256, AttemptId, BlockNumber, Curve, DecryptRequest, DecryptionStatement, Entitlement, GenesisHash,
    KeyId, Scheme, SessionCertificate, SessionId, SessionRequest, SignRequest, TokenRequest,
};

use crate::{memory::Quota, Wanted};

/// What is to be done, with what entitles to it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Task {
    /// A client's request for a signature.
    #[codec(index = 0)]
    Sign(SignRequest, Entitlement),
    /// The first signature of a new committee; the chain's state entitles to it.
    #[codec(index = 1)]
    Activate(AttemptId),
    /// A client's request for decryption keys.
    #[codec(index = 2)]
    Decrypt(DecryptRequest, Entitlement),
    /// A client's request for a certificate, and the certificate that the gateway makes of it: each member makes its own,
    /// and signs if it is the same.
    #[codec(index = 3)]
    Certify(SessionRequest, Entitlement, SessionCertificate),
    /// A client's request for a condition token, and what the gateway makes the token say: each member makes its own of it,
    /// and signs if it is the same.
    #[codec(index = 4)]
    Token(TokenRequest, Entitlement, TokenStatement),
    /// What t executions of an action want to be signed: each member takes part only if its own does.
    #[codec(index = 5)]
    SignForAction(SessionId, Box<Wanted>),
}

/// What a condition token says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TokenStatement {
    /// When it was made, in seconds since 1970, by the gateway's finalized block.
    pub issued_at: u64,
    /// The bytes to sign: header and payload of the JSON Web Token.
    pub bytes: Vec<u8>,
}

impl Task {
    /// The id of the task: for a client's request the request id.
    pub(crate) fn id(&self, genesis: &GenesisHash) -> [u8; 32] {
        match self {
            Self::Sign(request, _) => request.id(genesis).0,
            Self::Activate(attempt) => {
                blake2_256(&(b"CONCLAVE-V1-ACTIVATION-TASK", genesis, attempt).encode())
            }
            Self::Decrypt(request, _) => request.id(genesis).0,
            Self::Certify(request, ..) => request.id(genesis).0,
            Self::Token(request, ..) => request.id(genesis).0,
            Self::SignForAction(execution, wanted) => {
                blake2_256(&(b"CONCLAVE-V1-ACTION-SIGNATURE", genesis, execution, wanted).encode())
            }
        }
    }

    /// Whether members evaluate conditions first, for which they may ask other chains.
    pub(crate) const fn has_conditions(&self) -> bool {
        matches!(self, Self::Decrypt(..) | Self::Token(..))
    }

    /// What a client asks, and by what right; nothing where the chain's state or an execution entitles to it.
    pub(crate) fn asked(&self, genesis: &GenesisHash) -> Option<(Asked, &Entitlement)> {
        match self {
            Self::Sign(request, entitlement) => Some((Asked::to_sign(genesis, request), entitlement)),
            Self::Decrypt(request, entitlement) => Some((Asked::to_decrypt(genesis, request), entitlement)),
            Self::Certify(request, entitlement, _) => {
                Some((Asked::to_certify(genesis, request), entitlement))
            }
            Self::Token(request, entitlement, _) => {
                Some((Asked::to_sign_token(genesis, request), entitlement))
            }
            Self::Activate(_) | Self::SignForAction(..) => None,
        }
    }

    /// In whose room members remember it.
    pub(crate) fn quota(&self) -> Quota {
        match self {
            Self::Activate(_) => Quota::Chain,
            Self::Sign(request, _) => Quota::Pkp(request.pkp),
            Self::Certify(request, ..) => request.pkp.map_or(Quota::Clients, Quota::Pkp),
            Self::Decrypt(..) | Self::Token(..) | Self::SignForAction(..) => Quota::Clients,
        }
    }

    /// The last block at which members start on it, if a client says so.
    pub(crate) const fn valid_until(&self) -> Option<BlockNumber> {
        match self {
            Self::Sign(request, _) => Some(request.valid_until),
            Self::Decrypt(request, _) => Some(request.valid_until),
            Self::Certify(request, ..) => Some(request.valid_until),
            Self::Token(request, ..) => Some(request.valid_until),
            Self::Activate(_) | Self::SignForAction(..) => None,
        }
    }
}

/// A task that can be run: with which key, and what.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) key: KeyId,
    pub(crate) work: Work,
}

/// What is made with the key.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// A signature on the message.
    Sign { scheme: Scheme, message: Vec<u8> },
    /// The decryption key of each identity, sealed to the client. As the client gave them: whether the points are any
    /// is looked at only for whom the request entitles.
    Decrypt { statements: Vec<DecryptionStatement> },
}

impl Work {
    /// The curve whose pairs it takes, if it is signing with ECDSA.
    pub(crate) fn pairs_on(&self) -> Option<Curve> {
        match self {
            Self::Sign { scheme, .. } if scheme.is_ecdsa() => Some(scheme.curve()),
            Self::Sign { .. } | Self::Decrypt { .. } => None,
        }
    }

    /// What is made, for session ids: injective for one kind of task, and a task is of one kind.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Sign { scheme, message } => (scheme, message).encode(),
            Self::Decrypt { statements } => {
                statements.iter().map(DecryptionStatement::hash).collect::<Vec<_>>().encode()
            }
        }
    }
}
