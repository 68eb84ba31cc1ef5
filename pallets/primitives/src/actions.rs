//! What an execution of actions may use, what it used, and what that costs.
//!
//! An execution is one request: the action that was asked for and all actions that it calls, together.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The longest program that is published on chain, in bytes; longer ones come from IPFS.
pub const MAX_PUBLISHED_BYTES: u32 = 1 << 20;
/// Units of fuel in a compute unit, which has a price.
pub const COMPUTE_UNIT_FUEL: u64 = 1_000_000;
/// Bytes in a unit of traffic, which has a price.
pub const TRAFFIC_UNIT_BYTES: u64 = 1024;

/// What one execution may use, on each member.
///
/// The defaults are Lit's (on Datil and Naga), where Lit has the limit.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Units of fuel, about one for each WebAssembly operator; 30 s are between 1.4e10 and 3.7e10 of them.
    pub fuel: u64,
    /// Milliseconds, waiting for the host included.
    pub time_ms: u32,
    /// Bytes of linear memory, for each action.
    pub memory_bytes: u32,
    /// Bytes of JavaScript.
    pub code_bytes: u32,
    /// Bytes of a Wasm module. Lit has none: all of it is translated before it runs.
    pub wasm_bytes: u32,
    /// Bytes of parameters as JSON.
    pub params_bytes: u32,
    /// Bytes of a response.
    pub response_bytes: u32,
    /// Bytes of logs; what comes after them is dropped.
    pub log_bytes: u32,
    /// HTTP requests.
    pub fetches: u32,
    /// Signatures.
    pub signatures: u32,
    /// Decryptions and encryptions.
    pub decryptions: u32,
    /// Evaluations of conditions.
    pub conditions: u32,
    /// Reads of other chains: calls of contracts, nonces.
    pub contract_calls: u32,
    /// `broadcastAndCollect` and `runOnce`.
    pub broadcasts: u32,
    /// How many actions may call one another in a row.
    pub depth: u32,
    /// All calls that leave the sandbox.
    pub host_calls: u32,
}

impl Limits {
    /// What governance has not changed.
    pub const DEFAULT: Self = Self {
        fuel: 20_000_000_000,
        time_ms: 30_000,
        memory_bytes: 256 << 20,
        code_bytes: 16 << 20,
        wasm_bytes: 4 << 20,
        params_bytes: 1 << 20,
        response_bytes: 100 << 10,
        log_bytes: 100 << 10,
        fetches: 50,
        signatures: 10,
        decryptions: 10,
        conditions: 10,
        contract_calls: 30,
        broadcasts: 30,
        depth: 5,
        host_calls: 1_000,
    };

    /// What the machines of members, and the messages between them, are made for: governance sets nothing above it.
    pub const CEILING: Self = Self {
        fuel: 40_000_000_000,
        time_ms: 30_000,
        memory_bytes: 512 << 20,
        code_bytes: 32 << 20,
        wasm_bytes: 16 << 20,
        params_bytes: 4 << 20,
        response_bytes: 128 << 10,
        log_bytes: 128 << 10,
        fetches: 200,
        signatures: 16,
        decryptions: 32,
        conditions: 100,
        contract_calls: 200,
        broadcasts: 32,
        depth: 7,
        host_calls: 10_000,
    };

    /// Whether no limit is above the ceiling.
    pub fn is_within_ceiling(&self) -> bool {
        let top = Self::CEILING;
        self.fuel <= top.fuel && self.counts().iter().zip(top.counts()).all(|(limit, top)| *limit <= top)
    }

