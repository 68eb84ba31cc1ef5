//! What a member remembers of the tasks it took part in, so that each attempt runs once and a served request is not
//! served again.

use conclave_primitives::PkpId;
use std::collections::BTreeMap;

use crate::{
    limits::{MAX_COORDINATORS_PER_TASK, MAX_SEEN_PER_PKP, MAX_SEEN_TASKS},
    message::TransportKey,
    Refusal,
};

/// In whose room a task is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quota {
    /// What the chain asks for.
    Chain,
    /// What clients ask for without a PKP.
    Clients,
    /// What one PKP does.
    Pkp(PkpId),
}

struct Entry {
    quota: Quota,
    /// The last attempt of each coordinator. Each has its own: a member that coordinates somebody else's request must
    /// not be able to shut out the gateway that the client asked.
    coordinators: BTreeMap<TransportKey, u8>,
    served: bool,
    valid_until: u32,
}

/// Tasks, until they expire.
#[derive(Default)]
pub(crate) struct TaskMemory(BTreeMap<[u8; 32], Entry>);

impl TaskMemory {
    /// Whether `coordinator` may start this attempt. What the chain itself asks for finds room always: it is one task at a
    /// time, and only members of its committee coordinate it.
    pub(crate) fn check(
        &self,
        task: &[u8; 32],
        quota: Quota,
        coordinator: &TransportKey,
        attempt: u8,
    ) -> Result<(), Refusal> {
        let Some(entry) = self.0.get(task) else {
            let has_room = match quota {
                Quota::Chain => true,
                Quota::Clients => self.0.len() < MAX_SEEN_TASKS,
                Quota::Pkp(_) => {
                    let of_pkp = self.0.values().filter(|entry| entry.quota == quota).count();
                    self.0.len() < MAX_SEEN_TASKS && of_pkp < MAX_SEEN_PER_PKP
                }
            };
            return if has_room { Ok(()) } else { Err(Refusal::Busy) };
        };
        match entry.coordinators.get(coordinator) {
            // Who started before it was served may finish: the bytes are the same.
            Some(last) if attempt > *last => Ok(()),
            None if quota == Quota::Chain => Ok(()),
            None if !entry.served && entry.coordinators.len() < MAX_COORDINATORS_PER_TASK => Ok(()),
            Some(_) | None => Err(Refusal::Replayed),
        }
    }

    /// Notes an attempt that [`Self::check`] let pass and that has started.
    pub(crate) fn note(
        &mut self,
        task: [u8; 32],
        quota: Quota,
        coordinator: TransportKey,
        attempt: u8,
        valid_until: u32,
    ) {
        let entry = self.0.entry(task).or_insert_with(|| Entry {
            quota,
            coordinators: BTreeMap::new(),
            served: false,
            valid_until,
        });
        entry.coordinators.insert(coordinator, attempt);
    }

    /// Notes that the task was served.
    pub(crate) fn served(&mut self, task: &[u8; 32]) {
        if let Some(entry) = self.0.get_mut(task) {
            entry.served = true;
        }
    }

    /// Whether this member knows of the task.
    pub(crate) fn knows(&self, task: &[u8; 32]) -> bool {
        self.0.contains_key(task)
    }

    /// Forgets what has expired: it is refused for that.
    pub(crate) fn forget(&mut self, finalized: u32) {
        self.0.retain(|_, entry| entry.valid_until >= finalized);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: [u8; 32] = [1; 32];
    const HONEST: TransportKey = [2; 32];
    const OTHER: TransportKey = [3; 32];

    #[test]
    fn each_attempt_should_run_once() {
        let mut memory = TaskMemory::default();
        assert_eq!(memory.check(&TASK, Quota::Clients, &HONEST, 0), Ok(()));
        memory.note(TASK, Quota::Clients, HONEST, 0, 9);
        assert_eq!(memory.check(&TASK, Quota::Clients, &HONEST, 0), Err(Refusal::Replayed));
        assert_eq!(memory.check(&TASK, Quota::Clients, &HONEST, 1), Ok(()));
    }

    #[test]
    fn a_second_coordinator_should_neither_shut_out_the_first_nor_come_after_the_signature() {
        let mut memory = TaskMemory::default();
        memory.note(TASK, Quota::Clients, OTHER, 0, 9);
        assert_eq!(memory.check(&TASK, Quota::Clients, &HONEST, 0), Ok(()));
        memory.note(TASK, Quota::Clients, HONEST, 0, 9);
        memory.served(&TASK);
        assert_eq!(memory.check(&TASK, Quota::Clients, &HONEST, 1), Ok(()), "may finish what it began");
        assert_eq!(memory.check(&TASK, Quota::Clients, &[4; 32], 0), Err(Refusal::Replayed));
        memory.forget(10);
        assert!(!memory.knows(&TASK));
    }

    #[test]
    fn what_the_chain_asks_for_should_find_room_with_any_number_of_coordinators() {
        let mut memory = TaskMemory::default();
        for task in 0..MAX_SEEN_TASKS {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&(task as u64).to_le_bytes());
            memory.note(id, Quota::Clients, HONEST, 0, 9);
        }
        assert_eq!(memory.check(&TASK, Quota::Clients, &HONEST, 0), Err(Refusal::Busy));
        for coordinator in 0..20 {
            assert_eq!(memory.check(&TASK, Quota::Chain, &[coordinator; 32], 0), Ok(()));
            memory.note(TASK, Quota::Chain, [coordinator; 32], 0, 9);
            assert_eq!(memory.check(&TASK, Quota::Chain, &[coordinator; 32], 0), Err(Refusal::Replayed));
        }
    }

    #[test]
    fn one_pkp_should_not_fill_the_memory() {
        let mut memory = TaskMemory::default();
        let pkp = Quota::Pkp(PkpId([5; 32]));
        for task in 0..MAX_SEEN_PER_PKP {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&(task as u64).to_le_bytes());
            assert_eq!(memory.check(&id, pkp, &HONEST, 0), Ok(()));
            memory.note(id, pkp, HONEST, 0, 9);
        }
        assert_eq!(memory.check(&[9; 32], pkp, &HONEST, 0), Err(Refusal::Busy));
        assert_eq!(memory.check(&[9; 32], Quota::Pkp(PkpId([6; 32])), &HONEST, 0), Ok(()));
    }
}
