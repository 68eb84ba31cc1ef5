//! Benchmarks of every call, of its validation, and of the hooks: each at its worst. `make weights` runs them as Wasm;
//! `cargo test` runs each once.

mod setup;

use alloc::{boxed::Box, collections::BTreeSet, vec, vec::Vec};
use conclave_primitives::{
    root_key_ids, threshold_of, worker_call_bytes, AttemptKind, AttemptPhase, Curve, Epoch, Evidence,
    ParticipantIndex, Participants, PeerReport, Purpose, RootKey, RootKeyId, Scheme, MAX_MEMBERS,
    MIN_MEMBERS,
};
use conclave_vss::{prove_worker_key, Complaint, Dealing, EncryptionSecret, KeyDealing, Secrets};
use frame_benchmarking::v2::*;
use frame_support::{
    pallet_prelude::TransactionSource,
    traits::{Authorize, ConstU32, Get, Hooks},
    weights::Weight,
    BoundedVec,
};
use frame_system::RawOrigin;
use sp_runtime::Saturating;

use crate::{
    demerits::Standing,
    offences::Conviction,
    weights::{MAX_STANDINGS, MAX_VALIDATORS},
    Call, Commitments, Config, Convictions, CurrentCommittee, Due, FaultClass, FormedIn, LastSession,
    NewRoots, NextAttempt, Pallet, PeerReports, PendingOffences, PreviousCommittee, Running, Standings,
    WorkerKeysOf,
};
use setup::{
    committee, complaint, deal_to, edit, equivocation, finish, fresh_dealing, fund, index, proofs, rng,
    roots, roots_of, run, serve, shares, sign, sign_activation, store_dealings, worker, workers,
    wrong_bls_share, wrong_frost_share, Setup, Worker, EARLIER,
};

/// What the benchmarks need of staking and sessions.
pub trait BenchmarkHelper<AccountId> {
    /// Makes these the validators of the running session.
    fn set_validators(validators: Vec<AccountId>);
    /// Gives a validator of the running session stake of its own and of as many nominators as are paid at once.
    fn stake(validator: &AccountId);
}

impl<T: Config> Pallet<T> {
    /// As large a committee as there can be serves, for benchmarks of what needs its keys.
    pub fn serve_for_benchmarks() -> Result<(), BenchmarkError> {
        serve::<T>(1, &workers::<T>(1, MAX_MEMBERS))
    }
}

/// Validates a call as a block does.
fn validate<T: Config>(call: &Call<T>) -> Setup<()> {
    match call.authorize(TransactionSource::InBlock) {
        Some(Ok(_)) => Ok(()),
        _ => Err(BenchmarkError::Stop("the call does not validate")),
    }
}

fn commit_call<T: Config>(workers: &[Worker<T::AccountId>]) -> Setup<Call<T>> {
    let attempt = run::<T>(AttemptKind::Keygen, AttemptPhase::Commit, workers)?;
    for number in 1..workers.len() as u32 {
        Commitments::<T>::insert(index(number)?, [0; 32]);
    }
    let (participant, hash) = (index(workers.len() as u32)?, [1; 32]);
    let signature = sign::<T>(last(workers)?, "commit_dealing", &(attempt, participant, hash))?;
    Ok(Call::commit_dealing { attempt, participant, hash, signature })
}

fn last<AccountId>(workers: &[Worker<AccountId>]) -> Setup<&Worker<AccountId>> {
    workers.last().ok_or(BenchmarkError::Stop("no members"))
}

/// The last dealing of a key generation; all others are in.
fn deal_call<T: Config>(workers: &[Worker<T::AccountId>]) -> Setup<Call<T>> {
    let n = workers.len() as u32;
    let attempt = run::<T>(AttemptKind::Keygen, AttemptPhase::Deal, workers)?;
    let participant = index(n)?;
    let dealing = fresh_dealing::<T>(attempt, participant, threshold_of(n), workers)?;
    store_dealings::<T>(&dealing, n.saturating_sub(1))?;
    Commitments::<T>::insert(participant, dealing.hash());
    let signature = sign::<T>(last(workers)?, "deal", &(attempt, 0u32, participant, dealing.hash()))?;
    Ok(Call::deal { attempt, participant, dealing: Box::new(dealing), signature })
}