    /// All but the fuel.
    fn counts(&self) -> [u32; 15] {
        [
            self.time_ms,
            self.memory_bytes,
            self.code_bytes,
            self.wasm_bytes,
            self.params_bytes,
            self.response_bytes,
            self.log_bytes,
            self.fetches,
            self.signatures,
            self.decryptions,
            self.conditions,
            self.contract_calls,
            self.broadcasts,
            self.depth,
            self.host_calls,
        ]
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What an execution used, on one member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Units of fuel.
    pub fuel: u64,
    /// Bytes that went into the sandbox and came out of it: programs, parameters, calls, answers, the response.
    pub bytes: u64,
    /// Calls that left the sandbox.
    pub host_calls: u32,
    /// HTTP requests.
    pub fetches: u32,
    /// Signatures.
    pub signatures: u32,
    /// Encryptions and decryptions.
    pub decryptions: u32,
    /// Evaluations of conditions.
    pub conditions: u32,
    /// Reads of other chains.
    pub contract_calls: u32,
    /// `broadcastAndCollect` and `runOnce`.
    pub broadcasts: u32,
    /// Actions, the first one included.
    pub actions: u32,
}

/// What each use costs on each member, in the smallest unit of the currency.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prices {
    /// Of an action that begins.
    pub action: u128,
    /// Of each begun million units of fuel.
    pub compute_unit: u128,
    /// Of each begun KiB.
    pub traffic_unit: u128,
    /// Of each call that leaves the sandbox, besides what it is for.
    pub host_call: u128,
    /// Of an HTTP request.
    pub fetch: u128,
    /// Of a signature.
    pub signature: u128,
    /// Of an encryption or a decryption.
    pub decryption: u128,
    /// Of an evaluation of conditions.
    pub condition: u128,
    /// Of a read of another chain.
    pub contract_call: u128,
    /// Of a `broadcastAndCollect` or `runOnce`.
    pub broadcast: u128,
}

impl Prices {
    /// What a usage comes to, on one member.
    pub fn cost(&self, usage: &Usage) -> u128 {
        let parts = [
            (self.action, u64::from(usage.actions)),
            (self.compute_unit, usage.fuel.div_ceil(COMPUTE_UNIT_FUEL)),
            (self.traffic_unit, usage.bytes.div_ceil(TRAFFIC_UNIT_BYTES)),
            (self.host_call, usage.host_calls.into()),
            (self.fetch, usage.fetches.into()),
            (self.signature, usage.signatures.into()),
            (self.decryption, usage.decryptions.into()),
            (self.condition, usage.conditions.into()),
            (self.contract_call, usage.contract_calls.into()),
            (self.broadcast, usage.broadcasts.into()),
        ];
        parts
            .iter()
            .fold(0, |sum: u128, (price, times)| sum.saturating_add(price.saturating_mul(u128::from(*times))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_limit_should_be_settable_above_its_ceiling() {
        assert!(Limits::DEFAULT.is_within_ceiling() && Limits::CEILING.is_within_ceiling());
        let raised = |field: usize| {
            // All fields are little-endian numbers of four bytes, but the first, which has eight.
            let mut bytes = Limits::CEILING.encode();
            let at = if field == 0 { 0 } else { 4 + 4 * field };
            let more = bytes[at].checked_add(1).expect("no ceiling ends with 0xff");
            bytes[at] = more;
            Limits::decode(&mut bytes.as_slice()).expect("the same shape")
        };
        for field in 0..16 {
            assert!(!raised(field).is_within_ceiling(), "field {field} has no ceiling");
        }
    }

    #[test]
    fn every_use_should_have_its_price() {
        let prices = Prices {
            action: 1,
            compute_unit: 10,
            traffic_unit: 100,
            host_call: 1_000,
            fetch: 10_000,
            signature: 100_000,
            decryption: 1_000_000,
            condition: 10_000_000,
            contract_call: 100_000_000,
            broadcast: 1_000_000_000,
        };
        let once = Usage {
            fuel: 1,
            bytes: 1,
            host_calls: 1,
            fetches: 1,
            signatures: 1,
            decryptions: 1,
            conditions: 1,
            contract_calls: 1,
            broadcasts: 1,
            actions: 1,
        };
        assert_eq!(prices.cost(&once), 1_111_111_111);
        assert_eq!(prices.cost(&Usage::default()), 0);
        let begun = Usage { fuel: COMPUTE_UNIT_FUEL + 1, bytes: TRAFFIC_UNIT_BYTES + 1, ..Usage::default() };
        assert_eq!(prices.cost(&begun), 220);
        let dear = Prices { signature: u128::MAX, ..prices };
        assert_eq!(dear.cost(&Usage { signatures: 3, ..once }), u128::MAX);
    }
}
