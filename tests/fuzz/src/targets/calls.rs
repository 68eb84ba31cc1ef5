//! What anybody can submit, and governance to the pallets that check machines and make committees: calls of the runtime,
//! some in a row, and the invariants of our pallets after each.

use codec::{DecodeAll, Encode};
use conclave_primitives::{
    Attempt, AttemptId, AttemptKind, AuthMethod, Epoch, LoginSettings, Participants, PeerReport, PkpId,
    ReportPurpose, Scope, Scopes,
};
use conclave_runtime_dev::{AccountId, Attestation, Committee, Runtime, RuntimeCall, RuntimeOrigin};
use conclave_soft_psp::{certificate::revocation_list, Guest, Network, SoftPsp};
use frame_support::{
    dispatch::RawOrigin,
    traits::{Authorize, Hooks},
    weights::Weight,
};
use sp_keyring::Sr25519Keyring::{Bob, Charlie};
use sp_runtime::{traits::Dispatchable, transaction_validity::TransactionSource, BoundedVec};

use super::evidence;
use crate::{
    fixture::{encryption, index, secrets},
    runtime::{chain, commits, complaint, deals, report, signed, State, CHEAT, CHEATED, NEXT, NEXT_KEY},
};

/// The most calls of one input.
const MAX_CALLS: usize = 8;

/// Bits of the number before a call: which account signs it,
const CHARLIE: u8 = 1;
/// or governance, where the pallet is one of those that this is about;
const ROOT: u8 = 2;
/// whether the worker that it names signs it anew,
const WORKER: u8 = 4;
/// and whether a block begins before it.
const NEXT_BLOCK: u8 = 8;

/// Accounts of the development chain with funds; none holds the sudo key.
fn accounts() -> [AccountId; 2] {
    [Bob.to_account_id(), Charlie.to_account_id()]
}

/// The state that the chain is in, and calls, each with who makes it.
pub(crate) fn calls(input: &[u8]) {
    let Some((state, input)) = input.split_first() else { return };
    let Ok(calls) = <Vec<(u8, RuntimeCall)>>::decode_all(&mut &*input) else { return };
    // Not the same bytes: sets and maps are decoded in any order.
    assert_eq!(<Vec<(u8, RuntimeCall)>>::decode_all(&mut calls.encode().as_slice()).as_ref(), Ok(&calls));
    if calls.len() > MAX_CALLS {
        return;
    }
    chain(State::ALL[usize::from(*state) % State::ALL.len()]).execute_with(|| {
        for (how, call) in calls {
            if how & NEXT_BLOCK != 0 {
                next_block();
            }
            make(how, call);
            assert_sound();
        }
    });
}

/// Says whether a worker's call was good.
fn make(how: u8, call: RuntimeCall) -> bool {
    let call = if how & WORKER == 0 { call } else { signed(call) };
    // The pool keeps also what waits for its phase; a block does not.
    let _ = call.authorize(TransactionSource::External);
    // Workers' calls come without an account: each authorises itself. All others refuse to.
    if let Some(Ok(_)) = call.authorize(TransactionSource::InBlock) {
        call.dispatch(RawOrigin::Authorized.into()).expect("what was authorised succeeds");
        return true;
    }
    let governed = matches!(call, RuntimeCall::Committee(_) | RuntimeCall::Attestation(_));
    let origin = if how & ROOT != 0 && governed {
        RuntimeOrigin::root()
    } else {
        RuntimeOrigin::signed(accounts()[usize::from(how & CHARLIE)].clone())
    };
    // Refused or not: it must not panic, and leave all as it has to be.
    let _ = call.dispatch(origin);
    false
}

/// As far as our pallets see, with empty blocks before it.
fn next_block() {
    let now = frame_system::Pallet::<Runtime>::block_number() + 10;
    Committee::on_idle(now - 1, Weight::MAX);
    frame_system::Pallet::<Runtime>::set_block_number(now);
    Committee::on_initialize(now);
    Attestation::on_initialize(now);
}

fn assert_sound() {
    pallet_pkp::Pallet::<Runtime>::try_state(1).expect("the registry of PKPs is sound");
    pallet_committee::Pallet::<Runtime>::try_state(1).expect("the committee is sound");
    pallet_access_conditions::Pallet::<Runtime>::try_state(1).expect("policies are sound");
    pallet_actions::Pallet::<Runtime>::try_state(1).expect("published programs are sound");
    pallet_attestation::Pallet::<Runtime>::try_state(1).expect("attestations are sound");
}

