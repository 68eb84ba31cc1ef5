//! Id tokens of OpenID providers: JSON web tokens (RFC 7515, RFC 7519), their keys (RFC 7517), and who vouches.
//!
//! The algorithm is pinned per key id: it follows from the provider's key, and the token's header has to name the same.

mod claims;
mod key_set;
mod provider;

pub use claims::{read_unverified, UnverifiedToken};
pub use key_set::{Algorithm, KeySets};
pub use provider::{Provider, ProviderKind};

use base64ct::{Base64UrlUnpadded, Encoding};
use codec::{Decode, Encode};

use crate::{
    asked::Asked,
    authenticated::{Authenticated, Pending, Question, Verdict},
    limits::MAX_TOKEN_SECONDS,
    memory::Memory,
    settings::Settings,
    validity::Moment,
    AuthError, Query,
};
use claims::Token;
use key_set::Found;

/// An id token that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum TokenError {
    /// Not three parts in base64url.
    #[error("not a JSON web token in compact form: three parts in base64url without padding")]
    #[codec(index = 0)]
    Form,
    /// The header.
    #[error("its header is refused: {0}")]
    #[codec(index = 1)]
    Header(String),
    /// An algorithm that proves nothing here.
    #[error("algorithm `{0}` is refused; known are RS256, ES256 and EdDSA")]
    #[codec(index = 2)]
    Algorithm(String),
    /// The claims.
    #[error("its claims are refused: {0}")]
    #[codec(index = 3)]
    Claims(String),
    /// Nobody of whom this network knows.
    #[error("the issuer `{0}` is none that this network offers")]
    #[codec(index = 4)]
    Issuer(String),
    /// The token is for another client.
    #[error("the audience `{0}` is no client that this network serves")]
    #[codec(index = 5)]
    Audience(String),
    /// The token was made for another key, chain or time.
    #[error("the nonce is not this request's; log in again with the nonce {expected}")]
    #[codec(index = 6)]
    Nonce {
        /// The challenge as base64url.
        expected: String,
    },
    /// The provider has no such key.
    #[error("the issuer has no key `{0}` that can be used; log in again")]
    #[codec(index = 7)]
    UnknownKey(String),
    /// The key is for another algorithm.
    #[error("key `{key}` is for {expected}, and the token's header says {got}")]
    #[codec(index = 8)]
    OtherAlgorithm {
        /// The key id.
        key: String,
        /// The key's algorithm.
        expected: String,
        /// The header's.
        got: String,
    },
    /// The signature is not the provider's.
    #[error("the signature is not the issuer's")]
    #[codec(index = 9)]
    Signature,
}

pub(crate) fn check(
    asked: &Asked,
    bytes: &[u8],
    settings: &Settings,
    moment: Moment,
    memory: &Memory,
) -> Result<Verdict, AuthError> {
    let token = Token::parse(bytes)?;
    let claims = &token.claims;
    let provider = settings
        .providers
        .iter()
        .find(|provider| provider.issuers.contains(&claims.iss))
        .ok_or_else(|| TokenError::Issuer(claims.iss.clone()))?;
    let audience = claims.audience()?;
    if provider.audiences.as_ref().is_some_and(|known| !known.iter().any(|of| of == audience)) {
        return Err(TokenError::Audience(audience.to_owned()).into());
    }
    let expected = Base64UrlUnpadded::encode_string(&asked.challenge);
    if claims.nonce.as_ref() != Some(&expected) {
        return Err(TokenError::Nonce { expected }.into());
    }
    if claims.exp <= claims.iat {
        return Err(AuthError::EndsBeforeItBegins);
    }
    moment.check_length(claims.iat, claims.exp, MAX_TOKEN_SECONDS)?;
    moment.check_begin(claims.iat.max(claims.nbf.unwrap_or(0)))?;
    moment.check_end(claims.exp)?;
    let method = provider.method(&claims.iss, audience, &claims.sub);
    let pending = PendingToken { token, url: provider.key_set.clone(), method };
    match memory.key_sets.find(&pending.url, &pending.token.header.kid, moment.now) {
        Found::Key(key) => {
            pending.token.verify(key)?;
            Ok(Verdict::Authenticated(Authenticated::by(method)))
        }
        Found::Unknown => Err(pending.unknown_key()),
        Found::Ask => {
            let query = Query::Get { url: pending.url.clone(), bearer: None };
            Ok(Verdict::Ask(Question { query, pending: Pending::Token(Box::new(pending)) }))
        }
    }
}

/// A token of which only the signature is to be checked.
#[derive(Clone, Debug)]
pub(crate) struct PendingToken {
    token: Token,
    url: String,
    method: conclave_primitives::AuthMethod,
}

impl PendingToken {
    /// With the provider's key set.
    pub(crate) fn answer(
        self,
        answer: &[u8],
        moment: Moment,
        memory: &mut Memory,
    ) -> Result<Authenticated, AuthError> {
        memory.key_sets.insert(&self.url, answer, moment.now).map_err(AuthError::Unavailable)?;
        match memory.key_sets.find(&self.url, &self.token.header.kid, moment.now) {
            Found::Key(key) => {
                self.token.verify(key)?;
                Ok(Authenticated::by(self.method))
            }
            Found::Unknown | Found::Ask => Err(self.unknown_key()),
        }
    }

    fn unknown_key(&self) -> AuthError {
        TokenError::UnknownKey(self.token.header.kid.clone()).into()
    }
}
