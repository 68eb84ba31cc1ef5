//! Session keys: who delegated to one, what it may do, and how it asks.

use alloc::{format, string::String, vec::Vec};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::fmt::{self, Write};
use scale_info::TypeInfo;

use crate::{
    blake2_256, AuthMethod, BlockNumber, Bytes, Cid, DecryptionIdentity, GenesisHash, KeysetId, PkpId,
    RequestId, MAX_CONTRACT_SIGNATURE_BYTES, MAX_SIWE_BYTES,
};

/// The longest id of a resource: two hashes in hex and a separator, with room.
pub const MAX_RESOURCE_ID_BYTES: u32 = 256;
/// The most capabilities of one delegation.
pub const MAX_CAPABILITIES: u32 = 32;
/// The most keys between the one that was delegated to and the one that asks.
pub const MAX_SUB_DELEGATIONS: u32 = 3;

/// The first line of the text that authorises a session.
pub const DOMAIN_SESSION_REQUEST: &str = "Conclave session, version 1";
const DOMAIN_SESSION_ID: &[u8] = b"CONCLAVE-V1-SESSION-REQUEST-ID";
const DOMAIN_LOGIN: &[u8] = b"CONCLAVE-V1-LOGIN";
const DOMAIN_CERTIFICATE: &[u8] = b"CONCLAVE-V1-SESSION-CERTIFICATE";
const DOMAIN_SUB_DELEGATION: &[u8] = b"CONCLAVE-V1-SUB-DELEGATION";
const DOMAIN_SESSION_SIGNATURE: &[u8] = b"CONCLAVE-V1-SESSION-SIGNATURE";
const DOMAIN_POSSESSION: &[u8] = b"CONCLAVE-V1-SESSION-POSSESSION";

/// A kind of things that requests are about; in a ReCap the scheme of a URI, by Lit's names.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
pub enum ResourceKind {
    /// `lit-pkp`: a PKP, by its id: 64 lowercase hex digits.
    #[codec(index = 0)]
    Pkp,
    /// `lit-accesscontrolcondition`: what is encrypted under a condition.
    #[codec(index = 1)]
    Condition,
    /// `lit-litaction`: an action, by its CIDv0.
    #[codec(index = 2)]
    Action,
}

/// What may be done with a resource; in a ReCap an ability, by Lit's names.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
pub enum Ability {
    /// `Threshold/Signing`: sign with a PKP, or a statement that a condition holds.
    #[codec(index = 0)]
    Signing,
    /// `Threshold/Decryption`: open what is encrypted under a condition.
    #[codec(index = 1)]
    Decryption,
    /// `Threshold/Execution`: run an action.
    #[codec(index = 2)]
    Execution,
}

/// The id of a resource within its kind, as text.
pub type ResourceId = Bytes<MAX_RESOURCE_ID_BYTES>;

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Resource {
    /// The kind.
    pub kind: ResourceKind,
    /// Which one.
    pub id: ResourceId,
}

impl Resource {
    /// A PKP.
    pub fn pkp(id: &PkpId) -> Self {
        Self { kind: ResourceKind::Pkp, id: ResourceId::truncate_from(hex(&id.0).into_bytes()) }
    }

    /// A condition, by its hash.
    pub fn condition(hash: &[u8; 32]) -> Self {
        Self { kind: ResourceKind::Condition, id: ResourceId::truncate_from(hex(hash).into_bytes()) }
    }

    /// An action, by its CIDv0.
    pub fn action(cid: &Cid) -> Self {
        Self { kind: ResourceKind::Action, id: ResourceId::truncate_from(format!("{cid}").into_bytes()) }
    }

    /// What is encrypted to an identity: its condition's hash, a slash, and what else sets it apart. As Lit's for
    /// identities of Lit's.
    pub fn encrypted(identity: &DecryptionIdentity) -> Self {
        let (condition, other) = match identity {
            DecryptionIdentity::V1 { condition, binding, .. } => (condition, binding),
            DecryptionIdentity::LitV7 { condition, plaintext } => (condition, plaintext),
        };
        let id = format!("{}/{}", hex(condition), hex(other));
        Self { kind: ResourceKind::Condition, id: ResourceId::truncate_from(id.into_bytes()) }
    }
}

/// What a delegation permits. `None` stands for any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Capability {
    /// The kind of resource.
    pub kind: ResourceKind,
    /// Which one.
    pub id: Option<ResourceId>,
    /// What may be done with it.
    pub ability: Option<Ability>,
}

impl Capability {
    /// Whether it permits `ability` on `resource`.
    pub fn permits(&self, resource: &Resource, ability: Ability) -> bool {
        self.kind == resource.kind
            && self.id.as_ref().is_none_or(|id| *id == resource.id)
            && self.ability.is_none_or(|of| of == ability)
    }

