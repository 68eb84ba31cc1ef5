//! Signatures: asked of the committee, which signs what t executions want.

use super::{
    scheme::{from_json, scheme, to_json, with_0x},
    Context,
};
use conclave_actions::{Answered, Cid, HostError, Keys, SignRequest};
use conclave_primitives::{Payload, Scheme};
use conclave_worker::{public_key, verify_signature, Ask, Given, Signer, Topic, Wanted};
use futures::future::ready;

pub(super) struct CommitteeKeys(pub(super) Context);

impl Keys for CommitteeKeys {
    fn sign(&self, request: SignRequest) -> Answered<'_, String> {
        Box::pin(self.sign_now(request))
    }

    fn action_public_key(&self, scheme: String, action: String) -> Answered<'_, String> {
        let key = self.action_key(&scheme, &action).map(|(_, key)| with_0x(&key));
        Box::pin(ready(key))
    }

    fn verify_action_signature(
        &self,
        scheme: String,
        action: String,
        to_sign: Vec<u8>,
        signature: String,
    ) -> Answered<'_, bool> {
        let key = self.action_key(&scheme, &action);
        Box::pin(ready(key.map(|(scheme, key)| {
            from_json(&signature)
                .is_some_and(|signature| verify_signature(scheme, &key, &to_sign, &signature))
        })))
    }
}

impl CommitteeKeys {
    async fn sign_now(&self, request: SignRequest) -> Result<String, HostError> {
        let scheme = known(&request.scheme)?;
        let signer = match &request.public_key {
            Some(key) => Signer::Pkp(self.0.find_pkp(key, &request.stack)?),
            None => Signer::Action,
        };
        let length = request.to_sign.len();
        let too_long = |_| invalid(format!("toSign: {length} bytes are too many"));
        let payload = if request.personal_message {
            Payload::PersonalMessage(request.to_sign.try_into().map_err(too_long)?)
        } else if scheme.is_ecdsa() {
            let digest = request.to_sign.try_into();
            Payload::Digest(digest.map_err(|_| invalid("toSign: ECDSA signs 32 bytes".into()))?)
        } else {
            Payload::Message(request.to_sign.try_into().map_err(too_long)?)
        };
        let occurrence = self.0.calls.occurrence("sign", &request.stack, &request.name);
        let wanted = Wanted {
            signer,
            scheme,
            payload,
            topic: Topic { name: request.name, occurrence },
            stack: request.stack,
            combine: request.combine,
        };
        match self.0.calls.ask(Ask::Sign(wanted)).await? {
            Given::Signed { public_key, signature } if request.combine => {
                Ok(to_json(scheme, &public_key, &signature))
            }
            Given::Signed { .. } => Ok("success".into()),
            _ => Err(HostError::Failed { reason: "the worker answered something else".into() }),
        }
    }

    fn action_key(&self, scheme: &str, action: &str) -> Result<(Scheme, Vec<u8>), HostError> {
        let scheme = known(scheme)?;
        let action: Cid = action.parse().map_err(|error| invalid(format!("actionIpfsCid: {error}")))?;
        let committee = self.0.calls.worker.status().view.committee;
        let committee =
            committee.ok_or_else(|| HostError::Failed { reason: "no committee serves".into() })?;
        let key = public_key(&self.0.genesis, &committee, &action.key(scheme.curve()));
        let key = key.ok_or_else(|| HostError::Failed { reason: "the key does not derive".into() })?;
        Ok((scheme, key.to_vec()))
    }
}

fn known(name: &str) -> Result<Scheme, HostError> {
    scheme(name).ok_or_else(|| invalid(format!("signingScheme: `{}` is not known", name.escape_default())))
}

fn invalid(reason: String) -> HostError {
    HostError::Invalid { operation: "sign".into(), reason }
}
