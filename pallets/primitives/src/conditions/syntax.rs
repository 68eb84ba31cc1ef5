//! Our own JSON for conditions.
//!
//! A condition is an object with one field: a group (`all`, `any`, `atLeast`, `not`) or a leaf. There are no
//! operators between operands, so no precedence to get wrong. A string that begins with `$` is a variable (`$user`,
//! `$action`, `$session.<name>`); `$$` writes a literal `$`.
//!
//! ```json
//! {"any": [
//!   {"erc721": {"chain": "base", "contract": "0x…", "account": "$user", "comparator": ">=", "value": 1}},
//!   {"all": [
//!     {"substrateMember": {"chain": "polkadot", "pallet": "Council", "account": "$user"}},
//!     {"time": {"from": 1767225600, "until": 1798761600}}
//!   ]}
//! ]}
//! ```
//!
//! | group | holds if |
//! |---|---|
//! | `all`: `[…]` | all of them hold |
//! | `any`: `[…]` | one of them holds |
//! | `atLeast`: `{count, of: […]}` | so many of them hold; they are different |
//! | `not`: `{…}` | it does not hold |
//!
//! | leaf | fields | holds if |
//! |---|---|---|
//! | `user` | one of `evm`, `solana`, `account`, `cosmos: {chain, address}` | that address asks |
//! | `action` | a CID | that action asks |
//! | `session` | `parameter, comparator, value` | the session's parameter compares |
//! | `siweDomain`, `siweResource` | a text | the asker signed in there; with that resource |
//! | `evmBalance` | `chain, account, comparator, value` (wei) | the native balance compares |
//! | `evmTime` | `chain, comparator, value` (s since 1970) | the final block's time compares |
//! | `evmCall` | `chain, contract, function, inputs, arguments, outputs, output, anyElement?, comparator, value` | the output compares, or an element of it |
//! | `erc20`, `erc721` | `chain, contract, account, comparator, value` | `balanceOf` compares (smallest unit) |
//! | `erc721Owner` | `chain, contract, token, owner` | `ownerOf` is the owner |
//! | `erc1155` | `chain, contract, account, token, comparator, value` | `balanceOf` compares |
//! | `poap` | `chain`, one of `eventId`, `eventName`, `eventNameContains` | the asker attended it |
//! | `solanaBalance` | `chain, account, comparator, value` (lamports) | the balance compares |
//! | `solanaToken` | `chain, mint, account, comparator, value` | the associated account's amount compares |
//! | `solanaCollection` | `chain, collection, account, comparator, value` | the number of verified NFTs compares |
//! | `solanaCall` | `chain, method, params, path, test` | the value at the path passes |
//! | `cosmos` | `chain, path, select, test` | the value that `select` finds at the path passes |
//! | `substrateBalance` | `chain, account, comparator, value` | the free balance compares |
//! | `substrateMember` | `chain, pallet, account` | `Members` of the pallet has the account |
//! | `substrateStorage` | `chain, pallet, item, keys?, test` | the storage value passes |
//! | `time`, `blocks` | `from?, until?` (s since 1970; block numbers) | our chain is in `from..until` |
//! | `policy` | an id | the policy holds as it is now |
//! | `actionResult` | `cid, function, arguments, comparator, value` | the action's answer compares |
//!
//! Comparators are `= != < <= > >=`, for texts also `contains !contains`. Integers are numbers, or strings in decimal or
//! after `0x` in hexadecimal. Accounts of Substrate are hex or SS58. The chain `conclave` is our own. A `test` is
//! `{integer: {comparator, value}}`, `{text: {comparator, value}}` or `{boolean}`; of a storage value `{exists}`,
//! `{integer: {offset, width, comparator, value}}` or `{bytes: {offset, value}}`.

mod evm;
mod other;

pub use other::parse_account;
pub(crate) use other::rest_path;

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{
    abi::{AbiArgument, AbiType},
    canonical::{AccessCondition, ConditionError, Expression},
    json::Json,
    leaf::{AccountValue, JsonPath, JsonStep, Leaf},
    reader::{At, Object, Parsed, SyntaxError},
    value::{Comparator, Integer, TextValue, Variable},
    MAX_DEPTH, MAX_LEAVES,
};

