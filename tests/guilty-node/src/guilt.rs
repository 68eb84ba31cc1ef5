//! What a member may do wrong.

use std::env;

const VARIABLE: &str = "CONCLAVE_GUILT";

/// One kind of wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guilt {
    /// Its shares of signatures (FROST's second flight, the only one of BLS) and of decryption keys are shares of nothing.
    WrongShares,
    /// Where the programs of actions say `honest`, its own say `guilty`.
    AlteredCode,
    /// It signs other outcomes of actions than it reports.
    MisendorsedOutcomes,
    /// What it deals to the first member of the next committee does not open.
    BadReshare,
}

impl Guilt {
    const ALL: [(&'static str, Self); 4] = [
        ("wrong-shares", Self::WrongShares),
        ("altered-code", Self::AlteredCode),
        ("misendorsed-outcomes", Self::MisendorsedOutcomes),
        ("bad-reshare", Self::BadReshare),
    ];

    /// As the environment says; a word that is none is refused, or a scenario would test an honest node.
    pub(crate) fn of_environment() -> Result<Self, String> {
        let word = env::var(VARIABLE).unwrap_or_default();
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, guilt)| *guilt).ok_or_else(|| {
            format!("{VARIABLE} is `{word}`, and has to be one of {:?}", Self::ALL.map(|(name, _)| name))
        })
    }
}
