//! `solRpcConditions`.

use alloc::{string::ToString, vec, vec::Vec};

use super::{
    check_type, never, substitute, Comparator, Expression, Leaf, Parsed, ReturnValueTest, TextValue, Variable,
};
use crate::conditions::{
    json::{in_order, Json},
    leaf::{AccountValue, JsonArgument, JsonPath, JsonTest, PdaField, SolanaMethod, SolanaQuery},
    reader::{At, Object},
    syntax::{base58_key, json_path},
    ChainName, Integer, MAX_VALUE_DEPTH,
};

const CHAINS: [&str; 3] = ["solana", "solanaDevnet", "solanaTestnet"];

pub(super) fn compile(at: &At<'_>, unified: bool) -> Parsed<Expression> {
    check_type(at, "solRpc")?;
    let fields = at.object(
        &["method", "params", "chain", "returnValueTest"],
        &["conditionType", "pdaParams", "pdaInterface", "pdaKey"],
    )?;
    // The newer form has all of these fields; so has every condition in a unified list.
    if unified || fields.get("pdaParams").is_some() {
        at.object(
            &["method", "params", "chain", "returnValueTest", "pdaInterface", "pdaKey"],
            &["conditionType", "pdaParams"],
        )?;
    }
    let chain_at = fields.must("chain")?;
    let chain = chain_at.chain()?;
    if !CHAINS.contains(&chain.as_str()) {
        return chain_at.expected("solana, solanaDevnet or solanaTestnet");
    }
    let test = ReturnValueTest::read(&fields.must("returnValueTest")?, true)?;
    let pda = pda(&fields)?;
    let method_at = fields.must("method")?;
    let (method, params_at) = (method_at.text()?, fields.must("params")?);
    let params = params_at.elements()?;

    if let ("", [Json::Text(text)]) =
        (method, params.iter().map(|p| p.json.clone()).collect::<Vec<_>>().as_slice())
    {
        return text_test(substitute(text, &Variable::SolanaAddress), &test);
    }
    if pda.is_some() && matches!(method, "balanceOfMetaplexCollection" | "balanceOfToken") {
        return method_at.expected("no `pdaParams` with this method");
    }
    match (method, pda) {
        ("balanceOfMetaplexCollection", _) => {
            let asked = number(&test.value)?;
            let query = SolanaQuery::Collection {
                collection: key(&params_at, params.first())?,
                owner: AccountValue::Requester,
            };
            Ok(test.comparator(Comparator::is_order).map_or_else(never, |comparator| {
                let test = JsonTest::Integer(comparator, Integer::from(u128::from(asked)));
                leaf(chain, query, Vec::new(), test)
            }))
        }
        ("balanceOfToken", _) => {
            let mint = key(&params_at, params.first())?;
            read(chain, SolanaQuery::TokenBalance { mint, owner: AccountValue::Requester }, &test)
        }
        ("getPDA", None) => text_test(TextValue::Literal("".to_string()), &test),
        ("getPDA", Some(pda)) => {
            let SolanaQuery::Pda { .. } = &pda else { return Ok(never()) };
            let Some(comparator) = test.comparator(Comparator::is_order) else { return Ok(never()) };
            let asked = substitute(test.value.text()?, &Variable::SolanaAddress);
            Ok(leaf(chain, pda, Vec::new(), JsonTest::Text(comparator, asked)))
        }
        (method, Some(SolanaQuery::Pda { program, seeds, offset, fields, key, .. })) => {
            // `getBalance(getPDA)` calls getBalance.
            let name = method.split('(').next().unwrap_or_default();
            let method = Some(self::method(&method_at, name)?);
            read(chain, SolanaQuery::Pda { method, program, seeds, offset, fields, key }, &test)
        }
        (name, _) => {
            let method = self::method(&method_at, name)?;
            let params = params.iter().map(|item| param(item, 0)).collect::<Parsed<Vec<_>>>()?;
            read(chain, SolanaQuery::Rpc { method, params }, &test)
        }
    }
}

fn leaf(chain: ChainName, query: SolanaQuery, path: JsonPath, test: JsonTest) -> Expression {
    Expression::Leaf(Leaf::Solana { chain, query, path, test })
}

/// Lit's test of a value at a path.
fn read(chain: ChainName, query: SolanaQuery, test: &ReturnValueTest<'_>) -> Parsed<Expression> {
    let path = select(test)?;
    let asked = substitute(test.value.text()?, &Variable::SolanaAddress);
    Ok(test
        .comparator(Comparator::is_order)
        .map_or_else(never, |comparator| leaf(chain, query, path, JsonTest::LitSolana(comparator, asked))))
}

