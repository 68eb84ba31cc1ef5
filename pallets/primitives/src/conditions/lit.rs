//! Lit Protocol's JSON for access control conditions, as a front end of our language.
//!
//! [`Conditions::parse`] reads what Lit's SDK (v7) takes, refuses what its schemas refuse, and keeps two things: Lit's
//! hash, byte for byte what `@lit-protocol/access-control-conditions` computes, and the compiled [`Condition`].
//!
//! Where Lit's semantics surprise, Lit's answer is kept, since ciphertexts exist that rely on it: operators are taken
//! from left to right without precedence; in `accessControlConditions` without any operator all must hold; an
//! unknown comparator or contract type never holds; numbers in strings of Solana are compared as text; a session
//! parameter that is missing is its own name. What makes Lit's node fail for every asker (a value that is no number,
//! an expression without operands) is refused here when it is parsed, by field. Two answers differ: in `a or b`, when
//! the endpoints fail for `a` and `b` holds, Lit fails for some types and here the condition holds; and units in
//! parameters ("1 ether") are refused.
//!
//! Kinds differ only in their leaves; the walk over operators and groups is here.

mod cosmos;
mod evm_basic;
mod evm_contract;
mod hash;
mod solana;

use alloc::{boxed::Box, format, string::String, vec, vec::Vec};
use sha2::{Digest, Sha256};

use super::{
    abi::{AbiArgument, AbiType},
    canonical::{AccessCondition as Condition, Expression},
    json::Json,
    leaf::Leaf,
    reader::{At, Parsed, SyntaxError},
    syntax::whole,
    value::{Comparator, Integer, TextValue, Variable},
    MAX_DEPTH, MAX_LEAVES,
};

/// Which of Lit's four lists a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `accessControlConditions`
    EvmBasic,
    /// `evmContractConditions`
    EvmContract,
    /// `solRpcConditions`
    SolRpc,
    /// `unifiedAccessControlConditions`
    Unified,
}

impl Kind {
    /// All, with the name of the field that holds the list.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::EvmBasic, "accessControlConditions"),
        (Self::EvmContract, "evmContractConditions"),
        (Self::SolRpc, "solRpcConditions"),
        (Self::Unified, "unifiedAccessControlConditions"),
    ];
}

/// The type of one condition.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    EvmBasic,
    EvmContract,
    SolRpc,
    Cosmos,
}

/// Lit's conditions: parsed, hashed and compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    canonical: String,
    condition: Condition,
}

impl Conditions {
    /// Parses the list of one kind.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, SyntaxError> {
        let json = Json::parse(text)?;
        Self::from_json(kind, &At::root(&json))
    }

    /// Parses an object with exactly one of Lit's four fields.
    pub fn parse_any(text: &str) -> Result<Self, SyntaxError> {
        let json = Json::parse(text)?;
        let names = Kind::ALL.map(|(_, name)| name).join(", ");
        let (name, list) = At::root(&json).single(&names)?;
        match Kind::ALL.into_iter().find(|(_, known)| *known == name) {
            Some((kind, _)) => Self::from_json(kind, &list),
            None => list.expected(format!("one of {names}")),
        }
    }

    fn from_json(kind: Kind, list: &At<'_>) -> Result<Self, SyntaxError> {
        // Without any operator, however deep, this kind and no other means "and" between its items.
        let joined = kind == Kind::EvmBasic && !has_operator(list.json);
        let mut compiler = Compiler { kind, conditions: 0 };
        let (canonical, expression) = compiler.group(list, joined, 0)?;
        Ok(Self { canonical: canonical.stringify(), condition: Condition::new(expression).map_err(whole)? })
    }

    /// The JSON that Lit hashes.
    pub fn canonical_json(&self) -> &str {
        &self.canonical
    }

    /// Lit's hash: SHA-256 over the canonical JSON.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.canonical.as_bytes()).into()
    }

    /// What they mean, in our language.
    pub fn condition(&self) -> &Condition {
        &self.condition
    }
}

