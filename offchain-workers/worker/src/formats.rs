//! Wire and storage formats, pinned: tests/vectors/formats.json has one fixed value of each in hex.
//!
//! Nodes of two releases talk to each other, and read what the other wrote to disk: a change here is a change of
//! protocol, also when everything else still passes. `CONCLAVE_WRITE_FORMATS=1 cargo test -p conclave-worker formats`
//! writes the file anew.

use codec::{Decode, DecodeAll, Encode};
use conclave_auth::AuthError;
use conclave_client::private_params::PrivateParamsError;
use conclave_conditions::Denied;
use conclave_primitives::{
    actions::Usage, activation_bytes, conditions, delegation_hash, session_signature_bytes,
    worker_call_bytes, worker_keys_bytes, Ability, Attempt, AttemptId, AuthMethod, Authorisation, BlsSubject,
    Bytes, Capabilities, Capability, ConditionSource, Curve, DecryptItem, DecryptRequest, DecryptionIdentity,
    DecryptionShare, DecryptionStatement, Delegation, EncodedPoint, Entitlement, Epoch, Evidence,
    ExecuteRequest, GenesisHash, KeyId, KeysetId, ListMembership, MessageHeader, NonceCommitments,
    OneTimeKey, ParticipantIndex, PasskeyAssertion, Payload, PayloadError, PeerReport, PkpId, PrivateParams,
    PrivateParamsBinding, Program, Purpose, RequestId, Resource, ResourceKind, RootKey, RootKeyId, Scheme,
    Sealed, SealedKey, SessionAuthorisation, SessionCertificate, SessionId, SessionRequest, SignRequest,
    SignedPayload, SigningPackage, SubDelegation, SubDelegations, TokenRequest, WorkerKeys,
};
use conclave_protocols::{KeyShare, Machine, PairStates, SigningKey, Step};
use conclave_vss::{
    deal, open, public_shares, verify_dealing, verify_worker_key, Complaint, ConstantTerms, Dealing,
    DealingContext, EncryptionSecret, OpenError, SchnorrProof, SecretScalar, Secrets,
};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    path::PathBuf,
    rc::Rc,
};

use crate::{
    message::{Body, Frame, Held, Outcome, Received, Start, Status, Transcript},
    ports::{StoreError, StoreRecords},
    session_id::{pair_session_id, proof_session_id, session_id},
    share_store::ShareStore,
    task::{Resolved, Work},
    ActionMessage, Attestation, Begin, Failure, Refusal, Report, Signer, Sought, Task, TokenStatement, Topic,
    Wanted, WorkerCall, WorkerSecrets,
};

const GENESIS: GenesisHash = [7; 32];
const ATTEMPT: AttemptId = AttemptId { epoch: Epoch(3), attempt: Attempt(1) };
const REWRITE: &str = "CONCLAVE_WRITE_FORMATS";

/// Name → hex, in the order of the names.
#[derive(Default)]
struct Formats(BTreeMap<String, String>);

impl Formats {
    fn bytes(&mut self, name: impl Into<String>, bytes: &[u8]) {
        let name = name.into();
        assert!(self.0.insert(name.clone(), hex::encode(bytes)).is_none(), "{name} is there twice");
    }

    fn value<T: Encode + Decode + PartialEq + Debug>(&mut self, name: impl Into<String>, value: &T) {
        let (name, bytes) = (name.into(), value.encode());
        assert_eq!(T::decode_all(&mut bytes.as_slice()).as_ref(), Ok(value), "{name} decodes to itself");
        self.bytes(name, &bytes);
    }

    /// As JSON, a line an entry: a diff shows which format changed.
    fn to_json(&self) -> String {
        let lines: Vec<String> =
            self.0.iter().map(|(name, hex)| format!("  \"{name}\": \"{hex}\"")).collect();
        format!("{{\n{}\n}}\n", lines.join(",\n"))
    }

    fn from_json(json: &str) -> Self {
        let entry = |line: &str| {
            let mut parts = line.split('"').skip(1).step_by(2);
            Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
        };
        Self(json.lines().filter_map(entry).collect())
    }
}