const GROUPS: &str = "a group (`all`, `any`, `atLeast`, `not`) or a leaf such as `evmBalance`";

/// Parses our own JSON, strictly.
pub fn parse(text: &str) -> Result<AccessCondition, SyntaxError> {
    let json = Json::parse(text)?;
    let mut leaves = 0;
    let expression = expression(&At::root(&json), 0, &mut leaves)?;
    AccessCondition::new(expression).map_err(whole)
}

pub(crate) fn whole(error: ConditionError) -> SyntaxError {
    SyntaxError { field: String::new(), expected: error.to_string() }
}

fn expression(at: &At<'_>, depth: usize, leaves: &mut usize) -> Parsed<Expression> {
    let (name, value) = at.single(GROUPS)?;
    let below = depth.saturating_add(1);
    let group = matches!(name, "all" | "any" | "atLeast" | "not");
    if group && below > MAX_DEPTH {
        return value.expected(format!("at most {MAX_DEPTH} groups within each other"));
    }
    match name {
        "all" => group_of(&value, None, below, leaves),
        "any" => group_of(&value, Some(1), below, leaves),
        "atLeast" => {
            let fields = value.object(&["count", "of"], &[])?;
            let count = fields.must("count")?.number("a number from 1 to 30")?;
            group_of(&fields.must("of")?, Some(count), below, leaves)
        }
        "not" => Ok(Expression::Not(Box::new(expression(&value, below, leaves)?))),
        _ => {
            *leaves = leaves.saturating_add(1);
            if *leaves > MAX_LEAVES {
                return value.expected(format!("at most {MAX_LEAVES} leaves"));
            }
            let leaf = match evm::leaf(name, &value)? {
                Some(leaf) => leaf,
                None => match other::leaf(name, &value)? {
                    Some(leaf) => leaf,
                    None => return value.expected(format!("{GROUPS}; `{name}` is neither")),
                },
            };
            if !leaf.is_valid() {
                return value.expected("fields within their limits that fit each other");
            }
            Ok(Expression::Leaf(leaf))
        }
    }
}

/// A group; without `count` all must hold.
fn group_of(at: &At<'_>, count: Option<u8>, depth: usize, leaves: &mut usize) -> Parsed<Expression> {
    let of = at.items()?.iter().map(|item| expression(item, depth, leaves)).collect::<Parsed<Vec<_>>>()?;
    let size = u8::try_from(of.len()).unwrap_or(u8::MAX);
    if size == 0 {
        return at.expected("at least one condition");
    }
    let count = count.unwrap_or(size);
    if count == 0 || count > size {
        return at.expected(format!("a count from 1 to {size}, the number of conditions"));
    }
    let group = Expression::AtLeast { count, of };
    if let Err(error) = AccessCondition::new(group.clone()) {
        return Err(SyntaxError { field: at.path.clone(), expected: error.to_string() });
    }
    Ok(group)
}

/// A string that is a variable, or else the literal it stands for.
fn text_value(at: &At<'_>, user: Option<&Variable>) -> Parsed<TextValue> {
    let text = at.text()?;
    let Some(name) = text.strip_prefix('$') else { return Ok(TextValue::Literal(text.to_string())) };
    if name.starts_with('$') {
        return Ok(TextValue::Literal(name.to_string()));
    }
    let variable = match (name, user) {
        ("user", Some(user)) => user.clone(),
        ("action", _) => Variable::CurrentAction,
        _ => match name.strip_prefix("session.") {
            Some(parameter) if !parameter.is_empty() => Variable::SessionParameter(parameter.to_string()),
            _ => {
                return at
                    .expected("a variable: `$user`, `$action`, `$session.<name>`; `$$` for a literal `$`")
            }
        },
    };
    Ok(TextValue::Variable(variable))
}

/// A string that stands for itself: variables are not allowed here.
fn literal(at: &At<'_>) -> Parsed<String> {
    match text_value(at, None)? {
        TextValue::Literal(text) => Ok(text),
        TextValue::Variable(_) => at.expected("a literal, no variable"),
    }
}

