//! A member that lies in sessions of FROST and BLS, and then about them: to a gateway that is a member itself, and judges by
//! messages that it signed. Behind the liar is an honest worker, whose messages it changes before it signs them.

use codec::{DecodeAll, Encode};
use conclave_primitives::{ParticipantIndex, Scheme, SessionId, BLS_SHARE_FLIGHT, FROST_SHARE_FLIGHT};
use conclave_worker::{
    verify_signature, Body, Effect, Event, Failure, Frame, Outcome, Received, Reply, Request, Signed,
    Transcript, Worker, WorkerCall,
};
use rand_chacha::ChaCha20Rng;
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use super::machine::Tampering;
use crate::{
    chain::Chain,
    fixture::{frame, index, request, rng, secrets, transport, view, Disk, GENESIS, MEMBERS},
};

/// The gateway: honest.
const GATEWAY: u8 = 1;
/// Where in [`Tampering`] flights are numbered: what the liar says at the end.
const OUTCOME: u8 = 3;
/// Longer than a request may take.
const STEPS: u32 = 200;
const STEP: Duration = Duration::from_millis(250);

const SCHEMES: [Scheme; 8] = [
    Scheme::Ed25519,
    Scheme::Bip340,
    Scheme::Bip340Taproot,
    Scheme::Sr25519,
    Scheme::SchnorrRistretto255,
    Scheme::SchnorrSecp256k1,
    Scheme::BlsG1,
    Scheme::BlsG2,
];

/// Beside bits of the members that it accuses: whether it says that the session failed,
const SAYS_FAILED: u8 = 8;
/// and whether it says so before it sends its share.
const HOLDS_BACK: u8 = 16;

struct Liar<'a> {
    member: u8,
    session: SessionId,
    share_flight: u8,
    says: u8,
    tamperings: &'a [Tampering<'a>],
    held: Vec<Vec<u8>>,
    /// What it sent in the first flight, and what the gateway sent to it.
    transcript: Transcript,
    /// Whether anything left it that its honest worker would not have sent.
    has_lied: bool,
}

impl Liar<'_> {
    /// What it sends in the place of what its worker says, and in which order.
    fn say(&mut self, to: u8, sent: &Frame, body: Body) -> Vec<Vec<u8>> {
        let (session, flight) = (sent.header.session, sent.header.flight);
        let (is_share, is_outcome) = (
            matches!(body, Body::Flight(_)) && flight == self.share_flight,
            matches!(body, Body::Outcome(_)),
        );
        let body = self.change(sent, body);
        let bytes = frame(self.member, to, session, flight, &body).encode();
        if session == self.session && is_share && self.says & HOLDS_BACK != 0 {
            self.has_lied = true;
            self.held.push(bytes);
            return Vec::new();
        }
        let held = if is_outcome { std::mem::take(&mut self.held) } else { Vec::new() };
        [vec![bytes], held].concat()
    }

    fn change(&mut self, sent: &Frame, body: Body) -> Body {
        if sent.header.session != self.session {
            return body;
        }
        let flight = sent.header.flight;
        let changed = match body.clone() {
            Body::Flight(mut message) => {
                self.tamper(flight, &mut message);
                if flight == 1 {
                    self.transcript.own.clone_from(&message);
                }
                Body::Flight(message)
            }
            Body::Outcome(outcome) => {
                let said = if self.says & SAYS_FAILED == 0 { outcome } else { self.failed() };
                let mut bytes = said.encode();
                self.tamper(OUTCOME, &mut bytes);
                Body::Outcome(Outcome::decode_all(&mut bytes.as_slice()).unwrap_or(said))
            }
            other => other,
        };
        self.has_lied |= changed != body;
        changed
    }

    fn tamper(&self, flight: u8, bytes: &mut Vec<u8>) {
        self.tamperings.iter().for_each(|tampering| tampering.apply(flight, bytes));
    }

    fn failed(&self) -> Outcome {
        let accused = MEMBERS.into_iter().filter(|member| self.says >> (member - 1) & 1 != 0);
        let culprits: Vec<ParticipantIndex> = accused.map(index).collect();
        let failure = Failure::Protocol { culprits, reason: "so it says".into() };
        Outcome::Failed { flight: 2, failure, transcript: Some(Box::new(self.transcript.clone())) }
    }
}

