//! Runs of three of four members, and what their messages prove.

use conclave_primitives::{AttemptKind, Curve, Epoch, KeysetId, Member, Purpose, RootKey, RootKeyId};
use conclave_protocols::{KeyShare, Machine, Outgoing, PairStates, Signing, SigningKey, Step};
use conclave_vss::{public_shares, Bls12381G1, Ed25519, EncryptionSecret, SecretScalar, SharingCurve};
use ff::{Field, PrimeField};
use group::{Group, GroupEncoding};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::{
    message::{Body, Frame},
    WorkerSecrets,
};

const GENESIS: GenesisHash = [7; 32];
const SESSION: SessionId = SessionId([5; 32]);
const MESSAGE: &[u8] = b"a message";
const QUORUM: [u8; 3] = [1, 2, 3];
/// Who lies.
const LIAR: u8 = 3;
const NOBODY: [u8; 0] = [];

fn index(value: u8) -> ParticipantIndex {
    ParticipantIndex::new(value).expect("not zero")
}

fn quorum() -> Vec<ParticipantIndex> {
    QUORUM.map(index).to_vec()
}

fn secrets(seed: u8) -> WorkerSecrets {
    let mut scalar = [0; 32];
    scalar[0] = seed;
    WorkerSecrets::new(EncryptionSecret::from_bytes(&scalar).expect("small"), &[seed; 32], &[seed + 100; 32])
}

/// A committee of four with one key, and the shares of all.
fn member(seed: u8) -> Member {
    let keys = secrets(seed).public();
    Member { account: [seed; 32], keys, dealing_key: keys.encryption }
}

fn dealt<C: SharingCurve>(curve: Curve) -> (Committee, Vec<KeyShare>) {
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let polynomial: Vec<C::Scalar> = (0..3).map(|_| C::Scalar::random(&mut rng)).collect();
    let point =
        |a: &C::Scalar| EncodedPoint::truncate_from((C::Group::generator() * a).to_bytes().as_ref().to_vec());
    let commitments: Vec<EncodedPoint> = polynomial.iter().map(point).collect();
    let publics = public_shares(curve, &commitments, (1..=4).map(index)).expect("points");
    let share = |x: u8| {
        let at = C::Scalar::from(u64::from(x));
        let y = polynomial.iter().rev().fold(C::Scalar::ZERO, |sum, a| sum * at + a);
        let secret = SecretScalar::from_bytes(y.to_repr().as_ref().try_into().expect("32 bytes"));
        KeyShare::new(curve, index(x), 3, secret, commitments[0].clone(), publics.clone()).expect("a share")
    };
    let shares = (1..=4).map(share).collect();
    let id = RootKeyId { curve, purpose: Purpose::Sign, index: 0 };
    let committee = Committee {
        epoch: Epoch(1),
        attempt: conclave_primitives::Attempt(0),
        kind: AttemptKind::Keygen,
        keyset: KeysetId(0),
        members: (1..=4).map(member).collect(),
        threshold: 3,
        roots: vec![RootKey { id, commitments: commitments.try_into().expect("three") }],
        confirmed: Vec::new(),
    };
    (committee, shares)
}

/// A run of the quorum, and what each received.
struct Run {
    committee: Committee,
    scheme: Scheme,
    transcripts: BTreeMap<ParticipantIndex, Transcript>,
}

