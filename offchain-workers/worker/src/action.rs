//! What members say to each other, and to the sandbox, while an action runs.
//!
//! ```text
//!  gateway ── Begin ─► every member: authenticates by itself, then Effect::Execute ─► sandbox
//!     ▲                   │ Event::ActionAsked                                            │
//!     │◄── Wants ─────────┘   what this member's own execution wants to be signed ◄───────┘
//!     │  t want the same bytes ─► Task::SignForAction ─► a session as any other
//!     ├─── Signed ───────► each verifies it ─► Effect::AnswerAction
//!     ▲
//!     └─── Ended ───────── t equal reports are the answer
//! ```
//!
//! Values of `runOnce` and `broadcastAndCollect`, and shares of decryption keys, go from member to member: a gateway could tell each another one.

use codec::{Decode, Encode};
use conclave_primitives::{
    actions::Usage, blake2_256, AttemptId, AuthMethod, BlockNumber, Cid, DecryptionIdentity, DecryptionShare,
    Entitlement, ExecuteRequest, ExecutionOutcome, GenesisHash, KeyId, OneTimeKey, ParticipantIndex, Payload,
    PayloadError, PkpId, RequestId, Scheme, Scope, Sealed, SessionId, SignRequest,
};
use core::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

use crate::{Refusal, TransportKey};

/// An action that a member is to run, authorised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Names it, in everything that follows.
    pub id: SessionId,
    /// The client's request.
    pub request: ExecuteRequest,
    /// Its id: the seed of what has to be the same on every member.
    pub request_id: RequestId,
    /// Who asks.
    pub who: AuthMethod,
    /// As which PKP.
    pub pkp: Option<PkpId>,
    /// What clocks show, in seconds since 1970.
    pub started_at: u64,
    /// Its private parameters, opened.
    pub private: Option<OpenedParams>,
}

/// Private parameters as the action gets them: a JSON object in UTF-8. Erased with the last that has them, never copied,
/// never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedParams(Arc<Zeroizing<Vec<u8>>>);

impl OpenedParams {
    /// What was opened.
    pub fn new(params: Zeroizing<Vec<u8>>) -> Self {
        Self(Arc::new(params))
    }

    /// The JSON.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for OpenedParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedParams(<redacted>)")
    }
}

/// What an execution asks of the committee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A signature.
    Sign(Wanted),
    /// Whether this member leads a topic of `runOnce`; if not and it waits, the leader's value.
    Lead {
        /// Which.
        topic: Topic,
        /// Whether it waits.
        wait: bool,
    },
    /// This member leads, and has a value.
    Publish {
        /// Of which topic.
        topic: Topic,
        /// The value.
        value: String,
    },
    /// The values of all.
    Collect {
        /// Of which topic.
        topic: Topic,
        /// This member's.
        value: String,
    },
    /// A decryption key, whose condition holds for this member.
    Open {
        /// Which.
        sought: Sought,
        /// To which key it is sealed: of this member, for this once.
        client: Box<OneTimeKey>,
    },
}

/// What an execution gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A signature that verifies.
    Signed {
        /// By this key, in canonical encoding.
        public_key: Vec<u8>,
        /// In the scheme's encoding.
        signature: Vec<u8>,
    },
    /// This member leads.
    Leads,
    /// It does not, and this is the leader's value if it is waited for.
    Follows(Option<String>),
    /// The value is on its way.
    Published,
    /// In the order of the members' indices.
    Collected(Vec<String>),
    /// The decryption key, sealed to the one-time key.
    Opened(Box<Sealed>),
}

/// What values are about: a name that the action gives, and which time it uses it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Topic {
    /// The name.
    pub name: String,
    /// Counted from 0.
    pub occurrence: u32,
}

/// Which key is to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Signer {
    /// A PKP's.
    #[codec(index = 0)]
    Pkp(PkpId),
    /// The action's own, of the one that asks.
    #[codec(index = 1)]
    Action,
}

/// A signature that an execution wants. Members that want the same sign.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Wanted {
    /// By whom.
    pub signer: Signer,
    /// How.
    pub scheme: Scheme,
    /// Of what.
    pub payload: Payload,
    /// What the action calls it, and which time it does.
    pub topic: Topic,
    /// The actions that led here, from the one that was asked for to the one that asks.
    pub stack: Vec<Cid>,
    /// Whether the action gets it; otherwise only the client does.
    pub combine: bool,
}

