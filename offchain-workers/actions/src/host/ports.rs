//! The ports.

use crate::Cid;
use futures::future::{ready, BoxFuture};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// What a port answers.
pub type Answered<'a, T> = BoxFuture<'a, Result<T, HostError>>;

/// Why a call of the host failed. The action sees the text as the message of an error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// No such operation, or this member does not offer it.
    #[error("{operation} is not offered")]
    NotOffered {
        /// Its name.
        operation: String,
    },
    /// It is not offered here, and something else does what it is for.
    #[error("{operation} is not offered here: {instead}")]
    NotHere {
        /// Its name.
        operation: String,
        /// What to do instead.
        instead: String,
    },
    /// An argument is not what it must be.
    #[error("{operation}: {reason}")]
    Invalid {
        /// The operation.
        operation: String,
        /// Which field, and what is wrong with it.
        reason: String,
    },
    /// A limit of the request.
    #[error("the limit of {limit} {what} is reached")]
    Exceeded {
        /// Of what.
        what: &'static str,
        /// How many.
        limit: u32,
    },
    /// The action, or who asked for it, may not.
    #[error("not permitted: {reason}")]
    NotPermitted {
        /// Why.
        reason: String,
    },
    /// It was tried.
    #[error("{reason}")]
    Failed {
        /// What went wrong.
        reason: String,
    },
}

/// Who asks for an action, as `Lit.Auth` shows it. What differs between members (times) is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuthContext {
    /// The wallet that signed, if one did.
    pub auth_sig_address: Option<String>,
    /// `{userId, appId, authMethodType, usedForSignSessionKeyRequest}` for each verified auth method.
    pub auth_method_contexts: Vec<Value>,
    /// What the session may do.
    pub resources: Vec<String>,
    /// Whatever a custom auth method says of the user.
    pub custom_auth_resource: String,
}

/// A signature that an action wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignRequest {
    /// The bytes: a digest of 32 bytes where the scheme signs those, else the message.
    pub to_sign: Vec<u8>,
    /// `None`: with the key of the action itself.
    pub public_key: Option<String>,
    /// What the action calls it.
    pub name: String,
    /// Which time the action uses this name: from 0. Members key their protocol by request, name and this.
    pub occurrence: u32,
    /// The scheme, as Lit names it.
    pub scheme: String,
    /// Whether `to_sign` is a message to be prefixed as EIP-191 says: another scope than signing anything.
    pub personal_message: bool,
    /// Whether the action gets the signature (JSON), or only the client does (`success`).
    pub combine: bool,
    /// The actions that led here, from the one that was asked for to the one that asks.
    pub stack: Vec<Cid>,
}

/// Signatures. What comes out is what the action sees.
pub trait Keys: Send + Sync {
    /// Signs, if the permissions of the PKP allow the action to.
    fn sign(&self, _request: SignRequest) -> Answered<'_, String> {
        not_offered("signing")
    }

    /// The key that an action signs with as itself, in hex.
    fn action_public_key(&self, _scheme: String, _action: String) -> Answered<'_, String> {
        not_offered("getActionPublicKey")
    }

    /// Whether an action signed.
    fn verify_action_signature(
        &self,
        _scheme: String,
        _action: String,
        _to_sign: Vec<u8>,
        _signature: String,
    ) -> Answered<'_, bool> {
        not_offered("verifyActionSignature")
    }
}

/// Conditions as an action gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// In the unified format.
    pub conditions: Value,
    /// Whose they must hold for; `None`: who asked for the action.
    pub auth_sig: Option<Value>,
    /// The chain of the auth signature.
    pub chain: String,
    /// The actions that led here.
    pub stack: Vec<Cid>,
}

/// Evaluates conditions.
pub trait Conditions: Send + Sync {
    /// Whether they hold.
    fn check(&self, _condition: Condition) -> Answered<'_, bool> {
        not_offered("checkConditions")
    }
}

/// What was encrypted to conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sealed {
    /// Base64.
    pub ciphertext: String,
    /// Hex.
    pub data_to_encrypt_hash: String,
}

