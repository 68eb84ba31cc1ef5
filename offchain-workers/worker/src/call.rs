//! The extrinsics that a worker submits, signed by its signing key.

use conclave_primitives::{
    worker_call_bytes, AttemptId, Epoch, Evidence, GenesisHash, ParticipantIndex, PeerReport,
};
use conclave_vss::{prove_worker_key, Complaint, Dealing, EncryptionSecret};
use rand_core::CryptoRng;

use crate::WorkerSecrets;

/// A call of pallet-committee, with its authorisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerCall {
    /// `commit_dealing`.
    CommitDealing {
        /// The attempt.
        attempt: AttemptId,
        /// The member.
        participant: ParticipantIndex,
        /// The dealing's hash.
        hash: [u8; 32],
        /// The authorisation.
        signature: [u8; 64],
    },
    /// `deal`.
    Deal {
        /// The attempt.
        attempt: AttemptId,
        /// The member.
        participant: ParticipantIndex,
        /// The dealing.
        dealing: Box<Dealing>,
        /// The authorisation.
        signature: [u8; 64],
    },
    /// `report_shares`.
    ReportShares {
        /// The attempt.
        attempt: AttemptId,
        /// The member.
        participant: ParticipantIndex,
        /// Complaints; none if all is well.
        complaints: Vec<Complaint>,
        /// The authorisation.
        signature: [u8; 64],
    },
    /// `confirm_shares`.
    ConfirmShares {
        /// The attempt.
        attempt: AttemptId,
        /// The member.
        participant: ParticipantIndex,
        /// The authorisation.
        signature: [u8; 64],
    },
    /// `report_fault`.
    ReportFault {
        /// What proves it.
        evidence: Box<Evidence>,
        /// The signing key of the member that reports.
        reporter: [u8; 32],
        /// The authorisation.
        signature: [u8; 64],
    },
    /// `report_peers`.
    ReportPeers {
        /// The epoch.
        epoch: Epoch,
        /// The member.
        participant: ParticipantIndex,
        /// What it says of the others.
        report: PeerReport,
        /// The authorisation.
        signature: [u8; 64],
    },
    /// `provide_dealing_key`.
    ProvideDealingKey {
        /// The worker's signing key.
        signer: [u8; 32],
        /// The attempt that comes next.
        attempt: AttemptId,
        /// The key.
        dealing_key: [u8; 32],
        /// That the worker holds it.
        proof: [u8; 64],
        /// The authorisation.
        signature: [u8; 64],
    },
    /// `activate`.
    Activate {
        /// The attempt.
        attempt: AttemptId,
        /// The new committee's threshold signature.
        signature: [u8; 64],
    },
}

impl WorkerCall {
    /// A signed `commit_dealing`.
    pub fn commit_dealing(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        attempt: AttemptId,
        participant: ParticipantIndex,
        hash: [u8; 32],
    ) -> Self {
        let signature = secrets.sign_call(genesis, "commit_dealing", &(attempt, participant, hash));
        Self::CommitDealing { attempt, participant, hash, signature }
    }

    /// A signed `deal`.
    pub fn deal(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        attempt: AttemptId,
        round: u32,
        participant: ParticipantIndex,
        dealing: Dealing,
    ) -> Self {
        let signature = secrets.sign_call(genesis, "deal", &(attempt, round, participant, dealing.hash()));
        Self::Deal { attempt, participant, dealing: Box::new(dealing), signature }
    }

    /// A signed `report_shares`.
    pub fn report_shares(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        attempt: AttemptId,
        round: u32,
        participant: ParticipantIndex,
        complaints: Vec<Complaint>,
    ) -> Self {
        let arguments = (attempt, round, participant, &complaints);
        let signature = secrets.sign_call(genesis, "report_shares", &arguments);
        Self::ReportShares { attempt, participant, complaints, signature }
    }

    /// A signed `report_peers`.
    pub fn report_peers(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        epoch: Epoch,
        participant: ParticipantIndex,
        report: PeerReport,
    ) -> Self {
        let signature = secrets.sign_call(genesis, "report_peers", &(epoch, participant, &report));
        Self::ReportPeers { epoch, participant, report, signature }
    }

    /// A signed `report_fault`.
    pub fn report_fault(secrets: &WorkerSecrets, genesis: &GenesisHash, evidence: Evidence) -> Self {
        let (evidence, reporter) = (Box::new(evidence), secrets.public().signing);
        let signature = secrets.sign_call(genesis, "report_fault", &(&evidence, reporter));
        Self::ReportFault { evidence, reporter, signature }
    }

    /// A signed `provide_dealing_key`, with proof of possession.
    pub fn provide_dealing_key(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        attempt: AttemptId,
        secret: &EncryptionSecret,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let (call, signer, dealing_key) = ("provide_dealing_key", secrets.public().signing, secret.public());
        let arguments = (signer, attempt, dealing_key);
        let proof = prove_worker_key(secret, &worker_call_bytes(genesis, call, &arguments), rng).to_bytes();
        let signature = secrets.sign_call(genesis, call, &arguments);
        Self::ProvideDealingKey { signer, attempt, dealing_key, proof, signature }
    }

    /// A signed `confirm_shares`.
    pub fn confirm_shares(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        attempt: AttemptId,
        participant: ParticipantIndex,
    ) -> Self {
        let signature = secrets.sign_call(genesis, "confirm_shares", &(attempt, participant));
        Self::ConfirmShares { attempt, participant, signature }
    }
}
