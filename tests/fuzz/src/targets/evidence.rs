//! Evidence against members, as the chain judges it.

use codec::{DecodeAll, Encode};
use conclave_primitives::{
    bls_share_message, flight_payload, frost_share_message, payload_hash, BlsSubject, EncodedPoint, Evidence,
    KeyId, MessageHeader, NonceCommitments, ParticipantIndex, Purpose, RootKeyId, Scheme, SessionId,
    SigningPackage, BLS_SHARE_FLIGHT, FROST_SHARE_FLIGHT,
};
use conclave_protocols::{Machine, PairStates, SigningKey, Step};
use conclave_runtime_dev::{Runtime, RuntimeCall};
use conclave_worker::{public_key, Body, Frame};
use ed25519_dalek::{Signer, SigningKey as Ed25519Key};
use frame_support::{
    dispatch::RawOrigin,
    traits::{Authorize, Hooks},
};
use sp_runtime::{traits::Dispatchable, transaction_validity::TransactionSource};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use crate::{
    fixture::{frame, index, rng, transport, GENESIS},
    runtime::{chain, key_share, serving, signed, worker_key, State},
};

/// Who is accused, and signs with [`OTHER`].
const ACCUSED: u8 = 2;
const OTHER: u8 = 1;
const MESSAGE: &[u8] = b"to the world";
const SESSION: SessionId = SessionId([5; 32]);
/// Sessions that begin with this are those in which the accused signs whatever it is told to. In all others it is honest.
const DISHONEST: u8 = 0xff;
/// All that the chain has verdicts on.
const JUDGED: [Scheme; 8] = [
    Scheme::Ed25519,
    Scheme::SchnorrRistretto255,
    Scheme::Sr25519,
    Scheme::SchnorrSecp256k1,
    Scheme::Bip340,
    Scheme::Bip340Taproot,
    Scheme::BlsG1,
    Scheme::BlsG2,
];

/// The first byte says whether the accused signs the rest, which is evidence. What it did not sign convicts nobody, and no
/// right share does that it did sign.
pub(crate) fn evidence(input: &[u8]) {
    let Some((how, bytes)) = input.split_first() else { return };
    let Ok(mut evidence) = Evidence::decode_all(&mut &*bytes) else { return };
    // Maps are decoded in any order. What is signed, and what the pool knows a call by, is encoded anew.
    assert_eq!(Evidence::decode_all(&mut evidence.encode().as_slice()).as_ref(), Ok(&evidence));
    let is_dishonest = how & 1 != 0;
    if is_dishonest {
        sign(&mut evidence);
    } else if evidence.header().session.0[0] == DISHONEST {
        return;
    }
    chain(State::Serving).execute_with(|| {
        let call = signed(RuntimeCall::Committee(accusation(evidence.clone())));
        let verdict =
            call.authorize(TransactionSource::InBlock).expect("workers' calls authorise themselves");
        assert!(is_dishonest || verdict.is_err(), "a member is convicted of what it never signed");
        if let Some(right) = right_share(&evidence).filter(|_| is_dishonest) {
            assert_eq!(verdict.is_err(), right, "whether the share is right");
        }
        if verdict.is_ok() {
            call.dispatch(RawOrigin::Authorized.into()).expect("what was authorised succeeds");
            pallet_committee::Pallet::<Runtime>::try_state(1).expect("the committee is sound");
        }
    });
}

/// Where all is as in an honest run but the share and the session, whether the share is as well.
fn right_share(evidence: &Evidence) -> Option<bool> {
    let place = |evidence: &Evidence| {
        let header = evidence.header();
        (header.attempt, header.flight, header.from, header.to)
    };
    honest().iter().filter(|run| place(run) == place(evidence)).find_map(|run| match (run, evidence) {
        (
            Evidence::FrostShare { share: right, key, package, .. },
            Evidence::FrostShare { share, key: of_key, package: of_package, .. },
        ) => (key == of_key && package == of_package).then_some(right == share),
        (
            Evidence::BlsShare { share: right, subject, .. },
            Evidence::BlsShare { share, subject: of_subject, .. },
        ) => (subject == of_subject).then_some(right == share),
        _ => None,
    })
}

/// As a report to the chain by another member.
pub(crate) fn accusation(evidence: Evidence) -> pallet_committee::Call<Runtime> {
    let reporter = worker_key(OTHER).verifying_key().to_bytes();
    pallet_committee::Call::report_fault { evidence: Box::new(evidence), reporter, signature: [0; 64] }
}

/// Has the accused sign all that the evidence says of it, in a session in which it may.
fn sign(evidence: &mut Evidence) {
    let signature = |header: &MessageHeader, hash: &[u8; 32]| {
        transport_key().sign(&header.signed_bytes(&GENESIS, hash)).to_bytes()
    };
    let of_message =
        |header: &MessageHeader, message: &[u8]| signature(header, &payload_hash(&flight_payload(message)));
    let dishonest = |header: &mut MessageHeader| {
        header.from = transport(ACCUSED);
        header.session.0[0] = DISHONEST;
    };
    match evidence {
        Evidence::Equivocation { header, payloads } => {
            dishonest(header);
            payloads.iter_mut().for_each(|one| one.signature = signature(header, &one.hash));
        }
        Evidence::FrostShare { header, share, signature, package, .. } => {
            dishonest(header);
            *signature = of_message(header, &frost_share_message(share, package));
        }
        Evidence::BlsShare { header, share, signature, subject } => {
            dishonest(header);
            // Of no key of the committee's, there is none.
            let public_key = public_key(&GENESIS, serving(), &subject.key).unwrap_or_default();
            let binding = subject.binding(&header.session, &public_key);
            *signature = of_message(header, &bls_share_message(&binding, share));
        }
    }
}

