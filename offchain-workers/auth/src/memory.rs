//! What a member remembers between requests: tokens that were used, counters of passkeys, key sets of providers.
//! Everything is bounded, and forgotten when the process ends: none of it is worth more than a second login.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    limits::{MAX_SIGN_COUNTS, MAX_USED_TOKENS},
    token::KeySets,
};

/// What a member remembers between requests.
#[derive(Debug, Default)]
pub struct Memory {
    /// Key sets of providers.
    pub(crate) key_sets: KeySets,
    /// Hash of a token → the session key it served.
    tokens: Bounded<[u8; 32]>,
    /// Passkey → the last count, and the challenge it came with.
    counts: Bounded<(u32, [u8; 32])>,
}

impl Memory {
    /// Whether the token may serve this session key: it has served no other.
    pub(crate) fn may_serve(&self, token: &[u8; 32], session: &[u8; 32]) -> bool {
        self.tokens.get(token).is_none_or(|of| of == session)
    }

    pub(crate) fn note_token(&mut self, token: [u8; 32], session: [u8; 32]) {
        self.tokens.insert(token, session, MAX_USED_TOKENS);
    }

    /// Notes a passkey's counter. `false` if it did not grow (WebAuthn, 7.2, step 22): somebody copied the passkey. One
    /// assertion may be seen twice, by a node as gateway and as member.
    #[must_use]
    pub(crate) fn note_count(&mut self, passkey: [u8; 32], count: u32, challenge: [u8; 32]) -> bool {
        if let Some((last, of)) = self.counts.get(&passkey) {
            if (count, challenge) == (*last, *of) {
                return true;
            }
            // Passkeys that are synchronised have no counter: theirs stays 0.
            if (count != 0 || *last != 0) && count <= *last {
                return false;
            }
        }
        self.counts.insert(passkey, (count, challenge), MAX_SIGN_COUNTS);
        true
    }
}

/// A map that forgets what was put in first.
#[derive(Debug)]
struct Bounded<V> {
    entries: BTreeMap<[u8; 32], V>,
    order: VecDeque<[u8; 32]>,
}

impl<V> Default for Bounded<V> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<V> Bounded<V> {
    fn get(&self, key: &[u8; 32]) -> Option<&V> {
        self.entries.get(key)
    }

    fn insert(&mut self, key: [u8; 32], value: V, most: usize) {
        if self.entries.insert(key, value).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > most {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_should_grow_or_stay_zero() {
        let mut memory = Memory::default();
        assert!(memory.note_count([1; 32], 0, [1; 32]) && memory.note_count([1; 32], 0, [2; 32]));
        assert!(memory.note_count([1; 32], 5, [3; 32]) && memory.note_count([1; 32], 5, [3; 32]));
        assert!(!memory.note_count([1; 32], 5, [4; 32]) && !memory.note_count([1; 32], 0, [4; 32]));
        assert!(memory.note_count([1; 32], 6, [4; 32]));
    }

    #[test]
    fn memory_should_stay_bounded() {
        let mut memory = Memory::default();
        for number in 0..2 * MAX_USED_TOKENS as u64 {
            let mut token = [0; 32];
            token[..8].copy_from_slice(&number.to_le_bytes());
            memory.note_token(token, [0; 32]);
        }
        assert_eq!(memory.tokens.entries.len(), MAX_USED_TOKENS);
        assert_eq!(memory.tokens.order.len(), MAX_USED_TOKENS);
    }
}