fn index(value: u8) -> ParticipantIndex {
    ParticipantIndex::new(value).expect("not zero")
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn encryption(seed: u8) -> EncryptionSecret {
    let mut scalar = [0; 32];
    scalar[0] = seed;
    EncryptionSecret::from_bytes(&scalar).expect("a small scalar")
}

fn secrets(seed: u8) -> WorkerSecrets {
    WorkerSecrets::new(encryption(seed), &[seed; 32], &[seed + 100; 32])
}

fn point(fill: u8) -> EncodedPoint {
    EncodedPoint::truncate_from(vec![fill; 32])
}

const KEYS: [RootKeyId; 2] = [
    RootKeyId { curve: Curve::Ed25519, purpose: Purpose::Result, index: 0 },
    RootKeyId { curve: Curve::Bls12381G1, purpose: Purpose::Sign, index: 1 },
];

fn context() -> DealingContext {
    DealingContext { genesis: GENESIS, attempt: ATTEMPT, dealer: index(1) }
}

/// Of two keys to two members.
fn dealing() -> Dealing {
    let recipients = [1, 2].map(|seed| encryption(seed).public());
    deal(&context(), Secrets::Fresh(&KEYS), 2, &recipients, &mut rng(1)).expect("sound recipients")
}

/// By member 2, about a dealing whose shares for it were spoilt.
fn complaint() -> Complaint {
    let mut dealing = dealing();
    if let Some(sealed) = dealing.recipients.get_mut(1) {
        sealed.ciphertext = vec![0; sealed.ciphertext.len()].try_into().expect("as long as before");
    }
    match open(&context(), &KEYS, &dealing, index(2), &encryption(2), &mut rng(2)) {
        Err(OpenError::Cheated(complaint)) => complaint,
        other => panic!("{other:?}"),
    }
}

fn shares(member: u8) -> Vec<SecretScalar> {
    open(&context(), &KEYS, &dealing(), index(member), &encryption(member), &mut rng(2))
        .expect("an honest dealing")
}

fn request(scheme: Scheme, payload: Payload) -> SignRequest {
    SignRequest { pkp: PkpId([1; 32]), scheme, payload, valid_until: 99, nonce: [2; 32] }
}

fn roots() -> Vec<RootKey> {
    let commitments = dealing().keys.into_iter().map(|key| key.commitments);
    KEYS.into_iter().zip(commitments).map(|(id, commitments)| RootKey { id, commitments }).collect()
}

fn short<const N: u32>() -> Bytes<N> {
    Bytes::truncate_from(vec![1, 2, 3])
}

fn capabilities() -> Capabilities {
    let capability =
        Capability { kind: ResourceKind::Pkp, id: Some(short()), ability: Some(Ability::Signing) };
    let any = Capability { kind: ResourceKind::Condition, id: None, ability: None };
    Capabilities::truncate_from(vec![capability, any])
}

fn session_request() -> SessionRequest {
    SessionRequest {
        pkp: Some(PkpId([1; 32])),
        session: [2; 32],
        capabilities: capabilities(),
        block: [3; 32],
        expires_at: 4,
        valid_until: 5,
        possession: [6; 64],
    }
}

fn certificate() -> SessionCertificate {
    SessionCertificate {
        keyset: KeysetId(1),
        pkp: Some(PkpId([1; 32])),
        method: AuthMethod::Passkey([2; 32]),
        session: [3; 32],
        capabilities: capabilities(),
        since: 4,
        expires_at: 5,
    }
}

fn sub_delegation() -> SubDelegation {
    SubDelegation { session: [1; 32], capabilities: capabilities(), expires_at: 2, signature: [3; 64] }
}

fn session_authorisation() -> SessionAuthorisation {
    SessionAuthorisation {
        delegation: Delegation::Certificate { certificate: certificate(), signature: [7; 64] },
        sub_delegations: SubDelegations::truncate_from(vec![sub_delegation()]),
        signature: [8; 64],
    }
}

fn requests_and_authorisations(formats: &mut Formats) {
    let message = |bytes: &[u8]| bytes.to_vec().try_into().expect("short");
    let requests = [
        ("digest", request(Scheme::EcdsaSecp256k1, Payload::Digest([3; 32]))),
        ("message", request(Scheme::Ed25519, Payload::Message(message(b"message")))),
        ("personal-message", request(Scheme::EcdsaSecp256k1, Payload::PersonalMessage(message(b"hello")))),
    ];
    for (name, request) in requests {
        formats.value(format!("sign-request/{name}"), &request);
        formats.bytes(format!("sign-request/{name}/id"), &request.id(&GENESIS).0);
        formats.bytes(format!("sign-request/{name}/text"), request.text(&GENESIS).as_bytes());
    }
    formats.value("authorisation/sr25519", &Authorisation::Sr25519 { public: [1; 32], signature: [2; 64] });
    formats.value("authorisation/ed25519", &Authorisation::Ed25519 { public: [1; 32], signature: [2; 64] });
    formats.value("authorisation/ecdsa", &Authorisation::Ecdsa { account: [1; 32], signature: [2; 65] });
    formats.value("authorisation/eip191", &Authorisation::Eip191 { address: [1; 20], signature: [2; 65] });
    let authorisations = [
        ("siwe", Authorisation::Siwe { message: short(), signature: [2; 65] }),
        (
            "contract-wallet",
            Authorisation::ContractWallet { chain_id: 1, address: [1; 20], signature: short() },
        ),
        ("solana", Authorisation::Solana { public: [1; 32], signature: [2; 64] }),
        ("cosmos", Authorisation::Cosmos { prefix: short(), public: [1; 33], signature: [2; 64] }),
        (
            "passkey",
            Authorisation::Passkey(PasskeyAssertion {
                relying_party: short(),
                credential_id: short(),
                client_data: short(),
                authenticator_data: short(),
                signature: short(),
            }),
        ),
        ("open-id", Authorisation::OpenId { token: short() }),
        ("discord", Authorisation::Discord { token: short() }),
        ("session", Authorisation::Session(session_authorisation())),
    ];
    for (name, authorisation) in authorisations {
        formats.value(format!("authorisation/{name}"), &authorisation);
    }
    let request = session_request();
    formats.value("session/request", &request);
    formats.bytes("session/request-id", &request.id(&GENESIS).0);
    formats.bytes("session/text", request.text(&GENESIS).as_bytes());
    formats.bytes("session/challenge", &request.challenge(&GENESIS));
    formats.bytes("session/possession-bytes", &request.possession_bytes(&GENESIS));
    formats.bytes("session/certificate-bytes", &certificate().bytes(&GENESIS));
    let SessionAuthorisation { delegation, sub_delegations, .. } = session_authorisation();
    let parent = delegation_hash(&delegation, &sub_delegations);
    formats.bytes("session/sub-delegation-bytes", &sub_delegation().bytes(&GENESIS, &parent));
    let resources = [Resource::pkp(&PkpId([1; 32]))];
    let signed =
        session_signature_bytes(&GENESIS, &RequestId([2; 32]), &resources, Ability::Signing, 9, &parent);
    formats.bytes("session/signature-bytes", &signed);
}

fn start(task: Task) -> Start {
    Start {
        task,
        committee: ATTEMPT,
        attempt: 2,
        quorum: vec![index(1), index(3)],
        boots: vec![[4; 32], [5; 32]],
        finalized: 88,
    }
}

/// One on a list.
fn listed() -> Entitlement {
    let authorisation = Authorisation::Ed25519 { public: [1; 32], signature: [2; 64] };
    let proof = vec![[3; 32], [4; 32]].try_into().expect("short");
    Entitlement { authorisation, listed: Some(ListMembership { list: 7, proof }) }
}

fn messages(formats: &mut Formats) {
    let authorisation = Authorisation::Ed25519 { public: [1; 32], signature: [2; 64] };
    let request = request(Scheme::EcdsaSecp256k1, Payload::Digest([3; 32]));
    let sign = Task::Sign(request, authorisation.into());
    let pairs = vec![(Curve::Secp256k1, index(2), [6; 32]), (Curve::Secp256r1, index(3), [7; 32])];
    let status = Status { boot: [5; 32], holdings: vec![Held { attempt: ATTEMPT, pairs }] };
    formats.value("body/status", &Body::Status(status));
    formats.value("body/start/sign", &Body::Start(Box::new(start(sign.clone()))));
    let login = Authorisation::OpenId { token: short() };
    let certify = Task::Certify(session_request(), login.into(), certificate());
    formats.value("body/start/certify", &Body::Start(Box::new(start(certify.clone()))));
    let condition = conditions::parse(r#"{"blocks":{"from":7}}"#).expect("a condition");
    let asked = TokenRequest { condition: ConditionSource::Ours(condition), valid_until: 9, nonce: [3; 32] };
    formats.bytes("token-request/id", &asked.id(&GENESIS).0);
    formats.bytes("token-request/text", asked.text(&GENESIS).as_bytes());
    let statement = TokenStatement { issued_at: 5, bytes: vec![7; 3] };
    let token = Task::Token(asked, listed(), statement);
    formats.value("body/start/token", &Body::Start(Box::new(start(token))));
    formats.value("body/start/activate", &Body::Start(Box::new(start(Task::Activate(ATTEMPT)))));
    formats.value(
        "body/start-pair",
        &Body::StartPair { attempt: ATTEMPT, curve: Curve::Secp256r1, nonce: [8; 32], boot: [9; 32] },
    );
    let flight = Body::Flight(vec![9; 5]);
    formats.value("body/flight", &flight);
    formats.value("body/outcome/signed", &Body::Outcome(Outcome::Signed(vec![1; 64])));
    formats.value("body/prove", &Body::Prove { nonce: [8; 32] });
    let proof = Attestation {
        validator: [1; 32],
        session_keys: vec![2; 3],
        worker_keys: secrets(1).public(),
        block_number: 4,
        block_hash: [5; 32],
        report: vec![6; 3],
        vcek: vec![7; 3],
    };
    formats.value("body/proven", &Body::Proven(Ok(Box::new(proof))));
    formats.value("body/proven/refused", &Body::Proven(Err(Refusal::Machine("none".into()))));
    for failure in failures() {
        let name = format!("body/outcome/failed/{}", variant(&failure));
        formats.value(name, &Body::Outcome(Outcome::Failed { flight: 2, failure, transcript: None }));
    }

    let received = Received { flight: 2, from: index(2), message: vec![3; 4], signature: [5; 64] };
    let transcript = Some(Box::new(Transcript { own: vec![1; 2], received: vec![received] }));
    let failure = Failure::Protocol { culprits: vec![index(2)], reason: "reason".into() };
    let failed = Outcome::Failed { flight: 2, failure, transcript };
    formats.value("body/outcome/failed/with-transcript", &Body::Outcome(failed));

    let (alice, bob) = (secrets(1), secrets(2).public().transport);
    let frame = Frame::sign(&alice, &GENESIS, ATTEMPT, SessionId([5; 32]), 2, bob, &flight);
    formats.value("frame", &frame);

    for (name, task) in [("sign", sign), ("activate", Task::Activate(ATTEMPT)), ("certify", certify)] {
        formats.bytes(format!("task-id/{name}"), &task.id(&GENESIS));
        let key = KeyId::Pkp(PkpId([1; 32]), Curve::Secp256k1);
        let work = Work::Sign { scheme: Scheme::EcdsaSecp256k1, message: vec![3; 32] };
        let resolved = Resolved { key, work };
        let id = session_id(&GENESIS, &bob, &resolved, &start(task));
        formats.bytes(format!("session-id/{name}"), &id.0);
    }
    let pair = (index(1), index(2));
    let id = pair_session_id(&GENESIS, ATTEMPT, Curve::Secp256r1, pair, &[9; 32], &[8; 32]);
    formats.bytes("session-id/pair", &id.0);
    formats.bytes("session-id/prove", &proof_session_id(&GENESIS, &bob, &[8; 32], &[6; 32]).0);
}

/// Two ciphertexts, one of ours and one of Lit's.
fn decrypt_request() -> DecryptRequest {
    let condition = conditions::parse(r#"{"blocks":{"from":7}}"#).expect("a condition");
    let ours = DecryptItem {
        identity: DecryptionIdentity::V1 {
            genesis: GENESIS,
            keyset: KeysetId(0),
            condition: condition.hash().0,
            binding: [1; 32],
        },
        condition: ConditionSource::Ours(condition),
    };
    let lit = DecryptItem {
        identity: DecryptionIdentity::LitV7 { condition: [2; 32], plaintext: [3; 32] },
        condition: ConditionSource::Lit(b"{}".to_vec().try_into().expect("short")),
    };
    DecryptRequest {
        items: vec![ours, lit].try_into().expect("two"),
        client: OneTimeKey { in_g1: [4; 48], in_g2: [5; 96] },
        valid_until: 77,
        nonce: [6; 32],
    }
}

fn decryption(formats: &mut Formats) {
    let authorisation = Authorisation::Ed25519 { public: [1; 32], signature: [2; 64] };
    let request = decrypt_request();
    formats.bytes("decrypt-request/text", request.text(&GENESIS).as_bytes());
    let task = Task::Decrypt(request, authorisation.into());
    formats.value("body/start/decrypt", &Body::Start(Box::new(start(task.clone()))));
    formats.bytes("task-id/decrypt", &task.id(&GENESIS));
    let DecryptRequest { items, client, .. } = decrypt_request();
    let statement =
        |item: &DecryptItem| DecryptionStatement { public_key: point(9), identity: item.identity, client };
    let key = KeyId::Root(RootKeyId { curve: Curve::Bls12381G1, purpose: Purpose::Decrypt, index: 0 });
    let work = Work::Decrypt { statements: items.iter().map(statement).collect() };
    let id = session_id(&GENESIS, &[6; 32], &Resolved { key, work }, &start(task));
    formats.bytes("session-id/decrypt", &id.0);
    let sealed = Sealed { mu: [7; 96], omega: [8; 96] };
    let share = DecryptionShare { statement: [9; 32], sealed };
    formats.value("body/outcome/shares", &Body::Outcome(Outcome::Shares(vec![share; 2])));
}

fn actions(formats: &mut Formats) {
    let request = ExecuteRequest {
        program: Program::Inline(b"code".to_vec().try_into().expect("short")),
        params: b"{}".to_vec().try_into().expect("short"),
        private: None,
        spread: true,
        valid_until: 9,
        nonce: [3; 32],
    };
    formats.bytes("execute-request/id", &request.id(&GENESIS).0);
    formats.bytes("execute-request/text", request.text(&GENESIS).as_bytes());
    let cid = request.program.cid();
    let by_cid = ExecuteRequest { program: Program::Cid(cid), ..request.clone() };
    formats.bytes("execute-request/by-cid/id", &by_cid.id(&GENESIS).0);
    let private = PrivateParams {
        committee: ATTEMPT,
        keys: vec![SealedKey { ephemeral: [1; 32], ciphertext: [2; 48] }].try_into().expect("one"),
        ciphertext: vec![3; 18].try_into().expect("short"),
    };
    formats.value("execute-request/private-params", &private);
    let binding = PrivateParamsBinding::new(&GENESIS, ATTEMPT, cid, &AuthMethod::EthereumWallet([1; 20]));
    formats.bytes("execute-request/private-params/binding", &binding.encode());
    let with_private = ExecuteRequest { private: Some(private), ..request.clone() };
    formats.bytes("execute-request/private/text", with_private.text(&GENESIS).as_bytes());
    let begin = Begin {
        request,
        entitlement: Authorisation::Ed25519 { public: [1; 32], signature: [2; 64] }.into(),
        committee: ATTEMPT,
        members: vec![index(1), index(3)],
        started_at: 5,
        finalized: 88,
    };
    let execution = begin.id(&GENESIS, &[6; 32]);
    formats.bytes("execution-id", &execution.0);
    let topic = Topic { name: "one".into(), occurrence: 2 };
    let wanted = Wanted {
        signer: Signer::Pkp(PkpId([1; 32])),
        scheme: Scheme::Ed25519,
        payload: Payload::Message(b"message".to_vec().try_into().expect("short")),
        topic: topic.clone(),
        stack: vec![cid],
        combine: false,
    };
    formats.bytes("wanted-hash", &wanted.hash());
    let task = Task::SignForAction(execution, Box::new(wanted.clone()));
    formats.bytes("task-id/sign-for-action", &task.id(&GENESIS));
    formats.value("body/start/sign-for-action", &Body::Start(Box::new(start(task))));
    let own = Wanted { signer: Signer::Action, ..wanted.clone() };
    let key = own.key().map(|key| key.encode()).unwrap_or_default();
    formats.bytes("action-key-id", &key);
    let identity = DecryptionIdentity::LitV7 { condition: [2; 32], plaintext: [3; 32] };
    let sought = Sought { identity, topic: topic.clone(), stack: vec![cid] };
    formats.bytes("sought-hash", &sought.hash());
    let client = OneTimeKey { in_g1: [4; 48], in_g2: [5; 96] };
    let sealed = Sealed { mu: [7; 96], omega: [8; 96] };
    let share = DecryptionShare { statement: [9; 32], sealed };
    let value = String::from("value");
    let report = Report {
        failure: Some("why".into()),
        response: Some("what".into()),
        logs: "logs".into(),
        usage: Usage { fuel: 1, host_calls: 2, ..Usage::default() },
        cost: 3,
    };
    let messages = [
        ("begin", ActionMessage::Begin(Box::new(begin))),
        ("declined", ActionMessage::Declined(Refusal::NoExecutor("why".into()))),
        ("wants", ActionMessage::Wants(Box::new(wanted))),
        ("signed", ActionMessage::Signed { wanted: [4; 32], signature: vec![5; 64] }),
        ("not-signed", ActionMessage::NotSigned { wanted: [4; 32], reason: "why".into() }),
        ("echo", ActionMessage::Echo { topic: topic.clone(), value: value.clone() }),
        ("value", ActionMessage::Value { topic, value }),
        ("ended", ActionMessage::Ended { report: Box::new(report), signature: [7; 64] }),
        ("seeks", ActionMessage::Seeks { sought, client: Box::new(client) }),
        ("share", ActionMessage::Share { sought: [4; 32], share: Box::new(share) }),
    ];
    for (name, message) in messages {
        formats.value(format!("body/action/{name}"), &Body::Action(message));
    }
}

/// The path of variants: `Refused-NotReady`.
fn variant(failure: &Failure) -> String {
    let debug = format!("{failure:?}");
    let words = debug.split(|character: char| !character.is_alphanumeric());
    words.take(if debug.starts_with("Refused") { 2 } else { 1 }).collect::<Vec<_>>().join("-")
}

fn failures() -> Vec<Failure> {
    let payload = |error| Refusal::Payload { scheme: Scheme::Ed25519, error };
    let refusals = [
        Refusal::NotReady,
        Refusal::UnknownPkp(PkpId([1; 32])),
        payload(PayloadError::ExpectedMessage),
        Refusal::Expired { valid_until: 1, finalized: 2 },
        Refusal::ValidTooLong { valid_until: 3, limit: 2 },
        Refusal::Replayed,
        Refusal::WrongSigner,
        Refusal::NotPermitted,
        Refusal::BadStart,
        Refusal::Busy,
        Refusal::ChainUnavailable,
        Refusal::OtherCommittee,
        Refusal::Item { item: 1, reason: "reason".into() },
        Refusal::OneTimeKey,
        Refusal::Denied { item: 1, denied: Denied::NotMet },
        Refusal::Authorisation(Box::new(AuthError::GrantsNothing)),
        Refusal::NoExecutor("reason".into()),
        Refusal::TooLongForGateway { bytes: 2, limit: 1 },
        Refusal::NotWanted,
        Refusal::Machine("reason".into()),
        Refusal::PrivateParams(PrivateParamsError::DoNotOpen),
    ];
    let others = [
        Failure::TimedOut(vec![index(1), index(2)]),
        Failure::Protocol { culprits: vec![index(3)], reason: "reason".into() },
    ];
    refusals.into_iter().map(Failure::Refused).chain(others).collect()
}

fn dealings(formats: &mut Formats) {
    let dealing = dealing();
    let known = ConstantTerms::Known(&KEYS);
    assert_eq!(verify_dealing(&context(), known, 2, 2, &dealing), Ok(()));
    formats.value("dealing", &dealing);
    formats.bytes("dealing/hash", &dealing.hash());
    formats.value("complaint", &complaint());
    let shares: Vec<_> = KEYS.into_iter().zip(shares(2)).collect();
    let recipients = [1, 2].map(|seed| encryption(seed).public());
    let reshared = deal(&context(), Secrets::Shares(&shares), 2, &recipients, &mut rng(4));
    formats.value("dealing/reshare", &reshared.expect("sound recipients"));
}

/// What workers and committees sign for the chain.
fn statements(formats: &mut Formats) {
    let secrets = secrets(1);
    let (member, dealing, complaints) = (index(1), dealing(), vec![complaint()]);
    let mut call = |name: &str, made: WorkerCall, signed: Vec<u8>| {
        let (WorkerCall::CommitDealing { signature, .. }
        | WorkerCall::Deal { signature, .. }
        | WorkerCall::ReportShares { signature, .. }
        | WorkerCall::ConfirmShares { signature, .. }
        | WorkerCall::ReportFault { signature, .. }
        | WorkerCall::ReportPeers { signature, .. }
        | WorkerCall::ProvideDealingKey { signature, .. }
        | WorkerCall::Activate { signature, .. }) = &made;
        let key = VerifyingKey::from_bytes(&secrets.public().signing).expect("a key");
        assert!(key.verify(&signed, &Signature::from_bytes(signature)).is_ok(), "{made:?} signs other bytes");
        formats.bytes(format!("worker-call/{name}"), &signed);
    };
    let signed = worker_call_bytes(&GENESIS, "commit_dealing", &(ATTEMPT, member, [9u8; 32]));
    call("commit_dealing", WorkerCall::commit_dealing(&secrets, &GENESIS, ATTEMPT, member, [9; 32]), signed);
    let signed = worker_call_bytes(&GENESIS, "deal", &(ATTEMPT, 0u32, member, dealing.hash()));
    call("deal", WorkerCall::deal(&secrets, &GENESIS, ATTEMPT, 0, member, dealing), signed);
    let signed = worker_call_bytes(&GENESIS, "report_shares", &(ATTEMPT, 0u32, member, &complaints));
    let made = WorkerCall::report_shares(&secrets, &GENESIS, ATTEMPT, 0, member, complaints);
    call("report_shares", made, signed);
    let signed = worker_call_bytes(&GENESIS, "confirm_shares", &(ATTEMPT, member));
    call("confirm_shares", WorkerCall::confirm_shares(&secrets, &GENESIS, ATTEMPT, member), signed);

    let (signer, next) = (secrets.public().signing, encryption(7));
    let signed = worker_call_bytes(&GENESIS, "provide_dealing_key", &(signer, ATTEMPT, next.public()));
    let made = WorkerCall::provide_dealing_key(&secrets, &GENESIS, ATTEMPT, &next, &mut rng(5));
    let WorkerCall::ProvideDealingKey { dealing_key, proof, .. } = &made else { panic!("another call") };
    assert!(verify_worker_key(dealing_key, &signed, &SchnorrProof::from_bytes(proof)));
    call("provide_dealing_key", made, signed);

    formats.bytes("activation", &activation_bytes(&GENESIS, &ATTEMPT, KeysetId(1), &roots()));
    let keys: WorkerKeys = secrets.public();
    formats.value("worker-keys", &keys);
    let statement = worker_keys_bytes(&GENESIS, &[6; 32], &keys);
    let proofs = secrets.prove(&GENESIS, &[6; 32], &mut rng(3));
    let proof = SchnorrProof::from_bytes(&proofs.encryption);
    assert!(verify_worker_key(&keys.encryption, &statement, &proof));
    formats.bytes("worker-keys/statement", &statement);
    formats.value("worker-keys/proofs", &proofs);
    formats.bytes("worker-key-file", secrets.to_bytes().as_ref());
    let commitments = |fill| NonceCommitments { hiding: point(fill), binding: point(fill + 1) };
    let package = SigningPackage {
        scheme: Scheme::Ed25519,
        public_key: point(9),
        message: vec![7; 3].try_into().expect("short"),
        commitments: BTreeMap::from([(index(1), commitments(1)), (index(3), commitments(3))])
            .try_into()
            .expect("two members"),
    };
    formats.bytes("signing-package", &package.canonical_bytes());
    formats.bytes("signing-package/hash", &package.hash());
    evidence(formats, package);
}

/// What is said against others: it is judged by a runtime that may be older than who says it.
fn evidence(formats: &mut Formats, package: SigningPackage) {
    let header = MessageHeader {
        attempt: ATTEMPT,
        session: SessionId([5; 32]),
        flight: 2,
        from: [1; 32],
        to: [2; 32],
    };
    let key = KeyId::Pkp(PkpId([1; 32]), Curve::Ed25519);
    let payload = |fill| SignedPayload { hash: [fill; 32], signature: [fill; 64] };
    let subject = BlsSubject {
        scheme: Scheme::BlsG2,
        key,
        quorum: BTreeSet::from([index(1), index(3)]).try_into().expect("two members"),
        message: vec![7; 3].try_into().expect("short"),
    };
    formats.bytes("bls-share/binding", &subject.binding(&SessionId([5; 32]), &point(9)));
    let (share, signature) = ([4; 32], [6; 64]);
    let kinds = [
        ("equivocation", Evidence::Equivocation { header, payloads: [payload(1), payload(2)] }),
        ("frost-share", Evidence::FrostShare { header, share, signature, key, package: Box::new(package) }),
        ("bls-share", Evidence::BlsShare { header, share: point(4), signature, subject: Box::new(subject) }),
    ];
    for (name, evidence) in kinds {
        formats.value(format!("evidence/{name}"), &evidence);
    }
    let member = |value| BTreeSet::from([index(value)]).try_into().expect("one member");
    formats.value("peer-report", &PeerReport { banned: member(1), absent: member(2) });
}

/// The messages of a member, alone with its own reflection: what it sends does not depend on what it gets.
fn flights(formats: &mut Formats) {
    let quorum = BTreeSet::from([index(1), index(2)]);
    for (scheme, key) in [(Scheme::Ed25519, 0), (Scheme::BlsG2, 1)] {
        let mut running = BTreeMap::new();
        for member in [1, 2] {
            let root = roots().swap_remove(key);
            let publics =
                public_shares(root.id.curve, &root.commitments, quorum.iter().copied()).expect("points");
            let public_key = root.commitments.first().cloned().expect("t points");
            let secret = shares(member).swap_remove(key);
            let share = KeyShare::new(root.id.curve, index(member), 2, secret, public_key, publics);
            let key = SigningKey::new(scheme, share.expect("a sound share")).expect("a sound share");
            let (pairs, session) = (PairStates::default(), SessionId([5; 32]));
            let started = key.sign(&pairs, &quorum, &session, b"message", &mut rng(member.into()));
            running.insert(index(member), started.expect("a sound quorum"));
        }
        for flight in 1.. {
            let mut sent = BTreeMap::new();
            for (from, (_, outgoing)) in &running {
                let payload = outgoing.first().map(|message| message.payload.clone()).expect("one each");
                sent.insert(*from, payload);
            }
            formats.bytes(format!("flight/{scheme}/{flight}"), sent.get(&index(1)).expect("of member 1"));
            let mut next = BTreeMap::new();
            for (me, (machine, _)) in running {
                let received: BTreeMap<_, _> =
                    sent.clone().into_iter().filter(|(from, _)| *from != me).collect();
                match machine.advance(received, &mut rng(9)).expect("honest members") {
                    Step::Next { machine, outgoing } => drop(next.insert(me, (machine, outgoing))),
                    Step::Done(signature) if me == index(1) => {
                        formats.bytes(format!("flight/{scheme}/signature"), &signature);
                    }
                    Step::Done(_) => {}
                }
            }
            running = next;
            if running.is_empty() {
                break;
            }
        }
    }
}

#[derive(Clone, Default)]
struct Disk(Rc<RefCell<BTreeMap<String, Vec<u8>>>>);

impl StoreRecords for Disk {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.borrow_mut().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.borrow().get(name).cloned())
    }

    fn erase(&mut self, name: &str) -> Result<(), StoreError> {
        self.0.borrow_mut().remove(name);
        Ok(())
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.0.borrow().keys().filter(|name| name.starts_with(prefix)).cloned().collect())
    }
}

