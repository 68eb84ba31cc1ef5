//! What clients ask.

use conclave_auth::Asked;
use conclave_primitives::{
    BlockNumber, DecryptRequest, ExecuteRequest, GenesisHash, RequestId, SessionRequest, SignRequest,
    TokenRequest,
};

use crate::Refusal;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// For a signature.
    Sign(SignRequest),
    /// For decryption keys.
    Decrypt(DecryptRequest),
    /// For a certificate of a session key.
    Session(SessionRequest),
    /// For a condition token.
    Token(TokenRequest),
    /// To run an action.
    Execute(ExecuteRequest),
}

impl Request {
    /// As far as its authorisation is concerned.
    pub(crate) fn asked(&self, genesis: &GenesisHash) -> Asked {
        match self {
            Self::Sign(request) => Asked::to_sign(genesis, request),
            Self::Decrypt(request) => Asked::to_decrypt(genesis, request),
            Self::Session(request) => Asked::to_certify(genesis, request),
            Self::Token(request) => Asked::to_sign_token(genesis, request),
            Self::Execute(request) => Asked::to_execute(genesis, request),
        }
    }

    pub(crate) fn id(&self, genesis: &GenesisHash) -> RequestId {
        match self {
            Self::Sign(request) => request.id(genesis),
            Self::Decrypt(request) => request.id(genesis),
            Self::Session(request) => request.id(genesis),
            Self::Token(request) => request.id(genesis),
            Self::Execute(request) => request.id(genesis),
        }
    }

    pub(crate) const fn valid_until(&self) -> BlockNumber {
        match self {
            Self::Sign(request) => request.valid_until,
            Self::Decrypt(request) => request.valid_until,
            Self::Session(request) => request.valid_until,
            Self::Token(request) => request.valid_until,
            Self::Execute(request) => request.valid_until,
        }
    }

    /// What can be told without knowing who asks.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Sign(request) => request
                .bytes_to_sign()
                .map(|_| ())
                .map_err(|error| Refusal::Payload { scheme: request.scheme, error }),
            Self::Decrypt(request) if request.items.is_empty() => {
                Err(Refusal::Item { item: 0, reason: "expected at least one item".into() })
            }
            Self::Token(request) => {
                let parsed = request.condition.read();
                parsed.map(|_| ()).map_err(|error| Refusal::Item { item: 0, reason: error.to_string() })
            }
            Self::Decrypt(_) | Self::Session(_) | Self::Execute(_) => Ok(()),
        }
    }
}
