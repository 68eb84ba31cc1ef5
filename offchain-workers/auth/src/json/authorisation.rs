//! Authorisations and session requests as the RPC takes them: JSON, every field once and none unknown, bytes as hex with
//! `0x`, capabilities as the URI of a ReCap, a passkey's parts in base64url as WebAuthn's `toJSON` writes them.

use base64ct::{Base64UrlUnpadded, Encoding};
use codec::DecodeAll;
use conclave_primitives::{
    Authorisation, Bytes, Capabilities, Delegation, Entitlement, ListMembership, PasskeyAssertion, PkpId,
    SessionAuthorisation, SessionCertificate, SessionRequest, SubDelegation, SubDelegations,
    MAX_CAPABILITIES, MAX_PROOF_NODES, MAX_SIWE_BYTES,
};
use serde_json::{Map, Value};

use crate::{
    recap::{ReCap, ReCapError},
    AuthSig,
};

/// JSON that is no authorisation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}")]
pub struct JsonError {
    /// Where, with dots between names.
    pub field: String,
    /// What.
    pub expected: String,
}

const TYPES: &str =
    "one of sr25519, ed25519, ecdsa, eip191, siwe, contractWallet, solana, cosmos, passkey, openId, \
                     discord, session";

/// An authorisation: an object whose `type` says what else is in it.
pub fn parse_authorisation(value: &Value) -> Result<Authorisation, JsonError> {
    let object = Fields::new("authorisation", value)?;
    let kind = object.text("type")?;
    let wallet = || object.only(&["type", "signer", "signature"]);
    Ok(match kind {
        "sr25519" => {
            wallet()?;
            Authorisation::Sr25519 { public: object.bytes("signer")?, signature: object.bytes("signature")? }
        }
        "ed25519" => {
            wallet()?;
            Authorisation::Ed25519 { public: object.bytes("signer")?, signature: object.bytes("signature")? }
        }
        "ecdsa" => {
            wallet()?;
            Authorisation::Ecdsa { account: object.bytes("signer")?, signature: object.bytes("signature")? }
        }
        "eip191" => {
            wallet()?;
            Authorisation::Eip191 { address: object.bytes("signer")?, signature: object.bytes("signature")? }
        }
        "solana" => {
            wallet()?;
            let signer = object.text("signer")?;
            let public = bs58::decode(signer).into_vec().ok().and_then(|key| key.try_into().ok());
            let public = public.ok_or_else(|| object.expected("signer", "an address in base58"))?;
            Authorisation::Solana { public, signature: object.bytes("signature")? }
        }
        "siwe" => {
            object.only(&["type", "message", "signature"])?;
            Authorisation::Siwe { message: object.string("message")?, signature: object.bytes("signature")? }
        }
        "contractWallet" => {
            object.only(&["type", "chainId", "address", "signature"])?;
            Authorisation::ContractWallet {
                chain_id: object.number("chainId")?,
                address: object.bytes("address")?,
                signature: object.up_to("signature")?,
            }
        }
        "cosmos" => {
            object.only(&["type", "prefix", "publicKey", "signature"])?;
            Authorisation::Cosmos {
                prefix: object.string("prefix")?,
                public: object.bytes("publicKey")?,
                signature: object.bytes("signature")?,
            }
        }
        "passkey" => {
            let known =
                ["type", "relyingParty", "credentialId", "clientDataJSON", "authenticatorData", "signature"];
            object.only(&known)?;
            Authorisation::Passkey(PasskeyAssertion {
                relying_party: object.string("relyingParty")?,
                credential_id: object.base64url("credentialId")?,
                client_data: object.base64url("clientDataJSON")?,
                authenticator_data: object.base64url("authenticatorData")?,
                signature: object.base64url("signature")?,
            })
        }
        "openId" => {
            object.only(&["type", "token"])?;
            Authorisation::OpenId { token: object.string("token")? }
        }
        "discord" => {
            object.only(&["type", "token"])?;
            Authorisation::Discord { token: object.string("token")? }
        }
        "session" => {
            object.only(&["type", "delegation", "subDelegations", "signature"])?;
            Authorisation::Session(SessionAuthorisation {
                delegation: delegation(object.member("delegation", "an object")?)?,
                sub_delegations: sub_delegations(&object)?,
                signature: object.bytes("signature")?,
            })
        }
        _ => return Err(object.expected("type", TYPES)),
    })
}