/// All have dealt, the last of their keys badly; all but the last have reported on their shares, and it complains about
/// this many dealers.
fn report_call<T: Config>(workers: &[Worker<T::AccountId>], complaints: u32) -> Setup<Call<T>> {
    let n = workers.len() as u32;
    let attempt = run::<T>(AttemptKind::Keygen, AttemptPhase::Complain, workers)?;
    let participant = index(n)?;
    let mut dealing = fresh_dealing::<T>(attempt, index(1)?, threshold_of(n), workers)?;
    if let Some(key) = dealing.keys.iter_mut().last() {
        let reversed = key.commitments.iter().rev().cloned().collect();
        key.commitments = BoundedVec::truncate_from(reversed);
    }
    store_dealings::<T>(&dealing, n)?;
    let others = participants(1..n)?;
    edit::<T>(|attempt| attempt.reported = others)?;
    let complaint = complaint::<T>(attempt, &dealing, workers, participant)?;
    let complaints = (1..=complaints)
        .map(|dealer| Ok(Complaint { dealer: index(dealer)?, ..complaint }))
        .collect::<Setup<Vec<_>>>()?;
    let complaints: BoundedVec<_, ConstU32<MAX_MEMBERS>> = BoundedVec::truncate_from(complaints);
    let signature = sign::<T>(last(workers)?, "report_shares", &(attempt, 0u32, participant, &complaints))?;
    Ok(Call::report_shares { attempt, participant, complaints, signature })
}

/// The last of as many members as there can be, in service and in the attempt, provides its next key.
fn dealing_key_call<T: Config>() -> Setup<Call<T>> {
    let members = workers::<T>(1, MAX_MEMBERS);
    serve::<T>(1, &members)?;
    run::<T>(AttemptKind::Reshare, AttemptPhase::Deal, &members)?;
    if let Some(running) = Running::<T>::get() {
        Pallet::<T>::note_use_of_dealing_keys(&running.members);
    }
    let attempt = NextAttempt::<T>::get();
    let signer = last(&members)?.keys.signing;
    let secret = EncryptionSecret::random(&mut rng(0));
    let dealing_key = secret.public();
    let arguments = (signer, attempt, dealing_key);
    let statement = worker_call_bytes(&Pallet::<T>::genesis(), "provide_dealing_key", &arguments);
    let proof = prove_worker_key(&secret, &statement, &mut rng(1)).to_bytes();
    let signature = sign::<T>(last(&members)?, "provide_dealing_key", &arguments)?;
    Ok(Call::provide_dealing_key { signer, attempt, dealing_key, proof, signature })
}

/// The last of these members confirms; all others have.
fn confirm_call<T: Config>(workers: &[Worker<T::AccountId>]) -> Setup<Call<T>> {
    let n = workers.len() as u32;
    let attempt = run::<T>(AttemptKind::Keygen, AttemptPhase::Confirm, workers)?;
    finish::<T>(n)?;
    let others = participants(1..n)?;
    edit::<T>(|attempt| attempt.confirmed = others)?;
    let participant = index(n)?;
    let signature = sign::<T>(last(workers)?, "confirm_shares", &(attempt, participant))?;
    Ok(Call::confirm_shares { attempt, participant, signature })
}

/// All have confirmed, and the committee signs with its Result key.
fn activate_call<T: Config>(workers: &[Worker<T::AccountId>]) -> Setup<Call<T>> {
    confirm_call::<T>(workers)?;
    let attempt = Running::<T>::get().ok_or(BenchmarkError::Stop("none runs"))?.id;
    let signature = sign_activation::<T>(attempt)?;
    Ok(Call::activate { attempt, signature })
}

