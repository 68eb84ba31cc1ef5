//! A dealer of keys, and a network that delivers or tampers.

use conclave_primitives::{Curve, EncodedPoint, KeysetId, ParticipantIndex, PkpId, SessionId};
use conclave_protocols::{
    ecdsa::{EcdsaCurve, PairSetup, PairState},
    KeyShare, Machine, Outgoing, ProtocolError, Step,
};
use conclave_vss::{
    derive_commitments, derive_share, public_shares, Bls12381G1, Bls12381G2, Ed25519, Ristretto255,
    Secp256k1, Secp256r1, SecretScalar, SharingCurve,
};
use dkls23_core::protocols::{re_key::re_key, Parameters};
use ff::{Field, PrimeField};
use group::{Group, GroupEncoding};
use k256::Secp256k1 as K256;
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn index(value: u8) -> ParticipantIndex {
    ParticipantIndex::new(value).unwrap()
}

pub(crate) fn indices(values: impl IntoIterator<Item = u8>) -> BTreeSet<ParticipantIndex> {
    values.into_iter().map(index).collect()
}

/// Every subset of 1..=n with t elements.
pub(crate) fn quorums(t: u8, n: u8) -> Vec<BTreeSet<ParticipantIndex>> {
    (0u32..1 << n)
        .filter(|set| set.count_ones() == u32::from(t))
        .map(|set| indices((1..=n).filter(|i| set >> (i - 1) & 1 == 1)))
        .collect()
}

pub(crate) fn session(name: &str) -> SessionId {
    SessionId(conclave_primitives::blake2_256(name.as_bytes()))
}

/// A point of BLS12-381 outside the group: of an order that divides the cofactor, so that no pairing sees it.
pub(crate) fn cofactor_point<C: SharingCurve>() -> C::Group {
    let outside = |x| {
        let mut repr = <C::Group as GroupEncoding>::Repr::default();
        let [first, .., last] = repr.as_mut() else { unreachable!("48 or 96 bytes") };
        // Compressed.
        (*first, *last) = (0x80, x);
        let point = Option::<C::Group>::from(C::Group::from_bytes_unchecked(&repr))?;
        // By the order of the group: what is left is outside.
        let multiple = point * -C::Scalar::ONE + point;
        (!bool::from(multiple.is_identity())).then_some(multiple)
    };
    (0..).find_map(outside).unwrap()
}

/// A key and all its shares: what nobody has outside of tests.
pub(crate) struct Key {
    curve: Curve,
    threshold: u8,
    commitments: Vec<EncodedPoint>,
    shares: BTreeMap<ParticipantIndex, SecretScalar>,
}

impl Key {
    pub(crate) fn deal(curve: Curve, threshold: u8, n: u8, seed: u64) -> Self {
        match curve {
            Curve::Secp256k1 => Self::deal_on::<Secp256k1>(curve, threshold, n, seed),
            Curve::Ed25519 => Self::deal_on::<Ed25519>(curve, threshold, n, seed),
            Curve::Secp256r1 => Self::deal_on::<Secp256r1>(curve, threshold, n, seed),
            Curve::Ristretto255 => Self::deal_on::<Ristretto255>(curve, threshold, n, seed),
            Curve::Bls12381G1 => Self::deal_on::<Bls12381G1>(curve, threshold, n, seed),
            Curve::Bls12381G2 => Self::deal_on::<Bls12381G2>(curve, threshold, n, seed),
        }
    }

    /// The public counterpart of a secret.
    pub(crate) fn public_of(curve: Curve, secret: &[u8]) -> EncodedPoint {
        fn on<C: SharingCurve>(secret: &[u8]) -> EncodedPoint {
            let mut repr = <C::Scalar as PrimeField>::Repr::default();
            repr.as_mut().copy_from_slice(secret);
            let point = C::Group::generator() * C::Scalar::from_repr(repr).unwrap();
            EncodedPoint::truncate_from(point.to_bytes().as_ref().to_vec())
        }
        match curve {
            Curve::Secp256k1 => on::<Secp256k1>(secret),
            Curve::Ed25519 => on::<Ed25519>(secret),
            Curve::Secp256r1 => on::<Secp256r1>(secret),
            Curve::Ristretto255 => on::<Ristretto255>(secret),
            Curve::Bls12381G1 => on::<Bls12381G1>(secret),
            Curve::Bls12381G2 => on::<Bls12381G2>(secret),
        }
    }

