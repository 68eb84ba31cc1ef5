//! Reads of finalized state in Lit's names and forms.

use super::{evm, scheme::with_0x, Context};
use conclave_actions::{Answered, Chain, Cid, HostError};
use conclave_primitives::{AuthMethod, PkpId, PkpView, Scope, Scopes};
use conclave_worker::ports::{ReadChain, ReadError};
use k256::elliptic_curve::sec1::ToSec1Point;
use serde_json::{json, Value};

/// The most PKPs that are looked through for a public key.
const MAX_CANDIDATES: u32 = 1_000;
/// The most scopes that a list is asked for; Lit has four.
const MAX_SCOPES: u64 = 100;

pub(super) struct ChainReads(pub(super) Context);

impl Chain for ChainReads {
    fn read(&self, operation: String, argument: Value) -> Answered<'_, Value> {
        Box::pin(async move {
            if evm::OPERATIONS.contains(&operation.as_str()) {
                return evm::read(&self.0.external, &operation, &argument).await;
            }
            self.permission(&operation, &argument)
        })
    }
}

impl ChainReads {
    fn permission(&self, operation: &str, argument: &Value) -> Result<Value, HostError> {
        let invalid =
            |reason: &str| HostError::Invalid { operation: operation.into(), reason: reason.into() };
        let text = |name: &str| {
            let value = argument.get(name).and_then(Value::as_str);
            value.ok_or_else(|| invalid(&format!("{name}: not a string")))
        };
        if operation == "pubkeyToTokenId" {
            let found = self.0.find_pkp(text("publicKey")?, &[self.0.cid])?;
            return Ok(Value::String(with_0x(&found.0)));
        }
        let pkp = self.0.find_pkp(text("tokenId")?, &[self.0.cid])?;
        let method = || -> Result<AuthMethod, HostError> {
            match operation {
                "isPermittedAction" => {
                    let cid: Cid = text("ipfsId")?.parse().map_err(|_| invalid("ipfsId: not a CIDv0"))?;
                    Ok(cid.method())
                }
                "isPermittedAddress" => {
                    let address = bytes(text("address")?).and_then(|address| address.try_into().ok());
                    Ok(AuthMethod::EthereumWallet(address.ok_or_else(|| invalid("address: not 20 bytes"))?))
                }
                _ => {
                    use base64ct::{Base64, Encoding};
                    let id =
                        Base64::decode_vec(text("userId")?).map_err(|_| invalid("userId: not base64"))?;
                    let kind = text("authMethodType")?.parse().ok();
                    let method = kind.and_then(|kind| from_lit_method(kind, &id));
                    method.ok_or_else(|| invalid("authMethodType, userId: no such auth method"))
                }
            }
        };
        let (view, _) = self.0.read_pkp(&pkp, &self.0.who)?;
        match operation {
            "isPermittedAction" | "isPermittedAddress" | "isPermittedAuthMethod" => {
                let (_, scopes) = self.0.read_pkp(&pkp, &method()?)?;
                Ok(Value::Bool(!scopes.is_empty()))
            }
            "getPermittedAuthMethodScopes" => {
                let (_, scopes) = self.0.read_pkp(&pkp, &method()?)?;
                let count = argument.get("maxScopeId").and_then(Value::as_u64).unwrap_or(MAX_SCOPES);
                let has = |scope| match scope {
                    1 => scopes.permits(Scope::SignAnything),
                    2 => scopes.permits(Scope::PersonalSign),
                    _ => false,
                };
                Ok((0..count.min(MAX_SCOPES)).map(|scope| Value::Bool(has(scope))).collect())
            }
            "getPermittedActions" => {
                let cid = |method: &AuthMethod| match method {
                    AuthMethod::Action(digest) => Some(json!(Cid::from_digest(*digest).to_string())),
                    _ => None,
                };
                Ok(view.permissions.iter().filter_map(|of| cid(&of.method)).collect())
            }
            "getPermittedAddresses" => {
                let address = |method: &AuthMethod| match method {
                    AuthMethod::EthereumWallet(address) => {
                        Some(json!(conclave_auth::checksum_address(address)))
                    }
                    _ => None,
                };
                Ok(view.permissions.iter().filter_map(|of| address(&of.method)).collect())
            }
            "getPermittedAuthMethods" => {
                let method = |method: &AuthMethod| {
                    let (kind, id) = lit_method(method)?;
                    Some(json!({ "authMethodType": kind, "id": with_0x(&id), "userPubkey": "0x" }))
                };
                Ok(view.permissions.iter().filter_map(|of| method(&of.method)).collect())
            }
            other => Err(HostError::NotOffered { operation: other.into() }),
        }
    }
}