/// The path in `key`; nothing is the root.
pub(super) fn select(test: &ReturnValueTest<'_>) -> Parsed<JsonPath> {
    let Some(key) = &test.key else { return Ok(Vec::new()) };
    match key.text()? {
        "" => Ok(Vec::new()),
        text => json_path(text).ok_or_else(|| {
            key.error("a JSONPath of names, indices and `*`: filters and slices are not supported")
        }),
    }
}

fn text_test(found: TextValue, test: &ReturnValueTest<'_>) -> Parsed<Expression> {
    let asked = substitute(test.value.text()?, &Variable::SolanaAddress);
    Ok(test
        .comparator(Comparator::is_order)
        .map_or_else(never, |comparator| Expression::Leaf(Leaf::Text { found, comparator, asked })))
}

fn method(at: &At<'_>, name: &str) -> Parsed<SolanaMethod> {
    SolanaMethod::parse(name).ok_or_else(|| at.error("a method that Lit calls, such as `getBalance`"))
}

fn number(at: &At<'_>) -> Parsed<u64> {
    match Json::parse(at.text()?) {
        Ok(Json::Integer(value)) => u64::try_from(value).map_err(|_| at.error("a number of 64 bits")),
        _ => at.expected("a number of 64 bits"),
    }
}

fn key(list: &At<'_>, at: Option<&At<'_>>) -> Parsed<[u8; 32]> {
    let Some(at) = at else { return list.expected("a key of 32 bytes in base58 as first element") };
    base58_key(at.text()?).ok_or_else(|| at.error("a key of 32 bytes in base58"))
}

/// Lit replaces variables in parameters that are strings, not within them.
fn param(at: &At<'_>, depth: usize) -> Parsed<JsonArgument> {
    if depth > MAX_VALUE_DEPTH {
        return at.expected("fewer values within each other");
    }
    let below = depth.saturating_add(1);
    Ok(match at.json {
        Json::Null => JsonArgument::Null,
        Json::Bool(value) => JsonArgument::Bool(*value),
        // JavaScript's numbers are exact to 2^53.
        Json::Integer(_) => match at.number("a whole number of at most 53 bits")? {
            value if i64::unsigned_abs(value) <= 1 << 53 => JsonArgument::Integer(value),
            _ => return at.expected("a whole number of at most 53 bits"),
        },
        Json::Text(_) if depth == 0 => JsonArgument::Text(substitute(at.text()?, &Variable::SolanaAddress)),
        Json::Text(_) => JsonArgument::Text(TextValue::Literal(at.text()?.to_string())),
        Json::Array(_) => {
            JsonArgument::Array(at.elements()?.iter().map(|item| param(item, below)).collect::<Parsed<_>>()?)
        }
        Json::Object(fields) => {
            let mut sorted = fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), param(&at.child(name, value), below)?)))
                .collect::<Parsed<Vec<_>>>()?;
            sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
            JsonArgument::Object(sorted)
        }
    })
}

/// The program-derived address, if `pdaParams` names a program; its method is put in later.
fn pda(fields: &Object<'_>) -> Parsed<Option<SolanaQuery>> {
    let (mut offset, mut layout) = (0, Vec::new());
    if let Some(interface) = fields.get("pdaInterface") {
        let interface = interface.object(&["offset", "fields"], &[])?;
        offset = interface.must("offset")?.number("an offset in bytes")?;
        let at = interface.must("fields")?;
        // In the order that the hash has them: else two texts with one hash would read the data differently.
        for (name, length) in in_order(at.entries()?) {
            let length = at.child(name, length).number("a length in bytes")?;
            layout.push(PdaField { name: name.clone(), length });
        }
    }
    let key = match fields.get("pdaKey") {
        Some(key) => key.text()?.to_string(),
        None => "".to_string(),
    };
    let params = match fields.get("pdaParams") {
        Some(params) => params.elements()?,
        None => vec![],
    };
    params.iter().try_for_each(|param| param.text().map(|_| ()))?;
    let Some((program, seeds)) = params.split_first() else { return Ok(None) };
    let program = base58_key(program.text()?).ok_or_else(|| program.error("a program's key in base58"))?;
    // Lit replaces no variables here, and leaves out keys that it cannot read.
    let mut parsed = Vec::new();
    for seed in seeds {
        let text = seed.text()?;
        let bytes = if text.contains("pubkey:") {
            match text.get(7..).and_then(base58_key) {
                Some(key) => key.to_vec(),
                None => continue,
            }
        } else {
            text.as_bytes().to_vec()
        };
        if bytes.len() > 32 {
            return seed.expected("a seed of at most 32 bytes, or `pubkey:` and a key in base58");
        }
        parsed.push(bytes);
    }
    Ok(Some(SolanaQuery::Pda { method: None, program, seeds: parsed, offset, fields: layout, key }))
}