    fn deal_on<C: SharingCurve>(curve: Curve, threshold: u8, n: u8, seed: u64) -> Self {
        let mut rng = rng(seed);
        let polynomial: Vec<C::Scalar> = (0..threshold).map(|_| C::Scalar::random(&mut rng)).collect();
        let commitments = polynomial
            .iter()
            .map(|a| EncodedPoint::truncate_from((C::Group::generator() * a).to_bytes().as_ref().to_vec()))
            .collect();
        let shares = (1..=n)
            .map(|x| {
                let at = C::Scalar::from(u64::from(x));
                let y = polynomial.iter().rev().fold(C::Scalar::ZERO, |sum, a| sum * at + a);
                (index(x), SecretScalar::from_bytes(y.to_repr().as_ref().try_into().unwrap()))
            })
            .collect();
        Self { curve, threshold, commitments, shares }
    }

    /// The key of a PKP, from two root keys.
    pub(crate) fn derive(roots: [&Self; 2], pkp: PkpId) -> Self {
        let [first, second] = roots;
        let (curve, genesis, keyset) = (first.curve, [7; 32], KeysetId(1));
        let commitments =
            derive_commitments(curve, &genesis, keyset, &pkp, &[&first.commitments, &second.commitments])
                .unwrap();
        let shares = first
            .shares
            .iter()
            .map(|(i, share)| {
                (*i, derive_share(curve, &genesis, keyset, &pkp, &[share, &second.shares[i]]).unwrap())
            })
            .collect();
        Self { curve, threshold: first.threshold, commitments, shares }
    }

    pub(crate) fn public_key(&self) -> &EncodedPoint {
        &self.commitments[0]
    }

    pub(crate) fn public_shares(&self) -> BTreeMap<ParticipantIndex, EncodedPoint> {
        public_shares(self.curve, &self.commitments, self.shares.keys().copied()).unwrap()
    }

    pub(crate) fn share(&self, index: ParticipantIndex) -> KeyShare {
        let secret = SecretScalar::from_bytes(*self.shares[&index].as_bytes());
        self.share_with(index, secret, self.public_shares()).unwrap()
    }

    /// A share with another secret, which the participant's own view of the public shares covers up.
    pub(crate) fn forged_share(&self, index: ParticipantIndex) -> KeyShare {
        let other = Self::deal(self.curve, self.threshold, u8::try_from(self.shares.len()).unwrap(), 666);
        let mut public = self.public_shares();
        public.insert(index, other.public_shares()[&index].clone());
        self.share_with(index, SecretScalar::from_bytes(*other.shares[&index].as_bytes()), public).unwrap()
    }

    pub(crate) fn share_with(
        &self,
        index: ParticipantIndex,
        secret: SecretScalar,
        public_shares: BTreeMap<ParticipantIndex, EncodedPoint>,
    ) -> Result<KeyShare, ProtocolError> {
        KeyShare::new(
            self.curve,
            index,
            self.threshold.into(),
            secret,
            self.public_key().clone(),
            public_shares,
        )
    }
}

pub(crate) type Pairs<C = K256> = BTreeMap<ParticipantIndex, PairState<C>>;

/// The set-up of one pair, by the protocol.
pub(crate) fn set_up_pair<C: EcdsaCurve>(
    a: ParticipantIndex,
    b: ParticipantIndex,
    setup: &SessionId,
) -> [PairState<C>; 2] {
    let mut rng = rng(0);
    let machines =
        [(a, b), (b, a)].map(|(me, peer)| (me, PairSetup::start(me, peer, setup, &mut rng).unwrap()));
    let mut outcomes = run(machines.into(), |_, _, _, _| ());
    [a, b].map(|i| outcomes.remove(&i).unwrap().must_be_done())
}

/// The set-up of all pairs of a committee, by the protocol.
pub(crate) fn set_up<C: EcdsaCurve>(n: u8) -> BTreeMap<ParticipantIndex, Pairs<C>> {
    let mut all: BTreeMap<ParticipantIndex, Pairs<C>> = BTreeMap::new();
    for a in 1..=n {
        for b in a + 1..=n {
            let [of_a, of_b] = set_up_pair(index(a), index(b), &session(&format!("pair {a} {b}")));
            all.entry(index(a)).or_default().insert(index(b), of_a);
            all.entry(index(b)).or_default().insert(index(a), of_b);
        }
    }
    all
}

