//! What a sealed machine's report is bound to.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sha2::{Digest, Sha512};

use crate::{AccountBytes, BlockNumber, GenesisHash, WorkerKeys};

const DOMAIN_REPORT: &[u8] = b"CONCLAVE-V1-SNP-REPORT";

/// What a report is for: one made for one purpose serves no other.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ReportPurpose {
    /// A validator registers its machine.
    #[codec(index = 0)]
    Register,
    /// A validator shows that its machine still runs.
    #[codec(index = 1)]
    Renew,
    /// A member shows its machine to a client, who chose the nonce.
    #[codec(index = 2)]
    Prove([u8; 32]),
}

/// Everything that REPORT_DATA binds a report to: whose machine it is, the keys that were made in it, and when. The keys
/// are those that peers authenticate on the wire, so that no other machine can speak for this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportBinding<'a> {
    /// Of the chain: a report of one network is none of another's.
    pub genesis: GenesisHash,
    /// What the report is for.
    pub purpose: ReportPurpose,
    /// The validator's stash account.
    pub validator: AccountBytes,
    /// Its session keys, as pallet-session encodes them.
    pub session_keys: &'a [u8],
    /// Its worker's keys, the transport key among them.
    pub worker_keys: WorkerKeys,
    /// A recent block: a report carries no time.
    pub block_number: BlockNumber,
    /// Its hash.
    pub block_hash: [u8; 32],
}

impl ReportBinding<'_> {
    /// The canonical bytes: SCALE of the domain and all fields in their order, each of variable length with its length.
    pub fn bytes(&self) -> Vec<u8> {
        let Self { genesis, purpose, validator, session_keys, worker_keys, block_number, block_hash } = self;
        (DOMAIN_REPORT, genesis, purpose, validator, session_keys, worker_keys, block_number, block_hash)
            .encode()
    }

    /// REPORT_DATA: SHA-512 of [`Self::bytes`].
    pub fn report_data(&self) -> [u8; 64] {
        Sha512::digest(self.bytes()).into()
    }
}

/// What a validator's node reads of its attestation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct MachineView {
    /// The session keys that the machine has to have made, as pallet-session encodes them; none of a virtual member.
    pub session_keys: Vec<u8>,
    /// The worker's keys that it has to have made.
    pub worker_keys: WorkerKeys,
    /// The last block at which its attestation is good; none before the first.
    pub expires: Option<BlockNumber>,
    /// Why the validator would not be in a committee that is chosen now, in UTF-8; none if it would.
    pub lapse: Option<Vec<u8>>,
    /// What it is time for.
    pub due: Option<ReportPurpose>,
}

/// What one of the sixteen checks finds of a report.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ReportFinding {
    /// The check's place in their order, from 1.
    pub check: u8,
    /// What it found.
    pub outcome: ReportOutcome,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum ReportOutcome {
    /// Nothing to object to.
    Passed,
    /// Refused, for this reason in UTF-8.
    Refused(Vec<u8>),
    /// It needs what is not known.
    NotJudged,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding() -> ReportBinding<'static> {
        ReportBinding {
            genesis: [1; 32],
            purpose: ReportPurpose::Register,
            validator: [2; 32],
            session_keys: &[3; 5],
            worker_keys: WorkerKeys { encryption: [4; 32], signing: [5; 32], transport: [6; 32] },
            block_number: 7,
            block_hash: [8; 32],
        }
    }

    #[test]
    fn every_field_should_change_the_report_data() {
        let worker_keys = binding().worker_keys;
        let bindings = [
            binding(),
            ReportBinding { genesis: [9; 32], ..binding() },
            ReportBinding { purpose: ReportPurpose::Renew, ..binding() },
            ReportBinding { purpose: ReportPurpose::Prove([0; 32]), ..binding() },
            ReportBinding { purpose: ReportPurpose::Prove([1; 32]), ..binding() },
            ReportBinding { validator: [9; 32], ..binding() },
            ReportBinding { session_keys: &[3; 6], ..binding() },
            ReportBinding { worker_keys: WorkerKeys { encryption: [9; 32], ..worker_keys }, ..binding() },
            ReportBinding { worker_keys: WorkerKeys { signing: [9; 32], ..worker_keys }, ..binding() },
            ReportBinding { worker_keys: WorkerKeys { transport: [9; 32], ..worker_keys }, ..binding() },
            ReportBinding { block_number: 9, ..binding() },
            ReportBinding { block_hash: [9; 32], ..binding() },
        ];
        let mut data: Vec<_> = bindings.iter().map(ReportBinding::report_data).collect();
        data.sort();
        data.dedup();
        assert_eq!(data.len(), bindings.len());
    }

    /// SCALE by hand: what other clients have to hash.
    #[test]
    fn bytes_should_stay() {
        let mut bytes = [&[22 << 2][..], b"CONCLAVE-V1-SNP-REPORT", &[1; 32], &[0], &[2; 32]].concat();
        bytes
            .extend([&[5 << 2][..], &[3; 5], &[4; 32], &[5; 32], &[6; 32], &[7, 0, 0, 0], &[8; 32]].concat());
        assert_eq!(binding().bytes(), bytes);
    }
}
