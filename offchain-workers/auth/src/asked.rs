//! What a request asks, as far as its authorisation is concerned.

use conclave_primitives::{
    Ability, BlockNumber, DecryptRequest, ExecuteRequest, GenesisHash, RequestId, Resource, ResourceKind,
    SessionRequest, SignRequest, TokenRequest,
};

/// What a request asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Of whom: the chain.
    pub genesis: GenesisHash,
    /// The id: a hash of the chain and everything in the request.
    pub id: RequestId,
    /// The text that a wallet signs; names the chain and everything in the request.
    pub text: String,
    /// What a passkey or a provider signs.
    pub challenge: [u8; 32],
    /// The last block of the request.
    pub valid_until: BlockNumber,
    /// What it is about.
    pub subject: Subject,
}

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// To do something with resources, with each of them: a session key can ask that.
    Use(Vec<Resource>, Ability),
    /// To certify a session key: only who is somebody without one can ask that.
    Session(SessionRequest),
}

impl Asked {
    /// A request for a signature by a PKP.
    pub fn to_sign(genesis: &GenesisHash, request: &SignRequest) -> Self {
        let subject = Subject::Use(vec![Resource::pkp(&request.pkp)], Ability::Signing);
        Self::with_nonce(genesis, request.id(genesis), request.text(genesis), request.valid_until, subject)
    }

    /// A request for decryption keys.
    pub fn to_decrypt(genesis: &GenesisHash, request: &DecryptRequest) -> Self {
        let resources = request.items.iter().map(|item| Resource::encrypted(&item.identity)).collect();
        let subject = Subject::Use(resources, Ability::Decryption);
        Self::with_nonce(genesis, request.id(genesis), request.text(genesis), request.valid_until, subject)
    }

    /// A request for a condition token: for the committee's signature under a condition.
    pub fn to_sign_token(genesis: &GenesisHash, request: &TokenRequest) -> Self {
        // What cannot be read names no resource: then no session can ask for it.
        let named = request.condition.read().ok().map(|(_, hash)| Resource::condition(&hash));
        let subject = Subject::Use(named.into_iter().collect(), Ability::Signing);
        Self::with_nonce(genesis, request.id(genesis), request.text(genesis), request.valid_until, subject)
    }

    /// A request to run an action.
    pub fn to_execute(genesis: &GenesisHash, request: &ExecuteRequest) -> Self {
        let subject = Subject::Use(vec![Resource::action(&request.program.cid())], Ability::Execution);
        Self::with_nonce(genesis, request.id(genesis), request.text(genesis), request.valid_until, subject)
    }

    /// A request whose id hashes all of it and a nonce, and so is a challenge.
    fn with_nonce(
        genesis: &GenesisHash,
        id: RequestId,
        text: String,
        valid_until: BlockNumber,
        subject: Subject,
    ) -> Self {
        Self { genesis: *genesis, id, text, challenge: id.0, valid_until, subject }
    }

    /// A request for a session certificate.
    pub fn to_certify(genesis: &GenesisHash, request: &SessionRequest) -> Self {
        Self {
            genesis: *genesis,
            id: request.id(genesis),
            text: request.text(genesis),
            challenge: request.challenge(genesis),
            valid_until: request.valid_until,
            subject: Subject::Session(request.clone()),
        }
    }

    /// The session key that is to be certified.
    pub(crate) const fn session_key(&self) -> Option<&[u8; 32]> {
        match &self.subject {
            Subject::Session(request) => Some(&request.session),
            Subject::Use(..) => None,
        }
    }

    /// The PKP that the request is about, if it is about one.
    pub(crate) fn pkp(&self) -> Option<conclave_primitives::PkpId> {
        match &self.subject {
            Subject::Session(request) => request.pkp,
            Subject::Use(resources, _) => match resources.as_slice() {
                [Resource { kind: ResourceKind::Pkp, id }] => {
                    let mut bytes = [0; 32];
                    hex::decode_to_slice(id.as_slice(), &mut bytes).ok()?;
                    Some(conclave_primitives::PkpId(bytes))
                }
                _ => None,
            },
        }
    }
}
