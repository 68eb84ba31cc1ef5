//! POAP: which events somebody attended, by its REST interface (<https://documentation.poap.tech/>).

use conclave_primitives::conditions::{ChainKind, ChainName, Comparator, PoapField};
use serde_json::Value;

use crate::{
    ask::{Ask, Reply},
    context::checksummed,
    json::parse,
    EvaluationError, QueryFailure, Request,
};

pub(super) fn attended(
    ask: &mut Ask<'_>,
    chain: &ChainName,
    field: PoapField,
    comparator: Comparator,
    asked: &str,
) -> Reply<bool> {
    if ask.chain(chain)?.kind != ChainKind::Poap {
        return Err(EvaluationError::OtherKind(chain.clone()).into());
    }
    let path = format!("/actions/scan/{}", checksummed(&ask.context.evm_address()?));
    let events = ask.agreed(chain, Request::Get { path, height: None }, |body| {
        let tokens = parse(body)?;
        let name = |token: &Value| {
            let event = token.get("event")?;
            Some(match field {
                PoapField::EventId => event.get("id")?.as_u64()?.to_string(),
                PoapField::EventName => event.get("name")?.as_str()?.to_string(),
            })
        };
        let names = tokens.as_array().and_then(|tokens| tokens.iter().map(name).collect::<Option<Vec<_>>>());
        let mut names =
            names.ok_or_else(|| QueryFailure::Unreadable("expected a list of tokens with events".into()))?;
        names.sort();
        Ok(names)
    })?;
    Ok(events.iter().any(|event| comparator.holds_text(event, asked)))
}
