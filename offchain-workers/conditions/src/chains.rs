//! Whether a leaf holds: one file a kind of chain, one line each here.

mod cosmos;
mod evm;
mod local;
mod poap;
mod program_address;
mod solana;
mod substrate;
mod time;

use conclave_primitives::conditions::Leaf;

use crate::ask::{Ask, Reply};

pub(crate) fn holds(leaf: &Leaf, ask: &mut Ask<'_>) -> Reply<bool> {
    match leaf {
        Leaf::EvmBalance { chain, account, comparator, asked } => {
            evm::balance(ask, chain, account, *comparator, asked)
        }
        Leaf::EvmCall(call) => evm::call(ask, call),
        Leaf::EvmTime { chain, comparator, asked } => evm::time(ask, chain, *comparator, asked),
        Leaf::Poap { chain, field, comparator, asked } => {
            poap::attended(ask, chain, *field, *comparator, asked)
        }
        Leaf::Solana { chain, query, path, test } => solana::holds(ask, chain, query, path, test),
        Leaf::Cosmos { chain, query, path, test } => cosmos::holds(ask, chain, query, path, test),
        Leaf::Substrate { chain, query } => substrate::holds(ask, chain.as_ref(), query),
        _ => local::holds(ask, leaf),
    }
}
