//! The evaluator against recorded answers: every kind of chain, liars among the endpoints, failures.

#[path = "evaluation/cosmos.rs"]
mod cosmos;
#[path = "evaluation/evm.rs"]
mod evm;
#[path = "evaluation/harness.rs"]
mod harness;
#[path = "evaluation/local.rs"]
mod local;
#[path = "evaluation/quorum.rs"]
mod quorum;
#[path = "evaluation/solana.rs"]
mod solana;
#[path = "evaluation/substrate.rs"]
mod substrate;
