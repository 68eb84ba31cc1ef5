//! Why a request was not served.

use codec::{Decode, Encode};
use conclave_auth::AuthError;
use conclave_client::private_params::PrivateParamsError;
use conclave_conditions::Denied;
use conclave_primitives::{AttemptPhase, BlockNumber, ParticipantIndex, PayloadError, PkpId, Scheme};

/// Why a request is refused, by the gateway or by a member for itself.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum Refusal {
    /// No committee serves, or not this scheme yet.
    #[error("the committee is not ready")]
    #[codec(index = 0)]
    NotReady,
    /// No such PKP in finalized state.
    #[error("no PKP {0} in finalized state")]
    #[codec(index = 1)]
    UnknownPkp(PkpId),
    /// The payload does not fit the scheme.
    #[error("{scheme} cannot sign this payload; it takes {}", expected_payload(*error))]
    #[codec(index = 2)]
    Payload {
        /// The scheme.
        scheme: Scheme,
        /// What it expects.
        error: PayloadError,
    },
    /// The request's time is over.
    #[error("the request was valid until block {valid_until}; finalized is {finalized}")]
    #[codec(index = 3)]
    Expired {
        /// Its last block.
        valid_until: BlockNumber,
        /// Where the chain is.
        finalized: BlockNumber,
    },
    /// The request would be valid for too long.
    #[error("the request is valid until block {valid_until}; at most {limit} is allowed")]
    #[codec(index = 4)]
    ValidTooLong {
        /// Its last block.
        valid_until: BlockNumber,
        /// The latest last block.
        limit: BlockNumber,
    },
    /// The same request was served, or is being served by another node.
    #[error("the request was made before; make a new one with a new nonce")]
    #[codec(index = 5)]
    Replayed,
    /// The signature is not the signer's over the request's text.
    #[error("the authorisation is not the signer's signature over the request's text")]
    #[codec(index = 6)]
    WrongSigner,
    /// The signer may not do this with the PKP.
    #[error("the signer has no permission for this with the PKP")]
    #[codec(index = 7)]
    NotPermitted,
    /// The call for the session is not one an honest coordinator makes.
    #[error("the session was called wrongly")]
    #[codec(index = 8)]
    BadStart,
    /// Too much to do.
    #[error("too many sessions run; try again")]
    #[codec(index = 9)]
    Busy,
    /// The node could not read its chain.
    #[error("finalized state could not be read")]
    #[codec(index = 10)]
    ChainUnavailable,
    /// The committee that was called serves no more, or not yet.
    #[error("another committee serves")]
    #[codec(index = 11)]
    OtherCommittee,
    /// There is nothing to decrypt, or what there is nobody can: the identity is of another condition, chain or key set.
    #[error("items[{item}]: {reason}")]
    #[codec(index = 12)]
    Item {
        /// Which item, counted from 0.
        item: u8,
        /// What was expected.
        reason: String,
    },
    /// No client holds the secret of such a key.
    #[error("client: expected c·g in both groups for one secret c")]
    #[codec(index = 13)]
    OneTimeKey,
    /// The condition of an item does not hold for who asks, as far as this member can tell.
    #[error("items[{item}]: {denied}")]
    #[codec(index = 14)]
    Denied {
        /// Which item, counted from 0.
        item: u8,
        /// Why not.
        denied: Denied,
    },
    /// Who asks has not shown who they are, or not that they may ask this.
    #[error("authorisation: {0}")]
    #[codec(index = 15)]
    Authorisation(Box<AuthError>),
    /// This member runs no actions.
    #[error("runs no actions: {0}")]
    #[codec(index = 16)]
    NoExecutor(String),
    /// A node that is no member hands on short requests only.
    #[error(
        "the request has {bytes} bytes; through a node that is no member at most {limit}: ask a validator"
    )]
    #[codec(index = 17)]
    TooLongForGateway {
        /// How long it is.
        bytes: u32,
        /// How long it may be.
        limit: u32,
    },
    /// No execution of this member wants such a signature.
    #[error("its own execution of the action does not want this signature")]
    #[codec(index = 18)]
    NotWanted,
    /// The member's machine made no report.
    #[error("no report of the machine: {0}")]
    #[codec(index = 19)]
    Machine(String),
    /// The private parameters of an action are not for this member now.
    #[error("{0}")]
    #[codec(index = 20)]
    PrivateParams(PrivateParamsError),
}

/// How a session failed for a member.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum Failure {
    /// It did not take part.
    #[error("refused: {0}")]
    #[codec(index = 0)]
    Refused(Refusal),
    /// These sent nothing in time.
    #[error("no message in time from {}", list(.0))]
    #[codec(index = 1)]
    TimedOut(Vec<ParticipantIndex>),
    /// The protocol failed.
    #[error("protocol failed: {reason}; culprits: {}", list(culprits))]
    #[codec(index = 2)]
    Protocol {
        /// Whom the member blames.
        culprits: Vec<ParticipantIndex>,
        /// In words.
        reason: String,
    },
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The request is refused.
    #[error("{0}")]
    Refused(Refusal),
    /// No committee serves yet.
    #[error("the committee is not ready: {progress}")]
    CommitteeNotReady {
        /// The phase of the running attempt.
        phase: Option<AttemptPhase>,
        /// How far it is, in words.
        progress: String,
    },
    /// Fewer than t members came to the same.
    #[error("fewer than {needed} members came to the same: {}", words(members))]
    Diverged {
        /// What each member came to.
        members: Vec<(ParticipantIndex, String)>,
        /// How many have to agree.
        needed: u32,
    },
    /// Fewer than t members can be reached.
    #[error("{} of {needed} members needed can be reached; not: {}", reachable.len(), list(unreachable))]
    MembersUnreachable {
        /// Who can.
        reachable: Vec<ParticipantIndex>,
        /// Who cannot.
        unreachable: Vec<ParticipantIndex>,
        /// t.
        needed: u32,
    },
    /// No quorum made the signature in time.
    #[error("no quorum answered in time; `failures` says what each member reported")]
    TimedOut {
        /// What each member reported last.
        failures: Vec<(ParticipantIndex, Failure)>,
    },
}

/// What a scheme takes, in words.
pub const fn expected_payload(error: PayloadError) -> &'static str {
    match error {
        PayloadError::ExpectedMessage => "a message",
        PayloadError::ExpectedDigest => "a digest of 32 bytes or a personal message",
        PayloadError::ZeroDigest => "a digest other than zero",
    }
}

fn list(members: &[ParticipantIndex]) -> String {
    if members.is_empty() {
        return "none".into();
    }
    members.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What each member says, in words.
fn words(members: &[(ParticipantIndex, String)]) -> String {
    let one = |(member, what): &(ParticipantIndex, String)| format!("member {member}: {what}");
    members.iter().map(one).collect::<Vec<_>>().join("; ")
}
