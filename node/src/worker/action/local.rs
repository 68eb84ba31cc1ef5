//! What answers an action that runs alone, for whoever writes it: the web as a node has it, and stand-ins for the committee
//! and its chain. Each tells what it is: nothing here is to be taken for the network's.

use super::{
    evm,
    ports::Web,
    scheme::{from_json, scheme, to_json, with_0x},
};
use crate::{
    external_chains::Outside,
    worker::{external::ExternalChains, metrics::Asks},
};
use conclave_actions::{
    Agreement, Answered, Chain, Cid, Condition, Conditions, Host, HostError, Keys, Programs, Secrets,
    SignRequest,
};
use conclave_auth::eip191_digest;
use conclave_primitives::Scheme;
use conclave_worker::verify_signature;
use futures::future::ready;
use parking_lot::Mutex;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use std::{collections::BTreeMap, sync::Arc};

/// What takes a committee's chain, shares or endpoints, and is answered only by what the developer gives.
pub(crate) const ANSWERABLE: [&str; 13] = [
    "callContract",
    "checkConditions",
    "decryptAndCombine",
    "decryptToSingleNode",
    "getLatestNonce",
    "getPermittedActions",
    "getPermittedAddresses",
    "getPermittedAuthMethodScopes",
    "getPermittedAuthMethods",
    "isPermittedAction",
    "isPermittedAddress",
    "isPermittedAuthMethod",
    "pubkeyToTokenId",
];

/// A network of one that has no chain and no shares.
pub(crate) struct Local {
    answers: BTreeMap<String, Value>,
    programs: BTreeMap<Cid, Vec<u8>>,
    outside: Outside,
    external: ExternalChains,
    /// What the throw-away keys are made of.
    seed: [u8; 32],
    /// The public keys that signed, by scheme and by whose they stand for.
    used: Mutex<BTreeMap<(String, String), String>>,
}

impl Local {
    /// With these answers, by operation, and the programs of actions that may be called.
    pub(crate) fn new(
        answers: BTreeMap<String, Value>,
        programs: Vec<Vec<u8>>,
        outside: Outside,
    ) -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let programs = programs.into_iter().map(|code| (Cid::of(&code), code)).collect();
        let external = ExternalChains::new(outside.endpoints.clone(), Asks::default());
        Ok(Self { answers, programs, outside, external, seed, used: Mutex::default() })
    }

    /// All ports.
    pub(crate) fn host(self: &Arc<Self>) -> Host {
        Host {
            keys: self.clone(),
            conditions: self.clone(),
            secrets: self.clone(),
            chain: self.clone(),
            web: Arc::new(Web {
                egress: Arc::new(self.outside.actions.clone()),
                external: self.external.clone(),
            }),
            agreement: self.clone(),
            programs: self.clone(),
        }
    }

    /// What stood in for the network, a line each.
    pub(crate) fn stand_ins(&self) -> Vec<String> {
        let alone = "agreement: this is the only member: it leads, and collects what it sent".to_owned();
        let answers = self.answers.iter().map(|(operation, answer)| format!("{operation}: always {answer}"));
        let used = self.used.lock();
        let keys = used.iter().map(|((scheme, of), key)| {
            format!("key: {key}, thrown away after this run, signed by {scheme} for {of}")
        });
        [alone].into_iter().chain(answers).chain(keys).collect()
    }

    fn given(&self, operation: &str) -> Result<Value, HostError> {
        let instead =
            || format!("there is no chain and no committee; give what it answers: --answer {operation}=JSON");
        let answer = self.answers.get(operation).cloned();
        answer.ok_or_else(|| HostError::NotHere { operation: operation.into(), instead: instead() })
    }

    /// The public key, and the signature if something is to be signed, under the key that stands for another.
    fn key(&self, scheme_name: &str, of: &str, to_sign: Option<&[u8]>) -> Result<Signed, HostError> {
        let hash = Sha256::new().chain_update(self.seed).chain_update(scheme_name).chain_update([0]);
        let seed: [u8; 32] = hash.chain_update(of).finalize().into();
        let unknown = || HostError::NotHere {
            operation: format!("signingScheme {scheme_name}"),
            instead:
                "keys of this machine sign by EcdsaK256Sha256, SchnorrEd25519Sha512 and SchnorrkelSubstrate"
                    .into(),
        };
        let scheme = scheme(scheme_name).ok_or_else(unknown)?;
        let (public_key, signature) = match scheme {
            Scheme::EcdsaSecp256k1 => {
                let pair = ecdsa::Pair::from_seed(&seed);
                let signed =
                    to_sign.map(|digest| digest.try_into().map(|digest| pair.sign_prehashed(&digest)));
                let signed = signed.transpose().map_err(|_| invalid("toSign: ECDSA signs 32 bytes"))?;
                (pair.public().0.to_vec(), signed.map(|signature| signature.0.to_vec()))
            }
            Scheme::Ed25519 => {
                let pair = ed25519::Pair::from_seed(&seed);
                (pair.public().0.to_vec(), to_sign.map(|message| pair.sign(message).0.to_vec()))
            }
            Scheme::Sr25519 => {
                let pair = sr25519::Pair::from_seed(&seed);
                (pair.public().0.to_vec(), to_sign.map(|message| pair.sign(message).0.to_vec()))
            }
            _ => return Err(unknown()),
        };
        if signature.is_some() {
            self.used.lock().insert((scheme_name.into(), of.into()), with_0x(&public_key));
        }
        Ok(Signed { scheme, public_key, signature: signature.unwrap_or_default() })
    }

    fn sign_now(&self, request: SignRequest) -> Result<String, HostError> {
        let of = match (&request.public_key, request.stack.last()) {
            (Some(key), _) => key.to_lowercase(),
            (None, Some(action)) => action.to_string(),
            (None, None) => return Err(invalid("no action asks")),
        };
        let to_sign = match request.personal_message {
            true => eip191_digest(&request.to_sign).to_vec(),
            false => request.to_sign,
        };
        let signed = self.key(&request.scheme, &of, Some(&to_sign))?;
        Ok(match request.combine {
            true => to_json(signed.scheme, &signed.public_key, &signed.signature),
            false => "success".into(),
        })
    }
}

