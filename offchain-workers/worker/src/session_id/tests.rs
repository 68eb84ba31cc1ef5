//! Every field that an id binds changes it.

use conclave_primitives::{
    Attempt, DecryptionIdentity, DecryptionStatement, EncodedPoint, Epoch, KeyId, OneTimeKey, PkpId, Scheme,
};
use std::collections::BTreeSet;

use super::*;
use crate::{task::Work, Task};

const ZERO: [u8; 32] = [0; 32];
const ONE: [u8; 32] = [1; 32];

fn index(value: u8) -> ParticipantIndex {
    ParticipantIndex::new(value).expect("not zero")
}

fn attempt(epoch: u32, attempt: u32) -> AttemptId {
    AttemptId { epoch: Epoch(epoch), attempt: Attempt(attempt) }
}

fn start() -> Start {
    Start {
        task: Task::Activate(attempt(1, 0)),
        committee: attempt(1, 0),
        attempt: 0,
        quorum: vec![index(1), index(2)],
        boots: vec![ZERO, ZERO],
        finalized: 0,
    }
}

fn must_differ(ids: &[SessionId]) {
    let mut seen = BTreeSet::new();
    for (number, id) in ids.iter().enumerate() {
        assert!(seen.insert(id), "number {number} is as one before");
    }
}

#[test]
fn dropping_any_bound_field_should_collide_nowhere() {
    let of = |pkp: u8, work| Resolved { key: KeyId::Pkp(PkpId([pkp; 32]), Curve::Secp256k1), work };
    let sign = |scheme, message: &[u8]| Work::Sign { scheme, message: message.to_vec() };
    let statement = |key: u8, identity: u8, client: u8| DecryptionStatement {
        public_key: EncodedPoint::truncate_from(vec![key; 48]),
        identity: DecryptionIdentity::LitV7 { condition: [identity; 32], plaintext: [3; 32] },
        client: OneTimeKey { in_g1: [client; 48], in_g2: [client; 96] },
    };
    let decrypt = |statements| of(0, Work::Decrypt { statements });
    let (one, two) = (statement(0, 0, 0), statement(0, 0, 1));
    let base = of(0, sign(Scheme::EcdsaSecp256k1, b"a"));
    let with_start = |change: &dyn Fn(&mut Start)| {
        let mut changed = start();
        change(&mut changed);
        session_id_of(&ZERO, &ZERO, &ZERO, &base, &changed)
    };
    let with_work = |resolved| session_id_of(&ZERO, &ZERO, &ZERO, &resolved, &start());
    must_differ(&[
        session_id_of(&ZERO, &ZERO, &ZERO, &base, &start()),
        session_id_of(&ONE, &ZERO, &ZERO, &base, &start()),
        session_id_of(&ZERO, &ONE, &ZERO, &base, &start()),
        session_id_of(&ZERO, &ZERO, &ONE, &base, &start()),
        with_start(&|start| start.committee = attempt(2, 0)),
        with_start(&|start| start.committee = attempt(1, 1)),
        with_start(&|start| start.attempt = 1),
        with_start(&|start| start.quorum = vec![index(1), index(3)]),
        with_start(&|start| start.boots = vec![ZERO, ONE]),
        with_work(of(1, sign(Scheme::EcdsaSecp256k1, b"a"))),
        with_work(of(0, sign(Scheme::Ed25519, b"a"))),
        with_work(of(0, sign(Scheme::EcdsaSecp256k1, b"b"))),
        with_work(decrypt(vec![one.clone()])),
        with_work(decrypt(vec![statement(1, 0, 0)])),
        with_work(decrypt(vec![statement(0, 1, 0)])),
        with_work(decrypt(vec![two.clone()])),
        with_work(decrypt(vec![one.clone(), two.clone()])),
        with_work(decrypt(vec![two, one])),
    ]);
}

#[test]
fn the_task_should_enter_by_its_id() {
    let resolved = Resolved {
        key: KeyId::Pkp(PkpId(ZERO), Curve::Secp256k1),
        work: Work::Sign { scheme: Scheme::EcdsaSecp256k1, message: Vec::new() },
    };
    let task = start().task.id(&ONE);
    assert_eq!(
        session_id(&ONE, &ZERO, &resolved, &start()),
        session_id_of(&ONE, &ZERO, &task, &resolved, &start())
    );
}

#[test]
fn dropping_any_field_of_a_pair_should_collide_nowhere() {
    let of = |genesis, of, curve, lower, higher, boot, nonce| {
        pair_session_id(genesis, of, curve, (index(lower), index(higher)), boot, nonce)
    };
    let (base, curve) = (attempt(1, 0), Curve::Secp256k1);
    must_differ(&[
        of(&ZERO, base, curve, 1, 3, &ZERO, &ZERO),
        of(&ONE, base, curve, 1, 3, &ZERO, &ZERO),
        of(&ZERO, attempt(2, 0), curve, 1, 3, &ZERO, &ZERO),
        of(&ZERO, attempt(1, 1), curve, 1, 3, &ZERO, &ZERO),
        of(&ZERO, base, Curve::Secp256r1, 1, 3, &ZERO, &ZERO),
        of(&ZERO, base, curve, 2, 3, &ZERO, &ZERO),
        of(&ZERO, base, curve, 1, 2, &ZERO, &ZERO),
        of(&ZERO, base, curve, 1, 3, &ONE, &ZERO),
        of(&ZERO, base, curve, 1, 3, &ZERO, &ONE),
    ]);
}

#[test]
fn dropping_any_field_of_a_proof_should_collide_nowhere() {
    must_differ(&[
        proof_session_id(&ZERO, &ZERO, &ZERO, &ZERO),
        proof_session_id(&ONE, &ZERO, &ZERO, &ZERO),
        proof_session_id(&ZERO, &ONE, &ZERO, &ZERO),
        proof_session_id(&ZERO, &ZERO, &ONE, &ZERO),
        proof_session_id(&ZERO, &ZERO, &ZERO, &ONE),
    ]);
}