/// An argument of a contract call.
fn argument(at: &At<'_>, kind: &AbiType) -> Parsed<AbiArgument> {
    if let Some(element) = kind.element() {
        let items = at.elements()?.iter().map(|item| argument(item, element)).collect::<Parsed<Vec<_>>>()?;
        let array = AbiArgument::Array(items);
        return if kind.admits(&array) { Ok(array) } else { at.expected(format!("a value of type {kind}")) };
    }
    let parsed = match at.json {
        Json::Bool(value) => Some(AbiArgument::Bool(*value)),
        Json::Integer(_) => Some(AbiArgument::Integer(integer(at)?)),
        _ => match text_value(at, Some(&Variable::EvmAddress))? {
            TextValue::Variable(variable) => Some(AbiArgument::Variable(variable)),
            TextValue::Literal(text) => kind.parse_value(&text),
        },
    };
    parsed.filter(|value| kind.admits(value)).ok_or_else(|| at.error(format!("a value of type {kind}")))
}

/// A whole number, as a number or, for large ones, a string in decimal or in hexadecimal after `0x`.
fn integer(at: &At<'_>) -> Parsed<Integer> {
    let parsed = match at.json {
        Json::Integer(value) => Some(Integer::new(*value < 0, value.unsigned_abs().into())),
        Json::Text(text) => Integer::parse(text),
        _ => None,
    };
    parsed.ok_or_else(|| at.error("a whole number, as a number or as a string of digits"))
}

fn unsigned(at: &At<'_>) -> Parsed<Integer> {
    match integer(at)? {
        value if value.to_unsigned().is_some() => Ok(value),
        _ => at.expected("a number that is not negative"),
    }
}

fn comparator(fields: &Object<'_>, contains: bool) -> Parsed<Comparator> {
    let at = fields.must("comparator")?;
    let known = if contains { "= != < <= > >= contains !contains" } else { "= != < <= > >=" };
    let parsed = Comparator::parse(at.text()?).filter(|comparator| contains || comparator.is_order());
    parsed.ok_or_else(|| at.error(format!("one of {known}")))
}

/// 32 bytes as hex, SS58 or base58, or `$user`.
fn account(at: &At<'_>, read: impl Fn(&str) -> Option<[u8; 32]>, what: &str) -> Parsed<AccountValue> {
    match text_value(at, Some(&Variable::Account))? {
        TextValue::Variable(Variable::Account) => Ok(AccountValue::Requester),
        TextValue::Literal(text) => read(&text).map(AccountValue::Literal).ok_or_else(|| at.error(what)),
        TextValue::Variable(_) => at.expected(what),
    }
}

/// A path into JSON: `$`, `.name`, `['name']`, `[3]`, and `[*]` or `.*` for all.
pub(crate) fn json_path(text: &str) -> Option<JsonPath> {
    let mut rest = text.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let step;
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, tail) = after.split_at_checked(end)?;
            let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '@');
            step = match name {
                "*" => JsonStep::All,
                name if !name.is_empty() && name.chars().all(plain) => JsonStep::Field(name.to_string()),
                _ => return None,
            };
            rest = tail;
        } else {
            let (inner, tail) = rest.strip_prefix('[')?.split_once(']')?;
            step = match inner {
                "*" => JsonStep::All,
                inner => match quoted(inner) {
                    Some(name) => JsonStep::Field(name.to_string()),
                    None => {
                        let digits = inner.bytes().all(|c| c.is_ascii_digit());
                        JsonStep::Index(digits.then(|| inner.parse().ok()).flatten()?)
                    }
                },
            };
            rest = tail;
        }
        steps.push(step);
    }
    (steps.len() <= super::MAX_ELEMENTS).then_some(steps)
}

fn quoted(text: &str) -> Option<&str> {
    let inner = ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))?;
    let plain = !inner.is_empty() && !inner.contains(['\'', '"', '\\']);
    plain.then_some(inner)
}

/// 32 bytes in base58, as Solana writes keys.
pub(crate) fn base58_key(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    let length = bs58::decode(text).onto(&mut key).ok()?;
    // Leading ones beyond the 32 bytes are no other spelling of a key.
    (length == 32 && bs58::encode(key).into_string() == text).then_some(key)
}

/// A leaf that all `leaf` functions build by.
type Found = Parsed<Option<Leaf>>;