impl Wanted {
    /// Stands for all of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        blake2_256(&(b"CONCLAVE-V1-WANTED-SIGNATURE", self).encode())
    }

    /// The key; none without an action that asks.
    pub(crate) fn key(&self) -> Option<KeyId> {
        match self.signer {
            Signer::Pkp(pkp) => Some(KeyId::Pkp(pkp, self.scheme.curve())),
            Signer::Action => Some(self.stack.last()?.key(self.scheme.curve())),
        }
    }

    /// The scope that it takes.
    pub(crate) fn scope(&self) -> Scope {
        self.as_request().scope()
    }

    /// The bytes that the protocol signs.
    pub(crate) fn bytes_to_sign(&self) -> Result<Vec<u8>, PayloadError> {
        self.as_request().bytes_to_sign()
    }

    /// A client's request for the same: what bytes it comes to, and which scope it takes, is said there.
    fn as_request(&self) -> SignRequest {
        let pkp = match self.signer {
            Signer::Pkp(pkp) => pkp,
            Signer::Action => PkpId([0; 32]),
        };
        let Self { scheme, payload, .. } = self;
        SignRequest { pkp, scheme: *scheme, payload: payload.clone(), valid_until: 0, nonce: [0; 32] }
    }
}

/// A decryption key that an execution seeks. Members that seek the same give each other their shares.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sought {
    /// Whose.
    pub identity: DecryptionIdentity,
    /// Which time the action asks for it.
    pub topic: Topic,
    /// The actions that led here, from the one that was asked for to the one that asks.
    pub stack: Vec<Cid>,
}

impl Sought {
    /// Stands for all of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        blake2_256(&(b"CONCLAVE-V1-SOUGHT-KEY", self).encode())
    }
}

/// What a request came to, on one member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Report {
    /// Why it did not end well, if it did not.
    pub failure: Option<String>,
    /// The last response that the action set.
    pub response: Option<String>,
    /// What it logged.
    pub logs: String,
    /// What it used.
    pub usage: Usage,
    /// What that costs by the prices on chain, in the smallest unit of the currency.
    pub cost: u128,
}

impl Report {
    /// What clients get a member's signature for.
    pub(crate) fn outcome(&self, committee: AttemptId, request: RequestId, cid: Cid) -> ExecutionOutcome<'_> {
        let (success, response) = (self.failure.is_none(), self.response.as_deref());
        ExecutionOutcome { committee, request, cid, success, response }
    }

    /// Whether two members came to the same: how an action fails may differ by what each was told, and so may logs.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        self.failure.is_some() == other.failure.is_some() && self.response == other.response
    }
}

/// A gateway's call to run an action.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Begin {
    /// What is to be run.
    pub request: ExecuteRequest,
    /// By what right.
    pub entitlement: Entitlement,
    /// By which committee.
    pub committee: AttemptId,
    /// All who run it, in the order of their indices.
    pub members: Vec<ParticipantIndex>,
    /// What clocks show, in seconds since 1970: about now.
    pub started_at: u64,
    /// The gateway's finalized block: a member that lags waits for it.
    pub finalized: BlockNumber,
}

impl Begin {
    /// Names the execution: hash of the chain, the gateway and everything that members must agree on. One authorisation or
    /// another makes no difference.
    pub(crate) fn id(&self, genesis: &GenesisHash, coordinator: &TransportKey) -> SessionId {
        let Self { request, committee, members, started_at, .. } = self;
        let request = request.id(genesis);
        let domain = b"CONCLAVE-V1-EXECUTION";
        SessionId(blake2_256(
            &(domain, genesis, committee, coordinator, request, members, started_at).encode(),
        ))
    }
}

/// What is said about an execution, which the frame's header names.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ActionMessage {
    /// Gateway to member: run this.
    #[codec(index = 0)]
    Begin(Box<Begin>),
    /// Member to gateway: no.
    #[codec(index = 1)]
    Declined(Refusal),
    /// Member to gateway: my execution wants this.
    #[codec(index = 2)]
    Wants(Box<Wanted>),
    /// Gateway to member: here it is.
    #[codec(index = 3)]
    Signed {
        /// The hash of what was wanted.
        wanted: [u8; 32],
        /// In the scheme's encoding.
        signature: Vec<u8>,
    },
    /// Gateway to member: it will not be.
    #[codec(index = 4)]
    NotSigned {
        /// The hash of what was wanted.
        wanted: [u8; 32],
        /// In words.
        reason: String,
    },
    /// Member to member: the value of `runOnce` that I have from its leader, or have made as its leader.
    #[codec(index = 5)]
    Echo {
        /// Of which topic.
        topic: Topic,
        /// The value.
        value: String,
    },
    /// Member to member: my value, of `broadcastAndCollect`.
    #[codec(index = 6)]
    Value {
        /// Of which topic.
        topic: Topic,
        /// The value.
        value: String,
    },
    /// Member to gateway: what it came to.
    #[codec(index = 7)]
    Ended {
        /// All of it.
        report: Box<Report>,
        /// By the member's signing key, under [`Report::outcome`].
        signature: [u8; 64],
    },
    /// Member to member: my execution seeks this.
    #[codec(index = 8)]
    Seeks {
        /// What.
        sought: Sought,
        /// To which key shares are to be sealed.
        client: Box<OneTimeKey>,
    },
    /// Member to member: so does mine.
    #[codec(index = 9)]
    Share {
        /// The hash of what was sought.
        sought: [u8; 32],
        /// Sealed to your key.
        share: Box<DecryptionShare>,
    },
}
