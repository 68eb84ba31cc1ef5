use conclave_primitives::{AuthMethod, CredentialKey, PkpId, Scope, Scopes};
use frame_support::{assert_noop, assert_ok, assert_storage_noop};
use sp_runtime::DispatchResult;

use crate::{mock::*, Error, Event, PermittedPkps};

const PASSKEY: AuthMethod = AuthMethod::Passkey([5; 32]);

fn anything() -> Scopes {
    Scopes::default().with(Scope::SignAnything)
}

fn personal() -> Scopes {
    Scopes::default().with(Scope::PersonalSign)
}

/// The generator of P-256.
fn key() -> CredentialKey {
    let point =
        hex::decode("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296").expect("hex");
    CredentialKey::Es256(point.try_into().expect("33 bytes"))
}

/// The base point of Ed25519.
fn other_key() -> CredentialKey {
    let mut point = [0x66; 32];
    point[0] = 0x58;
    CredentialKey::EdDsa(point)
}

fn permit(id: PkpId, key: CredentialKey, scopes: Scopes) -> DispatchResult {
    Pkp::permit_passkey(RuntimeOrigin::signed(ALICE), id, [5; 32], key, scopes)
}

type Changes = (Vec<AuthMethod>, Vec<(AuthMethod, Scopes, Option<CredentialKey>)>);

fn change(id: PkpId, (revoke, permit): Changes) -> DispatchResult {
    let (revoke, permit) = (revoke.try_into().expect("few"), permit.try_into().expect("few"));
    Pkp::change_permissions(RuntimeOrigin::signed(ALICE), id, revoke, permit)
}

#[test]
fn a_passkey_should_be_permitted_with_its_key() {
    run(|| {
        let id = must_mint(ALICE);
        assert_ok!(permit(id, key(), anything()));
        System::assert_last_event(Event::Permitted { id, method: PASSKEY, scopes: anything() }.into());
        let view = Pkp::pkp(id).expect("it is there");
        assert_eq!(view.permissions[0].credential, Some(key()));
        assert_eq!(Pkp::scopes(id, PASSKEY), Some(anything()));
        // Its scopes change, its key does not.
        assert_ok!(Pkp::permit(RuntimeOrigin::signed(ALICE), id, PASSKEY, personal()));
        assert_ok!(permit(id, key(), anything()));
        assert_noop!(permit(id, other_key(), anything()), Error::<Test>::CredentialKeyFixed);
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, PERMISSION_DEPOSIT));
        // Revoked, it leaves nothing behind: neither its key nor its scopes.
        assert_ok!(Pkp::revoke(RuntimeOrigin::signed(ALICE), id, PASSKEY));
        assert_ok!(permit(id, other_key(), personal()));
        assert_eq!(Pkp::scopes(id, PASSKEY), Some(personal()));
    });
}

#[test]
fn keys_that_are_none_should_be_refused() {
    run(|| {
        let id = must_mint(ALICE);
        let by_permit = Pkp::permit(RuntimeOrigin::signed(ALICE), id, PASSKEY, anything());
        assert_eq!(by_permit, Err(Error::<Test>::NoCredentialKey.into()));
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut off = [0xff; 33];
        off[0] = 2;
        for bad in [CredentialKey::Es256([0; 33]), CredentialKey::Es256(off), CredentialKey::EdDsa(identity)]
        {
            assert_noop!(permit(id, bad, anything()), Error::<Test>::InvalidCredentialKey);
        }
        let wallet = AuthMethod::EthereumWallet([1; 20]);
        let odd = (vec![], vec![(wallet, anything(), Some(key()))]);
        assert_noop!(change(id, odd), Error::<Test>::InvalidCredentialKey);
    });
}

#[test]
fn changes_should_happen_together_or_not_at_all() {
    run(|| {
        let id = must_mint(ALICE);
        let wallet = |index| AuthMethod::EthereumWallet([index; 20]);
        for index in 0..3 {
            assert_ok!(Pkp::permit(RuntimeOrigin::signed(ALICE), id, wallet(index), anything()));
        }
        // There is room only since one goes first.
        assert_ok!(change(id, (vec![wallet(0)], vec![(PASSKEY, personal(), Some(key()))])));
        assert_eq!(Pkp::scopes(id, wallet(0)), None);
        assert_eq!(Pkp::scopes(id, PASSKEY), Some(personal()));
        let one_too_many =
            (vec![wallet(1)], vec![(wallet(7), anything(), None), (wallet(8), anything(), None)]);
        let call = crate::Call::<Test>::change_permissions {
            id,
            revoke: one_too_many.0.try_into().expect("few"),
            permit: one_too_many.1.try_into().expect("few"),
        };
        assert_storage_noop!({
            use frame_support::traits::UnfilteredDispatchable;
            let refused = call.dispatch_bypass_filter(RuntimeOrigin::signed(ALICE));
            assert_eq!(refused.expect_err("full").error, Error::<Test>::TooManyPermissions.into());
        });
    });
}

#[test]
fn whoever_logs_in_should_find_their_pkps() {
    run(|| {
        let [one, other] = [must_mint(ALICE), must_mint(ALICE)];
        for id in [one, other] {
            assert_ok!(permit(id, key(), anything()));
        }
        let mut both = [one, other];
        both.sort();
        assert_eq!(Pkp::pkps_permitting(PASSKEY, None, 9), both);
        assert_eq!(Pkp::pkps_permitting(PASSKEY, None, 1), both[..1]);
        assert_eq!(Pkp::pkps_permitting(PASSKEY, Some(both[0]), 9), both[1..]);
        assert_eq!(Pkp::pkps_permitting(AuthMethod::Google([5; 32]), None, 9), []);
        assert_ok!(Pkp::transfer(RuntimeOrigin::signed(ALICE), one, BOB));
        assert_ok!(Pkp::burn(RuntimeOrigin::signed(ALICE), other));
        assert_eq!(PermittedPkps::<Test>::iter().count(), 0);
    });
}
