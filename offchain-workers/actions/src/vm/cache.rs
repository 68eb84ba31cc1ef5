//! Compiled programs by what they are called: least recently used go first.

use super::{Language, Program};
use crate::Cid;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

type Key = (Language, Cid);

pub(super) struct Cache {
    bytes: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    programs: HashMap<Key, Entry>,
    bytes: usize,
    uses: u64,
}

struct Entry {
    program: Program,
    bytes: usize,
    used: u64,
}

impl Cache {
    pub(super) fn new(bytes: usize) -> Self {
        Self { bytes, entries: Mutex::default() }
    }

    pub(super) fn get(&self, key: &Key) -> Option<Program> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.uses = entries.uses.saturating_add(1);
        let now = entries.uses;
        let entry = entries.programs.get_mut(key)?;
        entry.used = now;
        Some(entry.program.clone())
    }

    pub(super) fn put(&self, key: Key, program: Program) {
        let bytes = match &program {
            Program::JavaScript(image, _) => image.bytes(),
            // wasmi's code is several times the module; its fuel was charged by the module's bytes.
            Program::Wasm(_, fuel) => (fuel / super::wasm::TRANSLATION_FUEL) as usize * 8,
        };
        if bytes > self.bytes / 4 {
            return;
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        while entries.bytes.saturating_add(bytes) > self.bytes {
            let oldest = entries.programs.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key);
            let Some(removed) = oldest.and_then(|oldest| entries.programs.remove(&oldest)) else { return };
            entries.bytes = entries.bytes.saturating_sub(removed.bytes);
        }
        let used = entries.uses;
        if entries.programs.insert(key, Entry { program, bytes, used }).is_none() {
            entries.bytes = entries.bytes.saturating_add(bytes);
        }
    }
}