/// An authorisation that may also have `list`, `{number, proof}`: the PKP's list that who asks is on, and the way from
/// their leaf up to its root.
pub(super) fn parse_entitlement(value: &Value) -> Result<Entitlement, JsonError> {
    let mut fields = Fields::new("authorisation", value)?.members.clone();
    let listed = fields.remove("list").map(|list| membership(&list)).transpose()?;
    Ok(Entitlement { authorisation: parse_authorisation(&Value::Object(fields))?, listed })
}

fn membership(value: &Value) -> Result<ListMembership, JsonError> {
    let object = Fields::new("list", value)?;
    object.only(&["number", "proof"])?;
    let number = u32::try_from(object.number("number")?);
    let nodes = || {
        object.expected(
            "proof",
            &format!("a list of at most {MAX_PROOF_NODES} hashes, 32 bytes as hex with 0x"),
        )
    };
    let node = |value: &Value| -> Option<[u8; 32]> {
        hex::decode(value.as_str()?.strip_prefix("0x")?).ok()?.try_into().ok()
    };
    let proof = object.member("proof", "a list of hashes")?.as_array().ok_or_else(nodes)?;
    let proof = proof.iter().map(node).collect::<Option<Vec<_>>>().ok_or_else(nodes)?;
    Ok(ListMembership {
        list: number.map_err(|_| object.expected("number", "a number below 2^32"))?,
        proof: proof.try_into().map_err(|_| nodes())?,
    })
}

/// A request for a session: `{pkp, session, capabilities, block, expiresAt, validUntil, possession}`; `pkp` may be
/// `null`. Unless it is `signed`, nobody has shown possession of the session key yet.
pub(super) fn session_request(value: &Value, signed: bool) -> Result<SessionRequest, JsonError> {
    let object = Fields::new("request", value)?;
    let terms = ["pkp", "session", "capabilities", "block", "expiresAt", "validUntil"];
    let signatures: &[&str] = if signed { &["possession", "authorisation"] } else { &[] };
    object.only(&[&terms, signatures].concat())?;
    let pkp = match object.member("pkp", "the id of a PKP, or null")? {
        Value::Null => None,
        _ => Some(PkpId(object.bytes("pkp")?)),
    };
    let valid_until = object.number("validUntil")?;
    Ok(SessionRequest {
        pkp,
        session: object.bytes("session")?,
        capabilities: capabilities(&object)?,
        block: object.bytes("block")?,
        expires_at: object.number("expiresAt")?,
        valid_until: u32::try_from(valid_until)
            .map_err(|_| object.expected("validUntil", "a block number below 2^32"))?,
        possession: if signed { object.bytes("possession")? } else { [0; 64] },
    })
}

/// `{message, signature}` of a wallet, or an AuthSig of Lit's (`{sig, derivedVia, signedMessage, address}`);
/// `{message, contractSignature}` of a contract wallet; `{certificate, signature}`, the certificate in SCALE as the
/// committee gave it.
fn delegation(value: &Value) -> Result<Delegation, JsonError> {
    let object = Fields::new("delegation", value)?;
    if object.has("certificate") {
        object.only(&["certificate", "signature"])?;
        let bytes = object.hex("certificate")?;
        let certificate = SessionCertificate::decode_all(&mut bytes.as_slice())
            .map_err(|_| object.expected("certificate", "a certificate as createSession returned it"))?;
        return Ok(Delegation::Certificate { certificate, signature: object.bytes("signature")? });
    }
    if object.has("contractSignature") {
        object.only(&["message", "contractSignature"])?;
        let (message, signature) = (object.string("message")?, object.up_to("contractSignature")?);
        return Ok(Delegation::ContractWallet { message, signature });
    }
    if object.has("signedMessage") {
        let (message, signature) = lit_signed(&object)?;
        // It says nothing that the message does not.
        object.text("address")?;
        return Ok(Delegation::Wallet { message, signature });
    }
    object.only(&["message", "signature"])?;
    Ok(Delegation::Wallet { message: object.string("message")?, signature: object.bytes("signature")? })
}

/// What a wallet signed, as Lit has it: `{sig, derivedVia, signedMessage, address}`.
fn lit_signed<const N: u32>(object: &Fields<'_>) -> Result<(Bytes<N>, [u8; 65]), JsonError> {
    object.only(&["sig", "derivedVia", "signedMessage", "address"])?;
    if object.text("derivedVia")? != "web3.eth.personal.sign" {
        return Err(object.expected("derivedVia", "web3.eth.personal.sign"));
    }
    Ok((object.string("signedMessage")?, object.bytes("sig")?))
}

