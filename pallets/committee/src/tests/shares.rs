//! Wrong FROST signature shares: real signatures by a real sharing, and whoever spoils its share is convicted.

use super::{
    evidence::{accuse, header, in_epoch, invalid, UNPROVEN},
    mock::{account, index, submit, Committee, Offences, Test, Worker},
};
use crate::{CurrentCommittee, OffenceKind, SignatureShareOffence};
use conclave_primitives::{
    Attempt, AttemptId, Curve, EncodedPoint, Evidence, KeyId, KeysetId, MessageHeader, NonceCommitments,
    PkpId, Purpose, RootKey, RootKeyId, Scheme, SigningPackage,
};
use conclave_schemes::Ristretto255Schnorrkel;
use conclave_vss::{derive_public_key, derive_share, SecretScalar};
use frost_core::{
    keys::{generate_with_dealer, IdentifierList, KeyPackage, SecretShare, SigningShare, VerifyingShare},
    round1::{commit, SigningNonces},
    round2, Ciphersuite, Identifier, VerifyingKey,
};
use frost_ed25519::Ed25519Sha512;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

/// rand_core 0.10 for frost-core, which takes 0.6.
struct Older(ChaCha20Rng);

impl rand_core_06::RngCore for Older {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, destination: &mut [u8]) {
        self.0.fill_bytes(destination);
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.0.fill_bytes(destination);
        Ok(())
    }
}

impl rand_core_06::CryptoRng for Older {}

const QUORUM: [u8; 3] = [1, 2, 4];
const PKP: KeyId = pkp_key(Curve::Ed25519);
const RESULT: KeyId = result_key(Curve::Ed25519);

const fn pkp_key(curve: Curve) -> KeyId {
    KeyId::Pkp(PkpId([7; 32]), curve)
}

const fn result_key(curve: Curve) -> KeyId {
    KeyId::Root(RootKeyId { curve, purpose: Purpose::Result, index: 0 })
}

type Shares = BTreeMap<u8, [u8; 32]>;

fn point(bytes: Vec<u8>) -> EncodedPoint {
    EncodedPoint::try_from(bytes).expect("a point")
}

fn identifier<C: Ciphersuite>(member: u8) -> Identifier<C> {
    u16::from(member).try_into().expect("not zero")
}

fn bytes(scalar: Vec<u8>) -> [u8; 32] {
    scalar.try_into().expect("a scalar")
}

/// A root key shared among four, three of whom sign.
fn root<C: Ciphersuite>(curve: Curve, purpose: Purpose, number: u8, rng: &mut Older) -> (RootKey, Shares) {
    let (shares, _) = generate_with_dealer::<C, _>(4, 3, IdentifierList::Default, rng).expect("3 of 4");
    let of = |member: u8| -> &SecretShare<C> { &shares[&identifier(member)] };
    let commitments =
        of(1).commitment().serialize().expect("points").into_iter().map(point).collect::<Vec<_>>();
    let id = RootKeyId { curve, purpose, index: number };
    let root = RootKey { id, commitments: commitments.try_into().expect("three") };
    (root, (1..=4).map(|member| (member, bytes(of(member).signing_share().serialize()))).collect())
}

/// A run of FROST by members 1, 2 and 4: what they sign for, and their shares.
struct Run {
    key: KeyId,
    package: SigningPackage,
    shares: Shares,
}

/// The committee of epoch 1 gets keys; it signs with each of two.
fn with_keys(test: impl FnOnce([Run; 2])) {
    with_keys_for::<Ed25519Sha512>(Scheme::Ed25519, test);
}

