//! Finds out what an authorisation hangs on: the keys of a login provider, what a contract wallet says.

use super::{chain::FinalizedState, check::check, external::ExternalChains};
use conclave_auth::{Query, QueryFailure};
use conclave_conditions::{Denied, EvaluationError, Requester};
use conclave_primitives::conditions::{
    AbiArgument, AbiType, ChainKind, ChainName, Comparator, Condition, EvmCall, Expression, Leaf,
};
use conclave_worker::ports::ReadChain;

/// `isValidSignature(bytes32,bytes)` (EIP-1271), which is also the answer that accepts.
const MAGIC: [u8; 4] = [0x16, 0x26, 0xba, 0x7e];

/// The answer to a query; within Tokio's runtime.
pub(super) async fn answer(
    chain: &FinalizedState,
    external: &ExternalChains,
    query: Query,
) -> Result<Vec<u8>, QueryFailure> {
    match query {
        Query::Get { url, bearer } => external.get(url, bearer).await,
        Query::ContractCall { chain_id, contract, data, .. } => {
            let name = chain_named(chain, chain_id)?;
            let condition = accepts(name, contract, &data)
                .ok_or_else(|| QueryFailure::Unavailable("the signature has over 1024 bytes".into()))?;
            let found = check(chain, external, condition, Requester::default()).await;
            match found.map_err(|error| QueryFailure::Unavailable(error.to_string()))? {
                // The word that the contract returned.
                Ok(()) => Ok(MAGIC.into_iter().chain([0; 28]).collect()),
                Err(Denied::NotMet) => Err(QueryFailure::Reverted),
                Err(Denied::Undecided(errors)) if reverted(&errors) => Err(QueryFailure::Reverted),
                Err(undecided) => Err(QueryFailure::Unavailable(undecided.to_string())),
            }
        }
    }
}

/// Whether the contract itself is all that failed: who reverts does not accept.
fn reverted(errors: &[EvaluationError]) -> bool {
    !errors.is_empty() && errors.iter().all(|error| matches!(error, EvaluationError::Reverted { .. }))
}

/// The entry of the registry of external chains.
fn chain_named(chain: &FinalizedState, eip155: u64) -> Result<ChainName, QueryFailure> {
    let registry = chain.read_conditions().map_err(|error| QueryFailure::Unavailable(error.to_string()))?;
    let of_id = |kind: &ChainKind| matches!(kind, ChainKind::Evm { chain_id } if *chain_id == eip155);
    let found = registry.chains.into_iter().find(|(_, access)| of_id(&access.chain.kind));
    found.map(|(name, _)| name).ok_or_else(|| {
        QueryFailure::Unavailable(format!("the registry of external chains has none with chain id {eip155}"))
    })
}

/// That the contract accepts: a condition as any other, so that several endpoints have to agree on it at a block that is
/// final. `data` is the call's: the selector, a digest, and bytes behind two words.
fn accepts(chain: ChainName, contract: [u8; 20], data: &[u8]) -> Option<Condition> {
    let digest = data.get(4..36)?.to_vec();
    let length = data.get(68..100)?.iter().fold(0usize, |length, byte| length << 8 | usize::from(*byte));
    let signature = data.get(100..)?.get(..length)?.to_vec();
    let call = EvmCall {
        chain,
        contract,
        function: "isValidSignature".into(),
        inputs: vec![AbiType::FixedBytes(32), AbiType::Bytes],
        arguments: vec![AbiArgument::Bytes(digest), AbiArgument::Bytes(signature)],
        outputs: vec![AbiType::FixedBytes(4)],
        output: 0,
        any_element: false,
        comparator: Comparator::Equal,
        asked: AbiArgument::Bytes(MAGIC.to_vec()),
    };
    Condition::new(Expression::Leaf(Leaf::EvmCall(call))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_that_reverts_should_refuse_and_one_out_of_reach_say_nothing() {
        let chain = ChainName::new("ethereum").expect("a name");
        let revert = EvaluationError::Reverted { chain: chain.clone(), message: "no".into() };
        assert!(reverted(std::slice::from_ref(&revert)));
        assert!(!reverted(&[]) && !reverted(&[revert, EvaluationError::NoEndpoint(chain)]));
    }

    #[test]
    fn a_call_of_a_contract_wallet_should_become_a_condition() {
        let word = |number: u8| [vec![0; 31], vec![number]].concat();
        let data = [MAGIC.to_vec(), vec![7; 32], word(64), word(3), vec![9; 3], vec![0; 29]].concat();
        let name = ChainName::new("ethereum").expect("a name");
        let condition = accepts(name.clone(), [1; 20], &data).expect("a condition");
        let leaves = condition.leaves();
        let [Leaf::EvmCall(call)] = leaves.as_slice() else { panic!("{leaves:?}") };
        let expected = [AbiArgument::Bytes(vec![7; 32]), AbiArgument::Bytes(vec![9; 3])];
        assert_eq!((&call.contract, call.arguments.as_slice()), (&[1; 20], expected.as_slice()));
        assert!(accepts(name.clone(), [1; 20], &data[..100]).is_none(), "cut");
        let long = [MAGIC.to_vec(), vec![7; 32], word(64), vec![0xff; 32], vec![9; 64]].concat();
        assert!(accepts(name, [1; 20], &long).is_none(), "a length beyond the data");
    }
}
