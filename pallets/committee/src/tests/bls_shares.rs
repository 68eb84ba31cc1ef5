//! Wrong BLS signature shares: real shares of real keys, in either group, and whoever sends another is convicted.

use super::{
    evidence::{accuse, header, in_epoch, invalid, UNPROVEN},
    keygen::FIRST,
    mock::{account, index, submit, Committee, Offences, Test, Worker},
};
use crate::{CurrentCommittee, OffenceKind, SignatureShareOffence};
use bls12_381_plus::Scalar;
use conclave_primitives::{
    BlsSubject, Curve, EncodedPoint, Evidence, KeyId, KeysetId, MessageHeader, PkpId, Purpose, RootKey,
    RootKeyId, Scheme, SessionId, BLS_SHARE_FLIGHT,
};
use conclave_schemes::{BlsG1, BlsG2, BlsSuite};
use conclave_vss::{
    deal, derive_public_key, derive_share, open, DealingContext, EncryptionSecret, SecretScalar, Secrets,
};
use group::GroupEncoding;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::{BTreeMap, BTreeSet};

const QUORUM: [u8; 3] = [1, 2, 4];
const PKP: PkpId = PkpId([7; 32]);
const MESSAGE: &[u8] = b"to the world";

/// A key and the members' shares of it.
struct Key {
    scheme: Scheme,
    id: KeyId,
    public_key: EncodedPoint,
    /// Of the signature of [`MESSAGE`].
    shares: BTreeMap<u8, Vec<u8>>,
}

fn root_id(curve: Curve, index: u8) -> RootKeyId {
    RootKeyId { curve, purpose: Purpose::Sign, index }
}

fn share<B: BlsSuite>(secret: &SecretScalar) -> Vec<u8> {
    let secret = Option::<Scalar>::from(Scalar::from_le_bytes(secret.as_bytes())).expect("a scalar");
    (B::hash(MESSAGE) * secret).to_bytes().as_ref().to_vec()
}

/// The committee of epoch 1 gets two root keys; it signs with the first, and with one that derives from both.
fn with_keys<B: BlsSuite>(test: impl Fn(&Key)) {
    for derived in [false, true] {
        in_epoch(|| {
            let mut rng = ChaCha20Rng::seed_from_u64(3);
            let (scheme, curve) = (B::SCHEME, B::SCHEME.curve());
            let roots = [0, 1].map(|index| root_id(curve, index));
            let secrets: Vec<_> = (0..4).map(|_| EncryptionSecret::random(&mut rng)).collect();
            let recipients: Vec<_> = secrets.iter().map(EncryptionSecret::public).collect();
            let genesis = Committee::genesis();
            let context = DealingContext { genesis, attempt: FIRST, dealer: index(1) };
            let dealing = deal(&context, Secrets::Fresh(&roots), 3, &recipients, &mut rng).expect("deals");
            let commitments = dealing.keys.iter().map(|key| key.commitments.clone());
            let keys: Vec<_> = roots
                .into_iter()
                .zip(commitments)
                .map(|(id, commitments)| RootKey { id, commitments })
                .collect();
            let publics = [0, 1].map(|key: usize| keys[key].commitments[0].clone());
            let shares = (1..).zip(&secrets).map(|(member, secret)| {
                let opened =
                    open(&context, &roots, &dealing, index(member), secret, &mut rng).expect("good shares");
                let secret = if derived {
                    let opened: Vec<_> = opened.iter().collect();
                    derive_share(curve, &genesis, KeysetId(0), &PKP, &opened).expect("derives")
                } else {
                    SecretScalar::from_bytes(*opened[0].as_bytes())
                };
                (member, share::<B>(&secret))
            });
            let shares = shares.collect();
            let (id, public_key) = if derived {
                let key = derive_public_key(curve, &genesis, KeysetId(0), &PKP, &publics).expect("derives");
                (KeyId::Pkp(PKP, curve), key)
            } else {
                (KeyId::Root(roots[0]), publics[0].clone())
            };
            CurrentCommittee::<Test>::mutate(|committee| {
                committee.as_mut().expect("serves").roots = keys.try_into().expect("two");
            });
            test(&Key { scheme, id, public_key, shares });
        });
    }
}

/// In both groups.
fn with_all_keys(test: impl Fn(&Key)) {
    with_keys::<BlsG1>(&test);
    with_keys::<BlsG2>(&test);
}

