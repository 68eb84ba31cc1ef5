//! What the node's own database has of finalized state, for commands that run without the node.

use crate::service::{Block, Client, Hash};
use crate::worker::rewrap::Approvals;
use codec::{Decode, Encode};
use conclave_primitives::BlockNumber;
use conclave_runtime::Runtime;
use conclave_snp::{Cpuid, Floor, Policy, Product, Release};
use pallet_attestation::{BlockedChips, CurrentPolicy, Floors, Releases, Revoked};
use sc_client_api::{BlockBackend, StorageKey, StorageProvider};
use sp_blockchain::HeaderBackend;
use sp_consensus_babe::SlotDuration;
use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

pub(super) struct Database {
    pub(super) client: Arc<Client>,
    pub(super) slot_duration: SlotDuration,
}

impl Database {
    fn finalized_hash(&self) -> Hash {
        self.client.info().finalized_hash
    }

    fn value<T: Decode>(&self, key: Vec<u8>) -> Result<Option<T>, String> {
        let found = self.client.storage(self.finalized_hash(), &StorageKey(key));
        let Some(data) = found.map_err(|error| error.to_string())? else { return Ok(None) };
        T::decode(&mut data.0.as_slice()).map(Some).map_err(|error| error.to_string())
    }
}

impl Approvals for Database {
    fn genesis(&self) -> [u8; 32] {
        self.client.info().genesis_hash.0
    }

    fn finalized(&self) -> Result<(BlockNumber, u64), String> {
        let info = self.client.info();
        let header = self.client.header(info.finalized_hash).map_err(|error| error.to_string())?;
        let header = header.ok_or("no header of the finalized block")?;
        let digest =
            sc_consensus_babe::find_pre_digest::<Block>(&header).map_err(|error| error.to_string())?;
        let made = digest.slot().timestamp(self.slot_duration).ok_or("the slot has no time")?;
        Ok((info.finalized_number, self.now().saturating_sub(made.as_duration().as_secs())))
    }

    fn block_hash(&self, number: BlockNumber) -> Result<Option<[u8; 32]>, String> {
        if number > self.client.info().finalized_number {
            return Ok(None);
        }
        let hash = self.client.block_hash(number).map_err(|error| error.to_string())?;
        Ok(hash.map(|hash| hash.0))
    }

    fn policy(&self) -> Result<Policy, String> {
        let stored = self.value(CurrentPolicy::<Runtime>::hashed_key().to_vec())?;
        Ok(stored.unwrap_or(Policy::PRODUCTION))
    }

    fn floor(&self, cpuid: Cpuid) -> Result<Option<Floor>, String> {
        let record: Option<pallet_attestation::FloorRecord> =
            self.value(Floors::<Runtime>::hashed_key_for(cpuid))?;
        Ok(record.map(|record| record.at(self.client.info().finalized_number)))
    }

    fn release(&self, measurement: &[u8; 48]) -> Result<Option<Release>, String> {
        self.value(Releases::<Runtime>::hashed_key_for(measurement))
    }

    fn is_blocked(&self, chip: &[u8; 64]) -> Result<bool, String> {
        self.value::<()>(BlockedChips::<Runtime>::hashed_key_for(chip)).map(|found| found.is_some())
    }

    fn is_revoked(&self, product: Product, serial: u64) -> Result<bool, String> {
        let index =
            product.using_encoded(|encoded| encoded.first().copied()).ok_or("a product has no index")?;
        let list: Option<pallet_attestation::Revocations> =
            self.value(Revoked::<Runtime>::hashed_key_for(index))?;
        Ok(list.is_some_and(|list| list.serials.contains(&serial)))
    }

    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}
