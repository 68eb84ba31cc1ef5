//! An action run by a whole network: a node with `--dev`, asked over its RPC.

use super::shown::Ended;
use crate::worker::Traced;
use conclave_egress::{AllowedAddresses, Egress, Exchange, Limits, Redirects};
use conclave_primitives::actions::Usage;
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{json, Map, Value};
use sp_core::{sr25519, Pair};
use std::{net::SocketAddr, time::Duration};

/// An action may last half of it.
const LIMITS: Limits = Limits { bytes: 64 << 20, time: Duration::from_secs(60), redirects: 0 };
/// For how many blocks the request may wait.
const LIFETIME: u64 = 100;

/// What `conclave_execute` answers, as far as it is shown.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    request_id: String,
    ipfs_id: String,
    error: Option<String>,
    response: Option<String>,
    logs: String,
    signatures: Map<String, Value>,
    usage: Usage,
}

/// The node.
pub(super) struct Remote {
    egress: Egress,
    url: String,
    who: sr25519::Pair,
}

impl Remote {
    /// A node at this address, asked in the name of this account.
    pub(super) fn new(address: SocketAddr, who: sr25519::Pair) -> Self {
        let egress = Egress::new(LIMITS, AllowedAddresses::new([address]));
        Self { egress, url: format!("http://{address}/"), who }
    }

    /// Has the network run `code`, and asks what it did.
    pub(super) fn run(&self, code: &[u8], params: &Map<String, Value>) -> Result<(Ended, Traced), String> {
        let mut request = self.request(code, params)?;
        let text: String = self.call("conclave_executeText", &request)?;
        let authorisation = json!({
            "type": "sr25519",
            "signer": format!("0x{}", hex::encode(self.who.public())),
            "signature": format!("0x{}", hex::encode(self.who.sign(text.as_bytes()))),
        });
        request.insert("authorisation".into(), authorisation);
        let answer: Answer = self.call("conclave_execute", &request)?;
        let traced = self.call("conclave_actionTrace", &answer.request_id)?;
        let ended = Ended {
            cid: answer.ipfs_id,
            failure: answer.error,
            response: answer.response,
            logs: answer.logs,
            usage: answer.usage,
            signatures: answer.signatures,
        };
        Ok((ended, traced))
    }

    fn request(&self, code: &[u8], params: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        let head: String = self.call("chain_getFinalizedHead", ())?;
        let header: Value = self.call("chain_getHeader", &head)?;
        let number =
            header.get("number").and_then(Value::as_str).and_then(|number| number.strip_prefix("0x"));
        let number = number.and_then(|number| u64::from_str_radix(number, 16).ok());
        let number = number.ok_or("the node's last finalized block has no number")?;
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce).map_err(|error| error.to_string())?;
        let program = match code.starts_with(b"\0asm") {
            true => ("wasm", format!("0x{}", hex::encode(code))),
            false => {
                ("code", String::from_utf8(code.to_vec()).map_err(|_| "the program is no text, and no Wasm")?)
            }
        };
        let request = json!({
            program.0: program.1,
            "jsParams": Value::Object(params.clone()).to_string(),
            "paramsAsGlobals": true,
            "validUntil": number.saturating_add(LIFETIME),
            "nonce": format!("0x{}", hex::encode(nonce)),
        });
        match request {
            Value::Object(request) => Ok(request),
            _ => Err("a request is an object".into()),
        }
    }

    /// One parameter at most: `()` is none.
    fn call<T: DeserializeOwned>(&self, method: &str, param: impl serde::Serialize) -> Result<T, String> {
        let failed = |reason: String| format!("{method} at {}: {reason}", self.url);
        let param = serde_json::to_value(param).map_err(|error| failed(error.to_string()))?;
        let params: Vec<Value> = Some(param).into_iter().filter(|param| !param.is_null()).collect();
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let exchange = Exchange {
            method: "POST".into(),
            url: self.url.clone(),
            headers: vec![("content-type".into(), "application/json".into())],
            body: Some(body.into_bytes()),
            redirects: Redirects::Refuse,
        };
        let answered = self.egress.exchange(&exchange).map_err(|error| failed(error.to_string()))?;
        let mut answer: Value = serde_json::from_slice(&answered.body)
            .map_err(|_| failed(format!("status {}, and no JSON", answered.status)))?;
        if let Some(error) = answer.get("error") {
            let message = error.get("message").and_then(Value::as_str).unwrap_or("an error without message");
            return Err(failed(message.to_owned()));
        }
        let result = answer.get_mut("result").map(Value::take).unwrap_or_default();
        serde_json::from_value(result).map_err(|error| failed(error.to_string()))
    }
}
