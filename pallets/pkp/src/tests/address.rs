//! Published vectors; sp-core as a second opinion on SS58.

use sp_core::crypto::{Ss58AddressFormat, Ss58Codec};
use sp_runtime::AccountId32;

use crate::address::{
    addresses, bitcoin_p2tr, bitcoin_p2wpkh, eip55, evm, solana, ss58, taproot_output_key, AddressError,
};

const GENERATOR: &str = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("the vector is hex")
}

fn key32(text: &str) -> [u8; 32] {
    bytes(text).try_into().expect("the vector has 32 bytes")
}

/// The examples in EIP-55.
#[test]
fn eip55_should_match_the_published_checksums() {
    for text in [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ] {
        let address = bytes(&text[2..].to_lowercase()).try_into().expect("20 bytes");
        assert_eq!(eip55(&address), text);
    }
}

/// The address of the secret key 1, and the first account of Hardhat's and Anvil's well-known mnemonic.
#[test]
fn evm_should_match_known_accounts() {
    assert_eq!(evm(&bytes(GENERATOR)).as_deref(), Ok("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"));
    let hardhat = bytes("038318535b54105d4a7aae60c08fc45f9687181b4fdfc625bd1a753fa7397fed75");
    assert_eq!(evm(&hardhat).as_deref(), Ok("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"));
}

/// BIP-173's example and the vectors of BIP-84.
#[test]
fn p2wpkh_should_match_bip_173_and_bip_84() {
    for (key, address) in [
        (GENERATOR, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        (
            "0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c",
            "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
        ),
        (
            "03e775fd51f0dfb8cd865d9ff1cca2a158cf651fe997fdc9fee9c1d3b5e995ea77",
            "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
        ),
        (
            "03025324888e429ab8e3dbaf1f7802648b9cd01e9b418485c5fa4c1b9b5700e1a6",
            "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el",
        ),
    ] {
        assert_eq!(bitcoin_p2wpkh(&bytes(key)).as_deref(), Ok(address));
    }
}

/// The vectors of BIP-86: internal key, output key, address. The internal key is x only, so both parities of y
/// must come to the same.
#[test]
fn p2tr_should_match_bip_86() {
    for (internal, output, address) in [
        (
            "cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115",
            "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c",
            "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
        ),
        (
            "83dfe85a3151d2517290da461fe2815591ef69f2b18a2ce63f01697a8b313145",
            "a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb",
            "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
        ),
        (
            "399f1b2f4393f29a18c937859c5dd8a77350103157eb880f02e8c08214277cef",
            "882d74e5d0572d5a816cef0041a96b6c1de832f6f9676d9605c44d5e9a97d3dc",
            "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7",
        ),
    ] {
        for parity in ["02", "03"] {
            let key = bytes(&format!("{parity}{internal}"));
            assert_eq!(taproot_output_key(&key), Ok(key32(output)));
            assert_eq!(bitcoin_p2tr(&key).as_deref(), Ok(address));
        }
    }
}

/// The ids of Solana's system and token programs.
#[test]
fn solana_should_match_known_programs() {
    assert_eq!(solana(&[0; 32]), "11111111111111111111111111111111");
    let token = key32("06ddf6e1d765a193d9cbe146ceeb79ac1cb485ed5f5b37913a8cf5857eff00a9");
    assert_eq!(solana(&token), "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
}

/// Alice of every Substrate development chain, sr25519 and Ed25519.
#[test]
fn ss58_should_match_the_development_accounts() {
    let sr25519 = key32("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");
    let ed25519 = key32("88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee");
    assert_eq!(ss58(&sr25519, 42).as_deref(), Ok("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"));
    assert_eq!(ss58(&sr25519, 0).as_deref(), Ok("15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"));
    assert_eq!(ss58(&ed25519, 42).as_deref(), Ok("5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"));
}

#[test]
fn ss58_should_agree_with_sp_core_on_every_prefix() {
    let account = AccountId32::new([0xa5; 32]);
    // 46 and 47 are reserved: sp-core does not read them back, but writes them alike.
    for prefix in 0..16_384 {
        let theirs = account.to_ss58check_with_version(Ss58AddressFormat::custom(prefix));
        assert_eq!(ss58(account.as_ref(), prefix), Ok(theirs), "prefix {prefix}");
    }
    assert_eq!(ss58(account.as_ref(), 16_384), Err(AddressError::Ss58Prefix));
}

#[test]
fn what_is_no_key_should_have_no_address() {
    let good = bytes(GENERATOR);
    // Off the curve, x only, uncompressed tag, empty.
    for bad in [vec![0xff; 33], good[1..].to_vec(), [&[4][..], &good[1..]].concat(), vec![]] {
        assert_eq!(evm(&bad), Err(AddressError::NotSecp256k1));
        assert_eq!(bitcoin_p2wpkh(&bad), Err(AddressError::NotSecp256k1));
        assert_eq!(bitcoin_p2tr(&bad), Err(AddressError::NotSecp256k1));
        assert_eq!(addresses(&bad, &[1; 32], &[2; 32], 42), Err(AddressError::NotSecp256k1));
    }
    assert_eq!(addresses(&good, &[1; 31], &[2; 32], 42), Err(AddressError::NotEd25519));
    assert_eq!(addresses(&good, &[1; 32], &[2; 33], 42), Err(AddressError::NotSr25519));
    assert_eq!(addresses(&good, &[1; 32], &[2; 32], u16::MAX), Err(AddressError::Ss58Prefix));
}
