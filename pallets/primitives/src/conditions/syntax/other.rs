//! Leaves about who asks, other chains, time, policies and actions.

use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use blake2::{Blake2b512, Digest};

use super::{
    account, base58_key, comparator, integer, json_path, literal, text_value, unsigned, AbiArgument, AbiType,
    AccountValue, Comparator, Found, JsonPath, JsonStep, Variable,
};
use crate::conditions::{
    abi::parse_hex,
    json::Json,
    leaf::{
        identifier, url_path, CosmosQuery, JsonArgument, JsonTest, Leaf, PathPart, SolanaMethod, SolanaQuery,
        StorageHasher, StorageKeyPart, StorageTest, SubstrateQuery,
    },
    reader::{At, Object, Parsed},
    value::TextValue,
    ChainName, PolicyId, MAX_VALUE_DEPTH,
};

const ACCOUNT: &str = "an account of 32 bytes, in hexadecimal with `0x` or in SS58, or `$user`";
const KEY: &str = "a key of 32 bytes in base58, or `$user`";
/// The name under which conditions ask our own chain, without RPC.
const OWN_CHAIN: &str = "conclave";

pub(super) fn leaf(name: &str, at: &At<'_>) -> Found {
    Ok(Some(match name {
        "user" => user(at)?,
        "action" => Leaf::Text {
            found: TextValue::Variable(Variable::CurrentAction),
            comparator: Comparator::Equal,
            asked: TextValue::Literal(cid(at)?),
        },
        "session" => {
            let fields = at.object(&["parameter", "comparator", "value"], &[])?;
            let parameter = literal(&fields.must("parameter")?)?;
            Leaf::Text {
                found: TextValue::Variable(Variable::SessionParameter(parameter)),
                comparator: comparator(&fields, true)?,
                asked: TextValue::Literal(literal(&fields.must("value")?)?),
            }
        }
        "siweDomain" => Leaf::Text {
            found: TextValue::Variable(Variable::SiweDomain),
            comparator: Comparator::Equal,
            asked: TextValue::Literal(literal(at)?),
        },
        "siweResource" => Leaf::SiweResource(literal(at)?),
        "solanaBalance" => {
            let fields = at.object(&["chain", "account", "comparator", "value"], &[])?;
            let account = match account(&fields.must("account")?, base58_key, KEY)? {
                AccountValue::Literal(key) => TextValue::Literal(bs58::encode(key).into_string()),
                AccountValue::Requester => TextValue::Variable(Variable::SolanaAddress),
            };
            let params = vec![JsonArgument::Text(account)];
            solana(&fields, SolanaQuery::Rpc { method: SolanaMethod::GetBalance, params }, vec![])?
        }
        "solanaToken" => {
            let fields = at.object(&["chain", "mint", "account", "comparator", "value"], &[])?;
            let owner = account(&fields.must("account")?, base58_key, KEY)?;
            let query = SolanaQuery::TokenBalance { mint: key(&fields.must("mint")?)?, owner };
            solana(&fields, query, vec![JsonStep::Field("amount".to_string())])?
        }
        "solanaCollection" => {
            let fields = at.object(&["chain", "collection", "account", "comparator", "value"], &[])?;
            let owner = account(&fields.must("account")?, base58_key, KEY)?;
            let query = SolanaQuery::Collection { collection: key(&fields.must("collection")?)?, owner };
            solana(&fields, query, vec![])?
        }
        "solanaCall" => {
            let fields = at.object(&["chain", "method", "params", "path", "test"], &[])?;
            let method = fields.must("method")?;
            let method = SolanaMethod::parse(method.text()?)
                .ok_or_else(|| method.error("a method that conditions may call, such as `getAccountInfo`"))?;
            let params = fields.must("params")?.elements()?;
            let params = params.iter().map(|item| json_argument(item, 0)).collect::<Parsed<Vec<_>>>()?;
            Leaf::Solana {
                chain: fields.must("chain")?.chain()?,
                query: SolanaQuery::Rpc { method, params },
                path: path(&fields.must("path")?)?,
                test: test(&fields.must("test")?, &Variable::SolanaAddress)?,
            }
        }
        "cosmos" => {
            let fields = at.object(&["chain", "path", "select", "test"], &[])?;
            let chain = fields.must("chain")?.chain()?;
            let test = test(&fields.must("test")?, &Variable::CosmosAddress(chain.clone()))?;
            let query = CosmosQuery::Rest(rest_path(&fields.must("path")?, "$user")?);
            Leaf::Cosmos { chain, query, path: path(&fields.must("select")?)?, test }
        }
        "substrateBalance" => {
            let fields = at.object(&["chain", "account", "comparator", "value"], &[])?;
            let query = SubstrateQuery::Balance {
                account: account(&fields.must("account")?, parse_account, ACCOUNT)?,
                comparator: comparator(&fields, false)?,
                asked: unsigned(&fields.must("value")?)?,
            };
            Leaf::Substrate { chain: substrate_chain(&fields)?, query }
        }
        "substrateMember" => {
            let fields = at.object(&["chain", "pallet", "account"], &[])?;
            let query = SubstrateQuery::Member {
                pallet: name_of(&fields.must("pallet")?)?,
                account: account(&fields.must("account")?, parse_account, ACCOUNT)?,
            };
            Leaf::Substrate { chain: substrate_chain(&fields)?, query }
        }
        "substrateStorage" => storage(at)?,
        "time" => {
            let (from, until) = window(at, "seconds since 1970")?;
            Leaf::Time { from, until }
        }
        "blocks" => {
            let (from, until) = window(at, "a block number")?;
            Leaf::Blocks { from, until }
        }
        "policy" => match parse_hex(at.text()?).and_then(|bytes| bytes.try_into().ok()) {
            Some(id) => Leaf::Policy(PolicyId(id)),
            None => return at.expected("the id of a policy: 32 bytes in hexadecimal with `0x`"),
        },
        "actionResult" => {
            let fields = at.object(&["cid", "function", "arguments", "comparator", "value"], &[])?;
            let arguments = fields.must("arguments")?.elements()?;
            Leaf::ActionResult {
                cid: cid(&fields.must("cid")?)?,
                function: name_of(&fields.must("function")?)?,
                arguments: arguments
                    .iter()
                    .map(|item| text_value(item, Some(&Variable::EvmAddress)))
                    .collect::<Parsed<Vec<_>>>()?,
                comparator: comparator(&fields, true)?,
                asked: literal(&fields.must("value")?)?,
            }
        }
        _ => return Ok(None),
    }))
}

