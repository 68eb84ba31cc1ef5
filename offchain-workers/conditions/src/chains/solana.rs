//! Solana over its JSON-RPC (<https://solana.com/docs/rpc>), at commitment `finalized`. It answers for the newest
//! finalized slot only: there is no block to pin.

use base64ct::{Base64, Encoding};
use conclave_primitives::conditions::{
    AccountValue, ChainKind, ChainName, Finality, JsonArgument, JsonPath, JsonTest, PdaField, SolanaMethod,
    SolanaQuery,
};
use serde_json::{json, Map, Value};

use super::program_address::program_address;
use crate::{
    ask::{Ask, Reply, Stop},
    json::{self, select},
    EvaluationError,
};

const TOKEN_PROGRAM: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const ASSOCIATED_TOKEN_PROGRAM: &str = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL";
const METADATA_PROGRAM: &str = "metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s";
/// The most NFTs of one owner that are looked at.
const MAX_NFTS: usize = 64;
/// What the RPC says of an account that does not exist.
const INVALID_PARAMS: i64 = -32602;

pub(super) fn holds(
    ask: &mut Ask<'_>,
    chain: &ChainName,
    query: &SolanaQuery,
    path: &JsonPath,
    test: &JsonTest,
) -> Reply<bool> {
    let entry = ask.chain(chain)?;
    let ChainKind::Solana { genesis } = entry.kind else {
        return Err(EvaluationError::OtherKind(chain.clone()).into());
    };
    if entry.finality != Finality::Finalized {
        return Err(unreadable(chain, "Solana has finality: expected it in the registry"));
    }
    let served = ask.result(chain, "getGenesisHash", &json!([]), text);
    let value = answer(ask, chain, query);
    if served? != bs58::encode(genesis).into_string() {
        return Err(EvaluationError::OtherChain(chain.clone()).into());
    }
    let Some(value) = value? else {
        // An account that does not exist has no tokens. Lit takes that for "does not hold", whatever is asked.
        return match test {
            JsonTest::LitSolana(..) => Ok(false),
            test => tested(ask, chain, test, &[&json!("0")]),
        };
    };
    tested(ask, chain, test, &select(&value, path))
}

fn tested(ask: &Ask<'_>, chain: &ChainName, test: &JsonTest, found: &[&Value]) -> Reply<bool> {
    let outcome = json::test(test, found, ask.context)?;
    outcome.map_err(|reason| unreadable(chain, reason))
}

/// The value that is tested; `None` for a token account that does not exist.
fn answer(ask: &mut Ask<'_>, chain: &ChainName, query: &SolanaQuery) -> Reply<Option<Value>> {
    match query {
        SolanaQuery::Rpc { method, params } => {
            let params = params.iter().map(|param| argument(ask, param)).collect::<Reply<Vec<_>>>()?;
            value_of(ask, chain, *method, params).map(Some)
        }
        SolanaQuery::TokenBalance { mint, owner } => {
            let owner = key(ask, owner)?;
            let account = associated_account(chain, &owner, mint)?;
            let params = json!([base58(&account), { "commitment": "finalized" }]);
            let found = ask.call(chain, "getTokenAccountBalance", &params, value_text)?;
            match found {
                Ok(text) => parsed(chain, &text).map(Some),
                Err((INVALID_PARAMS, message)) if message.contains("could not find account") => Ok(None),
                Err((_, message)) => Err(EvaluationError::Rejected { chain: chain.clone(), message }.into()),
            }
        }
        SolanaQuery::Collection { collection, owner } => {
            let owner = key(ask, owner)?;
            Ok(Some(json!(count_collection(ask, chain, &owner, collection)?)))
        }
        SolanaQuery::Pda { method, program, seeds, offset, fields, key } => {
            let seeds: Vec<_> = seeds.iter().map(Vec::as_slice).collect();
            let address = program_address(&seeds, program)
                .ok_or_else(|| unreadable(chain, "expected seeds that give an address"))?;
            let account = account_data(ask, chain, &address)?
                .ok_or_else(|| unreadable(chain, "there is no account at the derived address"))?;
            let found = field(&account.data, *offset, fields, key)
                .ok_or_else(|| unreadable(chain, "the account's data has no such field of 32 bytes"))?;
            match method {
                None => Ok(Some(json!(base58(&address)))),
                Some(method) => value_of(ask, chain, *method, vec![json!(base58(&found))]).map(Some),
            }
        }
    }
}

