use conclave_primitives::{AuthMethod, Curve, Permission, PkpId, Scope, Scopes};
use frame_support::assert_ok;

use crate::{address, mock::*, Pkps};

const UNKNOWN: PkpId = PkpId([0; 32]);

fn anything() -> Scopes {
    Scopes::default().with(Scope::SignAnything)
}

#[test]
fn pkp_should_show_owner_keys_and_permissions() {
    run(|| {
        System::set_block_number(4);
        let id = must_mint(ALICE);
        let method = AuthMethod::Account(BOB.into());
        assert_ok!(Pkp::permit(RuntimeOrigin::signed(ALICE), id, method, anything()));

        let stored = Pkps::<Test>::get(id).expect("stored");
        let view = Pkp::pkp(id).expect("known");
        assert_eq!((view.id, view.owner, view.minted_at), (id, ALICE.into(), 4));
        assert_eq!((view.keyset, view.public_keys), (stored.keyset, stored.public_keys.into_inner()));
        assert_eq!(view.permissions, [Permission { method, scopes: anything(), credential: None }]);
    });
}

#[test]
fn unknown_pkp_should_give_nothing() {
    run(|| {
        assert_eq!(Pkp::pkp(UNKNOWN), None);
        assert_eq!(Pkp::addresses(UNKNOWN), None);
        assert_eq!(Pkp::scopes(UNKNOWN, AuthMethod::Account(ALICE.into())), None);
        assert!(Pkp::pkps_of(&ALICE, None, 10).is_empty());
    });
}

#[test]
fn owner_should_have_every_scope_and_nobody_else_any() {
    run(|| {
        let id = must_mint(ALICE);
        let scopes = Pkp::scopes(id, AuthMethod::Account(ALICE.into())).expect("the owner may");
        assert!(scopes.permits(Scope::SignAnything) && scopes.permits(Scope::PersonalSign));
        assert_eq!(Pkp::scopes(id, AuthMethod::Account(BOB.into())), None);
        assert_eq!(Pkp::scopes(id, AuthMethod::EthereumWallet([1; 20])), None);
    });
}

#[test]
fn pkps_of_should_page_through_all_without_gap_or_repeat() {
    run(|| {
        let mut minted: Vec<PkpId> = (0..7).map(|_| must_mint(ALICE)).collect();
        must_mint(BOB);
        minted.sort();

        let mut seen = Vec::new();
        loop {
            let page = Pkp::pkps_of(&ALICE, seen.last().copied(), 3);
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= 3);
            seen.extend(page);
        }
        assert_eq!(seen, minted);
        assert!(Pkp::pkps_of(&ALICE, None, 0).is_empty());

        // A cursor that was burned meanwhile still marks its place.
        assert_ok!(Pkp::burn(RuntimeOrigin::signed(ALICE), minted[2]));
        assert_eq!(Pkp::pkps_of(&ALICE, Some(minted[2]), 100), minted[3..]);
    });
}

#[test]
fn addresses_should_be_those_of_the_keys() {
    run(|| {
        let id = must_mint(ALICE);
        let keys = Pkps::<Test>::get(id).expect("stored").public_keys;
        let point = |curve| &keys.iter().find(|key| key.curve == curve).expect("on every curve").point;
        let [secp256k1, ed25519, sr25519] =
            [Curve::Secp256k1, Curve::Ed25519, Curve::Ristretto255].map(point);
        let expected = address::addresses(secp256k1, ed25519, sr25519, SS58_PREFIX).expect("valid keys");
        assert_eq!(
            Ok(&expected.ss58_sr25519),
            address::ss58(sr25519[..].try_into().expect("32 bytes"), SS58_PREFIX).as_ref()
        );
        assert_eq!(Pkp::addresses(id), Some(expected));
    });
}
