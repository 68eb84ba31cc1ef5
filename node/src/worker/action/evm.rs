//! Reads of Ethereum chains for actions: what this member's first endpoint says, at its latest block. Others may see another
//! block; what t members then want to be signed has to be the same all the same.

use super::{
    rpc::{self, Response},
    scheme::with_0x,
    transaction::ContractCall,
};
use crate::worker::external::ExternalChains;
use conclave_actions::HostError;
use conclave_conditions::{EvaluationError, Found, QueryFailure};
use conclave_primitives::conditions::ChainName;
use serde_json::{json, Value};

/// The longest error of an endpoint that is told on, and the longest data of a revert, in characters.
const MAX_MESSAGE_CHARS: usize = 256;
const MAX_REVERT_CHARS: usize = 2_048;

/// What reads another chain.
pub(super) const OPERATIONS: [&str; 3] = ["callContract", "getLatestNonce", "getRpcUrl"];

/// The answer to one of [`OPERATIONS`].
pub(super) async fn read(
    external: &ExternalChains,
    operation: &str,
    argument: &Value,
) -> Result<Value, HostError> {
    let invalid = |reason: String| HostError::Invalid { operation: operation.into(), reason };
    let text = |name: &str| argument.get(name).and_then(Value::as_str).unwrap_or_default();
    let chain = ChainName::new(text("chain")).ok_or_else(|| invalid("chain: no name of a chain".into()))?;
    check_endpoint(external, &chain)?;
    let (method, params) = match operation {
        "getRpcUrl" => return Ok(Value::String(rpc::url(&chain))),
        "getLatestNonce" => {
            let address = text("address");
            let mut bytes = [0; 20];
            hex::decode_to_slice(address.trim_start_matches("0x"), &mut bytes)
                .map_err(|_| invalid("address: not 20 bytes".into()))?;
            ("eth_getTransactionCount", json!([with_0x(&bytes), "latest"]))
        }
        "callContract" => {
            let call = ContractCall::parse(text("txn")).map_err(|error| invalid(format!("txn: {error}")))?;
            let ContractCall { to, value, data } = call;
            // Without sender, gas and fees: nobody pays for a call, and who is named would have to be able to.
            let object = json!({ "to": with_0x(&to), "value": quantity(&value), "data": with_0x(&data) });
            ("eth_call", json!([object, "latest"]))
        }
        _ => return Err(HostError::NotOffered { operation: operation.into() }),
    };
    let failed = |reason: String| HostError::Failed { reason: format!("chain `{chain}`: {reason}") };
    match ask(external, &chain, method, &params).await.map_err(|failure| failed(failure.into()))? {
        Response::Result(Value::String(result)) => Ok(Value::String(result)),
        Response::Result(_) => Err(failed("the endpoint gives no hex".into())),
        Response::Error { message, data, .. } => {
            let cut = |text: &str, chars| text.chars().take(chars).collect::<String>();
            let data = data.as_ref().and_then(Value::as_str).map(|data| cut(data, MAX_REVERT_CHARS));
            let message = cut(&message, MAX_MESSAGE_CHARS);
            Err(failed(match data {
                Some(data) => format!("{message}, with {data}"),
                None => message,
            }))
        }
    }
}

/// That this member can ask a chain.
pub(super) fn check_endpoint(external: &ExternalChains, chain: &ChainName) -> Result<(), HostError> {
    match external.count(chain) {
        0 => Err(HostError::Failed { reason: EvaluationError::NoEndpoint(chain.clone()).to_string() }),
        _ => Ok(()),
    }
}

/// What the first endpoint says to a call; else why it says nothing, without its name: an operator's key may be in it.
pub(super) async fn ask(
    external: &ExternalChains,
    chain: &ChainName,
    method: &'static str,
    params: &Value,
) -> Result<Response, &'static str> {
    match external.answer_action(chain, method, params.to_string()).await {
        Ok(Found::Body(body)) => rpc::response(&body).ok_or("the endpoint answers no JSON-RPC"),
        Ok(_) | Err(QueryFailure::Unsupported) => Err("too much is asked at a time"),
        Err(QueryFailure::TimedOut) => Err("no answer in time"),
        Err(QueryFailure::TooLong(_)) => Err("the answer is too long"),
        Err(QueryFailure::NotAsked) => Err("the endpoint did not answer of late, and is left in peace"),
        Err(_) => Err("the endpoint fails"),
    }
}

/// A number as Ethereum's JSON has it: no leading zeros, but one digit.
fn quantity(bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    match digits.trim_start_matches('0') {
        "" => "0x0".into(),
        digits => format!("0x{digits}"),
    }
}

#[cfg(test)]
mod tests;
