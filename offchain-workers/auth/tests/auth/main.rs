//! Who is let in, and who is not.

mod auth_sigs;
mod delegations;
mod fixture;
mod json;
mod passkeys;
mod refused;
mod sign_in_messages;
mod tokens;
mod vectors;
mod wallets;