fn place(from: u8) -> MessageHeader {
    MessageHeader { flight: BLS_SHARE_FLIGHT, ..header(from, 3) }
}

impl Key {
    fn subject(&self, quorum: &[u8]) -> BlsSubject {
        let quorum: BTreeSet<_> = quorum.iter().map(|member| index(*member)).collect();
        BlsSubject {
            scheme: self.scheme,
            key: self.id,
            quorum: quorum.try_into().expect("few"),
            message: MESSAGE.to_vec().try_into().expect("short"),
        }
    }

    fn sent(&self, member: u8, share: &[u8]) -> Evidence {
        Worker::new(member).send_bls_share(place(member), share, self.subject(&QUORUM), &self.public_key)
    }
}

#[test]
fn a_wrong_share_should_convict_its_sender_whatever_it_is() {
    with_all_keys(|key| {
        submit(accuse(3, key.sent(4, &key.shares[&1]))).expect("another's share is wrong");
        let [reported] = Offences::get().try_into().expect("one");
        assert_eq!((reported.kind, reported.offender), (SignatureShareOffence::ID, account(4)));
        assert_eq!(submit(accuse(3, key.sent(4, &key.shares[&1]))), invalid(4), "once");
        // No point, and nothing at all.
        submit(accuse(3, key.sent(2, &[0xff; 96]))).expect("wrong");
        submit(accuse(3, key.sent(1, &[]))).expect("wrong");
        assert_eq!(Offences::get().len(), 3);
    });
}

#[test]
fn a_right_share_should_convict_nobody_whatever_is_put_around_it() {
    with_all_keys(|key| {
        for member in QUORUM {
            let evidence = key.sent(member, &key.shares[&member]);
            assert_eq!(submit(accuse(3, evidence)), invalid(UNPROVEN), "honest {member}");
        }
        let Evidence::BlsShare { header, share, signature, subject } = key.sent(4, &key.shares[&4]) else {
            unreachable!()
        };
        let with = |header: MessageHeader, share: &EncodedPoint, subject: BlsSubject| {
            let (share, subject) = (share.clone(), Box::new(subject));
            accuse(3, Evidence::BlsShare { header, share, signature, subject })
        };
        // What the sender did not sign: any part of it.
        let subject = *subject;
        let other_scheme = if key.scheme == Scheme::BlsG1 { Scheme::BlsG2 } else { Scheme::BlsG1 };
        let curve = key.scheme.curve();
        let others = [
            BlsSubject { message: Default::default(), ..subject.clone() },
            BlsSubject { scheme: other_scheme, ..subject.clone() },
            BlsSubject { scheme: Scheme::Ed25519, ..subject.clone() },
            BlsSubject { key: KeyId::Root(root_id(curve, 1)), ..subject.clone() },
            BlsSubject { key: KeyId::Pkp(PkpId([8; 32]), curve), ..subject.clone() },
            BlsSubject { quorum: key.subject(&[1, 3, 4]).quorum, ..subject.clone() },
        ];
        for other in others {
            assert_eq!(submit(with(header, &share, other.clone())), invalid(UNPROVEN), "{other:?}");
        }
        let elsewhere = MessageHeader { session: SessionId([6; 32]), ..header };
        assert_eq!(submit(with(elsewhere, &share, subject.clone())), invalid(UNPROVEN));
        let another = EncodedPoint::try_from(key.shares[&1].clone()).expect("short");
        assert_eq!(submit(with(header, &another, subject)), invalid(UNPROVEN));
        assert_eq!(Offences::get(), []);
    });
}

#[test]
fn a_wrong_share_should_count_where_it_was_sent_only() {
    with_all_keys(|key| {
        let wrong = &key.shares[&1];
        let sent = |member: u8, header: MessageHeader, quorum: &[u8]| {
            let subject = key.subject(quorum);
            accuse(3, Worker::new(member).send_bls_share(header, wrong, subject, &key.public_key))
        };
        // In another flight those bytes may be anything.
        assert_eq!(submit(sent(4, header(4, 3), &QUORUM)), invalid(UNPROVEN));
        // By a member that is not in the quorum, in one of another size than t, or signed by another member.
        assert_eq!(submit(sent(4, place(4), &[1, 2, 3])), invalid(UNPROVEN));
        assert_eq!(submit(sent(4, place(4), &[1, 4])), invalid(UNPROVEN));
        assert_eq!(submit(sent(2, place(4), &QUORUM)), invalid(UNPROVEN));
        assert_eq!(Offences::get(), []);
    });
}
