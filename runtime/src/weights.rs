//! What our own pallets' calls and hooks weigh: `make weights` measures and writes the files.

pub mod pallet_actions;
pub mod pallet_attestation;
pub mod pallet_committee;
pub mod pallet_pkp;
