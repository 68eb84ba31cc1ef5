//! Chains of the Cosmos SDK over their REST interface (<https://docs.cosmos.network/api>), at a block of the height that
//! more than half of the endpoints have reached: each block there is final.

use conclave_primitives::conditions::{
    BlockHeight, ChainKind, ChainName, CosmosQuery, Finality, JsonPath, JsonTest, PathPart, Variable,
};
use serde_json::Value;

use super::time::unix_seconds;
use crate::{
    ask::{Ask, Reply},
    json::{parse, select, test},
    EvaluationError, QueryFailure, Request,
};

/// How old the newest block may be, in seconds, against our own chain's time.
const MAX_AGE: u64 = 3_600;
const BLOCKS: &str = "/cosmos/base/tendermint/v1beta1/blocks";

pub(super) fn holds(
    ask: &mut Ask<'_>,
    chain: &ChainName,
    query: &CosmosQuery,
    path: &JsonPath,
    asked: &JsonTest,
) -> Reply<bool> {
    let (parts, timelock) = match query {
        CosmosQuery::Rest(parts) => (parts, None),
        CosmosQuery::Timelock { path, height } => (path, Some(*height)),
    };
    let request = address(ask, chain, parts)?;
    let height = final_height(ask, chain)?;
    let body = ask.agreed(chain, Request::Get { path: request, height: Some(height) }, |body| {
        // Compared as JSON: white space and the order of fields are the endpoint's.
        parse(body).map(|value| value.to_string())
    })?;
    let unreadable = |reason: String| EvaluationError::Unreadable { chain: chain.clone(), reason };
    let value: Value = serde_json::from_str(&body).map_err(|_| unreadable("expected JSON".into()))?;
    let found = select(&value, path);
    match (asked, timelock) {
        (JsonTest::LitTimelock { inclusive, seconds }, Some(block)) => {
            let time = match block {
                BlockHeight::Latest => block_time(ask, chain, height)?,
                BlockHeight::At(height) => block_time(ask, chain, height)?,
            };
            let within = |value: &&Value| {
                let found = value.as_str().and_then(unix_seconds).unwrap_or_default();
                let passed = time.checked_sub(found);
                passed.is_some_and(|passed| passed < *seconds || (*inclusive && passed == *seconds))
            };
            Ok(found.iter().any(within))
        }
        (JsonTest::LitTimelock { .. }, None) => Err(unreadable("expected a timelock".into()).into()),
        (asked, _) => Ok(test(asked, &found, ask.context)?.map_err(unreadable)?),
    }
}

/// The path, with the address of who asks put in.
fn address(ask: &Ask<'_>, chain: &ChainName, parts: &[PathPart]) -> Reply<String> {
    let mut path = String::new();
    for part in parts {
        match part {
            PathPart::Literal(text) => path.push_str(text),
            PathPart::Requester => {
                let address = ask.context.variable(&Variable::CosmosAddress(chain.clone()))?;
                // Bech32 has no other characters; what has is no address, and could be a path of its own.
                if !address.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
                    let expected = "an address in bech32".into();
                    return Err(EvaluationError::UnfitVariable { value: address, expected }.into());
                }
                path.push_str(&address);
            }
        }
    }
    Ok(path)
}

fn final_height(ask: &mut Ask<'_>, chain: &ChainName) -> Reply<u64> {
    let entry = ask.chain(chain)?;
    let ChainKind::Cosmos { chain_id } = &entry.kind else {
        return Err(EvaluationError::OtherKind(chain.clone()).into());
    };
    let latest = Request::Get { path: format!("{BLOCKS}/latest"), height: None };
    let newest = ask.height(
        chain,
        |_| Some(latest.clone()),
        |body| {
            let block = Block::read(body)?;
            if block.chain_id.as_bytes() != chain_id.as_slice() {
                return Err(QueryFailure::Unreadable(format!("it serves chain `{}`", block.chain_id)));
            }
            Ok(block.height)
        },
    )?;
    let height = match entry.finality {
        Finality::Finalized => newest,
        Finality::Depth(depth) => newest.saturating_sub(depth.into()),
    };
    let age = ask.context.now.saturating_sub(block_time(ask, chain, height)?);
    if age > MAX_AGE {
        return Err(EvaluationError::Stale { chain: chain.clone(), seconds: age }.into());
    }
    Ok(height)
}

/// The time of a block that more than half of the endpoints know by the same hash, in seconds since 1970.
fn block_time(ask: &mut Ask<'_>, chain: &ChainName, height: u64) -> Reply<u64> {
    let request = Request::Get { path: format!("{BLOCKS}/{height}"), height: None };
    let (found, _, time) = ask.agreed(chain, request, |body| {
        let block = Block::read(body)?;
        Ok((block.height, block.hash, block.time))
    })?;
    if found != height {
        return Err(EvaluationError::Contradiction(chain.clone()).into());
    }
    Ok(time)
}

struct Block {
    chain_id: String,
    height: u64,
    hash: String,
    time: u64,
}

impl Block {
    fn read(body: &[u8]) -> Result<Self, QueryFailure> {
        let value = parse(body)?;
        let text = |path: &str| value.pointer(path).and_then(Value::as_str);
        let read = || {
            Some(Self {
                chain_id: text("/block/header/chain_id")?.into(),
                height: text("/block/header/height")?.parse().ok()?,
                hash: text("/block_id/hash")?.into(),
                time: unix_seconds(text("/block/header/time")?)?,
            })
        };
        read().ok_or_else(|| QueryFailure::Unreadable("expected a block with id and header".into()))
    }
}
