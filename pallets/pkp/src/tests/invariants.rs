use conclave_primitives::{AuthMethod, CredentialKey, PkpId, Scope, Scopes};
use frame_support::{
    storage::with_transaction,
    traits::{fungible::hold::Mutate, Hooks},
};
use sp_runtime::{AccountId32, DispatchError, TransactionOutcome};

use crate::{mock::*, HoldReason, Lists, OwnedPkps, Permissions, PermittedPkps, Pkps};

fn scopes() -> Scopes {
    Scopes::default().with(Scope::SignAnything)
}

#[test]
fn config_should_be_sound() {
    <Pkp as Hooks<u64>>::integrity_test();
}

/// Each way to break the registry is found.
#[test]
fn try_state_should_find_what_is_broken() {
    type Harm = fn(PkpId);
    let breaks: [(&str, Harm); 15] = [
        ("a PKP is missing from its owner's index", |id| OwnedPkps::<Test>::remove(ALICE, id)),
        ("the owner index names a PKP that its account does not own", |id| {
            OwnedPkps::<Test>::insert(BOB, id, ());
        }),
        ("a PKP has other keys than its key set derives", |id| {
            let other = Pkps::<Test>::get(must_mint(BOB)).expect("stored").public_keys;
            Pkps::<Test>::mutate(id, |pkp| pkp.as_mut().expect("stored").public_keys = other);
        }),
        ("a PKP does not have exactly one key per curve", |id| {
            Pkps::<Test>::mutate(id, |pkp| pkp.as_mut().expect("stored").public_keys.pop());
        }),
        ("a PKP has a key that is no point of its curve", |id| {
            Pkps::<Test>::mutate(id, |pkp| {
                pkp.as_mut().expect("stored").public_keys[0].point = point(&[0xff; 33])
            });
        }),
        ("permissions without a PKP", |id| {
            Permissions::<Test>::insert(PkpId([0; 32]), Permissions::<Test>::get(id));
        }),
        ("an owner is among the permissions", |id| {
            Permissions::<Test>::mutate(id, |grants| {
                let (_, grant) = grants.iter().next().expect("one is there");
                let grant = grant.clone();
                grants.try_insert(AuthMethod::Account(ALICE.into()), grant).expect("there is room");
            });
        }),
        ("a hold differs from the deposits", |id| {
            Pkps::<Test>::mutate(id, |pkp| pkp.as_mut().expect("stored").deposit += 1);
        }),
        ("a PKP is missing from its auth method's index", |id| {
            PermittedPkps::<Test>::remove(AuthMethod::EthereumWallet([1; 20]), id);
        }),
        ("the index of auth methods names a PKP that does not permit one", |id| {
            PermittedPkps::<Test>::insert(AuthMethod::EthereumWallet([2; 20]), id, ());
        }),
        ("a passkey without a key, or a key without a passkey", |id| {
            Permissions::<Test>::mutate(id, |grants| {
                let mut grant = grants.iter().next().expect("one is there").1.clone();
                grant.credential = Some(CredentialKey::EdDsa([1; 32]));
                grants.try_insert(AuthMethod::EthereumWallet([1; 20]), grant).expect("there is room");
            });
        }),
        ("lists without a PKP", |id| Lists::<Test>::insert(PkpId([0; 32]), Lists::<Test>::get(id))),
        ("a list permits nothing", |id| {
            Lists::<Test>::mutate(id, |lists| {
                lists.get_mut(&0).expect("one is there").scopes = Scopes::default();
            });
        }),
        ("nobody may use a frozen PKP", |_| {
            let id = must_mint(BOB);
            Pkps::<Test>::mutate(id, |pkp| pkp.as_mut().expect("stored").frozen = true);
        }),
        ("a hold differs from the deposits", |_| {
            Balances::hold(&HoldReason::Permission.into(), &BOB, 1).expect("Bob has funds");
        }),
    ];
    for (finding, harm) in breaks {
        run(|| {
            let id = must_mint(ALICE);
            let method = AuthMethod::EthereumWallet([1; 20]);
            Pkp::permit(RuntimeOrigin::signed(ALICE), id, method, scopes()).expect("permitted");
            Pkp::permit_list(RuntimeOrigin::signed(ALICE), id, 0, [1; 32], scopes()).expect("permitted");
            let found = with_transaction(|| {
                harm(id);
                TransactionOutcome::Rollback(Ok::<_, DispatchError>(Pkp::do_try_state()))
            });
            assert_eq!(found, Ok(Err(DispatchError::Other(finding))));
        });
    }
}

/// Calls at random, right and wrong ones: the invariants hold after each, and all funds come back in the end.
#[test]
fn any_sequence_of_calls_should_keep_the_invariants() {
    run(|| {
        let accounts = [ALICE, BOB];
        // Knuth's MMIX generator: the same sequence everywhere.
        let mut state = 2_026_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut ids: Vec<PkpId> = vec![PkpId([0; 32])];
        for _ in 0..300 {
            let who: AccountId32 = accounts[random(2)].clone();
            let origin = RuntimeOrigin::signed(who.clone());
            let id = ids[random(ids.len())];
            let method = match random(6) {
                0 => AuthMethod::Account(ALICE.into()),
                1 => AuthMethod::Account(BOB.into()),
                wallet => AuthMethod::EthereumWallet([wallet as u8; 20]),
            };
            let _ = match random(16) {
                0 | 1 if ids.len() < 12 => {
                    ids.push(must_mint(who));
                    Ok(())
                }
                0..=2 => Pkp::transfer(origin, id, accounts[random(2)].clone()),
                3..=7 => Pkp::permit(origin, id, method, scopes()),
                8..=10 => Pkp::revoke(origin, id, method),
                11 => Pkp::permit_list(origin, id, random(6) as u32, [1; 32], scopes()),
                12 => Pkp::revoke_list(origin, id, random(6) as u32),
                13 => {
                    let changes = vec![(method, scopes(), None)].try_into().expect("one");
                    with_transaction(|| {
                        let done = Pkp::change_permissions(
                            origin,
                            id,
                            vec![method].try_into().expect("one"),
                            changes,
                        );
                        match done {
                            Ok(()) => TransactionOutcome::Commit(done),
                            Err(_) => TransactionOutcome::Rollback(done),
                        }
                    })
                }
                14 if random(4) == 0 => Pkp::send_to_itself(origin, id),
                _ => Pkp::burn(origin, id),
            };
            Pkp::do_try_state().expect("the invariants hold");
        }
        for (id, pkp) in Pkps::<Test>::iter().collect::<Vec<_>>() {
            Pkp::burn(RuntimeOrigin::signed(pkp.owner), id).expect("burned");
        }
        assert_eq!([held(&ALICE), held(&BOB)], [(0, 0), (0, 0)]);
        assert_eq!(Permissions::<Test>::iter().count() + OwnedPkps::<Test>::iter().count(), 0);
        assert_eq!(Lists::<Test>::iter().count() + PermittedPkps::<Test>::iter().count(), 0);
    });
}
