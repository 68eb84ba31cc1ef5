//! Types and arguments of contract calls: Ethereum's ABI without tuples.

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};
use codec::{Decode, Encode};
use core::fmt;
use primitive_types::U256;

use super::{value::Integer, Variable, MAX_ELEMENTS, MAX_TEXT_BYTES, MAX_VALUE_DEPTH};

/// A type of the ABI. `uint` is `Uint(256)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum AbiType {
    /// `address`
    #[codec(index = 0)]
    Address,
    /// `bool`
    #[codec(index = 1)]
    Bool,
    /// `uint<bits>`, bits a multiple of 8 from 8 to 256.
    #[codec(index = 2)]
    Uint(u16),
    /// `int<bits>`
    #[codec(index = 3)]
    Int(u16),
    /// `bytes`
    #[codec(index = 4)]
    Bytes,
    /// `bytes<size>`, 1 to 32.
    #[codec(index = 5)]
    FixedBytes(u8),
    /// `string`
    #[codec(index = 6)]
    String,
    /// `<type>[]`
    #[codec(index = 7)]
    Array(Box<AbiType>),
    /// `<type>[<length>]`
    #[codec(index = 8)]
    FixedArray(Box<AbiType>, u32),
}

/// A value for a type of the ABI, or the variable that gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum AbiArgument {
    /// Of `address`.
    #[codec(index = 0)]
    Address([u8; 20]),
    /// Of `bool`.
    #[codec(index = 1)]
    Bool(bool),
    /// Of `uint` and `int` of any size.
    #[codec(index = 2)]
    Integer(Integer),
    /// Of `bytes`, also of fixed size.
    #[codec(index = 3)]
    Bytes(Vec<u8>),
    /// Of `string`.
    #[codec(index = 4)]
    Text(String),
    /// Of arrays.
    #[codec(index = 5)]
    Array(Vec<AbiArgument>),
    /// Its text is parsed as the type when it is known.
    #[codec(index = 6)]
    Variable(Variable),
}

