//! `evmContractConditions`: any function without tuples.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use primitive_types::U256;

use super::{
    address_argument, check_type, contract_at, decimal, decimal_at, never, substitute, AbiArgument, AbiType,
    Comparator, Expression, Integer, Leaf, Parsed, ReturnValueTest, TextValue, Variable,
};
use crate::conditions::{
    abi::parse_hex,
    leaf::{identifier, EvmCall},
    reader::At,
    MAX_ELEMENTS, MAX_VALUE_DEPTH,
};

pub(super) fn compile(at: &At<'_>) -> Parsed<Expression> {
    check_type(at, "evmContract")?;
    let required =
        ["contractAddress", "functionName", "functionParams", "functionAbi", "chain", "returnValueTest"];
    let fields = at.object(&required, &["conditionType"])?;
    fields.must("functionName")?.text()?;
    let abi_at = fields.must("functionAbi")?;
    let abi = abi_at.object(
        &["name", "inputs", "outputs", "stateMutability"],
        &["constant", "type", "payable", "anonymous"],
    )?;
    abi.must("stateMutability")?.text()?;
    abi.get("constant").map(|constant| constant.bool()).transpose()?;
    let function = abi.must("name")?;
    if !identifier(function.text()?) {
        return function.expected("the name of a function");
    }
    let (inputs, outputs) = (parameters(&abi.must("inputs")?)?, parameters(&abi.must("outputs")?)?);
    let values = fields.must("functionParams")?;
    let items = values.elements()?;
    if items.len() != inputs.len() {
        return values.expected(format!("{} parameters, as the ABI has", inputs.len()));
    }
    let arguments = items
        .iter()
        .zip(&inputs)
        .map(|(item, (_, kind))| argument(item, kind))
        .collect::<Parsed<Vec<_>>>()?;

    let test = ReturnValueTest::read(&fields.must("returnValueTest")?, true)?;
    let key_at = test.key.clone().unwrap_or_else(|| at.clone());
    let position = match key_at.text()? {
        "" => Some(0),
        name => outputs.iter().position(|(output, _)| output == name),
    };
    let found = position.and_then(|position| Some((u8::try_from(position).ok()?, outputs.get(position)?)));
    let Some((output, (_, kind))) = found else {
        return key_at.expected("the name of an output, or nothing for the first");
    };
    let text = test.value.text()?;
    let (asked, comparator) = match kind {
        AbiType::Bool => match text {
            "true" | "false" => (AbiArgument::Bool(text == "true"), test.comparator(Comparator::is_order)),
            _ => return test.value.expected("`true` or `false`"),
        },
        AbiType::String => {
            let known = |comparator: Comparator| comparator != Comparator::NotContains;
            (AbiArgument::Text(text.to_string()), test.comparator(known))
        }
        AbiType::Address => (address_argument(&test.value)?, test.comparator(Comparator::is_order)),
        AbiType::Uint(_) => {
            let asked = AbiArgument::Integer(decimal_at(&test.value)?);
            (asked, test.comparator(Comparator::is_order))
        }
        _ => {
            return key_at.expected("an output of type bool, string, address or uint: Lit compares no others")
        }
    };
    let (contract, chain) = (contract_at(&fields.must("contractAddress")?)?, fields.must("chain")?.chain()?);
    let Some(comparator) = comparator else { return Ok(never()) };
    if !kind.admits(&asked) {
        return test.value.expected(format!("a value of type {kind}"));
    }
    Ok(Expression::Leaf(Leaf::EvmCall(EvmCall {
        chain,
        contract,
        function: function.text()?.to_string(),
        inputs: inputs.into_iter().map(|(_, kind)| kind).collect(),
        arguments,
        output,
        any_element: false,
        comparator,
        asked,
        outputs: outputs.into_iter().map(|(_, kind)| kind).collect(),
    })))
}

