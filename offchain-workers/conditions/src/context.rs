//! Who asks, when, and which chains can be asked.

use conclave_primitives::conditions::{ChainName, ExternalChain, TextValue, Variable};
use sha3::{Digest, Keccak256};
use std::collections::BTreeMap;

use crate::EvaluationError;

/// What authorisation has proven about who asks. Only what is proven may stand here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requester {
    /// The Ethereum address.
    pub evm: Option<[u8; 20]>,
    /// The Solana key.
    pub solana: Option<[u8; 32]>,
    /// The address on each Cosmos chain, in bech32.
    pub cosmos: BTreeMap<ChainName, String>,
    /// The Substrate account.
    pub account: Option<[u8; 32]>,
    /// The CID of the action that asks, if one does.
    pub action: Option<String>,
    /// The parameters of the session.
    pub parameters: BTreeMap<String, String>,
    /// The message by which the asker signed in, if it is one of EIP-4361.
    pub siwe: Option<SiweMessage>,
}

/// What conditions look at of a message of EIP-4361.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiweMessage {
    /// Its domain.
    pub domain: String,
    /// Its resources.
    pub resources: Vec<String>,
}

/// An external chain as the registry has it, and how many endpoints this member has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainAccess {
    /// The entry of the registry.
    pub chain: ExternalChain,
    /// The endpoints, numbered from 0.
    pub endpoints: u8,
}

/// What an evaluation is told at its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Who asks.
    pub requester: Requester,
    /// The time of our chain's finalized block, in seconds since 1970.
    pub now: u64,
    /// The number of our chain's finalized block.
    pub block: u32,
    /// The chains that conditions may name.
    pub chains: BTreeMap<ChainName, ChainAccess>,
}

impl Context {
    /// The text of a variable.
    pub(crate) fn variable(&self, variable: &Variable) -> Result<String, EvaluationError> {
        let requester = &self.requester;
        let (value, what) = match variable {
            Variable::EvmAddress => (requester.evm.as_ref().map(checksummed), "an Ethereum address"),
            Variable::SolanaAddress => {
                (requester.solana.map(|key| bs58::encode(key).into_string()), "a Solana address")
            }
            Variable::CosmosAddress(chain) => {
                (requester.cosmos.get(chain).cloned(), "an address on this Cosmos chain")
            }
            Variable::Account => (requester.account.map(|account| to_hex(&account)), "a Substrate account"),
            Variable::CurrentAction => return Ok(requester.action.clone().unwrap_or_default()),
            Variable::SiweDomain => {
                (requester.siwe.as_ref().map(|message| message.domain.clone()), "a SIWE message")
            }
            Variable::SessionParameter(name) => match requester.parameters.get(name) {
                Some(value) => return Ok(value.clone()),
                None => return Err(EvaluationError::MissingParameter(name.clone())),
            },
            Variable::LitParameter(name) => {
                let literal = || format!(":litParam:{name}");
                return Ok(requester.parameters.get(name).cloned().unwrap_or_else(literal));
            }
        };
        value.ok_or_else(|| EvaluationError::MissingIdentity(what.into()))
    }

    pub(crate) fn text(&self, value: &TextValue) -> Result<String, EvaluationError> {
        match value {
            TextValue::Literal(text) => Ok(text.clone()),
            TextValue::Variable(variable) => self.variable(variable),
        }
    }

    pub(crate) fn evm_address(&self) -> Result<[u8; 20], EvaluationError> {
        self.requester.evm.ok_or_else(|| EvaluationError::MissingIdentity("an Ethereum address".into()))
    }

    pub(crate) fn solana_key(&self) -> Result<[u8; 32], EvaluationError> {
        self.requester.solana.ok_or_else(|| EvaluationError::MissingIdentity("a Solana address".into()))
    }

    pub(crate) fn account(&self) -> Result<[u8; 32], EvaluationError> {
        self.requester.account.ok_or_else(|| EvaluationError::MissingIdentity("a Substrate account".into()))
    }
}

/// Bytes in hexadecimal after `0x`.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| format!("{text}{byte:02x}"))
}

/// An address with the checksum of EIP-55.
pub(crate) fn checksummed(address: &[u8; 20]) -> String {
    let lower = to_hex(address);
    let digits = lower.trim_start_matches("0x");
    let hash = Keccak256::digest(digits.as_bytes());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let upper = |(digit, nibble): (char, u8)| if nibble >= 8 { digit.to_ascii_uppercase() } else { digit };
    format!("0x{}", digits.chars().zip(nibbles).map(upper).collect::<String>())
}
