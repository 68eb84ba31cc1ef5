//! What an action may use.

use codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The limits of one request: the action that was asked for and all actions that it calls, together.
///
/// The defaults are Lit's (on Datil and Naga), where Lit has the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
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
    /// The defaults.
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
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
