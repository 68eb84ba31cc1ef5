//! Dealing, opening, complaining and judging, over all curves in one attempt.

use conclave_primitives::{
    root_key_ids, Attempt, AttemptId, Curve, EncodedPoint, Epoch, KeysetId, ParticipantIndex, PkpId,
};
use conclave_vss::{
    combine_commitments, combine_shares, derive_commitments, derive_public_key, derive_share, judge, open,
    prove_worker_key, public_share, share_matches, verify_dealing, verify_worker_key, Combination,
    ComplaintFault, ConstantTerms, Dealing, DealingContext, DealingFault, EncryptionSecret, OpenError,
    PointError, SecretScalar, Secrets,
};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const GENESIS: [u8; 32] = [7; 32];

struct Room {
    rng: ChaCha20Rng,
    threshold: u32,
    secrets: Vec<EncryptionSecret>,
}

impl Room {
    fn new(seed: u64, members: usize, threshold: u32) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let secrets = (0..members).map(|_| EncryptionSecret::random(&mut rng)).collect();
        Self { rng, threshold, secrets }
    }

    fn publics(&self) -> Vec<[u8; 32]> {
        self.secrets.iter().map(EncryptionSecret::public).collect()
    }

    fn deal(&mut self, dealer: u8) -> (DealingContext, Dealing) {
        let context = context(dealer);
        let recipients = self.publics();
        let dealing = conclave_vss::deal(
            &context,
            Secrets::Fresh(&root_key_ids()),
            self.threshold,
            &recipients,
            &mut self.rng,
        )
        .unwrap();
        (context, dealing)
    }

    fn verify(&self, context: &DealingContext, dealing: &Dealing) -> Result<(), DealingFault> {
        verify_dealing(
            context,
            ConstantTerms::Known(&root_key_ids()),
            self.threshold,
            self.secrets.len() as u32,
            dealing,
        )
    }

    fn open(
        &mut self,
        context: &DealingContext,
        dealing: &Dealing,
        recipient: u8,
    ) -> Result<Vec<SecretScalar>, OpenError> {
        let secret = &self.secrets[usize::from(recipient - 1)];
        open(context, &root_key_ids(), dealing, index(recipient), secret, &mut self.rng)
    }
}

fn index(value: u8) -> ParticipantIndex {
    ParticipantIndex::new(value).unwrap()
}

fn context(dealer: u8) -> DealingContext {
    let attempt = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
    DealingContext { genesis: GENESIS, attempt, dealer: index(dealer) }
}

#[test]
fn shares_of_all_dealers_should_form_keys_that_derive() {
    let mut room = Room::new(1, 4, 3);
    let keys = root_key_ids();
    let dealings: Vec<_> = (1..=4).map(|dealer| room.deal(dealer)).collect();
    for (context, dealing) in &dealings {
        assert_eq!(room.verify(context, dealing), Ok(()));
    }
    let roots: Vec<Vec<EncodedPoint>> = (0..keys.len())
        .map(|key| {
            let dealt: Vec<(ParticipantIndex, &[EncodedPoint])> = dealings
                .iter()
                .map(|(context, dealing)| (context.dealer, dealing.keys[key].commitments.as_slice()))
                .collect();
            combine_commitments(keys[key].curve, Combination::Sum, &dealt).unwrap()
        })
        .collect();
    for member in 1..=4 {
        let opened: Vec<_> =
            dealings.iter().map(|(context, dealing)| room.open(context, dealing, member).unwrap()).collect();
        let shares: Vec<SecretScalar> = (0..keys.len())
            .map(|key| {
                let parts = (1..).map(index).zip(opened.iter().map(|shares| &shares[key]));
                combine_shares(keys[key].curve, Combination::Sum, parts).unwrap()
            })
            .collect();
        for (key, share) in shares.iter().enumerate() {
            assert!(share_matches(keys[key].curve, &roots[key], index(member), share));
        }
        for (curve, first) in Curve::SIGNING.into_iter().zip((0..).step_by(2)) {
            let pkp = PkpId([9; 32]);
            let commitments = [roots[first].as_slice(), roots[first + 1].as_slice()];
            let derived = derive_commitments(curve, &GENESIS, KeysetId(0), &pkp, &commitments).unwrap();
            let share =
                derive_share(curve, &GENESIS, KeysetId(0), &pkp, &[&shares[first], &shares[first + 1]])
                    .unwrap();
            assert!(share_matches(curve, &derived, index(member), &share));
            let publics = [roots[first][0].clone(), roots[first + 1][0].clone()];
            assert_eq!(
                derive_public_key(curve, &GENESIS, KeysetId(0), &pkp, &publics).as_ref(),
                Ok(&derived[0])
            );
            assert_ne!(
                derive_public_key(curve, &GENESIS, KeysetId(1), &pkp, &publics).as_ref(),
                Ok(&derived[0]),
                "the key set enters the derivation"
            );
            assert_ne!(public_share(curve, &derived, index(member)).unwrap(), derived[0]);
        }
    }
}

