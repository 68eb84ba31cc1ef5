//! External chains: what conditions ask, and how their answers become final.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// The longest name of a chain, in bytes.
pub const MAX_CHAIN_NAME_BYTES: u32 = 32;

/// The name of an external chain in the registry, such as `ethereum`: ASCII letters, digits and `-`, `_`, `.`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ChainName(BoundedVec<u8, ConstU32<MAX_CHAIN_NAME_BYTES>>);

impl ChainName {
    /// The name `text`; `None` if it is none.
    pub fn new(text: &str) -> Option<Self> {
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if text.is_empty() || !text.bytes().all(valid) {
            return None;
        }
        BoundedVec::try_from(text.as_bytes().to_vec()).ok().map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Decode for ChainName {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        let bytes = BoundedVec::<u8, ConstU32<MAX_CHAIN_NAME_BYTES>>::decode(input)?;
        let name = core::str::from_utf8(&bytes).ok().and_then(Self::new);
        name.ok_or_else(|| "no name of a chain".into())
    }
}

impl fmt::Display for ChainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ChainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// What a chain is, and by what it is told from all others: endpoints that serve another chain are not believed.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ChainKind {
    /// Ethereum's JSON-RPC; the chain id of EIP-155.
    #[codec(index = 0)]
    Evm {
        /// `eth_chainId`.
        chain_id: u64,
    },
    /// Solana's JSON-RPC.
    #[codec(index = 1)]
    Solana {
        /// `getGenesisHash`, as bytes.
        genesis: [u8; 32],
    },
    /// The REST interface of the Cosmos SDK.
    #[codec(index = 2)]
    Cosmos {
        /// The chain id in the headers of blocks.
        chain_id: BoundedVec<u8, ConstU32<48>>,
    },
    /// Substrate's JSON-RPC.
    #[codec(index = 3)]
    Substrate {
        /// The hash of block 0.
        genesis: [u8; 32],
    },
    /// The REST interface of POAP, which is no chain: it keeps who attended what.
    #[codec(index = 4)]
    Poap,
}

/// Which block of a chain counts as final. Where the chain has finality, use it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Finality {
    /// What the chain itself calls final.
    #[codec(index = 0)]
    Finalized,
    /// The block so many blocks below the best one: for chains without finality.
    #[codec(index = 1)]
    Depth(u32),
}

/// An entry of the registry of external chains. Members bring the endpoints.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct ExternalChain {
    /// What it is.
    pub kind: ChainKind,
    /// When its blocks are final.
    pub finality: Finality,
}
