//! When an authorisation holds.

use conclave_primitives::BlockNumber;

use crate::{limits::CLOCK_GRACE, ports::ReadFinalized, siwe::Message, AuthError};

/// Now, by the member's clock and by its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970.
    pub now: u64,
    /// The number of the latest finalized block.
    pub finalized: BlockNumber,
}

impl Moment {
    pub(crate) fn check_end(self, at: u64) -> Result<(), AuthError> {
        if at.saturating_add(CLOCK_GRACE) < self.now {
            return Err(AuthError::Expired { at });
        }
        Ok(())
    }

    pub(crate) fn check_begin(self, from: u64) -> Result<(), AuthError> {
        if from > self.now.saturating_add(CLOCK_GRACE) {
            return Err(AuthError::NotYetValid { from });
        }
        Ok(())
    }

    /// The whole of a message's time, which is at most `limit` long. The time it ends.
    pub(crate) fn check_message(self, message: &Message, limit: u64) -> Result<u64, AuthError> {
        let end = message.expiration_time.ok_or(AuthError::NoExpiry)?;
        let begin = message.not_before.unwrap_or(message.issued_at).max(message.issued_at);
        if end <= begin {
            return Err(AuthError::EndsBeforeItBegins);
        }
        self.check_length(message.issued_at, end, limit)?;
        self.check_begin(begin)?;
        self.check_end(end)?;
        Ok(end)
    }

    pub(crate) fn check_length(self, begin: u64, end: u64, limit: u64) -> Result<(), AuthError> {
        let seconds = end.saturating_sub(begin);
        if seconds > limit {
            return Err(AuthError::TooLong { seconds, limit });
        }
        Ok(())
    }

    /// The number of the block with this hash, which is at most `age` blocks old.
    pub(crate) fn check_block(
        self,
        hash: &[u8; 32],
        age: BlockNumber,
        chain: &impl ReadFinalized,
    ) -> Result<BlockNumber, AuthError> {
        let number = chain.block_number(hash)?.ok_or(AuthError::UnknownBlock)?;
        self.check_age(number, age)?;
        Ok(number)
    }

    pub(crate) fn check_age(self, number: BlockNumber, age: BlockNumber) -> Result<(), AuthError> {
        let oldest = self.finalized.saturating_sub(age);
        if number < oldest {
            return Err(AuthError::OldBlock { number, oldest });
        }
        if number > self.finalized {
            return Err(AuthError::BlockAhead { number });
        }
        Ok(())
    }
}

/// The hash in a nonce.
pub(crate) fn block_of(nonce: &str) -> Result<[u8; 32], AuthError> {
    let mut hash = [0; 32];
    hex::decode_to_slice(nonce.strip_prefix("0x").unwrap_or(nonce), &mut hash)
        .map_err(|_| AuthError::NonceForm)?;
    Ok(hash)
}
