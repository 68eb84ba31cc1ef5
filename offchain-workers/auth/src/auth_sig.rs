//! Lit's AuthSig: a wallet's message of EIP-4361, given to an action as a parameter, that says in whose name a condition is
//! to be checked.
//!
//! The message is of no request: whoever has it, and every action that is given it, can show it until it expires. So of the
//! rules for messages all hold that can without a request:
//!
//! | | a request's message | an AuthSig |
//! |---|---|---|
//! | domain | one that the network serves | the same |
//! | URI | of that domain | the same |
//! | nonce | a finalized block of this chain, ten minutes old | the same, thirty days old |
//! | Expiration Time | within an hour | within thirty days |
//! | Request ID | that of the request | none: a message for one request is for that one |
//! | Resources | no matter | none that is `lit-litaction://`, or that of the action that shows it |

use conclave_primitives::Cid;

use crate::{
    limits::{MAX_SESSION_BLOCKS, MAX_SESSION_SECONDS},
    ports::ReadFinalized,
    settings::Settings,
    siwe::{host_of, Message},
    validity::{block_of, Moment},
    wallets::ethereum,
    AuthError,
};

/// What a resource that is an action starts with; its content id follows.
const ACTION: &str = "lit-litaction://";

/// A message and its signature, by a wallet on Ethereum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthSig {
    /// Whose it claims to be.
    pub address: [u8; 20],
    /// The text of EIP-4361.
    pub message: Vec<u8>,
    /// r, s, v.
    pub signature: [u8; 65],
}

impl AuthSig {
    /// Whose it is, if it is valid now and `action` may show it.
    ///
    /// # Errors
    /// Which rule it breaks.
    pub fn verify(
        &self,
        action: &Cid,
        chain: &impl ReadFinalized,
        settings: &Settings,
        moment: Moment,
    ) -> Result<[u8; 20], AuthError> {
        let message = Message::parse(&self.message)?;
        if message.uri.starts_with("lit:") {
            return Err(AuthError::DelegationAsRequest);
        }
        if message.request_id.is_some() {
            return Err(AuthError::ForOneRequest);
        }
        if message.address != self.address {
            return Err(AuthError::OtherAddress { signer: message.address });
        }
        if host_of(&message.uri) != Some(&message.domain) {
            return Err(AuthError::OtherUri { uri: message.uri, domain: message.domain });
        }
        settings.check_domain(&message.domain)?;
        let mut actions = message.resources.iter().filter_map(|of| of.strip_prefix(ACTION)).peekable();
        if actions.peek().is_some() && !actions.any(|of| of == action.to_string()) {
            return Err(AuthError::OtherAction { action: *action });
        }
        moment.check_message(&message, MAX_SESSION_SECONDS)?;
        moment.check_block(&block_of(&message.nonce)?, MAX_SESSION_BLOCKS, chain)?;
        if ethereum::recover_address(&self.message, &self.signature) != Some(message.address) {
            return Err(AuthError::WrongSignature);
        }
        Ok(message.address)
    }
}
