//! The chain as the worker under test reads it.

use conclave_primitives::{
    conditions::{Condition, PolicyId},
    AuthMethod, DealingKeyView, KeysetId, ParticipantIndex, PkpId, PkpView, Scopes,
};
use conclave_worker::{
    ports::{Addresses, ConditionsView, ReadChain, ReadError},
    Settings,
};

use crate::fixture::{encoded_dealings, PKP};

/// There is one PKP, with which everybody may do everything.
pub(crate) struct Chain {
    pub(crate) has_dealings: bool,
}

impl ReadChain for Chain {
    fn read_pkp(&self, pkp: &PkpId, _: &AuthMethod) -> Result<Option<(PkpView, Scopes)>, ReadError> {
        let view = PkpView {
            id: PKP,
            owner: [0; 32],
            keyset: KeysetId(0),
            minted_at: 0,
            public_keys: Vec::new(),
            permissions: Vec::new(),
            lists: Vec::new(),
            frozen: false,
        };
        Ok((*pkp == PKP).then_some((view, Scopes::ALL)))
    }

    fn read_addresses(&self, _: &PkpId) -> Result<Option<Addresses>, ReadError> {
        Ok(None)
    }

    fn read_time(&self) -> Result<u64, ReadError> {
        Ok(0)
    }

    fn read_block_number(&self, _: &[u8; 32]) -> Result<Option<u32>, ReadError> {
        Ok(None)
    }

    fn read_login_settings(&self) -> Result<Settings, ReadError> {
        Ok(Settings::default())
    }

    fn read_conditions(&self) -> Result<ConditionsView, ReadError> {
        Ok(ConditionsView::default())
    }

    fn read_storage(&self, _: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    fn read_policy(&self, _: &PolicyId) -> Result<Option<Condition>, ReadError> {
        Ok(None)
    }

    fn read_dealing_key(&self, _: &[u8; 32]) -> Result<Option<DealingKeyView>, ReadError> {
        Ok(None)
    }

    fn read_dealings(&self) -> Result<Vec<(ParticipantIndex, Vec<u8>)>, ReadError> {
        if self.has_dealings {
            Ok(encoded_dealings())
        } else {
            Err(ReadError("none".into()))
        }
    }
}
