use codec::Decode;
use conclave_primitives::{AuthMethod, PkpId, Scope, Scopes};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

use crate::{mock::*, Error, Event, Permissions};

const UNKNOWN: PkpId = PkpId([0; 32]);
const WALLET: AuthMethod = AuthMethod::EthereumWallet([9; 20]);

fn personal() -> Scopes {
    Scopes::default().with(Scope::PersonalSign)
}

fn anything() -> Scopes {
    Scopes::default().with(Scope::SignAnything)
}

fn permit(id: PkpId, method: AuthMethod, scopes: Scopes) -> DispatchResult {
    Pkp::permit(RuntimeOrigin::signed(ALICE), id, method, scopes)
}

fn revoke(id: PkpId, method: AuthMethod) -> DispatchResult {
    Pkp::revoke(RuntimeOrigin::signed(ALICE), id, method)
}

#[test]
fn permit_should_grant_the_scopes_and_hold_the_deposit() {
    run(|| {
        let id = must_mint(ALICE);
        assert_ok!(permit(id, WALLET, personal()));
        assert_eq!(Pkp::scopes(id, WALLET), Some(personal()));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, PERMISSION_DEPOSIT));
        System::assert_last_event(Event::Permitted { id, method: WALLET, scopes: personal() }.into());

        let account = AuthMethod::Account(BOB.into());
        assert_ok!(permit(id, account, anything()));
        assert_eq!(Pkp::scopes(id, account), Some(anything()));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, 2 * PERMISSION_DEPOSIT));
    });
}

#[test]
fn permit_should_replace_the_scopes_without_a_second_deposit() {
    run(|| {
        let id = must_mint(ALICE);
        assert_ok!(permit(id, WALLET, anything()));
        assert_ok!(permit(id, WALLET, personal()));
        assert_eq!(Pkp::scopes(id, WALLET), Some(personal()));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, PERMISSION_DEPOSIT));
    });
}

#[test]
fn permissions_should_belong_to_one_pkp() {
    run(|| {
        let [one, other] = [must_mint(ALICE), must_mint(ALICE)];
        assert_ok!(permit(one, WALLET, anything()));
        assert_eq!(Pkp::scopes(other, WALLET), None);
    });
}

#[test]
fn permit_should_refuse_scopes_that_permit_nothing_or_mean_nothing() {
    run(|| {
        let id = must_mint(ALICE);
        assert_noop!(permit(id, WALLET, Scopes::default()), Error::<Test>::NoScopes);
        for bits in [0b100, 0b101, 0xff] {
            // A decoder that refuses unknown bits by itself is as good.
            if let Ok(unknown) = Scopes::decode(&mut &[bits][..]) {
                assert_noop!(permit(id, WALLET, unknown), Error::<Test>::UnknownScope);
            }
        }
    });
}

#[test]
fn permit_should_refuse_who_does_not_own() {
    run(|| {
        let id = must_mint(ALICE);
        let by = |origin| Pkp::permit(origin, id, WALLET, anything());
        assert_noop!(by(RuntimeOrigin::signed(BOB)), Error::<Test>::NotOwner);
        assert_noop!(by(RuntimeOrigin::none()), DispatchError::BadOrigin);
        assert_noop!(permit(UNKNOWN, WALLET, anything()), Error::<Test>::UnknownPkp);
        // A delegate with every scope may sign, not permit.
        assert_ok!(permit(id, AuthMethod::Account(BOB.into()), anything()));
        assert_noop!(by(RuntimeOrigin::signed(BOB)), Error::<Test>::NotOwner);
    });
}

#[test]
fn permit_should_refuse_the_owner() {
    run(|| {
        let id = must_mint(ALICE);
        let owner = AuthMethod::Account(ALICE.into());
        assert_noop!(permit(id, owner, personal()), Error::<Test>::AlreadyOwner);
    });
}

#[test]
fn permit_should_refuse_one_more_than_the_most_but_still_change_those_there() {
    run(|| {
        let id = must_mint(ALICE);
        let wallet = |index: u32| AuthMethod::EthereumWallet([u8::try_from(index).expect("small"); 20]);
        for index in 0..MAX_PERMISSIONS {
            assert_ok!(permit(id, wallet(index), anything()));
        }
        assert_noop!(permit(id, wallet(MAX_PERMISSIONS), anything()), Error::<Test>::TooManyPermissions);
        assert_ok!(permit(id, wallet(0), personal()));
        assert_ok!(revoke(id, wallet(1)));
        assert_ok!(permit(id, wallet(MAX_PERMISSIONS), anything()));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, u64::from(MAX_PERMISSIONS) * PERMISSION_DEPOSIT));
    });
}

#[test]
fn permit_should_refuse_who_cannot_pay_the_deposit() {
    run(|| {
        let id = must_mint(ALICE);
        Balances::set_balance(&ALICE, PERMISSION_DEPOSIT);
        // The last unit keeps the account alive.
        assert_noop!(permit(id, WALLET, anything()), TokenError::FundsUnavailable);
    });
}

#[test]
fn revoke_should_end_the_permission_and_return_its_deposit() {
    run(|| {
        let id = must_mint(ALICE);
        let account = AuthMethod::Account(BOB.into());
        assert_ok!(permit(id, WALLET, anything()));
        assert_ok!(permit(id, account, anything()));

        assert_ok!(revoke(id, WALLET));
        assert_eq!(Pkp::scopes(id, WALLET), None);
        assert_eq!(Pkp::scopes(id, account), Some(anything()));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, PERMISSION_DEPOSIT));
        System::assert_last_event(Event::Revoked { id, method: WALLET }.into());

        assert_ok!(revoke(id, account));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, 0));
        assert!(!Permissions::<Test>::contains_key(id));
    });
}

#[test]
fn revoke_should_refuse_who_does_not_own_and_what_is_not_permitted() {
    run(|| {
        let id = must_mint(ALICE);
        assert_noop!(revoke(id, WALLET), Error::<Test>::NotPermitted);
        assert_noop!(revoke(UNKNOWN, WALLET), Error::<Test>::UnknownPkp);
        assert_ok!(permit(id, WALLET, anything()));
        assert_noop!(Pkp::revoke(RuntimeOrigin::signed(BOB), id, WALLET), Error::<Test>::NotOwner);
        assert_noop!(Pkp::revoke(RuntimeOrigin::root(), id, WALLET), DispatchError::BadOrigin);
    });
}

#[test]
fn permit_should_refuse_accounts_that_anybody_can_sign_for() {
    run(|| {
        let id = must_mint(ALICE);
        for account in NOBODYS {
            assert_noop!(permit(id, AuthMethod::Account(account), anything()), Error::<Test>::NobodysAccount);
        }
    });
}
