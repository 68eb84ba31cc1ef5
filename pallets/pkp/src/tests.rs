//! One file per face of the registry. Every test but those of addresses ends with the invariants checked (`run`).

mod address;
mod invariants;
mod lists;
mod logins;
mod mint;
mod ownership;
mod passkeys;
mod permissions;
mod queries;