fn has_operator(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.iter().any(has_operator),
        item => item.get("operator").is_some(),
    }
}

struct Compiler {
    kind: Kind,
    conditions: usize,
}

impl Compiler {
    /// A list: its canonical JSON and its meaning, operators taken from left to right.
    fn group(&mut self, at: &At<'_>, joined: bool, depth: usize) -> Parsed<(Json, Expression)> {
        if depth > MAX_DEPTH {
            return at.expected(format!("at most {MAX_DEPTH} groups within each other"));
        }
        let items = at.items()?;
        let mut canonical = Vec::new();
        let (mut result, mut pending): (Option<Expression>, Option<u8>) = (None, None);
        for item in &items {
            if let Some(count) = operator(item)? {
                if result.is_none() || pending.is_some() {
                    return item.expected("a condition before the operator");
                }
                pending = Some(count);
                canonical.push(Json::Object(vec![("operator".into(), operator_name(count))]));
                continue;
            }
            let (json, expression) = match item.json {
                // The operators that Lit inserts stand between the items of the outermost list only.
                Json::Array(_) => self.group(item, false, depth.saturating_add(1))?,
                _ => self.condition(item)?,
            };
            canonical.push(json);
            result = Some(match (result, pending.take()) {
                (None, _) => expression,
                (Some(left), Some(count)) => Expression::AtLeast { count, of: vec![left, expression] },
                (Some(left), None) if joined => Expression::AtLeast { count: 2, of: vec![left, expression] },
                (Some(_), None) => return item.expected("an operator between conditions"),
            });
        }
        match (result, pending) {
            (Some(expression), None) => Ok((Json::Array(canonical), expression)),
            (Some(_), Some(_)) => at.expected("a condition after the last operator"),
            (None, _) => at.expected("at least one condition"),
        }
    }

    fn condition(&mut self, at: &At<'_>) -> Parsed<(Json, Expression)> {
        self.conditions = self.conditions.saturating_add(1);
        if self.conditions > MAX_LEAVES {
            return at.expected(format!("at most {MAX_LEAVES} conditions"));
        }
        at.entries()?;
        let kind = match self.kind {
            Kind::EvmBasic => Type::EvmBasic,
            Kind::EvmContract => Type::EvmContract,
            Kind::SolRpc => Type::SolRpc,
            Kind::Unified => type_of(at)?,
        };
        let expression = match kind {
            Type::EvmBasic => evm_basic::compile(at)?,
            Type::EvmContract => evm_contract::compile(at)?,
            Type::SolRpc => solana::compile(at, self.kind == Kind::Unified)?,
            Type::Cosmos => cosmos::compile(at)?,
        };
        if !valid(&expression) {
            return at.expected("fields within their limits");
        }
        Ok((hash::canonical(kind, at.json, self.kind == Kind::Unified), expression))
    }
}

fn valid(expression: &Expression) -> bool {
    match expression {
        Expression::Leaf(leaf) => leaf.is_valid(),
        Expression::Not(inner) => valid(inner),
        Expression::AtLeast { of, .. } => of.iter().all(valid),
    }
}

fn type_of(at: &At<'_>) -> Parsed<Type> {
    let what = "`conditionType`: evmBasic, evmContract, solRpc or cosmos";
    match at.json.get("conditionType").map(|json| at.child("conditionType", json)) {
        Some(kind) => match kind.text()? {
            "evmBasic" => Ok(Type::EvmBasic),
            "evmContract" => Ok(Type::EvmContract),
            "solRpc" => Ok(Type::SolRpc),
            "cosmos" => Ok(Type::Cosmos),
            _ => kind.expected(what),
        },
        None => at.expected(what),
    }
}

/// `conditionType`, where it may be missing but not be another.
fn check_type(at: &At<'_>, name: &str) -> Parsed<()> {
    match at.json.get("conditionType").map(|json| at.child("conditionType", json)) {
        Some(kind) if kind.text()? != name => kind.expected(format!("`{name}`")),
        _ => Ok(()),
    }
}

