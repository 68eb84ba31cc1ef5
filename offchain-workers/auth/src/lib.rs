//! Who asks.
//!
//! A request comes with an [`Authorisation`]: a wallet's signature, a session key with what a wallet or the committee
//! delegated to it, a passkey's assertion or a provider's token. [`authorise`] finds out whose it is, as an
//! [`AuthMethod`]; what that one may do is the chain's to say. Each member does this by itself.
//!
//! ```text
//!   request ──► Asked (id, text, challenge, resource, ability)
//!   authorisation ──┐                        ┌─► Authenticated { method, pkp, session, … }
//!                   ├─► authorise ─► Verdict ┤
//!   finalized state ┘                        └─► Question ─► (the caller asks outside) ─► answer ─► Authenticated
//! ```
//!
//! Nothing here opens a socket, reads a clock or draws randomness. Everything is bound to this chain: texts and ids name
//! its genesis, nonces are hashes of its blocks.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod asked;
mod auth_sig;
mod authenticated;
mod authorise;
mod discord;
mod error;
mod json;
pub mod limits;
mod memory;
mod passkey;
mod ports;
pub mod recap;
mod session;
mod settings;
pub mod siwe;
mod token;
mod validity;
mod wallets;

pub use asked::{Asked, Subject};
pub use auth_sig::AuthSig;
pub use authenticated::{Authenticated, Question, Verdict};
pub use authorise::{authorise, certificate};
pub use conclave_primitives::{AuthMethod, Authorisation};
pub use error::AuthError;
pub use json::{
    authorisation::{parse_auth_sig, parse_authorisation, JsonError},
    request::{
        parse_check_request, parse_decrypt_request, parse_execute_request, parse_session_request,
        parse_sign_request, parse_token_request, parse_unsigned_decrypt_request,
        parse_unsigned_execute_request, parse_unsigned_session_request, parse_unsigned_sign_request,
        parse_unsigned_token_request, RequestError,
    },
};
pub use memory::Memory;
pub use passkey::{credential_key, PasskeyError};
pub use ports::{AccessToken, Query, QueryFailure, ReadFinalized, Unreadable};
pub use session::{verify_certificate, SESSION_URI};
pub use settings::{NoText, Settings};
pub use token::{read_unverified, Algorithm, KeySets, Provider, ProviderKind, TokenError, UnverifiedToken};
pub use validity::Moment;
pub use wallets::{adr36_sign_bytes, checksum_address, eip191_digest, verify_wallet};