struct Signed {
    scheme: Scheme,
    public_key: Vec<u8>,
    signature: Vec<u8>,
}

fn invalid(reason: &str) -> HostError {
    HostError::Invalid { operation: "sign".into(), reason: reason.into() }
}

impl Keys for Local {
    fn sign(&self, request: SignRequest) -> Answered<'_, String> {
        Box::pin(ready(self.sign_now(request)))
    }

    fn action_public_key(&self, scheme: String, action: String) -> Answered<'_, String> {
        let key = self.key(&scheme, &action, None).map(|key| with_0x(&key.public_key));
        Box::pin(ready(key))
    }

    fn verify_action_signature(
        &self,
        scheme: String,
        action: String,
        to_sign: Vec<u8>,
        signature: String,
    ) -> Answered<'_, bool> {
        let verdict = self.key(&scheme, &action, None).map(|key| {
            from_json(&signature)
                .is_some_and(|signature| verify_signature(key.scheme, &key.public_key, &to_sign, &signature))
        });
        Box::pin(ready(verdict))
    }
}

impl Chain for Local {
    fn read(&self, operation: String, argument: Value) -> Answered<'_, Value> {
        Box::pin(async move {
            match self.given(&operation) {
                Err(_) if evm::OPERATIONS.contains(&operation.as_str()) => {
                    evm::read(&self.external, &operation, &argument).await
                }
                given => given,
            }
        })
    }
}

impl Conditions for Local {
    fn check(&self, _: Condition) -> Answered<'_, bool> {
        let given = self.given("checkConditions");
        Box::pin(ready(
            given.and_then(|answer| answer.as_bool().ok_or_else(|| not("checkConditions", "true or false"))),
        ))
    }
}

impl Secrets for Local {
    fn decrypt(&self, _: Condition, _: String, _: String, single: bool) -> Answered<'_, String> {
        let operation = if single { "decryptToSingleNode" } else { "decryptAndCombine" };
        let text =
            |answer: Value| answer.as_str().map(str::to_owned).ok_or_else(|| not(operation, "a string"));
        Box::pin(ready(self.given(operation).and_then(text)))
    }
}

fn not(operation: &str, expected: &str) -> HostError {
    HostError::Failed { reason: format!("--answer {operation}: expected {expected}") }
}

