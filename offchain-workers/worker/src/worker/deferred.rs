//! Calls of coordinators whose finalized chain is ahead of ours: they wait until ours has caught up, or until nobody waits
//! for us any more.

use conclave_primitives::BlockNumber;
use std::time::Duration;

use crate::{
    limits::{EARLY_FRAME_LIFETIME, MAX_BLOCKS_AHEAD},
    message::TransportKey,
};

/// How many calls may wait.
pub(super) struct Room {
    pub(super) all: usize,
    pub(super) per_coordinator: usize,
    /// Of all coordinators together that are no members.
    pub(super) of_outsiders: usize,
}

/// A call that waits.
pub(super) struct Deferred<T> {
    pub(super) from: TransportKey,
    pub(super) is_outsider: bool,
    /// The coordinator's finalized block.
    pub(super) finalized: BlockNumber,
    /// When it came: it waits no longer for being deferred again.
    pub(super) arrived: Duration,
    pub(super) call: T,
}

impl<T> Deferred<T> {
    fn is_awaited(&self, now: Duration) -> bool {
        self.arrived.saturating_add(EARLY_FRAME_LIFETIME) >= now
    }
}

/// The calls of one kind that wait.
pub(super) struct DeferredCalls<T> {
    room: Room,
    waiting: Vec<Deferred<T>>,
}

impl<T> DeferredCalls<T> {
    pub(super) const fn new(room: Room) -> Self {
        Self { room, waiting: Vec::new() }
    }

    /// Gives a call back if our chain is where its coordinator's is. Otherwise it waits, if ours may be there soon.
    pub(super) fn admit(
        &mut self,
        now: Duration,
        finalized: BlockNumber,
        call: Deferred<T>,
    ) -> Option<Deferred<T>> {
        if call.finalized <= finalized {
            return Some(call);
        }
        if call.finalized <= finalized.saturating_add(MAX_BLOCKS_AHEAD) {
            self.hold(now, call);
        }
        None
    }

    /// Has a call wait, if there is room for it.
    fn hold(&mut self, now: Duration, call: Deferred<T>) {
        self.waiting.retain(|waiting| waiting.is_awaited(now));
        let of_coordinator = self.waiting.iter().filter(|waiting| waiting.from == call.from).count();
        let of_outsiders = self.waiting.iter().filter(|waiting| waiting.is_outsider).count();
        if self.waiting.len() < self.room.all
            && of_coordinator < self.room.per_coordinator
            && (!call.is_outsider || of_outsiders < self.room.of_outsiders)
        {
            self.waiting.push(call);
        }
    }

    /// Those that are to be tried again.
    pub(super) fn take(&mut self, now: Duration) -> Vec<Deferred<T>> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|call| call.is_awaited(now));
        waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(from: u8, is_outsider: bool, arrived: Duration) -> Deferred<()> {
        Deferred { from: [from; 32], is_outsider, finalized: 10, arrived, call: () }
    }

    /// How many of these are held.
    fn held(calls: &mut DeferredCalls<()>, now: Duration, of: impl Iterator<Item = (u8, bool)>) -> usize {
        let before = calls.waiting.len();
        of.for_each(|(from, is_outsider)| calls.hold(now, call(from, is_outsider, now)));
        calls.waiting.len() - before
    }

    #[test]
    fn neither_one_coordinator_nor_outsiders_should_take_all_the_room() {
        let mut calls = DeferredCalls::new(Room { all: 8, per_coordinator: 2, of_outsiders: 3 });
        let now = Duration::ZERO;
        assert_eq!(held(&mut calls, now, [(1, true); 4].into_iter()), 2);
        assert_eq!(held(&mut calls, now, (10..20).map(|from| (from, true))), 1, "outsiders together");
        assert_eq!(held(&mut calls, now, [(2, false); 4].into_iter()), 2);
        assert_eq!(held(&mut calls, now, (20..30).map(|from| (from, false))), 3, "and all");
        assert_eq!(calls.take(now).len(), 8);
        assert_eq!(held(&mut calls, now, [(1, true)].into_iter()), 1);
    }

    #[test]
    fn what_nobody_waits_for_should_neither_take_room_nor_be_tried_again() {
        let mut calls = DeferredCalls::new(Room { all: 1, per_coordinator: 1, of_outsiders: 1 });
        calls.hold(Duration::ZERO, call(1, false, Duration::ZERO));
        let later = EARLY_FRAME_LIFETIME + Duration::from_millis(1);
        assert_eq!(held(&mut calls, EARLY_FRAME_LIFETIME, [(2, false)].into_iter()), 0);
        calls.hold(later, call(2, false, later));
        assert_eq!(calls.take(later).iter().map(|call| call.from).collect::<Vec<_>>(), [[2; 32]]);
        calls.hold(later, call(2, false, later));
        assert!(calls.take(later + later).is_empty());
    }
}
