//! The leaves: what is asked, of whom, and which answer holds.
//!
//! Indices are part of the hash: they are never given to anything else.

use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};

use super::{
    abi::{AbiArgument, AbiType},
    value::{Comparator, Integer, TextValue, Variable},
    ChainName, PolicyId, MAX_ELEMENTS, MAX_TEXT_BYTES, MAX_VALUE_DEPTH,
};

/// A test that holds, does not hold, or is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Leaf {
    /// Known from the start. Only Lit's JSON makes one: what is unknown there never holds.
    #[codec(index = 0)]
    Constant(bool),
    /// Compares texts: who asks, which action asks, what the session says.
    #[codec(index = 1)]
    Text {
        /// What is found.
        found: TextValue,
        /// How it is compared.
        comparator: Comparator,
        /// What is asked for.
        asked: TextValue,
    },
    /// Compares the Ethereum address of who asks, by its bytes.
    #[codec(index = 2)]
    EvmAddress {
        /// Not `contains`.
        comparator: Comparator,
        /// What is asked for: an address or a variable.
        asked: AbiArgument,
    },
    /// The SIWE message by which the asker signed in lists this resource.
    #[codec(index = 3)]
    SiweResource(String),
    /// The native balance of an account of an EVM chain, in wei.
    #[codec(index = 4)]
    EvmBalance {
        /// Where.
        chain: ChainName,
        /// Whose: an address or a variable.
        account: AbiArgument,
        /// Not `contains`.
        comparator: Comparator,
        /// In wei.
        asked: Integer,
    },
    /// What a contract of an EVM chain answers.
    #[codec(index = 5)]
    EvmCall(EvmCall),
    /// The time of the finalized block of an EVM chain, in seconds since 1970.
    #[codec(index = 6)]
    EvmTime {
        /// Where.
        chain: ChainName,
        /// Not `contains`.
        comparator: Comparator,
        /// In seconds since 1970.
        asked: Integer,
    },
    /// The asker has a POAP whose event is one that is asked for.
    #[codec(index = 7)]
    Poap {
        /// The entry of the registry, of kind `Poap`.
        chain: ChainName,
        /// Of the event.
        field: PoapField,
        /// `=`, and `contains` for names.
        comparator: Comparator,
        /// What is asked for.
        asked: String,
    },
    /// What Solana answers.
    #[codec(index = 8)]
    Solana {
        /// Where.
        chain: ChainName,
        /// What is asked.
        query: SolanaQuery,
        /// Which part of the answer.
        path: JsonPath,
        /// Which value holds.
        test: JsonTest,
    },
    /// What a Cosmos chain answers.
    #[codec(index = 9)]
    Cosmos {
        /// Where.
        chain: ChainName,
        /// What is asked.
        query: CosmosQuery,
        /// Which part of the answer.
        path: JsonPath,
        /// Which value holds.
        test: JsonTest,
    },
    /// The finalized state of a Substrate chain.
    #[codec(index = 10)]
    Substrate {
        /// Where; `None` is our own chain, which is read without RPC.
        chain: Option<ChainName>,
        /// What of it.
        query: SubstrateQuery,
    },
    /// The time of our own chain, in seconds since 1970, is in `from..until`.
    #[codec(index = 11)]
    Time {
        /// The first second.
        from: u64,
        /// The first second that is too late.
        until: Option<u64>,
    },
    /// The number of our own chain's finalized block is in `from..until`.
    #[codec(index = 12)]
    Blocks {
        /// The first block.
        from: u32,
        /// The first block that is too late.
        until: Option<u32>,
    },
    /// The named policy holds as it is now.
    #[codec(index = 13)]
    Policy(PolicyId),
    /// What an action answers.
    #[codec(index = 14)]
    ActionResult {
        /// The action's CID.
        cid: String,
        /// The function of it that is called.
        function: String,
        /// Its arguments, all texts.
        arguments: Vec<TextValue>,
        /// How its answer, as a text, is compared.
        comparator: Comparator,
        /// What is asked for.
        asked: String,
    },
}

