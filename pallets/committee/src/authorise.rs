//! Validation of workers' calls: an outsider's or a repeated one dies here and costs the block nothing.

use alloc::{boxed::Box, vec::Vec};
use codec::Encode;
use conclave_primitives::{
    activation_bytes, worker_call_bytes, AttemptId, AttemptPhase, ParticipantIndex, Purpose, MAX_MEMBERS,
};
use conclave_vss::{Complaint, Dealing};
use core::cmp::Ordering;
use frame_support::{
    pallet_prelude::{
        InvalidTransaction, TransactionSource, TransactionValidityError, TransactionValidityWithRefund,
        ValidTransaction, Weight,
    },
    traits::ConstU32,
    BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;

use crate::{keys::ed25519_verify, Commitments, Config, Dealings, Keygen, NewRoots, Pallet, RunningAttempt};

type Running<T> = RunningAttempt<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// Custom codes of `InvalidTransaction::Custom`, for logs of nodes.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    NotRunning = 1,
    WrongPhase = 2,
    NotAMember = 3,
    AlreadyDone = 4,
    NotCommitted = 5,
    TooFewConfirmations = 6,
    Unsorted = 7,
}

impl From<Refusal> for TransactionValidityError {
    fn from(refusal: Refusal) -> Self {
        InvalidTransaction::Custom(refusal as u8).into()
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn authorise_commit(
        source: TransactionSource,
        keygen: &AttemptId,
        participant: &ParticipantIndex,
        hash: &[u8; 32],
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, keygen, AttemptPhase::Commit)?;
        refuse_if(Commitments::<T>::contains_key(participant), Refusal::AlreadyDone)?;
        Self::signed_by(
            &attempt,
            wait,
            *participant,
            "commit_dealing",
            &(keygen, participant, hash),
            signature,
        )
    }

    #[expect(
        clippy::borrowed_box,
        reason = "the macro passes a reference to the call's argument, which is boxed"
    )]
    pub(crate) fn authorise_deal(
        source: TransactionSource,
        keygen: &AttemptId,
        participant: &ParticipantIndex,
        dealing: &Box<Dealing>,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, keygen, AttemptPhase::Deal)?;
        let done = Dealings::<T>::contains_key(participant) || attempt.disqualified.contains(participant);
        refuse_if(done, Refusal::AlreadyDone)?;
        let hash = dealing.hash();
        refuse_if(Commitments::<T>::get(participant) != Some(hash), Refusal::NotCommitted)?;
        Self::signed_by(&attempt, wait, *participant, "deal", &(keygen, participant, hash), signature)
    }

    pub(crate) fn authorise_report(
        source: TransactionSource,
        keygen: &AttemptId,
        participant: &ParticipantIndex,
        complaints: &BoundedVec<Complaint, ConstU32<MAX_MEMBERS>>,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, keygen, AttemptPhase::Complain)?;
        refuse_if(attempt.reported.contains(participant), Refusal::AlreadyDone)?;
        // Each dealer at most once: a verdict costs the block.
        let sorted = complaints.windows(2).all(|pair| matches!(pair, [a, b] if a.dealer < b.dealer));
        refuse_if(!sorted, Refusal::Unsorted)?;
        Self::signed_by(
            &attempt,
            wait,
            *participant,
            "report_shares",
            &(keygen, participant, complaints),
            signature,
        )
    }

    pub(crate) fn authorise_confirm(
        source: TransactionSource,
        keygen: &AttemptId,
        participant: &ParticipantIndex,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, keygen, AttemptPhase::Confirm)?;
        refuse_if(attempt.confirmed.contains(participant), Refusal::AlreadyDone)?;
        Self::signed_by(&attempt, wait, *participant, "confirm_shares", &(keygen, participant), signature)
    }

    pub(crate) fn authorise_activate(
        source: TransactionSource,
        keygen: &AttemptId,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, keygen, AttemptPhase::Confirm)?;
        let confirmed = u32::try_from(attempt.confirmed.len()).unwrap_or(u32::MAX);
        refuse_if(confirmed < attempt.threshold, Refusal::TooFewConfirmations)?;
        let roots = NewRoots::<T>::get();
        let key = roots
            .iter()
            .find(|root| root.id.purpose == Purpose::Result)
            .and_then(|root| root.commitments.first())
            .and_then(|point| <[u8; 32]>::try_from(point.as_slice()).ok())
            .ok_or(Refusal::WrongPhase)?;
        let message = activation_bytes(&Self::genesis(), keygen, Self::next_keyset(), &roots);
        refuse_bad_signature(ed25519_verify(&key, &message, signature))?;
        Ok((Self::valid(&attempt, wait, ("activate", keygen).encode()), Weight::zero()))
    }

    /// The attempt, if it runs; and the tag that keeps a call in the pool until its phase comes, where this node's chain
    /// lags behind its sender's. (`InvalidTransaction::Future` would have the pool ban it.) A block takes none early.
    fn in_phase(
        source: TransactionSource,
        keygen: &AttemptId,
        phase: AttemptPhase,
    ) -> Result<(Running<T>, Option<Vec<u8>>), TransactionValidityError> {
        let attempt =
            Keygen::<T>::get().filter(|attempt| attempt.id == *keygen).ok_or(Refusal::NotRunning)?;
        match attempt.phase.cmp(&phase) {
            Ordering::Equal => Ok((attempt, None)),
            Ordering::Less if source != TransactionSource::InBlock => {
                Ok((attempt, Some((b"conclave-phase", keygen, phase).encode())))
            }
            Ordering::Less => Err(InvalidTransaction::Future.into()),
            Ordering::Greater => Err(Refusal::WrongPhase.into()),
        }
    }

    fn signed_by(
        attempt: &Running<T>,
        wait: Option<Vec<u8>>,
        participant: ParticipantIndex,
        call: &'static str,
        arguments: &impl Encode,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let member = attempt.member(participant).ok_or(Refusal::NotAMember)?;
        let message = worker_call_bytes(&Self::genesis(), call, arguments);
        refuse_bad_signature(ed25519_verify(&member.keys.signing, &message, signature))?;
        Ok((Self::valid(attempt, wait, (call, attempt.id, participant).encode()), Weight::zero()))
    }

    fn valid(attempt: &Running<T>, wait: Option<Vec<u8>>, tag: Vec<u8>) -> ValidTransaction {
        let now = Self::number(frame_system::Pallet::<T>::block_number());
        ValidTransaction {
            // The committee's making goes before everything that is paid for.
            priority: u64::MAX / 2,
            requires: wait.into_iter().collect(),
            provides: alloc::vec![(b"conclave", tag).encode()],
            longevity: u64::from(Self::number(attempt.deadline).saturating_sub(now).saturating_add(1)),
            propagate: true,
        }
    }
}

fn refuse_if(condition: bool, refusal: Refusal) -> Result<(), TransactionValidityError> {
    if condition {
        Err(refusal.into())
    } else {
        Ok(())
    }
}

fn refuse_bad_signature(good: bool) -> Result<(), TransactionValidityError> {
    if good {
        Ok(())
    } else {
        Err(InvalidTransaction::BadProof.into())
    }
}
