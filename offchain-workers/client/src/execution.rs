//! What an action came to, by the word of t members: a gateway that answers `conclave_execute` need not be trusted.

use conclave_primitives::{Committee, ExecutionOutcome, GenesisHash, ParticipantIndex};
use ed25519_dalek::{Signature, VerifyingKey};
use std::collections::BTreeSet;

/// Why an answer is not the committee's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecutionError {
    /// It is of another committee: ask the chain for the one of that epoch.
    #[error("committee: the outcome is of another one")]
    OtherCommittee,
    /// The committee has no such member.
    #[error("endorsements: member {0} is not in the committee")]
    NoMember(ParticipantIndex),
    /// The member has not signed this outcome.
    #[error("endorsements: the signature of member {0} does not verify")]
    WrongSignature(ParticipantIndex),
    /// Fewer members than the threshold have signed it.
    #[error("endorsements: {found} members have signed the outcome, {needed} must")]
    TooFew {
        /// How many have.
        found: usize,
        /// How many must.
        needed: u32,
    },
}

/// Whether t different members of `committee`, which the client has from the chain, have signed `outcome`. Every
/// signature must verify.
pub fn verify_execution(
    outcome: &ExecutionOutcome<'_>,
    genesis: &GenesisHash,
    committee: &Committee,
    endorsements: &[(ParticipantIndex, [u8; 64])],
) -> Result<(), ExecutionError> {
    let mut members = BTreeSet::new();
    for (member, signature) in endorsements {
        verify_endorsement(outcome, genesis, committee, *member, signature)?;
        members.insert(*member);
    }
    let (found, needed) = (members.len(), committee.threshold);
    if u32::try_from(found).is_ok_and(|found| found >= needed) {
        Ok(())
    } else {
        Err(ExecutionError::TooFew { found, needed })
    }
}

/// Whether one member has signed `outcome` (RFC 8032, strictly: no small-order keys, canonical encodings only).
pub fn verify_endorsement(
    outcome: &ExecutionOutcome<'_>,
    genesis: &GenesisHash,
    committee: &Committee,
    member: ParticipantIndex,
    signature: &[u8; 64],
) -> Result<(), ExecutionError> {
    if outcome.committee != committee.attempt_id() {
        return Err(ExecutionError::OtherCommittee);
    }
    let keys = committee.member(member).ok_or(ExecutionError::NoMember(member))?.keys;
    let wrong = |_| ExecutionError::WrongSignature(member);
    let key = VerifyingKey::from_bytes(&keys.signing).map_err(wrong)?;
    let signature = Signature::from_bytes(signature);
    key.verify_strict(outcome.text(genesis).as_bytes(), &signature).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_primitives::{
        Attempt, AttemptId, AttemptKind, Cid, Epoch, KeysetId, Member, RequestId, WorkerKeys,
    };
    use ed25519_dalek::{Signer, SigningKey};

    const GENESIS: GenesisHash = [7; 32];

    fn index(value: u8) -> ParticipantIndex {
        ParticipantIndex::new(value).expect("not zero")
    }

    fn key(member: u8) -> SigningKey {
        SigningKey::from_bytes(&[member; 32])
    }

    fn committee() -> Committee {
        let member = |number: u8| Member {
            account: [number; 32],
            keys: WorkerKeys {
                encryption: [0; 32],
                signing: key(number).verifying_key().to_bytes(),
                transport: [number; 32],
            },
            dealing_key: [0; 32],
        };
        Committee {
            epoch: Epoch(1),
            attempt: Attempt(0),
            kind: AttemptKind::Keygen,
            keyset: KeysetId(0),
            members: (1..=4).map(member).collect(),
            threshold: 3,
            roots: Vec::new(),
            confirmed: Vec::new(),
        }
    }

    fn outcome() -> ExecutionOutcome<'static> {
        ExecutionOutcome {
            committee: AttemptId { epoch: Epoch(1), attempt: Attempt(0) },
            request: RequestId([3; 32]),
            cid: Cid::of(b"1"),
            success: true,
            response: Some("paid"),
        }
    }

    fn endorsements(members: &[u8]) -> Vec<(ParticipantIndex, [u8; 64])> {
        let text = outcome().text(&GENESIS);
        members.iter().map(|member| (index(*member), key(*member).sign(text.as_bytes()).to_bytes())).collect()
    }

    #[test]
    fn t_members_should_do_and_fewer_or_one_twice_should_not() {
        let verify =
            |members: &[u8]| verify_execution(&outcome(), &GENESIS, &committee(), &endorsements(members));
        assert_eq!(verify(&[1, 3, 4]), Ok(()));
        assert_eq!(verify(&[1, 3]), Err(ExecutionError::TooFew { found: 2, needed: 3 }));
        assert_eq!(verify(&[1, 3, 3]), Err(ExecutionError::TooFew { found: 2, needed: 3 }));
        assert_eq!(verify(&[1, 3, 5]), Err(ExecutionError::NoMember(index(5))));
    }

    #[test]
    fn another_outcome_chain_or_committee_should_not_verify() {
        let signed = endorsements(&[1, 2, 3]);
        let verify = |outcome, genesis| verify_execution(&outcome, &genesis, &committee(), &signed);
        let wrong = Err(ExecutionError::WrongSignature(index(1)));
        assert_eq!(verify(ExecutionOutcome { response: Some("not paid"), ..outcome() }, GENESIS), wrong);
        assert_eq!(verify(ExecutionOutcome { success: false, ..outcome() }, GENESIS), wrong);
        assert_eq!(verify(outcome(), [8; 32]), wrong);
        let later = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };
        let of_another = ExecutionOutcome { committee: later, ..outcome() };
        assert_eq!(verify(of_another, GENESIS), Err(ExecutionError::OtherCommittee));
    }
}
