//! Dealing keys: what the shares of one attempt are sealed to.
//!
//! Dealings stay in the chain's blocks for ever, so that a key which opened those of many attempts would undo every
//! erasure of shares. Each worker therefore provides its next dealing key ahead, and another one as soon as an attempt
//! deals to it: its secret is erased with the shares that it opened. Who has provided none is in no committee. Who is away
//! when it should provide another is dealt to with the one that it had.

use codec::Encode;
use conclave_primitives::{worker_call_bytes, AttemptId, DealingKeyView};
use conclave_vss::{verify_worker_key, SchnorrProof};
use frame_support::pallet_prelude::{TransactionSource, TransactionValidityWithRefund, Weight};
use sp_runtime::DispatchResult;

use crate::{
    authorise::{refuse_bad_signature, refuse_if, valid_call, Refusal, PRIORITY},
    keys::ed25519_verify,
    pallet::BalanceOf,
    state::{DealingKey, Members, RegisteredKeys},
    Config, Error, Event, KeyOwner, NextAttempt, Pallet, WorkerKeysOf,
};

/// How many blocks a key waits in the pool.
const LONGEVITY: u64 = 64;

impl<T: Config> Pallet<T> {
    /// What the chain has of the dealing key of the worker with this signing key; none if it is not registered.
    pub fn dealing_key(signer: &[u8; 32]) -> Option<DealingKeyView> {
        let (_, RegisteredKeys { dealing_key, .. }) = Self::signed_for_by(signer)?;
        Some(DealingKeyView {
            provided: dealing_key.map(|key| key.public),
            is_due: dealing_key.is_none_or(|key| key.is_used),
            next: NextAttempt::<T>::get(),
        })
    }

    pub(crate) fn authorise_dealing_key(
        _source: TransactionSource,
        signer: &[u8; 32],
        attempt: &AttemptId,
        dealing_key: &[u8; 32],
        proof: &[u8; 64],
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let view = Self::dealing_key(signer).ok_or(Refusal::UnknownSigner)?;
        // An old call must not bring back a key whose secret is erased.
        refuse_if(view.next != *attempt, Refusal::NotRunning)?;
        refuse_if(!view.is_due || view.provided == Some(*dealing_key), Refusal::AlreadyDone)?;
        refuse_if(Self::is_dealt_to(dealing_key), Refusal::AlreadyDone)?;
        let arguments = (signer, attempt, dealing_key);
        let statement = worker_call_bytes(&Self::genesis(), "provide_dealing_key", &arguments);
        refuse_bad_signature(ed25519_verify(signer, &statement, signature))?;
        // Nobody is dealt to with another's key.
        refuse_bad_signature(verify_worker_key(dealing_key, &statement, &SchnorrProof::from_bytes(proof)))?;
        let tag = ("provide_dealing_key", signer, attempt).encode();
        Ok((valid_call(PRIORITY, None, tag, LONGEVITY), Weight::zero()))
    }

    pub(crate) fn do_provide_dealing_key(signer: &[u8; 32], dealing_key: [u8; 32]) -> DispatchResult {
        let (account, registered) = Self::signed_for_by(signer).ok_or(Error::<T>::NoWorkerKeys)?;
        let provided = DealingKey { public: dealing_key, is_used: false };
        WorkerKeysOf::<T>::insert(&account, RegisteredKeys { dealing_key: Some(provided), ..registered });
        Self::deposit_event(Event::DealingKeyProvided { account, dealing_key });
        Ok(())
    }

    /// The validator whose worker signs with this key, and what it has registered.
    fn signed_for_by(signer: &[u8; 32]) -> Option<(T::AccountId, RegisteredKeys<BalanceOf<T>>)> {
        let account = KeyOwner::<T>::get(signer)?;
        let registered = WorkerKeysOf::<T>::get(&account)?;
        (registered.keys.signing == *signer).then_some((account, registered))
    }

    /// Whether the committee that serves, or the running attempt, has shares sealed to this key.
    fn is_dealt_to(key: &[u8; 32]) -> bool {
        Self::serving_and_running().any(|member| member.dealing_key == *key)
    }

    /// An attempt deals to the keys of these members.
    pub(crate) fn note_use_of_dealing_keys(members: &Members<T::AccountId>) {
        for member in members {
            WorkerKeysOf::<T>::mutate_extant(&member.account, |registered| {
                if let Some(key) = &mut registered.dealing_key {
                    key.is_used = true;
                }
            });
        }
    }

    /// Whether somebody that could be a member still has to provide its first key.
    pub(crate) fn lacks_dealing_key(admitted: &[T::AccountId]) -> bool {
        admitted.iter().filter_map(WorkerKeysOf::<T>::get).any(|registered| registered.dealing_key.is_none())
    }
}
