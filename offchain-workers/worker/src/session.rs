//! The driver of one protocol run: gathers flights, advances the machine, keeps time.

use conclave_primitives::{AttemptId, Curve, ParticipantIndex};
use conclave_protocols::{Machine, Outgoing, Pair, Pairing, ProtocolError, Signing, Step};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{limits::MAX_FLIGHTS_AHEAD, message::TransportKey};

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

type Advanced = Result<Step<Running, Product>, ProtocolError>;

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

    fn advance(self, received: BTreeMap<ParticipantIndex, Vec<u8>>, rng: &mut impl CryptoRng) -> Advanced {
        Ok(match self {
            Self::Signing(machine) => match machine.advance(received, rng)? {
                Step::Next { machine, outgoing } => {
                    Step::Next { machine: Self::Signing(Box::new(machine)), outgoing }
                }
                Step::Done(signature) => Step::Done(Product::Signature(signature)),
            },
            Self::Pairing(machine) => match machine.advance(received, rng)? {
                Step::Next { machine, outgoing } => Step::Next { machine: Self::Pairing(machine), outgoing },
                Step::Done(pair) => Step::Done(Product::Pair(Box::new(pair))),
            },
        })
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

/// One run.
pub(crate) struct Session {
    pub(crate) purpose: Purpose,
    pub(crate) peers: BTreeMap<ParticipantIndex, TransportKey>,
    pub(crate) deadline: Duration,
    // `None` only while a step runs.
    machine: Option<Running>,
    flight: u8,
    inbox: BTreeMap<(u8, ParticipantIndex), Vec<u8>>,
}

/// What a step brought.
pub(crate) enum Progress {
    /// Sends these, by flight; waits for more.
    Waiting(Vec<(u8, Outgoing)>),
    /// Sends these; is done.
    Done(Vec<(u8, Outgoing)>, Product),
    /// Is over.
    Failed(ProtocolError),
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
        Self { purpose, peers, deadline, machine: Some(machine), flight: 1, inbox: BTreeMap::new() }
    }

    /// Takes a message. The first one of a flight counts: a repetition changes nothing.
    pub(crate) fn offer(&mut self, from: &TransportKey, flight: u8, payload: Vec<u8>) {
        let Some(from) = self.peers.iter().find(|(_, key)| *key == from).map(|(index, _)| *index) else {
            return;
        };
        let timely = flight >= self.flight && flight <= self.flight.saturating_add(MAX_FLIGHTS_AHEAD);
        if timely && payload.len() <= self.longest_message() {
            self.inbox.entry((flight, from)).or_insert(payload);
        }
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

    /// The longest message of any flight: what is longer is not kept.
    fn longest_message(&self) -> usize {
        match &self.machine {
            Some(Running::Signing(machine)) if machine.scheme().is_ecdsa() => 128 * 1024,
            Some(Running::Signing(_)) => 256,
            Some(Running::Pairing(_)) => 160 * 1024,
            None => 0,
        }
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

    /// Advances as far as the messages at hand allow.
    pub(crate) fn step(&mut self, rng: &mut impl CryptoRng) -> Progress {
        let mut sent = Vec::new();
        while self.missing().is_empty() {
            let Some(machine) = self.machine.take() else { break };
            let limit = machine.max_message_bytes();
            let mut received = BTreeMap::new();
            for from in machine.awaits() {
                let Some(payload) = self.inbox.remove(&(self.flight, *from)) else { continue };
                if payload.len() > limit {
                    return Progress::Failed(ProtocolError::WrongLength {
                        from: *from,
                        got: payload.len(),
                        expected: limit,
                    });
                }
                received.insert(*from, payload);
            }
            match machine.advance(received, rng) {
                Ok(Step::Next { machine, outgoing }) => {
                    self.flight = self.flight.saturating_add(1);
                    sent.extend(outgoing.into_iter().map(|message| (self.flight, message)));
                    self.machine = Some(machine);
                }
                Ok(Step::Done(product)) => return Progress::Done(sent, product),
                Err(error) => return Progress::Failed(error),
            }
        }
        Progress::Waiting(sent)
    }
}
