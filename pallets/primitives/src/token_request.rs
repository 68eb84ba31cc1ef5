//! A request for a condition token: the committee's word that who asks met a condition.

use alloc::{format, string::String};
use codec::{Decode, Encode};

use crate::{
    blake2_256, domain::Hex, BlockNumber, ConditionSource, Curve, GenesisHash, KeyId, PkpId, RequestId,
    Scheme, DOMAIN_TOKEN_REQUEST,
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
}
