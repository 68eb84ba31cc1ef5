//! The pallet under a mock runtime. A whole key generation with real workers, the activation's threshold signature
//! among it, is run by `tests/simulation`.

mod bls_shares;
mod candidates;
mod dealing_keys;
mod demerits;
mod evidence;
mod keygen;
mod keys;
pub(crate) mod mock;
mod offences;
mod reshare;
mod shares;
