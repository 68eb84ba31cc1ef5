//! Domain separation: what is hashed or signed, with the tag that keeps it apart from everything else.

use alloc::vec::Vec;
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::Encode;

use crate::{AccountBytes, AttemptId, KeysetId, RootKey, WorkerKeys};

/// The hash of block 0: keeps one chain's messages off another.
pub type GenesisHash = [u8; 32];

/// A message between members.
pub const DOMAIN_MESSAGE: &[u8] = b"CONCLAVE-V1-MESSAGE";
/// The first line of the text that authorises a signature.
pub const DOMAIN_SIGN_REQUEST: &str = "Conclave signature request, version 1";
/// The first line of the text that authorises decryption.
pub const DOMAIN_DECRYPT_REQUEST: &str = "Conclave decryption request, version 1";
/// The first line of the text that authorises an action to be run.
pub const DOMAIN_EXECUTE_REQUEST: &str = "Conclave action request, version 1";
/// The first line of the text that members sign when an action has ended.
pub const DOMAIN_EXECUTION_OUTCOME: &str = "Conclave action outcome, version 1";
/// The first line of a text that authorises a condition token.
pub const DOMAIN_TOKEN_REQUEST: &str = "Conclave token request, version 1";
const DOMAIN_ACTIVATION: &[u8] = b"CONCLAVE-V1-ACTIVATION";
const DOMAIN_WORKER_CALL: &[u8] = b"CONCLAVE-V1-WORKER-CALL";
const DOMAIN_WORKER_KEYS: &[u8] = b"CONCLAVE-V1-WORKER-KEYS";

/// BLAKE2b-256 (RFC 7693), the chain's hash.
pub fn blake2_256(bytes: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(bytes).into()
}

/// The bytes a worker key signs to submit a call: `call` is the call's name, `arguments` all its
/// arguments but the signature.
pub fn worker_call_bytes(genesis: &GenesisHash, call: &str, arguments: &impl Encode) -> Vec<u8> {
    (DOMAIN_WORKER_CALL, genesis, call, arguments).encode()
}

/// The bytes that each worker key signs to prove its possession when it is registered.
pub fn worker_keys_bytes(genesis: &GenesisHash, account: &AccountBytes, keys: &WorkerKeys) -> Vec<u8> {
    (DOMAIN_WORKER_KEYS, genesis, account, keys).encode()
}

/// What a new committee signs with its Result key to prove that it holds the keys it made.
pub fn activation_bytes(
    genesis: &GenesisHash,
    attempt: &AttemptId,
    keyset: KeysetId,
    roots: &[RootKey],
) -> Vec<u8> {
    (DOMAIN_ACTIVATION, genesis, attempt, keyset, blake2_256(&roots.encode())).encode()
}

/// Bytes as lower-case hex.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl core::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
