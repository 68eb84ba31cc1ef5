//! Lists, and the two ways to let go of a PKP that keep its rules.

use conclave_primitives::{list_tree, AuthMethod, PkpId, Scope, Scopes};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{AccountId32, DispatchResult};

use crate::{mock::*, Error, Event, Lists, Pkps, MAX_LISTS};

const WALLET: AuthMethod = AuthMethod::EthereumWallet([9; 20]);

fn anything() -> Scopes {
    Scopes::default().with(Scope::SignAnything)
}

fn members() -> Vec<AuthMethod> {
    (0..100).map(|index| AuthMethod::EthereumWallet([index; 20])).collect()
}

fn permit_list(id: PkpId, list: u32, root: [u8; 32]) -> DispatchResult {
    Pkp::permit_list(RuntimeOrigin::signed(ALICE), id, list, root, anything())
}

fn itself(id: PkpId) -> AccountId32 {
    Pkp::own_account(&Pkps::<Test>::get(id).expect("stored")).expect("a key")
}

#[test]
fn whoever_is_on_a_list_should_have_its_scopes() {
    run(|| {
        let id = must_mint(ALICE);
        let (root, proofs) = list_tree(&members()).expect("not empty");
        assert_ok!(permit_list(id, 7, root));
        System::assert_last_event(Event::ListPermitted { id, list: 7, root, scopes: anything() }.into());
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, PERMISSION_DEPOSIT));
        assert_eq!(Pkp::listed_scopes(id, members()[42], 7, &proofs[42]), Some(anything()));
        assert_eq!(Pkp::listed_scopes(id, members()[41], 7, &proofs[42]), None);
        assert_eq!(Pkp::listed_scopes(id, members()[42], 6, &proofs[42]), None);
        assert_eq!(Pkp::listed_scopes(PkpId([0; 32]), members()[42], 7, &proofs[42]), None);
        assert_eq!(Pkp::scopes(id, members()[42]), None, "not without a proof");
        assert_eq!(Pkp::pkp(id).expect("there").lists.len(), 1);

        // Replaced for no second deposit: who was on the old list only is out.
        let (root, _) = list_tree(&members()[..40]).expect("not empty");
        assert_ok!(permit_list(id, 7, root));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, PERMISSION_DEPOSIT));
        assert_eq!(Pkp::listed_scopes(id, members()[42], 7, &proofs[42]), None);

        assert_ok!(Pkp::revoke_list(RuntimeOrigin::signed(ALICE), id, 7));
        System::assert_last_event(Event::ListRevoked { id, list: 7 }.into());
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, 0));
        assert!(!Lists::<Test>::contains_key(id));
    });
}

#[test]
fn lists_should_be_bounded_and_the_owner_s() {
    run(|| {
        let id = must_mint(ALICE);
        for list in 0..MAX_LISTS {
            assert_ok!(permit_list(id, list, [1; 32]));
        }
        assert_noop!(permit_list(id, MAX_LISTS, [1; 32]), Error::<Test>::TooManyLists);
        let by_bob = RuntimeOrigin::signed(BOB);
        let permitted = Pkp::permit_list(by_bob.clone(), id, 0, [1; 32], anything());
        assert_noop!(permitted, Error::<Test>::NotOwner);
        assert_noop!(Pkp::revoke_list(by_bob, id, 0), Error::<Test>::NotOwner);
        let by_alice = RuntimeOrigin::signed(ALICE);
        let nothing = Pkp::permit_list(by_alice.clone(), id, 0, [1; 32], Scopes::default());
        assert_noop!(nothing, Error::<Test>::NoScopes);
        assert_noop!(Pkp::revoke_list(by_alice.clone(), id, 99), Error::<Test>::NotPermitted);
        // They end with the ownership, as all permissions.
        assert_ok!(Pkp::transfer(by_alice, id, BOB));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, 0));
    });
}

