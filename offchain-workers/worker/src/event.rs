//! What the worker takes in and puts out.

use conclave_client::Attestation;
use conclave_conditions::{Answer, Query};
use conclave_primitives::{
    AttemptId, AttemptView, BlockNumber, Cid, Committee, Curve, Entitlement, ExecutionOutcome, Member,
    ParticipantIndex, RequestId, Scheme, Sealed, SessionCertificate, SessionId,
};

use crate::{
    message::TransportKey,
    session::{Computation, Computed},
    Ask, Execution, Failure, Given, InquiryId, Report, Request, RolledBack, SignError, WorkerCall,
};

/// Finalized state, as far as each tick needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainView {
    /// The finalized block.
    pub finalized: BlockNumber,
    /// The committee that serves.
    pub committee: Option<Committee>,
    /// The attempt that runs.
    pub attempt: Option<AttemptView>,
}

impl ChainView {
    /// Whom a worker may have to speak with: the members of the committee that serves, and who deals or gets shares in the
    /// attempt that runs. Some twice.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        let serving = self.committee.iter().flat_map(|committee| &committee.members);
        let attempt = self.attempt.iter();
        serving.chain(attempt.flat_map(|attempt| attempt.dealers.iter().chain(&attempt.members)))
    }

    /// Whether a peer is one of [`Self::members`].
    pub fn has_member(&self, peer: &TransportKey) -> bool {
        self.members().any(|member| member.keys.transport == *peer)
    }
}

/// Names a client's request to the one who asked the worker.
pub type Ticket = u64;

/// What happens to a worker.
#[derive(Debug)]
pub enum Event {
    /// A block was finalized.
    Finalized(ChainView),
    /// A channel to a peer opened.
    PeerUp(TransportKey),
    /// It closed.
    PeerDown(TransportKey),
    /// A peer sent bytes.
    Received {
        /// By the channel's authentication.
        from: TransportKey,
        /// A frame.
        bytes: Vec<u8>,
    },
    /// A client asks.
    Requested {
        /// Comes back with the reply.
        ticket: Ticket,
        /// What, and by what right.
        request: Box<(Request, Entitlement)>,
    },
    /// The answer to [`Effect::Inquire`].
    Inquired {
        /// Which question.
        inquiry: InquiryId,
        /// The answer.
        answer: Result<Vec<u8>, conclave_auth::QueryFailure>,
    },
    /// An answer to one of the queries of [`Effect::Ask`].
    Answered {
        /// Who asked.
        session: SessionId,
        /// What.
        query: Query,
        /// The answer.
        answer: Answer,
    },
    /// A client asks for the machine of every member.
    MachinesRequested {
        /// Comes back with the reply.
        ticket: Ticket,
        /// What the reports are to be bound to.
        nonce: [u8; 32],
    },
    /// The answer to [`Effect::Prove`].
    Proved {
        /// Who asked.
        session: SessionId,
        /// The report, or why there is none.
        made: Result<Box<Attestation>, String>,
    },
    /// What [`Effect::Compute`] asked for.
    Computed(Box<Computed>),
    /// The sandbox of an action asks something of the committee.
    ActionAsked {
        /// Which execution.
        execution: SessionId,
        /// Comes back with the answer.
        call: u32,
        /// What.
        ask: Box<Ask>,
    },
    /// The sandbox is done with an action; or it cannot run any, and why.
    Executed {
        /// Which execution.
        execution: SessionId,
        /// What it came to.
        report: Result<Box<Report>, String>,
    },
    /// Time passed.
    Tick,
}

/// What a worker wants done.
#[derive(Debug)]
pub enum Effect {
    /// Send a frame.
    Send {
        /// To this peer.
        to: TransportKey,
        /// The frame.
        bytes: Vec<u8>,
    },
    /// Run this where it holds up nothing else, and hand the result back as [`Event::Computed`].
    Compute(Box<Computation>),
    /// Submit an extrinsic.
    Submit(WorkerCall),
    /// Ask endpoints of external chains, each query by itself, and hand each answer back as [`Event::Answered`].
    Ask {
        /// Comes back with the answers.
        session: SessionId,
        /// What is asked.
        queries: Vec<Query>,
    },
    /// Find out what an authorisation hangs on, and hand the answer back as [`Event::Inquired`].
    Inquire {
        /// Comes back with the answer.
        inquiry: InquiryId,
        /// What is asked.
        query: conclave_auth::Query,
    },
    /// Run an action, where it holds up nothing else; ask with [`Event::ActionAsked`], end with [`Event::Executed`].
    Execute(Box<Execution>),
    /// Answer what an action asked.
    AnswerAction {
        /// Which execution.
        execution: SessionId,
        /// Which call.
        call: u32,
        /// The answer, or why there is none.
        answer: Result<Given, String>,
    },
    /// Stop an action: nobody waits for it any more.
    EndExecution(SessionId),
    /// Have our machine make a report for a client's nonce, and hand it back as [`Event::Proved`].
    Prove {
        /// Comes back with the report.
        session: SessionId,
        /// The client's.
        nonce: [u8; 32],
    },
    /// Answer a client.
    Reply {
        /// Whose.
        ticket: Ticket,
        /// The answer.
        result: Result<Reply, SignError>,
    },
}