/// The `value` of a method's result.
fn value_of(ask: &mut Ask<'_>, chain: &ChainName, method: SolanaMethod, params: Vec<Value>) -> Reply<Value> {
    let params = at_finalized(method, params);
    let text = ask.result(chain, method.name(), &params, value_text)?;
    parsed(chain, &text)
}

/// With the commitment in the configuration object, where the method takes one.
fn at_finalized(method: SolanaMethod, mut params: Vec<Value>) -> Value {
    let position = match method {
        SolanaMethod::GetHealth => return Value::Array(params),
        SolanaMethod::GetTokenAccountsByDelegate | SolanaMethod::GetTokenAccountsByOwner => 2,
        _ => 1,
    };
    if params.len() == position {
        params.push(Value::Object(Map::new()));
    }
    if let Some(Value::Object(config)) = params.get_mut(position) {
        config.insert("commitment".into(), json!("finalized"));
    }
    Value::Array(params)
}

/// How many NFTs the owner has whose metadata names the collection, verified.
fn count_collection(
    ask: &mut Ask<'_>,
    chain: &ChainName,
    owner: &[u8; 32],
    collection: &[u8; 32],
) -> Reply<u64> {
    let config = json!({ "encoding": "jsonParsed", "commitment": "finalized" });
    let params = json!([base58(owner), { "programId": TOKEN_PROGRAM }, config]);
    let mints = ask.result(chain, "getTokenAccountsByOwner", &params, nft_mints)?;
    if mints.len() > MAX_NFTS {
        return Err(unreadable(chain, format!("the owner has more than {MAX_NFTS} NFTs")));
    }
    let program = known(chain, METADATA_PROGRAM)?;
    let mut count: u64 = 0;
    let mut pending = None;
    for mint in mints {
        let mint = bs58_key(&mint).ok_or_else(|| unreadable(chain, "expected mints in base58"))?;
        let address = program_address(&[b"metadata", &program, &mint], &program)
            .ok_or_else(|| unreadable(chain, "expected a mint that has a metadata address"))?;
        // All at once: an answer that is missing does not keep the others from being asked for.
        match account_data(ask, chain, &address) {
            Ok(Some(account)) if account.owner == METADATA_PROGRAM => {
                if verified_collection(&account.data) == Some(*collection) {
                    count = count.saturating_add(1);
                }
            }
            Ok(_) => {}
            Err(stop) => pending = Some(stop),
        }
    }
    pending.map_or(Ok(count), Err)
}

/// The mints of token accounts with a whole token that cannot be divided.
fn nft_mints(result: &Value) -> Result<Vec<String>, String> {
    let accounts =
        result.get("value").and_then(Value::as_array).ok_or("expected `value` with token accounts")?;
    let mut mints = Vec::new();
    for account in accounts {
        let info = account.pointer("/account/data/parsed/info").ok_or("expected parsed token accounts")?;
        let amount = info.pointer("/tokenAmount/amount").and_then(Value::as_str);
        let decimals = info.pointer("/tokenAmount/decimals").and_then(Value::as_u64);
        let mint = info.get("mint").and_then(Value::as_str).ok_or("expected the mint of a token account")?;
        match (amount.and_then(|amount| amount.parse::<u64>().ok()), decimals) {
            (Some(amount), Some(0)) if amount > 0 => mints.push(mint.to_string()),
            (Some(_), Some(_)) => {}
            _ => return Err("expected the amount of a token account".into()),
        }
    }
    mints.sort();
    Ok(mints)
}

/// The collection in Metaplex's metadata account, if its authority verified it. Borsh: key, update authority, mint, name,
/// symbol, URI, fee, creators, two flags, nonce, token standard, collection
/// (<https://developers.metaplex.com/token-metadata>).
fn verified_collection(data: &[u8]) -> Option<[u8; 32]> {
    let mut reader = Reader(data);
    // The key of metadata accounts is 4.
    if reader.byte()? != 4 {
        return None;
    }
    reader.take(64)?;
    for _ in 0..3 {
        let length = reader.length()?;
        reader.take(length)?;
    }
    reader.take(2)?;
    if reader.byte()? != 0 {
        let creators = reader.length()?;
        reader.take(creators.checked_mul(34)?)?;
    }
    reader.take(2)?;
    for _ in 0..2 {
        if reader.byte()? != 0 {
            reader.byte()?;
        }
    }
    let (present, verified) = (reader.byte()?, reader.byte()?);
    let collection = reader.take(32)?.try_into().ok()?;
    (present == 1 && verified == 1).then_some(collection)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn length(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }
}

