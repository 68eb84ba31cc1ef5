//! The namespace `conclave_`: what needs the worker. Everything that is state is a runtime API instead.

use super::{
    errors,
    execution::{EngineResponse, ExecutedResponse},
    jobs::{JobResponse, JobStatus, Jobs},
};
use crate::worker::{Handle, Traced};
use codec::Encode;
use conclave_auth::{
    parse_check_request, parse_decrypt_request, parse_execute_request, parse_session_request,
    parse_sign_request, parse_token_request, parse_unsigned_decrypt_request, parse_unsigned_execute_request,
    parse_unsigned_session_request, parse_unsigned_sign_request, parse_unsigned_token_request,
};
use conclave_conditions::Denied;
use conclave_primitives::{
    AttemptKind, AttemptPhase, Entitlement, ExecuteRequest, GenesisHash, ParticipantIndex, RequestId, Sealed,
    SessionCertificate,
};
use conclave_worker::{
    Attestation, Certified, Decrypted, Failure, Machines, Reply, Request, Signed, SignedToken, WorkerStatus,
};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use serde::Serialize;
use serde_json::Value;
use sp_core::crypto::{AccountId32, Ss58AddressFormat, Ss58Codec};

/// The methods.
#[rpc(server)]
pub(crate) trait ConclaveApi {
    /// Signs with a PKP, with any scheme that `conclave_committee` names. The README has the shape of a request and
    /// which payload each scheme takes.
    #[method(name = "conclave_sign")]
    async fn sign(&self, request: Value) -> RpcResult<SignedResponse>;

    /// The text whose signature authorises a request.
    #[method(name = "conclave_signText")]
    fn sign_text(&self, request: Value) -> RpcResult<String>;

    /// Gives the decryption keys of identities whose conditions hold for the signer, sealed to the request's one-time
    /// key. The README has the shape of a request.
    #[method(name = "conclave_decrypt")]
    async fn decrypt(&self, request: Value) -> RpcResult<DecryptedResponse>;

    /// The text whose signature authorises a request to decrypt.
    #[method(name = "conclave_decryptText")]
    fn decrypt_text(&self, request: Value) -> RpcResult<String>;

    /// Has the committee certify a session key for whoever shows who they are: by a wallet, a passkey, an OpenID or a
    /// Discord token. The README has the shape of a request.
    #[method(name = "conclave_createSession")]
    async fn create_session(&self, request: Value) -> RpcResult<SessionResponse>;

    /// What is signed for a session: by a wallet the text; by a passkey or a login provider the challenge; by the session
    /// key itself the possession.
    #[method(name = "conclave_sessionText")]
    fn session_text(&self, request: Value) -> RpcResult<SessionText>;

    /// Gives a token, signed by the committee, that says that a condition holds for the signer. The README has the shape
    /// of a request.
    #[method(name = "conclave_signToken")]
    async fn sign_token(&self, request: Value) -> RpcResult<TokenResponse>;

    /// The text whose signature authorises a request for a token.
    #[method(name = "conclave_tokenText")]
    fn token_text(&self, request: Value) -> RpcResult<String>;

    /// Whether a condition holds for `requester`, as this node alone sees it. It opens nothing, so nobody signs for it.
    /// The README has the shape of a request.
    #[method(name = "conclave_checkConditions")]
    async fn check_conditions(&self, request: Value) -> RpcResult<bool>;

    /// Runs an action on every member, and gives what t of them come to. The README has the shape of a request.
    #[method(name = "conclave_execute")]
    async fn execute(&self, request: Value) -> RpcResult<ExecutedResponse>;

    /// Begins what `conclave_execute` does, for a client that asks with `conclave_jobStatus` how it went.
    #[method(name = "conclave_executeJob")]
    async fn execute_job(&self, request: Value) -> RpcResult<JobResponse>;