/// Names and types.
fn parameters(at: &At<'_>) -> Parsed<Vec<(String, AbiType)>> {
    let parameter = |item: &At<'_>| {
        let fields = item.object(&["name", "type"], &["internalType", "indexed"])?;
        let kind = fields.must("type")?;
        let parsed = AbiType::parse(kind.text()?);
        let parsed = parsed.ok_or_else(|| kind.error("a type of the ABI, such as `uint256`; no tuples"))?;
        Ok((fields.must("name")?.text()?.to_string(), parsed))
    };
    at.elements()?.iter().map(parameter).collect()
}

fn argument(at: &At<'_>, kind: &AbiType) -> Parsed<AbiArgument> {
    let text = at.text()?;
    let parsed = match substitute(text, &Variable::EvmAddress) {
        TextValue::Variable(variable) => Some(AbiArgument::Variable(variable)),
        TextValue::Literal(text) => match kind {
            AbiType::Address | AbiType::Bytes | AbiType::FixedBytes(_) => {
                tokenise(kind, &text.replace("0x", ""), 0)
            }
            _ => tokenise(kind, &text, 0),
        },
    };
    parsed.filter(|value| kind.admits(value)).ok_or_else(|| at.error(format!("a value of type {kind}")))
}

/// The value that ethabi's lenient tokenizer, which Lit uses, reads from a text; without its units.
fn tokenise(kind: &AbiType, text: &str, depth: usize) -> Option<AbiArgument> {
    let hex = |text: &str| parse_hex(&format!("0x{}", text.strip_prefix("0x").unwrap_or(text)));
    Some(match kind {
        AbiType::Address => AbiArgument::Address(hex(text)?.try_into().ok()?),
        AbiType::Bytes | AbiType::FixedBytes(_) => AbiArgument::Bytes(hex(text)?),
        AbiType::String => AbiArgument::Text(text.to_string()),
        AbiType::Bool => AbiArgument::Bool(match text {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return None,
        }),
        AbiType::Uint(_) => AbiArgument::Integer(match word(text) {
            Some(word) => Integer::unsigned(word),
            None => decimal(text)?,
        }),
        AbiType::Int(_) => AbiArgument::Integer(match (word(text), text.strip_prefix('-')) {
            (Some(word), _) => Integer::from_twos_complement(word),
            (None, Some(digits)) => Integer::new(true, decimal(digits)?.to_unsigned()?),
            (None, None) => decimal(text)?,
        }),
        AbiType::Array(element) | AbiType::FixedArray(element, _) => {
            if depth >= MAX_VALUE_DEPTH {
                return None;
            }
            let inner = text.strip_prefix('[')?.strip_suffix(']')?;
            let items: Option<Vec<_>> = split(inner)?
                .into_iter()
                .map(|item| tokenise(element, item, depth.saturating_add(1)))
                .collect();
            AbiArgument::Array(items?)
        }
    })
}

/// A word of exactly 32 bytes in hexadecimal, which goes before decimal digits.
fn word(text: &str) -> Option<U256> {
    let digits = text.len() == 64 && text.bytes().all(|c| c.is_ascii_hexdigit());
    digits.then(|| U256::from_str_radix(text, 16).ok()).flatten()
}

/// The items of an array's text: commas outside of brackets part them. Quotes are not supported.
fn split(text: &str) -> Option<Vec<&str>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let (mut items, mut nested, mut start) = (Vec::new(), 0usize, 0);
    for (position, character) in text.char_indices() {
        match character {
            '[' => nested = nested.checked_add(1)?,
            ']' => nested = nested.checked_sub(1)?,
            ',' if nested == 0 => {
                items.push(text.get(start..position)?);
                start = position.checked_add(1)?;
            }
            '"' | '(' | ')' => return None,
            _ => {}
        }
    }
    items.push(text.get(start..)?);
    (nested == 0 && items.len() <= MAX_ELEMENTS).then_some(items)
}
