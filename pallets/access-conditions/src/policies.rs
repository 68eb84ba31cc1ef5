//! Policies: made, updated, revoked, read.

use alloc::string::{String, ToString};
use codec::Encode;
use conclave_primitives::{
    blake2_256,
    conditions::{parse, Condition, ConditionHash, Leaf, PolicyId},
    AccountBytes, PolicyView,
};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use sp_runtime::{traits::Saturating, SaturatedConversion};

use crate::{
    types::BalanceOf, Config, EncodedCondition, Error, Event, HoldReason, NextSerial, Pallet, Policies,
    PolicyRecord,
};

impl<T: Config> Pallet<T> {
    /// A policy, if there is one; for the runtime API.
    pub fn policy(id: PolicyId) -> Option<PolicyView> {
        let record = Policies::<T>::get(id)?;
        let condition = Condition::from_bytes(&record.condition).ok()?;
        Some(PolicyView { owner: record.owner.into(), version: record.version, condition })
    }

    /// A condition in our JSON, with its hash, or what was expected of it; for the runtime API.
    pub fn condition(json: &[u8]) -> Result<(Condition, ConditionHash), String> {
        let text = core::str::from_utf8(json).map_err(|_| String::from("expected UTF-8"))?;
        let condition = parse(text).map_err(|error| error.to_string())?;
        let hash = condition.hash();
        Ok((condition, hash))
    }

    pub(crate) fn do_create_policy(owner: T::AccountId, condition: EncodedCondition) -> DispatchResult {
        let hash = Self::check_condition(&condition)?.hash();
        let deposit = Self::deposit_of(&condition);
        T::Currency::hold(&HoldReason::Policy.into(), &owner, deposit)?;
        let serial = NextSerial::<T>::mutate(|next| {
            let serial = *next;
            // 2^64 policies are not made in the life of a chain.
            *next = next.saturating_add(1);
            serial
        });
        let account: AccountBytes = owner.clone().into();
        let id = PolicyId(blake2_256(&(b"CONCLAVE-V1-POLICY", account, serial).encode()));
        Policies::<T>::insert(id, PolicyRecord { owner: owner.clone(), deposit, version: 1, condition });
        Self::deposit_event(Event::PolicyCreated { id, owner, condition: hash });
        Ok(())
    }

    pub(crate) fn do_update_policy(
        owner: T::AccountId,
        id: PolicyId,
        condition: EncodedCondition,
    ) -> DispatchResult {
        let hash = Self::check_condition(&condition)?.hash();
        let version = Policies::<T>::try_mutate(id, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownPolicy)?;
            ensure!(record.owner == owner, Error::<T>::NotOwner);
            ensure!(record.condition != condition, Error::<T>::SameCondition);
            let deposit = Self::deposit_of(&condition);
            let reason = HoldReason::Policy.into();
            if deposit > record.deposit {
                T::Currency::hold(&reason, &owner, deposit.saturating_sub(record.deposit))?;
            } else {
                let surplus = record.deposit.saturating_sub(deposit);
                T::Currency::release(&reason, &owner, surplus, Precision::BestEffort)?;
            }
            record.deposit = deposit;
            record.condition = condition;
            record.version = record.version.saturating_add(1);
            Ok::<_, sp_runtime::DispatchError>(record.version)
        })?;
        Self::deposit_event(Event::PolicyUpdated { id, version, condition: hash });
        Ok(())
    }

    pub(crate) fn do_revoke_policy(owner: T::AccountId, id: PolicyId) -> DispatchResult {
        let record = Policies::<T>::get(id).ok_or(Error::<T>::UnknownPolicy)?;
        ensure!(record.owner == owner, Error::<T>::NotOwner);
        // Best effort: should anything have taken from the hold, the owner still gets rid of the policy.
        T::Currency::release(&HoldReason::Policy.into(), &owner, record.deposit, Precision::BestEffort)?;
        Policies::<T>::remove(id);
        Self::deposit_event(Event::PolicyRevoked { id, owner });
        Ok(())
    }

    /// The condition, if the bytes are one that a policy may have.
    pub(crate) fn check_condition(bytes: &[u8]) -> Result<Condition, Error<T>> {
        let condition = Condition::from_bytes(bytes).map_err(|_| Error::<T>::InvalidCondition)?;
        let nested = condition.leaves().iter().any(|leaf| matches!(leaf, Leaf::Policy(_)));
        ensure!(!nested, Error::<T>::NestedPolicy);
        Ok(condition)
    }

    pub(crate) fn deposit_of(condition: &[u8]) -> BalanceOf<T> {
        let bytes = T::ByteDeposit::get().saturating_mul(condition.len().saturated_into());
        T::PolicyDeposit::get().saturating_add(bytes)
    }
}