fn user(at: &At<'_>) -> Parsed<Leaf> {
    let (kind, value) = at.single("`evm`, `solana`, `cosmos` or `account`")?;
    let text = |variable, asked| Leaf::Text {
        found: TextValue::Variable(variable),
        comparator: Comparator::Equal,
        asked: TextValue::Literal(asked),
    };
    Ok(match kind {
        "evm" => match AbiType::Address.parse_value(value.text()?) {
            Some(asked @ AbiArgument::Address(_)) => {
                Leaf::EvmAddress { comparator: Comparator::Equal, asked }
            }
            _ => return value.expected("an address of 20 bytes in hexadecimal with `0x`"),
        },
        "solana" => text(Variable::SolanaAddress, bs58::encode(key(&value)?).into_string()),
        "cosmos" => {
            let fields = value.object(&["chain", "address"], &[])?;
            let address = fields.must("address")?;
            let chain = fields.must("chain")?.chain()?;
            match bech32::decode(address.text()?) {
                Ok(_) => text(Variable::CosmosAddress(chain), address.text()?.to_lowercase()),
                Err(_) => return address.expected("an address in bech32"),
            }
        }
        "account" => match parse_account(value.text()?) {
            Some(id) => text(Variable::Account, hex(&id)),
            None => return value.expected("an account of 32 bytes, in hexadecimal with `0x` or in SS58"),
        },
        _ => return value.expected("`evm`, `solana`, `cosmos` or `account`"),
    })
}

fn solana(fields: &Object<'_>, query: SolanaQuery, path: JsonPath) -> Parsed<Leaf> {
    let asked = unsigned(&fields.must("value")?)?;
    let test = JsonTest::Integer(comparator(fields, false)?, asked);
    Ok(Leaf::Solana { chain: fields.must("chain")?.chain()?, query, path, test })
}