impl Agreement for Local {
    fn run_once(&self, _: String, _: u32, _: bool) -> Answered<'_, Option<Option<String>>> {
        Box::pin(ready(Ok(None)))
    }

    fn publish(&self, _: String, _: u32, _: String) -> Answered<'_, ()> {
        Box::pin(ready(Ok(())))
    }

    fn collect(&self, _: String, _: u32, value: String) -> Answered<'_, Vec<String>> {
        Box::pin(ready(Ok(vec![value])))
    }
}

impl Programs for Local {
    fn load(&self, cid: Cid) -> Answered<'_, Vec<u8>> {
        let instead = "give its file: --program FILE".to_owned();
        let found = self.programs.get(&cid).cloned();
        Box::pin(ready(
            found.ok_or_else(|| HostError::NotHere { operation: format!("call of {cid}"), instead }),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::external_chains::for_actions_alone;

    fn local(answers: &[(&str, Value)]) -> Arc<Local> {
        let answers = answers.iter().map(|(operation, answer)| ((*operation).into(), answer.clone()));
        let outside = for_actions_alone(Vec::new());
        Arc::new(Local::new(answers.collect(), vec![b"1".to_vec()], outside).expect("randomness"))
    }

    #[test]
    fn throw_away_keys_should_sign_what_verifies_and_be_named() {
        let local = local(&[]);
        let cid = Cid::of(b"action");
        for (name, length) in
            [("EcdsaK256Sha256", 33), ("SchnorrEd25519Sha512", 32), ("SchnorrkelSubstrate", 32)]
        {
            let request = SignRequest {
                to_sign: vec![7; 32],
                public_key: None,
                name: "sig".into(),
                occurrence: 0,
                scheme: name.into(),
                personal_message: false,
                combine: true,
                stack: vec![cid],
            };
            let signature = from_json(&local.sign_now(request.clone()).expect("a signature")).expect("JSON");
            let key = local.key(name, &cid.to_string(), None).expect("a key");
            assert_eq!(key.public_key.len(), length);
            assert!(verify_signature(key.scheme, &key.public_key, &[7; 32], &signature), "{name}");
            let other = SignRequest { public_key: Some("0xAB".into()), combine: false, ..request };
            assert_eq!(local.sign_now(other), Ok("success".into()));
        }
        let shown = local.stand_ins().join("\n");
        assert!(
            shown.contains(&format!("for {cid}")) && shown.contains("by EcdsaK256Sha256 for 0xab"),
            "{shown}"
        );
        let refused = local.key("Bls12381G1ProofOfPossession", "x", None).err().expect("no key");
        assert!(refused.to_string().contains("SchnorrkelSubstrate"), "{refused}");
    }

    #[test]
    fn what_takes_a_chain_should_be_answered_as_given_or_refused() {
        let local =
            local(&[("isPermittedAction", Value::Bool(true)), ("decryptAndCombine", Value::Bool(true))]);
        let now = futures::executor::block_on::<futures::future::BoxFuture<'_, Result<Value, HostError>>>;
        assert_eq!(now(local.read("isPermittedAction".into(), Value::Null)), Ok(Value::Bool(true)));
        let refused =
            now(local.read("isPermittedAddress".into(), Value::Null)).expect_err("not given").to_string();
        assert!(refused.contains("--answer isPermittedAddress=JSON"), "{refused}");
        let argument = serde_json::json!({ "chain": "ethereum" });
        let elsewhere = now(local.read("getRpcUrl".into(), argument)).expect_err("no endpoint").to_string();
        assert!(elsewhere.contains("no endpoint for chain `ethereum`"), "{elsewhere}");
        let condition =
            Condition { conditions: Value::Null, auth_sig: None, chain: String::new(), stack: Vec::new() };
        let opened =
            futures::executor::block_on(local.decrypt(condition, String::new(), String::new(), false));
        assert_eq!(opened, Err(not("decryptAndCombine", "a string")));
        let missing = futures::executor::block_on(local.load(Cid::of(b"2"))).expect_err("no such program");
        assert!(missing.to_string().contains("--program FILE"), "{missing}");
        assert_eq!(futures::executor::block_on(local.load(Cid::of(b"1"))), Ok(b"1".to_vec()));
    }
}
