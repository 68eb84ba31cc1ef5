//! Contract wallets (EIP-1271): what to ask them, and what their answer means.

use crate::{limits::CONTRACT_WALLET_GAS, Query};

/// `bytes4(keccak256("isValidSignature(bytes32,bytes)"))`, which is also the answer that accepts.
const MAGIC: [u8; 4] = [0x16, 0x26, 0xba, 0x7e];
const WORD: usize = 32;

/// The call of `isValidSignature(digest, signature)`.
pub(crate) fn query(chain_id: u64, contract: [u8; 20], digest: &[u8; 32], signature: &[u8]) -> Query {
    let mut data = MAGIC.to_vec();
    data.extend_from_slice(digest);
    // Where the bytes are: behind the two words of the head.
    data.extend(word(2 * WORD));
    data.extend(word(signature.len()));
    data.extend_from_slice(signature);
    data.resize(data.len().saturating_add(signature.len().next_multiple_of(WORD) - signature.len()), 0);
    Query::ContractCall { chain_id, contract, data, gas: CONTRACT_WALLET_GAS }
}

/// Whether the contract accepts: exactly one word, with the magic value and zeros.
pub(crate) fn accepts(answer: &[u8]) -> bool {
    answer.len() == WORD && answer.strip_prefix(&MAGIC).is_some_and(|rest| rest.iter().all(|byte| *byte == 0))
}

fn word(number: usize) -> [u8; WORD] {
    let mut word = [0; WORD];
    // Lengths are bounded by MAX_CONTRACT_SIGNATURE_BYTES, far below 2^64.
    let bytes = (number as u64).to_be_bytes();
    for (to, from) in word.iter_mut().rev().zip(bytes.iter().rev()) {
        *to = *from;
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By ethers 5: `new Interface(["function isValidSignature(bytes32,bytes)"]).encodeFunctionData("isValidSignature",
    /// ["0x" + "11".repeat(32), "0x222222"])`.
    #[test]
    fn the_call_should_be_encoded_as_ethers_does() {
        let Query::ContractCall { data, .. } = query(1, [0; 20], &[0x11; 32], &[0x22; 3]) else {
            panic!("a contract is called")
        };
        let expected = format!("1626ba7e{}{:064x}{:064x}222222{}", "11".repeat(32), 64, 3, "00".repeat(29));
        assert_eq!(hex::encode(data), expected);
    }

    #[test]
    fn only_the_magic_value_alone_should_accept() {
        let mut good = [0; 32];
        good[..4].copy_from_slice(&MAGIC);
        assert!(accepts(&good));
        let mut stray = good;
        stray[31] = 1;
        for bad in [&good[..31], &MAGIC, &[], &[0; 32], &[0xff; 32], &stray, &[good, good].concat()] {
            assert!(!accepts(bad), "{bad:?}");
        }
        let mut left_padded = [0; 32];
        left_padded[28..].copy_from_slice(&MAGIC);
        assert!(!accepts(&left_padded));
    }
}
