//! Worker keys: registered with proof of possession, unique, with a deposit.

use conclave_primitives::{
    blake2_256, worker_keys_bytes, AccountBytes, GenesisHash, Member, WorkerKeyProofs, WorkerKeys,
};
use conclave_schemes::anybody_can_sign_for;
use conclave_vss::{verify_worker_key, SchnorrProof};
use frame_support::{
    ensure,
    traits::{fungible::MutateHold, tokens::Precision, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{traits::Zero, DispatchResult, SaturatedConversion};

use crate::{
    pallet::BalanceOf, Config, CurrentCommittee, Error, Event, HoldReason, KeyOwner, Pallet, RegisteredKeys,
    Running, WorkerKeysOf,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_register(
        account: T::AccountId,
        keys: WorkerKeys,
        proofs: &WorkerKeyProofs,
    ) -> DispatchResult {
        ensure!(!Self::is_member(&account), Error::<T>::MemberOfCommittee);
        Self::check_proofs(&account, &keys, proofs)?;
        let [encryption, signing, transport] = Self::key_list(&keys);
        ensure!(
            encryption != signing && signing != transport && encryption != transport,
            Error::<T>::KeyInUse
        );
        for key in [encryption, signing, transport] {
            ensure!(KeyOwner::<T>::get(key).is_none_or(|owner| owner == account), Error::<T>::KeyInUse);
        }
        let deposit = match WorkerKeysOf::<T>::get(&account) {
            Some(old) => {
                Self::key_list(&old.keys).iter().for_each(KeyOwner::<T>::remove);
                old.deposit
            }
            None => {
                let deposit = T::KeyDeposit::get();
                T::Currency::hold(&HoldReason::WorkerKeys.into(), &account, deposit)?;
                deposit
            }
        };
        Self::insert_keys(&account, keys, deposit);
        Self::deposit_event(Event::WorkerKeysRegistered { account, keys });
        Ok(())
    }

    pub(crate) fn do_remove(account: T::AccountId) -> DispatchResult {
        ensure!(!Self::is_member(&account), Error::<T>::MemberOfCommittee);
        let registered = WorkerKeysOf::<T>::take(&account).ok_or(Error::<T>::NoWorkerKeys)?;
        Self::key_list(&registered.keys).iter().for_each(KeyOwner::<T>::remove);
        T::Currency::release(
            &HoldReason::WorkerKeys.into(),
            &account,
            registered.deposit,
            Precision::BestEffort,
        )?;
        Self::deposit_event(Event::WorkerKeysRemoved { account });
        Ok(())
    }

    pub(crate) fn insert_keys(account: &T::AccountId, keys: WorkerKeys, deposit: BalanceOf<T>) {
        for key in Self::key_list(&keys) {
            KeyOwner::<T>::insert(key, account);
        }
        WorkerKeysOf::<T>::insert(account, RegisteredKeys { keys, deposit, dealing_key: None });
    }

    fn check_proofs(
        account: &T::AccountId,
        keys: &WorkerKeys,
        proofs: &WorkerKeyProofs,
    ) -> Result<(), Error<T>> {
        let statement = worker_keys_bytes(&Self::genesis(), &Self::account_bytes(account), keys);
        ensure!(
            conclave_vss::decode_point::<conclave_vss::Ristretto255>(&keys.encryption).is_ok(),
            Error::<T>::InvalidEncryptionKey
        );
        // The proofs below would not tell: under a key of small order one signature is good for every statement.
        ensure!(!anybody_can_sign_for(&keys.signing), Error::<T>::InvalidSigningKey);
        ensure!(!anybody_can_sign_for(&keys.transport), Error::<T>::InvalidTransportKey);
        ensure!(
            verify_worker_key(&keys.encryption, &statement, &SchnorrProof::from_bytes(&proofs.encryption)),
            Error::<T>::InvalidEncryptionProof
        );
        ensure!(ed25519_verify(&keys.signing, &statement, &proofs.signing), Error::<T>::InvalidSigningProof);
        ensure!(
            ed25519_verify(&keys.transport, &statement, &proofs.transport),
            Error::<T>::InvalidTransportProof
        );
        Ok(())
    }

    fn is_member(account: &T::AccountId) -> bool {
        Self::serving_and_running().any(|member| member.account == *account)
    }

    /// The members of the committee that serves, then those of the running attempt: some twice.
    pub(crate) fn serving_and_running() -> impl Iterator<Item = Member<T::AccountId>> {
        let serving = CurrentCommittee::<T>::get().map(|committee| committee.members);
        let running = Running::<T>::get().map(|attempt| attempt.members);
        serving.into_iter().chain(running).flatten()
    }

    pub(crate) fn key_list(keys: &WorkerKeys) -> [[u8; 32]; 3] {
        [keys.encryption, keys.signing, keys.transport]
    }

    /// The account as 32 bytes: itself for `AccountId32`, a hash for longer or shorter ids.
    pub(crate) fn account_bytes(account: &T::AccountId) -> AccountBytes {
        use codec::Encode;
        account
            .using_encoded(|encoded| AccountBytes::try_from(encoded).unwrap_or_else(|_| blake2_256(encoded)))
    }

    /// The hash of block 0, as every worker message is bound to it.
    pub fn genesis() -> GenesisHash {
        let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        GenesisHash::try_from(hash.as_ref()).unwrap_or_default()
    }

    pub(crate) fn number(block: BlockNumberFor<T>) -> u32 {
        block.saturated_into()
    }
}

/// Ed25519 by the host function every executor has.
pub(crate) fn ed25519_verify(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    sp_io::crypto::ed25519_verify(&(*signature).into(), message, &(*public).into())
}