    /// Whether it permits nothing that `parent` does not.
    pub fn is_within(&self, parent: &Self) -> bool {
        self.kind == parent.kind
            && (parent.id.is_none() || self.id == parent.id)
            && (parent.ability.is_none() || self.ability == parent.ability)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.ability {
            Some(Ability::Signing) => "sign",
            Some(Ability::Decryption) => "decrypt",
            Some(Ability::Execution) => "run",
            None => "do anything",
        })?;
        f.write_str(match self.kind {
            ResourceKind::Pkp => " with PKP ",
            ResourceKind::Condition => " under condition ",
            ResourceKind::Action => " with action ",
        })?;
        match &self.id {
            None => f.write_char('*'),
            // Escaped: an id with a line feed must not look like another line of the text.
            Some(id) => id.iter().try_for_each(|byte| write!(f, "{}", byte.escape_ascii())),
        }
    }
}

/// The capabilities of one delegation.
pub type Capabilities = BoundedVec<Capability, ConstU32<MAX_CAPABILITIES>>;

/// A request that the committee certify a session key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SessionRequest {
    /// The PKP that the session acts as; `None` for a wallet that acts as itself.
    pub pkp: Option<PkpId>,
    /// The session key: Ed25519, RFC 8032.
    pub session: [u8; 32],
    /// What it may do.
    pub capabilities: Capabilities,
    /// The hash of a recent finalized block: the login began after it.
    pub block: [u8; 32],
    /// Until when, in seconds since 1970.
    pub expires_at: u64,
    /// The last block at which members start on it.
    pub valid_until: BlockNumber,
    /// The session key's signature over [`Self::possession_bytes`].
    pub possession: [u8; 64],
}

impl SessionRequest {
    /// The id: a hash of everything in the request but the signature.
    pub fn id(&self, genesis: &GenesisHash) -> RequestId {
        RequestId(blake2_256(&(DOMAIN_SESSION_ID, genesis, self.terms()).encode()))
    }

    /// What the session key signs to show that somebody holds it.
    pub fn possession_bytes(&self, genesis: &GenesisHash) -> Vec<u8> {
        (DOMAIN_POSSESSION, genesis, self.terms()).encode()
    }

    /// What a passkey or an OpenID provider signs. It names the key and the time, and nothing that a client learns
    /// only from the login, such as the PKP: that is bound by the signature of the session key.
    pub fn challenge(&self, genesis: &GenesisHash) -> [u8; 32] {
        login_challenge(genesis, &self.session, &self.block)
    }

    /// The text that a wallet signs.
    pub fn text(&self, genesis: &GenesisHash) -> String {
        let mut text = format!("{DOMAIN_SESSION_REQUEST}\nChain: 0x{}\nActs as: ", hex(genesis));
        match &self.pkp {
            Some(pkp) => text.push_str(&format!("PKP {pkp}")),
            None => text.push_str("myself"),
        }
        text.push_str(&format!("\nSession key: 0x{}", hex(&self.session)));
        for capability in &self.capabilities {
            text.push_str(&format!("\nMay: {capability}"));
        }
        text.push_str(&format!(
            "\nRecent block: 0x{}\nExpires at: {}\nValid until block: {}",
            hex(&self.block),
            self.expires_at,
            self.valid_until
        ));
        text
    }

    fn terms(&self) -> impl Encode + '_ {
        let Self { pkp, session, capabilities, block, expires_at, valid_until, possession: _ } = self;
        (pkp, session, capabilities, block, expires_at, valid_until)
    }
}

/// What a login signs: H(genesis, session key, hash of a recent finalized block).
pub fn login_challenge(genesis: &GenesisHash, session: &[u8; 32], block: &[u8; 32]) -> [u8; 32] {
    blake2_256(&(DOMAIN_LOGIN, genesis, session, block).encode())
}

/// What the committee found: whoever holds the session key has proved to be `method`. What `method` may do with a PKP
/// is asked of finalized state each time, so revoking a permission ends what its sessions may do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SessionCertificate {
    /// The key set whose Result key signed.
    pub keyset: KeysetId,
    /// The PKP that the session acts as.
    pub pkp: Option<PkpId>,
    /// Who delegated.
    pub method: AuthMethod,
    /// The session key.
    pub session: [u8; 32],
    /// What it may do.
    pub capabilities: Capabilities,
    /// The number of the block after which the login began.
    pub since: BlockNumber,
    /// Until when, in seconds since 1970.
    pub expires_at: u64,
}

impl SessionCertificate {
    /// The bytes that the committee signs with its Result key (Ed25519, RFC 8032).
    pub fn bytes(&self, genesis: &GenesisHash) -> Vec<u8> {
        (DOMAIN_CERTIFICATE, genesis, self).encode()
    }
}

/// How a session key came to its power.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Delegation {
    /// An Ethereum wallet signed a message of EIP-4361 with a ReCap (EIP-5573).
    #[codec(index = 0)]
    Wallet {
        /// The message; its URI is `lit:session:` and the session key in hex.
        message: Bytes<MAX_SIWE_BYTES>,
        /// r ‖ s ‖ v, v in {0, 1, 27, 28}.
        signature: [u8; 65],
    },
    /// A contract wallet (EIP-1271) accepts such a message; its `Chain ID` says where.
    #[codec(index = 1)]
    ContractWallet {
        /// The message.
        message: Bytes<MAX_SIWE_BYTES>,
        /// What the contract judges.
        signature: Bytes<MAX_CONTRACT_SIGNATURE_BYTES>,
    },
    /// The committee certified the key.
    #[codec(index = 2)]
    Certificate {
        /// What it certified.
        certificate: SessionCertificate,
        /// RFC 8032, over [`SessionCertificate::bytes`].
        signature: [u8; 64],
    },
}