/// A call of a contract at the finalized block, and a test of one of its outputs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct EvmCall {
    /// Where.
    pub chain: ChainName,
    /// Which contract.
    pub contract: [u8; 20],
    /// Which function.
    pub function: String,
    /// The types of its arguments.
    pub inputs: Vec<AbiType>,
    /// Its arguments.
    pub arguments: Vec<AbiArgument>,
    /// The types of what it returns.
    pub outputs: Vec<AbiType>,
    /// Which output is tested.
    pub output: u8,
    /// The output is an array, and one of its elements passes.
    pub any_element: bool,
    /// How it is compared. Texts also by `contains`; addresses, bytes and booleans have an order, too, as Lit's.
    pub comparator: Comparator,
    /// What is asked for, of the output's type (or its elements').
    pub asked: AbiArgument,
}

/// What of a POAP's event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum PoapField {
    /// Its id, in decimal.
    #[codec(index = 0)]
    EventId,
    /// Its name.
    #[codec(index = 1)]
    EventName,
}

/// 32 bytes, or the account of who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum AccountValue {
    /// These bytes.
    #[codec(index = 0)]
    Literal([u8; 32]),
    /// Of who asks, on the kind of chain where it stands.
    #[codec(index = 1)]
    Requester,
}

/// What is asked of Solana, at commitment `finalized`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum SolanaQuery {
    /// A call of its JSON-RPC; answers `value`.
    #[codec(index = 0)]
    Rpc {
        /// Which.
        method: SolanaMethod,
        /// With what.
        params: Vec<JsonArgument>,
    },
    /// The balance of `owner`'s associated token account for `mint`, as `getTokenAccountBalance`.
    #[codec(index = 1)]
    TokenBalance {
        /// Of which token.
        mint: [u8; 32],
        /// Whose.
        owner: AccountValue,
    },
    /// How many NFTs of a verified Metaplex collection `owner` has: a number.
    #[codec(index = 2)]
    Collection {
        /// The collection's mint.
        collection: [u8; 32],
        /// Whose.
        owner: AccountValue,
    },
    /// A program-derived address: reads a public key in its account's data, and calls a method with it. Without a
    /// method the answer is the derived address itself.
    #[codec(index = 3)]
    Pda {
        /// What is called with the key that the field has.
        method: Option<SolanaMethod>,
        /// The program.
        program: [u8; 32],
        /// The seeds.
        seeds: Vec<Vec<u8>>,
        /// Where in the data the first field begins.
        offset: u32,
        /// The fields, one after the other.
        fields: Vec<PdaField>,
        /// The name of the field that is the key.
        key: String,
    },
}

/// A field of an account's data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct PdaField {
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub length: u32,
}

/// Methods of Solana's JSON-RPC that conditions may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum SolanaMethod {
    /// `getBlock`
    #[codec(index = 0)]
    GetBlock,
    /// `getBalance`
    #[codec(index = 1)]
    GetBalance,
    /// `getAccountInfo`
    #[codec(index = 2)]
    GetAccountInfo,
    /// `getTokenAccountBalance`
    #[codec(index = 3)]
    GetTokenAccountBalance,
    /// `getTokenAccountsByDelegate`
    #[codec(index = 4)]
    GetTokenAccountsByDelegate,
    /// `getTokenAccountsByOwner`
    #[codec(index = 5)]
    GetTokenAccountsByOwner,
    /// `getHealth`
    #[codec(index = 6)]
    GetHealth,
}

impl SolanaMethod {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::GetBlock, "getBlock"),
        (Self::GetBalance, "getBalance"),
        (Self::GetAccountInfo, "getAccountInfo"),
        (Self::GetTokenAccountBalance, "getTokenAccountBalance"),
        (Self::GetTokenAccountsByDelegate, "getTokenAccountsByDelegate"),
        (Self::GetTokenAccountsByOwner, "getTokenAccountsByOwner"),
        (Self::GetHealth, "getHealth"),
    ];

    /// By its name in the RPC.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, known)| *known == name).map(|(method, _)| method)
    }

    /// Its name in the RPC.
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(method, _)| *method == self).map_or("", |(_, name)| name)
    }
}

/// An argument in JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum JsonArgument {
    /// `null`
    #[codec(index = 0)]
    Null,
    /// A boolean.
    #[codec(index = 1)]
    Bool(bool),
    /// A whole number.
    #[codec(index = 2)]
    Integer(i64),
    /// A string, or what becomes one.
    #[codec(index = 3)]
    Text(TextValue),
    /// An array.
    #[codec(index = 4)]
    Array(Vec<JsonArgument>),
    /// An object, sorted by name.
    #[codec(index = 5)]
    Object(Vec<(String, JsonArgument)>),
}

