//! The end of a check: who asks, or what has to be found out first.

use conclave_primitives::{AuthMethod, PkpId};

use crate::{
    memory::Memory, ports::QueryFailure, token::PendingToken, validity::Moment, wallets::contract, AuthError,
    Query,
};

/// Who asks. Whether they may is asked of finalized state: `PkpApi::scopes` of [`Self::method`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub method: AuthMethod,
    /// The PKP as which a session acts: its addresses stand for the user in access conditions. Only while the PKP
    /// permits [`Self::method`].
    pub pkp: Option<PkpId>,
    /// The session key that signed the request, if one did.
    pub session: Option<[u8; 32]>,
    /// When the session ends, in seconds since 1970.
    pub expires_at: Option<u64>,
}

impl Authenticated {
    pub(crate) const fn by(method: AuthMethod) -> Self {
        Self { method, pkp: None, session: None, expires_at: None }
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Who asks.
    Authenticated(Authenticated),
    /// Everything fits so far; the rest hangs on an answer.
    Ask(Question),
}

impl Verdict {
    pub(crate) const fn ask_contract(query: Query, authenticated: Authenticated) -> Self {
        Self::Ask(Question { query, pending: Pending::Contract(authenticated) })
    }
}

/// A query, and what its answer decides.
#[derive(Clone, Debug)]
pub struct Question {
    pub(crate) query: Query,
    pub(crate) pending: Pending,
}

#[derive(Clone, Debug)]
pub(crate) enum Pending {
    Contract(Authenticated),
    Token(Box<PendingToken>),
    Discord { token: [u8; 32], session: [u8; 32], applications: Option<Vec<String>> },
}

impl Question {
    /// What to find out.
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// Judges the answer. A failure denies.
    pub fn answer(
        self,
        answer: Result<Vec<u8>, QueryFailure>,
        moment: Moment,
        memory: &mut Memory,
    ) -> Result<Authenticated, AuthError> {
        match self.pending {
            Pending::Contract(authenticated) => match answer {
                Ok(answer) if contract::accepts(&answer) => Ok(authenticated),
                Ok(_) | Err(QueryFailure::Reverted) => Err(AuthError::ContractRefuses),
                Err(failure) => Err(AuthError::Unavailable(failure.to_string())),
            },
            Pending::Token(token) => {
                let answer = answer.map_err(|failure| AuthError::Unavailable(failure.to_string()))?;
                token.answer(&answer, moment, memory)
            }
            Pending::Discord { token, session, applications } => {
                crate::discord::judge(answer, token, session, applications.as_deref(), moment, memory)
            }
        }
    }
}