#[test]
fn a_pkp_sent_to_itself_should_keep_its_permissions_and_obey_itself() {
    run(|| {
        let id = must_mint(ALICE);
        let (alice, own) = (RuntimeOrigin::signed(ALICE), itself(id));
        assert_noop!(Pkp::send_to_itself(alice.clone(), id), Error::<Test>::NobodyLeft);
        assert_noop!(Pkp::transfer(alice.clone(), id, own.clone()), Error::<Test>::SendsToItself);
        // Its own account among the permissions does not count, and goes.
        let own_method = AuthMethod::Account(own.clone().into());
        assert_ok!(Pkp::permit(alice.clone(), id, own_method, anything()));
        assert_eq!(Pkp::send_to_itself(alice.clone(), id), Err(Error::<Test>::NobodyLeft.into()));
    });
    run(|| {
        let id = must_mint(ALICE);
        let (alice, own) = (RuntimeOrigin::signed(ALICE), itself(id));
        assert_ok!(Pkp::permit(alice.clone(), id, WALLET, anything()));
        assert_ok!(Pkp::permit(alice.clone(), id, AuthMethod::Account(own.clone().into()), anything()));
        assert_noop!(Pkp::send_to_itself(RuntimeOrigin::signed(BOB), id), Error::<Test>::NotOwner);
        assert_ok!(Pkp::send_to_itself(alice.clone(), id));
        System::assert_last_event(Event::SentToItself { id, from: ALICE, to: own.clone() }.into());
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, PERMISSION_DEPOSIT));
        assert_eq!(Pkp::scopes(id, WALLET), Some(anything()));
        assert_eq!(Pkp::scopes(id, AuthMethod::Account(ALICE.into())), None);
        assert_noop!(Pkp::revoke(alice, id, WALLET), Error::<Test>::NotOwner);
        let by_itself = RuntimeOrigin::signed(own);
        assert_noop!(Pkp::send_to_itself(by_itself.clone(), id), Error::<Test>::AlreadyOwner);
        // The deposit returns to who paid it.
        assert_ok!(Pkp::revoke(by_itself.clone(), id, WALLET));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, 0));
        assert_ok!(Pkp::burn(by_itself, id));
        assert_eq!(held(&ALICE), (0, 0));
    });
}

#[test]
fn a_frozen_pkp_should_never_change_again() {
    run(|| {
        let id = must_mint(ALICE);
        let alice = RuntimeOrigin::signed(ALICE);
        assert_noop!(Pkp::freeze(alice.clone(), id), Error::<Test>::NobodyLeft);
        assert_ok!(Pkp::permit(alice.clone(), id, WALLET, anything()));
        assert_noop!(Pkp::freeze(RuntimeOrigin::signed(BOB), id), Error::<Test>::NotOwner);
        assert_ok!(Pkp::freeze(alice.clone(), id));
        System::assert_last_event(Event::Frozen { id }.into());
        assert!(Pkp::pkp(id).expect("there").frozen);

        let owner = AuthMethod::Account(ALICE.into());
        assert_eq!(Pkp::scopes(id, owner), None, "its owner has no power");
        assert_eq!(Pkp::scopes(id, WALLET), Some(anything()), "who was permitted is");
        let changes: [DispatchResult; 9] = [
            Pkp::transfer(alice.clone(), id, BOB),
            Pkp::permit(alice.clone(), id, WALLET, anything()),
            Pkp::revoke(alice.clone(), id, WALLET),
            Pkp::burn(alice.clone(), id),
            Pkp::permit_list(alice.clone(), id, 0, [1; 32], anything()),
            Pkp::revoke_list(alice.clone(), id, 0),
            Pkp::send_to_itself(alice.clone(), id),
            Pkp::freeze(alice.clone(), id),
            Pkp::change_permissions(alice, id, vec![WALLET].try_into().expect("one"), Default::default()),
        ];
        for refused in changes {
            assert_eq!(refused, Err(Error::<Test>::Frozen.into()));
        }
    });
}
