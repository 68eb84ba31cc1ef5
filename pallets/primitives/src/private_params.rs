//! Parameters of an action that members read, and nobody else: no gateway, no other client.

use codec::{Decode, Encode};
use core::fmt;

use crate::{
    AttemptId, AuthMethod, Bytes, Cid, Committee, GenesisHash, ParticipantIndex, MAX_MEMBERS,
    MAX_PARAMS_BYTES,
};
use bounded_collections::{BoundedVec, ConstU32};

/// A 32-byte key, sealed to one member's encryption key: see `conclave_vss::seal_key`.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct SealedKey {
    /// A point of ristretto255 that is used once.
    pub ephemeral: [u8; 32],
    /// The key with its tag.
    pub ciphertext: [u8; 48],
}

impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedKey")
    }
}

/// A JSON object in UTF-8, encrypted by ChaCha20-Poly1305 (RFC 8439; the nonce is 0, since the key is used once), and its
/// key, sealed to each member.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PrivateParams {
    /// The committee whose members read it.
    pub committee: AttemptId,
    /// In the order of the members' indices.
    pub keys: BoundedVec<SealedKey, ConstU32<MAX_MEMBERS>>,
    /// With its tag.
    pub ciphertext: Bytes<MAX_PARAMS_BYTES>,
}

/// What private parameters are bound to, encoded in SCALE: without it whoever sees a request could have them read to him by
/// a program of his own.
#[derive(Clone, Copy, Debug, Encode)]
pub struct PrivateParamsBinding<'a> {
    domain: &'static str,
    /// The chain.
    pub genesis: &'a GenesisHash,
    /// The committee.
    pub committee: AttemptId,
    /// The only program that gets them.
    pub cid: Cid,
    /// The only one who may have it run with them.
    pub who: &'a AuthMethod,
}

impl<'a> PrivateParamsBinding<'a> {
    /// To this chain, committee, program and requester.
    pub const fn new(genesis: &'a GenesisHash, committee: AttemptId, cid: Cid, who: &'a AuthMethod) -> Self {
        Self { domain: "CONCLAVE-V1-PRIVATE-PARAMS", genesis, committee, cid, who }
    }
}

impl PrivateParams {
    /// The key for a member; none for whom it was not sealed.
    pub fn key_of(&self, committee: &Committee, member: ParticipantIndex) -> Option<&SealedKey> {
        if self.committee != committee.attempt_id() || self.keys.len() != committee.members.len() {
            return None;
        }
        self.keys.get(member.position())
    }
}
