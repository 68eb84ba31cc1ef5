//! Errors as clients see them: a code from 21000 that never changes its meaning, a sentence, and data to act on.

use crate::worker::{Stale, Unavailable};
use conclave_auth::RequestError;
use conclave_conditions::{Denied, EvaluationError};
use conclave_primitives::ParticipantIndex;
use conclave_worker::{expected_payload, ports::ReadError, Failure, Refusal, SignError};
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};
use serde_json::{json, Value};

const COMMITTEE_NOT_READY: i32 = 21_000;
const UNKNOWN_PKP: i32 = 21_001;
const UNKNOWN_SCHEME: i32 = 21_002;
const PAYLOAD: i32 = 21_003;
const EXPIRED: i32 = 21_004;
const REPLAYED: i32 = 21_005;
const WRONG_SIGNER: i32 = 21_006;
const NOT_PERMITTED: i32 = 21_007;
const MEMBERS_UNREACHABLE: i32 = 21_008;
const TIMED_OUT: i32 = 21_009;
const INVALID_REQUEST: i32 = 21_010;
const BUSY: i32 = 21_011;
const INTERNAL: i32 = 21_012;
const STALE: i32 = 21_013;
const CONDITION: i32 = 21_014;
const CONDITION_UNDECIDED: i32 = 21_015;
const AUTHORISATION: i32 = 21_016;
const ACTION_DIVERGED: i32 = 21_020;
const ACTIONS_UNAVAILABLE: i32 = 21_021;
const NO_JOB: i32 = 21_022;
const NO_TRACE: i32 = 21_023;
const NO_REPORT: i32 = 21_030;

pub(super) fn of_request(error: RequestError) -> ErrorObjectOwned {
    let message = error.to_string();
    match error {
        RequestError::Field { field, expected } => {
            object(INVALID_REQUEST, message, json!({ "field": field, "expected": expected }))
        }
        RequestError::UnknownScheme { known } => {
            object(UNKNOWN_SCHEME, message, json!({ "field": "scheme", "known": known }))
        }
        RequestError::PayloadLength { field, expected, got } => {
            object(PAYLOAD, message, json!({ "field": field, "expected": expected, "got": got }))
        }
    }
}

pub(super) fn of_signing(error: SignError) -> ErrorObjectOwned {
    let message = error.to_string();
    match error {
        SignError::Refused(refusal) => of_refusal(&refusal),
        SignError::CommitteeNotReady { phase, progress } => {
            let phase = phase.map(|phase| format!("{phase:?}").to_lowercase());
            object(COMMITTEE_NOT_READY, message, json!({ "phase": phase, "progress": progress }))
        }
        SignError::MembersUnreachable { reachable, unreachable, needed } => object(
            MEMBERS_UNREACHABLE,
            message,
            json!({ "reachable": numbers(&reachable), "unreachable": numbers(&unreachable), "needed": needed }),
        ),
        SignError::Diverged { members, needed } => {
            object(ACTION_DIVERGED, message, json!({ "members": of_others(&members), "needed": needed }))
        }
        SignError::TimedOut { failures } => {
            object(TIMED_OUT, message, json!({ "failures": of_members(&failures) }))
        }
    }
}

/// The worker answered something else than was asked.
pub(super) fn of_another_reply() -> ErrorObjectOwned {
    object(INTERNAL, "the worker gave another answer than asked for".into(), Value::Null)
}

pub(super) fn of_account() -> ErrorObjectOwned {
    of_request(RequestError::Field { field: "account".into(), expected: "an SS58 address".into() })
}

pub(super) fn of_nonce() -> ErrorObjectOwned {
    of_request(RequestError::Field { field: "nonce".into(), expected: "32 bytes in hex".into() })
}

pub(super) fn of_job(message: &str) -> ErrorObjectOwned {
    object(NO_JOB, message.into(), json!({ "field": "jobId" }))
}

pub(super) fn of_trace(message: &str) -> ErrorObjectOwned {
    object(NO_TRACE, message.into(), json!({ "field": "requestId" }))
}

