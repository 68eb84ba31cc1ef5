//! Access conditions: who may decrypt, as one typed language that chain, worker and clients share.
//!
//! A [`Condition`] is a boolean expression over [`Leaf`] tests. It is made by one of two front ends, our own JSON
//! ([`parse`]) or Lit's ([`lit`]), or decoded from bytes. All three end in the same **canonical form**, and its
//! SCALE bytes are what is hashed ([`Condition::hash`]), stored and evaluated: what was signed is what is
//! evaluated, since no text is interpreted twice.
//!
//! Two conditions have the same hash if and only if they mean the same, where the meaning is the set of leaves and
//! the boolean function over them, up to these laws: operands of a group have no order and, in `all` and `any`, no
//! number; groups of the same kind within each other are one; a group of one is its operand; negation moves to the
//! leaves (De Morgan). A leaf means what its fields say, however its numbers, addresses and strings were written.
//! Deeper equivalences (absorption, or `not (x >= 5)` and `x < 5`) are different conditions.
//!
//! Tests have three outcomes: holds, does not hold, unknown (an endpoint failed, something is missing). A group
//! holds only if it holds whatever the unknown is (Kleene's strong logic): failure never allows, negated or not.

mod abi;
mod canonical;
mod chain;
mod json;
mod leaf;
pub mod lit;
mod reader;
mod syntax;
mod value;

pub use abi::{AbiArgument, AbiType};
pub use canonical::{AccessCondition as Condition, ConditionError, ConditionHash, Expression};
pub use chain::{ChainKind, ChainName, ExternalChain, Finality, MAX_CHAIN_NAME_BYTES};
pub use json::{Json, JsonError};
pub use leaf::{
    AccountValue, BlockHeight, CosmosQuery, EvmCall, JsonArgument, JsonPath, JsonStep, JsonTest, Leaf,
    PathPart, PdaField, PoapField, SolanaMethod, SolanaQuery, StorageHasher, StorageKeyPart, StorageTest,
    SubstrateQuery,
};
pub use reader::SyntaxError;
pub use syntax::{parse, parse_account};
pub use value::{Comparator, Integer, TextValue, Variable};

use core::fmt;

/// The most leaves of a condition.
pub const MAX_LEAVES: usize = 30;
/// The most groups within each other, as they are written.
pub const MAX_DEPTH: usize = 8;
/// The longest canonical encoding of a condition, in bytes.
pub const MAX_CONDITION_BYTES: u32 = 16 * 1024;
/// The longest JSON text of a condition, in bytes.
pub const MAX_JSON_BYTES: usize = 64 * 1024;
/// The longest text in a leaf, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024;
/// The most arguments of a call, elements of an array, steps of a path.
pub const MAX_ELEMENTS: usize = 32;
/// How deep arrays and objects nest in arguments and types.
pub const MAX_VALUE_DEPTH: usize = 4;

/// A named condition on chain, which its owner may change: see `pallet-access-conditions`.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    codec::Encode,
    codec::Decode,
    codec::DecodeWithMemTracking,
    codec::MaxEncodedLen,
    scale_info::TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct PolicyId(pub [u8; 32]);

/// A policy as members and wallets see it.
#[derive(Clone, Debug, PartialEq, Eq, codec::Encode, codec::Decode, scale_info::TypeInfo)]
pub struct PolicyView {
    /// Who may update and revoke it.
    pub owner: crate::AccountBytes,
    /// How many conditions it has had, this one included.
    pub version: u32,
    /// What it says now; in SCALE as the byte vector of its canonical encoding.
    pub condition: Condition,
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
