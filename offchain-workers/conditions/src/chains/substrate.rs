//! Substrate chains: ours from its finalized state, others over their JSON-RPC
//! (<https://polkadot.js.org/docs/substrate/rpc>) at a finalized block.

use codec::Decode;
use conclave_primitives::conditions::{
    AccountValue, ChainKind, ChainName, Finality, Integer, StorageHasher, StorageKeyPart, StorageTest,
    SubstrateQuery,
};
use primitive_types::U256;
use serde_json::{json, Value};
use sp_crypto_hashing::{blake2_128, blake2_256, twox_128, twox_256, twox_64};

use crate::{
    ask::{rpc, Ask, Reply},
    context::to_hex,
    json::{bytes, hash, quantity, result},
    EvaluationError, Found, Query, QueryFailure,
};

/// Where `free` begins in `System.Account`: behind nonce, consumers, providers and sufficients of 32 bits.
const FREE_OFFSET: usize = 16;

pub(super) fn holds(ask: &mut Ask<'_>, chain: Option<&ChainName>, query: &SubstrateQuery) -> Reply<bool> {
    match query {
        SubstrateQuery::Balance { account, comparator, asked } => {
            let account = account_of(ask, account)?;
            let key = map_key("System", "Account", &[(StorageHasher::Blake2_128Concat, account.to_vec())]);
            let found = match storage(ask, chain, key)? {
                None => Integer::ZERO,
                Some(value) => unsigned(&value, FREE_OFFSET, 16)
                    .ok_or_else(|| unreadable(chain, "expected an account with a balance of 128 bits"))?,
            };
            Ok(comparator.holds(&found, asked) == Some(true))
        }
        SubstrateQuery::Member { pallet, account } => {
            let account = account_of(ask, account)?;
            let Some(value) = storage(ask, chain, map_key(pallet, "Members", &[]))? else { return Ok(false) };
            let members = Vec::<[u8; 32]>::decode(&mut &value[..]);
            let members =
                members.map_err(|_| unreadable(chain, "expected a list of accounts in `Members`"))?;
            Ok(members.contains(&account))
        }
        SubstrateQuery::Storage { pallet, item, keys, test } => {
            let keys = keys
                .iter()
                .map(|(hasher, part)| {
                    let part = match part {
                        StorageKeyPart::Literal(bytes) => bytes.clone(),
                        StorageKeyPart::Requester => ask.context.account()?.to_vec(),
                    };
                    Ok((*hasher, part))
                })
                .collect::<Reply<Vec<_>>>()?;
            let value = storage(ask, chain, map_key(pallet, item, &keys))?;
            match (test, value) {
                (StorageTest::Exists(asked), value) => Ok(value.is_some() == *asked),
                (_, None) => Err(unreadable(chain, "there is no such storage value").into()),
                (StorageTest::Integer { offset, width, comparator, asked }, Some(value)) => {
                    let found = unsigned(&value, usize::from(*offset), usize::from(*width))
                        .ok_or_else(|| unreadable(chain, "the storage value is shorter"))?;
                    Ok(comparator.holds(&found, asked) == Some(true))
                }
                (StorageTest::Bytes { offset, asked }, Some(value)) => {
                    let found = value.get(usize::from(*offset)..).and_then(|tail| tail.get(..asked.len()));
                    let found = found.ok_or_else(|| unreadable(chain, "the storage value is shorter"))?;
                    Ok(found == asked.as_slice())
                }
            }
        }
    }
}

fn account_of(ask: &Ask<'_>, account: &AccountValue) -> Reply<[u8; 32]> {
    match account {
        AccountValue::Literal(account) => Ok(*account),
        AccountValue::Requester => Ok(ask.context.account()?),
    }
}

