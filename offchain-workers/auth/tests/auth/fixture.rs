//! A chain, a moment, and everybody who signs in.

use conclave_auth::{
    authorise, checksum_address, eip191_digest, recap::ReCap, Asked, AuthError, Authenticated, Authorisation,
    Memory, Moment, Provider, QueryFailure, ReadFinalized, Settings, Unreadable, Verdict,
};
use conclave_primitives::{
    Ability, AuthMethod, BlockNumber, Bytes, Capabilities, Capability, ConditionSource, CredentialKey,
    DecryptItem, DecryptRequest, DecryptionIdentity, GenesisHash, KeysetId, OneTimeKey, Payload, PkpId,
    Resource, ResourceId, ResourceKind, Scheme, SessionRequest, SignRequest,
};
use ed25519_dalek::Signer;
use std::collections::BTreeMap;

pub(crate) const GENESIS: GenesisHash = [0x0e; 32];
/// 2026-11-22, noon.
pub(crate) const NOW: u64 = 1_795_348_800;
pub(crate) const FINALIZED: BlockNumber = 1_000_000;
pub(crate) const MOMENT: Moment = Moment { now: NOW, finalized: FINALIZED };
pub(crate) const DAY: u64 = 86_400;
/// The block that everybody names, ten blocks ago.
pub(crate) const RECENT: [u8; 32] = [0x0b; 32];
pub(crate) const PKP: PkpId = PkpId([0xcd; 32]);

pub(crate) fn vectors() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../../tests/vectors/logins.json")).expect("JSON")
}

pub(crate) fn unhex<const N: usize>(value: &serde_json::Value) -> [u8; N] {
    let digits = value.as_str().expect("text");
    hex::decode(digits.trim_start_matches("0x")).expect("hex").try_into().expect("its length")
}

pub(crate) fn bytes<const N: u32>(of: impl AsRef<[u8]>) -> Bytes<N> {
    of.as_ref().to_vec().try_into().expect("not too long")
}

/// Finalized state.
#[derive(Clone, Default)]
pub(crate) struct Chain {
    pub(crate) blocks: BTreeMap<[u8; 32], BlockNumber>,
    pub(crate) keys: BTreeMap<AuthMethod, CredentialKey>,
    pub(crate) result: Option<[u8; 32]>,
    pub(crate) broken: bool,
}

impl ReadFinalized for Chain {
    fn block_number(&self, hash: &[u8; 32]) -> Result<Option<BlockNumber>, Unreadable> {
        if self.broken {
            return Err(Unreadable);
        }
        Ok(self.blocks.get(hash).copied())
    }

    fn credential_key(&self, pkp: &PkpId, method: &AuthMethod) -> Result<Option<CredentialKey>, Unreadable> {
        if self.broken {
            return Err(Unreadable);
        }
        Ok(self.keys.get(method).copied().filter(|_| *pkp == PKP))
    }

    fn result_key(&self, keyset: KeysetId) -> Result<Option<[u8; 32]>, Unreadable> {
        if self.broken {
            return Err(Unreadable);
        }
        Ok(self.result.filter(|_| keyset == KeysetId(0)))
    }
}

/// Everything that a check needs.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) chain: Chain,
    pub(crate) settings: Settings,
    pub(crate) moment: Moment,
}

impl World {
    pub(crate) fn new() -> Self {
        let blocks = [
            (RECENT, FINALIZED - 10),
            ([0x01; 32], FINALIZED - 201),
            ([0x02; 32], FINALIZED - 864_001),
            ([0x03; 32], FINALIZED + 1),
        ];
        let result = Some(committee().verifying_key().to_bytes());
        let chain = Chain { blocks: blocks.into(), keys: BTreeMap::new(), result, broken: false };
        let settings = Settings {
            domains: Some(vec!["example.com".into()]),
            providers: vec![
                Provider::google(),
                Provider::apple(),
                Provider {
                    audiences: Some(vec!["client".into()]),
                    ..Provider::open_id("https://id.example.com", "https://id.example.com/keys")
                },
            ],
            discord: Some(Some(vec!["4242".into()])),
        };
        Self { chain, settings, moment: MOMENT }
    }

