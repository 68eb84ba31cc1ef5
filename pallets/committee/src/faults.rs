//! What disqualifies a member, as evidence in events.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::ParticipantIndex;
use conclave_vss::{ComplaintFault, DealingFault};
use scale_info::TypeInfo;

use crate::FaultClass;

/// A fault that the runtime has judged itself.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Fault {
    /// The dealing is wrong for all to see.
    BadDealing(DealingFault),
    /// A complaint opened shares that are wrong.
    BadShares {
        /// Who complained.
        complainer: ParticipantIndex,
        /// What is wrong.
        fault: DealingFault,
    },
    /// A complaint is false.
    FalseComplaint {
        /// Whom it accused.
        dealer: ParticipantIndex,
        /// Why it is false.
        fault: ComplaintFault,
    },
}

impl Fault {
    /// What it counts as.
    pub const fn class(&self) -> FaultClass {
        match self {
            Self::BadDealing(_) | Self::BadShares { .. } => FaultClass::Dealing,
            Self::FalseComplaint { .. } => FaultClass::Complaint,
        }
    }
}
