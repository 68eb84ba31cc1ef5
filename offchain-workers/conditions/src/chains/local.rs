//! Leaves that need no chain but ours: who asks, when, and what an action answers.

use conclave_primitives::conditions::{AbiArgument, AbiType, Leaf};

use crate::{
    ask::{Ask, Reply},
    EvaluationError, Found, Query, QueryFailure,
};

pub(super) fn holds(ask: &mut Ask<'_>, leaf: &Leaf) -> Reply<bool> {
    let context = ask.context;
    Ok(match leaf {
        Leaf::Constant(value) => *value,
        Leaf::Text { found, comparator, asked } => {
            comparator.holds_text(&context.text(found)?, &context.text(asked)?)
        }
        Leaf::EvmAddress { comparator, asked } => {
            let asked = address(ask, asked)?;
            comparator.holds(&context.evm_address()?, &asked) == Some(true)
        }
        Leaf::SiweResource(resource) => match &context.requester.siwe {
            Some(message) => message.resources.contains(resource),
            None => return Err(EvaluationError::MissingIdentity("a SIWE message".into()).into()),
        },
        Leaf::Time { from, until } => context.now >= *from && until.is_none_or(|until| context.now < until),
        Leaf::Blocks { from, until } => {
            context.block >= *from && until.is_none_or(|until| context.block < until)
        }
        Leaf::ActionResult { cid, function, arguments, comparator, asked } => {
            let arguments = arguments.iter().map(|value| context.text(value)).collect::<Result<_, _>>()?;
            let query = Query::Action { cid: cid.clone(), function: function.clone(), arguments };
            let failed = |failure| EvaluationError::Action { cid: cid.clone(), failure };
            match ask.one(query)? {
                Ok(Found::Text(text)) => comparator.holds_text(text, asked),
                Ok(_) => return Err(failed(QueryFailure::Unreadable("expected a text".into())).into()),
                Err(failure) => return Err(failed(failure.clone()).into()),
            }
        }
        // All others ask a chain, or are policies.
        _ => return Err(EvaluationError::OwnState("expected another leaf".into()).into()),
    })
}

/// An address, given or by a variable.
pub(super) fn address(ask: &Ask<'_>, argument: &AbiArgument) -> Reply<[u8; 20]> {
    match resolve(ask, &AbiType::Address, argument)? {
        AbiArgument::Address(address) => Ok(address),
        other => {
            Err(EvaluationError::UnfitVariable { value: other.to_string(), expected: "address".into() }
                .into())
        }
    }
}

/// An argument without variables.
pub(super) fn resolve(ask: &Ask<'_>, kind: &AbiType, argument: &AbiArgument) -> Reply<AbiArgument> {
    Ok(match (argument, kind.element()) {
        (AbiArgument::Variable(variable), _) => {
            let value = ask.context.variable(variable)?;
            let parsed = kind.parse_value(&value);
            parsed.ok_or_else(|| EvaluationError::UnfitVariable { value, expected: kind.to_string() })?
        }
        (AbiArgument::Array(items), Some(element)) => {
            AbiArgument::Array(items.iter().map(|item| resolve(ask, element, item)).collect::<Reply<_>>()?)
        }
        (argument, _) => argument.clone(),
    })
}
