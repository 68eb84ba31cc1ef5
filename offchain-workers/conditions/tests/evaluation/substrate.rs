use super::harness::{check, name, reason, Port, Said, ALICE};
use codec::Encode;
use conclave_conditions::{Denied, EvaluationError, QueryFailure};
use serde_json::{json, Value};

const BLOCK: &str = "0x4444444444444444444444444444444444444444444444444444444444444444";

/// `System.Account` of an account, in the layout of `frame_system::AccountInfo` with `pallet_balances::AccountData`.
fn account(free: u128) -> Vec<u8> {
    ((3u32, 1u32, 1u32, 0u32), (free, 5u128, 0u128, 1u128 << 127)).encode()
}

/// The key of `System.Account`, whose prefix every Substrate chain shares
/// (<https://docs.polkadot.com: storage keys>): twox_128("System") ‖ twox_128("Account") ‖ blake2_128 ‖ account.
fn account_key() -> Vec<u8> {
    let prefix = "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9";
    [hex::decode(prefix).expect("hex"), sp_crypto_hashing::blake2_128(&ALICE).to_vec(), ALICE.to_vec()]
        .concat()
}

fn remote(
    storage: impl Fn(&str) -> Value + 'static,
) -> impl FnMut(&str, &Value) -> Result<Said, QueryFailure> {
    move |method, params| {
        Ok(Ok(match method {
            "chain_getBlockHash" if params[0] == 0 => json!(format!("0x{}", "91".repeat(32))),
            "chain_getBlockHash" => {
                assert_eq!(params[0], 100);
                json!(BLOCK)
            }
            "chain_getFinalizedHead" => json!(BLOCK),
            "chain_getHeader" => {
                assert_eq!(params[0], BLOCK);
                json!({ "number": "0x64", "parentHash": BLOCK })
            }
            "state_getStorage" => {
                assert_eq!(params[1], BLOCK, "not at the final block");
                storage(params[0].as_str().expect("a key"))
            }
            _ => panic!("{method}"),
        }))
    }
}

fn balance(chain: &str, comparator: &str, value: u64) -> String {
    format!(
        r#"{{"substrateBalance":{{"chain":"{chain}","account":"$user","comparator":"{comparator}","value":{value}}}}}"#
    )
}

#[test]
fn our_own_chain_should_be_read_without_rpc() {
    let mut port = Port::default();
    assert_eq!(check(&balance("conclave", "=", 0), &mut port), Ok(()), "no account is no balance");
    port.storage.insert(account_key(), account(77));
    assert_eq!(check(&balance("conclave", "=", 77), &mut port), Ok(()));
    assert_eq!(check(&balance("conclave", ">", 77), &mut port), Err(Denied::NotMet));
    port.storage.insert(account_key(), vec![0; 20]);
    assert!(matches!(reason(check(&balance("conclave", "<", 77), &mut port)), EvaluationError::OwnState(_)));
    port.own_chain_fails = true;
    assert!(matches!(reason(check(&balance("conclave", "<", 77), &mut port)), EvaluationError::OwnState(_)));
}

#[test]
fn another_chain_should_be_read_at_its_final_block() {
    let answer = |key: &str| {
        assert_eq!(key, format!("0x{}", hex::encode(account_key())));
        json!(format!("0x{}", hex::encode(account(77))))
    };
    let mut port = Port::default().endpoint("polkadot", remote(answer)).endpoint("polkadot", remote(answer));
    assert_eq!(check(&balance("polkadot", ">=", 77), &mut port), Ok(()));
    assert_eq!(check(&balance("polkadot", "<", 77), &mut port), Err(Denied::NotMet));
    let mut inner = remote(answer);
    let mut other = Port::default().endpoint("polkadot", move |method, params| match (method, &params[0]) {
        ("chain_getBlockHash", zero) if *zero == 0 => Ok(Ok(json!(BLOCK))),
        _ => inner(method, params),
    });
    assert_eq!(
        reason(check(&balance("polkadot", "<", 99), &mut other)),
        EvaluationError::OtherChain(name("polkadot"))
    );
}

