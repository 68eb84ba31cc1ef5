//! Evaluates a condition on this node alone, without shares: what `conclave_decrypt` would come to here.

use super::{chain::FinalizedState, external::ExternalChains};
use conclave_conditions::{Context, Denied, Evaluation, Requester, Step};
use conclave_primitives::conditions::Condition;
use conclave_worker::ports::{answer_own, ReadChain, ReadError};
use futures::future::join_all;

/// Whether `condition` holds for `requester` at the last finalized block. Ends: every query gets an answer, late ones
/// an error, and the number of queries is bounded.
pub(super) async fn check(
    chain: &FinalizedState,
    external: &ExternalChains,
    condition: Condition,
    requester: Requester,
) -> Result<Result<(), Denied>, ReadError> {
    let view = chain.read_conditions()?;
    let context = Context { requester, now: view.now, block: chain.finalized_number(), chains: view.chains };
    let mut evaluation = Evaluation::new(condition, context);
    loop {
        let queries = match evaluation.poll() {
            Step::Done(decision) => return Ok(decision),
            // All that was asked is answered: it cannot wait for anything.
            Step::Wait => return Ok(Err(Denied::Undecided(Vec::new()))),
            Step::Ask(queries) => queries,
        };
        let answers = join_all(queries.iter().map(|query| async move {
            match answer_own(query, chain) {
                Some(answer) => answer,
                None => external.answer(query).await,
            }
        }));
        let answers = answers.await;
        for (query, answer) in queries.into_iter().zip(answers) {
            evaluation.answer(query, answer);
        }
    }
}
