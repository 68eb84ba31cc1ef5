//! Proves the machine to the chain, and to clients: makes reports when the chain says that one is due.

use super::{driver::Handle, submit::Submitter};
use crate::{
    service::{Client, Hash},
    Machine,
};
use codec::Encode;
use conclave_primitives::{api::AttestationApi, AccountBytes, MachineView, ReportPurpose};
use conclave_runtime::RuntimeCall;
use conclave_snp::{Anchor, Vcek};
use conclave_worker::Attestation;
use futures::StreamExt;
use sc_client_api::BlockchainEvents;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_keystore::KeystorePtr;
use sp_session::SessionKeys;
use std::sync::Arc;

/// Blocks after which a report that the chain does not show is made again.
const SUBMIT_AGAIN_AFTER: u32 = 5;

/// One worker's machine.
pub(super) struct Attestor {
    client: Arc<Client>,
    keystore: KeystorePtr,
    machine: Arc<dyn Machine>,
    anchors: &'static [Anchor],
    worker: Handle,
}

/// A report for one purpose, with everything that it is bound to.
#[derive(Clone, Debug)]
struct BoundReport {
    validator: AccountBytes,
    view: MachineView,
    block_number: u32,
    block_hash: Hash,
    report: [u8; conclave_snp::REPORT_BYTES],
    vcek: Vec<u8>,
    ask_serial: u64,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(super) enum AttestorError {
    #[error("the chain could not be read: {0}")]
    Chain(String),
    #[error("this node's worker is no validator's")]
    NoValidator,
    #[error("the chain has keys of the validator that this machine did not make: {0}")]
    ForeignKeys(&'static str),
    #[error(transparent)]
    Report(#[from] conclave_attestation::ReportError),
    #[error("the machine's certificate: {0}")]
    Certificate(#[from] conclave_snp::CertificateError),
}

impl Attestor {
    pub(super) fn new(
        client: Arc<Client>,
        keystore: KeystorePtr,
        machine: Arc<dyn Machine>,
        anchors: &'static [Anchor],
        worker: Handle,
    ) -> Self {
        Self { client, keystore, machine, anchors, worker }
    }

    /// The validator and what the chain says of its machine, at a block.
    fn view(&self, at: Hash) -> Result<(AccountBytes, MachineView), AttestorError> {
        let api = self.client.runtime_api();
        let unreadable = |error: sp_api::ApiError| AttestorError::Chain(error.to_string());
        let validator = api
            .validator_of(at, self.worker.signing_key())
            .map_err(unreadable)?
            .ok_or(AttestorError::NoValidator)?;
        let view = api.machine(at, validator).map_err(unreadable)?.ok_or(AttestorError::NoValidator)?;
        Ok((validator, view))
    }

    /// Vouches for keys that this machine holds, and for no others.
    fn check_keys(&self, at: Hash, view: &MachineView) -> Result<(), AttestorError> {
        let ours = self.worker.public_keys();
        if view.worker_keys != ours {
            return Err(AttestorError::ForeignKeys("the worker's"));
        }
        // A virtual member of a development chain has none.
        if view.session_keys.is_empty() {
            return Ok(());
        }
        let keys = self
            .client
            .runtime_api()
            .decode_session_keys(at, view.session_keys.clone())
            .map_err(|error| AttestorError::Chain(error.to_string()))?
            .ok_or(AttestorError::ForeignKeys("session keys of another kind"))?;
        match self.keystore.has_keys(&keys) {
            true => Ok(()),
            false => Err(AttestorError::ForeignKeys("session keys")),
        }
    }

    /// A report that is bound to the newest block known, whose hash is the parent's where the report is judged.
    fn report(&self, purpose: ReportPurpose) -> Result<BoundReport, AttestorError> {
        let info = self.client.info();
        let (block_number, block_hash) = (info.best_number, info.best_hash);
        let (validator, view) = self.view(block_hash)?;
        self.check_keys(block_hash, &view)?;
        let data = conclave_primitives::ReportBinding {
            genesis: info.genesis_hash.0,
            purpose,
            validator,
            session_keys: &view.session_keys,
            worker_keys: view.worker_keys,
            block_number,
            block_hash: block_hash.0,
        }
        .report_data();
        let sealed = self.machine.report(data)?;
        let ask_serial = Vcek::parse(&sealed.vcek, self.anchors)?.anchor().ask_serial;
        let (report, vcek) = (sealed.report, sealed.vcek);
        Ok(BoundReport { validator, view, block_number, block_hash, report, vcek, ask_serial })
    }

    /// The machine, for a client's nonce.
    pub(super) fn prove(&self, nonce: [u8; 32]) -> Result<Attestation, AttestorError> {
        let bound = self.report(ReportPurpose::Prove(nonce))?;
        let BoundReport { validator, view, block_number, block_hash, report, vcek, .. } = bound;
        Ok(Attestation {
            validator,
            session_keys: view.session_keys,
            worker_keys: view.worker_keys,
            block_number,
            block_hash: block_hash.0,
            report: report.to_vec(),
            vcek,
        })
    }

    /// The call that the chain waits for, if it does.
    async fn due_call(&self) -> Result<Option<(&'static str, RuntimeCall)>, AttestorError> {
        // The genesis knows no time yet, by which certificates are judged.
        if self.client.info().best_number == 0 {
            return Ok(None);
        }
        let (_, view) = match self.view(self.client.info().best_hash) {
            Ok(view) => view,
            Err(AttestorError::NoValidator) => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(lapse) = view.lapse.filter(|_| view.expires.is_some()) {
            log::warn!(target: "conclave::attestation", "not for the next committee: {}", String::from_utf8_lossy(&lapse));
        }
        let Some(purpose) = view.due else { return Ok(None) };
        let bound = self.report(purpose)?;
        let BoundReport { validator, block_number, report, vcek, ask_serial, .. } = bound;
        let name = match purpose {
            ReportPurpose::Register => "register",
            _ => "renew",
        };
        let arguments = (validator, report.as_slice(), &vcek, ask_serial, block_number).encode();
        let Ok(signature) = self.worker.sign_call(name, arguments).await else { return Ok(None) };
        let vcek = vcek.try_into().map_err(|_| conclave_snp::CertificateError::UntrustedRoot)?;
        let (validator, report) = (validator.into(), Box::new(report));
        let call = match purpose {
            ReportPurpose::Register => pallet_attestation::Call::register {
                validator,
                report,
                vcek,
                ask_serial,
                block_number,
                signature,
            },
            _ => pallet_attestation::Call::renew {
                validator,
                report,
                vcek,
                ask_serial,
                block_number,
                signature,
            },
        };
        Ok(Some((name, RuntimeCall::Attestation(call))))
    }
}

/// Registers and renews, as long as the node runs: looks at every new block, of which any may be missed.
pub(super) async fn attest(attestors: Vec<Arc<Attestor>>, client: Arc<Client>, submitter: Submitter) {
    let mut blocks = client.import_notification_stream();
    let mut submitted: Vec<Option<u32>> = vec![None; attestors.len()];
    loop {
        let now = client.info().best_number;
        for (attestor, at) in attestors.iter().zip(&mut submitted) {
            if at.is_some_and(|at| now < at.saturating_add(SUBMIT_AGAIN_AFTER)) {
                continue;
            }
            match attestor.due_call().await {
                Ok(Some((name, call))) => {
                    submitter.submit_call(name, call, log::Level::Warn);
                    *at = Some(now);
                }
                Ok(None) => {}
                Err(error) => {
                    log::warn!(target: "conclave::attestation", "no report: {error}");
                    *at = Some(now);
                }
            }
        }
        if blocks.next().await.is_none() {
            return;
        }
    }
}

/// That the runtime's roots are this node's: production trusts AMD's, a development node the software PSP's, and neither
/// runs the other's chain.
pub(crate) fn check_roots(client: &Client, anchors: &'static [Anchor]) -> Result<(), String> {
    let trusted = client
        .runtime_api()
        .anchors(client.info().best_hash)
        .map_err(|error| format!("the runtime does not say what it trusts: {error}"))?;
    let ours: Vec<[u8; 32]> = anchors.iter().map(|anchor| anchor.ark_fingerprint).collect();
    if trusted == ours {
        return Ok(());
    }
    let shown: Vec<String> = trusted.iter().map(hex::encode).collect();
    Err(format!("the chain's runtime trusts other roots than this node: {}", shown.join(", ")))
}
