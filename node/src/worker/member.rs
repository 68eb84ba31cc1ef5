//! The worker as its driver runs it: a port, so that the guilty member of tests (`tests/guilty-node`) can be a wrapper
//! around an honest one, and the node needs no code for faults.

use super::{
    chain::FinalizedState,
    keys::{system_rng, SystemRng},
    sealed::Records,
};
use conclave_primitives::{AccountBytes, GenesisHash, WorkerKeyProofs, WorkerKeys};
use conclave_worker::{Effect, Event, Worker, WorkerSecrets, WorkerStatus};
use std::time::Duration;

/// What a driver runs. See [`Worker`], whose methods these are.
pub trait Member: Send {
    /// Takes one event; `now` is monotonic time since any fixed moment.
    fn handle(&mut self, now: Duration, event: Event, chain: &FinalizedState) -> Vec<Effect>;
    /// When it wants to be called at the latest.
    fn next_deadline(&self) -> Option<Duration>;
    /// For RPC and metrics.
    fn status(&self) -> WorkerStatus;
    /// Its public keys with proofs of possession, for their registration by `account`.
    fn prove_keys(&mut self, account: &AccountBytes) -> (WorkerKeys, WorkerKeyProofs);
    /// Its signature of a call that the node makes; `arguments` in SCALE.
    fn sign_call(&self, call: &str, arguments: &[u8]) -> [u8; 64];
}

/// Makes the member of a chain from its secrets and its records.
pub type MakeMember = fn(GenesisHash, WorkerSecrets, Records) -> Box<dyn Member>;

/// The worker itself: the [`MakeMember`] of every node that is not made to test others.
pub fn honest_member(genesis: GenesisHash, secrets: WorkerSecrets, records: Records) -> Box<dyn Member> {
    Box::new(Worker::new(genesis, secrets, records, system_rng()))
}

impl Member for Worker<Records, SystemRng> {
    fn handle(&mut self, now: Duration, event: Event, chain: &FinalizedState) -> Vec<Effect> {
        Worker::handle(self, now, event, chain)
    }

    fn next_deadline(&self) -> Option<Duration> {
        Worker::next_deadline(self)
    }

    fn status(&self) -> WorkerStatus {
        Worker::status(self)
    }

    fn prove_keys(&mut self, account: &AccountBytes) -> (WorkerKeys, WorkerKeyProofs) {
        Worker::prove_keys(self, account)
    }

    fn sign_call(&self, call: &str, arguments: &[u8]) -> [u8; 64] {
        Worker::sign_call(self, call, arguments)
    }
}