/// What is left of the epochs before: a committee that serves and one before it.
fn history<T: Config>(workers: &[Worker<T::AccountId>]) -> Setup<()> {
    serve::<T>(7, workers)?;
    PreviousCommittee::<T>::set(CurrentCommittee::<T>::get());
    serve::<T>(8, workers)
}

/// The first of these members bans everyone and found everyone absent, as did as many before as one verdict lacks.
fn peers_call<T: Config>(workers: &[Worker<T::AccountId>]) -> Setup<Call<T>> {
    serve::<T>(1, workers)?;
    let n = workers.len() as u32;
    let t = threshold_of(n);
    for number in 2..=n {
        let others = participants((1..=n).filter(|other| *other != number))?;
        // n - t + 1 bans exclude, t witnesses give a demerit.
        let banned = if number <= n.saturating_sub(t).saturating_add(1) {
            others.clone()
        } else {
            Participants::new()
        };
        let absent = if number <= t { others } else { Participants::new() };
        PeerReports::<T>::insert(index(number)?, PeerReport { banned, absent });
    }
    for worker in workers {
        // One demerit less than excludes.
        let demerits = T::DemeritLimit::get().saturating_sub(1);
        Standings::<T>::insert(
            &worker.account,
            Standing { demerits, last_demerit: Epoch(1), excluded_until: None },
        );
    }
    let everyone = participants(2..=n)?;
    let report = PeerReport { banned: everyone.clone(), absent: everyone };
    let (epoch, participant) = (Epoch(1), index(1)?);
    let first = workers.first().ok_or(BenchmarkError::Stop("no members"))?;
    let signature = sign::<T>(first, "report_peers", &(epoch, participant, &report))?;
    Ok(Call::report_peers { epoch, participant, report, signature })
}

/// The second of the members that serve reports this evidence; an attempt of as many others runs.
fn fault_call<T: Config>(
    workers: &[Worker<T::AccountId>],
    evidence_of: impl FnOnce(&[Worker<T::AccountId>]) -> Setup<Evidence>,
) -> Setup<Call<T>> {
    serve::<T>(1, workers)?;
    PreviousCommittee::<T>::set(CurrentCommittee::<T>::get());
    run::<T>(AttemptKind::Reshare, AttemptPhase::Confirm, workers)?;
    finish::<T>(workers.len() as u32)?;
    let evidence = Box::new(evidence_of(workers)?);
    let [_, second, ..] = workers else { return Err(BenchmarkError::Stop("too few members")) };
    let reporter = second.keys.signing;
    let signature = sign::<T>(second, "report_fault", &(&evidence, &reporter))?;
    Ok(Call::report_fault { evidence, reporter, signature })
}

fn participants(numbers: impl IntoIterator<Item = u32>) -> Setup<Participants> {
    let indices = numbers.into_iter().map(index).collect::<Setup<BTreeSet<ParticipantIndex>>>()?;
    indices.try_into().map_err(|_| BenchmarkError::Stop("too many members"))
}

/// Validators of the session with worker keys, as many as a committee holds, and `v` without.
fn validators<T: Config>(v: u32) -> Vec<Worker<T::AccountId>> {
    let members = workers::<T>(101, MAX_MEMBERS);
    let without = (0..v).map(|number| account("validator", number, 0));
    // Those without keys come first: all are looked at.
    T::BenchmarkHelper::set_validators(
        without.chain(members.iter().map(|worker| worker.account.clone())).collect(),
    );
    members
}

