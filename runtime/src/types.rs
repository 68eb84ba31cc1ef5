//! The names that clients, the node and the pallets' configurations share, and the units of money and time.

use sp_runtime::{
    generic,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};

/// A signature by an Ed25519, sr25519 or ECDSA account.
pub type Signature = MultiSignature;
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
pub type Address = MultiAddress<AccountId, ()>;
pub type Balance = u128;
pub type BlockNumber = u32;
/// How many transactions an account has sent.
pub type Nonce = u32;
pub type Hash = sp_core::H256;
/// Milliseconds since the Unix epoch.
pub type Moment = u64;

pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
pub type Block = generic::Block<Header, crate::UncheckedExtrinsic>;
pub type BlockId = generic::BlockId<Block>;
pub type SignedBlock = generic::SignedBlock<Block>;

/// The block as a node needs it before it knows the runtime: extrinsics are bytes.
pub mod opaque {
    use super::{generic, Header};

    pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;
    pub type Block = generic::Block<Header, UncheckedExtrinsic>;
}

/// Addresses of this chain begin with `cv`. Free in ss58-registry 1.51; the chain specs' properties must agree.
pub const SS58_PREFIX: u16 = 4422;
pub const TOKEN_SYMBOL: &str = "testLPX";
pub const TOKEN_DECIMALS: u8 = 12;

/// One testLPX.
pub const UNIT: Balance = 1_000_000_000_000;
pub const MILLI_UNIT: Balance = UNIT / 1_000;
pub const MICRO_UNIT: Balance = MILLI_UNIT / 1_000;

/// What an account must hold to exist: covers the storage of an account, and is small beside any deposit.
pub const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_UNIT;

/// What is held for something that stays in storage: per item and per byte.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    items as Balance * 100 * MILLI_UNIT + bytes as Balance * 100 * MICRO_UNIT
}

/// One BABE slot, and so the expected time between blocks.
pub const MILLISECONDS_PER_BLOCK: Moment = 3_000;
pub const SLOT_DURATION: Moment = MILLISECONDS_PER_BLOCK;
pub const MINUTES: BlockNumber = (60_000 / MILLISECONDS_PER_BLOCK) as BlockNumber;
pub const HOURS: BlockNumber = 60 * MINUTES;
pub const DAYS: BlockNumber = 24 * HOURS;

/// A BABE epoch is one pallet-session session. Fixed at genesis: changing it on a running chain breaks BABE.
pub const BABE_EPOCH_DURATION_IN_SLOTS: u64 = 10 * MINUTES as u64;
