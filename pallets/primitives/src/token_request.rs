//! A request for a condition token: the committee's word that who asks met a condition.

use alloc::{format, string::String};
use codec::{Decode, Encode};

use crate::{
    blake2_256,
    conditions::{lit, Condition, SyntaxError},
    domain::Hex,
    BlockNumber, ConditionSource, Curve, DecryptItemError, GenesisHash, KeyId, PkpId, RequestId, Scheme,
    DOMAIN_TOKEN_REQUEST,
};

/// How long a token is valid, in seconds: twelve hours, as Lit's.
pub const TOKEN_SECONDS: u64 = 12 * 60 * 60;
/// What tokens are signed by: a key in G1, signatures in G2, as Lit's.
pub const TOKEN_SCHEME: Scheme = Scheme::BlsG2;

/// The key that signs tokens: derived as PKPs' are, for an id that no PKP can have, since theirs are hashes of another
/// domain. Never a Decrypt root: what that signs are decryption keys.
pub fn token_key() -> KeyId {
    KeyId::Pkp(PkpId(blake2_256(b"CONCLAVE-V1-TOKENS")), Curve::Bls12381G1)
}

/// A request for a condition token.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TokenRequest {
    /// What has to hold.
    pub condition: ConditionSource,
    /// The last block at which members start on it.
    pub valid_until: BlockNumber,
    /// Chosen by the client at random: the same request twice has two nonces.
    pub nonce: [u8; 32],
}

impl TokenRequest {
    /// The id: a hash of everything in the request.
    pub fn id(&self, genesis: &GenesisHash) -> RequestId {
        RequestId(blake2_256(&(DOMAIN_TOKEN_REQUEST, genesis, self).encode()))
    }

    /// The condition, with the hash that names it in its own language.
    pub fn condition(&self) -> Result<(Condition, [u8; 32]), DecryptItemError> {
        match &self.condition {
            ConditionSource::Ours(condition) => Ok((condition.clone(), condition.hash().0)),
            ConditionSource::Lit(json) => {
                let text = core::str::from_utf8(json).map_err(|_| DecryptItemError::NotText)?;
                let parsed: Result<_, SyntaxError> = lit::Conditions::parse_any(text);
                let parsed = parsed.map_err(DecryptItemError::Syntax)?;
                Ok((parsed.condition().clone(), parsed.hash()))
            }
        }
    }

    /// The text whose signature authorises the request: one line per field, and injective. Of a condition, its hash.
    pub fn text(&self, genesis: &GenesisHash) -> String {
        format!(
            "{DOMAIN_TOKEN_REQUEST}\nChain: 0x{}\nCondition: 0x{}\nValid until block: {}\nNonce: 0x{}",
            Hex(genesis),
            Hex(&blake2_256(&self.condition.encode())),
            self.valid_until,
            Hex(&self.nonce),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::parse;

    fn request(from: u32) -> TokenRequest {
        let condition = parse(&format!(r#"{{"blocks":{{"from":{from}}}}}"#)).expect("a condition");
        TokenRequest { condition: ConditionSource::Ours(condition), valid_until: 7, nonce: [3; 32] }
    }

    #[test]
    fn text_and_id_should_change_with_every_field() {
        let one = request(1);
        let others = [
            request(2),
            TokenRequest { valid_until: 8, ..one.clone() },
            TokenRequest { nonce: [4; 32], ..one.clone() },
        ];
        for other in others {
            assert_ne!(one.text(&[0; 32]), other.text(&[0; 32]));
            assert_ne!(one.id(&[0; 32]), other.id(&[0; 32]));
        }
        assert_ne!(one.id(&[0; 32]), one.id(&[1; 32]));
        assert_ne!(one.text(&[0; 32]), one.text(&[1; 32]));
    }

    #[test]
    fn lits_conditions_should_have_lits_hash() {
        let json = r#"{"accessControlConditions":[{"contractAddress":"","standardContractType":"","chain":"ethereum","method":"","parameters":[":userAddress"],"returnValueTest":{"comparator":"=","value":"0x1111111111111111111111111111111111111111"}}]}"#;
        let lit = ConditionSource::Lit(json.as_bytes().to_vec().try_into().expect("short"));
        let (_, hash) = TokenRequest { condition: lit, ..request(1) }.condition().expect("parses");
        assert_eq!(hash, lit::Conditions::parse_any(json).expect("parses").hash());
        let broken = ConditionSource::Lit(b"{}".to_vec().try_into().expect("short"));
        assert!(TokenRequest { condition: broken, ..request(1) }.condition().is_err());
    }
}
