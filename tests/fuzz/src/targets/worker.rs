//! A worker, and peers that send it whatever they like.

use codec::{DecodeAll, Encode};
use conclave_primitives::{Entitlement, Scheme, SessionId, SignRequest};
use conclave_worker::{
    Body, Effect, Event, Failure, Frame, Outcome, Received, Request, Status, Task, Transcript, Worker,
    MAX_FRAME_BYTES,
};
use rand_chacha::ChaCha20Rng;
use std::time::Duration;

use super::{
    message::{bodies, start, start_pair},
    record::honest_disk,
};
use crate::{
    chain::Chain,
    fixture::{
        frame, index, request, rng, secrets, session_of, transport, view, Disk, ATTEMPT, GENESIS, OUTSIDER,
    },
};

/// More effects of one event than any honest one has: frames to all members of all the sessions that expire at once.
const MAX_EFFECTS: usize = 1_024;
/// `MAX_SESSIONS` of the worker.
const MAX_SESSIONS: usize = 256;

/// Member 1, with what its peers know of it.
struct Member {
    worker: Worker<Disk, ChaCha20Rng>,
    now: Duration,
    boot: [u8; 32],
    /// The session of the last frame that it sent in one.
    session: SessionId,
}

impl Member {
    fn new() -> Self {
        let worker = Worker::new(GENESIS, secrets(1), honest_disk(), rng(1));
        let mut member =
            Self { worker, now: Duration::from_secs(1), boot: [0; 32], session: SessionId([0; 32]) };
        member.handle(Event::Finalized(view()));
        for peer in [2, 3, OUTSIDER] {
            member.handle(Event::PeerUp(transport(peer)));
        }
        assert!(member.boot != [0; 32] && member.worker.status().index.is_some());
        member
    }

    fn handle(&mut self, event: Event) {
        let effects = self.worker.handle(self.now, event, &Chain { has_dealings: false });
        assert!(effects.len() <= MAX_EFFECTS, "{} effects", effects.len());
        for effect in effects {
            let Effect::Send { to, bytes } = effect else { continue };
            assert!(bytes.len() <= MAX_FRAME_BYTES, "a frame that nobody takes");
            let (frame, body) = Frame::open(&bytes, &transport(1), &to, &GENESIS).expect("its own frame");
            if let Body::Status(Status { boot, .. }) = body {
                self.boot = boot;
            } else {
                self.session = session_of(&frame);
            }
        }
        let status = self.worker.status();
        assert!(status.sessions <= MAX_SESSIONS, "{} sessions", status.sessions);
        assert_eq!(status.pairs, 0, "nobody set up a pair");
    }

    fn receive(&mut self, from: u8, session: SessionId, flight: u8, body: &Body) {
        let bytes = frame(from, 1, session, flight, body).encode();
        self.handle(Event::Received { from: transport(from), bytes });
    }

    /// An honest coordinator's call for a session of members 1 and 2.
    fn call(&mut self, from: u8, scheme: Scheme, nonce: u8) {
        let (request, authorisation) = request(scheme, nonce);
        let body = start(Task::Sign(request, authorisation.into()), vec![self.boot, [2; 32]]);
        self.receive(from, SessionId([0; 32]), 0, &body);
    }
}

