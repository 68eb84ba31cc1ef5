//! Passkeys: an assertion (WebAuthn level 3, 7.2) over a challenge.

mod cose;

pub use cose::credential_key;

use base64ct::{Base64UrlUnpadded, Encoding};
use codec::{Decode, Encode};
use conclave_primitives::{blake2_256, AuthMethod, CredentialKey, PasskeyAssertion};
use p256::ecdsa::{signature::Verifier, Signature, VerifyingKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    asked::Asked, authenticated::Authenticated, json, memory::Memory, ports::ReadFinalized, siwe::host_of,
    wallets::verify_ed25519, AuthError,
};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED_CREDENTIAL: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;
/// Extensions are a map of texts to small values.
const EXTENSION_DEPTH: usize = 8;

/// A passkey's assertion that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum PasskeyError {
    /// `clientDataJSON` is not what a browser writes.
    #[error("clientDataJSON cannot be read: {0}")]
    #[codec(index = 0)]
    ClientData(String),
    /// Not an assertion.
    #[error("the client data is of type `{0}`; get an assertion (webauthn.get), not a registration")]
    #[codec(index = 1)]
    Type(String),
    /// Another challenge.
    #[error("the challenge is not this request's; ask the passkey with the challenge {expected}")]
    #[codec(index = 2)]
    Challenge {
        /// As base64url.
        expected: String,
    },
    /// Another site.
    #[error("the origin `{origin}` is not of the relying party `{relying_party}`; use the passkey on its own site, over HTTPS")]
    #[codec(index = 3)]
    Origin {
        /// Where the passkey was asked.
        origin: String,
        /// For whom it was made.
        relying_party: String,
    },
    /// Inside a frame of another site.
    #[error("the passkey was asked in a frame of another site; ask it in a page of its own")]
    #[codec(index = 4)]
    CrossOrigin,
    /// The relying party is no domain.
    #[error("the relying party is not a domain in lower case")]
    #[codec(index = 5)]
    RelyingParty,
    /// The authenticator data has another form.
    #[error("the authenticator data has not the form of an assertion's")]
    #[codec(index = 6)]
    AuthenticatorData,
    /// The authenticator asserted for another relying party.
    #[error("the authenticator signed for another relying party")]
    #[codec(index = 7)]
    OtherRelyingParty,
    /// Nobody was there.
    #[error("the authenticator saw no user; ask for user presence")]
    #[codec(index = 8)]
    NotPresent,
    /// Nobody was recognised.
    #[error("the authenticator did not verify the user; ask with userVerification: \"required\"")]
    #[codec(index = 9)]
    NotVerified,
    /// The passkey is not permitted.
    #[error("the PKP permits no passkey of this id; permit it first (pkp.permitPasskey)")]
    #[codec(index = 10)]
    Unknown,
    /// The request is about no PKP.
    #[error("a passkey serves requests about a PKP only: that is where its key is found; ask for a session")]
    #[codec(index = 11)]
    NoPkp,
    /// The signature is not the passkey's.
    #[error("the signature is not this passkey's")]
    #[codec(index = 12)]
    Signature,
    /// The counter did not grow.
    #[error("the passkey's counter did not grow: somebody may have copied it; revoke it and make a new one")]
    #[codec(index = 13)]
    Counter,
    /// A COSE key that cannot be used.
    #[error("not a COSE key for ES256 or EdDSA: {0}")]
    #[codec(index = 14)]
    Key(String),
}

/// What is read of `clientDataJSON` (5.8.1). Browsers may add members; none may be there twice.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<String>,
}

pub(crate) fn check(
    asked: &Asked,
    assertion: &PasskeyAssertion,
    chain: &impl ReadFinalized,
    memory: &mut Memory,
) -> Result<Authenticated, AuthError> {
    let relying_party = check_client_data(assertion, &asked.challenge)?;
    let count = check_authenticator_data(&assertion.authenticator_data, relying_party)?;
    let method =
        AuthMethod::passkey(&Base64UrlUnpadded::encode_string(&assertion.credential_id), relying_party);
    let pkp = asked.pkp().ok_or(PasskeyError::NoPkp)?;
    let key = chain.credential_key(&pkp, &method)?.ok_or(PasskeyError::Unknown)?;
    if !verifies(&key, assertion) {
        return Err(PasskeyError::Signature.into());
    }
    // Only now: who cannot sign must not move a counter.
    if !memory.note_count(blake2_256(&method.encode()), count, asked.challenge) {
        return Err(PasskeyError::Counter.into());
    }
    Ok(Authenticated::by(method))
}

