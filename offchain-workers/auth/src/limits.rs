//! Every bound of an authorisation, in one place.

use conclave_primitives::{BlockNumber, MAX_REQUEST_LIFETIME};

/// By how much the clocks of a client and a member may differ, in seconds; as Lit.
pub const CLOCK_GRACE: u64 = 60;
/// The longest a session may last, in seconds: 30 days; as Lit.
pub const MAX_SESSION_SECONDS: u64 = 30 * 24 * 60 * 60;
/// The same in blocks of three seconds: the oldest block that a running session can name.
pub const MAX_SESSION_BLOCKS: BlockNumber = 864_000;
/// The longest a message of EIP-4361 for a single request may be valid, in seconds.
pub const MAX_SINGLE_REQUEST_SECONDS: u64 = 60 * 60;
/// How old the block may be that a login names: ten minutes for whoever looks for their phone.
pub const MAX_LOGIN_BLOCKS: BlockNumber = MAX_REQUEST_LIFETIME;
/// The longest an id token may be valid, in seconds. Google's and Apple's are for an hour, some are for a day.
pub const MAX_TOKEN_SECONDS: u64 = 24 * 60 * 60;
/// The most capabilities and resources that one ReCap may name, ours or not.
pub const MAX_RECAP_ENTRIES: usize = 64;
/// The most gas that a contract wallet may burn to judge a signature.
pub const CONTRACT_WALLET_GAS: u64 = 5_000_000;
/// The longest answer of a provider: a key set has some kilobytes.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// The most keys of one provider.
pub const MAX_PROVIDER_KEYS: usize = 64;
/// How long a key set is used without asking again, in seconds.
pub const KEY_SET_FRESH: u64 = 60 * 60;
/// How often at most a provider is asked for a key that it did not have, in seconds.
pub const KEY_SET_COOLDOWN: u64 = 60;
/// Tokens that are remembered as used.
pub const MAX_USED_TOKENS: usize = 4_096;
/// Passkeys whose counters are remembered.
pub const MAX_SIGN_COUNTS: usize = 16 * 1024;
