//! Reads JSON answers.

use conclave_primitives::conditions::{Comparator, Integer, JsonStep, JsonTest, TextValue};
use serde_json::Value;

use crate::{context::Context, EvaluationError, QueryFailure};

/// The longest message of an endpoint that is told on.
const MAX_MESSAGE_CHARS: usize = 120;

/// The result of a JSON-RPC response, or its error.
pub(crate) fn result(body: &[u8]) -> Result<Result<Value, (i64, String)>, QueryFailure> {
    let mut response = parse(body)?;
    if let Some(error) = response.get("error").filter(|error| !error.is_null()) {
        let code = error.get("code").and_then(Value::as_i64).unwrap_or_default();
        let message = error.get("message").and_then(Value::as_str).unwrap_or("an error without a message");
        return Ok(Err((code, message.chars().take(MAX_MESSAGE_CHARS).collect())));
    }
    match response.get_mut("result") {
        Some(result) => Ok(Ok(result.take())),
        None => Err(QueryFailure::Unreadable("expected a JSON-RPC response with `result` or `error`".into())),
    }
}

pub(crate) fn parse(body: &[u8]) -> Result<Value, QueryFailure> {
    serde_json::from_slice(body).map_err(|error| QueryFailure::Unreadable(format!("expected JSON: {error}")))
}

/// A number in hexadecimal after `0x`, as Ethereum writes quantities.
pub(crate) fn quantity(value: &Value) -> Result<u64, String> {
    let parsed = hex_digits(value).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    parsed.ok_or_else(|| "expected a number of 64 bits in hexadecimal".into())
}

/// Digits alone: the standard library would take a sign, too.
fn hex_digits(value: &Value) -> Option<&str> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)
}

/// Bytes in hexadecimal after `0x`.
pub(crate) fn bytes(value: &Value) -> Result<Vec<u8>, String> {
    let parsed = hex_digits(value).and_then(|digits| {
        let pairs = digits.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        (digits.len() % 2 == 0).then(|| pairs.map(byte).collect::<Option<Vec<_>>>()).flatten()
    });
    parsed.ok_or_else(|| "expected bytes in hexadecimal".into())
}

/// 32 bytes in hexadecimal.
pub(crate) fn hash(value: &Value) -> Result<[u8; 32], String> {
    bytes(value)?.try_into().map_err(|_| "expected a hash of 32 bytes".into())
}

/// All values at a path.
pub(crate) fn select<'a>(value: &'a Value, path: &[JsonStep]) -> Vec<&'a Value> {
    path.iter().fold(vec![value], |found, step| {
        found
            .into_iter()
            .flat_map(|value| -> Vec<&Value> {
                match (step, value) {
                    (JsonStep::Field(name), Value::Object(fields)) => fields.get(name).into_iter().collect(),
                    (JsonStep::Index(index), Value::Array(items)) => {
                        usize::try_from(*index).ok().and_then(|index| items.get(index)).into_iter().collect()
                    }
                    (JsonStep::All, Value::Array(items)) => items.iter().collect(),
                    (JsonStep::All, Value::Object(fields)) => fields.values().collect(),
                    _ => Vec::new(),
                }
            })
            .collect()
    })
}

/// A test's outcome, or what the answer should have been.
pub(crate) type Tested = Result<bool, String>;

/// Tests what was found at a path; `asked` is the test's text with variables replaced. Not for Lit's timelock.
pub(crate) fn test(test: &JsonTest, found: &[&Value], context: &Context) -> Result<Tested, EvaluationError> {
    let first =
        || found.first().copied().ok_or_else(|| "expected a value at the path; there is none".to_string());
    Ok(match test {
        JsonTest::Integer(comparator, asked) => first().and_then(|value| {
            let number = integer(value).ok_or("expected a whole number, or a string that is one")?;
            comparator.holds(&number, asked).ok_or_else(|| "the comparator has no meaning here".into())
        }),
        JsonTest::Text(comparator, asked) => {
            let asked = context.text(asked)?;
            first().and_then(|value| {
                let text = value.as_str().ok_or("expected a string")?;
                Ok(comparator.holds_text(text, &asked))
            })
        }
        JsonTest::Boolean(asked) => {
            first().and_then(|value| Ok(value.as_bool().ok_or("expected true or false")? == *asked))
        }
        JsonTest::LitSolana(comparator, asked) => match found.first() {
            None => Ok(false),
            Some(Value::Number(number)) => lit_numbers(*comparator, number.as_u64(), asked),
            Some(Value::String(text)) => {
                let asked = context.text(asked)?;
                Ok(comparator.is_order() && comparator.holds_text(text, &asked))
            }
            Some(_) => Ok(false),
        },
        JsonTest::LitCosmos(comparator, asked) => lit_cosmos(*comparator, asked, found, context)?,
        JsonTest::LitTimelock { .. } => Err("a timelock is tested elsewhere".into()),
    })
}

fn integer(value: &Value) -> Option<Integer> {
    match value {
        Value::Number(number) => Integer::parse(&number.to_string()),
        // As chains write amounts; no hexadecimal, which would be another number of another chain.
        Value::String(text) if !text.starts_with("0x") => Integer::parse(text),
        _ => None,
    }
}

fn literal(value: &TextValue) -> &str {
    match value {
        TextValue::Literal(text) => text,
        TextValue::Variable(_) => "",
    }
}

fn lit_numbers(comparator: Comparator, found: Option<u64>, asked: &TextValue) -> Tested {
    let found = found.ok_or("expected a number of 64 bits without a sign")?;
    let asked: u64 = serde_json::from_str(literal(asked)).map_err(|_| "the value asked for is no number")?;
    Ok(comparator.holds(&found, &asked) == Some(true))
}

/// Numbers where one is asked for, and only those in strings; otherwise the JSON of the value, with the quotes of a
/// string. With `contains`, all strings found are one, each with a space behind it.
fn lit_cosmos(
    comparator: Comparator,
    asked: &TextValue,
    found: &[&Value],
    context: &Context,
) -> Result<Tested, EvaluationError> {
    let Some(first) = found.first() else { return Ok(Ok(false)) };
    let mut value = (*first).clone();
    if found.len() > 1 && comparator == Comparator::Contains && value.is_string() {
        let strings: Option<Vec<_>> = found.iter().map(|value| value.as_str()).collect();
        match strings {
            Some(strings) => {
                value = Value::String(strings.into_iter().flat_map(|text| [text, " "]).collect());
            }
            None => return Ok(Err("expected strings only".into())),
        }
    }
    if literal(asked).parse::<i64>().is_ok() {
        return Ok(match value {
            Value::String(text) => match text.parse() {
                Ok(number) => lit_numbers(comparator, Some(number), asked),
                Err(_) => Err("expected a string that is a number".into()),
            },
            _ => Ok(false),
        });
    }
    Ok(Ok(comparator.holds_text(&value.to_string(), &context.text(asked)?)))
}
