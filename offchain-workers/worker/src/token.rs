//! What condition tokens say: the same for every member, or they sign nothing.

use conclave_auth::{checksum_address, Authenticated};
use conclave_client::token::{bytes_to_sign, Claims, LitKind, TokenConditions};
use conclave_primitives::{AuthMethod, ConditionSource, GenesisHash, TokenRequest, TOKEN_SECONDS};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The bytes that the committee signs for `who` at a time, in seconds since 1970; `None` if the conditions do not parse.
pub(crate) fn statement(
    genesis: &GenesisHash,
    request: &TokenRequest,
    who: &Authenticated,
    issued_at: u64,
) -> Option<String> {
    let (subject, chain) = subject(who);
    let claims = Claims {
        issuer: issuer(genesis),
        subject,
        chain: chain.into(),
        issued_at,
        expires_at: issued_at.saturating_add(TOKEN_SECONDS),
        conditions: conditions(request)?,
    };
    bytes_to_sign(&claims).ok()
}

/// A URI that names the chain whose committee signs.
fn issuer(genesis: &GenesisHash) -> String {
    format!("conclave:0x{}", hex::encode(genesis))
}

/// Who met the conditions, and where they are known by that name. A session that acts as a PKP speaks for the PKP.
fn subject(who: &Authenticated) -> (String, &'static str) {
    if let Some(pkp) = &who.pkp {
        return (pkp.to_string(), "conclave");
    }
    match who.method {
        AuthMethod::EthereumWallet(address) => (checksum_address(&address), "ethereum"),
        AuthMethod::SolanaWallet(key) => (bs58::encode(key).into_string(), "solana"),
        AuthMethod::Account(account) => (format!("0x{}", hex::encode(account)), "conclave"),
        other => (format!("0x{}", hex::encode(codec::Encode::encode(&other))), "conclave"),
    }
}

fn conditions(request: &TokenRequest) -> Option<TokenConditions> {
    let (_, hash) = request.condition.read().ok()?;
    match &request.condition {
        ConditionSource::Ours(_) => Some(TokenConditions::Hash(hash)),
        ConditionSource::Lit(json) => {
            let lists: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(json).ok()?;
            let (name, list) = lists.into_iter().next()?;
            let kind = match name.as_str() {
                "accessControlConditions" => LitKind::AccessControl,
                "evmContractConditions" => LitKind::EvmContract,
                "solRpcConditions" => LitKind::SolRpc,
                "unifiedAccessControlConditions" => LitKind::Unified,
                _ => return None,
            };
            Some(TokenConditions::Lit { kind, json: list.get().to_owned() })
        }
    }
}