struct Network<'a> {
    workers: BTreeMap<u8, Worker<Disk, ChaCha20Rng>>,
    now: Duration,
    /// From whom, to whom, what.
    sent: VecDeque<(u8, u8, Vec<u8>)>,
    scheme: Scheme,
    says: u8,
    tamperings: &'a [Tampering<'a>],
    /// The first that the gateway calls beside itself.
    liar: Option<Liar<'a>>,
    reply: Option<Signed>,
}

impl<'a> Network<'a> {
    fn new(scheme: Scheme, says: u8, tamperings: &'a [Tampering<'a>]) -> Self {
        let worker = |member: u8| {
            (member, Worker::new(GENESIS, secrets(member), Disk::of(member), rng(member.into())))
        };
        let mut network = Self {
            workers: MEMBERS.map(worker).into(),
            now: Duration::from_secs(1),
            sent: VecDeque::new(),
            scheme,
            says,
            tamperings,
            liar: None,
            reply: None,
        };
        for member in MEMBERS {
            network.handle(member, Event::Finalized(view()));
        }
        for (member, peer) in
            MEMBERS.into_iter().flat_map(|a| MEMBERS.map(|b| (a, b))).filter(|(a, b)| a != b)
        {
            network.handle(member, Event::PeerUp(transport(peer)));
        }
        network.deliver_all();
        network
    }

    fn handle(&mut self, member: u8, event: Event) {
        let worker = self.workers.get_mut(&member).expect("a member");
        for effect in worker.handle(self.now, event, &Chain { has_dealings: true }) {
            match effect {
                Effect::Send { to, bytes } => {
                    let to = MEMBERS.into_iter().find(|peer| transport(*peer) == to).expect("a member");
                    self.sent.push_back((member, to, bytes));
                }
                Effect::Submit(WorkerCall::ReportFault { evidence, .. }) => {
                    let liar = self.liar.as_ref().expect("there were sessions");
                    assert_eq!(evidence.header().from, transport(liar.member), "evidence against the honest");
                }
                Effect::Reply { result, .. } => match result {
                    Ok(Reply::Signed(signed)) => self.reply = Some(signed),
                    other => panic!("one liar of three keeps a request from its signature: {other:?}"),
                },
                // Nobody sets up pairs here, which would take long.
                _ => {}
            }
        }
    }

    fn deliver_all(&mut self) {
        while let Some((from, to, bytes)) = self.sent.pop_front() {
            let (sent, body) =
                Frame::open(&bytes, &transport(from), &transport(to), &GENESIS).expect("its own frame");
            if matches!(body, Body::StartPair { .. }) {
                continue;
            }
            if from == GATEWAY {
                self.hear_gateway(to, &sent, &body);
            }
            let all = match self.liar.as_mut().filter(|liar| liar.member == from) {
                Some(liar) => liar.say(to, &sent, body),
                None => vec![bytes],
            };
            for bytes in all {
                self.handle(to, Event::Received { from: transport(from), bytes });
            }
        }
    }

    /// Whom it calls, and what it sends to the liar.
    fn hear_gateway(&mut self, to: u8, sent: &Frame, body: &Body) {
        let header = sent.header;
        match (body, &mut self.liar) {
            (Body::Start(start), liar) => {
                assert!(start.quorum.contains(&index(GATEWAY)), "the gateway holds itself guilty");
                let transcript = Transcript { own: Vec::new(), received: Vec::new() };
                let (scheme, says, tamperings) = (self.scheme, self.says, self.tamperings);
                let liar = liar.get_or_insert(Liar {
                    member: to,
                    session: header.session,
                    share_flight: if scheme.is_frost() { FROST_SHARE_FLIGHT } else { BLS_SHARE_FLIGHT },
                    says,
                    tamperings,
                    held: Vec::new(),
                    transcript,
                    has_lied: false,
                });
                assert!(start.attempt == 0 || to != liar.member, "whoever failed it is called again");
            }
            (Body::Flight(message), Some(liar)) if (to, header.session) == (liar.member, liar.session) => {
                let (from, message) = (index(GATEWAY), message.clone());
                let received = Received { flight: header.flight, from, message, signature: sent.signature };
                liar.transcript.received.push(received);
            }
            _ => {}
        }
    }
}

