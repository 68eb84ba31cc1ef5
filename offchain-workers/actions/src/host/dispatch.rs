//! From a call of an action to a port: the one place where calls are read, counted and numbered, for both languages.

use super::ports::{Condition, FetchRequest, HostError, SignRequest};
use crate::{
    runner::Run,
    vm::{Answer, Call},
    Cid,
};
use base64ct::{Base64, Encoding};
use futures_timer::Delay;
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use serde_json::{json, Map, Value};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// ECDSA on secp256k1, as Lit's `signEcdsa` means.
const ECDSA: &str = "EcdsaK256Sha256";
/// What to do in place of `claimKey`. Lit's claims reserve a key that somebody mints later; here, minting is all there is.
const MINT: &str =
    "an account mints a PKP by the extrinsic pkp.mint and permits this action by pkp.permit; the key that \
                    this action has by itself needs neither: signAsAction, getActionPublicKey";
/// Longest name of a signature, a broadcast, a key.
const NAME_BYTES: usize = 256;

/// Operations whose arguments are long strings, not trees, which take ten times the memory of their text.
const CARRY_BYTES: &[&str] = &[
    "fetch",
    "sign",
    "signAndCombine",
    "signAsAction",
    "ethPersonalSignMessageEcdsa",
    "verifyActionSignature",
    "encrypt",
    "decryptAndCombine",
    "decryptToSingleNode",
    "broadcastAndCollect",
    "runOnceResult",
];

