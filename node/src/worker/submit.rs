//! The worker's extrinsics: general transactions that authorise themselves.

use crate::service::{Client, TransactionPool};
use codec::Encode;
use conclave_runtime::{Runtime, RuntimeCall, TxExtension, UncheckedExtrinsic};
use conclave_worker::WorkerCall;
use frame_system::offchain::{CreateAuthorizedTransaction, CreateTransaction};
use sc_service::SpawnTaskHandle;
use sc_transaction_pool_api::{TransactionPool as _, TransactionSource};
use sp_blockchain::HeaderBackend;
use sp_runtime::OpaqueExtrinsic;
use std::sync::Arc;

/// Puts worker calls into the pool.
#[derive(Clone)]
pub(super) struct Submitter {
    client: Arc<Client>,
    pool: Arc<TransactionPool>,
    spawner: SpawnTaskHandle,
}

impl Submitter {
    pub(super) fn new(client: Arc<Client>, pool: Arc<TransactionPool>, spawner: SpawnTaskHandle) -> Self {
        Self { client, pool, spawner }
    }

    /// Submits in the background. A call that the pool refuses is one that the chain shows as done, or that the
    /// worker submits again when the chain still does not show it.
    pub(super) fn submit(&self, call: WorkerCall) {
        self.submit_call(call_name(&call), runtime_call(call), log::Level::Debug);
    }

    /// As `submit`, of a call that is not the worker's own but of its node; `level` is how loudly a refusal is told.
    pub(super) fn submit_call(&self, name: &'static str, call: RuntimeCall, level: log::Level) {
        let extrinsic = match extrinsic(call) {
            Ok(extrinsic) => extrinsic,
            Err(error) => {
                log::error!(target: "conclave::submit", "{name} does not encode: {error}");
                return;
            }
        };
        let (client, pool) = (self.client.clone(), self.pool.clone());
        self.spawner.spawn("conclave-submit", Some("conclave"), async move {
            let at = client.info().best_hash;
            match pool.submit_one(at, TransactionSource::Local, extrinsic).await {
                Ok(hash) => log::debug!(target: "conclave::submit", "{name}: {hash:?}"),
                Err(error) => log::log!(target: "conclave::submit", level, "{name} was refused: {error}"),
            }
        });
    }
}

fn extrinsic(call: RuntimeCall) -> Result<OpaqueExtrinsic, codec::Error> {
    let extension: TxExtension = <Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_extension();
    let extrinsic: UncheckedExtrinsic =
        <Runtime as CreateTransaction<RuntimeCall>>::create_transaction(call, extension);
    OpaqueExtrinsic::try_from_encoded_extrinsic(&extrinsic.encode())
}

fn runtime_call(call: WorkerCall) -> RuntimeCall {
    use pallet_committee::Call;
    RuntimeCall::Committee(match call {
        WorkerCall::CommitDealing { attempt, participant, hash, signature } => {
            Call::commit_dealing { attempt, participant, hash, signature }
        }
        WorkerCall::Deal { attempt, participant, dealing, signature } => {
            Call::deal { attempt, participant, dealing, signature }
        }
        WorkerCall::ReportShares { attempt, participant, complaints, signature } => {
            let complaints = frame_support::BoundedVec::truncate_from(complaints);
            Call::report_shares { attempt, participant, complaints, signature }
        }
        WorkerCall::ConfirmShares { attempt, participant, signature } => {
            Call::confirm_shares { attempt, participant, signature }
        }
        WorkerCall::ReportFault { evidence, reporter, signature } => {
            Call::report_fault { evidence, reporter, signature }
        }
        WorkerCall::ReportPeers { epoch, participant, report, signature } => {
            Call::report_peers { epoch, participant, report, signature }
        }
        WorkerCall::ProvideDealingKey { signer, attempt, dealing_key, proof, signature } => {
            Call::provide_dealing_key { signer, attempt, dealing_key, proof, signature }
        }
        WorkerCall::Activate { attempt, signature } => Call::activate { attempt, signature },
    })
}

fn call_name(call: &WorkerCall) -> &'static str {
    match call {
        WorkerCall::CommitDealing { .. } => "commit_dealing",
        WorkerCall::Deal { .. } => "deal",
        WorkerCall::ReportShares { .. } => "report_shares",
        WorkerCall::ConfirmShares { .. } => "confirm_shares",
        WorkerCall::ReportFault { .. } => "report_fault",
        WorkerCall::ReportPeers { .. } => "report_peers",
        WorkerCall::ProvideDealingKey { .. } => "provide_dealing_key",
        WorkerCall::Activate { .. } => "activate",
    }
}
