//! What a member sends in a protocol: one of two tampers with one message, the other has to finish or say whose fault it is.

use conclave_primitives::{Curve, ParticipantIndex, Scheme, SessionId};
use conclave_protocols::{
    verify, Machine, Outgoing, Pair, PairStates, Pairing, SigningKey, Step, ECDSA_CURVES,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use crate::fixture::{committee, index, key_share, keys, rng};

const MESSAGE: [u8; 32] = [3; 32];
const SESSION: SessionId = SessionId([5; 32]);

/// What a member does to a message of its own.
pub(crate) struct Tampering<'a> {
    pub(crate) flight: u8,
    pub(crate) how: u8,
    pub(crate) at: usize,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Tampering<'a> {
    /// Which of several protocols, and what to do to it.
    fn parse(input: &'a [u8]) -> Option<(usize, Self)> {
        let ([which, flight, how, low, high], bytes) = input.split_first_chunk::<5>()?;
        let at = usize::from(u16::from_le_bytes([*low, *high]));
        Some((usize::from(*which), Self { flight: *flight % 4, how: *how, at, bytes }))
    }

    pub(crate) fn apply(&self, flight: u8, payload: &mut Vec<u8>) {
        if flight != self.flight {
            return;
        }
        // Long messages have tails, too.
        let at = if self.how & 8 == 0 { self.at } else { payload.len().saturating_sub(self.at) };
        let at = at.min(payload.len());
        match self.how % 4 {
            0 => *payload = self.bytes.to_vec(),
            1 => payload.iter_mut().skip(at).zip(self.bytes).for_each(|(to, from)| *to = *from),
            2 => payload.truncate(at),
            _ => payload.extend_from_slice(self.bytes),
        }
    }
}

/// Runs two members, the second under `tampering`; what the first one gets.
fn run<M: Machine>(
    mut started: [(M, Vec<Outgoing>); 2],
    tampering: &Tampering<'_>,
    check: impl FnOnce(M::Output),
) {
    let mut rngs = [rng(11), rng(12)];
    for flight in 1.. {
        let payload = |outgoing: &[Outgoing]| outgoing[0].payload.clone();
        let honest = payload(&started[1].1);
        let mut sent = honest.clone();
        tampering.apply(flight, &mut sent);
        let [(first, to_second), (second, _)] = started;
        let to_second = payload(&to_second);
        let tampered = sent != honest;
        let fits = sent.len() <= first.max_message_bytes();
        assert!(honest.len() <= first.max_message_bytes(), "longer than announced");
        let [rng1, rng2] = &mut rngs;
        let step = |machine: M, from: u8, payload, rng: &mut _| {
            assert_eq!(*machine.awaits(), BTreeSet::from([index(from)]));
            machine.advance(BTreeMap::from([(index(from), payload)]), rng)
        };
        let received = step(first, 2, sent, rng1);
        let other = step(second, 1, to_second, rng2);
        match (received, other) {
            (Ok(Step::Next { machine, outgoing }), Ok(Step::Next { machine: other, outgoing: others })) => {
                assert!(fits, "a message that the driver would have dropped");
                started = [(machine, outgoing), (other, others)];
            }
            (Ok(Step::Done(output)), _) => return check(output),
            (Err(error), _) => {
                assert!(error.culprits().iter().chain(&error.bans()).all(|who| *who == index(2)), "{error}");
                assert!(tampered || tampering.flight < flight, "honest members failed: {error}");
                return;
            }
            // The second gave up: the tampering was in an earlier flight.
            (Ok(Step::Next { .. }), Err(error)) => {
                assert!(tampering.flight < flight, "honest members failed: {error}");
                return;
            }
            (Ok(Step::Next { .. }), Ok(Step::Done(_))) => panic!("the second is done before the first"),
        }
    }
}

/// The first key of a curve, ready for a scheme, of members 1 and 2.
fn signing_keys(scheme: Scheme) -> &'static [SigningKey; 2] {
    static KEYS: OnceLock<BTreeMap<Scheme, [SigningKey; 2]>> = OnceLock::new();
    let all = KEYS.get_or_init(|| {
        let of = |scheme: Scheme| {
            let position = keys().iter().position(|key| key.curve == scheme.curve()).expect("of every curve");
            [1, 2].map(|member| SigningKey::new(scheme, key_share(member, position)).expect("sound"))
        };
        Scheme::ALL.into_iter().map(|scheme| (scheme, of(scheme))).collect()
    });
    &all[&scheme]
}

fn sign(scheme: Scheme, pairs: &[PairStates; 2], tampering: &Tampering<'_>) {
    let quorum = BTreeSet::from([index(1), index(2)]);
    let [one, two] = signing_keys(scheme);
    let start = |key: &SigningKey, pairs, seed| {
        key.sign(pairs, &quorum, &SESSION, &MESSAGE, &mut rng(seed)).expect("a sound quorum")
    };
    run([start(one, &pairs[0], 1), start(two, &pairs[1], 2)], tampering, |signature| {
        let root =
            committee().roots.iter().find(|root| root.id.curve == scheme.curve()).expect("of every curve");
        assert!(verify(scheme, &root.commitments[0], &MESSAGE, &signature), "a wrong signature came out");
    });
}

