//! Clients: they own PKPs and ask for signatures.

use conclave_primitives::{AuthMethod, Authorisation, GenesisHash, Payload, PkpId, Scheme, SignRequest};
use rand_chacha::ChaCha20Rng;
use sp_core::{ed25519, Pair};
use sp_runtime::AccountId32;

use crate::dice::Dice;

/// An account of the chain.
pub(crate) struct Client(ed25519::Pair);

impl Client {
    /// Whoever mints.
    pub(crate) fn owner() -> Self {
        Self(ed25519::Pair::from_seed(&[0x0a; 32]))
    }

    /// Someone without permission.
    pub(crate) fn stranger() -> Self {
        Self(ed25519::Pair::from_seed(&[0x0b; 32]))
    }

    pub(crate) fn account(&self) -> AccountId32 {
        AccountId32::new(self.0.public().0)
    }

    pub(crate) fn method(&self) -> AuthMethod {
        AuthMethod::Account(self.0.public().0)
    }

    pub(crate) fn authorise(&self, genesis: &GenesisHash, request: &SignRequest) -> Authorisation {
        self.sign(&request.text(genesis))
    }

    /// A signature over the text of a request.
    pub(crate) fn sign(&self, text: &str) -> Authorisation {
        let signature = self.0.sign(text.as_bytes()).0;
        Authorisation::Ed25519 { public: self.0.public().0, signature }
    }
}

/// A request for a random message.
pub(crate) fn request(pkp: PkpId, scheme: Scheme, valid_until: u32, rng: &mut ChaCha20Rng) -> SignRequest {
    let payload = if scheme.is_ecdsa() {
        Payload::Digest(rng.bytes())
    } else {
        let length = rng.within([0, 100]) as usize;
        let message: Vec<u8> = (0..length).map(|_| rng.within([0, 255]) as u8).collect();
        Payload::Message(message.try_into().expect("100 bytes are not too many"))
    };
    SignRequest { pkp, scheme, payload, valid_until, nonce: rng.bytes() }
}
