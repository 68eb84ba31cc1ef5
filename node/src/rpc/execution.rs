//! What an action came to, as clients see it.

use super::{conclave::hex, errors};
use conclave_actions::{engine_hash, guest_hash, prelude_hash};
use conclave_primitives::{actions::Usage, ParticipantIndex};
use conclave_worker::{ActionSignature, Executed, Report};
use serde::Serialize;
use serde_json::{Map, Value};

/// What t members agree on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExecutedResponse {
    request_id: String,
    ipfs_id: String,
    /// Whether the action ended well; if not, `error` says why.
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    response: Option<String>,
    /// Of the first of those that agree: members' logs may differ.
    logs: String,
    /// By the name that the action gives.
    signatures: Map<String, Value>,
    /// Of the member whose logs these are.
    usage: Usage,
    /// What the request costs by the prices on chain, in the smallest unit of the currency: of t members.
    cost: String,
    /// Whose outcome this is: the committee of this epoch and attempt.
    epoch: u32,
    attempt: u32,
    /// The members that agree, with what makes a client independent of this node: their signatures under the outcome.
    endorsements: Vec<EndorsementView>,
    /// Those that do not, and what they came to, as far as they were heard.
    others: Vec<Value>,
}

/// With what this node runs actions, in SHA-256: members whose engines differ may come to different results.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EngineResponse {
    /// Stands for both of the others.
    engine: String,
    /// QuickJS, as it was compiled to Wasm.
    guest: String,
    /// What actions find as `Lit.Actions`, and the web's interfaces.
    prelude: String,
}

impl EngineResponse {
    /// Of this build; the executor beside the node is held to it.
    pub(super) fn own() -> Self {
        let [engine, guest, prelude] = [engine_hash(), guest_hash(), prelude_hash()].map(|hash| hex(&hash));
        Self { engine, guest, prelude }
    }
}

/// A member's Ed25519 signature, by its signing key, under the text of an `ExecutionOutcome`.
#[derive(Clone, Debug, Serialize)]
struct EndorsementView {
    member: u8,
    signature: String,
}

impl From<(ParticipantIndex, [u8; 64])> for EndorsementView {
    fn from((member, signature): (ParticipantIndex, [u8; 64])) -> Self {
        Self { member: member.get(), signature: hex(&signature) }
    }
}

/// A signature, with the parts of ECDSA as Lit names them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SignatureView {
    scheme: &'static str,
    public_key: String,
    /// What was signed: the digest of ECDSA, the message of other schemes.
    data_signed: String,
    signature: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    ecdsa: Option<EcdsaView>,
}

#[derive(Clone, Debug, Serialize)]
struct EcdsaView {
    r: String,
    s: String,
    recid: u8,
}

impl From<Executed> for ExecutedResponse {
    fn from(executed: Executed) -> Self {
        let Executed { request, cid, report, signatures, committee, cost, endorsements, others } = executed;
        let Report { failure, response, logs, usage, cost: _ } = report;
        Self {
            request_id: request.to_string(),
            ipfs_id: cid.to_string(),
            success: failure.is_none(),
            error: failure,
            response,
            logs,
            signatures: signatures.into_iter().map(named).collect(),
            usage,
            cost: cost.to_string(),
            epoch: committee.epoch.0,
            attempt: committee.attempt.0,
            endorsements: endorsements.into_iter().map(EndorsementView::from).collect(),
            others: errors::of_others(&others),
        }
    }
}

fn named(signature: ActionSignature) -> (String, Value) {
    let ActionSignature { name, scheme, public_key, signed, signature } = signature;
    let ecdsa = match signature.as_slice() {
        [rs @ .., recid] if scheme.is_ecdsa() && rs.len() == 64 => {
            let (r, s) = rs.split_at(32);
            Some(EcdsaView { r: plain(r), s: plain(s), recid: *recid })
        }
        _ => None,
    };
    let view = SignatureView {
        scheme: scheme.name(),
        public_key: hex(&public_key),
        data_signed: hex(&signed),
        signature: hex(&signature),
        ecdsa,
    };
    // Strings and a number: this does not fail.
    (name, serde_json::to_value(view).unwrap_or_default())
}

/// Without `0x`, as Lit has the parts.
fn plain(bytes: &[u8]) -> String {
    ::hex::encode(bytes)
}
