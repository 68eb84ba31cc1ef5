//! A node of the world.

use conclave_primitives::WorkerKeys;
use conclave_worker::{Worker, WorkerSecrets};
use rand_chacha::ChaCha20Rng;
use sp_runtime::AccountId32;
use std::{collections::BTreeMap, time::Duration};

use super::trouble::CrashIn;
use crate::{dice::Dice, disk::Disk, fault::Seat, malice::Malice};

/// A node: a member's, or the gateway outside the committee.
pub(crate) struct Node {
    pub(crate) account: AccountId32,
    pub(crate) keys: WorkerKeys,
    secret: [u8; 64],
    transport: [u8; 32],
    pub(crate) disk: Disk,
    /// `None` while it is down.
    pub(crate) worker: Option<Worker<Disk, ChaCha20Rng>>,
    /// Frames that it dropped in lives that ended.
    pub(super) dropped_before: u64,
    /// How often it was started: what was meant for an earlier life is lost.
    pub(super) life: u64,
    /// Peers it has an open channel to, with their life.
    pub(super) channels: BTreeMap<Seat, u64>,
    pub(super) tick: Option<Duration>,
    pub(crate) malice: Option<Malice>,
    /// Where it is to crash.
    pub(super) crash_in: Option<CrashIn>,
    /// For how long it stays down after a power cut.
    pub(super) down_after_cut: Option<Duration>,
}

impl Node {
    pub(super) fn secrets(&self) -> WorkerSecrets {
        WorkerSecrets::from_bytes(&self.secret, &self.transport).expect("the bytes are of worker secrets")
    }

    /// Everything of it that nobody else may learn.
    pub(crate) fn private_keys(&self) -> [&[u8]; 3] {
        [&self.secret[..32], &self.secret[32..], &self.transport]
    }

    /// The secret that its shares are sealed and dealt under.
    pub(crate) fn encryption_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key.copy_from_slice(&self.secret[..32]);
        key
    }
}

/// The node with the seat `last` is no validator ever.
pub(super) fn new_node(seat: Seat, last: Seat, rng: &mut ChaCha20Rng) -> Node {
    let transport = rng.bytes();
    let secrets = WorkerSecrets::random(&transport, rng);
    let account = if seat < last { AccountId32::new(rng.bytes()) } else { AccountId32::new([0xee; 32]) };
    Node {
        account,
        keys: secrets.public(),
        secret: *secrets.to_bytes(),
        transport,
        disk: Disk::default(),
        worker: None,
        dropped_before: 0,
        life: 0,
        channels: BTreeMap::new(),
        tick: None,
        malice: None,
        crash_in: None,
        down_after_cut: None,
    }
}
