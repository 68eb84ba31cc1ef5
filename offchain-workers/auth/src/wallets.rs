//! Signatures of wallets over a text.

pub(crate) mod contract;
pub(crate) mod cosmos;
pub(crate) mod ethereum;
mod substrate;

pub use cosmos::adr36_sign_bytes;
pub use ethereum::{checksum_address, eip191_digest};

use conclave_primitives::{AuthMethod, Authorisation};

/// Who signed `text`, if `authorisation` is a wallet's signature over it. `None` if the signature is not the signer's, or
/// if the authorisation is of another kind.
pub fn verify_wallet(text: &str, authorisation: &Authorisation) -> Option<AuthMethod> {
    let method = match authorisation {
        Authorisation::Sr25519 { public, signature } => substrate::sr25519(text, public, signature)?,
        Authorisation::Ed25519 { public, signature } => substrate::ed25519(text, public, signature)?,
        Authorisation::Ecdsa { account, signature } => substrate::ecdsa(text, account, signature)?,
        Authorisation::Eip191 { address, signature } => {
            let signer = ethereum::recover_address(text.as_bytes(), signature)?;
            (signer == *address).then_some(AuthMethod::EthereumWallet(signer))?
        }
        // Phantom and other wallets sign the bytes of the text as they are.
        Authorisation::Solana { public, signature } => {
            verify_ed25519(public, text.as_bytes(), signature).then_some(AuthMethod::SolanaWallet(*public))?
        }
        Authorisation::Cosmos { prefix, public, signature } => {
            cosmos::verify(text, prefix, public, signature)?
        }
        Authorisation::Siwe { .. }
        | Authorisation::ContractWallet { .. }
        | Authorisation::Passkey(_)
        | Authorisation::OpenId { .. }
        | Authorisation::Discord { .. }
        | Authorisation::Session(_) => return None,
    };
    Some(method)
}

/// RFC 8032, strictly: ZIP-215 takes keys of small order, for which anybody can sign, and encodings of R that are not
/// canonical.
pub(crate) fn verify_ed25519(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    ed25519_dalek::VerifyingKey::from_bytes(public)
        .and_then(|key| key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)))
        .is_ok()
}