pub(super) fn of_unavailable(unavailable: Unavailable) -> ErrorObjectOwned {
    match unavailable {
        Unavailable::Busy => object(
            BUSY,
            "the node's worker takes no more requests now; try again, or another node".into(),
            Value::Null,
        ),
        Unavailable::Stale(stale) => {
            let seconds = match stale {
                Stale::Old { age } => Some(age.as_secs()),
                Stale::Syncing | Stale::Unreadable => None,
            };
            object(STALE, format!("{stale}; ask another node"), json!({ "finalizedSecondsAgo": seconds }))
        }
    }
}

pub(super) fn of_undecided(reasons: &[EvaluationError]) -> ErrorObjectOwned {
    let message = Denied::Undecided(reasons.to_vec()).to_string();
    object(CONDITION_UNDECIDED, message, json!({ "reasons": texts(reasons) }))
}

pub(super) fn of_own_chain(error: &ReadError) -> ErrorObjectOwned {
    object(INTERNAL, error.to_string(), Value::Null)
}

fn of_refusal(refusal: &Refusal) -> ErrorObjectOwned {
    let message = refusal.to_string();
    let (code, data) = match refusal {
        Refusal::NotReady | Refusal::OtherCommittee => (COMMITTEE_NOT_READY, json!({})),
        Refusal::UnknownPkp(id) => (UNKNOWN_PKP, json!({ "field": "pkp", "pkp": id.to_string() })),
        Refusal::Payload { error, .. } => {
            (PAYLOAD, json!({ "field": "payload", "expected": expected_payload(*error) }))
        }
        Refusal::Expired { valid_until, finalized } => {
            (EXPIRED, json!({ "field": "validUntil", "validUntil": valid_until, "finalized": finalized }))
        }
        Refusal::ValidTooLong { limit, .. } => {
            (INVALID_REQUEST, json!({ "field": "validUntil", "expected": format!("at most {limit}") }))
        }
        Refusal::Replayed => (REPLAYED, json!({ "field": "nonce" })),
        Refusal::WrongSigner => (WRONG_SIGNER, json!({ "field": "authorisation" })),
        Refusal::NotPermitted => (NOT_PERMITTED, json!({ "field": "authorisation" })),
        Refusal::Item { item, .. } => (INVALID_REQUEST, json!({ "field": format!("items[{item}]") })),
        Refusal::OneTimeKey => (INVALID_REQUEST, json!({ "field": "oneTimeKey" })),
        Refusal::Denied { item, denied: Denied::NotMet } => (CONDITION, json!({ "item": item })),
        Refusal::Denied { item, denied: Denied::Undecided(errors) } => {
            (CONDITION_UNDECIDED, json!({ "item": item, "reasons": texts(errors) }))
        }
        Refusal::Authorisation(error) => {
            (AUTHORISATION, json!({ "field": "authorisation", "retry": error.is_transient() }))
        }
        Refusal::NoExecutor(_) => (ACTIONS_UNAVAILABLE, json!({})),
        Refusal::TooLongForGateway { limit, .. } => (
            INVALID_REQUEST,
            json!({ "field": "code", "expected": format!("at most {limit} bytes in all, or a validator's RPC") }),
        ),
        Refusal::Busy => (BUSY, json!({})),
        Refusal::PrivateParams(_) => (INVALID_REQUEST, json!({ "field": "privateParams" })),
        Refusal::Machine(_) => (NO_REPORT, json!({})),
        Refusal::BadStart | Refusal::NotWanted | Refusal::ChainUnavailable => (INTERNAL, json!({})),
    };
    object(code, message, data)
}

fn texts(errors: &[EvaluationError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

/// What members came to.
pub(super) fn of_others(members: &[(ParticipantIndex, String)]) -> Vec<Value> {
    let one = |(member, what): &(ParticipantIndex, String)| json!({ "member": member.get(), "result": what });
    members.iter().map(one).collect()
}

/// What members reported, or were found to have done.
pub(super) fn of_members(failures: &[(ParticipantIndex, Failure)]) -> Vec<Value> {
    let one = |(member, failure): &(ParticipantIndex, Failure)| json!({ "member": member.get(), "reason": failure.to_string() });
    failures.iter().map(one).collect()
}

fn numbers(indices: &[ParticipantIndex]) -> Vec<u8> {
    indices.iter().map(|index| index.get()).collect()
}

fn object(code: i32, message: String, data: Value) -> ErrorObjectOwned {
    ErrorObject::owned(code, message, Some(data))
}
