//! What will happen, in the order of time and, at one time, of planning.

use conclave_conditions::{Answer, Query};
use conclave_primitives::{BlockNumber, SessionId};
use conclave_worker::Effect;
use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    rc::Rc,
    time::Duration,
};

use crate::fault::Seat;

/// What happens at a time.
pub(super) enum Action {
    Block,
    Up(Seat),
    Down { seat: Seat, back: Option<Duration> },
    CutOff { seat: Seat, until: Duration },
    Rejoin(Seat),
    Finalized { seat: Seat, life: u64, block: BlockNumber },
    Deliver { from: Seat, to: Seat, life: u64, bytes: Rc<Vec<u8>>, intact: bool },
    PeerUp { seat: Seat, life: u64, peer: Seat, peer_life: u64 },
    PeerDown { seat: Seat, life: u64, peer: Seat, peer_life: u64 },
    Tick { seat: Seat, life: u64 },
    Answered { seat: Seat, life: u64, session: SessionId, answered: Box<(Query, Answer)> },
    Late { seat: Seat, life: u64, effect: Box<Effect> },
    RunOn { seat: Seat, life: u64, execution: SessionId },
}

struct Scheduled {
    at: Duration,
    order: u64,
    action: Action,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

/// The queue of events.
#[derive(Default)]
pub(super) struct Queue {
    events: BinaryHeap<Reverse<Scheduled>>,
    planned: u64,
}

impl Queue {
    pub(super) fn push(&mut self, at: Duration, action: Action) {
        self.planned += 1;
        self.events.push(Reverse(Scheduled { at, order: self.planned, action }));
    }

    /// When the next event is.
    pub(super) fn next_at(&self) -> Option<Duration> {
        self.events.peek().map(|Reverse(next)| next.at)
    }

    pub(super) fn pop(&mut self) -> Option<(Duration, Action)> {
        self.events.pop().map(|Reverse(next)| (next.at, next.action))
    }
}
