use conclave_primitives::{AuthMethod, PkpId, Scope, Scopes};
use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use sp_runtime::{AccountId32, DispatchError};

use crate::{mock::*, Error, Event, OwnedPkps, Permissions, Pkps};

const UNKNOWN: PkpId = PkpId([0; 32]);

fn permit(owner: sp_runtime::AccountId32, id: PkpId, wallet: u8) {
    let method = AuthMethod::EthereumWallet([wallet; 20]);
    let scopes = Scopes::default().with(Scope::SignAnything);
    assert_ok!(Pkp::permit(RuntimeOrigin::signed(owner), id, method, scopes));
}

#[test]
fn transfer_should_change_the_owner_and_clear_the_permissions() {
    run(|| {
        let id = must_mint(ALICE);
        let keys = Pkps::<Test>::get(id).expect("stored").public_keys;
        permit(ALICE, id, 1);
        permit(ALICE, id, 2);

        assert_ok!(Pkp::transfer(RuntimeOrigin::signed(ALICE), id, BOB));

        let pkp = Pkps::<Test>::get(id).expect("stored");
        assert_eq!((pkp.owner, pkp.public_keys), (BOB, keys));
        assert!(!OwnedPkps::<Test>::contains_key(ALICE, id));
        assert!(OwnedPkps::<Test>::contains_key(BOB, id));
        assert!(!Permissions::<Test>::contains_key(id));
        assert_eq!(Pkp::scopes(id, AuthMethod::EthereumWallet([1; 20])), None);
        assert_eq!(Pkp::scopes(id, AuthMethod::Account(ALICE.into())), None);
        System::assert_last_event(Event::Transferred { id, from: ALICE, to: BOB }.into());
    });
}

#[test]
fn transfer_should_leave_the_deposit_on_the_minter_and_touch_no_balance_of_the_recipient() {
    run(|| {
        let id = must_mint(ALICE);
        permit(ALICE, id, 1);
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, PERMISSION_DEPOSIT));

        assert_ok!(Pkp::transfer(RuntimeOrigin::signed(ALICE), id, BOB));

        assert_eq!(held(&ALICE), (MINT_DEPOSIT, 0));
        assert_eq!(held(&BOB), (0, 0));
        assert_eq!(Balances::balance(&ALICE), ENDOWMENT - MINT_DEPOSIT);
        assert_eq!(Balances::balance(&BOB), ENDOWMENT);
    });
}

#[test]
fn transfer_should_reach_an_account_that_does_not_exist_yet() {
    run(|| {
        let id = must_mint(ALICE);
        assert_ok!(Pkp::transfer(RuntimeOrigin::signed(ALICE), id, NOBODY));
        assert_eq!(Pkps::<Test>::get(id).expect("stored").owner, NOBODY);
        assert!(!System::account_exists(&NOBODY));
    });
}

#[test]
fn new_owner_should_pay_for_its_own_permissions() {
    run(|| {
        let id = must_mint(ALICE);
        assert_ok!(Pkp::transfer(RuntimeOrigin::signed(ALICE), id, BOB));
        permit(BOB, id, 1);
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, 0));
        assert_eq!(held(&BOB), (0, PERMISSION_DEPOSIT));
    });
}

#[test]
fn transfer_should_refuse_who_does_not_own() {
    run(|| {
        let id = must_mint(ALICE);
        assert_noop!(Pkp::transfer(RuntimeOrigin::signed(BOB), id, BOB), Error::<Test>::NotOwner);
        assert_noop!(Pkp::transfer(RuntimeOrigin::none(), id, BOB), DispatchError::BadOrigin);
        assert_noop!(Pkp::transfer(RuntimeOrigin::signed(ALICE), UNKNOWN, BOB), Error::<Test>::UnknownPkp);
    });
}

#[test]
fn transfer_should_refuse_the_owner_as_recipient() {
    run(|| {
        let id = must_mint(ALICE);
        permit(ALICE, id, 1);
        assert_noop!(Pkp::transfer(RuntimeOrigin::signed(ALICE), id, ALICE), Error::<Test>::AlreadyOwner);
    });
}

#[test]
fn burn_should_return_every_deposit() {
    run(|| {
        let id = must_mint(ALICE);
        permit(ALICE, id, 1);
        permit(ALICE, id, 2);

        assert_ok!(Pkp::burn(RuntimeOrigin::signed(ALICE), id));

        assert_eq!(held(&ALICE), (0, 0));
        assert_eq!(Balances::balance(&ALICE), ENDOWMENT);
        assert!(!Pkps::<Test>::contains_key(id));
        assert!(!OwnedPkps::<Test>::contains_key(ALICE, id));
        assert!(!Permissions::<Test>::contains_key(id));
        System::assert_last_event(Event::Burned { id, owner: ALICE }.into());
        assert_noop!(Pkp::burn(RuntimeOrigin::signed(ALICE), id), Error::<Test>::UnknownPkp);
    });
}

#[test]
fn burn_by_a_later_owner_should_return_the_mint_deposit_to_the_minter() {
    run(|| {
        let id = must_mint(ALICE);
        let other = must_mint(ALICE);
        assert_ok!(Pkp::transfer(RuntimeOrigin::signed(ALICE), id, BOB));
        permit(BOB, id, 1);

        assert_ok!(Pkp::burn(RuntimeOrigin::signed(BOB), id));

        assert_eq!(held(&ALICE), (MINT_DEPOSIT, 0));
        assert_eq!(Balances::balance(&ALICE), ENDOWMENT - MINT_DEPOSIT);
        assert_eq!(held(&BOB), (0, 0));
        assert_eq!(Balances::balance(&BOB), ENDOWMENT);
        assert!(Pkps::<Test>::contains_key(other));
    });
}

#[test]
fn burn_should_refuse_who_does_not_own() {
    run(|| {
        let id = must_mint(ALICE);
        assert_noop!(Pkp::burn(RuntimeOrigin::signed(BOB), id), Error::<Test>::NotOwner);
        assert_noop!(Pkp::burn(RuntimeOrigin::root(), id), DispatchError::BadOrigin);
        assert_noop!(Pkp::burn(RuntimeOrigin::signed(ALICE), UNKNOWN), Error::<Test>::UnknownPkp);
        assert_ok!(Pkp::transfer(RuntimeOrigin::signed(ALICE), id, BOB));
        assert_noop!(Pkp::burn(RuntimeOrigin::signed(ALICE), id), Error::<Test>::NotOwner);
    });
}

#[test]
fn nobodys_accounts_should_own_nothing() {
    run(|| {
        let id = must_mint(ALICE);
        for account in NOBODYS.map(AccountId32::new) {
            let transferred = Pkp::transfer(RuntimeOrigin::signed(ALICE), id, account.clone());
            assert_noop!(transferred, Error::<Test>::NobodysAccount);
            assert_noop!(Pkp::mint(RuntimeOrigin::signed(account)), Error::<Test>::NobodysAccount);
        }
    });
}