/// The operands that an operator item takes to hold: 1 of 2, or both.
fn operator(at: &At<'_>) -> Parsed<Option<u8>> {
    if at.json.get("operator").is_none() {
        return Ok(None);
    }
    let fields = at.object(&["operator"], &[])?;
    let operator = fields.must("operator")?;
    match operator.text()? {
        "and" => Ok(Some(2)),
        "or" => Ok(Some(1)),
        _ => operator.expected("`and` or `or`"),
    }
}

fn operator_name(count: u8) -> Json {
    Json::Text(if count == 1 { "or" } else { "and" }.into())
}

/// A test that never holds, as Lit takes what it does not know.
fn never() -> Expression {
    Expression::Leaf(Leaf::Constant(false))
}

/// Both hold.
fn both(a: Leaf, b: Leaf) -> Expression {
    Expression::AtLeast { count: 2, of: vec![Expression::Leaf(a), Expression::Leaf(b)] }
}

fn not(leaf: Leaf) -> Expression {
    Expression::Not(Box::new(Expression::Leaf(leaf)))
}

/// The comparator and the value of `returnValueTest`, with its other fields.
struct ReturnValueTest<'a> {
    key: Option<At<'a>>,
    /// `None` if Lit does not know it.
    comparator: Option<Comparator>,
    value: At<'a>,
}

impl<'a> ReturnValueTest<'a> {
    fn read(at: &At<'a>, with_key: bool) -> Parsed<Self> {
        let required: &[&str] =
            if with_key { &["key", "comparator", "value"] } else { &["comparator", "value"] };
        let fields = at.object(required, &[])?;
        let (comparator, value) = (fields.must("comparator")?.text()?, fields.must("value")?);
        value.text()?;
        Ok(Self { key: fields.get("key"), comparator: Comparator::parse(comparator), value })
    }

    /// The comparator, if it is one of `known`.
    fn comparator(&self, known: impl Fn(Comparator) -> bool) -> Option<Comparator> {
        self.comparator.filter(|comparator| known(*comparator))
    }
}

/// Decimal digits as Lit's numbers of 256 bits read them: leading zeros are allowed, and nothing is zero.
fn decimal(text: &str) -> Option<Integer> {
    if !text.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    match text.trim_start_matches('0') {
        "" => Some(Integer::ZERO),
        digits => Integer::parse(digits),
    }
}

fn decimal_at(at: &At<'_>) -> Parsed<Integer> {
    decimal(at.text()?).ok_or_else(|| at.error("a whole number of at most 256 bits in decimal digits"))
}

/// Lit's variables; `user` is what `:userAddress` stands for here.
fn substitute(text: &str, user: &Variable) -> TextValue {
    match text {
        ":userAddress" => TextValue::Variable(user.clone()),
        ":currentActionIpfsId" => TextValue::Variable(Variable::CurrentAction),
        _ => match text.strip_prefix(":litParam:") {
            Some(name) if !name.is_empty() => TextValue::Variable(Variable::LitParameter(name.into())),
            _ => TextValue::Literal(text.into()),
        },
    }
}

/// An address in hexadecimal, with or without `0x`.
fn address(text: &str) -> Option<[u8; 20]> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    match AbiType::Address.parse_value(&format!("0x{digits}"))? {
        AbiArgument::Address(address) => Some(address),
        _ => None,
    }
}

/// An address or a variable.
fn address_argument(at: &At<'_>) -> Parsed<AbiArgument> {
    match substitute(at.text()?, &Variable::EvmAddress) {
        TextValue::Variable(variable) => Ok(AbiArgument::Variable(variable)),
        TextValue::Literal(text) => match address(&text) {
            Some(address) => Ok(AbiArgument::Address(address)),
            None => at.expected("an address of 20 bytes in hexadecimal, or `:userAddress`"),
        },
    }
}

fn contract_at(at: &At<'_>) -> Parsed<[u8; 20]> {
    address(at.text()?).ok_or_else(|| at.error("an address of 20 bytes in hexadecimal"))
}
