//! What anybody can submit: calls of the runtime, some in a row, and the invariants of our pallets after each.

use codec::{DecodeAll, Encode};
use conclave_primitives::{
    root_key_ids, AttemptKind, AuthMethod, LoginSettings, ParticipantIndex, PkpId, RootKey, Scope, Scopes,
};
use conclave_runtime::{
    genesis_presets, AccountId, Runtime, RuntimeCall, RuntimeGenesisConfig, RuntimeOrigin,
};
use conclave_vss::{deal, Dealing, Secrets};
use frame_support::{
    dispatch::RawOrigin,
    genesis_builder_helper::get_preset,
    traits::{Authorize, Hooks},
};
use pallet_committee::{ActiveCommittee, CurrentCommittee, FormedIn};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring::{Bob, Charlie};
use sp_runtime::{
    traits::Dispatchable, transaction_validity::TransactionSource, BoundedVec, BuildStorage, Storage,
};
use std::{collections::BTreeSet, sync::OnceLock};

use crate::fixture::{committee, context, encryption, rng, MEMBERS, THRESHOLD};

/// The most calls of one input.
const MAX_CALLS: usize = 8;

/// Accounts of the development chain with funds; none holds the sudo key.
fn accounts() -> [AccountId; 2] {
    [Bob.to_account_id(), Charlie.to_account_id()]
}

/// The development chain at block 1, with a committee that serves.
fn chain() -> TestExternalities {
    static GENESIS: OnceLock<Storage> = OnceLock::new();
    let storage = GENESIS.get_or_init(|| {
        let json = |bytes: Option<Vec<u8>>| -> serde_json::Value {
            serde_json::from_slice(&bytes.expect("it exists")).expect("it is JSON")
        };
        let mut config = json(get_preset::<RuntimeGenesisConfig>(&None, |_| None));
        merge(&mut config, json(genesis_presets::preset(&"dev".into())));
        let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a genesis");
        config.build_storage().expect("the preset is sound")
    });
    let mut chain = TestExternalities::new(storage.clone());
    chain.execute_with(|| {
        frame_system::Pallet::<Runtime>::set_block_number(1);
        let of = committee();
        // Two roots on each curve, as PKPs derive from; of one dealer here, whom nobody asks.
        let roots = root_key_ids()
            .into_iter()
            .zip(&dealing().keys)
            .map(|(id, key)| RootKey { id, commitments: key.commitments.clone() });
        let member = |member: &conclave_primitives::Member| conclave_primitives::Member {
            account: AccountId::new(member.account),
            keys: member.keys,
            dealing_key: member.dealing_key,
        };
        let confirmed: BTreeSet<_> =
            (0..of.members.len()).filter_map(ParticipantIndex::from_position).collect();
        FormedIn::<Runtime>::insert(of.attempt_id(), 0);
        CurrentCommittee::<Runtime>::put(ActiveCommittee {
            epoch: of.epoch,
            session: 0,
            attempt: of.attempt,
            kind: AttemptKind::Keygen,
            keyset: of.keyset,
            members: BoundedVec::truncate_from(of.members.iter().map(member).collect()),
            threshold: of.threshold,
            roots: BoundedVec::truncate_from(roots.collect()),
            confirmed: confirmed.try_into().expect("few members"),
        });
    });
    chain
}

/// Of every root key.
fn dealing() -> &'static Dealing {
    static DEALING: OnceLock<Dealing> = OnceLock::new();
    DEALING.get_or_init(|| {
        let recipients = MEMBERS.map(|member| encryption(member).public());
        let secrets = Secrets::Fresh(&root_key_ids());
        deal(&context(1), secrets, THRESHOLD, &recipients, &mut rng(1)).expect("sound recipients")
    })
}

/// RFC 7386 without deletion, which presets do not use.
fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
    use serde_json::Value::{Null, Object};
    match (base, patch) {
        (Object(base), Object(patch)) => {
            patch.into_iter().for_each(|(key, value)| merge(base.entry(key).or_insert(Null), value));
        }
        (base, patch) => *base = patch,
    }
}

