//! Values that leaves compare.

use alloc::string::{String, ToString};
use codec::{Decode, Encode};
use core::{cmp::Ordering, fmt};
use primitive_types::U256;

use super::ChainName;

/// How a value found is compared with the one asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Comparator {
    /// `=`
    #[codec(index = 0)]
    Equal,
    /// `!=`
    #[codec(index = 1)]
    NotEqual,
    /// `<`
    #[codec(index = 2)]
    Less,
    /// `<=`
    #[codec(index = 3)]
    LessOrEqual,
    /// `>`
    #[codec(index = 4)]
    Greater,
    /// `>=`
    #[codec(index = 5)]
    GreaterOrEqual,
    /// `contains`: a text contains another.
    #[codec(index = 6)]
    Contains,
    /// `!contains`
    #[codec(index = 7)]
    NotContains,
}

impl Comparator {
    /// As it is written, in both syntaxes.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "contains" => Self::Contains,
            "!contains" => Self::NotContains,
            _ => return None,
        })
    }

    /// Whether it asks for an order or for equality, which all values have.
    pub fn is_order(self) -> bool {
        !matches!(self, Self::Contains | Self::NotContains)
    }

    /// Whether it asks for equality.
    pub fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }

    /// Compares values that have an order; `None` for `contains`.
    pub fn holds<T: Ord + ?Sized>(self, found: &T, asked: &T) -> Option<bool> {
        let order = found.cmp(asked);
        Some(match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
            Self::Contains | Self::NotContains => return None,
        })
    }

    /// Compares texts, byte by byte.
    pub fn holds_text(self, found: &str, asked: &str) -> bool {
        match self {
            Self::Contains => found.contains(asked),
            Self::NotContains => !found.contains(asked),
            _ => self.holds(found, asked) == Some(true),
        }
    }
}

/// A whole number of up to 256 bits, with a sign.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Integer {
    negative: bool,
    magnitude: U256,
}

impl Integer {
    /// Zero.
    pub const ZERO: Self = Self { negative: false, magnitude: U256::zero() };

    /// A number that is not negative.
    pub const fn unsigned(magnitude: U256) -> Self {
        Self { negative: false, magnitude }
    }

    /// Of sign and magnitude; there is one zero.
    pub fn new(negative: bool, magnitude: U256) -> Self {
        Self { negative: negative && !magnitude.is_zero(), magnitude }
    }

    /// Of 256 bits in two's complement.
    pub fn from_twos_complement(word: U256) -> Self {
        match word.bit(255) {
            true => Self::new(true, (!word).overflowing_add(U256::one()).0),
            false => Self::unsigned(word),
        }
    }

    /// As 256 bits in two's complement; `None` out of range.
    pub fn to_twos_complement(self) -> Option<U256> {
        let limit = U256::one() << 255;
        match self.negative {
            true if self.magnitude <= limit => Some((!self.magnitude).overflowing_add(U256::one()).0),
            false if self.magnitude < limit => Some(self.magnitude),
            _ => None,
        }
    }

    /// The number, if it is not negative.
    pub fn to_unsigned(self) -> Option<U256> {
        (!self.negative).then_some(self.magnitude)
    }

    /// Of decimal digits, with `-` before a negative one, or of hexadecimal ones after `0x`. No sign `+`, no
    /// leading zeros of decimals, no fraction, no exponent.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix("0x") {
            let plain =
                !digits.is_empty() && digits.len() <= 64 && digits.bytes().all(|c| c.is_ascii_hexdigit());
            return plain.then(|| U256::from_str_radix(digits, 16).ok()).flatten().map(Self::unsigned);
        }
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let plain = digits.bytes().all(|c| c.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        let plain = plain && !digits.is_empty() && digits.len() <= 78 && !(negative && digits == "0");
        plain
            .then(|| U256::from_dec_str(digits).ok())
            .flatten()
            .map(|magnitude| Self::new(negative, magnitude))
    }
}

impl From<u128> for Integer {
    fn from(value: u128) -> Self {
        Self::unsigned(value.into())
    }
}

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude.cmp(&other.magnitude),
            (true, true) => other.magnitude.cmp(&self.magnitude),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        f.write_str(&self.magnitude.to_string())
    }
}

impl fmt::Debug for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Encode for Integer {
    fn encode_to<T: codec::Output + ?Sized>(&self, output: &mut T) {
        (self.negative, self.magnitude.to_big_endian()).encode_to(output);
    }
}

impl Decode for Integer {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        let (negative, bytes) = <(bool, [u8; 32])>::decode(input)?;
        let magnitude = U256::from_big_endian(&bytes);
        if negative && magnitude.is_zero() {
            return Err("a negative zero".into());
        }
        Ok(Self { negative, magnitude })
    }
}

/// What is not known before somebody asks: it is put in when the condition is evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Variable {
    /// The Ethereum address of who asks, as a text with EIP-55's checksum.
    #[codec(index = 0)]
    EvmAddress,
    /// The Solana address of who asks, in base58.
    #[codec(index = 1)]
    SolanaAddress,
    /// The address of who asks on a Cosmos chain, in bech32.
    #[codec(index = 2)]
    CosmosAddress(ChainName),
    /// The Substrate account of who asks, as hex with `0x`.
    #[codec(index = 3)]
    Account,
    /// The CID of the action that asks; empty outside of actions.
    #[codec(index = 4)]
    CurrentAction,
    /// A parameter of the session that asks, by name; unknown if the session has none of it.
    #[codec(index = 5)]
    SessionParameter(String),
    /// The domain of the SIWE message by which the asker signed in.
    #[codec(index = 6)]
    SiweDomain,
    /// Lit's `:litParam:<name>`: a parameter of the session, or that very text if the session has none of it.
    #[codec(index = 7)]
    LitParameter(String),
}

/// A text, or what becomes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum TextValue {
    /// This text.
    #[codec(index = 0)]
    Literal(String),
    /// The text of a variable.
    #[codec(index = 1)]
    Variable(Variable),
}