impl AbiType {
    /// As Solidity writes it; `uint` and `int` have 256 bits. `None` for tuples and everything else.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed = Self::parse_any(text)?;
        parsed.is_valid().then_some(parsed)
    }

    fn parse_any(text: &str) -> Option<Self> {
        if let Some((element, length)) = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
            // Each level takes two bytes of the text, and texts are bounded; depth is checked by `is_valid`.
            if text.len() > 64 {
                return None;
            }
            let element = Box::new(Self::parse_any(element)?);
            return match length {
                "" => Some(Self::Array(element)),
                length => Some(Self::FixedArray(element, canonical_number(length)?)),
            };
        }
        let bits = |digits: &str| canonical_number(digits).and_then(|bits: u32| u16::try_from(bits).ok());
        Some(match text {
            "address" => Self::Address,
            "bool" => Self::Bool,
            "bytes" => Self::Bytes,
            "string" => Self::String,
            "uint" => Self::Uint(256),
            "int" => Self::Int(256),
            _ => {
                if let Some(digits) = text.strip_prefix("uint") {
                    Self::Uint(bits(digits)?)
                } else if let Some(digits) = text.strip_prefix("int") {
                    Self::Int(bits(digits)?)
                } else {
                    let size = canonical_number(text.strip_prefix("bytes")?)?;
                    Self::FixedBytes(u8::try_from(size).ok()?)
                }
            }
        })
    }

    /// Whether it is a type: of decoded ones, too.
    pub fn is_valid(&self) -> bool {
        self.is_valid_below(MAX_VALUE_DEPTH)
    }

    fn is_valid_below(&self, depth: usize) -> bool {
        match self {
            Self::Address | Self::Bool | Self::Bytes | Self::String => true,
            Self::Uint(bits) | Self::Int(bits) => (8..=256).contains(bits) && bits % 8 == 0,
            Self::FixedBytes(size) => (1..=32).contains(size),
            Self::Array(element) => depth > 0 && element.is_valid_below(depth.saturating_sub(1)),
            Self::FixedArray(element, length) => {
                let fits = *length > 0 && usize::try_from(*length).is_ok_and(|length| length <= MAX_ELEMENTS);
                depth > 0 && fits && element.is_valid_below(depth.saturating_sub(1))
            }
        }
    }

    /// The type of the elements of an array.
    pub fn element(&self) -> Option<&Self> {
        match self {
            Self::Array(element) | Self::FixedArray(element, _) => Some(element),
            _ => None,
        }
    }

    /// Whether `argument` is a value of this type, or a variable.
    pub fn admits(&self, argument: &AbiArgument) -> bool {
        match (self, argument) {
            (_, AbiArgument::Variable(_)) => self.element().is_none(),
            (Self::Address, AbiArgument::Address(_)) | (Self::Bool, AbiArgument::Bool(_)) => true,
            (Self::Uint(bits), AbiArgument::Integer(value)) => {
                value.to_unsigned().is_some_and(|value| value.bits() <= usize::from(*bits))
            }
            (Self::Int(bits), AbiArgument::Integer(value)) => signed_fits(*value, *bits),
            (Self::Bytes, AbiArgument::Bytes(bytes)) => bytes.len() <= MAX_TEXT_BYTES,
            (Self::FixedBytes(size), AbiArgument::Bytes(bytes)) => bytes.len() == usize::from(*size),
            (Self::String, AbiArgument::Text(text)) => text.len() <= MAX_TEXT_BYTES,
            (Self::Array(element), AbiArgument::Array(items)) => {
                items.len() <= MAX_ELEMENTS && items.iter().all(|item| element.admits(item))
            }
            (Self::FixedArray(element, length), AbiArgument::Array(items)) => {
                u32::try_from(items.len()) == Ok(*length) && items.iter().all(|item| element.admits(item))
            }
            _ => false,
        }
    }

    /// The value that `text` is in this type. Integers in decimal or, after `0x`, in hexadecimal; addresses and
    /// bytes in hexadecimal with `0x`. Not for arrays.
    pub fn parse_value(&self, text: &str) -> Option<AbiArgument> {
        let value = match self {
            Self::Address => AbiArgument::Address(parse_hex(text)?.try_into().ok()?),
            Self::Bool => AbiArgument::Bool(match text {
                "true" => true,
                "false" => false,
                _ => return None,
            }),
            Self::Uint(_) | Self::Int(_) => AbiArgument::Integer(Integer::parse(text)?),
            Self::Bytes | Self::FixedBytes(_) => AbiArgument::Bytes(parse_hex(text)?),
            Self::String => AbiArgument::Text(text.to_string()),
            Self::Array(_) | Self::FixedArray(..) => return None,
        };
        self.admits(&value).then_some(value)
    }
}

fn signed_fits(value: Integer, bits: u16) -> bool {
    let Some(word) = value.to_twos_complement() else { return false };
    let (negative, below_sign) = (word.bit(255), usize::from(bits).saturating_sub(1));
    // All bits from the sign upwards are the sign.
    let rest = if negative { !word } else { word };
    rest >> below_sign == U256::zero()
}

impl AbiArgument {
    /// How deep arrays nest.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Array(items) => items.iter().map(Self::depth).max().unwrap_or(0).saturating_add(1),
            _ => 0,
        }
    }
}

impl fmt::Display for AbiType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("address"),
            Self::Bool => f.write_str("bool"),
            Self::Uint(bits) => write!(f, "uint{bits}"),
            Self::Int(bits) => write!(f, "int{bits}"),
            Self::Bytes => f.write_str("bytes"),
            Self::FixedBytes(size) => write!(f, "bytes{size}"),
            Self::String => f.write_str("string"),
            Self::Array(element) => write!(f, "{element}[]"),
            Self::FixedArray(element, length) => write!(f, "{element}[{length}]"),
        }
    }
}

impl fmt::Display for AbiArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}"))
    }
}

/// Decimal digits without leading zeros.
fn canonical_number(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|c| c.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok()).flatten()
}

/// Bytes in hexadecimal after `0x`, in any case.
pub(crate) fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    if digits.len() % 2 != 0 {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(byte).collect()
}