/// The place of a key of this curve among all, with dealings that give it `points` commitments together.
fn dealt<T: Config>(
    curve: Curve,
    points: u32,
) -> Setup<(usize, RootKeyId, Vec<(ParticipantIndex, Dealing)>)> {
    let (position, id) = root_key_ids()
        .into_iter()
        .enumerate()
        .find(|(_, id)| id.curve == curve && id.purpose == Purpose::Sign)
        .ok_or(BenchmarkError::Stop("no such key"))?;
    let most = threshold_of(MAX_MEMBERS);
    let RootKey { commitments, .. } =
        roots::<T>(most)?.into_iter().nth(position).ok_or(BenchmarkError::Stop("no such key"))?;
    let dealing = |count: u32| {
        let commitments =
            BoundedVec::truncate_from(commitments.iter().take(count as usize).cloned().collect());
        let keys = vec![KeyDealing { commitments, proof: None }; position.saturating_add(1)];
        Dealing { keys: BoundedVec::truncate_from(keys), recipients: Default::default() }
    };
    let dealers = points.div_ceil(most);
    // The first has what is over: without its points, what is left of Lagrange's coefficients does not cancel.
    let first = points.saturating_sub(most.saturating_mul(dealers.saturating_sub(1)));
    let dealings = (1..=dealers)
        .map(|number| Ok((index(number)?, dealing(if number == 1 { first } else { most }))))
        .collect::<Setup<Vec<_>>>()?;
    Ok((position, id, dealings))
}

/// Dealings to combine to a key that stays: its committee has the constant term of each of them.
fn reshared<T: Config>(
    curve: Curve,
    points: u32,
) -> Setup<(usize, RootKeyId, Vec<(ParticipantIndex, Dealing)>)> {
    serve::<T>(1, &workers::<T>(1, MAX_MEMBERS))?;
    dealt::<T>(curve, points)
}

/// The most points that one key combines of.
const MAX_POINTS: u32 = MAX_MEMBERS * threshold_of(MAX_MEMBERS);

fn assert_combined<T: Config>() {
    assert_eq!(NewRoots::<T>::decode_len(), Some(1));
}

/// As the hook does.
fn combine<T: Config>(
    kind: AttemptKind,
    (position, id, dealings): &(usize, RootKeyId, Vec<(ParticipantIndex, Dealing)>),
) {
    let root = Pallet::<T>::combine(kind, *position, *id, dealings);
    if let Some(root) = root {
        let _ = NewRoots::<T>::try_append(root);
    }
}

fn phase<T: Config>() -> Option<AttemptPhase> {
    Running::<T>::get().map(|attempt| attempt.phase)
}

/// Of a dealer that has stake.
fn conviction<T: Config>() -> Setup<Conviction<T::AccountId>> {
    let members = workers::<T>(1, MAX_MEMBERS);
    T::BenchmarkHelper::set_validators(members.iter().map(|worker| worker.account.clone()).collect());
    let attempt = run::<T>(AttemptKind::Keygen, AttemptPhase::Deal, &members)?;
    let culprit = last(&members)?.account.clone();
    T::BenchmarkHelper::stake(&culprit);
    let reporter = members.first().map(|worker| worker.account.clone());
    let class = FaultClass::Dealing;
    Ok(Conviction { class, attempt, formed: attempt, members: members.len(), culprit, reporter })
}

/// Every member of every class.
fn convictions() -> Setup<crate::pallet::ConvictionSet> {
    let classes =
        [FaultClass::Dealing, FaultClass::Complaint, FaultClass::Equivocation, FaultClass::SignatureShare];
    let mut convicted = BTreeSet::new();
    for number in 1..=MAX_MEMBERS {
        for class in classes {
            convicted.insert((index(number)?, class));
        }
    }
    convicted.try_into().map_err(|_| BenchmarkError::Stop("too many convictions"))
}