#[test]
fn a_wrong_share_should_convict_the_dealer_and_nobody_else() {
    let mut room = Room::new(2, 4, 3);
    // The dealer commits to one polynomial and seals shares of another.
    let (context, honest) = room.deal(2);
    let (_, other) = room.deal(2);
    let mut dealing = honest.clone();
    dealing.recipients[2] = other.recipients[2].clone();
    assert_eq!(room.verify(&context, &dealing), Ok(()));
    assert!(room.open(&context, &dealing, 1).is_ok());
    let Err(OpenError::Cheated(complaint)) = room.open(&context, &dealing, 3) else {
        panic!("must complain")
    };
    let publics = room.publics();
    let verdict = judge(&context, &root_key_ids(), &dealing, index(3), &publics[2], &complaint);
    assert_eq!(verdict, Ok(DealingFault::WrongShare(index(3), root_key_ids()[0])));
    // The same complaint in another's name, or about the honest dealing, convicts nobody but its sender.
    let borrowed = judge(&context, &root_key_ids(), &dealing, index(1), &publics[0], &complaint);
    assert_eq!(borrowed, Err(ComplaintFault::BadProof));
    let stale = judge(&context, &root_key_ids(), &honest, index(3), &publics[2], &complaint);
    assert_eq!(stale, Err(ComplaintFault::BadProof));
}

#[test]
fn a_ciphertext_that_does_not_open_should_convict_the_dealer() {
    let mut room = Room::new(3, 3, 2);
    let (context, mut dealing) = room.deal(1);
    dealing.recipients[1].ciphertext[5] ^= 1;
    let Err(OpenError::Cheated(complaint)) = room.open(&context, &dealing, 2) else {
        panic!("must complain")
    };
    let key = room.publics()[1];
    assert_eq!(
        judge(&context, &root_key_ids(), &dealing, index(2), &key, &complaint),
        Ok(DealingFault::Undecryptable(index(2)))
    );
}

#[test]
fn a_complaint_about_good_shares_should_convict_the_complainer() {
    let mut room = Room::new(4, 3, 2);
    let (context, dealing) = room.deal(1);
    // Complain about a broken copy, then hold the complaint against the good dealing.
    let mut broken = dealing.clone();
    broken.recipients[1].ciphertext[0] ^= 1;
    let Err(OpenError::Cheated(complaint)) = room.open(&context, &broken, 2) else { panic!("must complain") };
    let key = room.publics()[1];
    assert_eq!(
        judge(&context, &root_key_ids(), &dealing, index(2), &key, &complaint),
        Err(ComplaintFault::SharesAreGood)
    );
}

#[test]
fn a_replayed_ephemeral_key_should_fail_its_proof_of_possession() {
    let mut room = Room::new(5, 3, 2);
    let (_, victim) = room.deal(1);
    let (context, mut dealing) = room.deal(2);
    dealing.recipients[2].ephemeral = victim.recipients[2].ephemeral;
    dealing.recipients[2].proof = victim.recipients[2].proof;
    assert_eq!(room.verify(&context, &dealing), Err(DealingFault::BadProofOfPossession(index(3))));
}

