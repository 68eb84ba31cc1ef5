//! The extrinsics that a worker submits, signed by its signing key.

use conclave_primitives::{AttemptId, GenesisHash, ParticipantIndex};
use conclave_vss::{Complaint, Dealing};

use crate::WorkerSecrets;

/// A call of pallet-committee, with its authorisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerCall {
    /// `commit_dealing`.
    CommitDealing {
        /// The attempt.
        keygen: AttemptId,
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
        keygen: AttemptId,
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
        keygen: AttemptId,
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
        keygen: AttemptId,
        /// The member.
        participant: ParticipantIndex,
        /// The authorisation.
        signature: [u8; 64],
    },
    /// `activate`.
    Activate {
        /// The attempt.
        keygen: AttemptId,
        /// The new committee's threshold signature.
        signature: [u8; 64],
    },
}

impl WorkerCall {
    /// A signed `commit_dealing`.
    pub fn commit_dealing(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        keygen: AttemptId,
        participant: ParticipantIndex,
        hash: [u8; 32],
    ) -> Self {
        let signature = secrets.sign_call(genesis, "commit_dealing", &(keygen, participant, hash));
        Self::CommitDealing { keygen, participant, hash, signature }
    }

    /// A signed `deal`.
    pub fn deal(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        keygen: AttemptId,
        participant: ParticipantIndex,
        dealing: Dealing,
    ) -> Self {
        let signature = secrets.sign_call(genesis, "deal", &(keygen, participant, dealing.hash()));
        Self::Deal { keygen, participant, dealing: Box::new(dealing), signature }
    }

    /// A signed `report_shares`.
    pub fn report_shares(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        keygen: AttemptId,
        participant: ParticipantIndex,
        complaints: Vec<Complaint>,
    ) -> Self {
        let signature = secrets.sign_call(genesis, "report_shares", &(keygen, participant, &complaints));
        Self::ReportShares { keygen, participant, complaints, signature }
    }

    /// A signed `confirm_shares`.
    pub fn confirm_shares(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        keygen: AttemptId,
        participant: ParticipantIndex,
    ) -> Self {
        let signature = secrets.sign_call(genesis, "confirm_shares", &(keygen, participant));
        Self::ConfirmShares { keygen, participant, signature }
    }
}