/// The set-up of all pairs by a dealer, upstream's `re_key`, in the stored format: the protocol takes
/// a second a pair.
pub(crate) fn deal_pairs<C: EcdsaCurve>(n: u8) -> BTreeMap<ParticipantIndex, Pairs<C>> {
    let parameters = Parameters::new(2, n).unwrap();
    let secret = C::Scalar::random(&mut rng(1));
    let (parties, _) = re_key::<C>(&parameters, b"dealt", &secret, None, |_| String::new());
    let pairs_of = |party: &dkls23_core::protocols::Party<C>| {
        party
            .zero_share
            .seeds
            .iter()
            .map(|seed| {
                let (me, peer) = (party.party_index.as_u8(), seed.index_counterparty.as_u8());
                let mut bytes = vec![1, C::CURVE as u8, me, peer];
                bytes.extend(session(&format!("dealt {} {}", me.min(peer), me.max(peer))).0);
                bytes.extend(seed.seed);
                bytes.extend(postcard::to_allocvec(&party.mul_senders[&seed.index_counterparty]).unwrap());
                bytes.extend(postcard::to_allocvec(&party.mul_receivers[&seed.index_counterparty]).unwrap());
                (index(peer), PairState::from_bytes(&bytes).unwrap())
            })
            .collect()
    };
    parties.iter().map(|party| (index(party.party_index.as_u8()), pairs_of(party))).collect()
}

/// How a participant's run ended.
#[derive(Debug)]
pub(crate) enum Outcome<O> {
    Done(O),
    Failed(ProtocolError),
    /// Another failed first and owes it a message.
    Starved,
}

impl<O> Outcome<O> {
    pub(crate) fn must_be_done(self) -> O {
        match self {
            Self::Done(output) => output,
            Self::Failed(error) => panic!("failed: {error}"),
            Self::Starved => panic!("starved"),
        }
    }

    pub(crate) fn must_have_failed(self) -> ProtocolError {
        match self {
            Self::Done(_) => panic!("done"),
            Self::Failed(error) => error,
            Self::Starved => panic!("starved"),
        }
    }
}

/// Runs machines to their ends. `tamper` sees every message: flight (from 1), sender, recipient, bytes.
pub(crate) fn run<M: Machine>(
    started: BTreeMap<ParticipantIndex, (M, Vec<Outgoing>)>,
    mut tamper: impl FnMut(usize, ParticipantIndex, ParticipantIndex, &mut Vec<u8>),
) -> BTreeMap<ParticipantIndex, Outcome<M::Output>> {
    let mut rng = rng(99);
    let mut outcomes = BTreeMap::new();
    let mut running = started;
    for flight in 1.. {
        if running.is_empty() {
            break;
        }
        let mut inboxes: BTreeMap<ParticipantIndex, BTreeMap<ParticipantIndex, Vec<u8>>> = BTreeMap::new();
        for (from, (machine, outgoing)) in &running {
            let recipients: Vec<_> = outgoing.iter().map(|message| message.to).collect();
            assert_eq!(
                recipients,
                machine.awaits().iter().copied().collect::<Vec<_>>(),
                "one to each awaited"
            );
            for message in outgoing {
                let mut payload = message.payload.clone();
                if let Some((recipient, _)) = running.get(&message.to) {
                    assert!(payload.len() <= recipient.max_message_bytes(), "longer than announced");
                }
                tamper(flight, *from, message.to, &mut payload);
                inboxes.entry(message.to).or_default().insert(*from, payload);
            }
        }
        let mut next = BTreeMap::new();
        for (me, (machine, _)) in running {
            let inbox = inboxes.remove(&me).unwrap_or_default();
            if !machine.awaits().iter().all(|from| inbox.contains_key(from)) {
                outcomes.insert(me, Outcome::Starved);
                continue;
            }
            match machine.advance(inbox, &mut rng) {
                Ok(Step::Next { machine, outgoing }) => {
                    next.insert(me, (machine, outgoing));
                }
                Ok(Step::Done(output)) => {
                    outcomes.insert(me, Outcome::Done(output));
                }
                Err(error) => {
                    outcomes.insert(me, Outcome::Failed(error));
                }
            }
        }
        running = next;
    }
    outcomes
}
