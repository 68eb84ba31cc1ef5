//! The one shape of every protocol.

use conclave_primitives::ParticipantIndex;
use core::fmt;
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};

use crate::ProtocolError;

/// A message to send. The payload may hold what only its recipient may learn.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The recipient.
    pub to: ParticipantIndex,
    /// The bytes.
    pub payload: Vec<u8>,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing {{ to: {:?}, payload: {} bytes }}", self.to, self.payload.len())
    }
}

/// What became of a machine.
pub enum Step<M, O> {
    /// The next flight: send these, then wait for what `machine` awaits.
    Next {
        /// The machine, one flight on.
        machine: M,
        /// The messages of the flight, at most one to each participant.
        outgoing: Vec<Outgoing>,
    },
    /// The result. Nothing more to send, nobody more to wait for.
    Done(O),
}

impl<M, O> fmt::Debug for Step<M, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Next { outgoing, .. } => {
                f.debug_struct("Next").field("outgoing", outgoing).finish_non_exhaustive()
            }
            Self::Done(_) => f.write_str("Done(..)"),
        }
    }
}

/// A participant's side of one run of a protocol, between two flights.
///
/// A flight is one message to, and one from, each participant that the machine [awaits](Self::awaits).
/// A machine is consumed by [`advance`](Self::advance), also when that fails: what it kept, a nonce
/// above all, serves once or never. Dropping a machine ends the run; it cannot be stored.
pub trait Machine: Sized {
    /// What the protocol yields.
    type Output;

    /// From whom this flight needs exactly one message each. Messages from others, or of another
    /// flight, are for the driver to hold back or drop.
    fn awaits(&self) -> &BTreeSet<ParticipantIndex>;

    /// The length that no message of this flight exceeds: a driver drops longer ones unread.
    fn max_message_bytes(&self) -> usize;

    /// Takes the flight's messages, each under the index that its transport authenticated.
    fn advance(
        self,
        received: BTreeMap<ParticipantIndex, Vec<u8>>,
        rng: &mut impl CryptoRng,
    ) -> Result<Step<Self, Self::Output>, ProtocolError>;
}

/// Checks that `received` is one flight: from whom it must be, each of `length` bytes.
pub(crate) fn check_flight(
    awaits: &BTreeSet<ParticipantIndex>,
    received: &BTreeMap<ParticipantIndex, Vec<u8>>,
    length: usize,
) -> Result<(), ProtocolError> {
    let senders: BTreeSet<_> = received.keys().copied().collect();
    if senders != *awaits {
        return Err(ProtocolError::IncompleteFlight {
            missing: awaits.difference(&senders).copied().collect(),
            unexpected: senders.difference(awaits).copied().collect(),
        });
    }
    match received.iter().find(|(_, payload)| payload.len() != length) {
        Some((from, payload)) => {
            Err(ProtocolError::WrongLength { from: *from, got: payload.len(), expected: length })
        }
        None => Ok(()),
    }
}