/// Which value of a JSON answer: steps from the root; empty is the root.
pub type JsonPath = Vec<JsonStep>;

/// A step into a JSON value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum JsonStep {
    /// `.name`
    #[codec(index = 0)]
    Field(String),
    /// `[3]`
    #[codec(index = 1)]
    Index(u32),
    /// `[*]` or `.*`: all elements or all fields.
    #[codec(index = 2)]
    All,
}

/// Which JSON value holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum JsonTest {
    /// A number, or a string that is a decimal one.
    #[codec(index = 0)]
    Integer(Comparator, Integer),
    /// A string.
    #[codec(index = 1)]
    Text(Comparator, TextValue),
    /// A boolean.
    #[codec(index = 2)]
    Boolean(bool),
    /// As Lit reads answers of Solana: numbers as numbers, strings in lexicographic order, nothing else ever holds.
    #[codec(index = 3)]
    LitSolana(Comparator, TextValue),
    /// As Lit reads answers of Cosmos chains: where a number is asked for, decimal strings and nothing else; otherwise
    /// the value's JSON, strings with their quotes.
    #[codec(index = 4)]
    LitCosmos(Comparator, TextValue),
    /// Lit's `timelock`: one of the times found lies less than (or at most) so many seconds before the block's.
    #[codec(index = 5)]
    LitTimelock {
        /// Also exactly so many.
        inclusive: bool,
        /// How many.
        seconds: u64,
    },
}

/// What is asked of a Cosmos chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum CosmosQuery {
    /// A path of its REST interface, at the finalized block.
    #[codec(index = 0)]
    Rest(Vec<PathPart>),
    /// The same, compared with the time of a block.
    #[codec(index = 1)]
    Timelock {
        /// The path.
        path: Vec<PathPart>,
        /// Which block.
        height: BlockHeight,
    },
}

/// A block of a Cosmos chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum BlockHeight {
    /// The newest, which is final there.
    #[codec(index = 0)]
    Latest,
    /// This one.
    #[codec(index = 1)]
    At(u64),
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum PathPart {
    /// This text.
    #[codec(index = 0)]
    Literal(String),
    /// The address of who asks.
    #[codec(index = 1)]
    Requester,
}

/// What is asked of a Substrate chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum SubstrateQuery {
    /// The free balance of an account, in the smallest unit; 0 without an account.
    #[codec(index = 0)]
    Balance {
        /// Whose.
        account: AccountValue,
        /// Not `contains`.
        comparator: Comparator,
        /// In the smallest unit.
        asked: Integer,
    },
    /// An account is a member of a collective: `Members` of the pallet lists it.
    #[codec(index = 1)]
    Member {
        /// Such as `Council`.
        pallet: String,
        /// Who.
        account: AccountValue,
    },
    /// A storage value.
    #[codec(index = 2)]
    Storage {
        /// The pallet's name in the runtime.
        pallet: String,
        /// The storage item.
        item: String,
        /// For maps.
        keys: Vec<(StorageHasher, StorageKeyPart)>,
        /// What holds.
        test: StorageTest,
    },
}

/// How a map hashes a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum StorageHasher {
    /// `Identity`
    #[codec(index = 0)]
    Identity,
    /// `Blake2_128`
    #[codec(index = 1)]
    Blake2_128,
    /// `Blake2_128Concat`
    #[codec(index = 2)]
    Blake2_128Concat,
    /// `Blake2_256`
    #[codec(index = 3)]
    Blake2_256,
    /// `Twox64Concat`
    #[codec(index = 4)]
    Twox64Concat,
    /// `Twox128`
    #[codec(index = 5)]
    Twox128,
    /// `Twox256`
    #[codec(index = 6)]
    Twox256,
}

/// A key of a map, SCALE-encoded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum StorageKeyPart {
    /// These bytes.
    #[codec(index = 0)]
    Literal(Vec<u8>),
    /// The account of who asks.
    #[codec(index = 1)]
    Requester,
}

