//! The driver of one protocol run: gathers flights, advances the machine, keeps time.

use conclave_primitives::{
    AttemptId, Curve, EncodedPoint, Evidence, KeyId, MessageHeader, ParticipantIndex, SessionId,
};
use conclave_protocols::{Machine, Outgoing, Pair, Pairing, ProtocolError, Signing, Step};
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};
use zeroize::Zeroizing;

use crate::{
    evidence::{Record, SignedMessage, Subject},
    limits::{MAX_FLIGHTS_AHEAD, MAX_RECORDED_MESSAGE_BYTES},
    message::{Transcript, TransportKey},
};

/// What sessions run.
pub(crate) enum Running {
    Signing(Box<Signing>),
    Pairing(Pairing),
}

/// What they yield.
pub(crate) enum Product {
    Signature(Vec<u8>),
    Pair(Box<Pair>),
}

impl Running {
    fn awaits(&self) -> &BTreeSet<ParticipantIndex> {
        match self {
            Self::Signing(machine) => machine.awaits(),
            Self::Pairing(machine) => machine.awaits(),
        }
    }

    fn max_message_bytes(&self) -> usize {
        match self {
            Self::Signing(machine) => machine.max_message_bytes(),
            Self::Pairing(machine) => machine.max_message_bytes(),
        }
    }
}

/// Whom a session serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A task of this coordinator.
    Task {
        /// Who called it.
        coordinator: TransportKey,
        /// The task's id.
        task: [u8; 32],
        /// Whose shares it runs on.
        committee: AttemptId,
    },
    /// The set-up on this curve, for the shares of an attempt, of the pair with this member.
    Pair(AttemptId, Curve, ParticipantIndex),
}

/// A step that takes so much time that signing must not wait for it: of an OT set-up, up to some hundreds of
/// milliseconds. Whoever drives the worker runs it elsewhere and hands back what it yields.
pub struct Computation {
    session: SessionId,
    machine: Pairing,
    received: BTreeMap<ParticipantIndex, Vec<u8>>,
    seed: Zeroizing<[u8; 32]>,
}

/// What a [`Computation`] yielded.
pub struct Computed {
    pub(crate) session: SessionId,
    pub(crate) step: Result<Step<Pairing, Pair>, ProtocolError>,
}

impl Computation {
    /// Runs the step.
    pub fn run(self) -> Computed {
        let mut rng = ChaCha20Rng::from_seed(*self.seed);
        Computed { session: self.session, step: self.machine.advance(self.received, &mut rng) }
    }
}

impl fmt::Debug for Computation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Computation").field("session", &self.session).finish_non_exhaustive()
    }
}

impl fmt::Debug for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Computed").field("session", &self.session).finish_non_exhaustive()
    }
}

/// One run.
pub(crate) struct Session {
    pub(crate) purpose: Purpose,
    pub(crate) peers: BTreeMap<ParticipantIndex, TransportKey>,
    pub(crate) deadline: Duration,
    // `None` only while a step runs.
    machine: Option<Running>,
    /// The longest message of any flight: what is longer is not kept.
    longest_message: usize,
    flight: u8,
    inbox: BTreeMap<(u8, ParticipantIndex), Vec<u8>>,
    record: Record,
    subject: Option<Subject>,
}

/// What a step brought.
pub(crate) enum Progress {
    /// Sends these, by flight; waits for more.
    Waiting(Vec<(u8, Outgoing)>),
    /// Waits for this step, which somebody else runs.
    Computing(Computation),
    /// Sends these; is done.
    Done(Vec<(u8, Outgoing)>, Product),
    /// Sends these, or the others would wait for them; is over.
    Failed(Vec<(u8, Outgoing)>, ProtocolError),
}

impl Purpose {
    /// The attempt whose shares or pairs it is about.
    pub(crate) fn committee(&self) -> AttemptId {
        match self {
            Self::Task { committee, .. } | Self::Pair(committee, ..) => *committee,
        }
    }
}

impl Session {
    pub(crate) fn new(
        purpose: Purpose,
        peers: BTreeMap<ParticipantIndex, TransportKey>,
        deadline: Duration,
        machine: Running,
    ) -> Self {
        let longest_message = match &machine {
            Running::Signing(machine) if machine.scheme().is_ecdsa() => 128 * 1024,
            Running::Signing(_) => MAX_RECORDED_MESSAGE_BYTES,
            Running::Pairing(_) => 160 * 1024,
        };
        Self {
            purpose,
            peers,
            deadline,
            machine: Some(machine),
            longest_message,
            flight: 1,
            inbox: BTreeMap::new(),
            record: Record::default(),
            subject: None,
        }
    }

    /// With what it signs, if it runs FROST or BLS: so that wrong shares can be proven.
    pub(crate) fn about(self, subject: Option<Subject>) -> Self {
        Self { subject, ..self }
    }