/// Which scheme, what the liar says at the end, and how it changes what it sends: the flight, or 3 for what it says, how,
/// where, and a length with as many bytes.
pub(crate) fn transcript(input: &[u8]) {
    let Some(([scheme, says], mut rest)) = input.split_first_chunk::<2>() else { return };
    let mut tamperings = Vec::new();
    while let Some(([flight, how, low, high, length], after)) = rest.split_first_chunk::<5>() {
        let (bytes, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        let at = usize::from(u16::from_le_bytes([*low, *high]));
        tamperings.push(Tampering { flight: flight % 4, how: *how, at, bytes });
    }
    let scheme = SCHEMES[usize::from(*scheme) % SCHEMES.len()];
    let (attempts, has_lied) = run(scheme, *says, &tamperings);
    assert!(attempts == 1 || has_lied, "honest members failed");
}

/// After how many attempts there was a signature, and whether the liar had lied by then.
fn run(scheme: Scheme, says: u8, tamperings: &[Tampering<'_>]) -> (u8, bool) {
    let mut network = Network::new(scheme, says, tamperings);
    let (request, authorisation) = request(scheme, 1);
    let message = request.bytes_to_sign().expect("a sound request");
    let asked = Box::new((Request::Sign(request), authorisation.into()));
    network.handle(GATEWAY, Event::Requested { ticket: 1, request: asked });
    for _ in 0..STEPS {
        network.deliver_all();
        if let Some(signed) = network.reply {
            assert!(
                verify_signature(scheme, &signed.public_key, &message, &signed.signature),
                "a wrong signature"
            );
            assert!(signed.attempts <= 2, "one liar costs one attempt, not {}", signed.attempts - 1);
            return (signed.attempts, network.liar.is_some_and(|liar| liar.has_lied));
        }
        network.now += STEP;
        for member in MEMBERS {
            network.handle(member, Event::Tick);
        }
    }
    panic!("no answer");
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let wrong = |flight: u8, at: u8| vec![flight, 1, at, 0, 2, 0x55, 0xaa];
    let accuses = |member: u8| SAYS_FAILED | 1 << (member - 1);
    let of = |scheme: u8| {
        let lies = [
            (0, vec![]),
            (0, wrong(1, 3)),
            (0, wrong(1, 40)),
            (0, wrong(2, 3)),
            (0, wrong(2, 40)),
            (accuses(GATEWAY), vec![]),
            (accuses(GATEWAY) | accuses(2), wrong(2, 3)),
            (SAYS_FAILED, wrong(1, 40)),
            // In its account: of itself, and of the gateway's first message.
            (accuses(GATEWAY), wrong(OUTCOME, 40)),
            (accuses(GATEWAY) | HOLDS_BACK, vec![]),
            (accuses(GATEWAY) | HOLDS_BACK, wrong(OUTCOME, 40)),
            (accuses(GATEWAY) | HOLDS_BACK, wrong(OUTCOME, 170)),
            (accuses(GATEWAY) | HOLDS_BACK, wrong(OUTCOME, 255)),
            (accuses(GATEWAY), [wrong(2, 3), wrong(OUTCOME, 250)].concat()),
            // It sends nothing that counts, and says nothing.
            (0, [vec![1, 2, 0, 0, 0], vec![OUTCOME, 0, 0, 0, 2, 2, 0]].concat()),
        ];
        lies.map(|(says, tamperings)| [&[scheme, says][..], &tamperings].concat())
    };
    (0..8).flat_map(of).collect()
}

#[test]
fn lies_should_cost_an_attempt() {
    let wrong = |flight| [Tampering { flight, how: 1, at: 40, bytes: &[0x55] }];
    for scheme in SCHEMES {
        assert_eq!(run(scheme, 0, &[]), (1, false), "{scheme}");
        // It says that the gateway failed, and has nothing to show for it; meanwhile the gateway signs.
        assert_eq!(run(scheme, SAYS_FAILED | 1, &[]), (1, true), "{scheme}");
        // It says so first.
        assert_eq!(run(scheme, SAYS_FAILED | HOLDS_BACK | 1, &[]), (2, true), "{scheme}");
        // Otherwise it would hand over the signature, which it alone can make.
        let flight = if scheme.is_frost() { 2 } else { 1 };
        assert_eq!(run(scheme, SAYS_FAILED | 1, &wrong(flight)), (2, true), "{scheme}");
    }
}