impl Run {
    /// Of which `tamper` changes messages by flight and recipient, before their sender, the liar, signs them.
    fn new(scheme: Scheme, mut tamper: impl FnMut(u8, u8, &mut Vec<u8>)) -> Self {
        let (committee, shares) = match scheme {
            Scheme::Ed25519 => dealt::<Ed25519>(scheme.curve()),
            _ => dealt::<Bls12381G1>(scheme.curve()),
        };
        let mut rng = ChaCha20Rng::from_seed([2; 32]);
        let all: BTreeSet<_> = quorum().into_iter().collect();
        let mut transcripts = BTreeMap::new();
        let mut running: BTreeMap<ParticipantIndex, (Signing, Vec<Outgoing>)> = BTreeMap::new();
        for (member, share) in quorum().into_iter().zip(shares) {
            let key = SigningKey::new(scheme, share).expect("a key");
            let started =
                key.sign(&PairStates::default(), &all, &SESSION, MESSAGE, &mut rng).expect("starts");
            let own = started.1[0].payload.clone();
            transcripts.insert(member, Transcript { own, received: Vec::new() });
            running.insert(member, started);
        }
        for flight in 1..=2 {
            let mut inboxes: BTreeMap<ParticipantIndex, BTreeMap<_, _>> = BTreeMap::new();
            for (from, (_, outgoing)) in &running {
                for Outgoing { to, payload } in outgoing {
                    let mut message = payload.clone();
                    if *from == index(LIAR) {
                        tamper(flight, to.get(), &mut message);
                    }
                    let received = signed(&committee, flight, *from, *to, message.clone());
                    transcripts.get_mut(to).expect("of the quorum").received.push(received);
                    inboxes.entry(*to).or_default().insert(*from, message);
                }
            }
            let mut next = BTreeMap::new();
            for (member, (machine, _)) in running {
                let inbox = inboxes.remove(&member).unwrap_or_default();
                if let Ok(Step::Next { machine, outgoing }) = machine.advance(inbox, &mut rng) {
                    next.insert(member, (machine, outgoing));
                }
            }
            running = next;
        }
        Self { committee, scheme, transcripts }
    }

    fn honest(scheme: Scheme) -> Self {
        Self::new(scheme, |_, _, _| {})
    }

    /// Whom the transcripts of these prove guilty.
    fn guilty(&self, of: &[u8]) -> Vec<u8> {
        let quorum = quorum();
        let arbiter = self.arbiter(&quorum);
        let account = |by: &u8| (index(*by), arbiter.admit(index(*by), &self.transcripts[&index(*by)]));
        let accounts = of.iter().map(account).collect();
        arbiter.guilty(&accounts).into_iter().map(ParticipantIndex::get).collect()
    }

    fn is_at_variance(&self, by: u8) -> bool {
        let quorum = quorum();
        let arbiter = self.arbiter(&quorum);
        arbiter.is_at_variance(&arbiter.admit(index(by), &self.transcripts[&index(by)]))
    }

    fn arbiter<'a>(&'a self, quorum: &'a [ParticipantIndex]) -> Arbiter<'a> {
        Arbiter {
            genesis: &GENESIS,
            committee: &self.committee,
            session: SESSION,
            quorum,
            key: KeyId::Root(self.committee.roots[0].id),
            public_key: self.committee.roots[0].commitments[0].clone(),
            scheme: self.scheme,
            message: MESSAGE,
        }
    }

    fn of(&mut self, member: u8) -> &mut Transcript {
        self.transcripts.get_mut(&index(member)).expect("of the quorum")
    }
}

fn signed(
    committee: &Committee,
    flight: u8,
    from: ParticipantIndex,
    to: ParticipantIndex,
    message: Vec<u8>,
) -> Received {
    let body = Body::Flight(message.clone());
    let recipient = secrets(to.get()).public().transport;
    let frame = Frame::sign(
        &secrets(from.get()),
        &GENESIS,
        committee.attempt_id(),
        SESSION,
        flight,
        recipient,
        &body,
    );
    Received { flight, from, message, signature: frame.signature }
}

#[test]
fn an_honest_run_should_prove_nothing() {
    for scheme in [Scheme::Ed25519, Scheme::BlsG2] {
        let run = Run::honest(scheme);
        assert_eq!(run.guilty(&QUORUM), NOBODY, "{scheme}");
        assert!(!QUORUM.iter().any(|member| run.is_at_variance(*member)), "{scheme}");
    }
}

