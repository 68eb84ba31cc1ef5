//! Cosmos wallets: `signArbitrary`, a transaction that no chain takes (ADR-36) around the text.

use base64ct::{Base64, Encoding};
use bech32::{Bech32, Hrp};
use conclave_primitives::AuthMethod;
use k256::ecdsa::{signature::hazmat::PrehashVerifier, Signature, VerifyingKey};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

/// Who signed `text`, if `public` did with a low s, as Cosmos demands.
pub(super) fn verify(
    text: &str,
    prefix: &[u8],
    public: &[u8; 33],
    signature: &[u8; 64],
) -> Option<AuthMethod> {
    let id: [u8; 20] = Ripemd160::digest(Sha256::digest(public)).into();
    // A prefix in capitals would give one document two forms.
    let prefix = core::str::from_utf8(prefix).ok().filter(|prefix| *prefix == prefix.to_lowercase())?;
    let address = bech32::encode::<Bech32>(Hrp::parse(prefix).ok()?, &id).ok()?;
    let key = VerifyingKey::from_sec1_bytes(public).ok()?;
    let signature = Signature::from_slice(signature).ok()?;
    if signature.normalize_s() != signature {
        return None;
    }
    let digest = Sha256::digest(adr36_sign_bytes(&address, text.as_bytes()));
    key.verify_prehash(&digest, &signature).ok()?;
    Some(AuthMethod::CosmosWallet(id))
}

/// The document of ADR-36 in amino JSON: keys sorted, no spaces. Neither bech32 nor base64 has a character that JSON
/// escapes.
pub fn adr36_sign_bytes(signer: &str, data: &[u8]) -> Vec<u8> {
    let data = Base64::encode_string(data);
    format!(
        concat!(
            r#"{{"account_number":"0","chain_id":"","fee":{{"amount":[],"gas":"0"}},"memo":"","msgs":[{{"#,
            r#""type":"sign/MsgSignData","value":{{"data":"{data}","signer":"{signer}"}}}}],"sequence":"0"}}"#
        ),
        data = data,
        signer = signer,
    )
    .into_bytes()
}