fn storage(at: &At<'_>) -> Parsed<Leaf> {
    let fields = at.object(&["chain", "pallet", "item", "test"], &["keys"])?;
    let keys = match fields.get("keys") {
        Some(keys) => keys.elements()?.iter().map(storage_key).collect::<Parsed<Vec<_>>>()?,
        None => Vec::new(),
    };
    let offset = |fields: &Object<'_>| fields.must("offset")?.number("an offset in bytes below 65536");
    let (kind, value) =
        fields.must("test")?.single("`exists`, `integer` or `bytes`").map_err(|mut error| {
            error.field = format!("{}.test", at.path);
            error
        })?;
    let test = match kind {
        "exists" => StorageTest::Exists(value.bool()?),
        "integer" => {
            let fields = value.object(&["offset", "width", "comparator", "value"], &[])?;
            let width = fields.must("width")?;
            let bytes: u8 = width.number("a width in bytes")?;
            if !matches!(bytes, 1 | 2 | 4 | 8 | 16 | 32) {
                return width.expected("a width in bytes: 1, 2, 4, 8, 16 or 32");
            }
            let asked = fields.must("value")?;
            let value = unsigned(&asked)?;
            if value.to_unsigned().is_none_or(|value| value.bits() > usize::from(bytes) * 8) {
                return asked.expected(format!("a number of at most {bytes} bytes"));
            }
            let comparator = comparator(&fields, false)?;
            StorageTest::Integer { offset: offset(&fields)?, width: bytes, comparator, asked: value }
        }
        "bytes" => {
            let fields = value.object(&["offset", "value"], &[])?;
            let asked = fields.must("value")?;
            let bytes = parse_hex(asked.text()?).filter(|bytes| !bytes.is_empty());
            let asked = bytes.ok_or_else(|| asked.error("bytes in hexadecimal with `0x`"))?;
            StorageTest::Bytes { offset: offset(&fields)?, asked }
        }
        _ => return value.expected("`exists`, `integer` or `bytes`"),
    };
    let query = SubstrateQuery::Storage {
        pallet: name_of(&fields.must("pallet")?)?,
        item: name_of(&fields.must("item")?)?,
        keys,
        test,
    };
    Ok(Leaf::Substrate { chain: substrate_chain(&fields)?, query })
}

fn storage_key(at: &At<'_>) -> Parsed<(StorageHasher, StorageKeyPart)> {
    let fields = at.object(&["hasher", "value"], &[])?;
    let (hasher, value) = (fields.must("hasher")?, fields.must("value")?);
    let kind = match hasher.text()? {
        "identity" => StorageHasher::Identity,
        "blake2_128" => StorageHasher::Blake2_128,
        "blake2_128Concat" => StorageHasher::Blake2_128Concat,
        "blake2_256" => StorageHasher::Blake2_256,
        "twox64Concat" => StorageHasher::Twox64Concat,
        "twox128" => StorageHasher::Twox128,
        "twox256" => StorageHasher::Twox256,
        _ => return hasher.expected("a storage hasher, such as `blake2_128Concat`"),
    };
    let part = match value.text()? {
        "$user" => StorageKeyPart::Requester,
        text => StorageKeyPart::Literal(
            parse_hex(text).ok_or_else(|| value.error("SCALE bytes in hexadecimal with `0x`, or `$user`"))?,
        ),
    };
    Ok((kind, part))
}

/// `from` and `until`, at least one of them.
fn window<T: TryFrom<i128> + PartialOrd + Default + Copy>(at: &At<'_>, what: &str) -> Parsed<(T, Option<T>)> {
    let fields = at.object(&[], &["from", "until"])?;
    let read = |name: &str| fields.get(name).map(|value| value.number::<T>(what)).transpose();
    let (from, until) = (read("from")?, read("until")?);
    match (from, until) {
        (None, None) => at.expected("`from`, `until`, or both"),
        (Some(from), None) if from <= T::default() => {
            at.expected("a `from` after 0, where there is no `until`")
        }
        (from, Some(until)) if until <= from.unwrap_or_default() => at.expected("`until` after `from`"),
        (from, until) => Ok((from.unwrap_or_default(), until)),
    }
}

fn substrate_chain(fields: &Object<'_>) -> Parsed<Option<ChainName>> {
    let chain = fields.must("chain")?.chain()?;
    Ok((chain.as_str() != OWN_CHAIN).then_some(chain))
}

fn name_of(at: &At<'_>) -> Parsed<String> {
    match at.text()? {
        text if identifier(text) => Ok(text.to_string()),
        _ => at.expected("a name of letters, digits and `_`"),
    }
}

fn key(at: &At<'_>) -> Parsed<[u8; 32]> {
    base58_key(at.text()?).ok_or_else(|| at.error("a key of 32 bytes in base58"))
}

