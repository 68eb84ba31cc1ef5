//! Resharing: the key stays, every share changes, and no dealer can change either.

use conclave_primitives::{
    root_key_ids, threshold_of, Attempt, AttemptId, EncodedPoint, Epoch, ParticipantIndex, RootKeyId,
};
use conclave_vss::{
    combine_commitments, combine_shares, deal, open, public_share, share_matches, verify_dealing,
    Combination, ConstantTerms, Dealing, DealingContext, DealingFault, EncryptionSecret, SecretScalar,
    Secrets,
};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// A committee with its shares: `shares[member][key]`, `roots[key]`.
struct Committee {
    epoch: u32,
    threshold: u32,
    secrets: Vec<EncryptionSecret>,
    shares: Vec<Vec<SecretScalar>>,
    roots: Vec<Vec<EncodedPoint>>,
}

fn index(value: usize) -> ParticipantIndex {
    ParticipantIndex::from_position(value - 1).unwrap()
}

fn context(epoch: u32, dealer: usize) -> DealingContext {
    let attempt = AttemptId { epoch: Epoch(epoch), attempt: Attempt(0) };
    DealingContext { genesis: [7; 32], attempt, dealer: index(dealer) }
}

/// What the members with these secrets make of the dealings that stand.
fn receive(
    epoch: u32,
    secrets: Vec<EncryptionSecret>,
    combination: Combination,
    dealings: &[(usize, Dealing)],
    rng: &mut ChaCha20Rng,
) -> Committee {
    let keys = root_key_ids();
    let threshold = threshold_of(secrets.len() as u32);
    let roots: Vec<Vec<EncodedPoint>> = (0..keys.len())
        .map(|key| {
            let dealt: Vec<(ParticipantIndex, &[EncodedPoint])> = dealings
                .iter()
                .map(|(dealer, dealing)| (index(*dealer), dealing.keys[key].commitments.as_slice()))
                .collect();
            combine_commitments(keys[key].curve, combination, &dealt).unwrap()
        })
        .collect();
    let shares = (1..=secrets.len())
        .map(|member| {
            let opened: Vec<_> = dealings
                .iter()
                .map(|(dealer, dealing)| {
                    let secret = &secrets[member - 1];
                    let opened =
                        open(&context(epoch, *dealer), &keys, dealing, index(member), secret, rng).unwrap();
                    (index(*dealer), opened)
                })
                .collect();
            let of_key = |key: usize| opened.iter().map(move |(dealer, shares)| (*dealer, &shares[key]));
            let shares: Vec<_> = (0..keys.len())
                .map(|key| combine_shares(keys[key].curve, combination, of_key(key)).unwrap())
                .collect();
            for (key, share) in shares.iter().enumerate() {
                assert!(share_matches(keys[key].curve, &roots[key], index(member), share));
            }
            shares
        })
        .collect();
    Committee { epoch, threshold, secrets, shares, roots }
}

fn keygen(members: usize, rng: &mut ChaCha20Rng) -> Committee {
    let secrets: Vec<_> = (0..members).map(|_| EncryptionSecret::random(rng)).collect();
    let publics: Vec<_> = secrets.iter().map(EncryptionSecret::public).collect();
    let threshold = threshold_of(members as u32);
    let dealings: Vec<_> = (1..=members)
        .map(|dealer| {
            let keys = root_key_ids();
            (dealer, deal(&context(1, dealer), Secrets::Fresh(&keys), threshold, &publics, rng).unwrap())
        })
        .collect();
    receive(1, secrets, Combination::Sum, &dealings, rng)
}

impl Committee {
    fn own(&self, dealer: usize) -> Vec<(RootKeyId, SecretScalar)> {
        let copy = |share: &SecretScalar| SecretScalar::from_bytes(*share.as_bytes());
        root_key_ids().into_iter().zip(self.shares[dealer - 1].iter().map(copy)).collect()
    }

    fn expected(&self, dealer: usize) -> Vec<(RootKeyId, EncodedPoint)> {
        let publics = root_key_ids().into_iter().zip(&self.roots);
        publics.map(|(id, root)| (id, public_share(id.curve, root, index(dealer)).unwrap())).collect()
    }

    fn reshare_by(&self, dealers: &[usize], members: usize, rng: &mut ChaCha20Rng) -> Committee {
        let secrets: Vec<_> = (0..members).map(|_| EncryptionSecret::random(rng)).collect();
        let publics: Vec<_> = secrets.iter().map(EncryptionSecret::public).collect();
        let threshold = threshold_of(members as u32);
        let epoch = self.epoch + 1;
        let dealings: Vec<_> = dealers
            .iter()
            .map(|dealer| {
                let (context, own) = (context(epoch, *dealer), self.own(*dealer));
                let dealing = deal(&context, Secrets::Shares(&own), threshold, &publics, rng).unwrap();
                let expected = self.expected(*dealer);
                let verdict = verify_dealing(
                    &context,
                    ConstantTerms::Shares(&expected),
                    threshold,
                    members as u32,
                    &dealing,
                );
                assert_eq!(verdict, Ok(()));
                (*dealer, dealing)
            })
            .collect();
        receive(epoch, secrets, Combination::Interpolation, &dealings, rng)
    }

    fn public_keys(&self) -> Vec<EncodedPoint> {
        self.roots.iter().map(|root| root[0].clone()).collect()
    }
}

