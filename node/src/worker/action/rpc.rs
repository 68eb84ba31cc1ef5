//! The JSON-RPC endpoint that `getRpcUrl` names. Its host is in no DNS (RFC 6761): a member's `fetch` knows it, and asks the
//! endpoint that its operator has, whose address and keys the action never sees. So one URL does on every member.

use super::{evm, ports::decode_body};
use crate::worker::external::ExternalChains;
use base64ct::{Base64, Encoding};
use conclave_actions::{FetchRequest, FetchResponse, HostError};
use conclave_primitives::conditions::ChainName;
use futures::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::{json, Value};

/// What all its URLs start with; the name of a chain follows. Not in the host, which has no upper case.
const ORIGIN: &str = "https://rpc.conclave.invalid/";
/// The longest body.
const MAX_BODY_BYTES: usize = 1 << 20;
/// The most calls in one body: their answers together are no longer than what a fetch may bring.
const MAX_BATCH: usize = 16;
/// How many of those are under way at a time.
const AT_A_TIME: usize = 4;

/// What an action may ask: what reads, and what anybody may send. Nothing that has a key, a filter or a trace.
const METHODS: [&str; 18] = [
    "eth_blockNumber",
    "eth_call",
    "eth_chainId",
    "eth_estimateGas",
    "eth_feeHistory",
    "eth_gasPrice",
    "eth_getBalance",
    "eth_getBlockByHash",
    "eth_getBlockByNumber",
    "eth_getCode",
    "eth_getLogs",
    "eth_getStorageAt",
    "eth_getTransactionByHash",
    "eth_getTransactionCount",
    "eth_getTransactionReceipt",
    "eth_maxPriorityFeePerGas",
    "eth_sendRawTransaction",
    "net_version",
];

/// JSON-RPC 2.0, section 5.1; and that the endpoint fails.
const INVALID_REQUEST: i64 = -32_600;
const METHOD_NOT_FOUND: i64 = -32_601;
const UNANSWERED: i64 = -32_000;

/// The URL of a chain.
pub(super) fn url(chain: &ChainName) -> String {
    format!("{ORIGIN}{chain}")
}

/// Whether a URL is of this endpoint.
pub(super) fn is_at(url: &str) -> bool {
    url.starts_with(ORIGIN)
}

/// What a call comes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Response {
    Result(Value),
    Error { code: i64, message: String, data: Option<Value> },
}

/// What an endpoint answered; `None` if that is no JSON-RPC.
pub(super) fn response(body: &[u8]) -> Option<Response> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    match answer.get_mut("error").filter(|error| !error.is_null()) {
        Some(error) => Some(Response::Error {
            code: error.get("code").and_then(Value::as_i64).unwrap_or(UNANSWERED),
            message: error.get("message").and_then(Value::as_str).unwrap_or("an error").to_owned(),
            data: error.get_mut("data").map(Value::take),
        }),
        None => answer.get_mut("result").map(|result| Response::Result(result.take())),
    }
}

#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(default = "nothing")]
    params: Value,
}

fn nothing() -> Value {
    json!([])
}

/// Answers a request to this endpoint.
pub(super) async fn fetch(
    external: &ExternalChains,
    request: FetchRequest,
) -> Result<FetchResponse, HostError> {
    let invalid = |reason: String| HostError::Invalid { operation: "fetch".into(), reason };
    let name = request.url.strip_prefix(ORIGIN).and_then(ChainName::new);
    let chain = name.ok_or_else(|| invalid("url: no name of a chain; take it from getRpcUrl".into()))?;
    evm::check_endpoint(external, &chain)?;
    if request.method != "POST" {
        return Err(invalid("method: the endpoint of a chain takes POST".into()));
    }
    let body = decode_body(request.body.as_deref().unwrap_or_default())?;
    if body.len() > MAX_BODY_BYTES {
        return Err(invalid(format!("body: longer than {MAX_BODY_BYTES} bytes")));
    }
    let body: Value =
        serde_json::from_slice(&body).map_err(|error| invalid(format!("body: no JSON: {error}")))?;
    let answer = match body {
        Value::Array(calls) if calls.is_empty() || calls.len() > MAX_BATCH => {
            return Err(invalid(format!("body: expected 1 to {MAX_BATCH} calls in a batch")));
        }
        Value::Array(calls) => {
            let answers = stream::iter(calls).map(|call| answer(external, &chain, call)).buffered(AT_A_TIME);
            Value::Array(answers.collect().await)
        }
        call => answer(external, &chain, call).await,
    };
    Ok(FetchResponse {
        url: request.url,
        status: 200,
        status_text: "OK".into(),
        headers: vec![("content-type".into(), "application/json".into())],
        redirected: false,
        body: Base64::encode_string(answer.to_string().as_bytes()),
    })
}

async fn answer(external: &ExternalChains, chain: &ChainName, call: Value) -> Value {
    let refused = |code, message: String| Response::Error { code, message, data: None };
    let (id, response) = match serde_json::from_value::<Call>(call) {
        Err(error) => (Value::Null, refused(INVALID_REQUEST, format!("no call of JSON-RPC: {error}"))),
        Ok(Call { id, method, params }) => {
            let response = match METHODS.iter().find(|known| **known == method) {
                None => refused(METHOD_NOT_FOUND, format!("actions may ask {}", METHODS.join(", "))),
                Some(_) if !params.is_array() => refused(INVALID_REQUEST, "params: expected a list".into()),
                Some(method) => match evm::ask(external, chain, method, &params).await {
                    Ok(response) => response,
                    Err(failure) => refused(UNANSWERED, failure.into()),
                },
            };
            (id, response)
        }
    };
    match response {
        Response::Result(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Response::Error { code, message, data: None } => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
        }
        Response::Error { code, message, data } => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message, "data": data } })
        }
    }
}
