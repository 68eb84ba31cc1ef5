//! Dealing keys: provided ahead, one for each attempt.

use super::{
    evidence::committee_of,
    keygen::running,
    mock::{
        account, execute, last_events, new_test_ext, run_to, set_dealing_key, submit, Committee, Test, Worker,
    },
};
use crate::{Call, CurrentCommittee, Event, Excluded, NextAttempt, Running, WorkerKeysOf};
use conclave_primitives::{worker_call_bytes, Attempt, AttemptId, Epoch};
use conclave_vss::{prove_worker_key, EncryptionSecret};
use frame_support::BoundedVec;
use frame_system::RawOrigin;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

const NOT_RUNNING: u8 = 1;
const ALREADY_DONE: u8 = 4;
const UNKNOWN_SIGNER: u8 = 12;

fn invalid(code: u8) -> Result<(), TransactionValidityError> {
    Err(InvalidTransaction::Custom(code).into())
}

fn bad_proof() -> Result<(), TransactionValidityError> {
    Err(InvalidTransaction::BadProof.into())
}

fn secret(seed: u8) -> EncryptionSecret {
    EncryptionSecret::random(&mut ChaCha20Rng::seed_from_u64(1_000 + u64::from(seed)))
}

/// Worker `number` provides the key of `seed` for this attempt.
fn provide_for(attempt: AttemptId, number: u8, seed: u8) -> Call<Test> {
    let (worker, secret) = (Worker::new(number), secret(seed));
    let (signer, dealing_key) = (worker.keys().signing, secret.public());
    let arguments = (signer, attempt, dealing_key);
    let statement = worker_call_bytes(&Committee::genesis(), "provide_dealing_key", &arguments);
    let proof = prove_worker_key(&secret, &statement, &mut ChaCha20Rng::seed_from_u64(0)).to_bytes();
    let signature = worker.sign("provide_dealing_key", &arguments);
    Call::provide_dealing_key { signer, attempt, dealing_key, proof, signature }
}

fn provide(number: u8, seed: u8) -> Call<Test> {
    provide_for(NextAttempt::<Test>::get(), number, seed)
}

fn provided(number: u8) -> Option<[u8; 32]> {
    WorkerKeysOf::<Test>::get(account(number)).expect("registered").dealing_key.map(|key| key.public)
}

#[test]
fn a_key_should_be_due_when_an_attempt_has_used_the_one_before() {
    execute(4, || {
        // The attempt deals to the first keys.
        assert_eq!(running().members[0].dealing_key, provided(1).expect("provided"));
        submit(provide(1, 1)).expect("due");
        assert_eq!(provided(1), Some(secret(1).public()));
        let event = Event::DealingKeyProvided { account: account(1), dealing_key: secret(1).public() };
        assert!(last_events().contains(&event));
        assert_ne!(running().members[0].dealing_key, secret(1).public(), "not for the one that runs");
        assert_eq!(submit(provide(1, 2)), invalid(ALREADY_DONE), "one ahead is enough");
        Committee::cancel_attempt(RawOrigin::Root.into()).expect("it runs");
        run_to(3);
        assert_eq!(running().members[0].dealing_key, secret(1).public());
        // Whoever provided none is dealt to with the one that it had.
        assert_eq!(running().members[1].dealing_key, Worker::new(2).keys().encryption);
        submit(provide(1, 2)).expect("due again");
    });
}

#[test]
fn an_old_call_should_bring_no_key_back() {
    execute(4, || {
        let first = provide(1, 1);
        submit(first.clone()).expect("due");
        assert_eq!(submit(first.clone()), invalid(ALREADY_DONE));
        Committee::cancel_attempt(RawOrigin::Root.into()).expect("it runs");
        run_to(3);
        submit(provide(1, 2)).expect("due");
        Committee::cancel_attempt(RawOrigin::Root.into()).expect("it runs");
        run_to(5);
        assert_eq!(submit(first), invalid(NOT_RUNNING));
        // Nor the key that is in use, for the right attempt.
        assert_eq!(submit(provide(1, 2)), invalid(ALREADY_DONE));
        let later = AttemptId { attempt: Attempt(9), ..NextAttempt::<Test>::get() };
        assert_eq!(submit(provide_for(later, 1, 3)), invalid(NOT_RUNNING));
    });
}