/// Encryption under conditions.
pub trait Secrets: Send + Sync {
    /// Encrypts to conditions.
    fn encrypt(&self, _conditions: Value, _plaintext: Vec<u8>) -> Answered<'_, Sealed> {
        not_offered("encrypt")
    }

    /// Decrypts if they hold; on one member only, if `single` says so.
    fn decrypt(
        &self,
        _condition: Condition,
        _ciphertext: String,
        _data_to_encrypt_hash: String,
        _single: bool,
    ) -> Answered<'_, String> {
        not_offered("decryption")
    }
}

/// Reads of chains: ours and others.
pub trait Chain: Send + Sync {
    /// A read of PKP permissions or of the registry, from finalized state. The operations are Lit's, and so is the JSON:
    /// `isPermitted…`, `getPermitted…`, `pubkeyToTokenId`, `getLatestNonce`, `getRpcUrl`, `callContract`.
    fn read(&self, operation: String, _argument: Value) -> Answered<'_, Value> {
        Box::pin(ready(Err(HostError::NotOffered { operation })))
    }
}

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FetchRequest {
    /// An absolute URL.
    pub url: String,
    /// GET, POST …
    pub method: String,
    /// Names are lower case.
    pub headers: Vec<(String, String)>,
    /// `follow`, `error`, `manual`.
    pub redirect: String,
    /// Base64.
    pub body: Option<String>,
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchResponse {
    /// Of the last response.
    pub url: String,
    /// 200, 404 …
    pub status: u16,
    /// OK, Not Found …
    pub status_text: String,
    /// Names are lower case.
    pub headers: Vec<(String, String)>,
    /// Whether redirects were followed.
    pub redirected: bool,
    /// Base64.
    pub body: String,
}

/// The web. Which addresses may be reached, and how much comes back, is decided behind it.
pub trait Web: Send + Sync {
    /// Fetches.
    fn fetch(&self, _request: FetchRequest) -> Answered<'_, FetchResponse> {
        not_offered("fetch")
    }
}

/// Agreement among the members that run the same request.
pub trait Agreement: Send + Sync {
    /// Whether this member leads what is called so. `None`: it does; else the leader's value, if it is waited for.
    fn run_once(&self, _name: String, _occurrence: u32, _wait: bool) -> Answered<'_, Option<Option<String>>> {
        not_offered("runOnce")
    }

    /// The leader's value, for those that wait.
    fn publish(&self, _name: String, _occurrence: u32, _value: String) -> Answered<'_, ()> {
        not_offered("runOnce")
    }

    /// The values of all members.
    fn collect(&self, _name: String, _occurrence: u32, _value: String) -> Answered<'_, Vec<String>> {
        not_offered("broadcastAndCollect")
    }
}

/// Where programs are found by their content id.
pub trait Programs: Send + Sync {
    /// The bytes; whoever asked checks that they are those.
    fn load(&self, _cid: Cid) -> Answered<'_, Vec<u8>> {
        not_offered("call")
    }
}

struct Nothing;
impl Keys for Nothing {}
impl Conditions for Nothing {}
impl Secrets for Nothing {}
impl Chain for Nothing {}
impl Web for Nothing {}
impl Agreement for Nothing {}
impl Programs for Nothing {}

/// All ports. The default offers nothing.
#[derive(Clone)]
pub struct Host {
    /// Signatures.
    pub keys: Arc<dyn Keys>,
    /// Conditions.
    pub conditions: Arc<dyn Conditions>,
    /// Encryption.
    pub secrets: Arc<dyn Secrets>,
    /// Reads of chains.
    pub chain: Arc<dyn Chain>,
    /// HTTP.
    pub web: Arc<dyn Web>,
    /// The other members.
    pub agreement: Arc<dyn Agreement>,
    /// Code by CID.
    pub programs: Arc<dyn Programs>,
}

impl Default for Host {
    fn default() -> Self {
        let nothing = Arc::new(Nothing);
        Self {
            keys: nothing.clone(),
            conditions: nothing.clone(),
            secrets: nothing.clone(),
            chain: nothing.clone(),
            web: nothing.clone(),
            agreement: nothing.clone(),
            programs: nothing,
        }
    }
}

fn not_offered<'a, T: Send + 'a>(operation: &str) -> Answered<'a, T> {
    Box::pin(ready(Err(HostError::NotOffered { operation: operation.into() })))
}