impl Context {
    fn read_pkp(&self, pkp: &PkpId, method: &AuthMethod) -> Result<(PkpView, Scopes), HostError> {
        let failed = |error: ReadError| HostError::Failed { reason: error.to_string() };
        let found = self.chain.read_pkp(pkp, method).map_err(failed)?;
        found.ok_or_else(|| HostError::Failed { reason: format!("there is no PKP {pkp}") })
    }

    /// The PKP with this public key (hex: on secp256k1 compressed or not), or with this id. By its key among those that the
    /// actions of `stack`, or who asked for them, may use: all others would be refused anyway.
    pub(super) fn find_pkp(&self, name: &str, stack: &[Cid]) -> Result<PkpId, HostError> {
        let invalid = |reason: String| HostError::Invalid { operation: "publicKey".into(), reason };
        let given = bytes(name).ok_or_else(|| invalid("not hex".into()))?;
        let key = match given.len() {
            65 => {
                let key = k256::PublicKey::from_sec1_bytes(&given);
                let key = key.map_err(|_| invalid("not a point of secp256k1".into()))?;
                key.to_sec1_point(true).as_bytes().to_vec()
            }
            _ => given.clone(),
        };
        if let Ok(id) = <[u8; 32]>::try_from(given.as_slice()) {
            let failed = |error: ReadError| HostError::Failed { reason: error.to_string() };
            if self.chain.read_pkp(&PkpId(id), &self.who).map_err(failed)?.is_some() {
                return Ok(PkpId(id));
            }
        }
        let methods = stack.iter().map(Cid::method).chain([self.who]);
        for method in methods {
            let candidates = self.chain.pkps_of(&method, MAX_CANDIDATES);
            let candidates = candidates.map_err(|error| HostError::Failed { reason: error.to_string() })?;
            let has_key = |view: &PkpView| view.public_keys.iter().any(|of| of.point.as_slice() == key);
            let found = candidates.into_iter().find(|view| has_key(view));
            if let Some(view) = found {
                return Ok(view.id);
            }
        }
        Err(HostError::NotPermitted {
            reason: format!(
                "neither the action nor who asks for it may use a PKP with the key {}",
                with_0x(&given)
            ),
        })
    }
}

/// Lit's number of a kind of auth method, and the id within; none of kinds that Lit does not have.
pub(super) fn lit_method(method: &AuthMethod) -> Option<(u32, Vec<u8>)> {
    match method {
        AuthMethod::EthereumWallet(address) => Some((1, address.to_vec())),
        AuthMethod::Action(digest) => Some((2, Cid::from_digest(*digest).to_multihash().to_vec())),
        AuthMethod::Passkey(id) => Some((3, id.to_vec())),
        AuthMethod::Discord(id) => Some((4, id.to_vec())),
        AuthMethod::Google(id) => Some((6, id.to_vec())),
        AuthMethod::Apple(id) => Some((8, id.to_vec())),
        _ => None,
    }
}

fn from_lit_method(kind: u32, id: &[u8]) -> Option<AuthMethod> {
    let hash = || <[u8; 32]>::try_from(id).ok();
    match kind {
        1 => id.try_into().ok().map(AuthMethod::EthereumWallet),
        2 => id.strip_prefix(&[0x12, 0x20])?.try_into().ok().map(AuthMethod::Action),
        3 => hash().map(AuthMethod::Passkey),
        4 => hash().map(AuthMethod::Discord),
        6 => hash().map(AuthMethod::Google),
        8 => hash().map(AuthMethod::Apple),
        _ => None,
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auth_methods_should_survive_lits_form() {
        let methods = [
            AuthMethod::EthereumWallet([1; 20]),
            AuthMethod::Action([2; 32]),
            AuthMethod::Passkey([3; 32]),
            AuthMethod::Discord([4; 32]),
            AuthMethod::Google([6; 32]),
            AuthMethod::Apple([8; 32]),
        ];
        for method in methods {
            let (kind, id) = lit_method(&method).expect("Lit has it");
            assert_eq!(from_lit_method(kind, &id), Some(method));
            assert_eq!(from_lit_method(kind, &id[1..]), None);
        }
        assert_eq!(lit_method(&AuthMethod::Account([1; 32])), None);
    }
}
