//! Leaves about EVM chains.

use alloc::{format, string::ToString, vec, vec::Vec};

use super::{argument, comparator, integer, literal, unsigned, Found};
use crate::conditions::{
    abi::{AbiArgument, AbiType},
    leaf::{identifier, EvmCall, Leaf, PoapField},
    reader::{At, Parsed},
    value::{Comparator, Integer},
};

pub(super) fn leaf(name: &str, at: &At<'_>) -> Found {
    Ok(Some(match name {
        "evmBalance" => {
            let fields = at.object(&["chain", "account", "comparator", "value"], &[])?;
            Leaf::EvmBalance {
                chain: fields.must("chain")?.chain()?,
                account: argument(&fields.must("account")?, &AbiType::Address)?,
                comparator: comparator(&fields, false)?,
                asked: unsigned(&fields.must("value")?)?,
            }
        }
        "evmTime" => {
            let fields = at.object(&["chain", "comparator", "value"], &[])?;
            Leaf::EvmTime {
                chain: fields.must("chain")?.chain()?,
                comparator: comparator(&fields, false)?,
                asked: unsigned(&fields.must("value")?)?,
            }
        }
        "evmCall" => call(at)?,
        "erc20" | "erc721" => {
            let fields = at.object(&["chain", "contract", "account", "comparator", "value"], &[])?;
            let account = argument(&fields.must("account")?, &AbiType::Address)?;
            let (chain, contract) = (fields.must("chain")?, fields.must("contract")?);
            let (comparator, value) = (comparator(&fields, false)?, unsigned(&fields.must("value")?)?);
            let arguments = vec![(AbiType::Address, account)];
            standard(&chain, &contract, "balanceOf", arguments, comparator, value)?
        }
        "erc721Owner" => {
            let fields = at.object(&["chain", "contract", "token", "owner"], &[])?;
            let token = argument(&fields.must("token")?, &AbiType::Uint(256))?;
            Leaf::EvmCall(EvmCall {
                chain: fields.must("chain")?.chain()?,
                contract: contract(&fields.must("contract")?)?,
                function: "ownerOf".to_string(),
                inputs: vec![AbiType::Uint(256)],
                arguments: vec![token],
                outputs: vec![AbiType::Address],
                output: 0,
                any_element: false,
                comparator: Comparator::Equal,
                asked: argument(&fields.must("owner")?, &AbiType::Address)?,
            })
        }
        "erc1155" => {
            let fields = at.object(&["chain", "contract", "account", "token", "comparator", "value"], &[])?;
            let account = argument(&fields.must("account")?, &AbiType::Address)?;
            let token = argument(&fields.must("token")?, &AbiType::Uint(256))?;
            let (chain, contract) = (fields.must("chain")?, fields.must("contract")?);
            let (comparator, value) = (comparator(&fields, false)?, unsigned(&fields.must("value")?)?);
            let arguments = vec![(AbiType::Address, account), (AbiType::Uint(256), token)];
            standard(&chain, &contract, "balanceOf", arguments, comparator, value)?
        }
        "poap" => {
            let fields = at.object(&["chain"], &["eventId", "eventName", "eventNameContains"])?;
            let chain = fields.must("chain")?.chain()?;
            let asked = [
                ("eventId", PoapField::EventId, Comparator::Equal),
                ("eventName", PoapField::EventName, Comparator::Equal),
                ("eventNameContains", PoapField::EventName, Comparator::Contains),
            ];
            let mut found = asked.into_iter().filter_map(|(name, field, comparator)| {
                fields.get(name).map(|value| (value, field, comparator))
            });
            match (found.next(), found.next()) {
                (Some((value, field, comparator)), None) => {
                    let asked = match field {
                        PoapField::EventId => integer(&value)?.to_string(),
                        PoapField::EventName => literal(&value)?,
                    };
                    Leaf::Poap { chain, field, comparator, asked }
                }
                _ => return at.expected("exactly one of `eventId`, `eventName`, `eventNameContains`"),
            }
        }
        _ => return Ok(None),
    }))
}

fn standard(
    chain: &At<'_>,
    address: &At<'_>,
    function: &str,
    arguments: Vec<(AbiType, AbiArgument)>,
    comparator: Comparator,
    asked: Integer,
) -> Parsed<Leaf> {
    let (inputs, arguments) = arguments.into_iter().unzip();
    Ok(Leaf::EvmCall(EvmCall {
        chain: chain.chain()?,
        contract: contract(address)?,
        function: function.to_string(),
        inputs,
        arguments,
        outputs: vec![AbiType::Uint(256)],
        output: 0,
        any_element: false,
        comparator,
        asked: AbiArgument::Integer(asked),
    }))
}

fn contract(at: &At<'_>) -> Parsed<[u8; 20]> {
    match AbiType::Address.parse_value(at.text()?) {
        Some(AbiArgument::Address(address)) => Ok(address),
        _ => at.expected("an address of 20 bytes in hexadecimal with `0x`"),
    }
}

fn types(at: &At<'_>) -> Parsed<Vec<AbiType>> {
    let kind = |item: &At<'_>| {
        AbiType::parse(item.text()?)
            .ok_or_else(|| item.error("a type of the ABI, such as `uint256`; no tuples"))
    };
    at.elements()?.iter().map(kind).collect()
}

fn call(at: &At<'_>) -> Parsed<Leaf> {
    let required =
        ["chain", "contract", "function", "inputs", "arguments", "outputs", "output", "comparator", "value"];
    let fields = at.object(&required, &["anyElement"])?;
    let function = fields.must("function")?;
    if !identifier(function.text()?) {
        return function.expected("the name of a function, without its arguments");
    }
    let (inputs, values) = (types(&fields.must("inputs")?)?, fields.must("arguments")?);
    let items = values.elements()?;
    if items.len() != inputs.len() {
        return values.expected(format!("{} arguments, as `inputs` has", inputs.len()));
    }
    let arguments =
        items.iter().zip(&inputs).map(|(item, kind)| argument(item, kind)).collect::<Parsed<Vec<_>>>()?;
    let (outputs, position) = (types(&fields.must("outputs")?)?, fields.must("output")?);
    let output: u8 = position.number("the position of an output, counted from 0")?;
    let any_element = match fields.get("anyElement") {
        Some(flag) => flag.bool()?,
        None => false,
    };
    let Some(kind) = outputs.get(usize::from(output)) else {
        return position.expected(format!("a position below {}, the number of outputs", outputs.len()));
    };
    let tested = match (any_element, kind.element()) {
        (false, None) => kind,
        (true, Some(element)) if element.element().is_none() => element,
        (false, Some(_)) => {
            return position.expected("`anyElement` to be true, since the output is an array")
        }
        (true, _) => return position.expected("an output that is an array of values that are no arrays"),
    };
    let chosen = comparator(&fields, *tested == AbiType::String)?;
    if !chosen.is_equality() && !matches!(tested, AbiType::Uint(_) | AbiType::Int(_) | AbiType::String) {
        return fields.must("comparator")?.expected(format!("= or != for a value of type {tested}"));
    }
    let asked = argument(&fields.must("value")?, tested)?;
    Ok(Leaf::EvmCall(EvmCall {
        chain: fields.must("chain")?.chain()?,
        contract: contract(&fields.must("contract")?)?,
        function: function.text()?.to_string(),
        inputs,
        arguments,
        output,
        any_element,
        comparator: chosen,
        asked,
        outputs,
    }))
}
