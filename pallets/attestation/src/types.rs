//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::{BlockNumber, WorkerKeys};
use conclave_snp::{Claims, Floor, Modulus, Product, Validity};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// ASKs of one product beside the one compiled in.
pub const MAX_ASKS: u32 = 4;
/// Serial numbers on one revocation list.
pub const MAX_REVOKED: u32 = 64;

/// A validator's sealed machine, as it last proved it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Attestation<Balance> {
    /// What the machine's report and certificate say, verified then and judged again at every epoch.
    pub claims: Claims,
    /// SHA-384 of what the chip signed: what the report is known by.
    pub digest: [u8; 48],
    /// The block that the report was bound to.
    pub bound_to: BlockNumber,
    /// The last block at which it is good.
    pub expires: BlockNumber,
    /// BLAKE2 of the session and worker keys that were made in the machine.
    pub keys: [u8; 32],
    /// What is held for it.
    pub deposit: Balance,
}

/// The least versions for one processor, now and later.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FloorRecord {
    /// The floor until the next one is enforced.
    pub floor: Floor,
    /// A higher one, and the first block that enforces it.
    pub next: Option<(Floor, BlockNumber)>,
    /// SHA-256 of what the latest floor was taken from: AMD's bulletin.
    pub source_digest: [u8; 32],
}

impl FloorRecord {
    /// What is enforced at a block.
    pub fn at(&self, now: BlockNumber) -> Floor {
        match self.next {
            Some((next, from)) if now >= from => next,
            _ => self.floor,
        }
    }
}

/// An ASK that an ARK vouched for on chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct StoredAsk {
    /// The family that it signs for.
    pub product: Product,
    /// Its modulus.
    pub modulus: Modulus,
    /// When its certificate is valid.
    pub validity: Validity,
}

/// The last revocation list of an ARK.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Revocations {
    /// When it was made, in seconds since 1970.
    pub this_update: u64,
    /// The serial numbers that it revokes.
    pub serials: BoundedVec<u64, ConstU32<MAX_REVOKED>>,
}

/// The keys that a validator's machine is to prove that it made: what REPORT_DATA binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorKeys {
    /// Session keys, as pallet-session encodes them.
    pub session: alloc::vec::Vec<u8>,
    /// The worker's keys.
    pub worker: WorkerKeys,
}

/// Knows validators' keys: pallet-session and pallet-committee.
pub trait ProvideKeys<AccountId> {
    /// None unless both are registered.
    fn keys(validator: &AccountId) -> Option<ValidatorKeys>;
}