/// One endpoint of three names another final head, has another block, or other state: it loses.
#[test]
fn a_liar_should_lose() {
    let honest = || remote(|_| json!(format!("0x{}", hex::encode(account(77)))));
    for lie in ["chain_getFinalizedHead", "chain_getHeader", "chain_getBlockHash", "state_getStorage"] {
        let mut inner = honest();
        let liar = move |method: &str, params: &Value| match method {
            "chain_getFinalizedHead" if method == lie => Ok(Ok(json!("nonsense"))),
            "chain_getHeader" if method == lie => Ok(Ok(json!({ "number": "0xffffff" }))),
            "chain_getBlockHash" if method == lie => Ok(Ok(json!(format!("0x{}", "55".repeat(32))))),
            "state_getStorage" if method == lie => {
                Ok(Ok(json!(format!("0x{}", hex::encode(account(1 << 90))))))
            }
            _ => inner(method, params),
        };
        let mut port = Port::default()
            .endpoint("polkadot", honest())
            .endpoint("polkadot", liar)
            .endpoint("polkadot", honest());
        assert_eq!(check(&balance("polkadot", "=", 77), &mut port), Ok(()), "{lie}");
    }
}

#[test]
fn members_of_a_collective_should_be_found() {
    let text = r#"{"substrateMember":{"chain":"polkadot","pallet":"Council","account":"$user"}}"#;
    let with = |members: Value| Port::default().endpoint("polkadot", remote(move |_| members.clone()));
    let list = |members: &[[u8; 32]]| json!(format!("0x{}", hex::encode(members.encode())));
    assert_eq!(check(text, &mut with(list(&[[1; 32], ALICE]))), Ok(()));
    assert_eq!(check(text, &mut with(list(&[[1; 32]]))), Err(Denied::NotMet));
    assert_eq!(check(text, &mut with(json!(null))), Err(Denied::NotMet));
    let cut = check(text, &mut with(json!("0x0801")));
    assert!(matches!(reason(cut), EvaluationError::Unreadable { .. }));
    // A length that promises more than there is allocates nothing of it.
    let bomb = check(text, &mut with(json!("0x03ffffffff")));
    assert!(matches!(reason(bomb), EvaluationError::Unreadable { .. }));
}

#[test]
fn storage_values_should_be_compared() {
    let storage = |test: &str| {
        format!(
            r#"{{"substrateStorage":{{"chain":"conclave","pallet":"Assets","item":"Account","keys":[
            {{"hasher":"blake2_128Concat","value":"0x01000000"}},{{"hasher":"twox64Concat","value":"$user"}}],"test":{test}}}}}"#
        )
    };
    let key = {
        let id = 1u32.encode();
        let mut key =
            [sp_crypto_hashing::twox_128(b"Assets"), sp_crypto_hashing::twox_128(b"Account")].concat();
        key.extend(
            [&sp_crypto_hashing::blake2_128(&id)[..], &id, &sp_crypto_hashing::twox_64(&ALICE), &ALICE]
                .concat(),
        );
        key
    };
    let mut port = Port::default();
    assert_eq!(check(&storage(r#"{"exists":false}"#), &mut port), Ok(()));
    let integer = r#"{"integer":{"offset":1,"width":4,"comparator":"=","value":258}}"#;
    assert!(matches!(reason(check(&storage(integer), &mut port)), EvaluationError::OwnState(_)));
    port.storage.insert(key, vec![9, 2, 1, 0, 0]);
    for (test, outcome) in [
        (r#"{"exists":true}"#, Ok(())),
        (r#"{"exists":false}"#, Err(Denied::NotMet)),
        (integer, Ok(())),
        (r#"{"integer":{"offset":0,"width":1,"comparator":">","value":9}}"#, Err(Denied::NotMet)),
        (r#"{"bytes":{"offset":3,"value":"0x0000"}}"#, Ok(())),
        (r#"{"bytes":{"offset":0,"value":"0x0000"}}"#, Err(Denied::NotMet)),
    ] {
        assert_eq!(check(&storage(test), &mut port), outcome, "{test}");
    }
    let beyond = r#"{"integer":{"offset":2,"width":4,"comparator":"=","value":258}}"#;
    assert!(matches!(reason(check(&storage(beyond), &mut port)), EvaluationError::OwnState(_)));
}
