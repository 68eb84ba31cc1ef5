//! A condition as requests carry it.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, Encode};
use core::fmt;

use crate::conditions::{lit, Condition, SyntaxError};

/// The longest JSON of Lit's conditions, in bytes.
pub const MAX_LIT_CONDITION_BYTES: u32 = 16 * 1024;

/// A condition in one of the two languages.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ConditionSource {
    /// In our language, for [`crate::DecryptionIdentity::V1`].
    #[codec(index = 0)]
    Ours(Condition),
    /// Lit's JSON, an object with one of its four lists, for [`crate::DecryptionIdentity::LitV7`].
    #[codec(index = 1)]
    Lit(BoundedVec<u8, ConstU32<MAX_LIT_CONDITION_BYTES>>),
}

/// Why a source is no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionSourceError {
    /// Lit's conditions are no UTF-8.
    NotText,
    /// Lit's conditions do not parse.
    Syntax(SyntaxError),
}

impl fmt::Display for ConditionSourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("expected UTF-8"),
            Self::Syntax(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConditionSourceError {}

impl ConditionSource {
    /// The condition, with the hash that names it in its own language.
    pub fn read(&self) -> Result<(Condition, [u8; 32]), ConditionSourceError> {
        match self {
            Self::Ours(condition) => Ok((condition.clone(), condition.hash().0)),
            Self::Lit(json) => {
                let text = core::str::from_utf8(json).map_err(|_| ConditionSourceError::NotText)?;
                let parsed = lit::Conditions::parse_any(text).map_err(ConditionSourceError::Syntax)?;
                Ok((parsed.condition().clone(), parsed.hash()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lits_conditions_should_have_lits_hash() {
        let json = r#"{"accessControlConditions":[{"contractAddress":"","standardContractType":"","chain":"ethereum","method":"","parameters":[":userAddress"],"returnValueTest":{"comparator":"=","value":"0x1111111111111111111111111111111111111111"}}]}"#;
        let source = |bytes: &[u8]| ConditionSource::Lit(bytes.to_vec().try_into().expect("short"));
        let parsed = lit::Conditions::parse_any(json).expect("parses");
        assert_eq!(source(json.as_bytes()).read(), Ok((parsed.condition().clone(), parsed.hash())));
        assert!(matches!(source(b"{}").read(), Err(ConditionSourceError::Syntax(_))));
        assert_eq!(source(b"\xff").read(), Err(ConditionSourceError::NotText));
    }
}
