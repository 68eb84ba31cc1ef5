//! Validation of workers' calls: an outsider's or a repeated one dies here and costs the block nothing.

use alloc::{boxed::Box, vec::Vec};
use codec::Encode;
use conclave_primitives::{
    activation_bytes, worker_call_bytes, AttemptId, AttemptKind, AttemptPhase, ParticipantIndex, Purpose,
    MAX_MEMBERS,
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

use crate::{
    attempt::AttemptOf, epochs::count, keys::ed25519_verify, state::Members, Commitments, Config, Dealings,
    NewRoots, Pallet, Running,
};

/// Custom codes of `InvalidTransaction::Custom`, for logs of nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refusal {
    NotRunning = 1,
    WrongPhase = 2,
    NotAMember = 3,
    AlreadyDone = 4,
    NotCommitted = 5,
    TooFewConfirmations = 6,
    Unsorted = 7,
    EnoughDealings = 8,
    Guilty = 9,
    UnknownCulprit = 10,
    Unproven = 11,
    UnknownSigner = 12,
}

impl From<Refusal> for TransactionValidityError {
    fn from(refusal: Refusal) -> Self {
        InvalidTransaction::Custom(refusal as u8).into()
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn authorise_commit(
        source: TransactionSource,
        id: &AttemptId,
        participant: &ParticipantIndex,
        hash: &[u8; 32],
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, id, AttemptPhase::Commit)?;
        refuse_if(Commitments::<T>::contains_key(participant), Refusal::AlreadyDone)?;
        Self::signed_by(
            &attempt,
            wait,
            &Self::dealers(&attempt),
            *participant,
            "commit_dealing",
            &(id, participant, hash),
            signature,
        )
    }