/// What holds of a storage value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum StorageTest {
    /// There is one, or there is none.
    #[codec(index = 0)]
    Exists(bool),
    /// An unsigned integer of fixed width in it.
    #[codec(index = 1)]
    Integer {
        /// Where it begins.
        offset: u16,
        /// In bytes: 1, 2, 4, 8, 16 or 32.
        width: u8,
        /// Not `contains`.
        comparator: Comparator,
        /// What is asked for.
        asked: Integer,
    },
    /// Bytes in it.
    #[codec(index = 2)]
    Bytes {
        /// Where they begin.
        offset: u16,
        /// What they are.
        asked: Vec<u8>,
    },
}

impl Leaf {
    /// Whether every field is within its limits and fits the others: of decoded leaves, too. The front ends say
    /// what is wrong; this is the last line.
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Policy(_) => true,
            Self::Text { found, asked, .. } => text(found) && text(asked),
            Self::EvmAddress { comparator, asked } => {
                comparator.is_order() && AbiType::Address.admits(asked) && variable(asked)
            }
            Self::SiweResource(resource) => short(resource),
            Self::EvmBalance { account, comparator, asked, .. } => {
                comparator.is_order()
                    && AbiType::Address.admits(account)
                    && variable(account)
                    && asked.to_unsigned().is_some()
            }
            Self::EvmCall(call) => call.is_valid(),
            Self::EvmTime { comparator, asked, .. } => comparator.is_order() && asked.to_unsigned().is_some(),
            Self::Poap { field, comparator, asked, .. } => {
                let contains = *field == PoapField::EventName && *comparator == Comparator::Contains;
                (contains || *comparator == Comparator::Equal) && short(asked)
            }
            Self::Solana { query, path, test, .. } => {
                solana(query) && steps(path) && json_test(test) && !matches!(test, JsonTest::LitCosmos(..))
            }
            Self::Cosmos { query, path, test, .. } => {
                let (parts, timelock) = match query {
                    CosmosQuery::Rest(parts) => (parts, false),
                    CosmosQuery::Timelock { path, .. } => (path, true),
                };
                let path_fits = parts.len() <= MAX_ELEMENTS
                    && parts.iter().all(|part| match part {
                        PathPart::Literal(part) => !part.is_empty() && url_path(part),
                        PathPart::Requester => true,
                    })
                    && !parts
                        .windows(2)
                        .any(|pair| matches!(pair, [PathPart::Literal(_), PathPart::Literal(_)]))
                    && matches!(parts.first(), Some(PathPart::Literal(part)) if part.starts_with('/'));
                path_fits
                    && steps(path)
                    && json_test(test)
                    && !matches!(test, JsonTest::LitSolana(..))
                    && timelock == matches!(test, JsonTest::LitTimelock { .. })
            }
            Self::Substrate { query, .. } => substrate(query),
            Self::Time { from, until } => until.map_or(*from > 0, |until| *from < until),
            Self::Blocks { from, until } => until.map_or(*from > 0, |until| *from < until),
            Self::ActionResult { cid, function, arguments, asked, .. } => {
                short(cid)
                    && !cid.is_empty()
                    && identifier(function)
                    && arguments.len() <= MAX_ELEMENTS
                    && arguments.iter().all(text)
                    && short(asked)
            }
        }
    }
}

impl EvmCall {
    fn is_valid(&self) -> bool {
        let fits = identifier(&self.function)
            && self.inputs.len() <= MAX_ELEMENTS
            && self.outputs.len() <= MAX_ELEMENTS
            && self.inputs.iter().chain(&self.outputs).all(AbiType::is_valid)
            && self.inputs.len() == self.arguments.len()
            && self.inputs.iter().zip(&self.arguments).all(|(kind, argument)| {
                argument.depth() <= MAX_VALUE_DEPTH && kind.admits(argument) && variable(argument)
            });
        fits && self.tested_type().is_some_and(|kind| {
            let comparable = kind.element().is_none()
                && (self.comparator.is_order() || *kind == AbiType::String)
                && (self.comparator.is_equality()
                    || !matches!(kind, AbiType::Bytes | AbiType::FixedBytes(_)));
            comparable && kind.admits(&self.asked) && variable(&self.asked)
        })
    }

    /// The type of what is compared.
    pub fn tested_type(&self) -> Option<&AbiType> {
        let output = self.outputs.get(usize::from(self.output))?;
        if self.any_element {
            output.element()
        } else {
            Some(output)
        }
    }
}

fn short(text: &str) -> bool {
    text.len() <= MAX_TEXT_BYTES
}

