//! What a client computes, against a committee in memory, against blsful, and against Lit's own packages.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod attestation;
mod committee;
mod container;
mod lit;
mod sealed;
mod token;
