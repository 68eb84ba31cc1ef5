//! EVM chains over Ethereum's JSON-RPC (<https://ethereum.github.io/execution-apis/>), at the finalized block.

use conclave_primitives::conditions::{
    AbiArgument, AbiType, ChainKind, ChainName, Comparator, EvmCall, Finality, Integer,
};
use ethabi::{Function, Param, ParamType, StateMutability, Token};
use primitive_types::U256;
use serde_json::{json, Value};

use super::local::{address, resolve};
use crate::{
    ask::{rpc, Ask, Reply},
    context::to_hex,
    json::{bytes, hash, quantity, result},
    EvaluationError, QueryFailure,
};

/// How old the final block may be, in seconds, against our own chain's time: endpoints that stand still must not
/// keep conditions alive. Ethereum finalizes after about a quarter of an hour.
const MAX_AGE: u64 = 3_600;

pub(super) fn balance(
    ask: &mut Ask<'_>,
    chain: &ChainName,
    account: &AbiArgument,
    comparator: Comparator,
    asked: &Integer,
) -> Reply<bool> {
    let account = address(ask, account)?;
    let block = final_block(ask, chain)?;
    let params = json!([to_hex(&account), block.number]);
    let found = ask.result(chain, "eth_getBalance", &params, |value| {
        let digits = value.as_str().filter(|text| text.starts_with("0x"));
        digits.and_then(Integer::parse).ok_or_else(|| "expected a number in hexadecimal".into())
    })?;
    Ok(comparator.holds(&found, asked) == Some(true))
}

pub(super) fn time(
    ask: &mut Ask<'_>,
    chain: &ChainName,
    comparator: Comparator,
    asked: &Integer,
) -> Reply<bool> {
    let block = final_block(ask, chain)?;
    Ok(comparator.holds(&Integer::from(u128::from(block.timestamp)), asked) == Some(true))
}

pub(super) fn call(ask: &mut Ask<'_>, call: &EvmCall) -> Reply<bool> {
    let function = function(call);
    let arguments = call
        .inputs
        .iter()
        .zip(&call.arguments)
        .map(|(kind, argument)| Ok(token(kind, &resolve(ask, kind, argument)?)))
        .collect::<Reply<Option<Vec<_>>>>()?;
    let unreadable =
        |reason: &str| EvaluationError::Unreadable { chain: call.chain.clone(), reason: reason.into() };
    let input = arguments.and_then(|arguments| function.encode_input(&arguments).ok());
    let input = input.ok_or_else(|| unreadable("expected arguments of the types of the function"))?;
    let kind = call.tested_type().ok_or_else(|| unreadable("expected an output to test"))?;
    let asked = resolve(ask, kind, &call.asked)?;

    let block = final_block(ask, &call.chain)?;
    let params = json!([{ "to": to_hex(&call.contract), "data": to_hex(&input) }, block.number]);
    let output = ask.call(&call.chain, "eth_call", &params, bytes)?.map_err(|(code, message)| {
        let chain = call.chain.clone();
        if is_revert(code, &message) {
            EvaluationError::Reverted { chain, message }
        } else {
            EvaluationError::Rejected { chain, message }
        }
    })?;
    if output.is_empty() {
        return Err(unreadable("there is no such contract: it returned nothing").into());
    }
    let outputs = function
        .decode_output(&output)
        .map_err(|_| unreadable("expected outputs of the function's types"))?;
    let found = outputs.into_iter().nth(usize::from(call.output));
    let found = found.ok_or_else(|| unreadable("expected more outputs"))?;
    let holds = |token: &Token| compare(token, call.comparator, &asked);
    let outcome = match (call.any_element, &found) {
        (true, Token::Array(items) | Token::FixedArray(items)) => {
            items.iter().map(holds).collect::<Option<Vec<_>>>().map(|outcomes| outcomes.contains(&true))
        }
        (true, _) => None,
        (false, token) => holds(token),
    };
    outcome.ok_or_else(|| unreadable("expected an output of the function's type").into())
}

/// Whether the error of an `eth_call` is the contract's own. Geth, Erigon and Reth have code 3 for it; older clients of
/// others words alone.
fn is_revert(code: i64, message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    code == 3 || message.starts_with("execution reverted") || message.starts_with("vm execution error")
}

/// The final block: how it is named in calls, and its time.
struct Block {
    number: String,
    timestamp: u64,
}

/// The block that more than half of the endpoints call final, and know by the same hash.
fn final_block(ask: &mut Ask<'_>, chain: &ChainName) -> Reply<Block> {
    let entry = ask.chain(chain)?;
    let ChainKind::Evm { chain_id } = entry.kind else {
        return Err(EvaluationError::OtherKind(chain.clone()).into());
    };
    // Both at once: they do not depend on each other.
    let id = ask.result(chain, "eth_chainId", &json!([]), quantity);
    let height = match entry.finality {
        Finality::Finalized => {
            let request = rpc("eth_getBlockByNumber", &json!(["finalized", false]));
            ask.height(
                chain,
                |_| Some(request.clone()),
                |body| read(body, |block| quantity(block.get("number").unwrap_or(&Value::Null))),
            )
        }
        Finality::Depth(depth) => {
            let request = rpc("eth_blockNumber", &json!([]));
            let best = ask.height(chain, |_| Some(request.clone()), |body| read(body, quantity));
            best.map(|best| best.saturating_sub(depth.into()))
        }
    };
    if id? != chain_id {
        return Err(EvaluationError::OtherChain(chain.clone()).into());
    }
    let number = format!("0x{:x}", height?);
    let (_, timestamp) = ask.result(chain, "eth_getBlockByNumber", &json!([number, false]), |block| {
        let field = |name: &str| block.get(name).unwrap_or(&Value::Null);
        Ok((hash(field("hash"))?, quantity(field("timestamp"))?))
    })?;
    let age = ask.context.now.saturating_sub(timestamp);
    if age > MAX_AGE {
        return Err(EvaluationError::Stale { chain: chain.clone(), seconds: age }.into());
    }
    Ok(Block { number, timestamp })
}

