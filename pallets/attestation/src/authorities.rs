//! What AMD's ARKs sign: taken from anybody, believed for the signature.

use codec::Encode;
use conclave_snp::{verify_ask, Anchor, Product, RevocationList};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchResult;

use crate::{
    pallet::ProductIndex, Asks, Config, Error, Event, Pallet, Revocations, Revoked, StoredAsk, MAX_ASKS,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_submit_ask(product: Product, certificate: &[u8]) -> DispatchResult {
        let anchor = Self::anchor(product)?;
        let ask = verify_ask(certificate, anchor).map_err(Error::<T>::from)?;
        let serial = ask.serial;
        ensure!(
            anchor.ask_serial != serial && *anchor.ask != ask.modulus && !Asks::<T>::contains_key(serial),
            Error::<T>::AskExists
        );
        ensure!(!Self::is_revoked(product, serial), Error::<T>::AskRevoked);
        ensure!(Asks::<T>::count() < MAX_ASKS, Error::<T>::TooManyAsks);
        Asks::<T>::insert(serial, StoredAsk { product, modulus: ask.modulus, validity: ask.validity });
        Self::deposit_event(Event::AskAdded { product, serial });
        Ok(())
    }

    pub(crate) fn do_submit_crl(product: Product, list: &[u8]) -> DispatchResult {
        let anchor = Self::anchor(product)?;
        let list = RevocationList::verify(list, anchor).map_err(Error::<T>::from)?;
        let this_update = list.this_update;
        let last = Revoked::<T>::get(index(product)).map(|last| last.this_update);
        ensure!(last.is_none_or(|last| this_update > last), Error::<T>::RevocationsNotNewer);
        let serials = list.serials().try_into().map_err(|_| Error::<T>::TooManyRevoked)?;
        let revocations = Revocations { this_update, serials };
        let serials = revocations.serials.to_vec();
        Revoked::<T>::insert(index(product), revocations);
        Self::deposit_event(Event::RevocationsSet { product, this_update, serials });
        Ok(())
    }

    pub(crate) fn is_revoked(product: Product, serial: u64) -> bool {
        Revoked::<T>::get(index(product)).is_some_and(|revocations| revocations.serials.contains(&serial))
    }

    fn anchor(product: Product) -> Result<&'static Anchor, Error<T>> {
        T::TrustAnchors::get()
            .iter()
            .find(|anchor| anchor.product == product)
            .ok_or(Error::<T>::UnknownProduct)
    }
}

/// The codec index, which is never reused.
fn index(product: Product) -> ProductIndex {
    product.using_encoded(|encoded| encoded.first().copied().unwrap_or_default())
}
