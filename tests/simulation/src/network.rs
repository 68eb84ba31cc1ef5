//! What the network does to messages, as data.

use rand_chacha::ChaCha20Rng;
use std::{rc::Rc, time::Duration};

use crate::dice::Dice;

/// What may happen to every message, and to every notice of a finalized block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// How long a message takes.
    pub delay: [Duration; 2],
    /// Lost, per mille.
    pub lost: u64,
    /// Delivered twice, in percent; the second copy up to [`Self::late`] after the first.
    pub doubled: u64,
    /// Delivered with one bit flipped, per mille of the copies.
    pub corrupted: u64,
    /// Held back so that later ones overtake it, in percent, for up to [`Self::late`].
    pub reordered: u64,
    /// How long a message is held back at most.
    pub late: Duration,
    /// Calls of workers that follow the protocol that come to no pool, per mille.
    pub calls_lost: u64,
    /// Notices of finalized blocks that a worker never gets, in percent.
    pub views_missed: u64,
    /// Notices that it gets twice, in percent.
    pub views_doubled: u64,
}

impl Network {
    /// A network without faults.
    pub const CALM: Self = Self {
        delay: [Duration::from_millis(2), Duration::from_millis(60)],
        lost: 0,
        doubled: 0,
        corrupted: 0,
        reordered: 0,
        late: Duration::ZERO,
        calls_lost: 0,
        views_missed: 0,
        views_doubled: 5,
    };

    /// Messages lost, corrupted, doubled and reordered; how often differs by seed. As often as leaves every phase of an
    /// attempt and every request enough tries: all messages of a session of ten have to arrive.
    pub(crate) fn rough(rng: &mut ChaCha20Rng) -> Self {
        Self {
            delay: [Duration::from_millis(5), Duration::from_millis(rng.within([50, 200]))],
            lost: rng.within([3, 10]),
            doubled: rng.within([5, 30]),
            corrupted: 5,
            reordered: rng.within([5, 40]),
            late: Duration::from_millis(rng.within([500, 2_000])),
            calls_lost: rng.within([0, 20]),
            views_missed: rng.within([0, 20]),
            views_doubled: rng.within([0, 30]),
        }
    }

    /// After what time the copies of a message arrive; none if it is lost.
    pub(crate) fn arrivals(&self, rng: &mut ChaCha20Rng, counts: &mut MessageCounts) -> Vec<Duration> {
        counts.sent += 1;
        if rng.per_mille(self.lost) {
            counts.lost += 1;
            return Vec::new();
        }
        let mut first = rng.time_within(self.delay);
        if rng.percent(self.reordered) {
            counts.reordered += 1;
            first += rng.time_within([Duration::ZERO, self.late]);
        }
        let mut arrivals = vec![first];
        if rng.percent(self.doubled) {
            counts.doubled += 1;
            arrivals.push(first + rng.time_within([Duration::ZERO, self.late]));
        }
        arrivals
    }

    /// A copy on its way, and whether it is still what was sent.
    pub(crate) fn carry(
        &self,
        bytes: &Rc<Vec<u8>>,
        rng: &mut ChaCha20Rng,
        counts: &mut MessageCounts,
    ) -> (Rc<Vec<u8>>, bool) {
        if !rng.per_mille(self.corrupted) {
            return (Rc::clone(bytes), true);
        }
        counts.corrupted += 1;
        let mut bytes = Vec::clone(bytes);
        rng.flip_a_bit(&mut bytes);
        (Rc::new(bytes), false)
    }
}

/// The fate of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCounts {
    /// Handed to the network.
    pub sent: u64,
    /// Lost by it.
    pub lost: u64,
    /// Delivered twice.
    pub doubled: u64,
    /// Of the copies, those that were corrupted.
    pub corrupted: u64,
    /// Held back.
    pub reordered: u64,
    /// Calls of workers that came to no pool.
    pub calls_lost: u64,
    /// Notices of finalized blocks that a worker never got.
    pub views_missed: u64,
    /// Notices that it got twice.
    pub views_doubled: u64,
    /// Of an OT set-up, in a scenario without.
    pub set_up: u64,
}