struct Account {
    owner: String,
    data: Vec<u8>,
}

fn account_data(ask: &mut Ask<'_>, chain: &ChainName, address: &[u8; 32]) -> Reply<Option<Account>> {
    let params = json!([base58(address), { "encoding": "base64", "commitment": "finalized" }]);
    let found = ask.result(chain, "getAccountInfo", &params, |result| {
        let value = result.get("value").ok_or("expected `value`")?;
        if value.is_null() {
            return Ok(None);
        }
        let owner = value.get("owner").and_then(Value::as_str).ok_or("expected the owner of the account")?;
        let data = value.pointer("/data/0").and_then(Value::as_str).ok_or("expected the data in base64")?;
        let data = Base64::decode_vec(data).map_err(|_| "expected the data in base64")?;
        Ok(Some((owner.to_string(), data)))
    })?;
    Ok(found.map(|(owner, data)| Account { owner, data }))
}

/// The 32 bytes of the field `key`.
fn field(data: &[u8], offset: u32, fields: &[PdaField], key: &str) -> Option<[u8; 32]> {
    let mut start = usize::try_from(offset).ok()?;
    for field in fields {
        let end = start.checked_add(usize::try_from(field.length).ok()?)?;
        if field.name == key {
            return data.get(start..end)?.try_into().ok();
        }
        start = end;
    }
    None
}

fn associated_account(chain: &ChainName, owner: &[u8; 32], mint: &[u8; 32]) -> Reply<[u8; 32]> {
    let (token, program) = (known(chain, TOKEN_PROGRAM)?, known(chain, ASSOCIATED_TOKEN_PROGRAM)?);
    program_address(&[owner, &token, mint], &program)
        .ok_or_else(|| unreadable(chain, "expected a mint that has a token account"))
}

fn argument(ask: &Ask<'_>, argument: &JsonArgument) -> Reply<Value> {
    Ok(match argument {
        JsonArgument::Null => Value::Null,
        JsonArgument::Bool(value) => json!(value),
        JsonArgument::Integer(value) => json!(value),
        JsonArgument::Text(value) => json!(ask.context.text(value)?),
        JsonArgument::Array(items) => {
            Value::Array(items.iter().map(|item| self::argument(ask, item)).collect::<Reply<_>>()?)
        }
        JsonArgument::Object(fields) => {
            let entry =
                |(name, value): &(String, JsonArgument)| Ok((name.clone(), self::argument(ask, value)?));
            Value::Object(fields.iter().map(entry).collect::<Reply<_>>()?)
        }
    })
}

fn key(ask: &Ask<'_>, value: &AccountValue) -> Reply<[u8; 32]> {
    match value {
        AccountValue::Literal(key) => Ok(*key),
        AccountValue::Requester => Ok(ask.context.solana_key()?),
    }
}

/// `value` of a result, as text, so that endpoints can be compared: their slots differ. What has no `value` is null.
fn value_text(result: &Value) -> Result<String, String> {
    Ok(result.get("value").unwrap_or(&Value::Null).to_string())
}

fn parsed(chain: &ChainName, text: &str) -> Reply<Value> {
    serde_json::from_str(text).map_err(|_| unreadable(chain, "expected JSON"))
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(ToString::to_string).ok_or_else(|| "expected a string".into())
}

fn base58(key: &[u8; 32]) -> String {
    bs58::encode(key).into_string()
}

fn bs58_key(text: &str) -> Option<[u8; 32]> {
    bs58::decode(text).into_vec().ok()?.try_into().ok()
}

/// The key of a program of Solana's.
fn known(chain: &ChainName, text: &str) -> Reply<[u8; 32]> {
    bs58_key(text).ok_or_else(|| unreadable(chain, "expected a program's key"))
}

fn unreadable(chain: &ChainName, reason: impl Into<String>) -> Stop {
    EvaluationError::Unreadable { chain: chain.clone(), reason: reason.into() }.into()
}
