//! What a network offers; the same for every member, or they disagree on who may.

use crate::{token::Provider, AuthError};

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
