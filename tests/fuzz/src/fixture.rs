//! A committee of three that signs with two, its dealings, keys and shares; always the same.

use chacha20poly1305::{
    aead::{Aead, KeyInit, Payload as Sealed},
    Key, XChaCha20Poly1305, XNonce,
};
use codec::Encode;
use conclave_primitives::{
    Attempt, AttemptId, AttemptKind, Authorisation, Committee, Curve, Epoch, GenesisHash, KeysetId, Member,
    ParticipantIndex, Payload, PkpId, Purpose, RootKey, RootKeyId, Scheme, SessionId, SignRequest,
};
use conclave_protocols::KeyShare;
use conclave_vss::{
    combine_commitments, combine_shares, deal, open, public_shares, Combination, Dealing, DealingContext,
    EncryptionSecret, SecretScalar, Secrets,
};
use conclave_worker::{
    ports::{StoreError, StoreRecords},
    Body, ChainView, Frame, TransportKey, WorkerSecrets,
};
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::Sha256;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, sync::OnceLock};

pub(crate) const GENESIS: GenesisHash = [7; 32];
pub(crate) const ATTEMPT: AttemptId = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
pub(crate) const MEMBERS: [u8; 3] = [1, 2, 3];
pub(crate) const THRESHOLD: u32 = 2;
pub(crate) const FINALIZED: u32 = 100;
pub(crate) const PKP: PkpId = PkpId([1; 32]);
/// Somebody who is no member.
pub(crate) const OUTSIDER: u8 = 9;

/// One root key a curve and one for results: fewer than on chain, to be quick.
pub(crate) fn keys() -> Vec<RootKeyId> {
    let sign = Curve::SIGNING.into_iter().map(|curve| RootKeyId { curve, purpose: Purpose::Sign, index: 0 });
    sign.chain([RootKeyId { curve: Curve::Ed25519, purpose: Purpose::Result, index: 0 }]).collect()
}

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn index(value: u8) -> ParticipantIndex {
    ParticipantIndex::new(value).expect("not zero")
}

pub(crate) fn encryption(member: u8) -> EncryptionSecret {
    let mut scalar = [0; 32];
    scalar[0] = member;
    EncryptionSecret::from_bytes(&scalar).expect("a small scalar")
}

pub(crate) fn secrets(member: u8) -> WorkerSecrets {
    WorkerSecrets::new(encryption(member), &[member; 32], &[member + 100; 32])
}

pub(crate) fn transport(member: u8) -> TransportKey {
    secrets(member).public().transport
}

pub(crate) fn context(dealer: u8) -> DealingContext {
    DealingContext { genesis: GENESIS, attempt: ATTEMPT, dealer: index(dealer) }
}

/// The dealing of each member.
pub(crate) fn dealings() -> &'static [Dealing] {
    static DEALINGS: OnceLock<Vec<Dealing>> = OnceLock::new();
    DEALINGS.get_or_init(|| {
        let recipients = MEMBERS.map(|member| encryption(member).public());
        let deal = |dealer: u8| {
            let mut rng = rng(dealer.into());
            deal(&context(dealer), Secrets::Fresh(&keys()), THRESHOLD, &recipients, &mut rng)
        };
        MEMBERS.map(|dealer| deal(dealer).expect("sound recipients")).into()
    })
}

pub(crate) fn encoded_dealings() -> Vec<(ParticipantIndex, Vec<u8>)> {
    MEMBERS.into_iter().zip(dealings()).map(|(dealer, dealing)| (index(dealer), dealing.encode())).collect()
}

pub(crate) fn committee() -> &'static Committee {
    static COMMITTEE: OnceLock<Committee> = OnceLock::new();
    COMMITTEE.get_or_init(|| {
        let root = |(position, id): (usize, RootKeyId)| {
            let dealt: Vec<_> = MEMBERS
                .into_iter()
                .zip(dealings())
                .map(|(dealer, dealing)| (index(dealer), dealing.keys[position].commitments.as_slice()))
                .collect();
            let commitments =
                combine_commitments(id.curve, Combination::Sum, &dealt).expect("honest dealings");
            RootKey { id, commitments: commitments.try_into().expect("t points") }
        };
        let member = |member: u8| {
            let keys = secrets(member).public();
            Member { account: [member; 32], keys, dealing_key: keys.encryption }
        };
        Committee {
            epoch: ATTEMPT.epoch,
            attempt: ATTEMPT.attempt,
            kind: AttemptKind::Keygen,
            keyset: KeysetId(0),
            members: MEMBERS.map(member).into(),
            threshold: THRESHOLD,
            roots: keys().into_iter().enumerate().map(root).collect(),
            confirmed: Vec::new(),
        }
    })
}