/// Steps 11 to 14 of 7.2. The relying party.
fn check_client_data<'a>(
    assertion: &'a PasskeyAssertion,
    challenge: &[u8; 32],
) -> Result<&'a str, PasskeyError> {
    let data: ClientData =
        json::object(&assertion.client_data).map_err(|error| PasskeyError::ClientData(error.to_string()))?;
    if data.r#type != "webauthn.get" {
        return Err(PasskeyError::Type(data.r#type));
    }
    let expected = Base64UrlUnpadded::encode_string(challenge);
    if data.challenge != expected {
        return Err(PasskeyError::Challenge { expected });
    }
    let relying_party = core::str::from_utf8(&assertion.relying_party)
        .ok()
        .filter(|domain| is_domain(domain))
        .ok_or(PasskeyError::RelyingParty)?;
    if !is_origin_of(&data.origin, relying_party) {
        let relying_party = relying_party.to_owned();
        return Err(PasskeyError::Origin { origin: data.origin, relying_party });
    }
    if data.cross_origin || data.top_origin.is_some() {
        return Err(PasskeyError::CrossOrigin);
    }
    Ok(relying_party)
}

/// Steps 15 to 18. The counter.
fn check_authenticator_data(data: &[u8], relying_party: &str) -> Result<u32, PasskeyError> {
    let malformed = PasskeyError::AuthenticatorData;
    let (hash, rest) = data.split_first_chunk::<32>().ok_or(malformed.clone())?;
    let (flags, rest) = rest.split_first().ok_or(malformed.clone())?;
    let (count, extensions) = rest.split_first_chunk::<4>().ok_or(malformed.clone())?;
    if *hash != <[u8; 32]>::from(Sha256::digest(relying_party)) {
        return Err(PasskeyError::OtherRelyingParty);
    }
    if flags & USER_PRESENT == 0 {
        return Err(PasskeyError::NotPresent);
    }
    if flags & USER_VERIFIED == 0 {
        return Err(PasskeyError::NotVerified);
    }
    let backed_up_only = flags & BACKED_UP != 0 && flags & BACKUP_ELIGIBLE == 0;
    let has_extensions = flags & EXTENSIONS != 0;
    if flags & ATTESTED_CREDENTIAL != 0 || backed_up_only || has_extensions == extensions.is_empty() {
        return Err(malformed);
    }
    if has_extensions {
        let mut rest = extensions;
        let value: ciborium::Value =
            ciborium::de::from_reader_with_recursion_limit(&mut rest, EXTENSION_DEPTH)
                .map_err(|_| malformed.clone())?;
        if !value.is_map() || !rest.is_empty() {
            return Err(malformed);
        }
    }
    Ok(u32::from_be_bytes(*count))
}

/// Steps 20 and 21.
fn verifies(key: &CredentialKey, assertion: &PasskeyAssertion) -> bool {
    let signed = [assertion.authenticator_data.as_slice(), &Sha256::digest(&assertion.client_data)].concat();
    match key {
        CredentialKey::Es256(point) => {
            let key = VerifyingKey::from_sec1_bytes(point);
            let signature = Signature::from_der(&assertion.signature);
            matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(&signed, &signature).is_ok())
        }
        CredentialKey::EdDsa(key) => assertion
            .signature
            .as_slice()
            .try_into()
            .is_ok_and(|signature| verify_ed25519(key, &signed, signature)),
    }
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text.split('.').all(label)
}

/// Whether an origin is of a relying party: HTTPS on the domain itself or below it; `localhost` also without.
fn is_origin_of(origin: &str, relying_party: &str) -> bool {
    let Some(host) = host_of(origin) else { return false };
    let (host, port) = host.split_once(':').unwrap_or((host, "443"));
    let local = relying_party == "localhost" && host == "localhost";
    let scheme = if local && origin.starts_with("http://") { "http://" } else { "https://" };
    let below = || host.strip_suffix(relying_party).is_some_and(|rest| rest.ends_with('.'));
    // An origin has no path.
    origin.strip_prefix(scheme).and_then(|rest| rest.strip_prefix(host)).is_some_and(|rest| {
        rest.is_empty()
            || rest.strip_prefix(':').is_some_and(|rest| rest == port && port.parse::<u16>().is_ok())
    }) && is_domain(host)
        && (host == relying_party || below())
}