/// The signature that two members make, whose keys these are, in FROST or BLS.
pub(crate) fn honest_signature(keys: &[SigningKey; 2], message: &[u8]) -> Vec<u8> {
    let quorum = BTreeSet::from([index(1), index(2)]);
    let start = |key: &SigningKey, seed| {
        key.sign(&PairStates::default(), &quorum, &SESSION, message, &mut rng(seed)).expect("a sound quorum")
    };
    let untouched = Tampering { flight: 0, how: 0, at: 0, bytes: &[] };
    let mut made = Vec::new();
    run([start(&keys[0], 1), start(&keys[1], 2)], &untouched, |signature| made = signature);
    made
}

fn sign_with_one_of(schemes: &[Scheme], input: &[u8]) {
    if let Some((which, tampering)) = Tampering::parse(input) {
        sign(schemes[which % schemes.len()], &Default::default(), &tampering);
    }
}

/// Every scheme of FROST.
pub(crate) fn schnorr(input: &[u8]) {
    let schemes: Vec<_> = Scheme::ALL.into_iter().filter(|scheme| scheme.is_frost()).collect();
    sign_with_one_of(&schemes, input);
}

/// BLS in both groups.
pub(crate) fn bls(input: &[u8]) {
    sign_with_one_of(&[Scheme::BlsG2, Scheme::BlsG1], input);
}

/// Both curves of ECDSA.
pub(crate) fn ecdsa(input: &[u8]) {
    static PAIRS: OnceLock<[PairStates; 2]> = OnceLock::new();
    let pairs = PAIRS.get_or_init(|| {
        let mut states = <[PairStates; 2]>::default();
        for curve in ECDSA_CURVES {
            let pairs = set_up(*curve);
            states.iter_mut().zip(pairs).for_each(|(states, pair)| states.insert(pair));
        }
        states
    });
    if let Some((which, tampering)) = Tampering::parse(input) {
        let schemes = [Scheme::EcdsaSecp256k1, Scheme::EcdsaSecp256r1];
        sign(schemes[which % schemes.len()], pairs, &tampering);
    }
}

fn start_pair(curve: Curve, me: u8, peer: u8) -> (Pairing, Vec<Outgoing>) {
    Pairing::start(curve, index(me), index(peer), &SESSION, &mut rng(me.into())).expect("a curve with pairs")
}

/// Two honest members' set-up.
fn set_up(curve: Curve) -> [Pair; 2] {
    let mut running: BTreeMap<ParticipantIndex, _> =
        [(1, 2), (2, 1)].map(|(me, peer)| (index(me), (start_pair(curve, me, peer), index(peer)))).into();
    let mut pairs = Vec::new();
    while !running.is_empty() {
        let sent: BTreeMap<_, _> =
            running.iter().map(|(me, ((_, outgoing), _))| (*me, outgoing[0].payload.clone())).collect();
        for (me, ((machine, _), peer)) in std::mem::take(&mut running) {
            match machine.advance(BTreeMap::from([(peer, sent[&peer].clone())]), &mut rng(9)).expect("honest")
            {
                Step::Next { machine, outgoing } => drop(running.insert(me, ((machine, outgoing), peer))),
                Step::Done(pair) => pairs.push(pair),
            }
        }
    }
    pairs.try_into().expect("one each")
}

/// The set-up of a pair on both curves.
pub(crate) fn pair(input: &[u8]) {
    let Some((which, tampering)) = Tampering::parse(input) else { return };
    let curve = ECDSA_CURVES[which % ECDSA_CURVES.len()];
    run([start_pair(curve, 1, 2), start_pair(curve, 2, 1)], &tampering, |pair| {
        assert_eq!((pair.curve(), pair.index(), pair.counterparty()), (curve, index(1), index(2)));
        let bytes = pair.to_bytes().expect("a pair stores");
        let read = Pair::from_bytes(curve, &bytes).expect("and is read back");
        assert_eq!(read.to_bytes().expect("once more"), bytes);
    });
}

/// Tamperings of every kind with every flight, by protocol; flight 0 is none.
fn tamperings(protocols: u8, flights: u8) -> Vec<Vec<u8>> {
    let runs = (0..protocols).flat_map(|which| (0..=flights).map(move |flight| (which, flight)));
    let of =
        |(which, flight)| [0, 1, 2, 3, 9].map(|how| [&[which, flight, how, 33, 0][..], &[1; 64]].concat());
    runs.flat_map(of).collect()
}

pub(crate) fn of_schnorr() -> Vec<Vec<u8>> {
    tamperings(6, 2)
}

pub(crate) fn of_bls() -> Vec<Vec<u8>> {
    tamperings(2, 1)
}

pub(crate) fn of_ecdsa() -> Vec<Vec<u8>> {
    tamperings(2, 3)
}

/// Few: a set-up is heavy.
pub(crate) fn of_pairs() -> Vec<Vec<u8>> {
    vec![vec![0, 0, 0, 0, 0], vec![0, 1, 1, 2, 0, 1], vec![0, 2, 1, 200, 0, 1], vec![0, 2, 9, 1, 0, 1]]
}