#[test]
fn only_the_worker_should_provide_a_key_and_only_one_that_it_holds() {
    execute(4, || {
        let Call::provide_dealing_key { signer, attempt, dealing_key, proof, signature } = provide(1, 1)
        else {
            panic!("another call")
        };
        let call = |signer, attempt, dealing_key, proof, signature| {
            submit(Call::provide_dealing_key { signer, attempt, dealing_key, proof, signature })
        };
        let other = secret(2).public();
        let (two, transport) = (Worker::new(2).keys().signing, Worker::new(1).keys().transport);
        assert_eq!(call(two, attempt, dealing_key, proof, signature), bad_proof(), "another's name");
        assert_eq!(call(signer, attempt, other, proof, signature), bad_proof(), "another key");
        assert_eq!(call(transport, attempt, dealing_key, proof, signature), invalid(UNKNOWN_SIGNER));
        assert_eq!(call([9; 32], attempt, dealing_key, proof, signature), invalid(UNKNOWN_SIGNER));
        // Signed rightly, without holding it.
        for key in [other, [0; 32], [0xff; 32]] {
            let signature = Worker::new(1).sign("provide_dealing_key", &(signer, attempt, key));
            assert_eq!(call(signer, attempt, key, proof, signature), bad_proof(), "{key:?}");
        }
        call(signer, attempt, dealing_key, proof, signature).expect("all right");
    });
}

/// No attempt has started, and the fourth has provided no key.
fn before_the_last_key() {
    Running::<Test>::kill();
    set_dealing_key(4, None);
}

#[test]
fn whoever_has_provided_none_should_be_in_no_committee() {
    new_test_ext(4, 5).execute_with(|| {
        before_the_last_key();
        // Waited for as the absent are.
        run_to(5);
        assert!(Running::<Test>::get().is_none());
        run_to(7);
        let members: Vec<_> = running().members.into_iter().map(|member| member.account).collect();
        assert_eq!(members, [1, 2, 3].map(account));
    });
}

#[test]
fn the_first_attempt_should_start_with_the_last_key() {
    new_test_ext(4, 4).execute_with(|| {
        before_the_last_key();
        run_to(3);
        assert!(Running::<Test>::get().is_none());
        submit(provide(4, 4)).expect("due");
        run_to(4);
        assert_eq!(running().members.len(), 4);
    });
}

/// Its worker has erased it with what that attempt dealt, as soon as another one runs.
#[test]
fn a_key_should_be_due_also_when_the_attempt_that_used_it_is_over() {
    execute(4, || {
        Committee::cancel_attempt(RawOrigin::Root.into()).expect("it runs");
        Excluded::<Test>::put(BoundedVec::truncate_from(vec![account(1)]));
        run_to(3);
        assert!(running().members.iter().all(|member| member.account != account(1)), "it sits this one out");
        submit(provide(1, 1)).expect("due");
        assert_eq!(submit(provide(1, 2)), invalid(ALREADY_DONE), "no attempt has used this one");
    });
}

#[test]
fn a_key_that_is_dealt_to_should_not_be_provided_again() {
    execute(4, || {
        Running::<Test>::kill();
        let mut committee = committee_of(1, &[1, 2, 3, 4]);
        committee.members[0].dealing_key = secret(1).public();
        CurrentCommittee::<Test>::put(committee);
        NextAttempt::<Test>::mutate(|next| next.epoch = Epoch(2));
        Committee::note_formation(NextAttempt::<Test>::get());
        set_dealing_key(1, None);
        assert_eq!(submit(provide(1, 1)), invalid(ALREADY_DONE));
        submit(provide(1, 2)).expect("another one");
    });
}