    /// How a job of this node stands: `running`, `done` with the `result`, or `failed` with the `error`. For ten minutes.
    #[method(name = "conclave_jobStatus")]
    fn job_status(&self, job_id: String) -> RpcResult<JobStatus>;

    /// The text whose signature authorises an action to be run.
    #[method(name = "conclave_executeText")]
    fn execute_text(&self, request: Value) -> RpcResult<String>;

    /// What an action asked of the host, by line, with fuel and time: of one of the last requests of a node that is a whole
    /// development network (`--dev`).
    #[method(name = "conclave_actionTrace")]
    fn action_trace(&self, request_id: String) -> RpcResult<Traced>;

    /// With what this node runs actions.
    #[method(name = "conclave_actionEngine")]
    fn action_engine(&self) -> RpcResult<EngineResponse>;

    /// The worker's public keys with proofs of possession: the arguments of `committee.registerWorkerKeys` for
    /// the validator's stash account (SS58). Unsafe, as `author_rotateKeysWithOwner` is.
    #[method(name = "conclave_proveWorkerKeys", with_extensions)]
    async fn prove_worker_keys(&self, account: String) -> RpcResult<WorkerKeysResponse>;

    /// Every member's machine, for a nonce of the client's (32 bytes in hex): a fresh report, the certificate of the chip
    /// that signed it, and everything that it is bound to; of a member that does not answer, why. This node gathers and
    /// judges nothing: `conclave_client::verify_attestation` checks each, and so does `conclave-node attestation
    /// verify-members`.
    #[method(name = "conclave_attestation")]
    async fn attestation(&self, nonce: String) -> RpcResult<AttestationResponse>;

    /// The committee, the attempt that runs, and what can be served.
    #[method(name = "conclave_committee")]
    fn committee(&self) -> RpcResult<CommitteeResponse>;
}

/// A signature.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedResponse {
    request_id: String,
    scheme: String,
    public_key: String,
    signature: String,
    quorum: Vec<u8>,
    attempts: u8,
}

/// Decryption keys, in the order of the request's items.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DecryptedResponse {
    request_id: String,
    public_key: String,
    keys: Vec<SealedView>,
    quorum: Vec<u8>,
    attempts: u8,
    /// Who was done without, and why.
    failures: Vec<Value>,
}

/// The client opens ω − c·μ.
#[derive(Clone, Debug, Serialize)]
struct SealedView {
    mu: String,
    omega: String,
}

/// A condition token.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenResponse {
    request_id: String,
    token: String,
    public_key: String,
    quorum: Vec<u8>,
    attempts: u8,
}

/// A session's certificate: with it, the session key asks for what it may do.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionResponse {
    request_id: String,
    /// SCALE; goes into the delegation of each request as it is.
    certificate: String,
    signature: String,
    /// The key that signed: the Result root of the key set.
    keyset: u32,
    /// Who the committee found asks: the SCALE encoding of the auth method.
    method: String,
    since: u32,
    expires_at: u64,
    quorum: Vec<u8>,
    attempts: u8,
}

/// See [`ConclaveApiServer::session_text`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionText {
    request_id: String,
    text: String,
    challenge: String,
    possession: String,
}

/// See [`ConclaveApiServer::prove_worker_keys`].
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WorkerKeysResponse {
    keys: WorkerKeysView,
    proofs: WorkerKeysView,
}

#[derive(Clone, Debug, Serialize)]
struct WorkerKeysView {
    encryption: String,
    signing: String,
    transport: String,
}

/// See [`ConclaveApiServer::attestation`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttestationResponse {
    genesis_hash: String,
    epoch: u32,
    attempt: u32,
    members: Vec<MachineView>,
}

/// A member's machine.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MachineView {
    index: u8,
    #[serde(flatten)]
    machine: MachineOrReason,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum MachineOrReason {
    Machine(Box<ProofView>),
    Reason { error: String },
}