#[test]
fn public_faults_should_be_named() {
    let mut room = Room::new(6, 3, 2);
    let keys = root_key_ids();
    let (context, dealing) = room.deal(1);
    let (_, other) = room.deal(1);

    let mut short = dealing.clone();
    short.keys[1].commitments.pop();
    assert_eq!(room.verify(&context, &short), Err(DealingFault::WrongDegree(keys[1])));

    let mut fewer = dealing.clone();
    fewer.recipients.pop();
    assert_eq!(room.verify(&context, &fewer), Err(DealingFault::WrongShape));

    let mut copied = dealing.clone();
    copied.keys[0].proof = other.keys[0].proof;
    assert_eq!(room.verify(&context, &copied), Err(DealingFault::BadProofOfKnowledge(keys[0])));

    let mut off_curve = dealing.clone();
    off_curve.keys[2].commitments[1] = EncodedPoint::truncate_from(vec![0xff; 32]);
    assert!(
        matches!(room.verify(&context, &off_curve), Err(DealingFault::BadCommitment(key, _)) if key == keys[2])
    );

    let elsewhere = DealingContext { genesis: [8; 32], ..context };
    assert_eq!(room.verify(&elsewhere, &dealing), Err(DealingFault::BadProofOfKnowledge(keys[0])));
    let later = DealingContext { attempt: AttemptId { epoch: Epoch(1), attempt: Attempt(1) }, ..context };
    assert_eq!(room.verify(&later, &dealing), Err(DealingFault::BadProofOfKnowledge(keys[0])));
    let another = DealingContext { dealer: index(2), ..context };
    assert_eq!(room.verify(&another, &dealing), Err(DealingFault::BadProofOfKnowledge(keys[0])));
}

#[test]
fn what_is_one_too_many_or_too_few_should_be_named() {
    let mut room = Room::new(8, 3, 2);
    let keys = root_key_ids();
    let (context, dealing) = room.deal(1);
    let judged = |change: &dyn Fn(&mut Dealing)| {
        let mut changed = dealing.clone();
        change(&mut changed);
        assert_ne!(changed, dealing);
        room.verify(&context, &changed)
    };
    for (position, key) in keys.iter().enumerate() {
        let more = judged(&|dealing| {
            let commitments = &mut dealing.keys[position].commitments;
            commitments.try_push(commitments[1].clone()).unwrap();
        });
        assert_eq!(more, Err(DealingFault::WrongDegree(*key)));
        let none = judged(&|dealing| dealing.keys[position].commitments.clear());
        assert_eq!(none, Err(DealingFault::WrongDegree(*key)));
    }
    let shapes: [&dyn Fn(&mut Dealing); 5] = [
        &|dealing| dealing.recipients.try_push(dealing.recipients[0].clone()).unwrap(),
        &|dealing| dealing.recipients.clear(),
        &|dealing| dealing.keys.try_push(dealing.keys[0].clone()).unwrap(),
        &|dealing| drop(dealing.keys.pop()),
        &|dealing| dealing.keys.clear(),
    ];
    for (number, shape) in shapes.into_iter().enumerate() {
        assert_eq!(judged(shape), Err(DealingFault::WrongShape), "{number}");
    }
}

#[test]
fn an_ephemeral_key_that_is_none_should_be_named_and_open_nothing() {
    let mut room = Room::new(9, 3, 2);
    let (context, dealing) = room.deal(1);
    // The identity is shared with everybody: what it seals anyone reads.
    for (ephemeral, error) in [([0; 32], PointError::Identity), ([0xff; 32], PointError::Invalid)] {
        let mut bad = dealing.clone();
        bad.recipients[1].ephemeral = ephemeral;
        assert_eq!(room.verify(&context, &bad), Err(DealingFault::BadEphemeralKey(index(2), error)));
        assert!(matches!(room.open(&context, &bad, 2), Err(OpenError::NotRecipient)));
        assert!(room.open(&context, &bad, 3).is_ok());
    }
}

