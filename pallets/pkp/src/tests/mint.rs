use conclave_primitives::{Curve, EncodedPoint, KeysetId, PkpId, PublicKey};
use conclave_vss::derive_public_key;
use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{ArithmeticError, DispatchError, TokenError};

use crate::{mock::*, Error, Event, NextSerial, OwnedPkps, Permissions, Pkps};

fn mint(who: sp_runtime::AccountId32) -> sp_runtime::DispatchResult {
    Pkp::mint(RuntimeOrigin::signed(who))
}

/// Root public keys by curve.
type Roots = Vec<(Curve, Vec<EncodedPoint>)>;

#[test]
fn mint_should_derive_the_keys_and_hold_the_deposit() {
    run(|| {
        System::set_block_number(5);
        assert_ok!(mint(ALICE));

        let id = Pkp::pkp_id(&ALICE, 0);
        let genesis = System::block_hash(BlockNumberFor::<Test>::from(0u32)).0;
        let (keyset, roots) = roots(KeysetId(0));
        let keys = roots
            .iter()
            .map(|(curve, roots)| PublicKey {
                curve: *curve,
                point: derive_public_key(*curve, &genesis, keyset, &id, roots).expect("derives"),
            })
            .collect::<Vec<_>>();
        assert_eq!(keys.iter().map(|key| key.curve).collect::<Vec<_>>(), Curve::SIGNING);
        let keys: crate::PkpKeys = keys.try_into().expect("fits");

        let pkp = Pkps::<Test>::get(id).expect("stored");
        assert_eq!((pkp.owner, pkp.depositor), (ALICE, ALICE));
        assert_eq!((pkp.keyset, pkp.minted_at, pkp.deposit), (keyset, 5, MINT_DEPOSIT));
        assert_eq!(pkp.public_keys, keys);
        assert!(OwnedPkps::<Test>::contains_key(ALICE, id));
        assert!(!Permissions::<Test>::contains_key(id));
        assert_eq!(held(&ALICE), (MINT_DEPOSIT, 0));
        assert_eq!(Balances::balance(&ALICE), ENDOWMENT - MINT_DEPOSIT);
        System::assert_last_event(Event::Minted { id, owner: ALICE, keyset, public_keys: keys }.into());
    });
}

/// Pins the bytes: clients may compute an id before the block has it.
#[test]
fn id_should_be_the_hash_of_tag_owner_and_serial() {
    let mut bytes = vec![15 << 2];
    bytes.extend_from_slice(b"CONCLAVE-V1-PKP");
    bytes.extend_from_slice(&[1; 32]);
    bytes.extend_from_slice(&[7, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(Pkp::pkp_id(&ALICE, 7), PkpId(conclave_primitives::blake2_256(&bytes)));
}

#[test]
fn mint_should_never_give_an_id_or_a_key_twice() {
    run(|| {
        let ids = [must_mint(ALICE), must_mint(ALICE), must_mint(BOB)];
        assert_ok!(Pkp::burn(RuntimeOrigin::signed(ALICE), ids[0]));
        let again = must_mint(ALICE);
        assert!(!ids.contains(&again));
        assert_ne!(ids[1], ids[2]);
        let keys = |id| Pkps::<Test>::get(id).expect("stored").public_keys;
        for curve in 0..Curve::SIGNING.len() {
            assert_ne!(keys(ids[1])[curve], keys(ids[2])[curve]);
            assert_ne!(keys(ids[1])[curve], keys(again)[curve]);
        }
    });
}

#[test]
fn mint_should_follow_the_key_set_that_serves() {
    run(|| {
        must_mint(ALICE);
        ServingRoots::set(Some(roots(KeysetId(1))));
        let id = must_mint(ALICE);
        assert_eq!(Pkps::<Test>::get(id).expect("stored").keyset, KeysetId(1));
    });
}

#[test]
fn mint_should_want_a_signed_origin() {
    run(|| {
        assert_noop!(Pkp::mint(RuntimeOrigin::none()), DispatchError::BadOrigin);
        assert_noop!(Pkp::mint(RuntimeOrigin::root()), DispatchError::BadOrigin);
    });
}

#[test]
fn mint_should_wait_for_the_committee() {
    run(|| {
        ServingRoots::set(None);
        assert_noop!(mint(ALICE), Error::<Test>::CommitteeNotReady);
    });
}

#[test]
fn mint_should_refuse_root_keys_that_derive_no_key() {
    run(|| {
        let (keyset, good) = roots(KeysetId(0));
        let off_curve = point(&[0xff; 33]);
        let mut cases = vec![vec![]];
        let mut bad = |change: &dyn Fn(&mut Roots)| {
            let mut roots = good.clone();
            change(&mut roots);
            cases.push(roots);
        };
        for curve in 0..Curve::SIGNING.len() {
            bad(&|roots| drop(roots.remove(curve)));
            bad(&|roots| roots[curve].1.truncate(1));
            bad(&|roots| roots[curve].1.push(good[curve].1[0].clone()));
            bad(&|roots| roots[curve].1[1] = off_curve.clone());
            bad(&|roots| roots[curve].1.clone_from(&good[(curve + 1) % good.len()].1));
        }
        for bad in cases {
            ServingRoots::set(Some((keyset, bad)));
            assert_noop!(mint(ALICE), Error::<Test>::KeyNotDerivable);
        }
    });
}

#[test]
fn mint_should_refuse_who_cannot_pay_the_deposit() {
    run(|| {
        assert_noop!(mint(NOBODY), TokenError::FundsUnavailable);
    });
}

#[test]
fn mint_should_refuse_when_the_serials_are_used_up() {
    run(|| {
        NextSerial::<Test>::put(u64::MAX);
        assert_noop!(mint(ALICE), ArithmeticError::Overflow);
    });
}
