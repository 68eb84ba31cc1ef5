//! The registry of external chains.

use alloc::vec::Vec;
use conclave_primitives::conditions::{ChainKind, ChainName, ExternalChain, Finality};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};

use crate::{ChainRecord, Chains, Config, Error, Event, Pallet, OWN_CHAIN};

impl<T: Config> Pallet<T> {
    /// An external chain that conditions may ask; for the runtime API.
    pub fn chain(name: &ChainName) -> Option<ExternalChain> {
        Chains::<T>::get(name).filter(|record| record.enabled).map(|record| record.chain)
    }

    /// All external chains that conditions may ask, at most `MaxChains`; for the runtime API.
    pub fn chains() -> Vec<(ChainName, ExternalChain)> {
        let enabled =
            |(name, record): (ChainName, ChainRecord)| record.enabled.then_some((name, record.chain));
        let mut chains: Vec<_> = Chains::<T>::iter().filter_map(enabled).collect();
        chains.sort();
        chains
    }

    pub(crate) fn do_register_chain(name: ChainName, chain: ExternalChain) -> DispatchResult {
        ensure!(name.as_str() != OWN_CHAIN, Error::<T>::ReservedName);
        let may_lack_finality = matches!(chain.kind, ChainKind::Evm { .. } | ChainKind::Substrate { .. });
        ensure!(may_lack_finality || chain.finality == Finality::Finalized, Error::<T>::HasFinality);
        match Chains::<T>::get(&name) {
            Some(known) => ensure!(known.chain.kind == chain.kind, Error::<T>::OtherChain),
            None => ensure!(Chains::<T>::count() < T::MaxChains::get(), Error::<T>::TooManyChains),
        }
        Chains::<T>::insert(&name, ChainRecord { chain: chain.clone(), enabled: true });
        Self::deposit_event(Event::ChainRegistered { name, chain });
        Ok(())
    }

    pub(crate) fn do_disable_chain(name: ChainName) -> DispatchResult {
        Chains::<T>::try_mutate(&name, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownChain)?;
            ensure!(record.enabled, Error::<T>::AlreadyDisabled);
            record.enabled = false;
            Ok::<_, Error<T>>(())
        })?;
        Self::deposit_event(Event::ChainDisabled { name });
        Ok(())
    }
}
