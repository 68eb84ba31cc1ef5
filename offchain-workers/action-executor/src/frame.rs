//! Messages between parent and child: a length of four bytes, little endian, and as many bytes of SCALE.

use codec::{Decode, DecodeAll, Encode};
use std::io::{self, Read, Write};

/// Longest message: the largest program, its parameters, or an answer of the host.
pub const MAX_FRAME_BYTES: u32 = 64 << 20;

/// Longest message that a child sends: all that may wait at once, or an outcome.
pub const MAX_REPLY_BYTES: u32 = 40 << 20;

/// What a child says first, when it can take commands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// What it runs actions with: `conclave_actions::Vm::engine_hash`.
    pub engine: [u8; 32],
}

/// Why a message could not be exchanged.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The other side is gone, or was killed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Longer than it may be.
    #[error("a message of {0} bytes")]
    TooLong(u64),
    /// Not what it must be.
    #[error("not a message: {0}")]
    Invalid(#[from] codec::Error),
}

/// Writes a message.
///
/// # Errors
/// It is too long, or the pipe is broken.
pub fn write_frame(mut to: impl Write, message: &impl Encode) -> Result<(), FrameError> {
    let bytes = message.encode();
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_FRAME_BYTES);
    let length = length.ok_or(FrameError::TooLong(bytes.len() as u64))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&bytes)?;
    Ok(to.flush()?)
}

/// Reads a message of at most `longest` bytes; `None` where the stream ends instead of one.
///
/// # Errors
/// It is too long, ends early, or is no message.
pub fn read_frame<M: DecodeAll>(mut from: impl Read, longest: u32) -> Result<Option<M>, FrameError> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_le_bytes(length);
    if length > longest {
        return Err(FrameError::TooLong(length.into()));
    }
    // Grows as bytes come: a length alone allocates nothing.
    let mut bytes = Vec::new();
    let read = from.take(length.into()).read_to_end(&mut bytes)?;
    if read != length as usize {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok(Some(M::decode_all(&mut bytes.as_slice())?))
}
