//! What dealers and recipients put on chain.

use codec::{DecodeAll, Encode};
use conclave_primitives::{EncodedPoint, RootKeyId};
use conclave_protocols::keygen::{complaints as judge_all, Recipient};
use conclave_vss::{
    deal, judge, open, public_share, verify_dealing, Complaint, ConstantTerms, Dealing, OpenError,
    SecretScalar, Secrets,
};
use std::sync::OnceLock;

use crate::fixture::{
    committee, context, dealings as honest, encryption, index, key_share, keys, rng, ATTEMPT, GENESIS,
    MEMBERS, THRESHOLD,
};

/// A dealing of member 1, for a key generation and for a reshare.
pub(crate) fn dealing(input: &[u8]) {
    let keys = keys();
    let secret = encryption(2);
    let recipient =
        Recipient { genesis: GENESIS, attempt: ATTEMPT, index: index(2), keys: &keys, secret: &secret };
    let _ = judge_all(&recipient, &[(index(1), input.to_vec())], &mut rng(0));
    let Ok(dealing) = Dealing::decode_all(&mut &*input) else { return };
    assert_eq!(dealing.encode(), input, "one dealing, one encoding");
    let verified = [
        verify_dealing(&context(1), ConstantTerms::Known(&keys), THRESHOLD, 3, &dealing),
        verify_dealing(&context(1), ConstantTerms::Shares(shares()), THRESHOLD, 3, &dealing),
    ];
    for member in MEMBERS {
        let opened = open(&context(1), &keys, &dealing, index(member), &encryption(member), &mut rng(0));
        let key = encryption(member).public();
        match opened {
            // Whoever is cheated by a dealing that the chain took proves it to the chain.
            Err(OpenError::Cheated(complaint)) if verified.iter().any(Result::is_ok) => {
                let fault = judge(&context(1), &keys, &dealing, index(member), &key, &complaint);
                assert!(fault.is_ok(), "{fault:?}");
            }
            Err(OpenError::NotRecipient) => {
                assert!(verified.iter().all(Result::is_err), "a member is left out")
            }
            Err(OpenError::Cheated(_)) | Ok(_) => {}
        }
    }
}

/// Of each key with the public share of member 1.
fn shares() -> &'static [(RootKeyId, EncodedPoint)] {
    static SHARES: OnceLock<Vec<(RootKeyId, EncodedPoint)>> = OnceLock::new();
    SHARES.get_or_init(|| {
        let roots = committee().roots.iter();
        let share = |root: &conclave_primitives::RootKey| {
            public_share(root.id.curve, &root.commitments, index(1)).expect("honest commitments")
        };
        roots.map(|root| (root.id, share(root))).collect()
    })
}

pub(crate) fn dealings() -> Vec<Vec<u8>> {
    let recipients = MEMBERS.map(|member| encryption(member).public());
    let shares: Vec<_> = keys()
        .into_iter()
        .enumerate()
        .map(|(position, key)| {
            let share = key_share(1, position);
            (key, SecretScalar::from_bytes(*share.secret().as_bytes()))
        })
        .collect();
    let reshared = deal(&context(1), Secrets::Shares(&shares), THRESHOLD, &recipients, &mut rng(4));
    vec![honest()[0].encode(), spoilt().encode(), reshared.expect("sound shares").encode()]
}

/// The dealing of member 1, the ciphertext for member 2 spoilt.
fn spoilt() -> &'static Dealing {
    static SPOILT: OnceLock<Dealing> = OnceLock::new();
    SPOILT.get_or_init(|| {
        let mut dealing = honest()[0].clone();
        let sealed = &mut dealing.recipients[1];
        sealed.ciphertext = vec![0; sealed.ciphertext.len()].try_into().expect("as long as before");
        dealing
    })
}

/// By member 2, about the dealing of member 1.
pub(crate) fn complaint(input: &[u8]) {
    let Ok(complaint) = Complaint::decode_all(&mut &*input) else { return };
    assert_eq!(complaint.encode(), input, "one complaint, one encoding");
    let keys = keys();
    let about = |dealing, member: u8| {
        judge(&context(1), &keys, dealing, index(member), &encryption(member).public(), &complaint)
    };
    for member in MEMBERS {
        let judged = about(&honest()[0], member);
        assert!(judged.is_err(), "an honest dealer is found guilty: {judged:?}");
    }
    for member in [1, 3] {
        assert!(about(spoilt(), member).is_err(), "another's complaint is upheld");
    }
    // Who names another dealer says nothing more: the chain looks up the dealing by that name.
    let honest = Complaint { dealer: complaint.dealer, ..upheld() };
    assert_eq!(about(spoilt(), 2).is_ok(), complaint == honest);
}

fn upheld() -> Complaint {
    static UPHELD: OnceLock<Complaint> = OnceLock::new();
    *UPHELD.get_or_init(|| {
        match open(&context(1), &keys(), spoilt(), index(2), &encryption(2), &mut rng(2)) {
            Err(OpenError::Cheated(complaint)) => complaint,
            other => panic!("{other:?}"),
        }
    })
}

pub(crate) fn complaints() -> Vec<Vec<u8>> {
    vec![upheld().encode()]
}