/// What a client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Who asked for a signature.
    Signed(Signed),
    /// Who asked for decryption keys.
    Decrypted(Decrypted),
    /// Who asked for a session.
    Certified(Certified),
    /// Who asked for a condition token.
    Token(SignedToken),
    /// Who asked for an action to be run.
    Executed(Box<Executed>),
    /// Who asked for the members' machines.
    Machines(Machines),
}

/// The machine of every member, as each shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machines {
    /// Whose members.
    pub committee: AttemptId,
    /// In the order of their indices: what the member's machine says, or why there is nothing.
    pub members: Vec<(ParticipantIndex, Result<Box<Attestation>, Failure>)>,
}

/// A signature for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The request.
    pub request: RequestId,
    /// How.
    pub scheme: Scheme,
    /// By this key, in canonical encoding.
    pub public_key: Vec<u8>,
    /// In the scheme's encoding.
    pub signature: Vec<u8>,
    /// By whom.
    pub quorum: Vec<ParticipantIndex>,
    /// After how many attempts.
    pub attempts: u8,
}

/// Decryption keys for a client, sealed to its one-time key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decrypted {
    /// The request.
    pub request: RequestId,
    /// The Decrypt root, in G1 of BLS12-381.
    pub public_key: Vec<u8>,
    /// One for each item, in their order.
    pub keys: Vec<Sealed>,
    /// By whom.
    pub quorum: Vec<ParticipantIndex>,
    /// After how many attempts.
    pub attempts: u8,
    /// Who was done without, and why: members that refused, or whose shares were wrong.
    pub failures: Vec<(ParticipantIndex, Failure)>,
}

/// A session's certificate for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// The request.
    pub request: RequestId,
    /// What is certified.
    pub certificate: SessionCertificate,
    /// By the committee's Result key: RFC 8032, over [`SessionCertificate::bytes`].
    pub signature: [u8; 64],
    /// By whom.
    pub quorum: Vec<ParticipantIndex>,
    /// After how many attempts.
    pub attempts: u8,
}

/// A condition token for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedToken {
    /// The request.
    pub request: RequestId,
    /// The JSON Web Token.
    pub token: String,
    /// The key that verifies it, in G1 of BLS12-381.
    pub public_key: Vec<u8>,
    /// By whom.
    pub quorum: Vec<ParticipantIndex>,
    /// After how many attempts.
    pub attempts: u8,
}

/// What an action came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// The request.
    pub request: RequestId,
    /// What ran.
    pub cid: Cid,
    /// What t members agree on, with logs and usage of the first of them.
    pub report: Report,
    /// What it signed for the client.
    pub signatures: Vec<ActionSignature>,
    /// The committee that ran it.
    pub committee: AttemptId,
    /// What it costs: of the t cheapest of those that agree, in the smallest unit of the currency.
    pub cost: u128,
    /// Who agrees, with its signature under the [`ExecutionOutcome`](conclave_primitives::ExecutionOutcome).
    pub endorsements: Vec<(ParticipantIndex, [u8; 64])>,
    /// Who does not, and what they say, as far as they were heard.
    pub others: Vec<(ParticipantIndex, String)>,
}

impl Executed {
    /// Who agrees.
    pub fn agreed(&self) -> impl Iterator<Item = ParticipantIndex> + '_ {
        self.endorsements.iter().map(|(member, _)| *member)
    }

    /// What they have signed.
    pub fn outcome(&self) -> ExecutionOutcome<'_> {
        self.report.outcome(self.committee, self.request, self.cid)
    }
}

/// A signature that an action made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionSignature {
    /// What the action calls it.
    pub name: String,
    /// How.
    pub scheme: Scheme,
    /// By this key, in canonical encoding.
    pub public_key: Vec<u8>,
    /// What the protocol signed: the digest of ECDSA, the message of other schemes.
    pub signed: Vec<u8>,
    /// In the scheme's encoding.
    pub signature: Vec<u8>,
}

/// Which schemes can be served now, as far as a node knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// By scheme.
    pub schemes: Vec<(Scheme, bool)>,
    /// Members that can be reached and have their shares.
    pub reachable: Vec<ParticipantIndex>,
    /// Reachable members that share no set-up for ECDSA yet: while one is missing, fewer members than the threshold
    /// allows may fall away before a request has to wait.
    pub missing_pairs: Vec<(Curve, ParticipantIndex, ParticipantIndex)>,
}

/// For RPC and metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerStatus {
    /// The last view.
    pub view: ChainView,
    /// What can be served.
    pub readiness: Readiness,
    /// Our index in the committee.
    pub index: Option<ParticipantIndex>,
    /// Pairs that we have set up.
    pub pairs: usize,
    /// Sessions that run.
    pub sessions: usize,
    /// Sessions that ended well.
    pub signed: u64,
    /// Sessions that did not.
    pub failed: u64,
    /// Frames dropped.
    pub dropped_frames: u64,
    /// The disk is older than what the chain has of us: we serve nothing until the next reshare.
    pub rolled_back: Option<RolledBack>,
}
