//! What members, and gateways, send each other.

use codec::{Decode, DecodeAll, Encode};
use conclave_client::Attestation;
pub use conclave_primitives::TransportKey;
use conclave_primitives::{
    payload_hash, AttemptId, BlockNumber, Curve, DecryptionShare, GenesisHash, MessageHeader,
    ParticipantIndex, SessionId, SignedPayload, MAX_MEMBERS,
};
use conclave_protocols::ECDSA_CURVES;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::{
    limits::{MAX_FRAME_BYTES, MAX_HOLDINGS},
    ActionMessage, Failure, Refusal, Task, WorkerSecrets,
};

/// A signed message. libp2p authenticates the channel too, but repudiably: this signature is evidence.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Frame {
    /// Where it belongs.
    pub header: MessageHeader,
    /// The SCALE-encoded [`Body`].
    pub payload: Vec<u8>,
    /// Ed25519 by the sender over [`MessageHeader::signed_bytes`].
    pub signature: [u8; 64],
}

/// Why a frame is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than any honest frame.
    #[error("frame of {0} bytes, at most {MAX_FRAME_BYTES}")]
    TooLong(usize),
    /// Not the canonical encoding of a frame.
    #[error("malformed frame")]
    Malformed,
    /// Signed by another than the peer that sent it.
    #[error("frame of another sender than its channel's")]
    Spoofed,
    /// For another node.
    #[error("frame for another node")]
    Misaddressed,
    /// The signature does not verify, under this chain's genesis.
    #[error("frame with a bad signature")]
    BadSignature,
}

/// The content of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Body {
    /// What the sender holds.
    #[codec(index = 0)]
    Status(Status),
    /// Asks a member to take part in a session.
    #[codec(index = 1)]
    Start(Box<Start>),
    /// Asks the other side of a pair to set it up anew; the first flight follows.
    #[codec(index = 2)]
    StartPair {
        /// The attempt whose members the two are.
        attempt: AttemptId,
        /// The curve to sign on.
        curve: Curve,
        /// The recipient's, as its status says: after a restart it must not be led back into a session that it was in,
        /// where a second message of its own would be equivocation.
        boot: [u8; 32],
        /// Chosen by the sender: the set-up is named after it, once.
        nonce: [u8; 32],
    },
    /// A protocol message.
    #[codec(index = 3)]
    Flight(Vec<u8>),
    /// How a session ended for a member, to its coordinator.
    #[codec(index = 4)]
    Outcome(Outcome),
    /// About an action that runs.
    #[codec(index = 5)]
    Action(ActionMessage),
    /// Asks a member for a report of its machine, for a client's nonce.
    #[codec(index = 6)]
    Prove {
        /// The client's.
        nonce: [u8; 32],
    },
    /// The report, or why there is none.
    #[codec(index = 7)]
    Proven(Result<Box<Attestation>, Refusal>),
}

/// What a member is and holds; peers choose quorums by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Status {
    /// Drawn at random when the process started: see [`Start::boots`].
    pub boot: [u8; 32],
    /// By attempt: of the committee that serves, and of the one that forms.
    pub holdings: Vec<Held>,
}

/// What a member holds of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Held {
    /// The attempt whose shares it has on disk.
    pub attempt: AttemptId,
    /// The pairs that it has set up, with the id that both sides must share.
    pub pairs: Vec<(Curve, ParticipantIndex, [u8; 32])>,
}

impl Status {
    /// What the sender holds of an attempt.
    pub fn holding(&self, attempt: AttemptId) -> Option<&Held> {
        self.holdings.iter().find(|held| held.attempt == attempt)
    }

    /// Whether it is one that an honest member could send.
    pub(crate) fn is_sound(&self) -> bool {
        let most = (MAX_MEMBERS as usize).saturating_mul(ECDSA_CURVES.len());
        self.holdings.len() <= MAX_HOLDINGS && self.holdings.iter().all(|held| held.pairs.len() <= most)
    }
}

/// A coordinator's call for a session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Start {
    /// What is to be done.
    pub task: Task,
    /// By which committee.
    pub committee: AttemptId,
    /// Which try it is, counted from 0.
    pub attempt: u8,
    /// By whom: t members.
    pub quorum: Vec<ParticipantIndex>,
    /// The boot of each of them. It enters the session id, so that a session can never run twice: what a member
    /// remembers of requests does not survive its restart.
    pub boots: Vec<[u8; 32]>,
    /// The coordinator's finalized block: a member that lags waits for it.
    pub finalized: BlockNumber,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// The signature.
    #[codec(index = 0)]
    Signed(Vec<u8>),
    /// None, and why. Index 1 was this without flight and transcript.
    #[codec(index = 3)]
    Failed {
        /// The flight in which the member's session ended: it has sent its messages up to this one. 0 if it sent none.
        flight: u8,
        /// Why.
        failure: Failure,
        /// What it sent and received, if a protocol failed whose messages prove who is at fault: FROST or BLS.
        transcript: Option<Box<Transcript>>,
    },
    /// The member's shares of the decryption keys, one for each item, sealed to the client.
    #[codec(index = 2)]
    Shares(Vec<DecryptionShare>),
}

/// What a member sent and received in a session of FROST or BLS.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Transcript {
    /// What it sent to all in the first flight.
    pub own: Vec<u8>,
    /// What others sent to it.
    pub received: Vec<Received>,
}

