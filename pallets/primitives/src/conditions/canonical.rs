//! Expressions, their canonical form, and their hash.

use alloc::{boxed::Box, vec, vec::Vec};
use codec::{Decode, DecodeLimit, DecodeWithMemTracking, Encode};
use core::fmt;

use super::{leaf::Leaf, MAX_CONDITION_BYTES, MAX_LEAVES};
use crate::blake2_256;

const DOMAIN_CONDITION: &[u8] = b"CONCLAVE-V1-CONDITION";
/// How deep decoders follow: with at most 30 leaves, canonical groups nest at most 29 times, each group and each
/// value in a leaf takes a few levels.
const DECODE_DEPTH: u32 = 96;

/// The hash of a condition: what ciphertexts are bound to.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    codec::MaxEncodedLen,
    scale_info::TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct ConditionHash(pub [u8; 32]);

impl fmt::Debug for ConditionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A boolean expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Expression {
    /// A test.
    #[codec(index = 0)]
    Leaf(Leaf),
    /// The opposite. In the canonical form only of leaves.
    #[codec(index = 1)]
    Not(Box<Expression>),
    /// At least so many of these: 1 is "any", all of them "all".
    #[codec(index = 2)]
    AtLeast {
        /// How many.
        count: u8,
        /// Of what.
        of: Vec<Expression>,
    },
}

impl Expression {
    /// Whether it holds, by what is known of its leaves; `None` if that is not enough (Kleene's strong logic). Asks for
    /// every leaf.
    pub fn decide(&self, leaf: &mut impl FnMut(&Leaf) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Leaf(test) => leaf(test),
            Self::Not(inner) => inner.decide(leaf).map(|holds| !holds),
            Self::AtLeast { count, of } => {
                let outcomes: Vec<_> = of.iter().map(|operand| operand.decide(leaf)).collect();
                let number = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
                let (holding, unknown, needed) = (number(Some(true)), number(None), usize::from(*count));
                if holding >= needed {
                    Some(true)
                } else if holding.saturating_add(unknown) < needed {
                    Some(false)
                } else {
                    None
                }
            }
        }
    }
}

/// Why an expression or its bytes are no condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionError {
    /// The bytes are no SCALE encoding of an expression.
    Malformed,
    /// Longer than [`MAX_CONDITION_BYTES`].
    TooLong,
    /// The bytes are an expression, but not its canonical form.
    NotCanonical,
    /// More than [`MAX_LEAVES`] leaves.
    TooManyLeaves,
    /// A group of nothing.
    EmptyGroup,
    /// At least none of a group, or more than it has.
    CountOutOfRange,
    /// "At least k" of a group that has an operand twice: it is not clear whether it counts twice.
    RepeatedOperand,
    /// A leaf whose fields are out of their limits or do not fit each other.
    InvalidLeaf,
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "expected the SCALE encoding of a condition",
            Self::TooLong => "expected a condition of at most 16 KiB",
            Self::NotCanonical => "expected the canonical encoding of the condition",
            Self::TooManyLeaves => "expected at most 30 leaves",
            Self::EmptyGroup => "expected a group of at least one condition",
            Self::CountOutOfRange => "expected a count from 1 to the number of conditions",
            Self::RepeatedOperand => "expected different conditions: one stands twice",
            Self::InvalidLeaf => "expected a leaf within its limits whose fields fit each other",
        })
    }
}

impl core::error::Error for ConditionError {}

/// An access condition in its canonical form.
///
/// Its SCALE encoding, as part of anything else, is that of the byte vector [`Self::to_bytes`].
#[derive(Clone, PartialEq, Eq)]
pub struct AccessCondition(Expression);

impl AccessCondition {
    /// The canonical form of `expression`.
    pub fn new(expression: Expression) -> Result<Self, ConditionError> {
        let mut leaves = 0;
        check(&expression, &mut leaves)?;
        let canonical = Self(normalise(expression, false));
        if u32::try_from(canonical.0.encoded_size()).map_or(true, |size| size > MAX_CONDITION_BYTES) {
            return Err(ConditionError::TooLong);
        }
        Ok(canonical)
    }

    /// The expression.
    pub fn expression(&self) -> &Expression {
        &self.0
    }

