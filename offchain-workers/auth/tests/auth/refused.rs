//! The table of what is refused: every case once, with its own error, and each error says what to do.

use conclave_auth::AuthError;
use std::collections::BTreeSet;

use crate::{delegations, passkeys, sign_in_messages, tokens, wallets};

/// What should be refused, how it was, and how it should have been.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) got: Option<AuthError>,
    pub(crate) expected: AuthError,
}

pub(crate) fn case<T>(
    name: impl Into<String>,
    got: Result<T, AuthError>,
    expected: impl Into<AuthError>,
) -> Case {
    Case { name: name.into(), got: got.err(), expected: expected.into() }
}

#[test]
fn at_least_150_authorisations_should_be_refused_each_with_its_error() {
    let groups = [
        ("wallets", wallets::cases()),
        ("sign-in messages", sign_in_messages::cases()),
        ("delegations", delegations::cases()),
        ("tokens", tokens::cases()),
        ("passkeys", passkeys::cases()),
    ];
    let (mut names, mut wrong) = (BTreeSet::new(), Vec::new());
    for (group, cases) in groups {
        println!("{group}: {} cases", cases.len());
        for Case { name, got, expected } in cases {
            assert!(names.insert(format!("{group}: {name}")), "{group}: {name} is there twice");
            let text = expected.to_string();
            assert!(text.len() > 20 && !text.contains("Error"), "{name}: says what to do: {text}");
            if got.as_ref() != Some(&expected) {
                wrong.push(format!("{group}: {name}: got {got:?}, expected {expected:?}"));
            }
        }
    }
    println!("{} cases in all", names.len());
    assert!(names.len() >= 150, "{} cases only", names.len());
    assert!(wrong.is_empty(), "{}\n{} of {} cases", wrong.join("\n"), wrong.len(), names.len());
}
