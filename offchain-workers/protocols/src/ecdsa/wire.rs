//! dkls23-core's types as bytes: postcard, as its own `messages` module, but with one encoding only.
//!
//! Every message of a flight has one length, and bytes that decode but are not what we would have
//! encoded are refused. So are then identity and uncompressed points, overlong integers and extra
//! elements: each would change the length or the bytes.

use conclave_primitives::ParticipantIndex;
use dkls23_core::protocols::{Abort, AbortKind, AbortReason, PartiesMessage, PartyIndex};
use postcard::ser_flavors::Flavor;
use serde::{de::DeserializeOwned, Serialize};

use crate::ProtocolError;

/// A scalar in postcard: length ‖ 32 bytes.
pub(super) const SCALAR: usize = 1 + 32;
/// A compressed point in postcard: length ‖ 33 bytes.
pub(super) const POINT: usize = 1 + 33;
/// Sender and recipient.
pub(super) const PARTIES: usize = 2;
/// A hash, seed or nonce.
pub(super) const HASH: usize = 32;
/// The salt of a commitment: length ‖ 64 bytes.
pub(super) const SALT: usize = 1 + 64;
/// The length before a vector of 128 to 16383 elements.
pub(super) const LONG: usize = 2;

/// Appends the encoding of `value`, if it is `length` bytes. With the capacity to hold it, `bytes` does
/// not move: of a secret no copy stays behind.
pub(super) fn append<T: Serialize>(bytes: &mut Vec<u8>, value: &T, length: usize) -> Option<()> {
    let start = bytes.len();
    bytes.resize(start.checked_add(length)?, 0);
    let used = postcard::to_slice(value, bytes.get_mut(start..)?).ok()?.len();
    (used == length).then_some(())
}

/// What `bytes` are the encoding of.
pub(super) fn from_exact<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(bytes).ok()?;
    let canonical = rest.is_empty() && postcard::serialize_with_flavor(&value, Expect(bytes)).ok()?;
    canonical.then_some(value)
}

/// Compares an encoding, as it is written, with the bytes it should be.
struct Expect<'a>(&'a [u8]);

impl Flavor for Expect<'_> {
    type Output = bool;

    fn try_extend(&mut self, data: &[u8]) -> postcard::Result<()> {
        self.0 = self.0.strip_prefix(data).ok_or(postcard::Error::DeserializeBadEncoding)?;
        Ok(())
    }

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn finalize(self) -> postcard::Result<bool> {
        Ok(self.0.is_empty())
    }
}

/// Appends the encoding of a message of ours to `payload`.
pub(super) fn write<T: Serialize>(
    mut payload: Vec<u8>,
    message: &T,
    length: usize,
) -> Result<Vec<u8>, ProtocolError> {
    append(&mut payload, message, length)
        .ok_or_else(|| ProtocolError::Backend { reason: "message of unexpected length".into() })?;
    Ok(payload)
}

/// Decodes a message.
pub(super) fn read<T: Serialize + DeserializeOwned>(
    from: ParticipantIndex,
    bytes: &[u8],
) -> Result<T, ProtocolError> {
    from_exact(bytes).ok_or(ProtocolError::Malformed { from, reason: "not the canonical encoding" })
}

/// Splits a payload whose length was checked.
pub(super) fn split(
    from: ParticipantIndex,
    payload: &[u8],
    at: usize,
) -> Result<(&[u8], &[u8]), ProtocolError> {
    payload.split_at_checked(at).ok_or(ProtocolError::Malformed { from, reason: "too short" })
}

/// Checks that a message is from and to whom its transport says.
pub(super) fn check_parties(
    from: ParticipantIndex,
    to: ParticipantIndex,
    parties: &PartiesMessage,
) -> Result<(), ProtocolError> {
    if (parties.sender.as_u8(), parties.receiver.as_u8()) == (from.get(), to.get()) {
        Ok(())
    } else {
        Err(ProtocolError::Misaddressed { from })
    }
}

/// Our index as dkls23-core's: the same number, the same x coordinate.
pub(super) fn party(index: ParticipantIndex) -> Result<PartyIndex, ProtocolError> {
    PartyIndex::new(index.get()).map_err(|error| ProtocolError::Backend { reason: error.to_string() })
}

pub(super) fn participant(index: PartyIndex) -> Result<ParticipantIndex, ProtocolError> {
    ParticipantIndex::new(index.as_u8())
        .ok_or_else(|| ProtocolError::Backend { reason: "party index 0".into() })
}

/// What an abort of dkls23-core says, in our words.
pub(super) fn from_abort(abort: Abort) -> ProtocolError {
    // The kind decides over the reason: a ban must never be lost in translation.
    let result = match (abort.kind, &abort.reason) {
        (AbortKind::BanCounterparty(index), _) => {
            participant(index).map(|from| ProtocolError::MultiplicationRejected { from })
        }
        (AbortKind::Recoverable, AbortReason::SessionBindingMismatch { counterparty }) => {
            participant(*counterparty).map(|from| ProtocolError::SessionMismatch { from })
        }
        (AbortKind::Recoverable, AbortReason::CommitmentMismatch { counterparty }) => {
            participant(*counterparty).map(|from| ProtocolError::CommitmentRejected { from })
        }
        (AbortKind::Recoverable, AbortReason::PolynomialInconsistency) => {
            Ok(ProtocolError::InconsistentShares)
        }
        (AbortKind::Recoverable, AbortReason::SignatureVerificationFailed | AbortReason::ZeroDenominator) => {
            Ok(ProtocolError::SignatureRejected)
        }
        (AbortKind::Recoverable, AbortReason::InvalidLocalState { .. }) => {
            Ok(ProtocolError::InvalidPairState { reason: "of wrong dimensions" })
        }
        (AbortKind::Recoverable, reason) => Err(ProtocolError::Backend { reason: reason.to_string() }),
    };
    result.unwrap_or_else(|error| error)
}
