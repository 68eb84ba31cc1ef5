//! A request to run an action, and the text that authorises it.

use alloc::{format, string::String};
use codec::{Decode, Encode};

use crate::{
    blake2_256, domain::Hex, BlockNumber, Bytes, Cid, GenesisHash, PrivateParams, RequestId,
    DOMAIN_EXECUTE_REQUEST,
};

/// The longest program that comes within a request: it travels in one frame.
pub const MAX_INLINE_CODE_BYTES: u32 = 256 * 1024;
/// The longest parameters, as JSON.
pub const MAX_PARAMS_BYTES: u32 = 64 * 1024;

/// What is to be run.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Program {
    /// JavaScript, or a Wasm module.
    #[codec(index = 0)]
    Inline(Bytes<MAX_INLINE_CODE_BYTES>),
    /// What members find by its content id.
    #[codec(index = 1)]
    Cid(Cid),
}

impl Program {
    /// What it is called: computed where there are bytes.
    pub fn cid(&self) -> Cid {
        match self {
            Self::Inline(code) => Cid::of(code),
            Self::Cid(cid) => *cid,
        }
    }
}

/// A request to run an action.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ExecuteRequest {
    /// What is to be run.
    pub program: Program,
    /// Its parameters: a JSON object in UTF-8.
    pub params: Bytes<MAX_PARAMS_BYTES>,
    /// More of them, which members read and nobody else.
    pub private: Option<PrivateParams>,
    /// Whether parameters are globals, too (Lit's Datil), besides the members of `jsParams` (Naga).
    pub spread: bool,
    /// The last block at which members start on it.
    pub valid_until: BlockNumber,
    /// Chosen by the client at random: the same request twice has two nonces.
    pub nonce: [u8; 32],
}

impl ExecuteRequest {
    /// The id: a hash of everything in the request.
    pub fn id(&self, genesis: &GenesisHash) -> RequestId {
        RequestId(blake2_256(&(DOMAIN_EXECUTE_REQUEST, genesis, self).encode()))
    }

    /// The text whose signature authorises the request: one line per field. Parameters are there to be read; what binds
    /// them, whatever characters they have, is the id.
    pub fn text(&self, genesis: &GenesisHash) -> String {
        let params = String::from_utf8_lossy(&self.params).replace(char::is_control, " ");
        let private = match &self.private {
            Some(private) => format!("0x{}", Hex(&blake2_256(&private.encode()))),
            None => "none".into(),
        };
        format!(
            "{DOMAIN_EXECUTE_REQUEST}\nChain: 0x{}\nAction: {}\nParameters: {params}\nPrivate parameters: {private}\nAs globals: {}\nValid until block: {}\nNonce: 0x{}\nRequest: {}",
            Hex(genesis),
            self.program.cid(),
            if self.spread { "yes" } else { "no" },
            self.valid_until,
            Hex(&self.nonce),
            self.id(genesis),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attempt, AttemptId, Epoch};

    fn request() -> ExecuteRequest {
        ExecuteRequest {
            program: Program::Inline(Bytes::truncate_from(b"1".to_vec())),
            params: Bytes::truncate_from(b"{\"a\":1}".to_vec()),
            private: None,
            spread: true,
            valid_until: 9,
            nonce: [3; 32],
        }
    }

    #[test]
    fn every_field_should_change_the_id_and_the_text() {
        let base = request();
        let private = PrivateParams {
            committee: AttemptId { epoch: Epoch(1), attempt: Attempt(0) },
            keys: Default::default(),
            ciphertext: Default::default(),
        };
        let changed = [
            ExecuteRequest { program: Program::Inline(Bytes::truncate_from(b"2".to_vec())), ..base.clone() },
            ExecuteRequest { program: Program::Cid(base.program.cid()), ..base.clone() },
            ExecuteRequest { params: Bytes::truncate_from(b"{\"a\":\n1}".to_vec()), ..base.clone() },
            ExecuteRequest { private: Some(private), ..base.clone() },
            ExecuteRequest { spread: false, ..base.clone() },
            ExecuteRequest { valid_until: 10, ..base.clone() },
            ExecuteRequest { nonce: [9; 32], ..base.clone() },
        ];
        for other in changed {
            assert_ne!(base.id(&[0; 32]), other.id(&[0; 32]));
            assert_ne!(base.text(&[0; 32]), other.text(&[0; 32]));
        }
        assert_ne!(base.id(&[0; 32]), base.id(&[1; 32]));
        assert_ne!(base.text(&[0; 32]), base.text(&[1; 32]));
    }

    #[test]
    fn parameters_should_not_look_like_another_line() {
        let params = Bytes::truncate_from(b"{}\nNonce: 0x00".to_vec());
        assert_eq!(ExecuteRequest { params, ..request() }.text(&[0; 32]).lines().count(), 9);
    }
}