fn with_keys_for<C: Ciphersuite>(scheme: Scheme, test: impl FnOnce([Run; 2])) {
    in_epoch(|| {
        let curve = scheme.curve();
        let mut rng = Older(ChaCha20Rng::seed_from_u64(1));
        let (result, of_result) = root::<C>(curve, Purpose::Result, 0, &mut rng);
        let (first, of_first) = root::<C>(curve, Purpose::Sign, 0, &mut rng);
        let (second, of_second) = root::<C>(curve, Purpose::Sign, 1, &mut rng);
        let publics = [&first, &second].map(|root| root.commitments[0].clone());
        let genesis = Committee::genesis();
        let pkp = PkpId([7; 32]);
        let derived = derive_public_key(curve, &genesis, KeysetId(0), &pkp, &publics).expect("derives");
        let derived_shares: Shares = (1..=4)
            .map(|member| {
                let roots = [&of_first, &of_second].map(|of| SecretScalar::from_bytes(of[&member]));
                let roots: Vec<_> = roots.iter().collect();
                let share = derive_share(curve, &genesis, KeysetId(0), &pkp, &roots).expect("derives");
                (member, *share.as_bytes())
            })
            .collect();
        let runs = [
            sign::<C>(
                (scheme, result_key(curve)),
                result.commitments[0].clone(),
                &of_result,
                b"to the chain",
                &mut rng,
            ),
            sign::<C>((scheme, pkp_key(curve)), derived, &derived_shares, b"to the world", &mut rng),
        ];
        CurrentCommittee::<Test>::mutate(|committee| {
            committee.as_mut().expect("serves").roots =
                vec![first, second, result].try_into().expect("three");
        });
        test(runs);
    });
}

fn sign<C: Ciphersuite>(
    (scheme, key): (Scheme, KeyId),
    public_key: EncodedPoint,
    shares: &Shares,
    message: &[u8],
    rng: &mut Older,
) -> Run {
    let secret = |member: u8| SigningShare::<C>::deserialize(&shares[&member]).expect("a scalar");
    let nonces: BTreeMap<u8, SigningNonces<C>> =
        QUORUM.into_iter().map(|member| (member, commit(&secret(member), rng).0)).collect();
    let commitments = nonces.iter().map(|(member, nonces)| (identifier(*member), *nonces.commitments()));
    let theirs = frost_core::SigningPackage::new(commitments.collect(), message);
    let encoded = |nonces: &SigningNonces<C>| NonceCommitments {
        hiding: point(nonces.commitments().hiding().serialize().expect("a point")),
        binding: point(nonces.commitments().binding().serialize().expect("a point")),
    };
    let ours: BTreeMap<_, _> =
        nonces.iter().map(|(member, nonces)| (index(*member), encoded(nonces))).collect();
    let shares = nonces
        .iter()
        .map(|(member, nonces)| {
            let verifying = VerifyingKey::deserialize(&public_key).expect("a point");
            let secret = secret(*member);
            let key =
                KeyPackage::new(identifier(*member), secret, VerifyingShare::from(secret), verifying, 3);
            (*member, bytes(round2::sign(&theirs, nonces, &key).expect("signs").serialize()))
        })
        .collect();
    let package = SigningPackage {
        scheme,
        public_key,
        message: message.to_vec().try_into().expect("short"),
        commitments: ours.try_into().expect("three"),
    };
    Run { key, package, shares }
}

impl Run {
    fn sent(&self, member: u8, share: [u8; 32]) -> Evidence {
        Worker::new(member).send_share(header(member, 3), share, self.key, self.package.clone())
    }

    fn spoilt(&self, member: u8) -> [u8; 32] {
        let mut share = self.shares[&member];
        share[5] ^= 1;
        share
    }
}

#[test]
fn a_wrong_share_should_convict_its_sender_with_either_kind_of_key() {
    must_convict::<Ed25519Sha512>(Scheme::Ed25519);
    must_convict::<Ristretto255Schnorrkel>(Scheme::Sr25519);
}

