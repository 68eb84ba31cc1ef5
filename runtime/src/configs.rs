//! How each pallet is set up: one file a pallet, or a few small ones that belong together.

mod access_conditions;
mod actions;
mod attestation;
mod balances;
mod committee;
mod consensus;
pub mod governance;
mod pkp;
pub mod session;
pub mod staking;
mod system;
mod utility;

pub use attestation::AttestationPeriod;
pub use balances::FeesToAuthor;
pub use consensus::EpochDuration;
pub(crate) use consensus::BABE_GENESIS_EPOCH_CONFIGURATION;
pub use staking::SessionsPerEra;
pub use system::{RuntimeBlockWeights, MAXIMUM_BLOCK_LENGTH, MAXIMUM_BLOCK_WEIGHT, NORMAL_DISPATCH_RATIO};
