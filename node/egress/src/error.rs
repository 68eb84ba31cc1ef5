//! Why nothing came back.

use conclave_conditions::QueryFailure;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// Not an address that can be asked.
    #[error("expected {0}")]
    InvalidUrl(&'static str),
    /// A header's name or value is none of HTTP.
    #[error("header `{0}`: expected a name and a value of visible ASCII")]
    InvalidHeader(String),
    /// The name leads where nobody but this network can go, or to plain HTTP.
    #[error("`{host}` is not on the public internet, or not over HTTPS")]
    Forbidden {
        /// The host that was asked for.
        host: String,
    },
    /// There is no such host.
    #[error("there is no host `{host}`")]
    UnknownHost {
        /// The host that was asked for.
        host: String,
    },
    /// The time is over.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is too long.
    #[error("the answer is longer than {0} bytes")]
    TooLong(u64),
    /// Redirected too often, or where a redirect is not followed.
    #[error("redirected {0}")]
    Redirected(&'static str),
    /// No success.
    #[error("status {0}")]
    Status(u16),
    /// The connection failed.
    #[error("connection: {0}")]
    Connection(String),
}

impl From<EgressError> for QueryFailure {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::TimedOut => Self::TimedOut,
            EgressError::TooLong(limit) => Self::TooLong(limit),
            error @ (EgressError::Forbidden { .. }
            | EgressError::InvalidUrl(_)
            | EgressError::Redirected(_)) => Self::Refused(error.to_string()),
            error => Self::Failed(error.to_string()),
        }
    }
}