/// The key of a storage value: names, then hashed keys.
fn map_key(pallet: &str, item: &str, keys: &[(StorageHasher, Vec<u8>)]) -> Vec<u8> {
    let mut key = [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat();
    for (hasher, part) in keys {
        match hasher {
            StorageHasher::Identity => key.extend(part),
            StorageHasher::Blake2_128 => key.extend(blake2_128(part)),
            StorageHasher::Blake2_128Concat => key.extend(blake2_128(part).iter().chain(part)),
            StorageHasher::Blake2_256 => key.extend(blake2_256(part)),
            StorageHasher::Twox64Concat => key.extend(twox_64(part).iter().chain(part)),
            StorageHasher::Twox128 => key.extend(twox_128(part)),
            StorageHasher::Twox256 => key.extend(twox_256(part)),
        }
    }
    key
}

/// An unsigned integer, little-endian as SCALE has it.
fn unsigned(value: &[u8], offset: usize, width: usize) -> Option<Integer> {
    let bytes = value.get(offset..offset.checked_add(width)?)?;
    Some(Integer::unsigned(U256::from_little_endian(bytes)))
}

fn storage(ask: &mut Ask<'_>, chain: Option<&ChainName>, key: Vec<u8>) -> Reply<Option<Vec<u8>>> {
    let Some(chain) = chain else {
        return match ask.one(Query::OwnStorage { key })? {
            Ok(Found::Storage(value)) => Ok(value.clone()),
            Ok(_) => Err(EvaluationError::OwnState("expected a storage value".into()).into()),
            Err(failure) => Err(EvaluationError::OwnState(failure.to_string()).into()),
        };
    };
    let block = final_block(ask, chain)?;
    ask.result(chain, "state_getStorage", &json!([to_hex(&key), to_hex(&block)]), |value| {
        if value.is_null() {
            Ok(None)
        } else {
            bytes(value).map(Some)
        }
    })
}

/// The hash of the block at the height that more than half of the endpoints call final.
fn final_block(ask: &mut Ask<'_>, chain: &ChainName) -> Reply<[u8; 32]> {
    let entry = ask.chain(chain)?;
    let ChainKind::Substrate { genesis } = entry.kind else {
        return Err(EvaluationError::OtherKind(chain.clone()).into());
    };
    let served = ask.result(chain, "chain_getBlockHash", &json!([0]), hash);
    let height = height(ask, chain, entry.finality);
    if served? != genesis {
        return Err(EvaluationError::OtherChain(chain.clone()).into());
    }
    ask.result(chain, "chain_getBlockHash", &json!([height?]), hash)
}

fn height(ask: &mut Ask<'_>, chain: &ChainName, finality: Finality) -> Reply<u64> {
    let read = |body: &[u8]| match result(body)? {
        Ok(header) => {
            quantity(header.get("number").unwrap_or(&Value::Null)).map_err(QueryFailure::Unreadable)
        }
        Err((_, message)) => Err(QueryFailure::Failed(message)),
    };
    match finality {
        Finality::Depth(depth) => {
            let request = rpc("chain_getHeader", &json!([]));
            Ok(ask.height(chain, |_| Some(request.clone()), read)?.saturating_sub(depth.into()))
        }
        Finality::Finalized => {
            // Each endpoint is asked for the header of the head that it named.
            let (endpoints, mut heads, mut pending) = (ask.endpoints(chain)?, Vec::new(), false);
            for endpoint in 0..endpoints {
                match ask.said(chain, endpoint, rpc("chain_getFinalizedHead", &json!([]))) {
                    Ok(head) => heads.push(head.filter(|head| hash(head).is_ok())),
                    Err(_) => pending = true,
                }
            }
            if pending {
                return Err(crate::ask::Stop::Pending);
            }
            let request = |endpoint: u8| {
                let head = heads.get(usize::from(endpoint))?.as_ref()?;
                Some(rpc("chain_getHeader", &json!([head])))
            };
            ask.height(chain, request, read)
        }
    }
}

fn unreadable(chain: Option<&ChainName>, reason: &str) -> EvaluationError {
    match chain {
        Some(chain) => EvaluationError::Unreadable { chain: chain.clone(), reason: reason.into() },
        None => EvaluationError::OwnState(reason.into()),
    }
}