/// Lit's AuthSig of a wallet on Ethereum.
///
/// # Errors
/// Which field is not as it should be.
pub fn parse_auth_sig(value: &Value) -> Result<AuthSig, JsonError> {
    let object = Fields::new("authSig", value)?;
    let (message, signature) = lit_signed::<MAX_SIWE_BYTES>(&object)?;
    Ok(AuthSig { address: object.bytes("address")?, message: message.into_inner(), signature })
}

/// `[{session, capabilities, expiresAt, signature}]`; may be left away.
fn sub_delegations(object: &Fields<'_>) -> Result<SubDelegations, JsonError> {
    if !object.has("subDelegations") {
        return Ok(SubDelegations::default());
    }
    let few = || object.expected("subDelegations", "a list of at most three");
    let list = object.member("subDelegations", "a list")?.as_array().ok_or_else(few)?;
    let subs = list.iter().map(|value| {
        let object = Fields::new("subDelegations", value)?;
        object.only(&["session", "capabilities", "expiresAt", "signature"])?;
        Ok(SubDelegation {
            session: object.bytes("session")?,
            capabilities: capabilities(&object)?,
            expires_at: object.number("expiresAt")?,
            signature: object.bytes("signature")?,
        })
    });
    subs.collect::<Result<Vec<_>, JsonError>>()?.try_into().map_err(|_| few())
}

fn capabilities(object: &Fields<'_>) -> Result<Capabilities, JsonError> {
    let named = |error: ReCapError| object.expected("capabilities", &format!("the URI of a ReCap: {error}"));
    let recap = ReCap::parse(object.text("capabilities")?).map_err(named)?;
    let capabilities = recap.capabilities().map_err(named)?;
    capabilities.try_into().map_err(|_| named(ReCapError::TooMany { max: MAX_CAPABILITIES }))
}

/// An object that knows its name.
struct Fields<'a> {
    name: &'static str,
    members: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn new(name: &'static str, value: &'a Value) -> Result<Self, JsonError> {
        let members = value.as_object();
        members
            .map(|members| Self { name, members })
            .ok_or_else(|| JsonError { field: name.into(), expected: "an object".into() })
    }

    fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Refuses fields that mean nothing: a misspelt one must not be overlooked.
    fn only(&self, known: &[&str]) -> Result<(), JsonError> {
        match self.members.keys().find(|key| !known.contains(&key.as_str())) {
            Some(unknown) => Err(JsonError {
                field: self.name.into(),
                expected: format!("no field `{}`; known are {known:?}", unknown.escape_default()),
            }),
            None => Ok(()),
        }
    }

    fn expected(&self, name: &str, expected: &str) -> JsonError {
        JsonError { field: format!("{}.{name}", self.name), expected: expected.to_owned() }
    }

    fn member(&self, name: &str, expected: &str) -> Result<&'a Value, JsonError> {
        self.members.get(name).ok_or_else(|| self.expected(name, expected))
    }

    fn text(&self, name: &str) -> Result<&'a str, JsonError> {
        self.member(name, "a string")?.as_str().ok_or_else(|| self.expected(name, "a string"))
    }

    fn number(&self, name: &str) -> Result<u64, JsonError> {
        const WHOLE: &str = "a whole number";
        self.member(name, WHOLE)?.as_u64().ok_or_else(|| self.expected(name, WHOLE))
    }

    fn hex(&self, name: &str) -> Result<Vec<u8>, JsonError> {
        let digits = self.text(name)?.strip_prefix("0x").map(hex::decode);
        match digits {
            Some(Ok(bytes)) => Ok(bytes),
            _ => Err(self.expected(name, "an even number of hex digits after 0x")),
        }
    }

    fn bytes<const N: usize>(&self, name: &str) -> Result<[u8; N], JsonError> {
        self.hex(name)?.try_into().map_err(|_| self.expected(name, &format!("{N} bytes as hex with 0x")))
    }

    fn up_to<const N: u32>(&self, name: &str) -> Result<Bytes<N>, JsonError> {
        self.bounded(name, self.hex(name)?)
    }

    fn string<const N: u32>(&self, name: &str) -> Result<Bytes<N>, JsonError> {
        self.bounded(name, self.text(name)?.as_bytes().to_vec())
    }

    fn base64url<const N: u32>(&self, name: &str) -> Result<Bytes<N>, JsonError> {
        let bytes = Base64UrlUnpadded::decode_vec(self.text(name)?)
            .map_err(|_| self.expected(name, "base64url without padding"))?;
        self.bounded(name, bytes)
    }

    fn bounded<const N: u32>(&self, name: &str, bytes: Vec<u8>) -> Result<Bytes<N>, JsonError> {
        bytes.try_into().map_err(|_| self.expected(name, &format!("at most {N} bytes")))
    }
}