fn text(value: &TextValue) -> bool {
    match value {
        TextValue::Literal(text) => short(text),
        TextValue::Variable(variable) => named(variable),
    }
}

fn named(variable: &Variable) -> bool {
    match variable {
        Variable::SessionParameter(name) | Variable::LitParameter(name) => !name.is_empty() && short(name),
        _ => true,
    }
}

fn variable(argument: &AbiArgument) -> bool {
    match argument {
        AbiArgument::Variable(variable) => named(variable),
        AbiArgument::Array(items) => items.iter().all(variable),
        _ => true,
    }
}

fn json_test(test: &JsonTest) -> bool {
    match test {
        JsonTest::Integer(comparator, _) => comparator.is_order(),
        JsonTest::Text(_, value) | JsonTest::LitSolana(_, value) | JsonTest::LitCosmos(_, value) => {
            text(value)
        }
        JsonTest::Boolean(_) | JsonTest::LitTimelock { .. } => true,
    }
}

fn steps(path: &[JsonStep]) -> bool {
    path.len() <= MAX_ELEMENTS
        && path.iter().all(|step| match step {
            JsonStep::Field(name) => short(name),
            JsonStep::Index(_) | JsonStep::All => true,
        })
}

fn solana(query: &SolanaQuery) -> bool {
    match query {
        SolanaQuery::Rpc { params, .. } => params.len() <= MAX_ELEMENTS && params.iter().all(|p| json(p, 0)),
        SolanaQuery::TokenBalance { .. } | SolanaQuery::Collection { .. } => true,
        SolanaQuery::Pda { seeds, fields, key, .. } => {
            // Solana's own limits: MAX_SEEDS of 16, of at most 32 bytes; one seed is the bump.
            seeds.len() <= 15
                && seeds.iter().all(|seed| seed.len() <= 32)
                && fields.len() <= MAX_ELEMENTS
                && fields.iter().all(|field| short(&field.name))
                && short(key)
        }
    }
}

fn json(argument: &JsonArgument, depth: usize) -> bool {
    let below = depth.saturating_add(1);
    depth <= MAX_VALUE_DEPTH
        && match argument {
            JsonArgument::Null | JsonArgument::Bool(_) | JsonArgument::Integer(_) => true,
            JsonArgument::Text(value) => text(value),
            JsonArgument::Array(items) => {
                items.len() <= MAX_ELEMENTS && items.iter().all(|item| json(item, below))
            }
            JsonArgument::Object(fields) => {
                fields.len() <= MAX_ELEMENTS
                    && fields.windows(2).all(|pair| matches!(pair, [(a, _), (b, _)] if a < b))
                    && fields.iter().all(|(name, value)| short(name) && json(value, below))
            }
        }
}

fn substrate(query: &SubstrateQuery) -> bool {
    match query {
        SubstrateQuery::Balance { comparator, asked, .. } => {
            comparator.is_order() && asked.to_unsigned().is_some()
        }
        SubstrateQuery::Member { pallet, .. } => identifier(pallet),
        SubstrateQuery::Storage { pallet, item, keys, test } => {
            let key = |(_, part): &(StorageHasher, StorageKeyPart)| match part {
                StorageKeyPart::Literal(bytes) => bytes.len() <= MAX_TEXT_BYTES,
                StorageKeyPart::Requester => true,
            };
            let test = match test {
                StorageTest::Exists(_) => true,
                StorageTest::Integer { width, comparator, asked, .. } => {
                    matches!(width, 1 | 2 | 4 | 8 | 16 | 32)
                        && comparator.is_order()
                        && asked.to_unsigned().is_some_and(|asked| asked.bits() <= usize::from(*width) * 8)
                }
                StorageTest::Bytes { asked, .. } => !asked.is_empty() && asked.len() <= MAX_TEXT_BYTES,
            };
            identifier(pallet) && identifier(item) && keys.len() <= 4 && keys.iter().all(key) && test
        }
    }
}

/// Of a function, a pallet or a storage item.
pub(crate) fn identifier(name: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    !name.is_empty()
        && name.len() <= 128
        && name.bytes().all(valid)
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// Characters of an absolute path and a query (RFC 3986): no fragment, no spaces, no way to another host or folder.
pub(crate) fn url_path(part: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%[]".contains(&byte);
    short(part) && part.bytes().all(valid) && !part.contains("..") && !part.contains("//")
}