    /// Evidence against those whom `error` names.
    pub(crate) fn evidence(
        &self,
        error: &ProtocolError,
        public_key: impl FnOnce(&KeyId) -> Option<EncodedPoint>,
    ) -> Vec<Evidence> {
        let subject = self.subject.as_ref();
        subject.map(|subject| self.record.wrong_shares(subject, error, public_key)).unwrap_or_default()
    }

    /// What it sent and received, if it runs FROST or BLS.
    pub(crate) fn transcript(&self) -> Option<Box<Transcript>> {
        self.subject.as_ref().map(|subject| Box::new(self.record.transcript(subject)))
    }

    /// Takes a message. The first one of a flight counts: a repetition changes nothing. One that names another attempt
    /// is none: its sender could not be held to it. Gives evidence where the sender said something else in its place.
    pub(crate) fn offer(&mut self, received: SignedMessage) -> Option<Evidence> {
        let MessageHeader { attempt, flight, from, .. } = received.header;
        let from = self.peers.iter().find(|(_, key)| **key == from).map(|(index, _)| *index)?;
        if attempt != self.purpose.committee()
            || flight == 0
            || flight > self.flight.saturating_add(MAX_FLIGHTS_AHEAD)
        {
            return None;
        }
        let short = received.message.len() <= self.longest_message;
        let evidence = self.record.keep(from, &received, short && self.subject.is_some());
        if flight >= self.flight && short {
            self.inbox.entry((flight, from)).or_insert(received.message);
        }
        evidence
    }

    /// The curve whose pairs it signs on, if it is ECDSA.
    pub(crate) fn signs_on_pairs(&self) -> Option<Curve> {
        match &self.machine {
            Some(Running::Signing(machine)) => {
                Some(machine.scheme()).filter(|scheme| scheme.is_ecdsa()).map(|scheme| scheme.curve())
            }
            _ => None,
        }
    }

    /// The flight that it waits for: it has sent its own messages of it.
    pub(crate) const fn flight(&self) -> u8 {
        self.flight
    }

    /// From whom the current flight still lacks a message.
    pub(crate) fn missing(&self) -> Vec<ParticipantIndex> {
        let Some(machine) = &self.machine else { return Vec::new() };
        machine
            .awaits()
            .iter()
            .filter(|from| !self.inbox.contains_key(&(self.flight, **from)))
            .copied()
            .collect()
    }

    /// Advances as far as the messages at hand allow; `id` is the session's own.
    pub(crate) fn step(&mut self, id: SessionId, rng: &mut impl CryptoRng) -> Progress {
        let mut sent = Vec::new();
        while self.missing().is_empty() {
            let Some(machine) = self.machine.take() else { break };
            let limit = machine.max_message_bytes();
            let mut received = BTreeMap::new();
            for from in machine.awaits() {
                let Some(payload) = self.inbox.remove(&(self.flight, *from)) else { continue };
                if payload.len() > limit {
                    let error =
                        ProtocolError::WrongLength { from: *from, got: payload.len(), expected: limit };
                    return Progress::Failed(sent, error);
                }
                received.insert(*from, payload);
            }
            let machine = match machine {
                Running::Signing(machine) => machine,
                Running::Pairing(machine) => {
                    let mut seed = Zeroizing::new([0; 32]);
                    rng.fill_bytes(seed.as_mut());
                    return Progress::Computing(Computation { session: id, machine, received, seed });
                }
            };
            match machine.advance(received, rng) {
                Ok(Step::Next { machine, outgoing }) => {
                    sent.extend(self.next_flight(Running::Signing(Box::new(machine)), outgoing));
                }
                Ok(Step::Done(signature)) => return Progress::Done(sent, Product::Signature(signature)),
                Err(error) => return Progress::Failed(sent, error),
            }
        }
        Progress::Waiting(sent)
    }

    /// Takes up what a [`Computation`] yielded.
    pub(crate) fn resume(&mut self, step: Result<Step<Pairing, Pair>, ProtocolError>) -> Progress {
        match step {
            Ok(Step::Next { machine, outgoing }) => {
                Progress::Waiting(self.next_flight(Running::Pairing(machine), outgoing))
            }
            Ok(Step::Done(pair)) => Progress::Done(Vec::new(), Product::Pair(Box::new(pair))),
            Err(error) => Progress::Failed(Vec::new(), error),
        }
    }

    fn next_flight(&mut self, machine: Running, outgoing: Vec<Outgoing>) -> Vec<(u8, Outgoing)> {
        self.flight = self.flight.saturating_add(1);
        self.machine = Some(machine);
        outgoing.into_iter().map(|message| (self.flight, message)).collect()
    }
}

#[cfg(test)]
mod tests;
