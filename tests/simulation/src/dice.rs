//! Draws from a seeded generator.

use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use rand_core::Rng;
use std::time::Duration;

/// The generators that one seed gives, by purpose: a draw more for one changes nothing for another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seeds(pub(crate) u64);

impl Seeds {
    pub(crate) fn stream(self, purpose: u64) -> ChaCha20Rng {
        let mut rng = ChaCha20Rng::seed_from_u64(self.0);
        rng.set_stream(purpose);
        rng
    }
}

pub(crate) trait Dice {
    /// From `low` to `high`, both included.
    fn within(&mut self, bounds: [u64; 2]) -> u64;

    /// True in `percent` of 100 cases.
    fn percent(&mut self, percent: u64) -> bool {
        self.within([0, 99]) < percent
    }

    /// True in `per_mille` of 1,000 cases.
    fn per_mille(&mut self, per_mille: u64) -> bool {
        self.within([0, 999]) < per_mille
    }

    /// A time between two, to the microsecond.
    fn time_within(&mut self, bounds: [Duration; 2]) -> Duration {
        Duration::from_micros(self.within(bounds.map(|bound| bound.as_micros() as u64)))
    }

    fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.iter_mut().for_each(|byte| *byte = self.within([0, 255]) as u8);
        bytes
    }

    fn flip_a_bit(&mut self, bytes: &mut [u8]) {
        let Some(last) = bytes.len().checked_sub(1) else { return };
        let (at, bit) = (self.within([0, last as u64]) as usize, self.within([0, 7]));
        bytes[at] ^= 1 << bit;
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let last = items.len().checked_sub(1)?;
        items.get(self.within([0, last as u64]) as usize)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.within([0, end as u64]) as usize);
        }
    }
}

impl Dice for ChaCha20Rng {
    fn within(&mut self, [low, high]: [u64; 2]) -> u64 {
        // The bias is below 2^-40 for the small ranges that are drawn here.
        low + self.next_u64() % (high - low + 1)
    }
}
