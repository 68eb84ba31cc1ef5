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
        participant: ParticipantIndex,
        dealing: Dealing,
    ) -> Self {
        let signature = secrets.sign_call(genesis, "deal", &(attempt, participant, dealing.hash()));
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
