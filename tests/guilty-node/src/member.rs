//! The wrapper.

use crate::guilt::Guilt;
use codec::{DecodeAll, Encode};
use conclave_node::{honest_member, FinalizedState, Member, Records};
use conclave_primitives::{
    AccountBytes, AttemptId, AttemptKind, Cid, ExecuteRequest, GenesisHash, MessageHeader, ParticipantIndex,
    Program, SessionId, WorkerKeyProofs, WorkerKeys,
};
use conclave_vss::{Dealing, EncryptionSecret};
use conclave_worker::{
    ActionMessage, Ask, Body, Effect, Event, Frame, TransportKey, WorkerCall, WorkerSecrets, WorkerStatus,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A FROST share with the hash of its package.
const FROST_SHARE_BYTES: usize = 64;

/// A point of BLS12-381 after the hash of its session.
const BLS_G1_SHARE_BYTES: usize = 32 + 48;
const BLS_G2_SHARE_BYTES: usize = 32 + 96;

/// The [`MakeMember`](conclave_node::MakeMember) of this node.
pub(crate) fn guilty(genesis: GenesisHash, secrets: WorkerSecrets, records: Records) -> Box<dyn Member> {
    let again = development_secrets(&secrets.public()).expect("started as one of //Alice to //Dave");
    let guilt = Guilt::of_environment().expect("main has checked it");
    let honest = honest_member(genesis, secrets, records);
    Box::new(Guilty {
        honest,
        guilt,
        genesis,
        secrets: again,
        tasks: BTreeSet::new(),
        altered: BTreeMap::new(),
        fired: 0,
    })
}

/// The secrets of well-known members are well known: those behind these public keys.
fn development_secrets(public: &WorkerKeys) -> Option<WorkerSecrets> {
    (1..=4).find_map(|number: u8| {
        let (mut scalar, mut transport) = ([0; 32], [0; 32]);
        scalar[0] = number;
        transport[31] = number;
        let encryption = EncryptionSecret::from_bytes(&scalar)?;
        let secrets = WorkerSecrets::new(encryption, &[number; 32], &transport);
        (secrets.public() == *public).then_some(secrets)
    })
}

struct Guilty {
    honest: Box<dyn Member>,
    guilt: Guilt,
    genesis: GenesisHash,
    secrets: WorkerSecrets,
    /// Sessions that sign, as against set-ups of pairs.
    tasks: BTreeSet<SessionId>,
    /// What altered programs are called, and what they pass for.
    altered: BTreeMap<Cid, Cid>,
    fired: u64,
}

impl Member for Guilty {
    fn handle(&mut self, now: Duration, mut event: Event, chain: &FinalizedState) -> Vec<Effect> {
        match &mut event {
            Event::Received { bytes, .. } => self.note_task(bytes),
            Event::ActionAsked { ask, .. } => self.pass_for_the_original(ask),
            _ => {}
        }
        let effects = self.honest.handle(now, event, chain);
        effects.into_iter().map(|effect| self.rewrite(effect)).collect()
    }

    fn next_deadline(&self) -> Option<Duration> {
        self.honest.next_deadline()
    }

    fn status(&self) -> WorkerStatus {
        self.honest.status()
    }

    fn prove_keys(&mut self, account: &AccountBytes) -> (WorkerKeys, WorkerKeyProofs) {
        self.honest.prove_keys(account)
    }

    fn sign_call(&self, call: &str, arguments: &[u8]) -> [u8; 64] {
        self.honest.sign_call(call, arguments)
    }
}

impl Guilty {
    fn note_task(&mut self, bytes: &[u8]) {
        let Some((frame, body)) = parse(bytes) else { return };
        if matches!(body, Body::Start(_)) {
            self.tasks.insert(frame.header.session);
        }
    }

    /// What an altered program asks for, it asks in the name of the one that was sent.
    fn pass_for_the_original(&self, ask: &mut Ask) {
        let Ask::Sign(wanted) = ask else { return };
        for cid in &mut wanted.stack {
            *cid = self.altered.get(cid).copied().unwrap_or(*cid);
        }
    }

    fn rewrite(&mut self, effect: Effect) -> Effect {
        match effect {
            Effect::Send { to, bytes } => {
                self.note_task(&bytes);
                let bytes = self.other_frame(to, &bytes).unwrap_or(bytes);
                Effect::Send { to, bytes }
            }
            Effect::Execute(mut execution) if self.guilt == Guilt::AlteredCode => {
                if let Some(program) = altered(&execution.request) {
                    self.altered.insert(program.cid(), execution.request.program.cid());
                    execution.request.program = program;
                    self.fire();
                }
                Effect::Execute(execution)
            }
            Effect::Submit(WorkerCall::Deal { attempt, participant, dealing, .. })
                if self.guilt == Guilt::BadReshare =>
            {
                Effect::Submit(self.bad_reshare(attempt, participant, *dealing))
            }
            other => other,
        }
    }

    /// A key generation's dealing is as it was committed to: the chain would not take another.
    fn bad_reshare(&mut self, id: AttemptId, dealer: ParticipantIndex, mut dealing: Dealing) -> WorkerCall {
        let running = self.honest.status().view.attempt.filter(|attempt| attempt.id == id);
        let reshare = running.filter(|attempt| attempt.kind == AttemptKind::Reshare);
        let ciphertext = dealing.recipients.iter_mut().next().map(|sealed| &mut sealed.ciphertext);
        if let Some(byte) = ciphertext.and_then(|bytes| bytes.iter_mut().next()).filter(|_| reshare.is_some())
        {
            *byte ^= 1;
            self.fire();
        }
        let round = reshare.map_or(0, |attempt| attempt.round);
        WorkerCall::deal(&self.secrets, &self.genesis, id, round, dealer, dealing)
    }

    /// What goes out in the place of this frame, if another does.
    fn other_frame(&mut self, to: TransportKey, bytes: &[u8]) -> Option<Vec<u8>> {
        let (frame, body) = parse(bytes)?;
        let body = match (self.guilt, body) {
            (Guilt::WrongShares, Body::Flight(share)) if self.tasks.contains(&frame.header.session) => {
                Body::Flight(wrong_share(frame.header.flight, share)?)
            }
            (Guilt::WrongShares, Body::Action(ActionMessage::Share { sought, mut share })) => {
                // Points still, and not of this share.
                std::mem::swap(&mut share.sealed.mu, &mut share.sealed.omega);
                Body::Action(ActionMessage::Share { sought, share })
            }
            (Guilt::MisendorsedOutcomes, Body::Action(ActionMessage::Ended { mut report, signature })) => {
                report.response = Some("guilty".into());
                Body::Action(ActionMessage::Ended { report, signature })
            }
            _ => return None,
        };
        self.fire();
        let MessageHeader { attempt, session, flight, .. } = frame.header;
        Some(Frame::sign(&self.secrets, &self.genesis, attempt, session, flight, to, &body).encode())
    }

    fn fire(&mut self) {
        self.fired += 1;
        eprintln!("guilty: {:?}, {} times", self.guilt, self.fired);
    }
}

fn parse(bytes: &[u8]) -> Option<(Frame, Body)> {
    let frame = Frame::decode_all(&mut &*bytes).ok()?;
    let body = Body::decode_all(&mut frame.payload.as_slice()).ok()?;
    Some((frame, body))
}

/// A share with a bit turned in the middle of its scalar, or point, where most values are canonical; `None` for what is
/// none.
fn wrong_share(flight: u8, mut share: Vec<u8>) -> Option<Vec<u8>> {
    let end = match (flight, share.len()) {
        (2, FROST_SHARE_BYTES) => 32,
        (1, BLS_G1_SHARE_BYTES | BLS_G2_SHARE_BYTES) => share.len(),
        _ => return None,
    };
    *share.get_mut(end.checked_sub(16)?)? ^= 1;
    Some(share)
}

/// The program of the request, changed where it says `honest`.
fn altered(request: &ExecuteRequest) -> Option<Program> {
    let Program::Inline(code) = &request.program else { return None };
    let code = std::str::from_utf8(code).ok().filter(|code| code.contains("honest"))?;
    Some(Program::Inline(code.replace("honest", "guilty").into_bytes().try_into().ok()?))
}
