//! The invariants of all pallets, after every block. Without the feature `try-runtime` of a pallet it has none: see the
//! dev-dependencies.

use super::blocks::{in_first_block, index, make_committee, next_block, running, SESSIONS_PER_ERA};
use crate::{AllPalletsWithSystem, BlockNumber, Runtime, Session, System};
use conclave_primitives::{AttemptKind, PeerReport};
use frame_support::{
    storage,
    traits::{TryState, TryStateSelect},
};
use pallet_committee::PeerReports;
use sp_runtime::{DispatchError, Perbill, TransactionOutcome, TryRuntimeError};
use sp_staking::offence::OffenceSeverity;

const WORST: OffenceSeverity = OffenceSeverity(Perbill::one());

fn try_state() -> Result<(), TryRuntimeError> {
    <AllPalletsWithSystem as TryState<BlockNumber>>::try_state(System::block_number(), TryStateSelect::All)
}

#[test]
fn invariants_should_hold_after_every_block_of_an_epoch_and_the_attempt_that_follows() {
    in_first_block(|| {
        make_committee();
        while Session::current_index() <= SESSIONS_PER_ERA {
            try_state().expect("they hold");
            next_block();
        }
        assert_eq!(running().kind, AttemptKind::Reshare);
        try_state().expect("they hold");
    });
}

#[test]
fn invariants_that_do_not_hold_should_be_found_in_any_pallet() {
    in_first_block(|| {
        make_committee();
        let broken: [fn(); 3] = [
            || PeerReports::<Runtime>::insert(index(5), PeerReport::default()),
            || pallet_staking::Payee::<Runtime>::remove(&Session::validators()[0]),
            || pallet_session::DisabledValidators::<Runtime>::put([1, 0].map(|seat| (seat, WORST)).to_vec()),
        ];
        for breaks in broken {
            let found = storage::with_transaction(|| {
                breaks();
                TransactionOutcome::Rollback(Ok::<_, DispatchError>(try_state()))
            });
            assert!(found.expect("no transaction is around it").is_err());
        }
        try_state().expect("they hold");
    });
}
