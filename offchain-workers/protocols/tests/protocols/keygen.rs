//! A member and the dealings that stand: what it cannot take its shares from, and whose fault that is.

use codec::Encode;
use conclave_primitives::{Attempt, AttemptId, Curve, Epoch, ParticipantIndex, Purpose, RootKey, RootKeyId};
use conclave_protocols::keygen::{complaints, take_shares, KeygenError, Recipient};
use conclave_vss::{
    combine_commitments, deal, share_matches, Combination, Dealing, DealingContext, EncryptionSecret,
    SecretScalar, Secrets,
};

use crate::harness::{index, rng};

const GENESIS: [u8; 32] = [7; 32];
const ATTEMPT: AttemptId = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
const KEYS: [RootKeyId; 2] = [
    RootKeyId { curve: Curve::Ed25519, purpose: Purpose::Result, index: 0 },
    RootKeyId { curve: Curve::Secp256k1, purpose: Purpose::Sign, index: 0 },
];

/// Three dealers, who deal to each other.
struct Room {
    secrets: Vec<EncryptionSecret>,
    dealings: Vec<(ParticipantIndex, Dealing)>,
}

impl Room {
    fn new() -> Self {
        let mut rng = rng(1);
        let secrets: Vec<_> = (0..3).map(|_| EncryptionSecret::random(&mut rng)).collect();
        let recipients: Vec<_> = secrets.iter().map(EncryptionSecret::public).collect();
        let dealt = |dealer| {
            let context = DealingContext { genesis: GENESIS, attempt: ATTEMPT, dealer };
            (dealer, deal(&context, Secrets::Fresh(&KEYS), 2, &recipients, &mut rng).unwrap())
        };
        let dealings = (1..=3).map(index).map(dealt).collect();
        Self { secrets, dealings }
    }

    fn roots(&self) -> Vec<RootKey> {
        let root = |(position, id): (usize, &RootKeyId)| {
            let dealt = self.dealings.iter();
            let dealt: Vec<_> = dealt
                .map(|(dealer, dealing)| (*dealer, dealing.keys[position].commitments.as_slice()))
                .collect();
            let commitments = combine_commitments(id.curve, Combination::Sum, &dealt).unwrap();
            RootKey { id: *id, commitments: commitments.try_into().unwrap() }
        };
        KEYS.iter().enumerate().map(root).collect()
    }

    fn recipient(&self, member: u8) -> Recipient<'_> {
        // Whoever is no member has no secret that anything was dealt to.
        let secret = self.secrets.get(usize::from(member) - 1).unwrap_or(&self.secrets[0]);
        Recipient { genesis: GENESIS, attempt: ATTEMPT, index: index(member), keys: &KEYS, secret }
    }

    fn encoded(&self) -> Vec<(ParticipantIndex, Vec<u8>)> {
        self.dealings.iter().map(|(dealer, dealing)| (*dealer, dealing.encode())).collect()
    }

    fn take(&self, member: u8, roots: &[RootKey]) -> Result<Vec<SecretScalar>, KeygenError> {
        take_shares(&self.recipient(member), Combination::Sum, &self.encoded(), roots, &mut rng(2))
    }

    /// What both phases say of the same dealings.
    fn errors(&self, member: u8) -> [KeygenError; 2] {
        let complaining = complaints(&self.recipient(member), &self.encoded(), &mut rng(2));
        [complaining.unwrap_err(), self.take(member, &self.roots()).unwrap_err()]
    }
}

#[test]
fn shares_of_honest_dealings_should_be_taken() {
    let room = Room::new();
    assert!(complaints(&room.recipient(2), &room.encoded(), &mut rng(2)).unwrap().is_empty());
    for (root, share) in room.roots().iter().zip(room.take(2, &room.roots()).unwrap()) {
        assert!(share_matches(root.id.curve, &root.commitments, index(2), &share));
    }
}

#[test]
fn a_dealing_that_does_not_decode_should_be_named_and_blame_nobody() {
    let room = Room::new();
    let (recipient, roots) = (room.recipient(1), room.roots());
    let changes: [fn(&mut Vec<u8>); 3] =
        [|bytes| bytes.truncate(bytes.len() - 1), |bytes| bytes.push(0), |bytes| bytes.clear()];
    for change in changes {
        let mut dealings = room.encoded();
        change(&mut dealings[1].1);
        let complaining = complaints(&recipient, &dealings, &mut rng(2)).map(|_| ());
        let taking = take_shares(&recipient, Combination::Sum, &dealings, &roots, &mut rng(2)).map(|_| ());
        for error in [complaining, taking].map(Result::unwrap_err) {
            assert!(matches!(error, KeygenError::Undecodable { dealer } if dealer == index(2)), "{error}");
            assert!(error.culprits().is_empty());
        }
    }
}

#[test]
fn a_dealing_without_shares_for_us_should_be_named_and_blame_nobody() {
    let mut room = Room::new();
    // One that is no member, and one whose ephemeral key is no point, which the chain does not let stand.
    let strangers = room.errors(4);
    room.dealings[0].1.recipients[1].ephemeral = [0xff; 32];
    for error in strangers.into_iter().chain(room.errors(2)) {
        assert!(matches!(error, KeygenError::NotRecipient { dealer } if dealer == index(1)), "{error}");
        assert!(error.culprits().is_empty());
    }
    assert!(room.take(3, &room.roots()).is_ok(), "the others' are good");
}

#[test]
fn shares_of_another_key_should_be_named_and_blame_nobody() {
    let room = Room::new();
    // Of the chain's keys one is not the sum of what was dealt.
    for (position, id) in KEYS.into_iter().enumerate() {
        let mut roots = room.roots();
        roots[position].commitments = room.dealings[0].1.keys[position].commitments.clone();
        let error = room.take(2, &roots).unwrap_err();
        assert!(matches!(error, KeygenError::WrongSum { key } if key == id), "{error}");
        assert!(error.culprits().is_empty());
    }
    // Nothing that stands makes no share.
    let none =
        take_shares(&room.recipient(2), Combination::Sum, &[], &room.roots(), &mut rng(2)).unwrap_err();
    assert!(matches!(none, KeygenError::WrongSum { key } if key == KEYS[0]), "{none}");
}

#[test]
fn bad_shares_should_be_complained_about_or_else_blame_their_dealer() {
    let mut room = Room::new();
    room.dealings[2].1.recipients[1].ciphertext[0] ^= 1;
    let complaints = complaints(&room.recipient(2), &room.encoded(), &mut rng(2)).unwrap();
    assert_eq!(complaints.iter().map(|complaint| complaint.dealer).collect::<Vec<_>>(), [index(3)]);
    let error = room.take(2, &room.roots()).unwrap_err();
    assert!(matches!(error, KeygenError::BadShares { dealer } if dealer == index(3)), "{error}");
    assert_eq!(error.culprits(), [index(3)]);
}
