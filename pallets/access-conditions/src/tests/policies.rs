use crate::{mock::*, Error, Event, Policies};
use conclave_primitives::conditions::{parse, Condition, PolicyId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

fn deposit(bytes: &[u8]) -> u64 {
    POLICY_DEPOSIT + BYTE_DEPOSIT * bytes.len() as u64
}

#[test]
fn a_policy_should_be_made_updated_and_revoked() {
    run(|| {
        let short = from_block(5);
        let long = condition(r#"{"any":[{"blocks":{"from":5}},{"siweDomain":"example.org"}]}"#);
        let id = must_create(ALICE, short.clone());
        let view = AccessConditions::policy(id).expect("a policy");
        assert_eq!((view.owner, view.version), ([1; 32], 1));
        assert_eq!(view.condition.to_bytes(), short.to_vec());
        assert_eq!(held(&ALICE), deposit(&short));

        assert_ok!(AccessConditions::update_policy(RuntimeOrigin::signed(ALICE), id, long.clone()));
        let hash = Condition::from_bytes(&long).expect("sound").hash();
        System::assert_last_event(Event::PolicyUpdated { id, version: 2, condition: hash }.into());
        assert_eq!(AccessConditions::policy(id).map(|view| view.condition.hash()), Some(hash));
        assert_eq!(held(&ALICE), deposit(&long));
        assert_ok!(AccessConditions::update_policy(RuntimeOrigin::signed(ALICE), id, short.clone()));
        assert_eq!(held(&ALICE), deposit(&short));

        assert_ok!(AccessConditions::revoke_policy(RuntimeOrigin::signed(ALICE), id));
        System::assert_last_event(Event::PolicyRevoked { id, owner: ALICE }.into());
        assert_eq!((AccessConditions::policy(id), held(&ALICE)), (None, 0));
        assert_noop!(
            AccessConditions::revoke_policy(RuntimeOrigin::signed(ALICE), id),
            Error::<Test>::UnknownPolicy
        );
    });
}

/// The id of a revoked policy never comes back, also not to the one who had it.
#[test]
fn ids_should_never_repeat() {
    run(|| {
        let first = must_create(ALICE, from_block(5));
        assert_ok!(AccessConditions::revoke_policy(RuntimeOrigin::signed(ALICE), first));
        let ids = [
            must_create(ALICE, from_block(5)),
            must_create(ALICE, from_block(5)),
            must_create(BOB, from_block(5)),
        ];
        assert!(!ids.contains(&first) && ids[0] != ids[1] && ids[1] != ids[2]);
    });
}

#[test]
fn only_the_owner_should_change_a_policy() {
    run(|| {
        let id = must_create(ALICE, from_block(5));
        let bob = || RuntimeOrigin::signed(BOB);
        assert_noop!(AccessConditions::update_policy(bob(), id, from_block(6)), Error::<Test>::NotOwner);
        assert_noop!(AccessConditions::revoke_policy(bob(), id), Error::<Test>::NotOwner);
        let unknown = PolicyId([9; 32]);
        assert_noop!(
            AccessConditions::update_policy(bob(), unknown, from_block(6)),
            Error::<Test>::UnknownPolicy
        );
        assert_noop!(AccessConditions::revoke_policy(bob(), unknown), Error::<Test>::UnknownPolicy);
        let alice = RuntimeOrigin::signed(ALICE);
        assert_noop!(AccessConditions::update_policy(alice, id, from_block(5)), Error::<Test>::SameCondition);
    });
}

#[test]
fn bytes_that_are_no_condition_should_be_refused() {
    run(|| {
        let id = must_create(ALICE, from_block(5));
        let sound = from_block(6).to_vec();
        let swapped = {
            // Two operands in the wrong order.
            let mut bytes =
                parse(r#"{"any":[{"blocks":{"from":1}},{"blocks":{"from":2}}]}"#).expect("sound").to_bytes();
            let leaf = (bytes.len() - 3) / 2;
            let (first, second) = (bytes[3..3 + leaf].to_vec(), bytes[3 + leaf..].to_vec());
            bytes.truncate(3);
            bytes.extend([second, first].concat());
            bytes
        };
        for bytes in [
            vec![],
            vec![0],
            vec![255; 100],
            [&sound[..], &[0]].concat(),
            sound[..sound.len() - 1].to_vec(),
            swapped,
        ] {
            let bytes: crate::EncodedCondition = bytes.try_into().expect("short");
            let alice = || RuntimeOrigin::signed(ALICE);
            let error = Error::<Test>::InvalidCondition;
            assert_noop!(AccessConditions::create_policy(alice(), bytes.clone()), error);
            let error = Error::<Test>::InvalidCondition;
            assert_noop!(AccessConditions::update_policy(alice(), id, bytes), error);
        }
        let nested = condition(&format!(r#"{{"not":{{"policy":"{id}"}}}}"#));
        let alice = || RuntimeOrigin::signed(ALICE);
        assert_noop!(AccessConditions::create_policy(alice(), nested.clone()), Error::<Test>::NestedPolicy);
        assert_noop!(AccessConditions::update_policy(alice(), id, nested), Error::<Test>::NestedPolicy);
    });
}

#[test]
fn who_cannot_pay_the_deposit_should_make_no_policy() {
    run(|| {
        let before = Policies::<Test>::iter().count();
        let outcome = AccessConditions::create_policy(RuntimeOrigin::signed(NOBODY), from_block(5));
        assert_eq!(outcome, Err(DispatchError::Token(TokenError::FundsUnavailable)));
        let text = "a".repeat(1_000);
        let resources: Vec<_> =
            (0..4).map(|n| format!(r#"{{"siweResource":"{n}{}"}}"#, &text[1..])).collect();
        let dear = condition(&format!(r#"{{"any":[{}]}}"#, resources.join(",")));
        let id = must_create(ALICE, from_block(5));
        assert!(AccessConditions::update_policy(RuntimeOrigin::signed(ALICE), id, dear).is_err());
        // Nothing is left half done.
        assert_eq!(AccessConditions::policy(id).map(|view| view.version), Some(1));
        assert_eq!(Policies::<Test>::iter().count(), before + 1);
    });
}

#[test]
fn json_should_become_what_a_policy_is_made_of() {
    let json = r#"{"any":[{"blocks":{"from":5}},{"siweDomain":"example.org"}]}"#;
    let (parsed, hash) = AccessConditions::condition(json.as_bytes()).expect("sound");
    assert_eq!((parsed.to_bytes(), hash), (condition(json).to_vec(), parsed.hash()));
    let refused = |json: &[u8]| AccessConditions::condition(json).expect_err("unsound");
    assert_eq!(refused(&[0xff]), "expected UTF-8");
    let twice = refused(br#"{"blocks":{"from":5},"blocks":{"from":6}}"#);
    assert!(twice.contains("blocks"), "{twice}");
}
