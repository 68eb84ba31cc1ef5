//! What members put their names to when an action has ended.

use alloc::{format, string::String};
use sha2::{Digest, Sha256};

use crate::{domain::Hex, AttemptId, Cid, GenesisHash, RequestId, DOMAIN_EXECUTION_OUTCOME};

/// What an execution came to. Each member signs it with its signing key, so that a gateway cannot tell a client another
/// story than t members tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecutionOutcome<'a> {
    /// The committee that ran it.
    pub committee: AttemptId,
    /// The client's request.
    pub request: RequestId,
    /// What ran.
    pub cid: Cid,
    /// Whether the action ended well.
    pub success: bool,
    /// The last response that it set.
    pub response: Option<&'a str>,
}

impl ExecutionOutcome<'_> {
    /// The text that is signed by Ed25519 as it is (UTF-8): one line per field, the response as its SHA-256.
    pub fn text(&self, genesis: &GenesisHash) -> String {
        let response = match self.response {
            Some(response) => format!("0x{}", Hex(&Sha256::digest(response.as_bytes()))),
            None => "none".into(),
        };
        format!(
            "{DOMAIN_EXECUTION_OUTCOME}\nChain: 0x{}\nEpoch: {}\nAttempt: {}\nRequest: {}\nAction: {}\nSuccess: {}\nResponse: {response}",
            Hex(genesis),
            self.committee.epoch.0,
            self.committee.attempt.0,
            self.request,
            self.cid,
            if self.success { "yes" } else { "no" },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attempt, Epoch};

    #[test]
    fn every_field_should_change_the_text() {
        let committee = AttemptId { epoch: Epoch(1), attempt: Attempt(2) };
        let base = ExecutionOutcome {
            committee,
            request: RequestId([3; 32]),
            cid: Cid::of(b"1"),
            success: true,
            response: Some("yes"),
        };
        assert_eq!(
            base.text(&[9; 32]),
            "Conclave action outcome, version 1\n\
             Chain: 0x0909090909090909090909090909090909090909090909090909090909090909\n\
             Epoch: 1\n\
             Attempt: 2\n\
             Request: 0x0303030303030303030303030303030303030303030303030303030303030303\n\
             Action: QmWYddCPs7uR9EvHNCZzpguVFVNfHc6aM3hPVzPdAEESMc\n\
             Success: yes\n\
             Response: 0x8a798890fe93817163b10b5f7bd2ca4d25d84c52739a645a889c173eee7d9d3d"
        );
        let changed = [
            ExecutionOutcome { committee: AttemptId { epoch: Epoch(2), ..committee }, ..base },
            ExecutionOutcome { committee: AttemptId { attempt: Attempt(1), ..committee }, ..base },
            ExecutionOutcome { request: RequestId([4; 32]), ..base },
            ExecutionOutcome { cid: Cid::of(b"2"), ..base },
            ExecutionOutcome { success: false, ..base },
            ExecutionOutcome { response: Some(""), ..base },
            ExecutionOutcome { response: None, ..base },
        ];
        for other in changed {
            assert_ne!(base.text(&[9; 32]), other.text(&[9; 32]));
        }
        assert_ne!(base.text(&[9; 32]), base.text(&[8; 32]));
    }
}