/// A list of accounts, by number, and calls.
pub(crate) fn calls(input: &[u8]) {
    let Ok(calls) = <Vec<(u8, RuntimeCall)>>::decode_all(&mut &*input) else { return };
    assert_eq!(calls.encode(), input, "one list, one encoding");
    if calls.len() > MAX_CALLS {
        return;
    }
    chain().execute_with(|| {
        for (account, call) in calls {
            // Workers' calls come without an account: each authorises itself. All others refuse to.
            if let Some(Ok(_)) = call.authorize(TransactionSource::External) {
                call.dispatch(RawOrigin::Authorized.into()).expect("what was authorised succeeds");
            } else {
                let account = accounts()[usize::from(account) % 2].clone();
                // Refused or not: it must not panic, and leave all as it has to be.
                let _ = call.dispatch(RuntimeOrigin::signed(account));
            }
            assert_sound();
        }
    });
}

fn assert_sound() {
    pallet_pkp::Pallet::<Runtime>::try_state(1).expect("the registry of PKPs is sound");
    pallet_committee::Pallet::<Runtime>::try_state(1).expect("the committee is sound");
    pallet_access_conditions::Pallet::<Runtime>::try_state(1).expect("policies are sound");
    pallet_actions::Pallet::<Runtime>::try_state(1).expect("published programs are sound");
}

/// The PKP that Bob mints first.
fn first_pkp() -> PkpId {
    chain().execute_with(|| {
        let [bob, _] = accounts();
        let mint = RuntimeCall::Pkp(pallet_pkp::Call::mint {});
        mint.dispatch(RuntimeOrigin::signed(bob.clone())).expect("Bob has funds and the committee keys");
        pallet_pkp::OwnedPkps::<Runtime>::iter_key_prefix(bob).next().expect("Bob minted one")
    })
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    use pallet_access_conditions::Call as Conditions;
    use pallet_pkp::Call as Pkp;
    let id = first_pkp();
    let [_, charlie] = accounts();
    let wallet = AuthMethod::EthereumWallet([7; 20]);
    let scopes = Scopes::default().with(Scope::PersonalSign);
    let mint = || RuntimeCall::Pkp(Pkp::mint {});
    let pkp = |call: Pkp<Runtime>| vec![(0u8, mint()), (0, RuntimeCall::Pkp(call))];
    let condition = conclave_primitives::conditions::parse(r#"{"blocks":{"from":7}}"#).expect("a condition");
    let condition = condition.to_bytes().try_into().expect("short");
    let policy = RuntimeCall::AccessConditions(Conditions::create_policy { condition });
    let code = b"1".to_vec().try_into().expect("short");
    let cid = conclave_primitives::Cid::of(b"1");
    let publish = RuntimeCall::Actions(pallet_actions::Call::publish { code });
    let unpublish = RuntimeCall::Actions(pallet_actions::Call::unpublish { cid });
    let key = conclave_primitives::CredentialKey::EdDsa([3; 32]);
    let mut seeds = vec![
        pkp(Pkp::permit { id, method: wallet, scopes }),
        pkp(Pkp::revoke { id, method: wallet }),
        pkp(Pkp::transfer { id, new_owner: charlie.into() }),
        pkp(Pkp::burn { id }),
        pkp(Pkp::permit_passkey { id, passkey: [5; 32], key, scopes }),
        pkp(Pkp::permit_list { id, list: 1, root: [6; 32], scopes }),
        pkp(Pkp::revoke_list { id, list: 1 }),
        pkp(Pkp::send_to_itself { id }),
        pkp(Pkp::freeze { id }),
        pkp(Pkp::set_logins { settings: LoginSettings::default() }),
        vec![(1, policy)],
        vec![(1, publish), (1, unpublish)],
    ];
    let register = pallet_committee::Call::<Runtime>::remove_worker_keys {};
    seeds.push(vec![(0, RuntimeCall::Committee(register))]);
    seeds.into_iter().map(|calls| calls.encode()).collect()
}

#[test]
fn a_seed_should_mint_and_permit() {
    let seed = seeds().swap_remove(0);
    let calls = <Vec<(u8, RuntimeCall)>>::decode_all(&mut seed.as_slice()).expect("calls");
    chain().execute_with(|| {
        for (_, call) in calls {
            call.dispatch(RuntimeOrigin::signed(accounts()[0].clone())).expect("Bob may");
        }
        assert_eq!(pallet_pkp::Permissions::<Runtime>::get(first_pkp()).len(), 1);
    });
}
