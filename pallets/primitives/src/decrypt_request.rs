//! A request for decryption keys, and the text that authorises it.

use alloc::{format, string::String};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, Encode};
use core::fmt;

use crate::{
    blake2_256, conditions::Condition, domain::Hex, BlockNumber, ConditionSource, ConditionSourceError,
    DecryptionIdentity, GenesisHash, KeysetId, OneTimeKey, RequestId, DOMAIN_DECRYPT_REQUEST,
};

/// The most ciphertexts that one request opens.
pub const MAX_DECRYPT_ITEMS: u32 = 8;
/// One ciphertext's identity, with its condition.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DecryptItem {
    /// Whose decryption key is asked for.
    pub identity: DecryptionIdentity,
    /// What has to hold.
    pub condition: ConditionSource,
}

/// Why an item cannot be decrypted by anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecryptItemError {
    /// The identity has the hash of another condition.
    OtherCondition,
    /// The condition is in the language of the other kind of identity.
    OtherLanguage,
    /// Encrypted for another chain.
    OtherChain,
    /// Encrypted under the keys of another key set.
    OtherKeyset,
    /// There is no condition to be read.
    Source(ConditionSourceError),
}

impl fmt::Display for DecryptItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherCondition => {
                f.write_str("expected the condition whose hash the identity has: the one it was encrypted with")
            }
            Self::OtherLanguage => f.write_str(
                "expected a condition in our language for an identity of ours, and Lit's JSON for one of Lit's",
            ),
            Self::OtherChain => f.write_str("expected an identity of this chain: it has another genesis hash"),
            Self::OtherKeyset => f.write_str("expected an identity of the key set that serves"),
            Self::Source(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for DecryptItemError {}

impl DecryptItem {
    /// The condition that has to hold, checked against the identity, on the chain and under the keys that serve.
    pub fn condition(&self, genesis: &GenesisHash, keyset: KeysetId) -> Result<Condition, DecryptItemError> {
        match (&self.identity, &self.condition) {
            (DecryptionIdentity::V1 { genesis: of, keyset: under, .. }, ConditionSource::Ours(_)) => {
                if of != genesis {
                    return Err(DecryptItemError::OtherChain);
                }
                if *under != keyset {
                    return Err(DecryptItemError::OtherKeyset);
                }
            }
            (DecryptionIdentity::LitV7 { .. }, ConditionSource::Lit(_)) => {}
            _ => return Err(DecryptItemError::OtherLanguage),
        }
        let (condition, hash) = self.condition.read().map_err(DecryptItemError::Source)?;
        if hash == *self.identity.condition() {
            Ok(condition)
        } else {
            Err(DecryptItemError::OtherCondition)
        }
    }
}

/// A request for the decryption keys of up to [`MAX_DECRYPT_ITEMS`] identities, all or none.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DecryptRequest {
    /// What to open.
    pub items: BoundedVec<DecryptItem, ConstU32<MAX_DECRYPT_ITEMS>>,
    /// To which key the decryption keys are sealed.
    pub client: OneTimeKey,
    /// The last block at which members start on it.
    pub valid_until: BlockNumber,
    /// Chosen by the client at random: the same request twice has two nonces.
    pub nonce: [u8; 32],
}

impl DecryptRequest {
    /// The id: a hash of everything in the request.
    pub fn id(&self, genesis: &GenesisHash) -> RequestId {
        RequestId(blake2_256(&(DOMAIN_DECRYPT_REQUEST, genesis, self).encode()))
    }

