//! What is on a member's disk.

use conclave_primitives::{Attempt, AttemptId, AttemptKind, AttemptPhase, AttemptView, Epoch, KeysetId};
use conclave_worker::{ChainView, Event, Worker};
use std::{sync::OnceLock, time::Duration};

use crate::chain::Chain;
use crate::fixture::{
    committee, encoded_dealings, index, keys, master_key, rng, seal, secrets, unseal, view, Disk, GENESIS,
};

const KEY: &str = "key.1-0";
const SHARES: &str = "shares.1-0";
/// Of the attempt that runs beside the committee.
const NEXT: AttemptId = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };
const NEXT_KEY: &str = "key.2-0";
const NEXT_DEALING: &str = "dealing.2-0";
const SEALED: [u8; 32] = [6; 32];

/// The records of member 1, that took its shares from the chain.
pub(crate) fn honest_disk() -> Disk {
    static RECORDS: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    let records = RECORDS.get_or_init(|| {
        let disk = Disk::of(1);
        let mut worker = Worker::new(GENESIS, secrets(1), disk.clone(), rng(1));
        worker.handle(Duration::ZERO, Event::Finalized(view()), &Chain { has_dealings: true });
        assert_eq!(worker.status().readiness.reachable, [index(1)], "holds its shares");
        let records = disk.0.borrow().clone();
        records.into_iter().collect()
    });
    let disk = Disk::default();
    disk.0.borrow_mut().extend(records.iter().cloned());
    disk
}

/// What the record of shares holds.
fn honest_shares() -> Vec<u8> {
    let disk = honest_disk();
    let records = disk.0.borrow();
    let key = unseal(&master_key(1), KEY, &records[KEY]);
    unseal(&key.try_into().expect("32 bytes"), SHARES, &records[SHARES])
}

/// The first byte says which record the others are, and whether they are the record itself or what is sealed in it.
pub(crate) fn record(input: &[u8]) {
    let Some((what, bytes)) = input.split_first() else { return };
    let disk = honest_disk();
    let put = |name: &str, record: Vec<u8>| drop(disk.0.borrow_mut().insert(name.to_owned(), record));
    let master = master_key(1);
    let holds = match what % 7 {
        0 => {
            let same = disk.0.borrow()[KEY] == bytes;
            put(KEY, bytes.to_vec());
            same
        }
        1 => {
            let same = disk.0.borrow()[SHARES] == bytes;
            put(SHARES, bytes.to_vec());
            same
        }
        2 => {
            put(KEY, seal(&master, KEY, bytes));
            false
        }
        3 => {
            put(KEY, seal(&master, KEY, &SEALED));
            put(SHARES, seal(&SEALED, SHARES, bytes));
            bytes == honest_shares()
        }
        4 => {
            put(NEXT_KEY, seal(&master, NEXT_KEY, &SEALED));
            put(NEXT_DEALING, seal(&SEALED, NEXT_DEALING, bytes));
            true
        }
        5 => {
            put(NEXT_DEALING, bytes.to_vec());
            true
        }
        // The name of a record of any attempt, in each of the folders.
        _ => {
            let name = String::from_utf8_lossy(bytes);
            ["key.", "dealing.", "shares.", ""].iter().for_each(|kind| put(&format!("{kind}{name}"), vec![]));
            return open(disk, None);
        }
    };
    open(disk, Some(holds));
}

fn open(disk: Disk, holds: Option<bool>) {
    let mut worker = Worker::new(GENESIS, secrets(1), disk, rng(2));
    let view = ChainView { attempt: Some(next()), ..view() };
    worker.handle(Duration::ZERO, Event::Finalized(view), &Chain { has_dealings: false });
    if let Some(holds) = holds {
        // Shares that are not those of the keys on chain are as good as none.
        assert_eq!(!worker.status().readiness.reachable.is_empty(), holds);
    }
    assert_eq!(worker.status().pairs, 0, "no pair was ever set up");
}

/// A key generation in which member 1 opens the dealing that it has on disk.
fn next() -> AttemptView {
    let members = committee().members.clone();
    AttemptView {
        id: NEXT,
        kind: AttemptKind::Keygen,
        keyset: KeysetId(1),
        dealers: members.clone(),
        members,
        threshold: 2,
        keys: keys(),
        round: 0,
        phase: AttemptPhase::Deal,
        deadline: 200,
        committed: vec![index(1)],
        dealt: Vec::new(),
        guilty_dealers: Vec::new(),
        guilty_members: Vec::new(),
        reported: Vec::new(),
        confirmed: Vec::new(),
        roots: Vec::new(),
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let with = |what: u8, bytes: &[u8]| [&[what], bytes].concat();
    let records = honest_disk().0.borrow().clone();
    let dealing = encoded_dealings().swap_remove(0).1;
    vec![
        with(0, &records[KEY]),
        with(1, &records[SHARES]),
        with(2, &SEALED),
        with(3, &honest_shares()),
        with(4, &dealing),
        with(5, &seal(&SEALED, NEXT_DEALING, &dealing)),
        with(6, b"1-0.secp256k1.2"),
        with(6, b"4294967295-4294967295"),
    ]
}