/// A report with what it is bound to: see `conclave_primitives::ReportBinding`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProofView {
    validator: String,
    session_keys: String,
    worker_keys: WorkerKeysView,
    block_number: u32,
    block_hash: String,
    report: String,
    vcek: String,
    /// What this node's chain says: the last block at which it believes the machine; none if it never did.
    expires: Option<u32>,
    /// Why the validator would not be in a committee that is chosen now.
    lapse: Option<String>,
}

/// See [`ConclaveApiServer::committee`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommitteeResponse {
    genesis_hash: String,
    finalized: u32,
    /// Whether the node acts on what it has finalized; otherwise nothing is ready.
    fresh: bool,
    committee: Option<CommitteeView>,
    attempt: Option<AttemptProgress>,
    ready: serde_json::Map<String, Value>,
    /// Connected members that share no set-up for ECDSA yet. While there are some, losing fewer members than the
    /// threshold allows may make a request wait.
    missing_pairs: Vec<PairView>,
    /// Why this node's worker serves nothing, where its disk is older than what it confirmed on chain.
    rolled_back: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct PairView {
    curve: &'static str,
    members: [u8; 2],
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CommitteeView {
    epoch: u32,
    attempt: u32,
    keyset: u32,
    threshold: u32,
    members: Vec<MemberView>,
    /// Who had confirmed that its shares are on disk when it became active.
    confirmed: Vec<u8>,
    root_keys: Vec<RootKeyView>,
}

#[derive(Clone, Debug, Serialize)]
struct MemberView {
    index: u8,
    account: String,
    transport: String,
    /// With which it signs what it posts on chain, and what actions come to.
    signing: String,
    /// Whether this node has a channel to it and it has its shares.
    connected: bool,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RootKeyView {
    curve: &'static str,
    purpose: String,
    index: u8,
    public_key: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AttemptProgress {
    epoch: u32,
    attempt: u32,
    kind: AttemptKind,
    phase: AttemptPhase,
    deadline: u32,
    /// How many deal: in a reshare the committee that serves.
    dealers: usize,
    members: usize,
    threshold: u32,
    committed: Vec<u8>,
    dealt: Vec<u8>,
    guilty_dealers: Vec<u8>,
    guilty_members: Vec<u8>,
    reported: Vec<u8>,
    confirmed: Vec<u8>,
}

/// The implementation: a handle to the worker.
pub(crate) struct Conclave {
    worker: Handle,
    genesis: GenesisHash,
    jobs: Jobs,
}

impl Conclave {
    pub(crate) fn new(worker: Handle, genesis: GenesisHash) -> Self {
        Self { worker, genesis, jobs: Jobs::default() }
    }

    async fn ask(&self, request: Request, entitlement: Entitlement) -> RpcResult<Reply> {
        ask(&self.worker, request, entitlement).await
    }
}

async fn ask(worker: &Handle, request: Request, entitlement: Entitlement) -> RpcResult<Reply> {
    match worker.ask(request, entitlement).await {
        Ok(result) => result.map_err(errors::of_signing),
        Err(unavailable) => Err(errors::of_unavailable(unavailable)),
    }
}

async fn execute(
    worker: Handle,
    request: ExecuteRequest,
    entitlement: Entitlement,
) -> RpcResult<ExecutedResponse> {
    match ask(&worker, Request::Execute(request), entitlement).await? {
        Reply::Executed(executed) => Ok(ExecutedResponse::from(*executed)),
        _ => Err(errors::of_another_reply()),
    }
}

impl Conclave {
    fn proof_view(&self, proof: Attestation) -> RpcResult<ProofView> {
        let Attestation { validator, session_keys, worker_keys, block_number, block_hash, report, vcek } =
            proof;
        let on_chain =
            self.worker.machine_on_chain(validator).map_err(|error| errors::of_own_chain(&error))?;
        let (expires, lapse) = on_chain.map_or((None, None), |machine| (machine.expires, machine.lapse));
        Ok(ProofView {
            validator: address(validator),
            session_keys: hex(&session_keys),
            worker_keys: WorkerKeysView {
                encryption: hex(&worker_keys.encryption),
                signing: hex(&worker_keys.signing),
                transport: hex(&worker_keys.transport),
            },
            block_number,
            block_hash: hex(&block_hash),
            report: hex(&report),
            vcek: hex(&vcek),
            expires,
            lapse: lapse.map(|lapse| String::from_utf8_lossy(&lapse).into_owned()),
        })
    }
}

#[jsonrpsee::core::async_trait]
impl ConclaveApiServer for Conclave {
    async fn sign(&self, request: Value) -> RpcResult<SignedResponse> {
        let (request, entitlement) = parse_sign_request(&request).map_err(errors::of_request)?;
        let Reply::Signed(signed) = self.ask(Request::Sign(request), entitlement).await? else {
            return Err(errors::of_another_reply());
        };
        let Signed { request, scheme, public_key, signature, quorum, attempts } = signed;
        Ok(SignedResponse {
            request_id: request.to_string(),
            scheme: scheme.to_string(),
            public_key: hex(&public_key),
            signature: hex(&signature),
            quorum: indices(&quorum),
            attempts,
        })
    }

    fn sign_text(&self, request: Value) -> RpcResult<String> {
        let request = parse_unsigned_sign_request(&request).map_err(errors::of_request)?;
        Ok(request.text(&self.genesis))
    }

    async fn decrypt(&self, request: Value) -> RpcResult<DecryptedResponse> {
        let (request, entitlement) = parse_decrypt_request(&request).map_err(errors::of_request)?;
        let Reply::Decrypted(decrypted) = self.ask(Request::Decrypt(request), entitlement).await? else {
            return Err(errors::of_another_reply());
        };
        let Decrypted { request, public_key, keys, quorum, attempts, failures } = decrypted;
        let view = |sealed: &Sealed| SealedView { mu: hex(&sealed.mu), omega: hex(&sealed.omega) };
        Ok(DecryptedResponse {
            request_id: request.to_string(),
            public_key: hex(&public_key),
            keys: keys.iter().map(view).collect(),
            quorum: indices(&quorum),
            attempts,
            failures: errors::of_members(&failures),
        })
    }

    fn decrypt_text(&self, request: Value) -> RpcResult<String> {
        let request = parse_unsigned_decrypt_request(&request).map_err(errors::of_request)?;
        Ok(request.text(&self.genesis))
    }

    async fn create_session(&self, request: Value) -> RpcResult<SessionResponse> {
        let (request, entitlement) = parse_session_request(&request).map_err(errors::of_request)?;
        let Reply::Certified(certified) = self.ask(Request::Session(request), entitlement).await? else {
            return Err(errors::of_another_reply());
        };
        let Certified { request, certificate, signature, quorum, attempts } = certified;
        let bytes = hex(&certificate.encode());
        let SessionCertificate { keyset, method, since, expires_at, .. } = certificate;
        Ok(SessionResponse {
            request_id: request.to_string(),
            certificate: bytes,
            signature: hex(&signature),
            keyset: keyset.0,
            method: hex(&method.encode()),
            since,
            expires_at,
            quorum: indices(&quorum),
            attempts,
        })
    }

    fn session_text(&self, request: Value) -> RpcResult<SessionText> {
        let request = parse_unsigned_session_request(&request).map_err(errors::of_request)?;
        Ok(SessionText {
            request_id: request.id(&self.genesis).to_string(),
            text: request.text(&self.genesis),
            challenge: hex(&request.challenge(&self.genesis)),
            possession: hex(&request.possession_bytes(&self.genesis)),
        })
    }

    async fn sign_token(&self, request: Value) -> RpcResult<TokenResponse> {
        let (request, entitlement) = parse_token_request(&request).map_err(errors::of_request)?;
        let Reply::Token(signed) = self.ask(Request::Token(request), entitlement).await? else {
            return Err(errors::of_another_reply());
        };
        let SignedToken { request, token, public_key, quorum, attempts } = signed;
        Ok(TokenResponse {
            request_id: request.to_string(),
            token,
            public_key: hex(&public_key),
            quorum: indices(&quorum),
            attempts,
        })
    }

    fn token_text(&self, request: Value) -> RpcResult<String> {
        let request = parse_unsigned_token_request(&request).map_err(errors::of_request)?;
        Ok(request.text(&self.genesis))
    }

    async fn check_conditions(&self, request: Value) -> RpcResult<bool> {
        let (condition, requester) = parse_check_request(&request).map_err(errors::of_request)?;
        match self.worker.check_condition(condition, requester).await {
            Ok(Ok(Ok(()))) => Ok(true),
            Ok(Ok(Err(Denied::NotMet))) => Ok(false),
            Ok(Ok(Err(Denied::Undecided(reasons)))) => Err(errors::of_undecided(&reasons)),
            Ok(Err(unreadable)) => Err(errors::of_own_chain(&unreadable)),
            Err(unavailable) => Err(errors::of_unavailable(unavailable)),
        }
    }

    async fn execute(&self, request: Value) -> RpcResult<ExecutedResponse> {
        let (request, entitlement) = parse_execute_request(&request).map_err(errors::of_request)?;
        execute(self.worker.clone(), request, entitlement).await
    }

    async fn execute_job(&self, request: Value) -> RpcResult<JobResponse> {
        let (request, entitlement) = parse_execute_request(&request).map_err(errors::of_request)?;
        self.jobs.begin(execute(self.worker.clone(), request, entitlement))
    }

    fn job_status(&self, job_id: String) -> RpcResult<JobStatus> {
        self.jobs.status(&job_id)
    }

    fn execute_text(&self, request: Value) -> RpcResult<String> {
        let request = parse_unsigned_execute_request(&request).map_err(errors::of_request)?;
        Ok(request.text(&self.genesis))
    }

    fn action_trace(&self, request_id: String) -> RpcResult<Traced> {
        let traces = self.worker.traces();
        let traces = traces.ok_or_else(|| errors::of_trace("only a node with --dev keeps traces"))?;
        let id = bytes32(&request_id).ok_or_else(|| errors::of_trace("expected 32 bytes in hex"))?;
        traces.of(&RequestId(id)).ok_or_else(|| errors::of_trace("no such request was run here lately"))
    }

    fn action_engine(&self) -> RpcResult<EngineResponse> {
        Ok(EngineResponse::own())
    }

    async fn prove_worker_keys(
        &self,
        extensions: &jsonrpsee::Extensions,
        account: String,
    ) -> RpcResult<WorkerKeysResponse> {
        sc_rpc_api::check_if_safe(extensions)?;
        // Also as this chain writes it, whose prefix is in no registry.
        let (account, _) =
            AccountId32::from_ss58check_with_version(&account).map_err(|_| errors::of_account())?;
        let proven = self.worker.prove_keys(account.into()).await;
        let (keys, proofs) = proven.map_err(errors::of_unavailable)?;
        Ok(WorkerKeysResponse {
            keys: WorkerKeysView {
                encryption: hex(&keys.encryption),
                signing: hex(&keys.signing),
                transport: hex(&keys.transport),
            },
            proofs: WorkerKeysView {
                encryption: hex(&proofs.encryption),
                signing: hex(&proofs.signing),
                transport: hex(&proofs.transport),
            },
        })
    }

    async fn attestation(&self, nonce: String) -> RpcResult<AttestationResponse> {
        let nonce = bytes32(&nonce).ok_or_else(errors::of_nonce)?;
        let shown = self.worker.show_machines(nonce).await.map_err(errors::of_unavailable)?;
        let Reply::Machines(Machines { committee, members }) = shown.map_err(errors::of_signing)? else {
            return Err(errors::of_another_reply());
        };
        type Shown = (ParticipantIndex, Result<Box<Attestation>, Failure>);
        let view = |(index, machine): Shown| -> RpcResult<MachineView> {
            let machine = match machine {
                Ok(proof) => MachineOrReason::Machine(Box::new(self.proof_view(*proof)?)),
                Err(failure) => MachineOrReason::Reason { error: failure.to_string() },
            };
            Ok(MachineView { index: index.get(), machine })
        };
        Ok(AttestationResponse {
            genesis_hash: hex(&self.genesis),
            epoch: committee.epoch.0,
            attempt: committee.attempt.0,
            members: members.into_iter().map(view).collect::<RpcResult<_>>()?,
        })
    }

    fn committee(&self) -> RpcResult<CommitteeResponse> {
        Ok(committee_response(&self.genesis, &self.worker.status(), self.worker.check_fresh().is_ok()))
    }
}

fn committee_response(genesis: &GenesisHash, status: &WorkerStatus, fresh: bool) -> CommitteeResponse {
    let committee = status.view.committee.as_ref().map(|committee| CommitteeView {
        epoch: committee.epoch.0,
        attempt: committee.attempt.0,
        keyset: committee.keyset.0,
        threshold: committee.threshold,
        members: committee
            .indices()
            .zip(&committee.members)
            .map(|(index, member)| MemberView {
                index: index.get(),
                account: address(member.account),
                transport: hex(&member.keys.transport),
                signing: hex(&member.keys.signing),
                connected: status.readiness.reachable.contains(&index),
            })
            .collect(),
        confirmed: indices(&committee.confirmed),
        root_keys: committee
            .roots
            .iter()
            .map(|root| RootKeyView {
                curve: root.id.curve.name(),
                purpose: format!("{:?}", root.id.purpose).to_lowercase(),
                index: root.id.index,
                public_key: root.commitments.first().map(|point| hex(point)).unwrap_or_default(),
            })
            .collect(),
    });
    let attempt = status.view.attempt.as_ref().map(|attempt| AttemptProgress {
        epoch: attempt.id.epoch.0,
        attempt: attempt.id.attempt.0,
        kind: attempt.kind,
        phase: attempt.phase,
        deadline: attempt.deadline,
        dealers: attempt.dealers.len(),
        members: attempt.members.len(),
        threshold: attempt.threshold,
        committed: indices(&attempt.committed),
        dealt: indices(&attempt.dealt),
        guilty_dealers: indices(&attempt.guilty_dealers),
        guilty_members: indices(&attempt.guilty_members),
        reported: indices(&attempt.reported),
        confirmed: indices(&attempt.confirmed),
    });
    let ready = status
        .readiness
        .schemes
        .iter()
        .map(|(scheme, ready)| (scheme.name().to_owned(), Value::Bool(*ready && fresh)))
        .collect();
    let missing_pairs = status.readiness.missing_pairs.iter();
    let missing_pairs = missing_pairs
        .map(|(curve, a, b)| PairView { curve: curve.name(), members: [a.get(), b.get()] })
        .collect();
    CommitteeResponse {
        genesis_hash: hex(genesis),
        finalized: status.view.finalized,
        fresh,
        committee,
        attempt,
        ready,
        missing_pairs,
        rolled_back: status.rolled_back.map(|rolled_back| rolled_back.to_string()),
    }
}

pub(super) fn indices(list: &[ParticipantIndex]) -> Vec<u8> {
    list.iter().map(|index| index.get()).collect()
}

fn address(account: [u8; 32]) -> String {
    AccountId32::new(account)
        .to_ss58check_with_version(Ss58AddressFormat::custom(conclave_runtime::SS58_PREFIX))
}

/// With `0x`.
fn bytes32(text: &str) -> Option<[u8; 32]> {
    hex::decode(text.strip_prefix("0x")?).ok()?.try_into().ok()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}
