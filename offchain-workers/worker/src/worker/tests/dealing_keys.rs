//! Dealing keys: made once, provided until the chain has them, kept as long as what was dealt to them.

use super::*;
use crate::{limits::RESUBMIT_AFTER, WorkerCall};

const SECOND: AttemptId = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };
const THIRD: AttemptId = AttemptId { epoch: Epoch(2), attempt: Attempt(1) };

fn due(provided: Option<[u8; 32]>, next: AttemptId) -> DealingKeyView {
    DealingKeyView { provided, is_due: true, next }
}

/// What the worker submits at this block; nothing, one key, never more.
fn provides(
    worker: &mut Worker<Disk, ChaCha20Rng>,
    finalized: u32,
    view: &DealingKeyView,
) -> Option<(AttemptId, [u8; 32])> {
    worker.view.finalized = finalized;
    worker.provide_dealing_key(view).expect("the disk works");
    let mut effects = std::mem::take(&mut worker.effects);
    assert!(effects.len() <= 1);
    match effects.pop()? {
        Effect::Submit(WorkerCall::ProvideDealingKey { attempt, dealing_key, .. }) => {
            Some((attempt, dealing_key))
        }
        other => panic!("{other:?}"),
    }
}

/// The worker is dealt to with this key in an attempt that runs.
fn deal_to(worker: &mut Worker<Disk, ChaCha20Rng>, id: AttemptId, dealing_key: [u8; 32]) {
    let mut attempt = confirming(id, &[]);
    attempt.members[0].dealing_key = dealing_key;
    worker.view.attempt = Some(attempt);
    worker.adopt_dealing_keys();
}

fn has(worker: &Worker<Disk, ChaCha20Rng>, attempt: AttemptId, key: [u8; 32]) -> bool {
    let secret = worker.store.dealing_key(attempt).expect("the disk works");
    secret.is_some_and(|secret| secret.public() == key)
}

fn has_next(worker: &Worker<Disk, ChaCha20Rng>, key: [u8; 32]) -> bool {
    worker.store.next_dealing_key(&key).expect("the disk works").is_some()
}

#[test]
fn a_key_should_be_provided_until_the_chain_has_it() {
    let mut worker = worker(1);
    let (attempt, first) = provides(&mut worker, 10, &due(None, FIRST)).expect("due");
    assert_eq!(attempt, FIRST);
    assert!(has_next(&worker, first), "on disk before anyone hears of it");
    assert_eq!(provides(&mut worker, 11, &due(None, FIRST)), None);
    assert_eq!(provides(&mut worker, 10 + RESUBMIT_AFTER, &due(None, FIRST)), Some((FIRST, first)));
    // The call was for an attempt that has started without it.
    let again = provides(&mut worker, 11 + RESUBMIT_AFTER, &due(None, SECOND));
    assert_eq!(again, Some((SECOND, first)));
    let there = DealingKeyView { is_due: false, ..due(Some(first), SECOND) };
    assert_eq!(provides(&mut worker, 90, &there), None);
    // Used: another one.
    let (_, second) = provides(&mut worker, 91, &due(Some(first), THIRD)).expect("due");
    assert_ne!(first, second);
}

#[test]
fn a_key_should_be_erased_with_the_attempt_that_deals_to_it() {
    let mut worker = worker(1);
    let (_, first) = provides(&mut worker, 10, &due(None, FIRST)).expect("due");
    deal_to(&mut worker, FIRST, first);
    assert!(has(&worker, FIRST, first));
    assert!(!has_next(&worker, first), "it is for no other attempt");
    // That attempt fails, and the next one deals to the same key.
    deal_to(&mut worker, SECOND, first);
    worker.store.keep(None, SECOND).expect("the disk works");
    assert!(has(&worker, SECOND, first));
    assert!(!has(&worker, FIRST, first));
    worker.store.keep(None, THIRD).expect("the disk works");
    assert!(!has(&worker, SECOND, first));
    // Nobody brings it back.
    worker.adopted.clear();
    deal_to(&mut worker, THIRD, first);
    assert!(!has(&worker, THIRD, first));
}

/// Or an old disk that was put back could have the chain deal to a key that others know.
#[test]
fn another_process_should_provide_another_key() {
    let mut worker = worker(1);
    let (_, first) = provides(&mut worker, 10, &due(None, FIRST)).expect("due");
    worker.providing = None;
    let (_, second) = provides(&mut worker, 11, &due(None, FIRST)).expect("due");
    assert_ne!(first, second);
    // The call of the process before may have come through.
    assert!(has_next(&worker, first));
    worker.providing = None;
    let (_, third) = provides(&mut worker, 12, &due(None, FIRST)).expect("due");
    assert_eq!(provides(&mut worker, 13, &due(Some(third), FIRST)).map(|(at, _)| at), Some(FIRST));
    let kept = [first, second, third].map(|key| has_next(&worker, key));
    assert_eq!(
        kept,
        [false, true, true],
        "but for the last before it, which a block may deal to that is not seen yet"
    );
}

/// The record of the first of these keys that are for coming attempts is damaged.
fn damage_first(worker: &mut Worker<Disk, ChaCha20Rng>) -> Vec<u8> {
    let record = worker.store.records_mut().0.get_mut("next-dealing-key.0").expect("it is there");
    let whole = record.clone();
    record.fill(0);
    whole
}

#[test]
fn a_damaged_record_should_take_no_other_key_with_it() {
    let mut worker = worker(1);
    let (_, first) = provides(&mut worker, 10, &due(None, FIRST)).expect("due");
    worker.providing = None;
    let (_, second) = provides(&mut worker, 11, &due(None, FIRST)).expect("due");
    damage_first(&mut worker);
    deal_to(&mut worker, FIRST, second);
    assert!(has(&worker, FIRST, second));
    let (_, third) = provides(&mut worker, 12, &due(Some(second), SECOND)).expect("due");
    let (_, fourth) = provides(&mut worker, 13, &due(Some(third), SECOND)).expect("due");
    assert!(has_next(&worker, third) && has_next(&worker, fourth), "none is written over another");
    assert!(!has_next(&worker, first));
    // It goes with the others that are not needed any more.
    let _ = provides(&mut worker, 14, &due(Some(fourth), THIRD)).expect("due");
    assert!(!worker.store.records_mut().0.contains_key("next-dealing-key.0"));
}

#[test]
fn a_key_on_its_way_should_be_replaced_when_its_record_is_damaged() {
    let mut worker = worker(1);
    let (_, first) = provides(&mut worker, 10, &due(None, FIRST)).expect("due");
    damage_first(&mut worker);
    assert_eq!(provides(&mut worker, 10 + RESUBMIT_AFTER, &due(None, FIRST)), None);
    let (_, second) = provides(&mut worker, 11 + RESUBMIT_AFTER, &due(None, FIRST)).expect("due");
    assert_ne!(first, second);
}

/// A machine that derives no key for a moment must not cost the seat.
#[test]
fn a_key_that_does_not_open_should_be_looked_for_again() {
    let mut worker = worker(1);
    let (_, first) = provides(&mut worker, 10, &due(None, FIRST)).expect("due");
    let whole = damage_first(&mut worker);
    deal_to(&mut worker, FIRST, first);
    assert!(!has(&worker, FIRST, first) && worker.adopted.is_empty());
    worker.store.records_mut().0.insert("next-dealing-key.0".to_owned(), whole);
    worker.adopt_dealing_keys();
    assert!(has(&worker, FIRST, first));
}