/// The PKP that Bob mints first.
fn first_pkp() -> PkpId {
    chain(State::Serving).execute_with(|| {
        let [bob, _] = accounts();
        let mint = RuntimeCall::Pkp(pallet_pkp::Call::mint {});
        mint.dispatch(RuntimeOrigin::signed(bob.clone())).expect("Bob has funds and the committee keys");
        pallet_pkp::OwnedPkps::<Runtime>::iter_key_prefix(bob).next().expect("Bob minted one")
    })
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let of = |(state, calls): (State, Vec<(u8, RuntimeCall)>)| {
        let state = State::ALL.iter().position(|known| *known == state).expect("it is one");
        [&[state as u8], calls.encode().as_slice()].concat()
    };
    let mut seeds: Vec<_> = by_accounts().into_iter().map(|calls| of((State::Serving, calls))).collect();
    seeds.extend(by_workers().into_iter().map(of));
    seeds.extend(of_machines().into_iter().map(|calls| of((State::Serving, calls))));
    seeds
}

fn by_accounts() -> Vec<Vec<(u8, RuntimeCall)>> {
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
    vec![
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
        vec![(0, RuntimeCall::Committee(pallet_committee::Call::remove_worker_keys {}))],
    ]
}

/// Every call of the committee, in the state in which it is good.
fn by_workers() -> Vec<(State, Vec<(u8, RuntimeCall)>)> {
    use pallet_committee::Call;
    let by_workers =
        |calls: Vec<RuntimeCall>| calls.into_iter().map(|call| (WORKER, call)).collect::<Vec<_>>();
    let confirm =
        |member| Call::confirm_shares { attempt: NEXT, participant: index(member), signature: [0; 64] };
    let activate = Call::activate { attempt: NEXT, signature: [0; 64] };
    let provide = |member| Call::provide_dealing_key {
        signer: secrets(member).public().signing,
        attempt: AttemptId { attempt: Attempt(1), ..NEXT },
        dealing_key: encryption(NEXT_KEY).public(),
        proof: [0; 64],
        signature: [0; 64],
    };
    let reports = |kind| {
        let cheated = report(CHEATED, vec![complaint(kind)]);
        by_workers(vec![report(1, Vec::new()), cheated, report(CHEAT, Vec::new())])
    };
    let peers = |member, banned: &[u8], absent: &[u8]| {
        let set = |of: &[u8]| -> Participants {
            of.iter()
                .map(|member| index(*member))
                .collect::<std::collections::BTreeSet<_>>()
                .try_into()
                .expect("few")
        };
        let report = PeerReport { banned: set(banned), absent: set(absent) };
        Call::report_peers { epoch: Epoch(1), participant: index(member), report, signature: [0; 64] }
    };
    let committee =
        |calls: Vec<Call<Runtime>>| by_workers(calls.into_iter().map(RuntimeCall::Committee).collect());
    let root = |call| (ROOT, RuntimeCall::Committee(call));
    let keygen = [commits(), deals(AttemptKind::Keygen)].concat();
    let wait: Vec<_> =
        (0..8).map(|_| (NEXT_BLOCK, RuntimeCall::Committee(Call::remove_worker_keys {}))).collect();
    let mut late = by_workers(deals(AttemptKind::Reshare));
    late.truncate(1);
    late.extend(wait.iter().take(7).cloned());
    let confirmed = vec![confirm(1), confirm(2)];
    // Each by itself: nobody is convicted twice of one kind.
    let accusations = evidence::proofs().into_iter().map(evidence::accusation);
    let mut seeds: Vec<_> = accusations.map(|call| (State::Serving, committee(vec![call]))).collect();
    seeds.extend([
        (State::Commit, by_workers(keygen)),
        (State::Deal, by_workers(deals(AttemptKind::Keygen))),
        (State::Complain, reports(AttemptKind::Keygen)),
        (State::Confirm, committee(confirmed.clone())),
        (State::ReshareDeal, by_workers(deals(AttemptKind::Reshare))),
        (State::ReshareDeal, late),
        (State::ReshareDeal, committee(vec![provide(1), provide(2)])),
        (State::ReshareComplain, reports(AttemptKind::Reshare)),
        (State::ReshareConfirm, committee([confirmed, vec![activate]].concat())),
        (State::ReshareConfirm, wait),
        (State::Serving, committee(vec![peers(1, &[2], &[3]), peers(3, &[2], &[]), peers(2, &[], &[3])])),
        (State::Serving, vec![root(Call::start_attempt {}), root(Call::cancel_attempt {})]),
        (State::ReshareDeal, vec![root(Call::cancel_attempt {})]),
    ]);
    seeds
}