fn must_convict<C: Ciphersuite>(scheme: Scheme) {
    for which in 0..2 {
        with_keys_for::<C>(scheme, |runs| {
            let run = &runs[which];
            for member in [1, 2, 4] {
                let evidence = run.sent(member, run.shares[&member]);
                assert_eq!(submit(accuse(3, evidence)), invalid(UNPROVEN), "honest {member}");
            }
            submit(accuse(3, run.sent(4, run.spoilt(4)))).expect("wrong");
            let [reported] = Offences::get().try_into().expect("one");
            assert_eq!((reported.kind, reported.offender), (SignatureShareOffence::ID, account(4)));
            assert_eq!(submit(accuse(3, run.sent(4, run.spoilt(4)))), invalid(4), "once");
            // What is no scalar is wrong too.
            submit(accuse(3, run.sent(2, [0xff; 32]))).expect("wrong");
        });
    }
}

#[test]
fn a_right_share_should_convict_nobody_whatever_is_put_around_it() {
    with_keys(|runs| {
        let [result, pkp] = &runs;
        for run in &runs {
            for member in [1, 2, 4] {
                let evidence = run.sent(member, run.shares[&member]);
                assert_eq!(submit(accuse(3, evidence)), invalid(UNPROVEN), "honest {member}");
            }
        }
        // A package that the sender did not sign for: any part of it.
        let Evidence::FrostShare { header, share, signature, key, package } = pkp.sent(4, pkp.shares[&4])
        else {
            unreachable!()
        };
        let with = |key: KeyId, package: SigningPackage| {
            accuse(3, Evidence::FrostShare { header, share, signature, key, package: Box::new(package) })
        };
        let mut swapped = (*package).clone();
        for commitments in swapped.commitments.iter_mut().map(|(_, commitments)| commitments) {
            std::mem::swap(&mut commitments.hiding, &mut commitments.binding);
        }
        let mut longer = (*package).clone();
        longer.message.try_push(0).expect("short");
        for other in [swapped, longer, result.package.clone()] {
            assert_eq!(submit(with(PKP, other)), invalid(UNPROVEN));
        }
        // Another key than the package's: its public shares are none of this signature.
        let other_pkp = KeyId::Pkp(PkpId([8; 32]), Curve::Ed25519);
        for key in [RESULT, other_pkp] {
            assert_eq!(submit(with(key, (*package).clone())), invalid(UNPROVEN));
        }
        assert_eq!(submit(with(key, *package)), invalid(UNPROVEN));
        assert_eq!(Offences::get(), []);
    });
}

#[test]
fn a_wrong_share_should_count_where_it_was_sent_only() {
    with_keys(|[run, _]| {
        let sent = |header, member: u8| {
            let package = run.package.clone();
            accuse(3, Worker::new(member).send_share(header, run.spoilt(member), run.key, package))
        };
        // In another flight those bytes may be anything.
        assert_eq!(submit(sent(MessageHeader { flight: 1, ..header(4, 3) }, 4)), invalid(UNPROVEN));
        // Of an attempt that the chain knows nothing of.
        let unknown = AttemptId { attempt: Attempt(9), ..header(4, 3).attempt };
        assert_eq!(submit(sent(MessageHeader { attempt: unknown, ..header(4, 3) }, 4)), invalid(10));
        // By a member that is not in the quorum: it has no commitments there.
        let outside = Worker::new(3).send_share(header(3, 1), [1; 32], run.key, run.package.clone());
        assert_eq!(submit(accuse(1, outside)), invalid(UNPROVEN));
        // Signed by another member.
        let forged = Worker::new(2).send_share(header(4, 3), run.spoilt(4), run.key, run.package.clone());
        assert_eq!(submit(accuse(3, forged)), invalid(UNPROVEN));
        // A quorum of another size than t.
        let mut small = run.package.clone();
        small.commitments.remove(&index(1));
        let small = Worker::new(4).send_share(header(4, 3), run.spoilt(4), run.key, small);
        assert_eq!(submit(accuse(3, small)), invalid(UNPROVEN));
        assert_eq!(Offences::get(), []);
    });
}
