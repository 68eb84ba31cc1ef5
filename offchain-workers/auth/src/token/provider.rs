//! Who vouches for logins.

use conclave_primitives::AuthMethod;

/// Under which auth method a provider's subjects are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// [`AuthMethod::google`].
    Google,
    /// [`AuthMethod::apple`].
    Apple,
    /// [`AuthMethod::open_id`]: any other, one-time codes among them.
    OpenId,
}

/// An OpenID provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Under which auth method.
    pub kind: ProviderKind,
    /// What it calls itself (`iss`).
    pub issuers: Vec<String>,
    /// Where its keys are (`jwks_uri`).
    pub key_set: String,
    /// The clients (`aud`) whose tokens are taken; `None` for all, since the client is part of the auth method.
    pub audiences: Option<Vec<String>>,
}

impl Provider {
    /// Google (OpenID Connect, `https://accounts.google.com/.well-known/openid-configuration`).
    pub fn google() -> Self {
        Self {
            kind: ProviderKind::Google,
            // Both are documented.
            issuers: vec!["https://accounts.google.com".into(), "accounts.google.com".into()],
            key_set: "https://www.googleapis.com/oauth2/v3/certs".into(),
            audiences: None,
        }
    }

    /// Sign in with Apple (`https://appleid.apple.com/.well-known/openid-configuration`).
    pub fn apple() -> Self {
        Self {
            kind: ProviderKind::Apple,
            issuers: vec!["https://appleid.apple.com".into()],
            key_set: "https://appleid.apple.com/auth/keys".into(),
            audiences: None,
        }
    }

    /// Any other.
    pub fn open_id(issuer: &str, key_set: &str) -> Self {
        Self {
            kind: ProviderKind::OpenId,
            issuers: vec![issuer.into()],
            key_set: key_set.into(),
            audiences: None,
        }
    }

    pub(crate) fn method(&self, issuer: &str, audience: &str, subject: &str) -> AuthMethod {
        match self.kind {
            ProviderKind::Google => AuthMethod::google(subject, audience),
            ProviderKind::Apple => AuthMethod::apple(subject, audience),
            ProviderKind::OpenId => AuthMethod::open_id(issuer, audience, subject),
        }
    }
}