    /// Every leaf, from left to right.
    pub fn leaves(&self) -> Vec<&Leaf> {
        let (mut leaves, mut rest) = (Vec::new(), vec![&self.0]);
        while let Some(expression) = rest.pop() {
            match expression {
                Expression::Leaf(leaf) => leaves.push(leaf),
                Expression::Not(inner) => rest.push(inner),
                Expression::AtLeast { of, .. } => rest.extend(of.iter().rev()),
            }
        }
        leaves
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Decodes canonical bytes, and no others: one meaning, one encoding.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ConditionError> {
        if u32::try_from(bytes.len()).map_or(true, |length| length > MAX_CONDITION_BYTES) {
            return Err(ConditionError::TooLong);
        }
        let expression = Expression::decode_all_with_depth_limit(DECODE_DEPTH, &mut &bytes[..])
            .map_err(|_| ConditionError::Malformed)?;
        let condition = Self::new(expression)?;
        if condition.to_bytes() != bytes {
            return Err(ConditionError::NotCanonical);
        }
        Ok(condition)
    }

    /// BLAKE2b-256 over a domain and the canonical bytes.
    pub fn hash(&self) -> ConditionHash {
        ConditionHash(blake2_256(&(DOMAIN_CONDITION, self.to_bytes()).encode()))
    }
}

impl fmt::Debug for AccessCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Encode for AccessCondition {
    fn encode_to<T: codec::Output + ?Sized>(&self, output: &mut T) {
        self.to_bytes().encode_to(output);
    }
}

impl codec::EncodeLike for AccessCondition {}

impl Decode for AccessCondition {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        let bytes = bounded_collections::BoundedVec::<u8, bounded_collections::ConstU32<MAX_CONDITION_BYTES>>::decode(
            input,
        )?;
        Self::from_bytes(&bytes).map_err(|_| "no canonical access condition".into())
    }
}

impl DecodeWithMemTracking for AccessCondition {}

impl scale_info::TypeInfo for AccessCondition {
    type Identity = Vec<u8>;

    fn type_info() -> scale_info::Type {
        Vec::<u8>::type_info()
    }
}

/// Checks what normalising relies on. Recursion is bounded: by the leaves, or else it ends with an error.
fn check(expression: &Expression, leaves: &mut usize) -> Result<(), ConditionError> {
    match expression {
        Expression::Leaf(leaf) => {
            *leaves = leaves.saturating_add(1);
            if *leaves > MAX_LEAVES {
                return Err(ConditionError::TooManyLeaves);
            }
            if !leaf.is_valid() {
                return Err(ConditionError::InvalidLeaf);
            }
            Ok(())
        }
        Expression::Not(inner) => check(inner, leaves),
        Expression::AtLeast { count, of } => {
            if of.is_empty() {
                return Err(ConditionError::EmptyGroup);
            }
            if *count == 0 || usize::from(*count) > of.len() {
                return Err(ConditionError::CountOutOfRange);
            }
            of.iter().try_for_each(|operand| check(operand, leaves))?;
            let choice = *count > 1 && usize::from(*count) < of.len();
            if choice {
                let mut operands: Vec<_> =
                    of.iter().map(|operand| normalise(operand.clone(), false).encode()).collect();
                operands.sort();
                if operands.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
                    return Err(ConditionError::RepeatedOperand);
                }
            }
            Ok(())
        }
    }
}

/// Negation at the leaves, groups of one kind joined, operands sorted by their bytes, each once.
fn normalise(expression: Expression, negated: bool) -> Expression {
    match expression {
        Expression::Leaf(Leaf::Constant(value)) => Expression::Leaf(Leaf::Constant(value != negated)),
        Expression::Leaf(_) if negated => Expression::Not(Box::new(expression)),
        Expression::Leaf(_) => expression,
        Expression::Not(inner) => normalise(*inner, !negated),
        Expression::AtLeast { count, of } => {
            let (size, count) = (of.len(), usize::from(count));
            // De Morgan: not at least k of n hold, if at least n - k + 1 do not.
            let count = if negated { size.saturating_sub(count).saturating_add(1) } else { count };
            let operands = of.into_iter().map(|operand| normalise(operand, negated));
            if count == 1 {
                join(operands, |count, _| count == 1, |_| 1)
            } else if count == size {
                join(operands, |count, size| usize::from(count) == size, |size| size)
            } else {
                let mut of: Vec<_> = operands.collect();
                of.sort_by_cached_key(Encode::encode);
                // A group has at most MAX_LEAVES operands.
                Expression::AtLeast { count: u8::try_from(count).unwrap_or(u8::MAX), of }
            }
        }
    }
}

/// A group "any" or "all": takes in operands that are groups of the same kind.
fn join(
    operands: impl Iterator<Item = Expression>,
    same_kind: impl Fn(u8, usize) -> bool,
    count: impl Fn(usize) -> usize,
) -> Expression {
    let mut joined = Vec::new();
    for operand in operands {
        match operand {
            Expression::AtLeast { count, of } if same_kind(count, of.len()) => joined.extend(of),
            operand => joined.push(operand),
        }
    }
    joined.sort_by_cached_key(Encode::encode);
    joined.dedup();
    if joined.len() == 1 {
        if let Some(only) = joined.pop() {
            return only;
        }
    }
    let count = u8::try_from(count(joined.len())).unwrap_or(u8::MAX);
    Expression::AtLeast { count, of: joined }
}
