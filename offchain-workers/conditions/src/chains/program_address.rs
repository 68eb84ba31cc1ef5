//! Addresses that Solana programs derive.
//!
//! From seeds and a program: SHA-256 over them, a bump byte and a marker, with the largest bump for which the hash is no
//! point of the curve, so that no key belongs to it (<https://solana.com/docs/core/pda>).

use curve25519_dalek::edwards::CompressedEdwardsY;
use sha2::{Digest, Sha256};

const MARKER: &[u8] = b"ProgramDerivedAddress";

/// The address; `None` if no bump gives one, which has never been seen.
pub(super) fn program_address(seeds: &[&[u8]], program: &[u8; 32]) -> Option<[u8; 32]> {
    (0..=u8::MAX).rev().find_map(|bump| {
        let hash = seeds.iter().fold(Sha256::new(), |hash, seed| hash.chain_update(seed));
        let hash: [u8; 32] =
            hash.chain_update([bump]).chain_update(program).chain_update(MARKER).finalize().into();
        CompressedEdwardsY(hash).decompress().is_none().then_some(hash)
    })
}
