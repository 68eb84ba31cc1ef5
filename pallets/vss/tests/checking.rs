//! Many shares checked at once are judged as each for itself.

use conclave_primitives::{root_key_ids, Attempt, AttemptId, Curve, Epoch, ParticipantIndex, RootKeyId};
use conclave_vss::{
    claimed, deal, public_share, share_matches, shares_match, unseal, ClaimedShare, Dealing, DealingContext,
    EncryptionSecret, OpenError, SecretScalar, Secrets,
};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const MEMBER: u8 = 2;

fn index(value: u8) -> ParticipantIndex {
    ParticipantIndex::new(value).unwrap()
}

struct Opened {
    keys: Vec<RootKeyId>,
    dealings: Vec<Dealing>,
    shares: Vec<Vec<SecretScalar>>,
}

/// What three dealers deal to a member.
fn opened(rng: &mut ChaCha20Rng) -> Opened {
    let secret = EncryptionSecret::random(rng);
    let recipients = [EncryptionSecret::random(rng).public(), secret.public(), secret.public()];
    let keys = root_key_ids();
    let attempt = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
    let (mut dealings, mut shares) = (Vec::new(), Vec::new());
    for dealer in 1..=3 {
        let context = DealingContext { genesis: [7; 32], attempt, dealer: index(dealer) };
        let dealing = deal(&context, Secrets::Fresh(&keys), 2, &recipients, rng).unwrap();
        shares.push(unseal(&context, &keys, &dealing, index(MEMBER), &secret, rng).unwrap());
        dealings.push(dealing);
    }
    Opened { keys, dealings, shares }
}

impl Opened {
    fn claims(&self) -> Vec<ClaimedShare<'_>> {
        let dealt = self.dealings.iter().zip(&self.shares);
        dealt.flat_map(|(dealing, shares)| claimed(&self.keys, dealing, shares)).collect()
    }
}

/// 1, in the byte order of the curve.
fn one(curve: Curve) -> [u8; 32] {
    let mut bytes = [0; 32];
    match curve {
        Curve::Secp256k1 | Curve::Secp256r1 => bytes[31] = 1,
        _ => bytes[0] = 1,
    }
    bytes
}

/// A share plus or minus 1, over the last byte of the scalar: that it neither over- nor underflows is all it takes.
fn shifted(curve: Curve, share: &SecretScalar, up: bool) -> Option<SecretScalar> {
    let last = one(curve).iter().position(|byte| *byte == 1)?;
    let mut bytes = *share.as_bytes();
    bytes[last] = if up { bytes[last].checked_add(1)? } else { bytes[last].checked_sub(1)? };
    Some(SecretScalar::from_bytes(bytes))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is done to a share or to what it has to match.
    #[test]
    fn a_batch_should_pass_if_each_share_does(seed: u64, dealer in 0usize..3, key in 0usize..14, how in 0u8..7) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut opened = opened(&mut rng);
        let curve = opened.keys[key].curve;
        let share = &mut opened.shares[dealer][key];
        match how {
            0 => {}
            1 => *share = SecretScalar::from_bytes(one(curve)),
            2 => *share = SecretScalar::from_bytes([0; 32]),
            3 => *share = SecretScalar::from_bytes([0xff; 32]),
            4 => opened.shares[dealer].swap(key, (key + 1) % 14),
            5 => { opened.dealings[dealer].keys[key].commitments.pop(); }
            _ => {
                let point = &mut opened.dealings[dealer].keys[key].commitments[1];
                point.iter_mut().for_each(|byte| *byte = 0xff);
            }
        }
        let claims = opened.claims();
        let each = claims.iter().all(|claim| {
            share_matches(claim.curve, claim.commitments, index(MEMBER), claim.share)
        });
        prop_assert_eq!(each, how == 0);
        prop_assert_eq!(shares_match(index(MEMBER), &claims, &mut rng), each);
        prop_assert!(!each || !shares_match(index(MEMBER + 1), &claims, &mut rng), "another member's");
    }

    /// Two wrong shares whose errors add up to nothing.
    #[test]
    fn errors_that_cancel_should_not_pass(seed: u64, key in 0usize..14) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut opened = opened(&mut rng);
        let curve = opened.keys[key].curve;
        let (up, down) = (
            shifted(curve, &opened.shares[0][key], true),
            shifted(curve, &opened.shares[1][key], false),
        );
        prop_assume!(up.is_some() && down.is_some());
        (opened.shares[0][key], opened.shares[1][key]) = (up.unwrap(), down.unwrap());
        prop_assert!(!shares_match(index(MEMBER), &opened.claims(), &mut rng));
    }
}

#[test]
fn no_shares_should_match() {
    assert!(shares_match(index(1), &[], &mut ChaCha20Rng::seed_from_u64(0)));
}

#[test]
fn unsealing_should_still_complain_about_what_does_not_open() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let secret = EncryptionSecret::random(&mut rng);
    let attempt = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
    let context = DealingContext { genesis: [7; 32], attempt, dealer: index(1) };
    let keys = root_key_ids();
    let mut dealing = deal(&context, Secrets::Fresh(&keys), 1, &[secret.public()], &mut rng).unwrap();
    let fewer = unseal(&context, &keys[1..], &dealing, index(1), &secret, &mut rng);
    assert!(matches!(fewer, Err(OpenError::Cheated(_))), "not one share a key");
    dealing.recipients[0].ciphertext[0] ^= 1;
    let spoilt = unseal(&context, &keys, &dealing, index(1), &secret, &mut rng);
    assert!(matches!(spoilt, Err(OpenError::Cheated(_))));
    let nobody = unseal(&context, &keys, &dealing, index(2), &secret, &mut rng);
    assert!(matches!(nobody, Err(OpenError::NotRecipient)));
}

/// Multiplication by small numbers, for every index there can be.
#[test]
fn public_shares_should_be_those_of_the_shares() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let keys = root_key_ids();
    let attempt = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
    let context = DealingContext { genesis: [7; 32], attempt, dealer: index(1) };
    let secrets: Vec<_> = (0..20).map(|_| EncryptionSecret::random(&mut rng)).collect();
    let recipients: Vec<_> = secrets.iter().map(EncryptionSecret::public).collect();
    let dealing = deal(&context, Secrets::Fresh(&keys), 3, &recipients, &mut rng).unwrap();
    for (member, secret) in (1..).zip(&secrets) {
        let shares = unseal(&context, &keys, &dealing, index(member), secret, &mut rng).unwrap();
        for ((key, dealt), share) in keys.iter().zip(&dealing.keys).zip(&shares) {
            // The commitment to a constant polynomial is the public counterpart of its constant.
            let public = public_share(key.curve, &dealt.commitments, index(member)).unwrap();
            assert!(share_matches(key.curve, &[public], index(member), share));
        }
    }
}
