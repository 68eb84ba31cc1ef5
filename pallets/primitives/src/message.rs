//! What a member signs of every message to another member, and what two signatures prove.

use alloc::{boxed::Box, vec::Vec};
use bounded_collections::{BoundedBTreeSet, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
    blake2_256, AttemptId, BlsSubject, EncodedPoint, GenesisHash, KeyId, ParticipantIndex, SessionId,
    SigningPackage, DOMAIN_MESSAGE, MAX_MEMBERS,
};

/// A node's libp2p identity (Ed25519), which also signs its messages.
pub type TransportKey = [u8; 32];

/// Where a message belongs. With a session and a flight other than 0 an honest sender fills each place once: session ids
/// bind the processes that take part, so that not even a restart leads back to a place.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct MessageHeader {
    /// The attempt that made the shares, or whose members the pair, that the session runs on; for messages of no session
    /// that of the sender's committee, zero before the first. Not only the epoch: an attempt that failed late had
    /// shares of its own, and a share is judged by the commitments it belongs to.
    pub attempt: AttemptId,
    /// The session it belongs to; zero for messages of no session.
    pub session: SessionId,
    /// The flight in the session, counted from 1; 0 for messages of no flight.
    pub flight: u8,
    /// The sender.
    pub from: TransportKey,
    /// The recipient.
    pub to: TransportKey,
}

impl MessageHeader {
    /// The bytes that the sender signs: over the hash of the payload, so that evidence can leave the payload out.
    pub fn signed_bytes(&self, genesis: &GenesisHash, payload_hash: &[u8; 32]) -> Vec<u8> {
        (DOMAIN_MESSAGE, genesis, self, payload_hash).encode()
    }
}

/// The hash of a payload in [`MessageHeader::signed_bytes`].
pub fn payload_hash(payload: &[u8]) -> [u8; 32] {
    blake2_256(payload)
}

/// What the sender of a message signed of its payload.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SignedPayload {
    /// [`payload_hash`] of the payload.
    pub hash: [u8; 32],
    /// Ed25519 by the sender over [`MessageHeader::signed_bytes`].
    pub signature: [u8; 64],
}

/// The payload that carries a protocol message: the worker's `Body::Flight`.
pub fn flight_payload(message: &[u8]) -> Vec<u8> {
    const FLIGHT: u8 = 3;
    (FLIGHT, message).encode()
}

/// In which flight of a FROST session its signature shares are sent.
pub const FROST_SHARE_FLIGHT: u8 = 2;

/// The message that carries a FROST signature share: the share, and the hash of the package it is for.
pub fn frost_share_message(share: &[u8; 32], package: &SigningPackage) -> Vec<u8> {
    (share, package.hash()).encode()
}

/// The classes of proven faults.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum FaultClass {
    /// A dealing that is wrong, for all to see or as a complaint opened it.
    #[codec(index = 0)]
    Dealing,
    /// A complaint that is false.
    #[codec(index = 1)]
    Complaint,
    /// Two messages where there can be one.
    #[codec(index = 2)]
    Equivocation,
    /// A share of a signature that is wrong.
    #[codec(index = 3)]
    SignatureShare,
}

/// Proof that a member broke the protocol off chain: anyone can check it from the chain's state alone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Evidence {
    /// Two payloads for one place.
    #[codec(index = 0)]
    Equivocation {
        /// The place; its flight is not 0.
        header: MessageHeader,
        /// Two payloads with different hashes.
        payloads: [SignedPayload; 2],
    },
    /// A signature share that is wrong for the package it was made for.
    ///
    /// The sender itself names the package, by the hash it signs with its share. The package holds everything that the
    /// share depends on but the sender's secrets: scheme, key, message, and the nonce commitments of all, its own
    /// among them. Whoever follows the protocol signs no package before it has made its share for it, with the nonces
    /// of just these commitments; that share fits. A package that the sender never saw has another hash.
    #[codec(index = 1)]
    FrostShare {
        /// Where the share was sent: in flight [`FROST_SHARE_FLIGHT`].
        header: MessageHeader,
        /// The share.
        share: [u8; 32],
        /// The sender's signature of the message.
        signature: [u8; 64],
        /// The key, of which the package names the public half.
        key: KeyId,
        /// What the share was made for.
        package: Box<SigningPackage>,
    },
    /// A BLS signature share that is wrong for what it was made for.
    ///
    /// The sender signs, with its share, the hash of all that the share depends on but its secret: scheme, key and
    /// message, and the session. There is one right share.
    #[codec(index = 2)]
    BlsShare {
        /// Where the share was sent: in flight [`crate::BLS_SHARE_FLIGHT`] of the session it is for.
        header: MessageHeader,
        /// What was sent as a share.
        share: EncodedPoint,
        /// The sender's signature of the message.
        signature: [u8; 64],
        /// What the share was made for.
        subject: Box<BlsSubject>,
    },
}

impl Evidence {
    /// The message that convicts.
    pub const fn header(&self) -> &MessageHeader {
        match self {
            Self::Equivocation { header, .. }
            | Self::FrostShare { header, .. }
            | Self::BlsShare { header, .. } => header,
        }
    }

    /// What it is evidence of.
    pub const fn class(&self) -> FaultClass {
        match self {
            Self::Equivocation { .. } => FaultClass::Equivocation,
            Self::FrostShare { .. } | Self::BlsShare { .. } => FaultClass::SignatureShare,
        }
    }
}

/// What a member says of the others in an epoch, where nothing can be proven.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PeerReport {
    /// With whom it does not run OT again.
    pub banned: Participants,
    /// Who did not take part when it was called.
    pub absent: Participants,
}

impl PeerReport {
    /// Whether it says something that `other` does not.
    pub fn adds_to(&self, other: &Self) -> bool {
        !self.banned.is_subset(&other.banned) || !self.absent.is_subset(&other.absent)
    }

    /// What both say together, as far as there is room: a member that restarted need not remember what it said.
    pub fn join(mut self, other: &Self) -> Self {
        for (into, from) in [(&mut self.banned, &other.banned), (&mut self.absent, &other.absent)] {
            for index in from.iter() {
                let _ = into.try_insert(*index);
            }
        }
        self
    }
}

/// Some members of a committee.
pub type Participants = BoundedBTreeSet<ParticipantIndex, ConstU32<MAX_MEMBERS>>;