fn read<T>(body: &[u8], value: impl Fn(&Value) -> Result<T, String>) -> Result<T, QueryFailure> {
    match result(body)? {
        Ok(found) => value(&found).map_err(QueryFailure::Unreadable),
        Err((_, message)) => Err(QueryFailure::Failed(message)),
    }
}

fn function(call: &EvmCall) -> Function {
    let params = |types: &[AbiType]| {
        let param = |kind| Param { name: String::new(), kind: param_type(kind), internal_type: None };
        types.iter().map(param).collect()
    };
    // ethabi keeps the field for contracts of before Solidity 0.5 and does not read it.
    #[allow(deprecated)]
    Function {
        name: call.function.clone(),
        inputs: params(&call.inputs),
        outputs: params(&call.outputs),
        constant: None,
        state_mutability: StateMutability::View,
    }
}

fn param_type(kind: &AbiType) -> ParamType {
    match kind {
        AbiType::Address => ParamType::Address,
        AbiType::Bool => ParamType::Bool,
        AbiType::Uint(bits) => ParamType::Uint((*bits).into()),
        AbiType::Int(bits) => ParamType::Int((*bits).into()),
        AbiType::Bytes => ParamType::Bytes,
        AbiType::FixedBytes(size) => ParamType::FixedBytes((*size).into()),
        AbiType::String => ParamType::String,
        AbiType::Array(element) => ParamType::Array(Box::new(param_type(element))),
        AbiType::FixedArray(element, length) => {
            let length = usize::try_from(*length).unwrap_or(usize::MAX);
            ParamType::FixedArray(Box::new(param_type(element)), length)
        }
    }
}

fn token(kind: &AbiType, argument: &AbiArgument) -> Option<Token> {
    Some(match (kind, argument) {
        (AbiType::Address, AbiArgument::Address(address)) => Token::Address((*address).into()),
        (AbiType::Bool, AbiArgument::Bool(value)) => Token::Bool(*value),
        (AbiType::Uint(_), AbiArgument::Integer(value)) => Token::Uint(to_ethabi(value.to_unsigned()?)),
        (AbiType::Int(_), AbiArgument::Integer(value)) => Token::Int(to_ethabi(value.to_twos_complement()?)),
        (AbiType::Bytes, AbiArgument::Bytes(bytes)) => Token::Bytes(bytes.clone()),
        (AbiType::FixedBytes(_), AbiArgument::Bytes(bytes)) => Token::FixedBytes(bytes.clone()),
        (AbiType::String, AbiArgument::Text(text)) => Token::String(text.clone()),
        (AbiType::Array(element), AbiArgument::Array(items)) => Token::Array(tokens(element, items)?),
        (AbiType::FixedArray(element, _), AbiArgument::Array(items)) => {
            Token::FixedArray(tokens(element, items)?)
        }
        _ => return None,
    })
}

fn tokens(element: &AbiType, items: &[AbiArgument]) -> Option<Vec<Token>> {
    items.iter().map(|item| token(element, item)).collect()
}

/// `None` if the token is of another type than what is asked for.
fn compare(found: &Token, comparator: Comparator, asked: &AbiArgument) -> Option<bool> {
    match (found, asked) {
        (Token::Address(found), AbiArgument::Address(asked)) => {
            comparator.holds(found.as_bytes(), asked.as_slice())
        }
        (Token::Bool(found), AbiArgument::Bool(asked)) => comparator.holds(found, asked),
        (Token::Uint(found), AbiArgument::Integer(asked)) => {
            comparator.holds(&Integer::unsigned(from_ethabi(*found)), asked)
        }
        (Token::Int(found), AbiArgument::Integer(asked)) => {
            comparator.holds(&Integer::from_twos_complement(from_ethabi(*found)), asked)
        }
        (Token::Bytes(found) | Token::FixedBytes(found), AbiArgument::Bytes(asked)) => {
            comparator.holds(found, asked)
        }
        (Token::String(found), AbiArgument::Text(asked)) => Some(comparator.holds_text(found, asked)),
        _ => None,
    }
}

// ethabi brings the generation of integers before ours: they meet as bytes.
fn to_ethabi(value: U256) -> ethabi::Uint {
    ethabi::Uint::from_big_endian(&value.to_big_endian())
}

fn from_ethabi(value: ethabi::Uint) -> U256 {
    let mut bytes = [0; 32];
    value.to_big_endian(&mut bytes);
    U256::from_big_endian(&bytes)
}
