//! Each call with each origin.

use crate::{mock::*, Call};
use conclave_primitives::conditions::{ChainKind, ChainName, ExternalChain, Finality};
use frame_support::traits::UnfilteredDispatchable;
use sp_runtime::DispatchError;

#[test]
fn calls_should_refuse_all_other_origins() {
    run(|| {
        let id = must_create(ALICE, from_block(5));
        let name = ChainName::new("gnosis").expect("a name");
        let chain = ExternalChain { kind: ChainKind::Evm { chain_id: 100 }, finality: Finality::Finalized };
        let signed: [Call<Test>; 3] = [
            Call::create_policy { condition: from_block(1) },
            Call::update_policy { id, condition: from_block(1) },
            Call::revoke_policy { id },
        ];
        let root: [Call<Test>; 2] =
            [Call::register_chain { name: name.clone(), chain }, Call::disable_chain { name }];
        let refused = |call: &Call<Test>, origin: RuntimeOrigin| {
            let outcome = call.clone().dispatch_bypass_filter(origin);
            assert_eq!(outcome.map_err(|error| error.error), Err(DispatchError::BadOrigin), "{call:?}");
        };
        for call in &signed {
            refused(call, RuntimeOrigin::root());
            refused(call, RuntimeOrigin::none());
        }
        for call in &root {
            refused(call, RuntimeOrigin::signed(ALICE));
            refused(call, RuntimeOrigin::none());
        }
        assert_eq!(AccessConditions::policy(id).map(|view| view.version), Some(1));
    });
}