/// Bob's machine comes and goes; governance changes its mind about the release.
fn of_machines() -> Vec<Vec<(u8, RuntimeCall)>> {
    use pallet_attestation::{Call, CurrentPolicy, Floors, Releases};
    let [bob, _] = accounts();
    let psp = |measurement| SoftPsp::new(Network::DEV, 2, Guest::new(measurement, [2; 32]));
    let (release, cpuid, floor, policy, report) = chain(State::Serving).execute_with(|| {
        let (measurement, release) = Releases::<Runtime>::iter().next().expect("the genesis has one");
        let (cpuid, record) = Floors::<Runtime>::iter().next().expect("the genesis has one");
        let data =
            Attestation::report_data_at(&bob, ReportPurpose::Register, 0).expect("Bob has worker keys");
        let psp = psp(measurement);
        let sealed = psp.sign(&psp.draft(data)).expect("it signs");
        (release, cpuid, record.floor, CurrentPolicy::<Runtime>::get(), sealed)
    });
    let ask_serial = Network::DEV.anchor().ask_serial;
    let vcek: BoundedVec<_, _> = report.vcek.try_into().expect("it fits");
    let report = Box::new(report.report);
    let signature = [0; 64];
    let register = Call::register {
        validator: bob.clone(),
        report: report.clone(),
        vcek: vcek.clone(),
        ask_serial,
        block_number: 0,
        signature,
    };
    let renew = Call::renew { validator: bob, report, vcek, ask_serial, block_number: 0, signature };
    let list = revocation_list(&Network::DEV, "261122000000Z", &[7, 8]).expect("it signs");
    let product = Network::DEV.anchor().product;
    let submit_crl = Call::submit_crl { product, list: list.try_into().expect("short") };
    let certificate = Network::DEV.authorities().1.to_vec().try_into().expect("short");
    let submit_ask = Call::submit_ask { product, certificate };
    let worker = |call| (WORKER, RuntimeCall::Attestation(call));
    let bob = |call| (0, RuntimeCall::Attestation(call));
    let root = |call| (ROOT, RuntimeCall::Attestation(call));
    let (id, measurement) = (release.id, release.measurement);
    vec![
        vec![worker(register.clone()), worker(renew), bob(Call::withdraw {})],
        vec![bob(submit_crl), bob(submit_ask), worker(register.clone())],
        vec![
            worker(register.clone()),
            root(Call::disable_release { id }),
            root(Call::forget_release { measurement }),
            root(Call::set_release { release: Box::new(release) }),
        ],
        vec![
            worker(register),
            root(Call::block_chip { chip: [1; 64] }),
            root(Call::unblock_chip { chip: [1; 64] }),
            root(Call::tighten_policy { policy }),
            root(Call::set_policy { policy }),
        ],
        vec![
            root(Call::remove_floor { cpuid }),
            root(Call::set_floor { cpuid, floor, source_digest: [1; 32] }),
        ],
    ]
}

#[test]
fn a_seed_should_mint_and_permit() {
    chain(State::Serving).execute_with(|| {
        for (_, call) in by_accounts().swap_remove(0) {
            call.dispatch(RuntimeOrigin::signed(accounts()[0].clone())).expect("Bob may");
        }
        assert_eq!(pallet_pkp::Permissions::<Runtime>::get(first_pkp()).len(), 1);
    });
}

#[test]
fn calls_of_workers_should_be_good() {
    let seeds =
        by_workers().into_iter().chain(of_machines().into_iter().map(|calls| (State::Serving, calls)));
    for (number, (state, calls)) in seeds.enumerate() {
        chain(state).execute_with(|| {
            for (position, (how, call)) in calls.into_iter().enumerate() {
                // The guilty are heard no more, and a renewal comes after a while.
                let is_refused = (state == State::Complain && position == 2)
                    || matches!(call, RuntimeCall::Attestation(pallet_attestation::Call::renew { .. }));
                let is_by_worker = how & WORKER != 0;
                if how & NEXT_BLOCK != 0 {
                    next_block();
                }
                assert_eq!(make(how, call), is_by_worker && !is_refused, "{number}: {state:?}, {position}");
            }
        });
    }
}

#[test]
fn each_state_should_be_in_its_phase() {
    use crate::runtime::phase;
    use conclave_primitives::AttemptPhase::{Commit, Complain, Confirm, Deal};
    let phases = [
        None,
        Some(Commit),
        Some(Deal),
        Some(Complain),
        Some(Confirm),
        Some(Deal),
        Some(Complain),
        Some(Confirm),
    ];
    for (state, expected) in State::ALL.into_iter().zip(phases) {
        chain(state).execute_with(|| {
            assert_eq!(phase(), expected, "{state:?}");
            assert_sound();
        });
    }
}