/// Answers the calls of one execution.
pub(crate) struct Dispatcher<'a> {
    run: &'a Run<'a>,
    /// The actions that led here; the last one asks.
    stack: Vec<Cid>,
    /// How often each name of each operation was used.
    occurrences: Mutex<HashMap<(&'static str, String), u32>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sign {
    to_sign: String,
    public_key: Option<String>,
    sig_name: String,
    signing_scheme: String,
    key_set_identifier: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PersonalMessage {
    message: String,
    public_key: String,
    sig_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ActionKey {
    signing_scheme: String,
    action_ipfs_cid: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ActionSignature {
    signing_scheme: String,
    action_ipfs_cid: String,
    to_sign: String,
    sign_output: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Check {
    conditions: Value,
    auth_sig: Option<Value>,
    chain: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Encrypt {
    access_control_conditions: Value,
    to_encrypt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Decrypt {
    access_control_conditions: Value,
    ciphertext: String,
    data_to_encrypt_hash: String,
    auth_sig: Option<Value>,
    chain: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CallAction {
    ipfs_id: String,
    #[serde(default)]
    params: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Named {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RunOnce {
    name: String,
    wait_for_response: bool,
}

impl<'a> Dispatcher<'a> {
    pub(crate) fn new(run: &'a Run<'a>, stack: &[Cid]) -> Self {
        Self { run, stack: stack.to_vec(), occurrences: Mutex::default() }
    }

    pub(crate) async fn answer(&self, call: &Call) -> Answer {
        self.dispatch(call).await.map_err(|error| error.to_string())
    }

    async fn dispatch(&self, call: &Call) -> Result<Vec<u8>, HostError> {
        let limits = &self.run.request.limits;
        let host = self.run.host;
        self.run.spend("host calls", limits.host_calls, |usage| &mut usage.host_calls)?;
        let carries_bytes = CARRY_BYTES.contains(&call.operation.as_str());
        if !carries_bytes && call.argument.len() > limits.params_bytes as usize {
            return Err(invalid(call, format_args!("longer than {} bytes", limits.params_bytes)));
        }
        let signature = || self.run.spend("signatures", limits.signatures, |usage| &mut usage.signatures);
        let decryption = || self.run.spend("decryptions", limits.decryptions, |usage| &mut usage.decryptions);
        let broadcast = || self.run.spend("broadcasts", limits.broadcasts, |usage| &mut usage.broadcasts);
        match call.operation.as_str() {
            "sleep" => {
                let text = String::from_utf8_lossy(&call.argument);
                let milliseconds = text.split(':').nth(1).and_then(|text| text.parse().ok());
                let milliseconds = milliseconds.ok_or_else(|| invalid(call, "milliseconds: not a number"))?;
                Delay::new(Duration::from_millis(milliseconds)).await;
                Ok(Vec::new())
            }
            "fetch" => {
                let request: FetchRequest = read(call)?;
                self.run.spend("fetches", limits.fetches, |usage| &mut usage.fetches)?;
                write(&host.web.fetch(request).await?)
            }
            "sign" | "signEcdsa" | "signAndCombine" | "signAndCombineEcdsa" | "signAsAction" => {
                let request = self.sign_request(call)?;
                signature()?;
                write(&host.keys.sign(request).await?)
            }
            "ethPersonalSignMessageEcdsa" => {
                let wanted: PersonalMessage = read(call)?;
                let request = SignRequest {
                    to_sign: bytes(call, "message", &wanted.message)?,
                    public_key: Some(wanted.public_key),
                    occurrence: self.occurrence(call, "sign", &wanted.sig_name)?,
                    name: wanted.sig_name,
                    scheme: ECDSA.into(),
                    personal_message: true,
                    combine: false,
                    stack: self.stack.clone(),
                };
                signature()?;
                write(&host.keys.sign(request).await?)
            }
            "getActionPublicKey" => {
                let ActionKey { signing_scheme, action_ipfs_cid } = read(call)?;
                write(&host.keys.action_public_key(signing_scheme, action_ipfs_cid).await?)
            }
            "verifyActionSignature" => {
                let given: ActionSignature = read(call)?;
                let to_sign = bytes(call, "toSign", &given.to_sign)?;
                let verdict = host.keys.verify_action_signature(
                    given.signing_scheme,
                    given.action_ipfs_cid,
                    to_sign,
                    given.sign_output,
                );
                write(&verdict.await?)
            }
            "claimKey" => Err(HostError::NotHere { operation: call.operation.clone(), instead: MINT.into() }),
            "checkConditions" => {
                let Check { conditions, auth_sig, chain } = read(call)?;
                self.run.spend("conditions", limits.conditions, |usage| &mut usage.conditions)?;
                let condition = Condition { conditions, auth_sig, chain, stack: self.stack.clone() };
                write(&host.conditions.check(condition).await?)
            }
            "encrypt" => {
                let Encrypt { access_control_conditions, to_encrypt } = read(call)?;
                decryption()?;
                let plaintext = bytes(call, "toEncrypt", &to_encrypt)?;
                write(&host.secrets.encrypt(access_control_conditions, plaintext).await?)
            }
            "decryptAndCombine" | "decryptToSingleNode" => {
                let wanted: Decrypt = read(call)?;
                decryption()?;
                let condition = Condition {
                    conditions: wanted.access_control_conditions,
                    auth_sig: wanted.auth_sig,
                    chain: wanted.chain,
                    stack: self.stack.clone(),
                };
                let single = call.operation == "decryptToSingleNode";
                let plaintext =
                    host.secrets.decrypt(condition, wanted.ciphertext, wanted.data_to_encrypt_hash, single);
                write(&plaintext.await?)
            }
            "isPermittedAction"
            | "isPermittedAddress"
            | "isPermittedAuthMethod"
            | "getPermittedActions"
            | "getPermittedAddresses"
            | "getPermittedAuthMethods"
            | "getPermittedAuthMethodScopes"
            | "pubkeyToTokenId"
            | "getRpcUrl" => write(&host.chain.read(call.operation.clone(), read(call)?).await?),
            "getLatestNonce" | "callContract" => {
                let argument = read(call)?;
                self.run.spend("contract calls", limits.contract_calls, |usage| &mut usage.contract_calls)?;
                write(&host.chain.read(call.operation.clone(), argument).await?)
            }
            "call" => write(&self.call_action(call).await?),
            "broadcastAndCollect" => {
                let Named { name, value } = read(call)?;
                broadcast()?;
                let occurrence = self.occurrence(call, "broadcast", &name)?;
                write(&host.agreement.collect(name, occurrence, value).await?)
            }
            "runOnce" => {
                let RunOnce { name, wait_for_response } = read(call)?;
                broadcast()?;
                let occurrence = self.occurrence(call, "runOnce", &name)?;
                let value = host.agreement.run_once(name, occurrence, wait_for_response).await?;
                write(&match value {
                    None => json!({ "leader": true }),
                    Some(value) => json!({ "leader": false, "value": value }),
                })
            }
            "runOnceResult" => {
                let Named { name, value } = read(call)?;
                let occurrence = self.occurrence(call, "runOnceResult", &name)?;
                write(&host.agreement.publish(name, occurrence, value).await?)
            }
            other => Err(HostError::NotOffered { operation: other.chars().take(64).collect() }),
        }
    }

    fn sign_request(&self, call: &Call) -> Result<SignRequest, HostError> {
        let wanted: Sign = read(call)?;
        let as_action = call.operation == "signAsAction";
        if as_action == wanted.public_key.is_some() {
            return Err(invalid(call, "publicKey: what the operation wants, and nothing else"));
        }
        if wanted.key_set_identifier.is_some() {
            return Err(invalid(call, "keySetIdentifier: there is one key set"));
        }
        let to_sign = bytes(call, "toSign", &wanted.to_sign)?;
        if wanted.signing_scheme == ECDSA && to_sign.len() != 32 {
            return Err(invalid(call, "toSign: ECDSA signs 32 bytes"));
        }
        Ok(SignRequest {
            to_sign,
            public_key: wanted.public_key,
            occurrence: self.occurrence(call, "sign", &wanted.sig_name)?,
            name: wanted.sig_name,
            scheme: wanted.signing_scheme,
            personal_message: false,
            combine: call.operation.starts_with("signAndCombine") || as_action,
            stack: self.stack.clone(),
        })
    }

    async fn call_action(&self, call: &Call) -> Result<String, HostError> {
        let CallAction { ipfs_id, params } = read(call)?;
        let limits = &self.run.request.limits;
        if self.stack.len() > limits.depth as usize {
            return Err(HostError::Exceeded { what: "nested actions", limit: limits.depth });
        }
        let cid: Cid = ipfs_id.parse().map_err(|error| invalid(call, format_args!("ipfsId: {error}")))?;
        let code = self.run.host.programs.load(cid).await?;
        // Nobody is trusted with what a CID means.
        if Cid::of(&code) != cid {
            return Err(HostError::Failed { reason: format!("the code that was found is not {cid}") });
        }
        let outcome = self.run.action(code, params, self.stack.clone()).await;
        outcome.result.map_err(|failure| HostError::Failed { reason: format!("{cid}: {failure}") })?;
        Ok(outcome.response.unwrap_or_default())
    }

    fn occurrence(&self, call: &Call, kind: &'static str, name: &str) -> Result<u32, HostError> {
        if name.len() > NAME_BYTES {
            return Err(invalid(call, format_args!("name: longer than {NAME_BYTES} bytes")));
        }
        let mut occurrences = self.occurrences.lock().unwrap_or_else(PoisonError::into_inner);
        let count = occurrences.entry((kind, name.into())).or_insert(0);
        let occurrence = *count;
        *count = count.saturating_add(1);
        Ok(occurrence)
    }
}

fn invalid(call: &Call, reason: impl std::fmt::Display) -> HostError {
    HostError::Invalid { operation: call.operation.clone(), reason: reason.to_string() }
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, HostError> {
    serde_json::from_slice(&call.argument).map_err(|error| invalid(call, error))
}

fn write(answer: &impl Serialize) -> Result<Vec<u8>, HostError> {
    serde_json::to_vec(answer).map_err(|error| HostError::Failed { reason: error.to_string() })
}

fn bytes(call: &Call, field: &str, base64: &str) -> Result<Vec<u8>, HostError> {
    Base64::decode_vec(base64).map_err(|_| invalid(call, format_args!("{field}: not base64")))
}
