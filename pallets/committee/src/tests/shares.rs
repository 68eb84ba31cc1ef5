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
use frost_ristretto255::Ristretto255Sha512;
use frost_secp256k1::Secp256K1Sha256;
use frost_secp256k1_tr::{keys::Tweak as _, Secp256K1Sha256TR};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};

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
    with_keys_for(Scheme::Ed25519, untweaked::<Ed25519Sha512>, 1, test);
}

/// What a member signs with, of its share.
type Tweak<C> = fn(KeyPackage<C>) -> KeyPackage<C>;

fn untweaked<C: Ciphersuite>(key: KeyPackage<C>) -> KeyPackage<C> {
    key
}

fn tweaked(key: KeyPackage<Secp256K1Sha256TR>) -> KeyPackage<Secp256K1Sha256TR> {
    key.tweak::<&[u8]>(None)
}

fn with_keys_for<C: Ciphersuite>(scheme: Scheme, tweak: Tweak<C>, seed: u64, test: impl FnOnce([Run; 2])) {
    in_epoch(|| {
        let curve = scheme.curve();
        let mut rng = Older(ChaCha20Rng::seed_from_u64(seed));
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
            sign(
                (scheme, result_key(curve), tweak),
                result.commitments[0].clone(),
                &of_result,
                b"to the chain",
                &mut rng,
            ),
            sign((scheme, pkp_key(curve), tweak), derived, &derived_shares, b"to the world", &mut rng),
        ];
        CurrentCommittee::<Test>::mutate(|committee| {
            committee.as_mut().expect("serves").roots =
                vec![first, second, result].try_into().expect("three");
        });
        test(runs);
    });
}

fn sign<C: Ciphersuite>(
    (scheme, key, tweak): (Scheme, KeyId, Tweak<C>),
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
            let key = tweak(KeyPackage::new(
                identifier(*member),
                secret,
                VerifyingShare::from(secret),
                verifying,
                3,
            ));
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
fn a_wrong_share_of_any_scheme_should_convict_its_sender_and_a_right_one_nobody() {
    must_convict(Scheme::Ed25519, untweaked::<Ed25519Sha512>);
    must_convict(Scheme::Sr25519, untweaked::<Ristretto255Schnorrkel>);
    must_convict(Scheme::SchnorrRistretto255, untweaked::<Ristretto255Sha512>);
    must_convict(Scheme::SchnorrSecp256k1, untweaked::<Secp256K1Sha256>);
    must_convict(Scheme::Bip340, untweaked::<Secp256K1Sha256TR>);
    must_convict(Scheme::Bip340Taproot, tweaked);
}

/// Of several keys: BIP-340 negates the shares of those whose y is odd, and nonces whose sum's is.
fn must_convict<C: Ciphersuite>(scheme: Scheme, tweak: Tweak<C>) {
    let mut first_bytes = [BTreeSet::new(), BTreeSet::new()];
    for seed in 1..=8 {
        for (which, first_bytes) in first_bytes.iter_mut().enumerate() {
            with_keys_for(scheme, tweak, seed, |runs| {
                let run = &runs[which];
                first_bytes.insert(run.package.public_key[0]);
                let (member, context) = (QUORUM[seed as usize % 3], format!("{scheme:?}, seed {seed}"));
                for honest in QUORUM {
                    let evidence = run.sent(honest, run.shares[&honest]);
                    assert_eq!(submit(accuse(3, evidence)), invalid(UNPROVEN), "{context}: honest {honest}");
                }
                submit(accuse(3, run.sent(member, run.spoilt(member)))).expect(&context);
                let [reported] = Offences::get().try_into().expect("one");
                assert_eq!((reported.kind, reported.offender), (SignatureShareOffence::ID, account(member)));
                assert_eq!(submit(accuse(3, run.sent(member, run.spoilt(member)))), invalid(4), "once");
                // What is no scalar is wrong too.
                let other = QUORUM[(seed as usize + 1) % 3];
                submit(accuse(3, run.sent(other, [0xff; 32]))).expect(&context);
            });
        }
    }
    if scheme.curve() == Curve::Secp256k1 {
        assert_eq!(first_bytes, [[2, 3].into(), [2, 3].into()], "{scheme:?}: keys of both parities");
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
