//! Minting: an id that was never given before, and the keys that follow from it.

use alloc::vec::Vec;
use codec::Encode;
use conclave_primitives::{Curve, EncodedPoint, GenesisHash, KeysetId, PkpId, PublicKey, ROOTS_PER_CURVE};
use conclave_schemes::anybody_can_sign_for;
use conclave_vss::derive_public_key;
use frame_support::{
    ensure,
    pallet_prelude::{DispatchResult, Zero},
    traits::Get,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::ArithmeticError;

use crate::{
    Config, Error, Event, HoldReason, NextSerial, OwnedPkps, Pallet, PkpKeys, PkpRecord, Pkps,
    ProvideRootKeys,
};

/// Keeps PKP ids apart from everything else that is hashed.
const DOMAIN_PKP_ID: &[u8] = b"CONCLAVE-V1-PKP";

impl<T: Config> Pallet<T> {
    pub(crate) fn do_mint(owner: T::AccountId) -> DispatchResult {
        ensure!(!anybody_can_sign_for(&owner.clone().into()), Error::<T>::NobodysAccount);
        let (keyset, roots) = T::RootKeys::signing_roots().ok_or(Error::<T>::CommitteeNotReady)?;
        let serial = NextSerial::<T>::get();
        let id = Self::pkp_id(&owner, serial);
        let public_keys = Self::derive_keys(keyset, &id, &roots)?;

        let deposit = T::MintDeposit::get();
        Self::hold(HoldReason::Mint, &owner, deposit)?;
        NextSerial::<T>::put(serial.checked_add(1).ok_or(ArithmeticError::Overflow)?);
        OwnedPkps::<T>::insert(&owner, id, ());
        Pkps::<T>::insert(
            id,
            PkpRecord {
                owner: owner.clone(),
                keyset,
                minted_at: frame_system::Pallet::<T>::block_number(),
                depositor: owner.clone(),
                deposit,
                public_keys: public_keys.clone(),
                frozen: false,
            },
        );
        Self::deposit_event(Event::Minted { id, owner, keyset, public_keys });
        Ok(())
    }

    /// The id of the PKP that `owner` mints as number `serial`.
    pub(crate) fn pkp_id(owner: &T::AccountId, serial: u64) -> PkpId {
        PkpId(sp_io::hashing::blake2_256(&(DOMAIN_PKP_ID, owner, serial).encode()))
    }

    /// The keys of `id` on every signing curve.
    pub(crate) fn derive_keys(
        keyset: KeysetId,
        id: &PkpId,
        roots: &[(Curve, Vec<EncodedPoint>)],
    ) -> Result<PkpKeys, Error<T>> {
        let genesis = Self::genesis_hash();
        let keys = Curve::SIGNING.into_iter().map(|curve| {
            // Fewer than K roots would derive keys that one leaked child gives away.
            let (_, roots) = roots
                .iter()
                .find(|(of, roots)| *of == curve && roots.len() == usize::from(ROOTS_PER_CURVE))
                .ok_or(Error::<T>::KeyNotDerivable)?;
            let point = derive_public_key(curve, &genesis, keyset, id, roots)
                .map_err(|_| Error::<T>::KeyNotDerivable)?;
            Ok(PublicKey { curve, point })
        });
        let keys = keys.collect::<Result<Vec<_>, Error<T>>>()?;
        keys.try_into().map_err(|_| Error::<T>::KeyNotDerivable)
    }

    /// The hash of block 0, which frame-system never prunes.
    fn genesis_hash() -> GenesisHash {
        frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()).into()
    }
}
