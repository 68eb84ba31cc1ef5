//! Registration of worker keys.

use super::mock::{account, execute, run_to, Balances, Committee, Test, Worker, ENDOWMENT, KEY_DEPOSIT};
use crate::{Error, HoldReason};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use frame_system::RawOrigin;

fn register(number: u8, worker: &Worker) -> sp_runtime::DispatchResult {
    let who = account(number);
    let proofs = worker.proofs(&who);
    Committee::register_worker_keys(RawOrigin::Signed(who).into(), worker.keys(), proofs)
}

fn held(number: u8) -> u64 {
    Balances::balance_on_hold(&HoldReason::WorkerKeys.into(), &account(number))
}

#[test]
fn registering_should_hold_a_deposit_and_removing_should_return_it() {
    execute(0, || {
        assert_ok!(register(7, &Worker::new(7)));
        assert_eq!(held(7), KEY_DEPOSIT);
        // Other keys, the same deposit.
        assert_ok!(register(7, &Worker::new(8)));
        assert_eq!(held(7), KEY_DEPOSIT);
        assert_ok!(Committee::remove_worker_keys(RawOrigin::Signed(account(7)).into()));
        assert_eq!(held(7), 0);
        assert_eq!(Balances::free_balance(account(7)), ENDOWMENT);
        assert_noop!(
            Committee::remove_worker_keys(RawOrigin::Signed(account(7)).into()),
            Error::<Test>::NoWorkerKeys
        );
        // Both sets of keys are free again.
        assert_ok!(register(9, &Worker::new(7)));
        assert_ok!(register(7, &Worker::new(8)));
    });
}

#[test]
fn each_key_should_need_its_proof() {
    execute(0, || {
        let (worker, other) = (Worker::new(7), Worker::new(8));
        let who = account(7);
        let origin = || RawOrigin::Signed(account(7)).into();
        let good = worker.proofs(&who);
        let borrowed = other.proofs(&who);
        let mut proofs = good;
        proofs.encryption = borrowed.encryption;
        assert_noop!(
            Committee::register_worker_keys(origin(), worker.keys(), proofs),
            Error::<Test>::InvalidEncryptionProof
        );
        let mut proofs = good;
        proofs.signing = borrowed.signing;
        assert_noop!(
            Committee::register_worker_keys(origin(), worker.keys(), proofs),
            Error::<Test>::InvalidSigningProof
        );
        let mut proofs = good;
        proofs.transport = borrowed.transport;
        assert_noop!(
            Committee::register_worker_keys(origin(), worker.keys(), proofs),
            Error::<Test>::InvalidTransportProof
        );
        let mut keys = worker.keys();
        keys.encryption = [0; 32];
        assert_noop!(
            Committee::register_worker_keys(origin(), keys, good),
            Error::<Test>::InvalidEncryptionKey
        );
        // Proofs are for one account.
        assert_noop!(
            Committee::register_worker_keys(RawOrigin::Signed(account(8)).into(), worker.keys(), good),
            Error::<Test>::InvalidEncryptionProof
        );
    });
}

#[test]
fn a_key_should_serve_one_validator() {
    execute(0, || {
        assert_ok!(register(7, &Worker::new(7)));
        assert_noop!(register(8, &Worker::new(7)), Error::<Test>::KeyInUse);
    });
}

#[test]
fn members_should_keep_their_keys() {
    execute(4, || {
        run_to(2);
        assert_noop!(register(1, &Worker::new(11)), Error::<Test>::MemberOfCommittee);
        assert_noop!(
            Committee::remove_worker_keys(RawOrigin::Signed(account(1)).into()),
            Error::<Test>::MemberOfCommittee
        );
    });
}
