//! What readers ask, through the runtime API `PkpApi`.

use alloc::vec::Vec;
use conclave_primitives::{
    is_listed, AuthMethod, Curve, ListPermission, Permission, PkpAddresses, PkpId, PkpView, Scopes,
};
use frame_support::traits::Get;
use sp_runtime::SaturatedConversion;

use crate::{address, Config, Lists, OwnedPkps, Pallet, Permissions, PermittedPkps, Pkps};

/// The most ids that one call of [`Pallet::pkps_of`] returns.
pub const MAX_PAGE: u32 = 1_000;

impl<T: Config> Pallet<T> {
    /// The PKP with this id: its owner, keys and permissions.
    pub fn pkp(id: PkpId) -> Option<PkpView> {
        let pkp = Pkps::<T>::get(id)?;
        let permissions = Permissions::<T>::get(id)
            .into_iter()
            .map(|(method, grant)| Permission { method, scopes: grant.scopes, credential: grant.credential })
            .collect();
        let lists = Lists::<T>::get(id)
            .into_iter()
            .map(|(list, grant)| ListPermission { list, root: grant.root, scopes: grant.scopes })
            .collect();
        Some(PkpView {
            id,
            owner: pkp.owner.into(),
            keyset: pkp.keyset,
            minted_at: pkp.minted_at.saturated_into(),
            public_keys: pkp.public_keys.into_inner(),
            permissions,
            lists,
            frozen: pkp.frozen,
        })
    }

    /// The PKPs that an account owns, in the order of their ids: those behind `after`, or the first, at most `limit`
    /// and at most [`MAX_PAGE`]. `after` need not exist any more.
    pub fn pkps_of(owner: &T::AccountId, after: Option<PkpId>, limit: u32) -> Vec<PkpId> {
        let ids = match after {
            Some(after) => {
                OwnedPkps::<T>::iter_key_prefix_from(owner, OwnedPkps::<T>::hashed_key_for(owner, after))
            }
            None => OwnedPkps::<T>::iter_key_prefix(owner),
        };
        ids.take(limit.min(MAX_PAGE) as usize).collect()
    }

    /// What `method` may do with a PKP: everything for its owner unless it is frozen, `None` if nothing or if the PKP is
    /// unknown.
    pub fn scopes(id: PkpId, method: AuthMethod) -> Option<Scopes> {
        let pkp = Pkps::<T>::get(id)?;
        if Self::is_account(&method, &pkp.owner) && !pkp.frozen {
            return Some(Scopes::ALL);
        }
        Permissions::<T>::get(id).get(&method).map(|grant| grant.scopes)
    }

    /// What `method` may do with a PKP as one of a permitted list; `proof` leads from its leaf to the list's root.
    pub fn listed_scopes(id: PkpId, method: AuthMethod, list: u32, proof: &[[u8; 32]]) -> Option<Scopes> {
        let lists = Lists::<T>::get(id);
        let grant = lists.get(&list)?;
        is_listed(&grant.root, &method, proof).then_some(grant.scopes)
    }

    /// The PKPs that permit an auth method, neither as their owner nor by a list: in the order of their ids those behind
    /// `after`, or the first, at most `limit` and at most [`MAX_PAGE`].
    pub fn pkps_permitting(method: AuthMethod, after: Option<PkpId>, limit: u32) -> Vec<PkpId> {
        let ids = match after {
            Some(after) => PermittedPkps::<T>::iter_key_prefix_from(
                method,
                PermittedPkps::<T>::hashed_key_for(method, after),
            ),
            None => PermittedPkps::<T>::iter_key_prefix(method),
        };
        ids.take(limit.min(MAX_PAGE) as usize).collect()
    }

    /// The addresses of a PKP on the chains its users know.
    pub fn addresses(id: PkpId) -> Option<PkpAddresses> {
        let pkp = Pkps::<T>::get(id)?;
        let key =
            |curve| pkp.public_keys.iter().find(|key| key.curve == curve).map(|key| key.point.as_slice());
        let (ed25519, sr25519) = (key(Curve::Ed25519)?, key(Curve::Ristretto255)?);
        address::addresses(key(Curve::Secp256k1)?, ed25519, sr25519, T::SS58Prefix::get()).ok()
    }
}
