//! What every proof and every ciphertext of a dealing is bound to.

use codec::Encode;
use conclave_primitives::{AttemptId, GenesisHash, ParticipantIndex};
use merlin::Transcript;

/// Where a dealing belongs: a proof or a ciphertext from another chain, attempt or dealer fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub struct DealingContext {
    /// The chain.
    pub genesis: GenesisHash,
    /// The attempt.
    pub attempt: AttemptId,
    /// Who deals.
    pub dealer: ParticipantIndex,
}

impl DealingContext {
    /// A transcript that has absorbed the context and `role`.
    pub(crate) fn transcript(&self, role: &'static [u8], detail: &impl Encode) -> Transcript {
        let mut transcript = Transcript::new(b"CONCLAVE-V1-DEALING");
        transcript.append_message(b"role", role);
        transcript.append_message(b"context", &self.encode());
        transcript.append_message(b"detail", &detail.encode());
        transcript
    }
}