/// An attempt in its last phase, of which nobody has confirmed.
fn expire<T: Config>(workers: &[Worker<T::AccountId>]) -> Setup<()> {
    let n = workers.len() as u32;
    let attempt = run::<T>(AttemptKind::Keygen, AttemptPhase::Confirm, workers)?;
    let dealing = fresh_dealing::<T>(attempt, index(1)?, 2, workers)?;
    store_dealings::<T>(&dealing, n)?;
    finish::<T>(n)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register_worker_keys() -> Result<(), BenchmarkError> {
        history::<T>(&workers::<T>(101, MAX_MEMBERS))?;
        let worker = worker::<T>(1);
        fund::<T>(&worker.account)?;
        let proofs = proofs::<T>(&worker)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.account.clone()), worker.keys, proofs);

        assert!(WorkerKeysOf::<T>::contains_key(&worker.account));
        Ok(())
    }

    #[benchmark]
    fn replace_worker_keys() -> Result<(), BenchmarkError> {
        history::<T>(&workers::<T>(101, MAX_MEMBERS))?;
        let worker = worker::<T>(1);
        let proofs = proofs::<T>(&worker)?;
        let old = super::worker::<T>(2).keys;
        Pallet::<T>::insert_keys(&worker.account, old, Default::default());

        #[extrinsic_call]
        register_worker_keys(RawOrigin::Signed(worker.account.clone()), worker.keys, proofs);

        assert_eq!(
            WorkerKeysOf::<T>::get(&worker.account).map(|registered| registered.keys),
            Some(worker.keys)
        );
        Ok(())
    }

    #[benchmark]
    fn remove_worker_keys() -> Result<(), BenchmarkError> {
        history::<T>(&workers::<T>(101, MAX_MEMBERS))?;
        let worker = worker::<T>(1);
        fund::<T>(&worker.account)?;
        Pallet::<T>::do_register(worker.account.clone(), worker.keys, &proofs::<T>(&worker)?)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.account.clone()));

        assert!(!WorkerKeysOf::<T>::contains_key(&worker.account));
        Ok(())
    }

    #[benchmark]
    fn commit_dealing(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let Call::commit_dealing { attempt, participant, hash, signature } =
            commit_call::<T>(&workers::<T>(1, n))?
        else {
            return Err(BenchmarkError::Stop("another call"));
        };

        #[extrinsic_call]
        _(RawOrigin::Authorized, attempt, participant, hash, signature);

        assert_eq!(phase::<T>(), Some(AttemptPhase::Deal));
        Ok(())
    }

    #[benchmark]
    fn deal_keygen(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let Call::deal { attempt, participant, dealing, signature } = deal_call::<T>(&workers::<T>(1, n))?
        else {
            return Err(BenchmarkError::Stop("another call"));
        };

        #[extrinsic_call]
        deal(RawOrigin::Authorized, attempt, participant, dealing, signature);

        assert_eq!(phase::<T>(), Some(AttemptPhase::Complain));
        Ok(())
    }

    #[benchmark]
    fn deal_reshare(
        o: Linear<MIN_MEMBERS, MAX_MEMBERS>,
        n: Linear<MIN_MEMBERS, MAX_MEMBERS>,
    ) -> Result<(), BenchmarkError> {
        // The old committee's keys are those of one dealer, so that its shares are the members'.
        let old = workers::<T>(101, o);
        let needed = threshold_of(o);
        let made = fresh_dealing::<T>(EARLIER, index(1)?, needed, &old)?;
        CurrentCommittee::<T>::put(committee::<T>(8, &old, roots_of(&made)?)?);
        let participant = index(o)?;
        let shares = shares::<T>(EARLIER, &made, &old, participant)?;
        let new = workers::<T>(1, n);
        let attempt = run::<T>(AttemptKind::Reshare, AttemptPhase::Deal, &new)?;
        let dealing = deal_to::<T>(attempt, participant, Secrets::Shares(&shares), threshold_of(n), &new)?;
        store_dealings::<T>(&dealing, needed.saturating_sub(1))?;

        #[extrinsic_call]
        deal(RawOrigin::Authorized, attempt, participant, Box::new(dealing), [0; 64]);

        assert_eq!(phase::<T>(), Some(AttemptPhase::Complain));
        Ok(())
    }

    #[benchmark]
    fn report_shares(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let Call::report_shares { attempt, participant, complaints, signature } =
            report_call::<T>(&workers::<T>(1, n), 0)?
        else {
            return Err(BenchmarkError::Stop("another call"));
        };

        #[extrinsic_call]
        _(RawOrigin::Authorized, attempt, participant, complaints, signature);

        assert_eq!(phase::<T>(), Some(AttemptPhase::Finalise));
        Ok(())
    }

    #[benchmark]
    fn complain(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let Call::report_shares { attempt, participant, complaints, signature } =
            report_call::<T>(&workers::<T>(1, n), 1)?
        else {
            return Err(BenchmarkError::Stop("another call"));
        };

        #[extrinsic_call]
        report_shares(RawOrigin::Authorized, attempt, participant, complaints, signature);

        assert!(!crate::Dealings::<T>::contains_key(index(1)?));
        Ok(())
    }

    #[benchmark]
    fn confirm_shares(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let Call::confirm_shares { attempt, participant, signature } =
            confirm_call::<T>(&workers::<T>(1, n))?
        else {
            return Err(BenchmarkError::Stop("another call"));
        };

        #[extrinsic_call]
        _(RawOrigin::Authorized, attempt, participant, signature);

        assert_eq!(Running::<T>::get().map(|attempt| attempt.confirmed.len() as u32), Some(n));
        Ok(())
    }

    #[benchmark]
    fn provide_dealing_key() -> Result<(), BenchmarkError> {
        let Call::provide_dealing_key { signer, attempt, dealing_key, proof, signature } =
            dealing_key_call::<T>()?
        else {
            return Err(BenchmarkError::Stop("another call"));
        };

        #[extrinsic_call]
        _(RawOrigin::Authorized, signer, attempt, dealing_key, proof, signature);

        assert_eq!(Pallet::<T>::dealing_key(&signer).and_then(|view| view.provided), Some(dealing_key));
        Ok(())
    }

    #[benchmark]
    fn activate(
        n: Linear<MIN_MEMBERS, MAX_MEMBERS>,
        s: Linear<0, MAX_STANDINGS>,
    ) -> Result<(), BenchmarkError> {
        let members = workers::<T>(1, n);
        peers_call::<T>(&members)?;
        for number in 0..s {
            let standing = Standing { demerits: 1, last_demerit: Epoch(9), excluded_until: Some(Epoch(9)) };
            Standings::<T>::insert(account::<T::AccountId>("standing", number, 0), standing);
        }
        history::<T>(&members)?;
        let attempt = run::<T>(AttemptKind::Reshare, AttemptPhase::Confirm, &members)?;
        finish::<T>(n)?;
        for number in 1..=n {
            Commitments::<T>::insert(index(number)?, [0; 32]);
        }

        #[extrinsic_call]
        _(RawOrigin::Authorized, attempt, [0; 64]);

        assert_eq!(CurrentCommittee::<T>::get().map(|committee| committee.epoch), Some(attempt.epoch));
        Ok(())
    }

    #[benchmark]
    fn start_attempt(v: Linear<0, MAX_VALIDATORS>) -> Result<(), BenchmarkError> {
        let members = validators::<T>(v);
        history::<T>(&members)?;
        let dealing = fresh_dealing::<T>(EARLIER, index(1)?, 2, &members)?;
        store_dealings::<T>(&dealing, MAX_MEMBERS)?;
        for epoch in 1..=3 {
            let id = conclave_primitives::AttemptId { epoch: Epoch(epoch), attempt: Default::default() };
            FormedIn::<T>::insert(id, 0);
            Convictions::<T>::insert(id, convictions()?);
        }

        #[extrinsic_call]
        _(RawOrigin::Root);

        assert_eq!(phase::<T>(), Some(AttemptPhase::Deal));
        Ok(())
    }

    #[benchmark]
    fn cancel_attempt(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        expire::<T>(&workers::<T>(1, n))?;

        #[extrinsic_call]
        _(RawOrigin::Root);

        assert!(!Running::<T>::exists());
        Ok(())
    }

    #[benchmark]
    fn report_fault(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let members = workers::<T>(1, n);
        let Call::report_fault { evidence, reporter, signature } =
            fault_call::<T>(&members, |members| wrong_frost_share::<T>(Scheme::Ed25519, members))?
        else {
            return Err(BenchmarkError::Stop("another call"));
        };
        let mut convicted = convictions()?;
        convicted.remove(&(index(n)?, FaultClass::SignatureShare));
        let attempt = evidence.header().attempt;
        Convictions::<T>::insert(attempt, convicted);

        #[extrinsic_call]
        _(RawOrigin::Authorized, evidence, reporter, signature);

        assert!(Convictions::<T>::get(attempt).contains(&(index(n)?, FaultClass::SignatureShare)));
        Ok(())
    }

    #[benchmark]
    fn report_peers(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let members = workers::<T>(1, n);
        let Call::report_peers { epoch, participant, report, signature } = peers_call::<T>(&members)? else {
            return Err(BenchmarkError::Stop("another call"));
        };

        #[extrinsic_call]
        _(RawOrigin::Authorized, epoch, participant, report, signature);

        assert!(Pallet::<T>::is_excluded(&last(&members)?.account));
        Ok(())
    }

    #[benchmark]
    fn note_offence() -> Result<(), BenchmarkError> {
        let conviction = conviction::<T>()?;
        let culprit = conviction.culprit.clone();

        #[block]
        {
            Pallet::<T>::report_offence(conviction);
        }

        assert!(Pallet::<T>::is_excluded(&culprit));
        assert_eq!(PendingOffences::<T>::iter_keys().count(), 1);
        Ok(())
    }

    #[benchmark]
    fn report_offence() -> Result<(), BenchmarkError> {
        Pallet::<T>::report_offence(conviction::<T>()?);

        #[block]
        {
            Pallet::<T>::report_pending_offences(Weight::MAX);
        }

        assert_eq!(PendingOffences::<T>::iter_keys().count(), 0);
        Ok(())
    }

    #[benchmark]
    fn authorise_commit(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = commit_call::<T>(&workers::<T>(1, n))?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn authorise_deal(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = deal_call::<T>(&workers::<T>(1, n))?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn authorise_report(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = report_call::<T>(&workers::<T>(1, n), n)?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn authorise_confirm(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = confirm_call::<T>(&workers::<T>(1, n))?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn authorise_dealing_key() -> Result<(), BenchmarkError> {
        let call = dealing_key_call::<T>()?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn authorise_activate(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = activate_call::<T>(&workers::<T>(1, n))?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn authorise_peers(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = peers_call::<T>(&workers::<T>(1, n))?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn judge_equivocation(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = fault_call::<T>(&workers::<T>(1, n), equivocation::<T>)?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn judge_ed25519_share(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call =
            fault_call::<T>(&workers::<T>(1, n), |members| wrong_frost_share::<T>(Scheme::Ed25519, members))?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn judge_ristretto255_share(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = fault_call::<T>(&workers::<T>(1, n), |members| {
            wrong_frost_share::<T>(Scheme::SchnorrRistretto255, members)
        })?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn judge_secp256k1_share(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = fault_call::<T>(&workers::<T>(1, n), |members| {
            wrong_frost_share::<T>(Scheme::SchnorrSecp256k1, members)
        })?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn judge_bip340_share(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call =
            fault_call::<T>(&workers::<T>(1, n), |members| wrong_frost_share::<T>(Scheme::Bip340, members))?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn judge_taproot_share(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call = fault_call::<T>(&workers::<T>(1, n), |members| {
            wrong_frost_share::<T>(Scheme::Bip340Taproot, members)
        })?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn judge_bls_g1_share(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call =
            fault_call::<T>(&workers::<T>(1, n), |members| wrong_bls_share::<T>(Scheme::BlsG1, members))?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn judge_bls_g2_share(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let call =
            fault_call::<T>(&workers::<T>(1, n), |members| wrong_bls_share::<T>(Scheme::BlsG2, members))?;

        #[block]
        {
            validate(&call)?;
        }

        Ok(())
    }

    #[benchmark]
    fn idle_block(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        run::<T>(AttemptKind::Keygen, AttemptPhase::Deal, &workers::<T>(1, n))?;
        LastSession::<T>::put(T::SessionIndex::get());
        let now = frame_system::Pallet::<T>::block_number();

        #[block]
        {
            Pallet::<T>::on_initialize(now);
            Pallet::<T>::on_idle(now, Weight::MAX);
        }

        assert_eq!(phase::<T>(), Some(AttemptPhase::Deal));
        Ok(())
    }

    #[benchmark]
    fn begin_session(v: Linear<0, MAX_VALIDATORS>) -> Result<(), BenchmarkError> {
        history::<T>(&validators::<T>(v))?;
        LastSession::<T>::put(T::SessionIndex::get().saturating_add(1));

        #[block]
        {
            Pallet::<T>::note_session();
        }

        assert_eq!(LastSession::<T>::get(), T::SessionIndex::get());
        Ok(())
    }

    #[benchmark]
    fn miss_deadline(n: Linear<MIN_MEMBERS, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        expire::<T>(&workers::<T>(1, n))?;
        LastSession::<T>::put(T::SessionIndex::get());
        let now = frame_system::Pallet::<T>::block_number();

        #[block]
        {
            Pallet::<T>::on_initialize(now.saturating_add(1_000u32.into()));
        }

        assert!(!Running::<T>::exists() && Due::<T>::get());
        Ok(())
    }

    /// The last of the keys is combined, of which there is none left: what it takes besides.
    #[benchmark]
    fn read_dealings(d: Linear<1, MAX_MEMBERS>) -> Result<(), BenchmarkError> {
        let members = workers::<T>(1, MAX_MEMBERS);
        let attempt = run::<T>(AttemptKind::Keygen, AttemptPhase::Finalise, &members)?;
        let dealing = fresh_dealing::<T>(attempt, index(1)?, threshold_of(MAX_MEMBERS), &members)?;
        store_dealings::<T>(&dealing, d)?;
        finish::<T>(MAX_MEMBERS)?;
        let now = frame_system::Pallet::<T>::block_number();

        #[block]
        {
            assert_eq!(Pallet::<T>::read_dealings().len() as u32, d);
            Pallet::<T>::on_idle(now, Weight::MAX);
        }

        assert_eq!(phase::<T>(), Some(AttemptPhase::Confirm));
        Ok(())
    }

    #[benchmark]
    fn sum_secp256k1(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = dealt::<T>(Curve::Secp256k1, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Keygen, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn sum_ed25519(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = dealt::<T>(Curve::Ed25519, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Keygen, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn sum_secp256r1(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = dealt::<T>(Curve::Secp256r1, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Keygen, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn sum_ristretto255(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = dealt::<T>(Curve::Ristretto255, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Keygen, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn sum_bls12381g1(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = dealt::<T>(Curve::Bls12381G1, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Keygen, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn sum_bls12381g2(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = dealt::<T>(Curve::Bls12381G2, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Keygen, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn interpolate_secp256k1(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = reshared::<T>(Curve::Secp256k1, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Reshare, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn interpolate_ed25519(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = reshared::<T>(Curve::Ed25519, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Reshare, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn interpolate_secp256r1(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = reshared::<T>(Curve::Secp256r1, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Reshare, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn interpolate_ristretto255(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = reshared::<T>(Curve::Ristretto255, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Reshare, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn interpolate_bls12381g1(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = reshared::<T>(Curve::Bls12381G1, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Reshare, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    #[benchmark]
    fn interpolate_bls12381g2(p: Linear<1, MAX_POINTS>) -> Result<(), BenchmarkError> {
        let dealt = reshared::<T>(Curve::Bls12381G2, p)?;

        #[block]
        {
            combine::<T>(AttemptKind::Reshare, &dealt);
        }

        assert_combined::<T>();
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::new_test_ext(0, 0), crate::tests::mock::Test);
}
