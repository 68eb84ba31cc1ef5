//! Conditions that an action asks about, and encryption to them: offline, as any client does it.

use super::{super::check::check, Context};
use crate::worker::keys::system_rng;
use conclave_actions::{Answered, Condition, Conditions, HostError, Sealed, Secrets};
use conclave_client::{lit::encrypt, DecryptRoot};
use conclave_conditions::{Denied, Requester};
use conclave_primitives::{
    conditions::lit::{self, Kind},
    AuthMethod, DecryptionIdentity, Purpose, MAX_LIT_CONDITION_BYTES,
};
use futures::future::ready;
use serde_json::Value;

pub(super) struct OwnConditions(pub(super) Context);

impl Conditions for OwnConditions {
    fn check(&self, condition: Condition) -> Answered<'_, bool> {
        Box::pin(async move {
            let operation = "checkConditions";
            if condition.auth_sig.is_some() {
                let reason = "authSig: expected null, for who asked for the action".into();
                return Err(HostError::Invalid { operation: operation.into(), reason });
            }
            let parsed = parse(operation, &condition.conditions)?;
            let asking = condition.stack.last().map(ToString::to_string);
            let requester = Requester { action: asking, ..requester(&self.0.who) };
            let failed = |reason: String| HostError::Failed { reason };
            let found = check(&self.0.chain, &self.0.external, parsed.condition().clone(), requester).await;
            match found.map_err(|error| failed(error.to_string()))? {
                Ok(()) => Ok(true),
                Err(Denied::NotMet) => Ok(false),
                Err(undecided) => Err(failed(undecided.to_string())),
            }
        })
    }
}

pub(super) struct OfflineEncryption(pub(super) Context);

impl Secrets for OfflineEncryption {
    fn encrypt(&self, conditions: Value, plaintext: Vec<u8>) -> Answered<'_, Sealed> {
        Box::pin(ready(self.encrypt_now(&conditions, &plaintext)))
    }
}

impl OfflineEncryption {
    fn encrypt_now(&self, conditions: &Value, plaintext: &[u8]) -> Result<Sealed, HostError> {
        let failed = |reason: String| HostError::Failed { reason };
        let parsed = parse("encrypt", conditions)?;
        let committee = self.0.calls.worker.status().view.committee;
        let committee = committee.ok_or_else(|| failed("no committee serves".into()))?;
        let root = committee.roots.iter().find(|root| root.id.purpose == Purpose::Decrypt);
        let key = root.and_then(|root| root.commitments.first());
        let key = key.ok_or_else(|| failed("the committee has no key to encrypt under".into()))?;
        let root = DecryptRoot::new(key, self.0.genesis, committee.keyset);
        let root = root.map_err(|error| failed(error.to_string()))?;
        let encrypted = encrypt(&root, parsed.hash(), plaintext, &mut system_rng());
        match encrypted.map_err(|error| failed(error.to_string()))? {
            (ciphertext, DecryptionIdentity::LitV7 { plaintext, .. }) => {
                Ok(Sealed { ciphertext, data_to_encrypt_hash: hex::encode(plaintext) })
            }
            (_, DecryptionIdentity::V1 { .. }) => Err(failed("an identity that is not Lit's".into())),
        }
    }
}

/// Lit's conditions: unified, or of EVM chains alone where nothing says what kind they are.
fn parse(operation: &str, conditions: &Value) -> Result<lit::Conditions, HostError> {
    let invalid = |reason: String| HostError::Invalid { operation: operation.into(), reason };
    let text = conditions.to_string();
    if text.len() > MAX_LIT_CONDITION_BYTES as usize {
        return Err(invalid(format!("conditions: more than {MAX_LIT_CONDITION_BYTES} bytes of JSON")));
    }
    let kind = if text.contains("\"conditionType\"") { Kind::Unified } else { Kind::EvmBasic };
    lit::Conditions::parse(kind, &text).map_err(|error| invalid(error.to_string()))
}

/// Who asks, as conditions know them.
fn requester(who: &AuthMethod) -> Requester {
    match who {
        AuthMethod::Account(account) => Requester { account: Some(*account), ..Requester::default() },
        AuthMethod::EthereumWallet(address) => Requester { evm: Some(*address), ..Requester::default() },
        AuthMethod::SolanaWallet(key) => Requester { solana: Some(*key), ..Requester::default() },
        _ => Requester::default(),
    }
}