#[test]
fn a_wrong_share_should_prove_its_sender_guilty() {
    for (scheme, flight, at) in [(Scheme::Ed25519, 2, 3), (Scheme::BlsG2, 1, 40), (Scheme::BlsG2, 1, 3)] {
        let run = Run::new(scheme, |of, _, message| {
            if of == flight {
                message[at] ^= 1;
            }
        });
        for by in [1, 2] {
            assert_eq!(run.guilty(&[by]), [LIAR], "{scheme}, byte {at}, shown by {by}");
        }
    }
}

#[test]
fn what_is_no_message_should_prove_its_sender_guilty() {
    // The binding, a point, the length; and the second flight's length.
    let tampers: [fn(&mut Vec<u8>); 4] = [
        |message| message[0] ^= 1,
        |message| message[32..64].fill(0xff),
        |message| message.truncate(90),
        |message| message.push(0),
    ];
    for (flight, scheme) in [(1, Scheme::Ed25519), (1, Scheme::BlsG2)] {
        for (number, tamper) in tampers.iter().enumerate() {
            let run = Run::new(scheme, |of, _, message| {
                if of == flight {
                    tamper(message)
                }
            });
            assert_eq!(run.guilty(&[1]), [LIAR], "{scheme}, {number}");
        }
    }
    let run = Run::new(Scheme::Ed25519, |flight, _, message| {
        if flight == 2 {
            message.truncate(63)
        }
    });
    assert_eq!(run.guilty(&[2]), [LIAR]);
}

#[test]
fn two_tales_should_come_out_when_both_are_told() {
    let run = Run::new(Scheme::Ed25519, |flight, to, message| {
        if flight == 1 && to == 2 {
            // The two commitments in the other order: both are points.
            message[32..].rotate_left(32);
        }
    });
    assert!(run.is_at_variance(1) && run.is_at_variance(2));
    assert_eq!(run.guilty(&[1]), NOBODY, "either of the two may have told the other something else");
    assert_eq!(run.guilty(&[1, 2]), [LIAR]);
    // What the liar tells of itself helps as well.
    assert_eq!(run.guilty(&[2, LIAR]), [LIAR]);
}

#[test]
fn a_share_for_other_commitments_than_one_received_should_prove_guilt() {
    let run = Run::new(Scheme::Ed25519, |flight, _, message| {
        if flight == 2 {
            message[40] ^= 1
        }
    });
    assert!(run.is_at_variance(1));
    assert_eq!(run.guilty(&[1, 2]), NOBODY, "somebody may have told it something else");
    assert_eq!(run.guilty(&[1, 2, LIAR]), [LIAR], "it says itself that nobody did");
}

#[test]
fn nobody_should_be_guilty_by_what_it_did_not_sign() {
    for scheme in [Scheme::Ed25519, Scheme::BlsG2] {
        for position in 0..Run::honest(scheme).of(LIAR).received.len() {
            let mut run = Run::honest(scheme);
            run.of(LIAR).received[position].message[40] ^= 1;
            assert_eq!(run.guilty(&QUORUM), NOBODY, "{scheme}, {position}");
        }
        let mut run = Run::honest(scheme);
        // From itself, from who was not called, of another flight, and twice.
        let mut forged = run.of(LIAR).received[0].clone();
        forged.message[40] ^= 1;
        let (honest, committee) = (forged.message.clone(), run.committee.clone());
        let by_itself = signed(&committee, 1, index(LIAR), index(1), honest.clone());
        run.of(LIAR).received.push(Received { from: index(1), ..by_itself });
        run.of(LIAR).received.push(signed(&committee, 1, index(4), index(LIAR), honest));
        run.of(LIAR).received.push(Received { flight: 3, ..forged.clone() });
        run.of(LIAR).received.push(forged);
        assert_eq!(run.guilty(&QUORUM), NOBODY, "{scheme}");
        // What it says that it sent itself is its own.
        run.of(LIAR).own[40] ^= 1;
        assert_eq!(run.guilty(&QUORUM), [LIAR], "{scheme}");
    }
}