#[test]
fn a_new_key_without_proof_of_knowledge_should_be_named() {
    let mut room = Room::new(10, 3, 2);
    let (context, dealing) = room.deal(1);
    for (position, key) in root_key_ids().into_iter().enumerate() {
        let mut unproven = dealing.clone();
        unproven.keys[position].proof = None;
        assert_eq!(room.verify(&context, &unproven), Err(DealingFault::BadProofOfKnowledge(key)));
    }
}

#[test]
fn the_commitments_of_another_dealer_should_be_named() {
    let mut room = Room::new(11, 3, 2);
    let (_, victim) = room.deal(1);
    let (context, dealing) = room.deal(2);
    for (position, key) in root_key_ids().into_iter().enumerate() {
        let mut copied = dealing.clone();
        copied.keys[position] = victim.keys[position].clone();
        let fault = Err(DealingFault::BadProofOfKnowledge(key));
        assert_eq!(room.verify(&context, &copied), fault, "with the other's proof");
        copied.keys[position].proof = dealing.keys[position].proof;
        assert_eq!(room.verify(&context, &copied), fault, "with its own");
        // Its constant term alone would do to cancel the other's key.
        let mut first = dealing.clone();
        first.keys[position].commitments[0] = victim.keys[position].commitments[0].clone();
        assert_eq!(room.verify(&context, &first), fault, "the first one");
    }
}

#[test]
fn worker_key_proofs_should_bind_their_statement() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let secret = EncryptionSecret::random(&mut rng);
    let proof = prove_worker_key(&secret, b"account A", &mut rng);
    assert!(verify_worker_key(&secret.public(), b"account A", &proof));
    assert!(!verify_worker_key(&secret.public(), b"account B", &proof));
    assert!(!verify_worker_key(&EncryptionSecret::random(&mut rng).public(), b"account A", &proof));
}

#[test]
fn secrets_should_not_print() {
    assert!(!format!("{:?}", SecretScalar::from_bytes([0xab; 32])).contains("ab, "));
    assert!(format!("{:?}", SecretScalar::from_bytes([0xab; 32])).contains("redacted"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any t members' shares interpolate to the key; t-1 of them to something else.
    #[test]
    fn any_t_shares_should_determine_the_key(seed: u64, members in 3usize..8, skip in 0usize..8) {
        use ff::PrimeField;
        use group::{Group, GroupEncoding};
        use k256::{ProjectivePoint, Scalar};

        let threshold = conclave_primitives::threshold_of(members as u32);
        let mut room = Room::new(seed, members, threshold);
        let (context, dealing) = room.deal(1);
        let chosen: Vec<u8> = (0..threshold as usize).map(|i| ((i + skip) % members) as u8 + 1).collect();
        let shares: Vec<(Scalar, Scalar)> = chosen
            .iter()
            .map(|member| {
                let opened = room.open(&context, &dealing, *member).unwrap();
                let share = Scalar::from_repr((*opened[0].as_bytes()).into()).unwrap();
                (Scalar::from(u64::from(*member)), share)
            })
            .collect();
        let interpolate = |points: &[(Scalar, Scalar)]| -> ProjectivePoint {
            let secret: Scalar = points
                .iter()
                .map(|(x, y)| {
                    points.iter().filter(|(other, _)| other != x).fold(*y, |product, (other, _)| {
                        product * other * (*other - x).invert().unwrap()
                    })
                })
                .sum();
            ProjectivePoint::generator() * secret
        };
        let key = &dealing.keys[0].commitments[0];
        prop_assert_eq!(interpolate(&shares).to_bytes().to_vec(), key.to_vec());
        prop_assert_ne!(interpolate(&shares[1..]).to_bytes().to_vec(), key.to_vec());
    }
}