/// With which the accused signs messages.
fn transport_key() -> Ed25519Key {
    let key = Ed25519Key::from_bytes(&[ACCUSED + 100; 32]);
    assert_eq!(key.verifying_key().to_bytes(), transport(ACCUSED));
    key
}

/// What could be said against the accused after honest runs, one of each scheme.
fn honest() -> &'static [Evidence] {
    static HONEST: OnceLock<Vec<Evidence>> = OnceLock::new();
    HONEST.get_or_init(|| JUDGED.into_iter().map(honest_run).collect())
}

fn honest_run(scheme: Scheme) -> Evidence {
    let id = RootKeyId { curve: scheme.curve(), purpose: Purpose::Sign, index: 0 };
    let quorum: BTreeSet<ParticipantIndex> = [OTHER, ACCUSED].map(index).into();
    let start = |member: u8| {
        let key = SigningKey::new(scheme, key_share(member, id)).expect("sound");
        let mut rng = rng(member.into());
        key.sign(&PairStates::default(), &quorum, &SESSION, MESSAGE, &mut rng).expect("a sound quorum")
    };
    let ((_, by_other), (machine, own)) = (start(OTHER), start(ACCUSED));
    let (by_other, own) = (&by_other[0].payload, &own[0].payload);
    let flight =
        |number, message: &[u8]| frame(ACCUSED, OTHER, SESSION, number, &Body::Flight(message.to_vec()));
    let key = KeyId::Root(id);
    let message = MESSAGE.to_vec().try_into().expect("short");
    if !scheme.is_frost() {
        let Frame { header, signature, .. } = flight(BLS_SHARE_FLIGHT, own);
        let (_, share) = own.split_first_chunk::<32>().expect("what it is for, and the share");
        let share = share.to_vec().try_into().expect("a point");
        let quorum = quorum.try_into().expect("two");
        return Evidence::BlsShare {
            header,
            share,
            signature,
            subject: Box::new(BlsSubject { scheme, key, quorum, message }),
        };
    }
    let received = BTreeMap::from([(index(OTHER), by_other.clone())]);
    let Ok(Step::Next { outgoing, .. }) = machine.advance(received, &mut rng(9)) else { panic!("honest") };
    let sent = &outgoing[0].payload;
    let Frame { header, signature, .. } = flight(FROST_SHARE_FLIGHT, sent);
    let commitments = |message: &[u8]| {
        let (hiding, binding) = message[32..].split_at(scheme.curve().point_bytes());
        let point = |bytes: &[u8]| EncodedPoint::truncate_from(bytes.to_vec());
        NonceCommitments { hiding: point(hiding), binding: point(binding) }
    };
    let all = BTreeMap::from([(index(OTHER), commitments(by_other)), (index(ACCUSED), commitments(own))]);
    let package = SigningPackage {
        scheme,
        public_key: public_key(&GENESIS, serving(), &key).expect("a root key"),
        message,
        commitments: all.try_into().expect("two"),
    };
    let share = *sent.first_chunk::<32>().expect("the share, and what it is for");
    assert_eq!(&frost_share_message(&share, &package), sent, "the package is the session's");
    Evidence::FrostShare { header, share, signature, key, package: Box::new(package) }
}

/// One message, sent twice: another than that would be needed.
fn same_twice() -> Evidence {
    let sent = frame(ACCUSED, OTHER, SESSION, 1, &Body::Flight(vec![1; 96]));
    Evidence::Equivocation { header: sent.header, payloads: [sent.signed_payload(); 2] }
}

/// The honest runs, and the message, with something else in the place of what the accused said.
fn altered() -> Vec<Evidence> {
    let mut all = [honest(), &[same_twice()]].concat();
    for evidence in &mut all {
        match evidence {
            Evidence::Equivocation { payloads, .. } => payloads[1].hash = [2; 32],
            // Its lowest bits: of either byte order.
            Evidence::FrostShare { share, .. } => (share[0], share[31]) = (share[0] ^ 1, share[31] ^ 1),
            Evidence::BlsShare { share, .. } => {
                let last = share.len() - 1;
                let mut bytes = share.to_vec();
                bytes[last] ^= 1;
                *share = EncodedPoint::truncate_from(bytes);
            }
        }
    }
    all
}

/// Evidence that convicts the accused.
pub(crate) fn proofs() -> Vec<Evidence> {
    let mut proofs = altered();
    proofs.iter_mut().for_each(sign);
    proofs
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let all = [honest(), &[same_twice()], &altered()].concat();
    all.iter().flat_map(|evidence| [0, 1].map(|how| (how as u8, evidence).encode())).collect()
}

#[test]
fn proofs_should_convict_and_honest_runs_should_not() {
    let is_proven = |evidence| {
        chain(State::Serving).execute_with(|| {
            let call = signed(RuntimeCall::Committee(accusation(evidence)));
            matches!(call.authorize(TransactionSource::InBlock), Some(Ok(_)))
        })
    };
    for (number, evidence) in proofs().into_iter().enumerate() {
        assert!(is_proven(evidence), "{number}");
    }
    for (number, evidence) in [honest(), &[same_twice()], &altered()].concat().into_iter().enumerate() {
        assert!(!is_proven(evidence), "{number}");
    }
}
