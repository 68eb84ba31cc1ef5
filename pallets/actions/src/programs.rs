//! Programs: published, unpublished, read.

use alloc::vec::Vec;
use conclave_primitives::Cid;
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use sp_runtime::{traits::Saturating, SaturatedConversion};

use crate::{
    types::BalanceOf, Code, Config, Error, Event, HoldReason, Pallet, Program, Publication, Publications,
};

impl<T: Config> Pallet<T> {
    /// The bytes of a published program; for the runtime API.
    pub fn program(cid: Cid) -> Option<Vec<u8>> {
        Code::<T>::get(cid).map(Into::into)
    }

    pub(crate) fn do_publish(publisher: T::AccountId, code: Program) -> DispatchResult {
        ensure!(!code.is_empty(), Error::<T>::EmptyProgram);
        let cid = Cid::of(&code);
        ensure!(!Publications::<T>::contains_key(cid), Error::<T>::AlreadyPublished);
        let bytes: u32 = code.len().saturated_into();
        let deposit = Self::deposit_of(bytes);
        T::Currency::hold(&HoldReason::Program.into(), &publisher, deposit)?;
        Publications::<T>::insert(cid, Publication { publisher: publisher.clone(), deposit, bytes });
        Code::<T>::insert(cid, code);
        Self::deposit_event(Event::ProgramPublished { cid, publisher, bytes });
        Ok(())
    }

    pub(crate) fn do_unpublish(publisher: T::AccountId, cid: Cid) -> DispatchResult {
        let publication = Publications::<T>::get(cid).ok_or(Error::<T>::NotPublished)?;
        ensure!(publication.publisher == publisher, Error::<T>::NotPublisher);
        // Best effort: should anything have taken from the hold, the publisher still gets rid of the program.
        let reason = HoldReason::Program.into();
        T::Currency::release(&reason, &publisher, publication.deposit, Precision::BestEffort)?;
        Publications::<T>::remove(cid);
        Code::<T>::remove(cid);
        Self::deposit_event(Event::ProgramUnpublished { cid, publisher });
        Ok(())
    }

    pub(crate) fn deposit_of(bytes: u32) -> BalanceOf<T> {
        T::ProgramDeposit::get().saturating_add(T::ByteDeposit::get().saturating_mul(bytes.into()))
    }
}
