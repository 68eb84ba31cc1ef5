//! Cosmos conditions of unified lists.

use alloc::vec::Vec;

use super::{
    check_type, never, solana::select, substitute, Comparator, Expression, Leaf, Parsed, ReturnValueTest,
    TextValue, Variable,
};
use crate::conditions::{
    leaf::{BlockHeight, CosmosQuery, JsonTest},
    reader::{At, Object},
    syntax::rest_path,
};

const CHAINS: [&str; 7] =
    ["cosmos", "kyve", "evmosCosmos", "evmosCosmosTestnet", "cheqdMainnet", "cheqdTestnet", "juno"];

pub(super) fn compile(at: &At<'_>) -> Parsed<Expression> {
    check_type(at, "cosmos")?;
    let fields =
        at.object(&["path", "chain", "returnValueTest"], &["conditionType", "method", "parameters"])?;
    let (chain_at, path_at) = (fields.must("chain")?, fields.must("path")?);
    let chain = chain_at.chain()?;
    if !CHAINS.contains(&chain.as_str()) {
        return chain_at.expected("a Cosmos chain that Lit knows, such as `cosmos`");
    }
    let method = match fields.get("method") {
        Some(method) => method.text()?,
        None => "",
    };
    let parameters = match fields.get("parameters") {
        Some(parameters) => parameters.elements()?,
        None => Vec::new(),
    };
    parameters.iter().try_for_each(|parameter| parameter.text().map(|_| ()))?;
    let test = ReturnValueTest::read(&fields.must("returnValueTest")?, true)?;
    let user = Variable::CosmosAddress(chain.clone());
    if method == "timelock" {
        return timelock(&fields, &parameters, &test);
    }
    let asked = substitute(test.value.text()?, &user);
    let comparator = test.comparator(|comparator| comparator != Comparator::NotContains);
    if path_at.text()? == ":userAddress" {
        let found = TextValue::Variable(user);
        return Ok(comparator
            .map_or_else(never, |comparator| Expression::Leaf(Leaf::Text { found, comparator, asked })));
    }
    let (query, path) = (CosmosQuery::Rest(rest_path(&path_at, ":userAddress")?), select(&test)?);
    Ok(comparator.map_or_else(never, |comparator| {
        Expression::Leaf(Leaf::Cosmos { chain, query, path, test: JsonTest::LitCosmos(comparator, asked) })
    }))
}

/// One of the times found lies less than so many seconds before a block.
fn timelock(fields: &Object<'_>, parameters: &[At<'_>], test: &ReturnValueTest<'_>) -> Parsed<Expression> {
    let [height] = parameters else {
        return fields
            .at
            .child("parameters", fields.at.json)
            .expected("one parameter: `latest` or a block's height");
    };
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let height = match height.text()? {
        "latest" => BlockHeight::Latest,
        text => BlockHeight::At(digits(text).ok_or_else(|| height.error("`latest` or a block's height"))?),
    };
    let seconds = digits(test.value.text()?).ok_or_else(|| test.value.error("a number of seconds"))?;
    let path = select(test)?;
    let query = CosmosQuery::Timelock { path: rest_path(&fields.must("path")?, ":userAddress")?, height };
    if path.is_empty() {
        return Ok(never());
    }
    let inclusive = match test.comparator {
        Some(Comparator::Less) => false,
        Some(Comparator::LessOrEqual) => true,
        _ => return test.value.expected("the comparator `<` or `<=`"),
    };
    let test = JsonTest::LitTimelock { inclusive, seconds };
    Ok(Expression::Leaf(Leaf::Cosmos { chain: fields.must("chain")?.chain()?, query, path, test }))
}
