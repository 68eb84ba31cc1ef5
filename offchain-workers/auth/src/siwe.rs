//! EIP-4361, Sign-In with Ethereum: the message, read strictly by its ABNF.
//!
//! What the ABNF leaves open and would let one message be read in two ways is refused: user information in an
//! authority, anything but ASCII (a homoglyph in a domain), an address without its checksum (EIP-55), lines after the
//! last.

mod date;
mod parse;
mod uri;

pub(crate) use date::parse as parse_date;
pub use parse::Message;
pub use uri::host_of;

use codec::{Decode, Encode};

/// A part of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Field {
    /// The first line's domain.
    Domain,
    /// The address.
    Address,
    /// The statement, or the blank lines around it.
    Statement,
    /// `URI`.
    Uri,
    /// `Version`.
    Version,
    /// `Chain ID`.
    ChainId,
    /// `Nonce`.
    Nonce,
    /// `Issued At`.
    IssuedAt,
    /// `Expiration Time`.
    ExpirationTime,
    /// `Not Before`.
    NotBefore,
    /// `Request ID`.
    RequestId,
    /// `Resources`.
    Resources,
}

impl core::fmt::Display for Field {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Domain => "domain",
            Self::Address => "address",
            Self::Statement => "statement",
            Self::Uri => "URI",
            Self::Version => "Version",
            Self::ChainId => "Chain ID",
            Self::Nonce => "Nonce",
            Self::IssuedAt => "Issued At",
            Self::ExpirationTime => "Expiration Time",
            Self::NotBefore => "Not Before",
            Self::RequestId => "Request ID",
            Self::Resources => "Resources",
        })
    }
}

/// A message that is not one of EIP-4361.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum SiweError {
    /// Not UTF-8 in ASCII.
    #[error("the message has characters outside printable ASCII and line feeds; write domain and statement in ASCII")]
    #[codec(index = 0)]
    NotAscii,
    /// A line is missing or another one stands there.
    #[error("`{0}` is missing or out of order; make the message with a library for EIP-4361")]
    #[codec(index = 1)]
    Missing(Field),
    /// A field has another form.
    #[error("`{0}` has not the form that EIP-4361 gives it")]
    #[codec(index = 2)]
    Malformed(Field),
    /// The address has no or a wrong checksum.
    #[error("the address has a wrong checksum; write it with the upper and lower case of EIP-55")]
    #[codec(index = 3)]
    Checksum,
    /// `Version` is not 1.
    #[error("the message has another version than 1, the only one there is")]
    #[codec(index = 4)]
    Version,
    /// Something follows the message.
    #[error("something follows the last line of the message; end it there, without a line feed")]
    #[codec(index = 5)]
    Trailing,
    /// The authority names a user.
    #[error("`{0}` has user information before the host; leave it away")]
    #[codec(index = 6)]
    UserInformation(Field),
}
