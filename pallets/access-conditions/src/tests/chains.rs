use crate::{mock::*, Error, Event};
use conclave_primitives::conditions::{ChainKind, ChainName, ExternalChain, Finality};
use frame_support::{assert_noop, assert_ok};

fn name(text: &str) -> ChainName {
    ChainName::new(text).expect("a name")
}

fn evm(chain_id: u64, finality: Finality) -> ExternalChain {
    ExternalChain { kind: ChainKind::Evm { chain_id }, finality }
}

fn register(text: &str, chain: ExternalChain) -> Result<(), sp_runtime::DispatchError> {
    AccessConditions::register_chain(RuntimeOrigin::root(), name(text), chain)
}

#[test]
fn a_chain_should_be_registered_changed_and_disabled() {
    run(|| {
        let ethereum = evm(1, Finality::Finalized);
        assert_eq!(AccessConditions::chain(&name("ethereum")), Some(ethereum.clone()));
        assert_eq!(AccessConditions::chains().len(), 2);
        assert_ok!(register("ethereum", evm(1, Finality::Depth(64))));
        let changed = evm(1, Finality::Depth(64));
        System::assert_last_event(
            Event::ChainRegistered { name: name("ethereum"), chain: changed.clone() }.into(),
        );
        assert_eq!(AccessConditions::chain(&name("ethereum")), Some(changed));

        assert_ok!(AccessConditions::disable_chain(RuntimeOrigin::root(), name("ethereum")));
        System::assert_last_event(Event::ChainDisabled { name: name("ethereum") }.into());
        assert_eq!(AccessConditions::chain(&name("ethereum")), None);
        assert_eq!(AccessConditions::chains().len(), 1);
        assert_noop!(
            AccessConditions::disable_chain(RuntimeOrigin::root(), name("ethereum")),
            Error::<Test>::AlreadyDisabled
        );
        assert_noop!(
            AccessConditions::disable_chain(RuntimeOrigin::root(), name("gnosis")),
            Error::<Test>::UnknownChain
        );
        // A disabled name still is what it was.
        assert_noop!(register("ethereum", evm(2, Finality::Finalized)), Error::<Test>::OtherChain);
        assert_ok!(register("ethereum", ethereum.clone()));
        assert_eq!(AccessConditions::chain(&name("ethereum")), Some(ethereum));
    });
}

#[test]
fn the_registry_should_refuse() {
    run(|| {
        assert_noop!(register("ethereum", evm(5, Finality::Finalized)), Error::<Test>::OtherChain);
        let solana = |finality| ExternalChain { kind: ChainKind::Solana { genesis: [1; 32] }, finality };
        assert_noop!(register("ethereum", solana(Finality::Finalized)), Error::<Test>::OtherChain);
        assert_noop!(register("conclave", evm(5, Finality::Finalized)), Error::<Test>::ReservedName);
        assert_noop!(register("solana", solana(Finality::Depth(1))), Error::<Test>::HasFinality);
        let poap = ExternalChain { kind: ChainKind::Poap, finality: Finality::Depth(1) };
        assert_noop!(register("poap", poap), Error::<Test>::HasFinality);
        assert_ok!(register("solana", solana(Finality::Finalized)));
        assert_noop!(register("gnosis", evm(100, Finality::Finalized)), Error::<Test>::TooManyChains);
    });
}