/// A message of a session, as its sender signed it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Received {
    /// The flight.
    pub flight: u8,
    /// The sender.
    pub from: ParticipantIndex,
    /// Without the frame around it.
    pub message: Vec<u8>,
    /// The sender's signature of the frame.
    pub signature: [u8; 64],
}

impl Outcome {
    /// Of a member that did not take part.
    pub(crate) const fn none(failure: Failure) -> Self {
        Self::Failed { flight: 0, failure, transcript: None }
    }
}

impl Frame {
    /// Signs a frame.
    pub fn sign(
        secrets: &WorkerSecrets,
        genesis: &GenesisHash,
        attempt: AttemptId,
        session: SessionId,
        flight: u8,
        to: TransportKey,
        body: &Body,
    ) -> Self {
        let header = MessageHeader { attempt, session, flight, from: secrets.public().transport, to };
        let payload = body.encode();
        let signature = secrets.sign_message(&header.signed_bytes(genesis, &payload_hash(&payload)));
        Self { header, payload, signature }
    }

    /// What the sender signed of the payload: evidence carries it instead of the payload.
    pub fn signed_payload(&self) -> SignedPayload {
        SignedPayload { hash: payload_hash(&self.payload), signature: self.signature }
    }

    /// Decodes and checks a frame that `peer` sent to `me`.
    pub fn open(
        bytes: &[u8],
        peer: &TransportKey,
        me: &TransportKey,
        genesis: &GenesisHash,
    ) -> Result<(Self, Body), FrameError> {
        if bytes.len() > MAX_FRAME_BYTES {
            return Err(FrameError::TooLong(bytes.len()));
        }
        let frame = Self::decode_all(&mut &*bytes).map_err(|_| FrameError::Malformed)?;
        if frame.header.from != *peer {
            return Err(FrameError::Spoofed);
        }
        if frame.header.to != *me {
            return Err(FrameError::Misaddressed);
        }
        let signed = frame.header.signed_bytes(genesis, &payload_hash(&frame.payload));
        VerifyingKey::from_bytes(&frame.header.from)
            .and_then(|key| key.verify_strict(&signed, &Signature::from_bytes(&frame.signature)))
            .map_err(|_| FrameError::BadSignature)?;
        let body = Body::decode_all(&mut &*frame.payload).map_err(|_| FrameError::Malformed)?;
        Ok((frame, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_primitives::{flight_payload, Attempt, Epoch};
    use conclave_vss::EncryptionSecret;

    fn secrets(seed: u8) -> WorkerSecrets {
        let mut scalar = [0; 32];
        scalar[0] = seed;
        let encryption = EncryptionSecret::from_bytes(&scalar).expect("small scalar");
        WorkerSecrets::new(encryption, &[seed; 32], &[seed + 100; 32])
    }

    fn attempt(epoch: u32, attempt: u32) -> AttemptId {
        AttemptId { epoch: Epoch(epoch), attempt: Attempt(attempt) }
    }

    #[test]
    fn evidence_should_know_the_payload_of_a_flight() {
        let message = vec![1, 2, 3];
        assert_eq!(Body::Flight(message.clone()).encode(), flight_payload(&message));
    }

    #[test]
    fn dropping_any_bound_field_should_break_the_signature() {
        let (alice, bob) = (secrets(1), secrets(2));
        let (from, to) = (alice.public().transport, bob.public().transport);
        let genesis = [7; 32];
        let body = Body::Flight(vec![1, 2, 3]);
        let frame = Frame::sign(&alice, &genesis, attempt(1, 0), SessionId([5; 32]), 2, to, &body);
        let open = |frame: &Frame, genesis: &[u8; 32]| {
            Frame::open(&frame.encode(), &from, &to, genesis).map(|(_, b)| b)
        };
        assert_eq!(open(&frame, &genesis), Ok(body));
        assert_eq!(open(&frame, &[8; 32]), Err(FrameError::BadSignature), "genesis");
        let with = |header| Frame { header, ..frame.clone() };
        let header = frame.header;
        let forged: [(&str, Frame); 5] = [
            ("epoch", with(MessageHeader { attempt: attempt(2, 0), ..header })),
            ("attempt", with(MessageHeader { attempt: attempt(1, 1), ..header })),
            ("session", with(MessageHeader { session: SessionId([6; 32]), ..header })),
            ("flight", with(MessageHeader { flight: 3, ..header })),
            ("payload", Frame { payload: Body::Flight(vec![1, 2, 4]).encode(), ..frame.clone() }),
        ];
        for (field, forged) in forged {
            assert_eq!(open(&forged, &genesis), Err(FrameError::BadSignature), "{field}");
        }
        assert_eq!(
            open(&with(MessageHeader { from: [9; 32], ..header }), &genesis),
            Err(FrameError::Spoofed)
        );
        assert_eq!(
            open(&with(MessageHeader { to: [9; 32], ..header }), &genesis),
            Err(FrameError::Misaddressed)
        );
        let third = secrets(3).public().transport;
        let redirected = with(MessageHeader { to: third, ..header });
        assert_eq!(
            Frame::open(&redirected.encode(), &from, &third, &genesis).map(|_| ()),
            Err(FrameError::BadSignature),
            "to"
        );
        let mut trailing = frame.encode();
        trailing.push(0);
        assert_eq!(Frame::open(&trailing, &from, &to, &genesis).map(|_| ()), Err(FrameError::Malformed));
    }
}