    #[expect(
        clippy::borrowed_box,
        reason = "the macro passes a reference to the call's argument, which is boxed"
    )]
    pub(crate) fn authorise_deal(
        source: TransactionSource,
        id: &AttemptId,
        participant: &ParticipantIndex,
        dealing: &Box<Dealing>,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, id, AttemptPhase::Deal)?;
        let done = Dealings::<T>::contains_key(participant) || attempt.guilty_dealers.contains(participant);
        refuse_if(done, Refusal::AlreadyDone)?;
        let hash = dealing.hash();
        match attempt.kind {
            AttemptKind::Keygen => {
                refuse_if(Commitments::<T>::get(participant) != Some(hash), Refusal::NotCommitted)?;
            }
            AttemptKind::Reshare => {
                let standing = count(Dealings::<T>::iter_keys().count());
                refuse_if(standing >= Self::dealings_needed(&attempt), Refusal::EnoughDealings)?;
            }
        }
        Self::signed_by(
            &attempt,
            wait,
            &Self::dealers(&attempt),
            *participant,
            "deal",
            // A pool keeps out for a while what was refused: who was not needed in one round deals in the next by another call.
            &(id, attempt.round, participant, hash),
            signature,
        )
    }

    pub(crate) fn authorise_report(
        source: TransactionSource,
        id: &AttemptId,
        participant: &ParticipantIndex,
        complaints: &BoundedVec<Complaint, ConstU32<MAX_MEMBERS>>,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, id, AttemptPhase::Complain)?;
        refuse_if(attempt.reported.contains(participant), Refusal::AlreadyDone)?;
        refuse_if(attempt.guilty_members.contains(participant), Refusal::Guilty)?;
        // Each dealer at most once: a verdict costs the block.
        let sorted = complaints.windows(2).all(|pair| matches!(pair, [a, b] if a.dealer < b.dealer));
        refuse_if(!sorted, Refusal::Unsorted)?;
        Self::signed_by(
            &attempt,
            wait,
            &attempt.members,
            *participant,
            "report_shares",
            // One of an earlier round says nothing of the dealings that came since.
            &(id, attempt.round, participant, complaints),
            signature,
        )
    }

    pub(crate) fn authorise_confirm(
        source: TransactionSource,
        id: &AttemptId,
        participant: &ParticipantIndex,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, id, AttemptPhase::Confirm)?;
        refuse_if(attempt.confirmed.contains(participant), Refusal::AlreadyDone)?;
        refuse_if(attempt.guilty_members.contains(participant), Refusal::Guilty)?;
        Self::signed_by(
            &attempt,
            wait,
            &attempt.members,
            *participant,
            "confirm_shares",
            &(id, participant),
            signature,
        )
    }

    pub(crate) fn authorise_activate(
        source: TransactionSource,
        id: &AttemptId,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let (attempt, wait) = Self::in_phase(source, id, AttemptPhase::Confirm)?;
        let confirmed = count(attempt.confirmed.len());
        refuse_if(confirmed < attempt.threshold, Refusal::TooFewConfirmations)?;
        let roots = NewRoots::<T>::get();
        let key = roots
            .iter()
            .find(|root| root.id.purpose == Purpose::Result)
            .and_then(|root| root.commitments.first())
            .and_then(|point| <[u8; 32]>::try_from(point.as_slice()).ok())
            .ok_or(Refusal::WrongPhase)?;
        let message = activation_bytes(&Self::genesis(), id, Self::keyset(), &roots);
        refuse_bad_signature(ed25519_verify(&key, &message, signature))?;
        Ok((Self::valid(&attempt, wait, ("activate", id).encode()), Weight::zero()))
    }

    /// The attempt, if it runs; and the tag that keeps a call in the pool until its phase comes, where this node's chain
    /// lags behind its sender's. (`InvalidTransaction::Future` would have the pool ban it.) A block takes none early.
    fn in_phase(
        source: TransactionSource,
        id: &AttemptId,
        phase: AttemptPhase,
    ) -> Result<(AttemptOf<T>, Option<Vec<u8>>), TransactionValidityError> {
        let attempt = Running::<T>::get().filter(|attempt| attempt.id == *id).ok_or(Refusal::NotRunning)?;
        match attempt.phase.cmp(&phase) {
            Ordering::Equal => Ok((attempt, None)),
            Ordering::Less if source != TransactionSource::InBlock => {
                Ok((attempt, Some((b"conclave-phase", id, phase).encode())))
            }
            Ordering::Less => Err(InvalidTransaction::Future.into()),
            Ordering::Greater => Err(Refusal::WrongPhase.into()),
        }
    }

    fn signed_by(
        attempt: &AttemptOf<T>,
        wait: Option<Vec<u8>>,
        members: &Members<T::AccountId>,
        participant: ParticipantIndex,
        call: &'static str,
        arguments: &impl Encode,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let member = members.get(participant.position()).ok_or(Refusal::NotAMember)?;
        let message = worker_call_bytes(&Self::genesis(), call, arguments);
        refuse_bad_signature(ed25519_verify(&member.keys.signing, &message, signature))?;
        Ok((Self::valid(attempt, wait, (call, attempt.id, participant).encode()), Weight::zero()))
    }

    fn valid(attempt: &AttemptOf<T>, wait: Option<Vec<u8>>, tag: Vec<u8>) -> ValidTransaction {
        let now = Self::number(frame_system::Pallet::<T>::block_number());
        let longevity = u64::from(Self::number(attempt.deadline).saturating_sub(now).saturating_add(1));
        valid_call(PRIORITY, wait, tag, longevity)
    }
}

/// Of a worker's call: the committee's making goes before everything that is paid for.
pub(crate) const PRIORITY: u64 = u64::MAX / 2;

/// A worker's call that the pool may keep, once for each tag.
pub(crate) fn valid_call(
    priority: u64,
    wait: Option<Vec<u8>>,
    tag: Vec<u8>,
    longevity: u64,
) -> ValidTransaction {
    ValidTransaction {
        priority,
        requires: wait.into_iter().collect(),
        provides: alloc::vec![(b"conclave", tag).encode()],
        longevity,
        propagate: true,
    }
}

pub(crate) fn refuse_if(condition: bool, refusal: Refusal) -> Result<(), TransactionValidityError> {
    if condition {
        Err(refusal.into())
    } else {
        Ok(())
    }
}

pub(crate) fn refuse_bad_signature(good: bool) -> Result<(), TransactionValidityError> {
    if good {
        Ok(())
    } else {
        Err(InvalidTransaction::BadProof.into())
    }
}
