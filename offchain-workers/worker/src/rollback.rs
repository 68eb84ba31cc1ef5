//! An old disk, put back under the machine that wrote it: the machine opens it, so that only the chain can tell.
//!
//! A member confirms on chain that its shares of an attempt are on disk, after they are. So the finalized chain names the
//! newest state that the disk must have reached: who confirmed an attempt and has not its shares came back with an older
//! disk, or with a damaged one. Neither is told from the other, and both are refused alike: the member drops what it holds
//! of that attempt and of older ones, deals nothing, signs nothing and takes nothing from the dealings on chain, until
//! another attempt gives it shares that it has not confirmed yet.
//!
//! What an old disk could bring back, and why it is worth nothing:
//!
//! - **Shares and keys of older attempts**, erased since: no session of an attempt runs that finalized state does not
//!   name, and [`ShareStore::keep`](crate::share_store::ShareStore) erases them again with the first finalized block.
//! - **Dealing keys that attempts have used since**: they open what was dealt to them until the second key after them is on
//!   chain. Whoever could read them could have read the disk when it was new. An attempt to come
//!   deals to one of them only while its owner is away: a process that runs provides keys of its own.
//! - **Nonces, OT set-ups, sessions, what was asked before**: they were never on a disk, and go with the process. A session's
//!   id has the boot of every member in it, which is drawn when the process starts.
//! - **A dealing that was replaced**: the chain takes one for each dealer and attempt. Another one with the same constant
//!   term has other random coefficients, and tells t - 1 members as little as the first.
//! - **Bans that are missing**: with a set-up that is new, whoever cheated finds nothing of the one that it probed. A ban saves
//!   work and tells the chain ([`PeerReport`](conclave_primitives::PeerReport)), which does not forget it.
//!
//! So an old disk that is of the attempt that serves, which nothing on chain tells from one that was switched off, has
//! everything that counts.

use conclave_primitives::{AttemptId, Committee, ParticipantIndex};

/// The disk is older than what its owner told the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the chain has this worker's confirmation that its shares of epoch {}, attempt {}, are on disk, and they are not: \
     an old disk was put back, or it is damaged; nothing is signed until the next reshare",
    .confirmed.epoch.0, .confirmed.attempt.0
)]
pub struct RolledBack {
    /// The newest attempt that was confirmed without being held.
    pub confirmed: AttemptId,
}

/// Whether the chain knows better than the disk: `mine` is our index in a committee, `holds` whether its shares are there.
pub(crate) fn check(
    committee: &Committee,
    mine: Option<ParticipantIndex>,
    holds: bool,
) -> Result<(), RolledBack> {
    match mine.is_some_and(|index| committee.confirmed.contains(&index)) && !holds {
        true => Err(RolledBack { confirmed: committee.attempt_id() }),
        false => Ok(()),
    }
}