    /// The text whose signature authorises the request: one line per field, and injective. The identities have the
    /// conditions' hashes, so these need no lines of their own.
    pub fn text(&self, genesis: &GenesisHash) -> String {
        let mut text = format!("{DOMAIN_DECRYPT_REQUEST}\nChain: 0x{}", Hex(genesis));
        for item in &self.items {
            text.push_str(&format!("\nDecrypt: 0x{}", Hex(&item.identity.encode())));
        }
        text.push_str(&format!(
            "\nFor the key: 0x{}\nValid until block: {}\nNonce: 0x{}",
            Hex(&self.client.encode()),
            self.valid_until,
            Hex(&self.nonce),
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::{lit, parse};
    use alloc::{string::ToString, vec, vec::Vec};

    const GENESIS: GenesisHash = [1; 32];
    const KEYSET: KeysetId = KeysetId(2);
    const LIT: &str = r#"{"accessControlConditions":[{"contractAddress":"","standardContractType":"","chain":"ethereum","method":"eth_getBalance","parameters":[":userAddress","latest"],"returnValueTest":{"comparator":">=","value":"1"}}]}"#;

    fn condition(blocks: u32) -> Condition {
        parse(&format!(r#"{{"blocks":{{"from":{blocks}}}}}"#)).expect("a condition")
    }

    fn item() -> DecryptItem {
        let condition = condition(7);
        let identity = DecryptionIdentity::V1 {
            genesis: GENESIS,
            keyset: KEYSET,
            condition: condition.hash().0,
            binding: [4; 32],
        };
        DecryptItem { identity, condition: ConditionSource::Ours(condition) }
    }

    fn lit(json: &str) -> ConditionSource {
        ConditionSource::Lit(json.as_bytes().to_vec().try_into().expect("short"))
    }

    #[test]
    fn a_condition_should_be_the_identitys() {
        assert_eq!(item().condition(&GENESIS, KEYSET), Ok(condition(7)));
        let other = DecryptItem { condition: ConditionSource::Ours(condition(8)), ..item() };
        assert_eq!(other.condition(&GENESIS, KEYSET), Err(DecryptItemError::OtherCondition));
        assert_eq!(item().condition(&[9; 32], KEYSET), Err(DecryptItemError::OtherChain));
        assert_eq!(item().condition(&GENESIS, KeysetId(9)), Err(DecryptItemError::OtherKeyset));
        let foreign = DecryptItem { condition: lit(LIT), ..item() };
        assert_eq!(foreign.condition(&GENESIS, KEYSET), Err(DecryptItemError::OtherLanguage));

        let parsed = lit::Conditions::parse_any(LIT).expect("Lit's conditions");
        let identity = DecryptionIdentity::LitV7 { condition: parsed.hash(), plaintext: [5; 32] };
        let of_lit = DecryptItem { identity, condition: lit(LIT) };
        assert_eq!(of_lit.condition(&GENESIS, KEYSET), Ok(parsed.condition().clone()));
        let changed = DecryptItem { condition: lit(&LIT.replace(">=", ">")), ..of_lit.clone() };
        assert_eq!(changed.condition(&GENESIS, KEYSET), Err(DecryptItemError::OtherCondition));
        let broken = DecryptItem { condition: lit("{"), ..of_lit };
        assert!(matches!(
            broken.condition(&GENESIS, KEYSET),
            Err(DecryptItemError::Source(ConditionSourceError::Syntax(_)))
        ));
    }

    #[test]
    fn every_field_should_change_the_id_and_the_text() {
        let client = OneTimeKey { in_g1: [5; 48], in_g2: [6; 96] };
        let items = |items: Vec<DecryptItem>| items.try_into().expect("few");
        let base = DecryptRequest { items: items(vec![item()]), client, valid_until: 9, nonce: [3; 32] };
        let DecryptionIdentity::V1 { genesis, keyset, condition, .. } = item().identity else {
            panic!("one of ours")
        };
        let identity = DecryptionIdentity::V1 { genesis, keyset, condition, binding: [9; 32] };
        let changed = [
            DecryptRequest { items: items(vec![DecryptItem { identity, ..item() }]), ..base.clone() },
            DecryptRequest { items: items(vec![item(), item()]), ..base.clone() },
            DecryptRequest { client: OneTimeKey { in_g1: [9; 48], ..client }, ..base.clone() },
            DecryptRequest { client: OneTimeKey { in_g2: [9; 96], ..client }, ..base.clone() },
            DecryptRequest { valid_until: 10, ..base.clone() },
            DecryptRequest { nonce: [9; 32], ..base.clone() },
        ];
        for other in changed {
            assert_ne!(base.id(&GENESIS), other.id(&GENESIS));
            assert_ne!(base.text(&GENESIS), other.text(&GENESIS));
        }
        assert_ne!(base.text(&GENESIS), base.text(&[9; 32]));
        assert!(base.text(&GENESIS).to_string().contains("\nValid until block: 9\n"));
    }
}
