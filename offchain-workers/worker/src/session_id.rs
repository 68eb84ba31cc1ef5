//! The ids of sessions: hashes of all that a session is about. Two that differ in any of it share no nonce and no transcript.

use codec::Encode;
use conclave_primitives::{blake2_256, AttemptId, Curve, GenesisHash, ParticipantIndex, SessionId};

use crate::{task::Resolved, Start, TransportKey};

/// Of a task: H(genesis, committee, coordinator, request id, key id, message, quorum, boots, attempt).
pub(crate) fn session_id(
    genesis: &GenesisHash,
    coordinator: &TransportKey,
    resolved: &Resolved,
    start: &Start,
) -> SessionId {
    session_id_of(genesis, coordinator, &start.task.id(genesis), resolved, start)
}

/// The task by its id: that this, too, names the chain is no reason to leave the chain out.
fn session_id_of(
    genesis: &GenesisHash,
    coordinator: &TransportKey,
    task: &[u8; 32],
    resolved: &Resolved,
    start: &Start,
) -> SessionId {
    let Start { committee, attempt, quorum, boots, .. } = start;
    let mut bytes = (b"CONCLAVE-V1-SESSION", genesis, committee, coordinator, task).encode();
    resolved.key.encode_to(&mut bytes);
    bytes.extend(resolved.work.to_bytes());
    (quorum, boots, attempt).encode_to(&mut bytes);
    SessionId(blake2_256(&bytes))
}

/// Of the set-up of a pair of members: `boot` is the one's with the higher index, the other drew the `nonce`.
pub(crate) fn pair_session_id(
    genesis: &GenesisHash,
    attempt: AttemptId,
    curve: Curve,
    (lower, higher): (ParticipantIndex, ParticipantIndex),
    boot: &[u8; 32],
    nonce: &[u8; 32],
) -> SessionId {
    let run = (attempt, curve, lower, higher, boot, nonce);
    SessionId(blake2_256(&(b"CONCLAVE-V1-PAIR", genesis, run).encode()))
}

/// Of a gateway's request for the members' machines: `nonce` is its client's, `salt` its own.
pub(crate) fn proof_session_id(
    genesis: &GenesisHash,
    gateway: &TransportKey,
    nonce: &[u8; 32],
    salt: &[u8; 32],
) -> SessionId {
    SessionId(blake2_256(&(b"CONCLAVE-V1-PROVE", genesis, gateway, nonce, salt).encode()))
}

#[cfg(test)]
mod tests;