/// Interpolates the first key (secp256k1) from shares of members.
fn key_of(shares: &[(usize, &SecretScalar)]) -> Vec<u8> {
    use ff::PrimeField;
    use group::GroupEncoding;
    use k256::{ProjectivePoint, Scalar};
    let points: Vec<(Scalar, Scalar)> = shares
        .iter()
        .map(|(member, share)| {
            (Scalar::from(*member as u64), Scalar::from_repr((*share.as_bytes()).into()).unwrap())
        })
        .collect();
    let secret: Scalar = points
        .iter()
        .map(|(x, y)| {
            points
                .iter()
                .filter(|(other, _)| other != x)
                .fold(*y, |product, (other, _)| product * other * (*other - x).invert().unwrap())
        })
        .sum();
    (ProjectivePoint::GENERATOR * secret).to_bytes().to_vec()
}

#[test]
fn growing_and_shrinking_should_keep_every_key() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let first = keygen(4, &mut rng);
    let grown = first.reshare_by(&[4, 1, 3], 7, &mut rng);
    let shrunk = grown.reshare_by(&[7, 2, 3, 6, 5], 3, &mut rng);
    let more_than_needed = shrunk.reshare_by(&[1, 2, 3], 3, &mut rng);
    for later in [&grown, &shrunk, &more_than_needed] {
        assert_eq!(later.public_keys(), first.public_keys());
        let t = later.threshold as usize;
        let shares: Vec<_> = (1..=t).map(|member| (member, &later.shares[member - 1][0])).collect();
        assert_eq!(key_of(&shares), first.public_keys()[0].to_vec());
        assert_ne!(key_of(&shares[1..]), first.public_keys()[0].to_vec());
    }
}

#[test]
fn fewer_dealers_than_the_threshold_should_make_another_key() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let first = keygen(4, &mut rng);
    let wrong = first.reshare_by(&[1, 2], 4, &mut rng);
    assert_ne!(wrong.public_keys(), first.public_keys(), "what the runtime checks");
}

#[test]
fn a_dealer_of_anything_but_its_share_should_be_named() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let first = keygen(3, &mut rng);
    let publics: Vec<_> = first.secrets.iter().map(EncryptionSecret::public).collect();
    let keys = root_key_ids();
    let context = context(2, 1);
    let judge = |dealing: &Dealing| {
        verify_dealing(&context, ConstantTerms::Shares(&first.expected(1)), 2, 3, dealing)
    };
    let honest = deal(&context, Secrets::Shares(&first.own(1)), 2, &publics, &mut rng).unwrap();
    assert_eq!(judge(&honest), Ok(()));
    let others = deal(&context, Secrets::Shares(&first.own(2)), 2, &publics, &mut rng).unwrap();
    assert_eq!(judge(&others), Err(DealingFault::NotOwnShare(keys[0])));
    let fresh = deal(&context, Secrets::Fresh(&keys), 2, &publics, &mut rng).unwrap();
    assert_eq!(judge(&fresh), Err(DealingFault::NotOwnShare(keys[0])));
    let mut one_key = honest.clone();
    one_key.keys[3] = others.keys[3].clone();
    assert_eq!(judge(&one_key), Err(DealingFault::NotOwnShare(keys[3])));
    let mut padded = honest.clone();
    padded.keys[0].proof = fresh.keys[0].proof;
    assert_eq!(judge(&padded), Err(DealingFault::WrongShape));
    let mut fewer = honest.clone();
    fewer.keys[0].commitments.pop();
    assert_eq!(judge(&fewer), Err(DealingFault::WrongDegree(keys[0])));
    // And a resharing's dealing is none of a key generation.
    assert_eq!(
        verify_dealing(&context, ConstantTerms::Known(&keys), 2, 3, &honest),
        Err(DealingFault::BadProofOfKnowledge(keys[0]))
    );
}

#[test]
fn a_dealer_twice_should_make_nothing() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let first = keygen(3, &mut rng);
    let root = first.roots[0].as_slice();
    let twice = [(index(1), root), (index(1), root)];
    assert!(combine_commitments(root_key_ids()[0].curve, Combination::Interpolation, &twice).is_err());
    let share = &first.shares[0][0];
    let twice = [(index(1), share), (index(1), share)];
    assert!(combine_shares(root_key_ids()[0].curve, Combination::Interpolation, twice).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Whatever t' new shares are picked they make the key; no mixture of old and new ones does.
    #[test]
    fn old_and_new_shares_should_not_mix(seed: u64, old in 3usize..6, new in 3usize..6, skip in 0usize..6) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let first = keygen(old, &mut rng);
        let dealers: Vec<usize> =
            (0..first.threshold as usize).map(|i| (i + skip) % old + 1).collect();
        let second = first.reshare_by(&dealers, new, &mut rng);
        let t = second.threshold as usize;
        let chosen: Vec<_> =
            (0..t).map(|i| (i + skip) % new + 1).map(|member| (member, &second.shares[member - 1][0])).collect();
        let key = first.public_keys()[0].to_vec();
        prop_assert_eq!(key_of(&chosen), key.clone());
        let mut mixed = chosen;
        mixed[0] = (mixed[0].0, &first.shares[(mixed[0].0 - 1) % old][0]);
        prop_assert_ne!(key_of(&mixed), key);
    }
}
