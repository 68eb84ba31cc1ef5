//! Validation of workers' calls: an outsider's or a repeated one dies here and costs the block nothing.

use alloc::{boxed::Box, vec::Vec};
use codec::Encode;
use conclave_primitives::{
    activation_bytes, worker_call_bytes, KeygenId, KeygenPhase, ParticipantIndex, Purpose, MAX_MEMBERS,
};
use conclave_vss::{Complaint, Dealing};
use frame_support::{
    pallet_prelude::{
        InvalidTransaction, TransactionSource, TransactionValidityError, TransactionValidityWithRefund,
        ValidTransaction, Weight,
    },
    traits::ConstU32,
    BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;

use crate::{keys::ed25519_verify, Commitments, Config, Dealings, Keygen, KeygenAttempt, NewRoots, Pallet};

type Running<T> = KeygenAttempt<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// Custom codes of `InvalidTransaction::Custom`, for logs of nodes.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    NotRunning = 1,
    WrongPhase = 2,
    NotAMember = 3,
    AlreadyDone = 4,
    NotCommitted = 5,
    TooFewConfirmations = 6,
}

impl From<Refusal> for TransactionValidityError {
    fn from(refusal: Refusal) -> Self {
        InvalidTransaction::Custom(refusal as u8).into()
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn authorise_commit(
        _: TransactionSource,
        keygen: &KeygenId,
        participant: &ParticipantIndex,
        hash: &[u8; 32],
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let attempt = Self::in_phase(keygen, KeygenPhase::Commit)?;
        refuse_if(Commitments::<T>::contains_key(participant), Refusal::AlreadyDone)?;
        Self::signed_by(&attempt, *participant, "commit_dealing", &(keygen, participant, hash), signature)
    }

    #[expect(
        clippy::borrowed_box,
        reason = "the macro passes a reference to the call's argument, which is boxed"
    )]
    pub(crate) fn authorise_deal(
        _: TransactionSource,
        keygen: &KeygenId,
        participant: &ParticipantIndex,
        dealing: &Box<Dealing>,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let attempt = Self::in_phase(keygen, KeygenPhase::Deal)?;
        let done = Dealings::<T>::contains_key(participant) || attempt.disqualified.contains(participant);
        refuse_if(done, Refusal::AlreadyDone)?;
        let hash = dealing.hash();
        refuse_if(Commitments::<T>::get(participant) != Some(hash), Refusal::NotCommitted)?;
        Self::signed_by(&attempt, *participant, "deal", &(keygen, participant, hash), signature)
    }

    pub(crate) fn authorise_report(
        _: TransactionSource,
        keygen: &KeygenId,
        participant: &ParticipantIndex,
        complaints: &BoundedVec<Complaint, ConstU32<MAX_MEMBERS>>,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let attempt = Self::in_phase(keygen, KeygenPhase::Complain)?;
        refuse_if(attempt.reported.contains(participant), Refusal::AlreadyDone)?;
        Self::signed_by(
            &attempt,
            *participant,
            "report_shares",
            &(keygen, participant, complaints),
            signature,
        )
    }

    pub(crate) fn authorise_confirm(
        _: TransactionSource,
        keygen: &KeygenId,
        participant: &ParticipantIndex,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let attempt = Self::in_phase(keygen, KeygenPhase::Confirm)?;
        refuse_if(attempt.confirmed.contains(participant), Refusal::AlreadyDone)?;
        Self::signed_by(&attempt, *participant, "confirm_shares", &(keygen, participant), signature)
    }

    pub(crate) fn authorise_activate(
        _: TransactionSource,
        keygen: &KeygenId,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let attempt = Self::in_phase(keygen, KeygenPhase::Confirm)?;
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
        Ok((Self::valid(&attempt, ("activate", keygen).encode()), Weight::zero()))
    }

    fn in_phase(keygen: &KeygenId, phase: KeygenPhase) -> Result<Running<T>, TransactionValidityError> {
        let attempt =
            Keygen::<T>::get().filter(|attempt| attempt.id == *keygen).ok_or(Refusal::NotRunning)?;
        if attempt.phase == phase {
            Ok(attempt)
        } else if attempt.phase < phase {
            // The pool of a node that lags a block behind keeps it for later.
            Err(InvalidTransaction::Future.into())
        } else {
            Err(Refusal::WrongPhase.into())
        }
    }

    fn signed_by(
        attempt: &Running<T>,
        participant: ParticipantIndex,
        call: &'static str,
        arguments: &impl Encode,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let member = attempt.member(participant).ok_or(Refusal::NotAMember)?;
        let message = worker_call_bytes(&Self::genesis(), call, arguments);
        refuse_bad_signature(ed25519_verify(&member.keys.signing, &message, signature))?;
        Ok((Self::valid(attempt, (call, attempt.id, participant).encode()), Weight::zero()))
    }

    fn valid(attempt: &Running<T>, tag: Vec<u8>) -> ValidTransaction {
        let now = Self::number(frame_system::Pallet::<T>::block_number());
        ValidTransaction {
            // The committee's making goes before everything that is paid for.
            priority: u64::MAX / 2,
            requires: Vec::new(),
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