/// A CID in its canonical text: version 0 (base58, sha2-256), or version 1 in lower-case base32.
fn cid(at: &At<'_>) -> Parsed<String> {
    let text = at.text()?;
    let v0 = || {
        bs58::decode(text).into_vec().is_ok_and(|bytes| bytes.len() == 34 && bytes.starts_with(&[0x12, 0x20]))
    };
    let v1 = text.len() >= 50
        && text.len() <= 100
        && text.starts_with('b')
        && text.bytes().all(|c| c.is_ascii_lowercase() || (b'2'..=b'7').contains(&c));
    if v1 || (text.starts_with("Qm") && v0()) {
        return Ok(text.to_string());
    }
    at.expected("a CID of version 0 (`Qm…`), or of version 1 in base32 (`b…`)")
}

/// 32 bytes in hexadecimal, or an SS58 address of any network.
pub fn parse_account(text: &str) -> Option<[u8; 32]> {
    if text.starts_with("0x") {
        return parse_hex(text)?.try_into().ok();
    }
    let bytes = bs58::decode(text).into_vec().ok()?;
    // One byte of prefix, or two if it has bit 6 set; then the account; then two bytes of checksum.
    let prefix = if bytes.first()? & 0x40 == 0 { 1 } else { 2 };
    let account: [u8; 32] = bytes.get(prefix..bytes.len().checked_sub(2)?)?.try_into().ok()?;
    let (body, checksum) = bytes.split_at_checked(prefix.checked_add(32)?)?;
    let hash = Blake2b512::new().chain_update(b"SS58PRE").chain_update(body).finalize();
    hash.starts_with(checksum).then_some(account)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| format!("{text}{byte:02x}"))
}

fn path(at: &At<'_>) -> Parsed<JsonPath> {
    let path = json_path(at.text()?).filter(|steps| !steps.contains(&JsonStep::All));
    path.ok_or_else(|| at.error("a path to one value: `$`, then `.name`, `['name']` or `[3]`"))
}

/// A path of a REST interface, with the address of who asks in place of `variable`.
pub(crate) fn rest_path(at: &At<'_>, variable: &str) -> Parsed<Vec<PathPart>> {
    let text = at.text()?;
    if !text.starts_with('/') {
        return at.expected("a path that starts with `/`");
    }
    let mut parts = Vec::new();
    for (position, piece) in text.split(variable).enumerate() {
        if position > 0 {
            parts.push(PathPart::Requester);
        }
        if !url_path(piece) {
            return at.expected("a path without spaces, `#`, `//` and `..`");
        }
        if !piece.is_empty() {
            parts.push(PathPart::Literal(piece.to_string()));
        }
    }
    Ok(parts)
}

fn test(at: &At<'_>, user: &Variable) -> Parsed<JsonTest> {
    let (kind, value) = at.single("`integer`, `text` or `boolean`")?;
    Ok(match kind {
        "integer" => {
            let fields = value.object(&["comparator", "value"], &[])?;
            JsonTest::Integer(comparator(&fields, false)?, integer(&fields.must("value")?)?)
        }
        "text" => {
            let fields = value.object(&["comparator", "value"], &[])?;
            JsonTest::Text(comparator(&fields, true)?, text_value(&fields.must("value")?, Some(user))?)
        }
        "boolean" => JsonTest::Boolean(value.bool()?),
        _ => return value.expected("`integer`, `text` or `boolean`"),
    })
}

fn json_argument(at: &At<'_>, depth: usize) -> Parsed<JsonArgument> {
    if depth > MAX_VALUE_DEPTH {
        return at.expected(format!("at most {MAX_VALUE_DEPTH} values within each other"));
    }
    let below = depth.saturating_add(1);
    Ok(match at.json {
        Json::Null => JsonArgument::Null,
        Json::Bool(value) => JsonArgument::Bool(*value),
        Json::Integer(_) => JsonArgument::Integer(at.number("a number of 64 bits with a sign")?),
        Json::Text(_) => JsonArgument::Text(text_value(at, Some(&Variable::SolanaAddress))?),
        Json::Array(_) => {
            let items = at.elements()?;
            JsonArgument::Array(items.iter().map(|item| json_argument(item, below)).collect::<Parsed<_>>()?)
        }
        Json::Object(fields) => {
            let mut sorted = fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), json_argument(&at.child(name, value), below)?)))
                .collect::<Parsed<Vec<_>>>()?;
            sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
            JsonArgument::Object(sorted)
        }
    })
}