/// Steps: what, a parameter, and a length of two bytes with as many bytes.
pub(crate) fn worker(mut input: &[u8]) {
    let mut member = Member::new();
    while let Some(([what, parameter, length @ ..], rest)) = input.split_first_chunk::<4>() {
        let (bytes, rest) = rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len()));
        input = rest;
        let from = if what & 16 == 0 { 2 } else { OUTSIDER };
        let session = if what & 32 == 0 { member.session } else { SessionId([*parameter; 32]) };
        match what % 10 {
            0 => {
                if let Ok(body) = Body::decode_all(&mut &*bytes) {
                    member.receive(from, session, *parameter, &body);
                }
            }
            1 | 2 => member.receive(from, session, *parameter, &Body::Flight(bytes.to_vec())),
            3 | 4 => member.call(from, Scheme::ALL[usize::from(*parameter) % Scheme::ALL.len()], *what),
            5 => member.handle(Event::Received { from: transport(from), bytes: bytes.to_vec() }),
            6 => {
                member.now += Duration::from_millis(u64::from(*parameter) * 40);
                member.handle(Event::Tick);
            }
            7 => {
                let peer = transport(from);
                member.handle(if parameter % 2 == 0 { Event::PeerDown(peer) } else { Event::PeerUp(peer) });
            }
            8 => {
                let mut view = view();
                view.finalized = view.finalized.saturating_add((*parameter).into());
                member.handle(Event::Finalized(view));
            }
            _ => {
                let decoded = <(SignRequest, Entitlement)>::decode_all(&mut &*bytes);
                let (request, entitlement) = decoded.unwrap_or_else(|_| {
                    let (request, authorisation) = request(Scheme::Ed25519, *parameter);
                    (request, authorisation.into())
                });
                member.handle(Event::Requested {
                    ticket: (*parameter).into(),
                    request: Box::new((Request::Sign(request), entitlement)),
                });
            }
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let step = |what: u8, parameter: u8, bytes: &[u8]| {
        let length = u16::try_from(bytes.len()).expect("short").to_le_bytes();
        [&[what, parameter][..], &length, bytes].concat()
    };
    let all: Vec<u8> = bodies().iter().flat_map(|body| step(0, 1, body)).collect();
    let calls: Vec<u8> = (0..10)
        .flat_map(|scheme| [step(3, scheme, &[]), step(1, 1, &[1; 64]), step(1, 2, &[1; 96])].concat())
        .collect();
    let early: Vec<u8> = (0..80).flat_map(|session| step(33, session, &[1; 48])).collect();
    let outsider = [step(19, 1, &[]), step(17, 1, &[1; 64]), step(25, 1, &[])].concat();
    let client =
        [step(9, 1, &[]), step(6, 255, &[]), step(8, 3, &[]), step(7, 0, &[]), step(6, 255, &[])].concat();
    // The worker calls a session of its own with member 2, which says that it failed.
    let holds = Status::decode_all(&mut ([2u8; 32], vec![(ATTEMPT, Vec::<u8>::new())]).encode().as_slice());
    let received = Received { flight: 1, from: index(1), message: vec![1; 96], signature: [1; 64] };
    let transcript = Some(Box::new(Transcript { own: vec![2; 96], received: vec![received; 2] }));
    let failure = Failure::Protocol { culprits: vec![index(1)], reason: "reason".into() };
    let failed = Body::Outcome(Outcome::Failed { flight: 2, failure, transcript }).encode();
    assert!(failed.len() > 400, "as long as it is in earnest");
    let gateway = [
        step(0, 0, &Body::Status(holds.expect("a status")).encode()),
        step(9, 1, &[]),
        step(0, 0, &failed),
        step(6, 255, &[]),
    ];
    vec![
        all,
        calls,
        gateway.concat(),
        early,
        outsider,
        client,
        step(5, 0, &frame(2, 1, SessionId([1; 32]), 1, &start_pair(3)).encode()),
    ]
}

/// A member and an outsider flood a worker: what it keeps is bounded, and it serves on. Returns how many frames it dropped.
pub fn flood(frames: u32) -> u64 {
    let mut member = Member::new();
    for number in 0..frames {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&number.to_le_bytes());
        let body = match number % 4 {
            0 | 1 => Body::Flight(vec![1; 1_000]),
            2 => {
                let pair = start_pair(number as u8);
                member.receive(2, SessionId(id), 0, &pair);
                Body::Status(Status { boot: id, holdings: Vec::new() })
            }
            _ => {
                let from = if number % 8 == 3 { 2 } else { OUTSIDER };
                member.call(from, Scheme::Ed25519, (number / 4) as u8);
                continue;
            }
        };
        member.receive(2, SessionId(id), 1, &body);
    }
    let sessions = member.worker.status().sessions;
    // 32 of each coordinator.
    assert!((2..=65).contains(&sessions), "{sessions} sessions");
    // Nothing of the flood is there a while later, and an honest call is served.
    member.now += Duration::from_secs(60);
    member.handle(Event::Tick);
    assert_eq!(member.worker.status().sessions, 0);
    member.call(2, Scheme::SchnorrSecp256k1, 1);
    assert_eq!(member.worker.status().sessions, 1, "serves no more");
    member.worker.status().dropped_frames
}