pub(crate) fn view() -> ChainView {
    ChainView { finalized: FINALIZED, committee: Some(committee().clone()), attempt: None }
}

/// A member's share of the key at `position`.
pub(crate) fn key_share(member: u8, position: usize) -> KeyShare {
    let root = &committee().roots[position];
    let opened: Vec<_> = MEMBERS
        .into_iter()
        .zip(dealings())
        .map(|(dealer, dealing)| {
            let secret = encryption(member);
            let shares = open(&context(dealer), &keys(), dealing, index(member), &secret, &mut rng(0))
                .expect("honest");
            (index(dealer), SecretScalar::from_bytes(*shares[position].as_bytes()))
        })
        .collect();
    let parts = opened.iter().map(|(dealer, share)| (*dealer, share));
    let secret = combine_shares(root.id.curve, Combination::Sum, parts).expect("scalars");
    let publics =
        public_shares(root.id.curve, &root.commitments, MEMBERS.map(index)).expect("honest commitments");
    let public_key = root.commitments[0].clone();
    KeyShare::new(root.id.curve, index(member), THRESHOLD, secret, public_key, publics).expect("sound")
}

/// From one member to another.
pub(crate) fn frame(from: u8, to: u8, session: SessionId, flight: u8, body: &Body) -> Frame {
    Frame::sign(&secrets(from), &GENESIS, ATTEMPT, session, flight, transport(to), body)
}

pub(crate) fn session_of(frame: &Frame) -> SessionId {
    frame.header.session
}

/// A request that entitles to a signature, as far as the client has a say.
pub(crate) fn request(scheme: Scheme, nonce: u8) -> (SignRequest, Authorisation) {
    let payload = if scheme.is_ecdsa() {
        Payload::Digest([3; 32])
    } else {
        Payload::Message(b"message".to_vec().try_into().expect("short"))
    };
    let request = SignRequest { pkp: PKP, scheme, payload, valid_until: FINALIZED + 50, nonce: [nonce; 32] };
    let key = SigningKey::from_bytes(&[77; 32]);
    let signature = key.sign(request.text(&GENESIS).as_bytes()).to_bytes();
    (request, Authorisation::Ed25519 { public: key.verifying_key().to_bytes(), signature })
}

/// Records in memory.
#[derive(Clone, Default)]
pub(crate) struct Disk(pub(crate) Rc<RefCell<BTreeMap<String, Vec<u8>>>>);

impl Disk {
    /// Of a worker that has provided its dealing key.
    pub(crate) fn of(member: u8) -> Self {
        let name = "next-dealing-key.0";
        let record = seal(&master_key(member), name, encryption(member).to_bytes().as_ref());
        Self(Rc::new(RefCell::new(BTreeMap::from([(name.to_owned(), record)]))))
    }
}

impl StoreRecords for Disk {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.borrow_mut().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.borrow().get(name).cloned())
    }

    fn erase(&mut self, name: &str) -> Result<(), StoreError> {
        self.0.borrow_mut().remove(name);
        Ok(())
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.0.borrow().keys().filter(|name| name.starts_with(prefix)).cloned().collect())
    }
}

/// The key that seals a member's records that outlive attempts.
pub(crate) fn master_key(member: u8) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, encryption(member).to_bytes().as_ref())
        .expand(b"CONCLAVE-V1-SHARE-STORE", &mut key)
        .expect("a short key");
    key
}

/// A record as the share store writes it.
pub(crate) fn seal(key: &[u8; 32], name: &str, plaintext: &[u8]) -> Vec<u8> {
    let nonce = [5; 24];
    let sealed = XChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&XNonce::from(nonce), Sealed { msg: plaintext, aad: name.as_bytes() })
        .expect("short");
    [&[2], &nonce[..], &sealed].concat()
}

/// What [`seal`] sealed.
pub(crate) fn unseal(key: &[u8; 32], name: &str, record: &[u8]) -> Vec<u8> {
    let (nonce, sealed) = record[1..].split_first_chunk::<24>().expect("a nonce");
    XChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&XNonce::from(*nonce), Sealed { msg: sealed, aad: name.as_bytes() })
        .expect("the share store's own record")
}