    pub(crate) fn check(&self, asked: &Asked, authorisation: &Authorisation) -> Result<Verdict, AuthError> {
        self.check_with(asked, authorisation, &mut Memory::default())
    }

    pub(crate) fn check_with(
        &self,
        asked: &Asked,
        authorisation: &Authorisation,
        memory: &mut Memory,
    ) -> Result<Verdict, AuthError> {
        authorise(asked, authorisation, &self.chain, &self.settings, self.moment, memory)
    }

    /// The whole way, with an answer if one is asked for.
    pub(crate) fn run(
        &self,
        asked: &Asked,
        authorisation: &Authorisation,
        answer: Result<Vec<u8>, QueryFailure>,
    ) -> Result<Authenticated, AuthError> {
        let mut memory = Memory::default();
        match self.check_with(asked, authorisation, &mut memory)? {
            Verdict::Authenticated(authenticated) => Ok(authenticated),
            Verdict::Ask(question) => question.answer(answer, self.moment, &mut memory),
        }
    }
}

/// The committee's Result key.
pub(crate) fn committee() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[0x77; 32])
}

/// A session key.
pub(crate) fn session(seed: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[seed; 32])
}

/// An Ethereum wallet.
pub(crate) struct Wallet(k256::ecdsa::SigningKey);

impl Wallet {
    pub(crate) fn new(seed: u8) -> Self {
        Self(k256::ecdsa::SigningKey::from_slice(&[seed; 32]).expect("a scalar"))
    }

    pub(crate) fn address(&self) -> [u8; 20] {
        use sha3::Digest;
        let point = self.0.verifying_key().to_sec1_point(false);
        sha3::Keccak256::digest(&point.as_bytes()[1..])[12..].try_into().expect("20 bytes")
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 65] {
        let (signature, id) = self.0.sign_prehash_recoverable(&eip191_digest(message));
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + id.to_byte();
        bytes
    }
}

/// A message of EIP-4361, to be varied.
#[derive(Clone)]
pub(crate) struct Siwe {
    pub(crate) first: String,
    pub(crate) address: String,
    pub(crate) statement: Option<String>,
    pub(crate) uri: String,
    pub(crate) version: String,
    pub(crate) chain_id: String,
    pub(crate) nonce: String,
    pub(crate) issued: String,
    pub(crate) expiration: Option<String>,
    pub(crate) not_before: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) resources: Vec<String>,
}

impl Siwe {
    pub(crate) fn text(&self) -> String {
        let mut text =
            format!("{} wants you to sign in with your Ethereum account:\n{}\n\n", self.first, self.address);
        if let Some(statement) = &self.statement {
            text.push_str(&format!("{statement}\n"));
        }
        text.push_str(&format!(
            "\nURI: {}\nVersion: {}\nChain ID: {}\nNonce: {}\nIssued At: {}",
            self.uri, self.version, self.chain_id, self.nonce, self.issued
        ));
        let optional = [
            ("Expiration Time", &self.expiration),
            ("Not Before", &self.not_before),
            ("Request ID", &self.request_id),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                text.push_str(&format!("\n{name}: {value}"));
            }
        }
        if !self.resources.is_empty() {
            text.push_str("\nResources:");
            self.resources.iter().for_each(|resource| text.push_str(&format!("\n- {resource}")));
        }
        text
    }

    /// For one request.
    pub(crate) fn for_request(asked: &Asked) -> Self {
        Self {
            first: "example.com".into(),
            address: checksum_address(&Wallet::new(1).address()),
            statement: Some("Sign with my PKP.".into()),
            uri: "https://example.com/login".into(),
            version: "1".into(),
            chain_id: "1".into(),
            nonce: hex::encode(RECENT),
            issued: date(NOW),
            expiration: Some(date(NOW + 600)),
            not_before: None,
            request_id: Some(asked.id.to_string()),
            resources: Vec::new(),
        }
    }

    /// To a session key.
    pub(crate) fn delegating(to: &ed25519_dalek::SigningKey, capabilities: &[Capability]) -> Self {
        let recap = ReCap::granting(capabilities);
        Self {
            statement: Some(format!("Sign in. {}", recap.statement())),
            uri: format!("lit:session:{}", hex::encode(to.verifying_key().to_bytes())),
            nonce: format!("0x{}", hex::encode(RECENT)),
            expiration: Some(date(NOW + DAY)),
            request_id: None,
            resources: vec![recap.uri()],
            ..Self::for_request(&to_sign())
        }
    }
}