/// A session key passes on part of what it may do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SubDelegation {
    /// To which key.
    pub session: [u8; 32],
    /// What that one may do.
    pub capabilities: Capabilities,
    /// Until when, in seconds since 1970.
    pub expires_at: u64,
    /// The delegating key's, over [`Self::bytes`].
    pub signature: [u8; 64],
}

impl SubDelegation {
    /// What the delegating key signs. `parent` is the hash of what it has its own power from:
    /// [`delegation_hash`] up to there.
    pub fn bytes(&self, genesis: &GenesisHash, parent: &[u8; 32]) -> Vec<u8> {
        let Self { session, capabilities, expires_at, signature: _ } = self;
        (DOMAIN_SUB_DELEGATION, genesis, parent, session, capabilities, expires_at).encode()
    }
}

/// The most sub-delegations, in order.
pub type SubDelegations = BoundedVec<SubDelegation, ConstU32<MAX_SUB_DELEGATIONS>>;

/// A request under a session key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SessionAuthorisation {
    /// Where the first key's power comes from.
    pub delegation: Delegation,
    /// From the first key to the one that asks.
    pub sub_delegations: SubDelegations,
    /// The asking key's, over [`session_signature_bytes`].
    pub signature: [u8; 64],
}

/// The hash that stands for a delegation and the sub-delegations after it.
pub fn delegation_hash(delegation: &Delegation, sub_delegations: &[SubDelegation]) -> [u8; 32] {
    blake2_256(&(delegation, sub_delegations).encode())
}

/// What a session key signs for one request: the chain, the request (whose id hashes all of it), the resources, the
/// ability, the last block and where the key's power comes from.
pub fn session_signature_bytes(
    genesis: &GenesisHash,
    request: &RequestId,
    resources: &[Resource],
    ability: Ability,
    valid_until: BlockNumber,
    delegation: &[u8; 32],
) -> Vec<u8> {
    (DOMAIN_SESSION_SIGNATURE, genesis, request, resources, ability, valid_until, delegation).encode()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capability(id: Option<&[u8]>, ability: Option<Ability>) -> Capability {
        let id = id.map(|id| ResourceId::truncate_from(id.to_vec()));
        Capability { kind: ResourceKind::Pkp, id, ability }
    }

    fn request() -> SessionRequest {
        SessionRequest {
            pkp: Some(PkpId([1; 32])),
            session: [2; 32],
            capabilities: Capabilities::truncate_from(vec![capability(Some(b"a"), None)]),
            block: [3; 32],
            expires_at: 4,
            valid_until: 5,
            possession: [6; 64],
        }
    }

    #[test]
    fn a_capability_should_be_within_another_only_if_that_permits_all_of_it() {
        let any = capability(None, None);
        let one = capability(Some(b"a"), Some(Ability::Signing));
        assert!(one.is_within(&any) && one.is_within(&one) && any.is_within(&any));
        assert!(!any.is_within(&one));
        assert!(!capability(Some(b"a"), None).is_within(&one));
        assert!(!capability(None, Some(Ability::Signing)).is_within(&one));
        assert!(!capability(Some(b"b"), Some(Ability::Signing)).is_within(&one));
        assert!(!Capability { kind: ResourceKind::Action, ..one.clone() }.is_within(&any));
    }

    #[test]
    fn every_field_should_change_what_is_signed_for_a_session() {
        let base = request();
        let changed = [
            SessionRequest { pkp: None, ..base.clone() },
            SessionRequest { session: [9; 32], ..base.clone() },
            SessionRequest { capabilities: Capabilities::default(), ..base.clone() },
            SessionRequest { block: [9; 32], ..base.clone() },
            SessionRequest { expires_at: 9, ..base.clone() },
            SessionRequest { valid_until: 9, ..base.clone() },
        ];
        for other in changed {
            assert_ne!(base.id(&[0; 32]), other.id(&[0; 32]));
            assert_ne!(base.text(&[0; 32]), other.text(&[0; 32]));
            assert_ne!(base.possession_bytes(&[0; 32]), other.possession_bytes(&[0; 32]));
        }
        assert_ne!(base.id(&[0; 32]), base.id(&[1; 32]));
        assert_ne!(base.challenge(&[0; 32]), base.challenge(&[1; 32]));
    }

    #[test]
    fn an_id_should_not_look_like_another_line() {
        let text = format!("{}", capability(Some(b"a\nMay: do anything"), Some(Ability::Signing)));
        assert_eq!(text, "sign with PKP a\\nMay: do anything");
    }
}
