//! What a network offers; the same for every member, or they disagree on who may.

use conclave_primitives::{DiscordLogin, LoginProvider, LoginProviderKind, LoginSettings, LoginText};

use crate::{
    token::{Provider, ProviderKind},
    AuthError,
};

/// What a network offers.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The domains at which wallets may sign in; `None` for any, since a wallet itself shows the domain and warns of one
    /// that is not the site's.
    pub domains: Option<Vec<String>>,
    /// Who vouches for logins.
    pub providers: Vec<Provider>,
    /// Whether Discord is offered, and to which applications; `Some(None)` for all.
    pub discord: Option<Option<Vec<String>>>,
}

impl Settings {
    pub(crate) fn check_domain(&self, domain: &str) -> Result<(), AuthError> {
        match &self.domains {
            Some(domains) if !domains.iter().any(|of| of == domain) => {
                Err(AuthError::OtherDomain { got: domain.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

/// The chain's settings have a name that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the login settings have a name that is no text")]
pub struct NoText;

/// As the chain has them.
impl TryFrom<&LoginSettings> for Settings {
    type Error = NoText;

    fn try_from(settings: &LoginSettings) -> Result<Self, NoText> {
        Ok(Self {
            domains: settings.domains.as_ref().map(texts).transpose()?,
            providers: settings.providers.iter().map(Provider::try_from).collect::<Result<_, _>>()?,
            discord: match &settings.discord {
                DiscordLogin::Off => None,
                DiscordLogin::AnyApplication => Some(None),
                DiscordLogin::Applications(applications) => Some(Some(texts(applications)?)),
            },
        })
    }
}

impl TryFrom<&LoginProvider> for Provider {
    type Error = NoText;

    fn try_from(provider: &LoginProvider) -> Result<Self, NoText> {
        Ok(Self {
            kind: match provider.kind {
                LoginProviderKind::Google => ProviderKind::Google,
                LoginProviderKind::Apple => ProviderKind::Apple,
                LoginProviderKind::OpenId => ProviderKind::OpenId,
            },
            issuers: texts(&provider.issuers)?,
            key_set: text(&provider.key_set)?,
            audiences: provider.audiences.as_ref().map(texts).transpose()?,
        })
    }
}

fn texts<'a>(list: impl IntoIterator<Item = &'a LoginText>) -> Result<Vec<String>, NoText> {
    list.into_iter().map(text).collect()
}

fn text(text: &LoginText) -> Result<String, NoText> {
    String::from_utf8(text.to_vec()).map_err(|_| NoText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chains_default_should_offer_google_apple_and_discord() {
        let settings = Settings::try_from(&LoginSettings::default()).expect("text");
        let [google, apple] = settings.providers.as_slice() else { panic!("{:?}", settings.providers) };
        assert_eq!((google.kind, &google.key_set), (ProviderKind::Google, &Provider::google().key_set));
        assert_eq!(google.issuers, Provider::google().issuers);
        assert_eq!((apple.kind, &apple.issuers), (ProviderKind::Apple, &Provider::apple().issuers));
        assert_eq!(settings.discord, Some(None));
        assert_eq!(settings.domains, None);
    }

    #[test]
    fn what_is_no_text_should_be_refused() {
        let mut settings = LoginSettings::default();
        settings.providers.iter_mut().for_each(|of| of.key_set = LoginText::truncate_from(vec![0xff]));
        assert!(Settings::try_from(&settings).is_err());
    }
}