/// RFC 3339 of a time, by Howard Hinnant's `civil_from_days`.
pub(crate) fn date(seconds: u64) -> String {
    let (days, time) = (i64::try_from(seconds / DAY).expect("small") + 719_468, seconds % DAY);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

pub(crate) fn sign_request() -> SignRequest {
    SignRequest {
        pkp: PKP,
        scheme: Scheme::Ed25519,
        payload: Payload::Message(b"pay".to_vec().try_into().expect("short")),
        valid_until: FINALIZED + 100,
        nonce: [1; 32],
    }
}

pub(crate) fn to_sign() -> Asked {
    Asked::to_sign(&GENESIS, &sign_request())
}

/// The same request to another chain.
pub(crate) fn to_sign_elsewhere() -> Asked {
    Asked::to_sign(&[0x0f; 32], &sign_request())
}

pub(crate) fn to_decrypt() -> Asked {
    Asked::to_decrypt(&GENESIS, &decrypt_request(2))
}

/// A request to open so many ciphertexts, of identities 0, 1, …
pub(crate) fn decrypt_request(items: u8) -> DecryptRequest {
    let json: Bytes<{ conclave_primitives::MAX_LIT_CONDITION_BYTES }> =
        bytes(r#"{"evmContractConditions":[]}"#);
    let item =
        |number| DecryptItem { identity: identity(number), condition: ConditionSource::Lit(json.clone()) };
    let items: Vec<_> = (0..items).map(item).collect();
    DecryptRequest {
        items: items.try_into().expect("few"),
        client: OneTimeKey { in_g1: [1; 48], in_g2: [2; 96] },
        valid_until: FINALIZED + 100,
        nonce: [3; 32],
    }
}

pub(crate) const fn identity(number: u8) -> DecryptionIdentity {
    DecryptionIdentity::LitV7 { condition: [0x11; 32], plaintext: [number; 32] }
}

pub(crate) fn decrypting(number: u8) -> Capability {
    let id = Some(Resource::encrypted(&identity(number)).id);
    Capability { kind: ResourceKind::Condition, id, ability: Some(Ability::Decryption) }
}

pub(crate) fn id(text: &str) -> ResourceId {
    bytes(text)
}

pub(crate) fn signing() -> Capability {
    Capability { kind: ResourceKind::Pkp, id: Some(Resource::pkp(&PKP).id), ability: Some(Ability::Signing) }
}

/// A session request, and the key that holds it.
pub(crate) fn session_request() -> SessionRequest {
    possessed(SessionRequest {
        pkp: Some(PKP),
        session: session(5).verifying_key().to_bytes(),
        capabilities: Capabilities::truncate_from(vec![signing()]),
        block: RECENT,
        expires_at: NOW + DAY,
        valid_until: FINALIZED + 100,
        possession: [0; 64],
    })
}

/// Signs anew for a changed request.
pub(crate) fn possessed(mut request: SessionRequest) -> SessionRequest {
    request.possession = session(5).sign(&request.possession_bytes(&GENESIS)).to_bytes();
    request
}

pub(crate) fn to_certify() -> Asked {
    Asked::to_certify(&GENESIS, &session_request())
}
