//! Conditions that an action asks about; encryption to them, offline, as any client does it; and decryption where they hold
//! for t members, with shares of theirs that are sealed to this one.

use super::{super::check::check, Context};
use crate::worker::keys::system_rng;
use conclave_actions::{Answered, Cid, Condition, Conditions, HostError, Sealed, Secrets};
use conclave_auth::{parse_auth_sig, JsonError};
use conclave_client::{
    lit::{decrypt, encrypt},
    DecryptRoot, OneTimeSecret,
};
use conclave_conditions::{Denied, Requester};
use conclave_primitives::{
    conditions::lit::{self, Kind},
    AuthMethod, DecryptionIdentity, Purpose, MAX_LIT_CONDITION_BYTES,
};
use conclave_worker::{verify_auth_sig, Ask, Given, Sought, Topic};
use futures::future::ready;
use serde_json::Value;

pub(super) struct OwnConditions(pub(super) Context);

impl Conditions for OwnConditions {
    fn check(&self, condition: Condition) -> Answered<'_, bool> {
        Box::pin(async move {
            let parsed = parse("checkConditions", &condition.conditions)?;
            self.0.holds("checkConditions", &parsed, &condition).await
        })
    }
}

impl Context {
    /// Whether a condition holds for who asked, and for the action that asks.
    async fn holds(
        &self,
        operation: &str,
        parsed: &lit::Conditions,
        condition: &Condition,
    ) -> Result<bool, HostError> {
        let asking = condition.stack.last().unwrap_or(&self.cid);
        let who = match &condition.auth_sig {
            Some(shown) => AuthMethod::EthereumWallet(self.wallet(operation, shown, asking)?),
            None => self.who,
        };
        let requester = Requester { action: Some(asking.to_string()), ..requester(&who) };
        let failed = |reason: String| HostError::Failed { reason };
        let found = check(&self.chain, &self.external, parsed.condition().clone(), requester).await;
        match found.map_err(|error| failed(error.to_string()))? {
            Ok(()) => Ok(true),
            Err(Denied::NotMet) => Ok(false),
            Err(undecided) => Err(failed(undecided.to_string())),
        }
    }

    /// Whose an AuthSig is that an action shows, in place of whoever asked for the action.
    fn wallet(&self, operation: &str, shown: &Value, asking: &Cid) -> Result<[u8; 20], HostError> {
        let invalid =
            |error: JsonError| HostError::Invalid { operation: operation.into(), reason: error.to_string() };
        let auth_sig = parse_auth_sig(shown).map_err(invalid)?;
        let finalized = self.chain.finalized_number();
        verify_auth_sig(&auth_sig, asking, &self.chain, finalized).map_err(|error| {
            let reason = format!("authSig: {error}");
            match error.is_transient() {
                true => HostError::Failed { reason },
                false => HostError::NotPermitted { reason },
            }
        })
    }

    /// What is encrypted under.
    fn decrypt_root(&self) -> Result<DecryptRoot, HostError> {
        let failed = |reason: String| HostError::Failed { reason };
        let committee = self.calls.worker.status().view.committee;
        let committee = committee.ok_or_else(|| failed("no committee serves".into()))?;
        let root = committee.roots.iter().find(|root| root.id.purpose == Purpose::Decrypt);
        let key = root.and_then(|root| root.commitments.first());
        let key = key.ok_or_else(|| failed("the committee has no key to encrypt under".into()))?;
        let root = DecryptRoot::new(key, self.genesis, committee.keyset);
        root.map_err(|error| failed(error.to_string()))
    }
}

pub(super) struct CommitteeSecrets(pub(super) Context);

impl Secrets for CommitteeSecrets {
    fn encrypt(&self, conditions: Value, plaintext: Vec<u8>) -> Answered<'_, Sealed> {
        Box::pin(ready(self.encrypt_now(&conditions, &plaintext)))
    }

    fn decrypt(
        &self,
        condition: Condition,
        ciphertext: String,
        data_to_encrypt_hash: String,
        single: bool,
    ) -> Answered<'_, String> {
        Box::pin(self.decrypt_now(condition, ciphertext, data_to_encrypt_hash, single))
    }
}

impl CommitteeSecrets {
    /// Each member opens it by itself: if the condition holds for its own finalized state and endpoints, it asks the others
    /// for shares, and gives them its own. Of a single one's plaintext, all others see nothing.
    async fn decrypt_now(
        &self,
        condition: Condition,
        ciphertext: String,
        data_to_encrypt_hash: String,
        single: bool,
    ) -> Result<String, HostError> {
        let operation = if single { "decryptToSingleNode" } else { "decryptAndCombine" };
        let failed = |reason: String| HostError::Failed { reason };
        let invalid =
            |reason: &str| HostError::Invalid { operation: operation.into(), reason: reason.into() };
        let parsed = parse(operation, &condition.conditions)?;
        let digits = data_to_encrypt_hash.trim_start_matches("0x");
        let mut plaintext = [0; 32];
        hex::decode_to_slice(digits, &mut plaintext)
            .map_err(|_| invalid("dataToEncryptHash: expected 32 bytes in hex"))?;
        let identity = DecryptionIdentity::LitV7 { condition: parsed.hash(), plaintext };
        let root = self.0.decrypt_root()?;
        let calls = &self.0.calls;
        let topic = |kind: &'static str| Topic {
            name: hex::encode(plaintext),
            occurrence: calls.occurrence(kind, &condition.stack, digits),
        };
        let (sought, lead) = (topic("open"), topic("opens alone"));
        if !self.0.holds(operation, &parsed, &condition).await? {
            return Err(HostError::NotPermitted { reason: "the access conditions do not hold".into() });
        }
        let secret = OneTimeSecret::random(&mut system_rng());
        let sought = Sought { identity, topic: sought, stack: condition.stack.clone() };
        let given = calls.ask(Ask::Open { sought, client: Box::new(secret.public()) }).await?;
        let Given::Opened(sealed) = given else {
            return Err(failed("the worker answered something else".into()));
        };
        let key = secret.open(&sealed, &root, &identity).map_err(|error| failed(error.to_string()))?;
        let opened = decrypt(&ciphertext, &key).map_err(|error| failed(error.to_string()))?;
        if single && !matches!(calls.ask(Ask::Lead { topic: lead, wait: false }).await?, Given::Leads) {
            return Ok(String::new());
        }
        String::from_utf8(opened.to_vec()).map_err(|_| failed("what was encrypted is no UTF-8".into()))
    }

    fn encrypt_now(&self, conditions: &Value, plaintext: &[u8]) -> Result<Sealed, HostError> {
        let failed = |reason: String| HostError::Failed { reason };
        let parsed = parse("encrypt", conditions)?;
        let root = self.0.decrypt_root()?;
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
