//! Registration of worker keys.

use super::mock::{account, execute, run_to, Balances, Committee, Test, Worker, ENDOWMENT, KEY_DEPOSIT};
use crate::{keys::ed25519_verify, Error, HoldReason};
use conclave_primitives::{WorkerKeyProofs, WorkerKeys};
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
fn a_key_should_serve_one_purpose() {
    execute(0, || {
        let (worker, who) = (Worker::new(7), account(7));
        let mut keys = worker.keys();
        keys.transport = keys.signing;
        let mut proofs = worker.proofs_for(&who, &keys);
        proofs.transport = proofs.signing;
        assert_noop!(
            Committee::register_worker_keys(RawOrigin::Signed(who).into(), keys, proofs),
            Error::<Test>::KeyInUse
        );
    });
}

#[test]
fn keys_that_anybody_can_sign_for_should_be_refused_although_their_proofs_are_good() {
    // The identity, points of order 2 and 4, and the identity in an encoding that is not canonical.
    let mut encodings = [[0; 32]; 4];
    encodings[0][0] = 1;
    for bytes in &mut encodings[1..3] {
        *bytes = [0xff; 32];
        bytes[31] = 0x7f;
    }
    (encodings[1][0], encodings[2][0]) = (0xec, 0xee);
    // R is the identity and s is 0.
    let mut anybodys = [0; 64];
    anybodys[0] = 1;
    execute(0, || {
        let (worker, who) = (Worker::new(7), account(7));
        for key in encodings {
            assert!(ed25519_verify(&key, b"whatever", &anybodys), "{key:?}");
            let register = |keys: WorkerKeys, forge: fn(&mut WorkerKeyProofs) -> &mut [u8; 64]| {
                let mut proofs = worker.proofs_for(&who, &keys);
                *forge(&mut proofs) = anybodys;
                Committee::register_worker_keys(RawOrigin::Signed(who.clone()).into(), keys, proofs)
            };
            let signing = WorkerKeys { signing: key, ..worker.keys() };
            assert_noop!(register(signing, |proofs| &mut proofs.signing), Error::<Test>::InvalidSigningKey);
            let transport = WorkerKeys { transport: key, ..worker.keys() };
            assert_noop!(
                register(transport, |proofs| &mut proofs.transport),
                Error::<Test>::InvalidTransportKey
            );
        }
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