/// What is on disk, byte for byte: sealed under fixed randomness.
fn records(formats: &mut Formats) {
    let disk = Disk::default();
    let mut store = ShareStore::new(disk.clone(), &encryption(1));
    let mut rng = rng(5);
    let shares: Vec<_> = KEYS.into_iter().zip(shares(1)).collect();
    store.put_dealing(ATTEMPT, &dealing(), &mut rng).expect("a sound disk");
    store.put_shares(ATTEMPT, &shares, &mut rng).expect("a sound disk");
    store.put_ban(&[8; 32], &mut rng).expect("a sound disk");
    let used = store.make_dealing_key(&mut rng).expect("a sound disk");
    assert_eq!(store.adopt_dealing_key(ATTEMPT, &used, &mut rng), Ok(true));
    store.make_dealing_key(&mut rng).expect("a sound disk");
    for (name, record) in disk.0.borrow().iter() {
        formats.bytes(format!("record/{name}"), record);
    }
}

#[test]
fn formats_should_stay() {
    let mut formats = Formats::default();
    requests_and_authorisations(&mut formats);
    messages(&mut formats);
    decryption(&mut formats);
    actions(&mut formats);
    dealings(&mut formats);
    statements(&mut formats);
    flights(&mut formats);
    records(&mut formats);

    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/formats.json"));
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, formats.to_json()).expect("the file can be written");
        return;
    }
    let pinned = Formats::from_json(&std::fs::read_to_string(&path).expect("the file is there"));
    let names: BTreeSet<&String> = formats.0.keys().chain(pinned.0.keys()).collect();
    let changed: Vec<&&String> =
        names.iter().filter(|name| formats.0.get(**name) != pinned.0.get(**name)).collect();
    assert!(
        changed.is_empty(),
        "formats differ from {}: {changed:?}.\nNodes of the last release do not understand them. If that is meant, give \
         what changed a new version (its domain, or the version byte of a record), say so in CHANGELOG.md, and write the \
         file anew: {REWRITE}=1 cargo test -p conclave-worker formats",
        path.display(),
    );
}
