//! What can go wrong, and what to do about it.

/// Why something was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes that are no point of their group's prime-order subgroup, or are its identity.
    #[error("{field} is no point")]
    InvalidPoint {
        /// Which.
        field: &'static str,
    },
    /// Bytes that are no scalar, or zero.
    #[error("{field} is no scalar")]
    InvalidScalar {
        /// Which.
        field: &'static str,
    },
    /// An identity of another chain: it is decrypted there.
    #[error("encrypted for another chain: genesis 0x{}", hex::encode(.got))]
    AnotherChain {
        /// Its genesis hash.
        got: [u8; 32],
    },
    /// An identity of another key set of the same chain: take the Decrypt root of that key set.
    #[error("encrypted for key set {got}")]
    AnotherKeyset {
        /// Its key set.
        got: u32,
    },
    /// What a gateway answered is not the decryption key of the identity, sealed to the one-time key: ask another.
    #[error("the answer is not the decryption key that was asked for: ask another node")]
    WrongAnswer,
    /// A decryption key of another identity than the ciphertext's.
    #[error("the decryption key is of another identity")]
    AnotherIdentity,
    /// A container that does not begin as one.
    #[error("not encrypted by Conclave")]
    NotAContainer,
    /// A container of a version that this library does not know: update it.
    #[error("container of version {got}, known is 1")]
    UnknownVersion {
        /// The version.
        got: u8,
    },
    /// Metadata longer than [`MAX_METADATA_BYTES`](crate::MAX_METADATA_BYTES).
    #[error("{got} bytes of metadata")]
    MetadataTooLong {
        /// Its length.
        got: usize,
    },
    /// A container that ends too early.
    #[error("the {part} is cut off")]
    CutOff {
        /// What is incomplete.
        part: &'static str,
    },
    /// The key in the header does not open: the header was changed, or it is not what was encrypted under this root.
    #[error("the encrypted key was changed")]
    KeyRefused,
    /// A part of the data, or the header, was changed, moved, cut off or added. What was written before is genuine,
    /// but incomplete: discard it.
    #[error("chunk {index} was changed, moved, cut off or added")]
    ChunkRefused {
        /// Which part, counted from 0.
        index: u64,
    },
    /// More data than a container holds: 2^32 chunks.
    #[error("too much data for one container")]
    TooLong,
    /// A ciphertext that is not in Lit's format, to the byte.
    #[error("not a ciphertext of Lit's: {reason}")]
    InvalidLitCiphertext {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A Lit ciphertext that opens to something else than what its identity has the hash of.
    #[error("the plaintext is not the one of the identity")]
    AnotherPlaintext,
    /// A token that is not one.
    #[error("token: {reason}")]
    InvalidToken {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A token whose signature does not verify.
    #[error("the token's signature does not verify")]
    TokenSignature,
    /// A token whose time is over, or has not begun.
    #[error("the token is valid from {from} until {until}, not at {now}")]
    TokenTime {
        /// Seconds since 1970.
        from: u64,
        /// Seconds since 1970.
        until: u64,
        /// Seconds since 1970.
        now: u64,
    },
    /// A token for other conditions than expected.
    #[error("the token is for other conditions")]
    TokenConditions,
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The library beneath refuses what we checked before: a defect of ours or of it.
    #[error("backend: {reason}")]
    Backend {
        /// In its words.
        reason: String,
    },
}
