use super::must_start;
use crate::{
    genesis_presets::DEV, transaction, Address, Balances, Executive, Header, RuntimeCall, SignedPayload,
    System, UncheckedExtrinsic, EXISTENTIAL_DEPOSIT, UNIT,
};
use codec::{Decode, Encode};
use frame_support::assert_ok;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
    generic::Era,
    traits::Header as _,
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
    DispatchError, MultiSignature,
};

fn transfer(to: Sr25519Keyring, value: u128) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: to.to_account_id().into(),
        value,
    })
}

fn signed(call: RuntimeCall, by: Sr25519Keyring, nonce: u32) -> UncheckedExtrinsic {
    let extension = transaction::extension(nonce, Era::Immortal, 0);
    let payload = SignedPayload::new(call.clone(), extension.clone()).expect("metadata hash off");
    let signature = payload.using_encoded(|bytes| by.sign(bytes));
    UncheckedExtrinsic::new_signed(
        call,
        Address::Id(by.to_account_id()),
        MultiSignature::Sr25519(signature),
        extension,
    )
}

/// Begins block 1 of a development chain.
fn in_block(test: impl FnOnce()) {
    must_start(DEV).execute_with(|| {
        let parent = System::parent_hash();
        Executive::initialize_block(&Header::new(
            1,
            Default::default(),
            Default::default(),
            parent,
            Default::default(),
        ));
        test()
    });
}

#[test]
fn signed_transfer_is_applied_and_paid_for() {
    in_block(|| {
        let before = Balances::free_balance(Sr25519Keyring::Ferdie.to_account_id());
        let extrinsic = signed(transfer(Sr25519Keyring::Eve, UNIT), Sr25519Keyring::Ferdie, 0);

        // After the two bytes of the length: signed, version 4. Wallets sign nothing newer.
        let bytes = extrinsic.encode();
        assert_eq!(bytes[2], 0b1000_0100);
        assert_eq!(UncheckedExtrinsic::decode(&mut &bytes[..]).expect("decodes").encode(), bytes);

        assert_ok!(Executive::apply_extrinsic(extrinsic).expect("valid"));
        let fee = before - Balances::free_balance(Sr25519Keyring::Ferdie.to_account_id()) - UNIT;
        assert!((UNIT / 1_000..EXISTENTIAL_DEPOSIT).contains(&fee), "{fee}");
    });
}

#[test]
fn wrong_nonce_and_wrong_signer_are_refused() {
    in_block(|| {
        let used = signed(transfer(Sr25519Keyring::Eve, UNIT), Sr25519Keyring::Ferdie, 0);
        assert_ok!(Executive::apply_extrinsic(used.clone()).expect("valid"));
        assert_eq!(Executive::apply_extrinsic(used), Err(InvalidTransaction::Stale.into()));

        let mut forged = signed(transfer(Sr25519Keyring::Eve, UNIT), Sr25519Keyring::Ferdie, 1);
        forged.function = transfer(Sr25519Keyring::Bob, UNIT);
        assert_eq!(Executive::apply_extrinsic(forged), Err(InvalidTransaction::BadProof.into()));
    });
}

#[test]
fn general_transaction_without_an_authorising_call_is_refused() {
    in_block(|| {
        let general = UncheckedExtrinsic::new_transaction(
            transfer(Sr25519Keyring::Eve, UNIT),
            transaction::extension(0, Era::Immortal, 0),
        );
        assert_eq!(
            Executive::validate_transaction(TransactionSource::External, general, Default::default()),
            Err(TransactionValidityError::from(InvalidTransaction::UnknownOrigin)),
        );
    });
}

#[test]
fn sudo_is_for_its_key_only() {
    in_block(|| {
        let call = || {
            RuntimeCall::Sudo(pallet_sudo::Call::sudo {
                call: Box::new(RuntimeCall::System(frame_system::Call::set_storage { items: Vec::new() })),
            })
        };
        assert_ok!(Executive::apply_extrinsic(signed(call(), Sr25519Keyring::Alice, 0)).expect("valid"));
        let refused = Executive::apply_extrinsic(signed(call(), Sr25519Keyring::Bob, 0)).expect("valid");
        assert!(matches!(refused, Err(DispatchError::Module(_))), "{refused:?}");
    });
}
