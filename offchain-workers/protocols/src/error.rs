//! What can go wrong, and whose fault it is.

use conclave_primitives::ParticipantIndex;
use std::collections::BTreeSet;

/// Why a protocol could not start or go on.
///
/// [`culprits`](Self::culprits) answers for every variant who is at fault. A run that ends in an error
/// is over; another is tried without the culprits or, if none is named, with another quorum.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    // What the caller gave.
    /// A key share that cannot be one.
    #[error("key share: {reason}")]
    InvalidKeyShare {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A key of a curve that the protocol does not run on.
    #[error("key on {got:?}, protocol on {expected:?}")]
    WrongCurve {
        /// The curve of the key share.
        got: conclave_primitives::Curve,
        /// The curve of the protocol.
        expected: conclave_primitives::Curve,
    },
    /// A key that serves another purpose than the protocol.
    #[error("key for {got:?}, protocol for {expected:?}")]
    WrongPurpose {
        /// The purpose of the key.
        got: conclave_primitives::Purpose,
        /// The purpose of the protocol.
        expected: conclave_primitives::Purpose,
    },
    /// A client's one-time key that cannot be one: the request is at fault, and no member.
    #[error("one-time key: {reason}")]
    InvalidOneTimeKey {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Fewer shares than the threshold.
    #[error("{got} shares, threshold {needed}")]
    TooFewShares {
        /// How many there are.
        got: usize,
        /// The threshold of the key.
        needed: usize,
    },
    /// A quorum of other than t participants.
    #[error("quorum of {got}, threshold {expected}")]
    WrongQuorumSize {
        /// The size of the quorum.
        got: usize,
        /// The threshold of the key.
        expected: usize,
    },
    /// A participant that holds no share of the key, or that may not be its own counterparty.
    #[error("{participant:?} cannot take part")]
    UnknownParticipant {
        /// Who.
        participant: ParticipantIndex,
    },
    /// A quorum without the participant itself.
    #[error("{participant:?} is not in the quorum")]
    NotInQuorum {
        /// The participant itself.
        participant: ParticipantIndex,
    },
    /// A digest that is 0 in the scalar field: anyone can forge a signature of it, under any key.
    #[error("digest is zero")]
    ZeroDigest,
    /// A message that is no digest, for ECDSA.
    #[error("digest of {got} bytes, not 32")]
    NoDigest {
        /// Its length.
        got: usize,
    },
    /// A message longer than any request may have.
    #[error("message of {got} bytes")]
    MessageTooLong {
        /// Its length.
        got: usize,
    },
    /// No OT set-up with a member of the quorum.
    #[error("no set-up with {counterparty:?}")]
    MissingPair {
        /// With whom.
        counterparty: ParticipantIndex,
    },
    /// Bytes in the store that are no pair state, or not the one that was asked for.
    #[error("pair state: {reason}")]
    InvalidPairState {
        /// What is wrong with them.
        reason: &'static str,
    },
    /// Messages from other participants than the machine awaits: a fault of the driver.
    #[error("flight lacks {missing:?}, has unexpected {unexpected:?}")]
    IncompleteFlight {
        /// Awaited, not there.
        missing: BTreeSet<ParticipantIndex>,
        /// There, not awaited.
        unexpected: BTreeSet<ParticipantIndex>,
    },

    // What a message shows.
    /// A message of other than its flight's length.
    #[error("{from:?} sent {got} bytes, not {expected}")]
    WrongLength {
        /// The sender.
        from: ParticipantIndex,
        /// The length of its message.
        got: usize,
        /// The length of every message of the flight.
        expected: usize,
    },
    /// Bytes that are not the canonical encoding of a message.
    #[error("{from:?} sent a malformed message: {reason}")]
    Malformed {
        /// The sender.
        from: ParticipantIndex,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A message that names another sender or recipient than the transport does.
    #[error("{from:?} sent a message that is not from it to us")]
    Misaddressed {
        /// The sender by its transport.
        from: ParticipantIndex,
    },
    /// A message of another run: other session id, key, quorum or message to sign.
    #[error("{from:?} sent a message of another session")]
    SessionMismatch {
        /// The sender.
        from: ParticipantIndex,
    },
    /// A commitment that its opening does not match.
    #[error("{from:?} opened its commitment to something else")]
    CommitmentRejected {
        /// The sender.
        from: ParticipantIndex,
    },
    /// A zero-knowledge proof of the OT set-up that does not verify.
    #[error("{from:?} sent a proof that does not verify")]
    ProofRejected {
        /// The sender.
        from: ParticipantIndex,
    },
    /// The consistency check of an OT extension or multiplication failed. The accuser's OT state may
    /// have leaked bits to the sender: the pair must never run again on it ([`bans`](Self::bans)).
    #[error("{from:?} cheated in a multiplication")]
    MultiplicationRejected {
        /// The sender.
        from: ParticipantIndex,
    },
    /// Signature shares that the public shares refute.
    #[error("wrong signature shares from {from:?}")]
    InvalidSignatureShares {
        /// The senders.
        from: BTreeSet<ParticipantIndex>,
    },
    /// Shares of a decryption key that are malformed, of another statement, or that the public shares refute.
    #[error("wrong decryption shares from {from:?}")]
    InvalidDecryptionShares {
        /// The senders.
        from: BTreeSet<ParticipantIndex>,
    },

    // What cannot be pinned on one participant.
    /// The two sides of a pair hold the outcomes of different set-ups, as after a crash in one. Run the
    /// set-up of the pair anew. A member can claim this falsely: one that does so again after a fresh
    /// set-up is not crashing.
    #[error("set-up with {counterparty:?} is not the one it holds")]
    PairOutOfStep {
        /// The other side.
        counterparty: ParticipantIndex,
    },
    /// Others saw other commitments in the first flight than we did: one of the quorum told two tales,
    /// or they lie about what they saw. Blaming them for their shares would blame the honest.
    #[error("{participants:?} saw other commitments")]
    ViewsDiffer {
        /// Who saw others.
        participants: BTreeSet<ParticipantIndex>,
    },
    /// Key shares in use do not add up to the key. DKLs23 masks them, so it cannot tell whose is wrong.
    #[error("key shares do not add up to the key")]
    InconsistentShares,
    /// The assembled signature does not verify.
    #[error("signature does not verify")]
    SignatureRejected,
    /// The library beneath refuses what we checked before: a defect of ours or of it.
    #[error("backend: {reason}")]
    Backend {
        /// In its words.
        reason: String,
    },
}

impl ProtocolError {
    /// Who broke the protocol: participants that sent what an honest one never sends in this session.
    pub fn culprits(&self) -> BTreeSet<ParticipantIndex> {
        // Exhaustive on purpose: a new variant has to answer whose fault it is.
        match self {
            Self::WrongLength { from, .. }
            | Self::Malformed { from, .. }
            | Self::Misaddressed { from }
            | Self::SessionMismatch { from }
            | Self::CommitmentRejected { from }
            | Self::ProofRejected { from }
            | Self::MultiplicationRejected { from } => BTreeSet::from([*from]),
            Self::InvalidSignatureShares { from } | Self::InvalidDecryptionShares { from } => from.clone(),
            Self::InvalidKeyShare { .. }
            | Self::WrongCurve { .. }
            | Self::WrongPurpose { .. }
            | Self::InvalidOneTimeKey { .. }
            | Self::TooFewShares { .. }
            | Self::WrongQuorumSize { .. }
            | Self::UnknownParticipant { .. }
            | Self::NotInQuorum { .. }
            | Self::ZeroDigest
            | Self::NoDigest { .. }
            | Self::MessageTooLong { .. }
            | Self::MissingPair { .. }
            | Self::InvalidPairState { .. }
            | Self::IncompleteFlight { .. }
            | Self::PairOutOfStep { .. }
            | Self::ViewsDiffer { .. }
            | Self::InconsistentShares
            | Self::SignatureRejected
            | Self::Backend { .. } => BTreeSet::new(),
        }
    }

    /// With whom we must never again run OT, in any quorum: the ban is the pair's and must outlive a restart. After a
    /// failed multiplication that is so for what the state may have leaked; whoever opened a commitment to something else,
    /// or proved what is not so, in a set-up or a signature, did so on purpose, and costs an attempt each time.
    pub fn bans(&self) -> BTreeSet<ParticipantIndex> {
        // Exhaustive on purpose, as above.
        match self {
            Self::CommitmentRejected { from }
            | Self::ProofRejected { from }
            | Self::MultiplicationRejected { from } => BTreeSet::from([*from]),
            Self::InvalidKeyShare { .. }
            | Self::WrongCurve { .. }
            | Self::WrongPurpose { .. }
            | Self::InvalidOneTimeKey { .. }
            | Self::TooFewShares { .. }
            | Self::InvalidDecryptionShares { .. }
            | Self::WrongQuorumSize { .. }
            | Self::UnknownParticipant { .. }
            | Self::NotInQuorum { .. }
            | Self::ZeroDigest
            | Self::NoDigest { .. }
            | Self::MessageTooLong { .. }
            | Self::MissingPair { .. }
            | Self::InvalidPairState { .. }
            | Self::IncompleteFlight { .. }
            | Self::WrongLength { .. }
            | Self::Malformed { .. }
            | Self::Misaddressed { .. }
            | Self::SessionMismatch { .. }
            | Self::InvalidSignatureShares { .. }
            | Self::PairOutOfStep { .. }
            | Self::ViewsDiffer { .. }
            | Self::InconsistentShares
            | Self::SignatureRejected
            | Self::Backend { .. } => BTreeSet::new(),
        }
    }
}
