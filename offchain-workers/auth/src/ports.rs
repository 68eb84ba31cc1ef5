//! What an authorisation needs of the outside: finalized state as a port, everything else as a query that the caller
//! runs and answers, so that nothing here waits or opens a socket.

use conclave_primitives::{AuthMethod, BlockNumber, CredentialKey, KeysetId, PkpId};
use zeroize::Zeroizing;

/// Reads of finalized state.
pub trait ReadFinalized {
    /// The number of a finalized block of this chain; `None` if there is no such block, or it is not final.
    fn block_number(&self, hash: &[u8; 32]) -> Result<Option<BlockNumber>, Unreadable>;
    /// The key under which a PKP permits a passkey; `None` if it does not.
    fn credential_key(&self, pkp: &PkpId, method: &AuthMethod) -> Result<Option<CredentialKey>, Unreadable>;
    /// The committee's Result key of a key set (Ed25519); `None` if there is no such key set.
    fn result_key(&self, keyset: KeysetId) -> Result<Option<[u8; 32]>, Unreadable>;
}

/// Finalized state could not be read: nothing may be concluded from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Something to find out before an authorisation can be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// `eth_call` without a sender, at the chain's finalized block, through several endpoints that have to agree. The
    /// answer is what the contract returns.
    ContractCall {
        /// EIP-155.
        chain_id: u64,
        /// To whom.
        contract: [u8; 20],
        /// ABI-encoded.
        data: Vec<u8>,
        /// The most it may burn.
        gas: u64,
    },
    /// An HTTP GET through the port that refuses inner addresses. The answer is the body of a 200, at most
    /// [`crate::limits::MAX_ANSWER_BYTES`]. No redirects are needed.
    Get {
        /// HTTPS.
        url: String,
        /// For the header `Authorization: Bearer …`.
        bearer: Option<AccessToken>,
    },
}

/// An OAuth access token: a secret of the user.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(Zeroizing<String>);

impl AccessToken {
    pub(crate) fn new(token: &str) -> Self {
        Self(Zeroizing::new(token.to_owned()))
    }

    /// The token, for a header.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryFailure {
    /// The chain is not configured, or no endpoint answers, or too few agree.
    #[error("{0}")]
    Unavailable(String),
    /// The contract reverted, or burned its gas: it does not accept.
    #[error("the contract reverted")]
    Reverted,
    /// The server answered with another status than 200.
    #[error("status {0}")]
    Status(u16),
}
