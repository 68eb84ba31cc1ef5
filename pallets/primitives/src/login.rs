//! By which logins a network lets its users in: the same for every member, or they disagree on who may.

use alloc::vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::Bytes;

/// The longest issuer, client id, domain or URL of a key set.
pub const MAX_LOGIN_TEXT_BYTES: u32 = 256;
/// The most providers.
pub const MAX_LOGIN_PROVIDERS: u32 = 16;
/// The most names of one provider.
pub const MAX_ISSUERS: u32 = 4;
/// The most clients of one provider, applications of Discord, or domains.
pub const MAX_CLIENTS: u32 = 32;

/// A name or URL, in UTF-8.
pub type LoginText = Bytes<MAX_LOGIN_TEXT_BYTES>;
/// Clients, applications or domains.
pub type LoginTexts = BoundedVec<LoginText, ConstU32<MAX_CLIENTS>>;

/// Under which auth method a provider's subjects are known.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum LoginProviderKind {
    /// [`crate::AuthMethod::google`].
    #[codec(index = 0)]
    Google,
    /// [`crate::AuthMethod::apple`].
    #[codec(index = 1)]
    Apple,
    /// [`crate::AuthMethod::open_id`]: any other, one-time codes among them.
    #[codec(index = 2)]
    OpenId,
}

/// A provider of OpenID Connect.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct LoginProvider {
    /// Under which auth method.
    pub kind: LoginProviderKind,
    /// What it calls itself (`iss`).
    pub issuers: BoundedVec<LoginText, ConstU32<MAX_ISSUERS>>,
    /// Where its keys are (`jwks_uri`).
    pub key_set: LoginText,
    /// The clients (`aud`) whose tokens are taken; `None` for all, since the client is part of the auth method.
    pub audiences: Option<LoginTexts>,
}

/// Whether users may log in by Discord.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum DiscordLogin {
    /// Not.
    #[codec(index = 0)]
    Off,
    /// Through every application: it is part of the auth method.
    #[codec(index = 1)]
    AnyApplication,
    /// Through these.
    #[codec(index = 2)]
    Applications(LoginTexts),
}

/// By which logins a network lets its users in.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct LoginSettings {
    /// The domains at which wallets may sign in; `None` for any, since a wallet itself shows the domain and warns of one
    /// that is not the site's.
    pub domains: Option<LoginTexts>,
    /// Who vouches for logins.
    pub providers: BoundedVec<LoginProvider, ConstU32<MAX_LOGIN_PROVIDERS>>,
    /// Discord is no provider of OpenID Connect.
    pub discord: DiscordLogin,
}

impl LoginSettings {
    /// Whether every text is one.
    pub fn is_text(&self) -> bool {
        let applications = match &self.discord {
            DiscordLogin::Applications(applications) => Some(applications),
            DiscordLogin::Off | DiscordLogin::AnyApplication => None,
        };
        let lists = self
            .domains
            .iter()
            .chain(applications)
            .chain(self.providers.iter().filter_map(|provider| provider.audiences.as_ref()));
        let of_providers =
            self.providers.iter().flat_map(|provider| provider.issuers.iter().chain([&provider.key_set]));
        lists.flatten().chain(of_providers).all(|text| core::str::from_utf8(text).is_ok())
    }
}

fn text(text: &str) -> LoginText {
    LoginText::truncate_from(text.as_bytes().to_vec())
}

/// What Lit offers: Google, Apple and Discord, each through any client.
impl Default for LoginSettings {
    fn default() -> Self {
        let provider = |kind, issuers: &[&str], key_set| LoginProvider {
            kind,
            issuers: BoundedVec::truncate_from(issuers.iter().map(|issuer| text(issuer)).collect()),
            key_set: text(key_set),
            audiences: None,
        };
        // https://accounts.google.com/.well-known/openid-configuration; both names are documented.
        let google = provider(
            LoginProviderKind::Google,
            &["https://accounts.google.com", "accounts.google.com"],
            "https://www.googleapis.com/oauth2/v3/certs",
        );
        // https://appleid.apple.com/.well-known/openid-configuration
        let apple = provider(
            LoginProviderKind::Apple,
            &["https://appleid.apple.com"],
            "https://appleid.apple.com/auth/keys",
        );
        Self {
            domains: None,
            providers: BoundedVec::truncate_from(vec![google, apple]),
            discord: DiscordLogin::AnyApplication,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_should_be_whole() {
        let settings = LoginSettings::default();
        assert!(settings.is_text());
        let texts = |provider: &LoginProvider| provider.issuers.iter().map(|text| text.len()).sum::<usize>();
        assert_eq!(settings.providers.iter().map(texts).collect::<alloc::vec::Vec<_>>(), [46, 25]);
    }

    #[test]
    fn what_is_no_text_should_be_found_wherever_it_stands() {
        let bad = || LoginText::truncate_from(vec![0xff]);
        let list = || Some(LoginTexts::truncate_from(vec![bad()]));
        let good = LoginSettings::default();
        assert!(!LoginSettings { domains: list(), ..good.clone() }.is_text());
        let discord = DiscordLogin::Applications(LoginTexts::truncate_from(vec![bad()]));
        assert!(!LoginSettings { discord, ..good.clone() }.is_text());
        for change in [
            |provider: &mut LoginProvider, bad, _| provider.key_set = bad,
            |provider: &mut LoginProvider, bad, _| provider.issuers = BoundedVec::truncate_from(vec![bad]),
            |provider: &mut LoginProvider, _, list| provider.audiences = list,
        ] as [fn(&mut LoginProvider, LoginText, Option<LoginTexts>); 3]
        {
            let mut settings = good.clone();
            settings.providers.iter_mut().for_each(|provider| change(provider, bad(), list()));
            assert!(!settings.is_text());
        }
    }
}
