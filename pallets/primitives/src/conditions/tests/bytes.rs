//! The canonical bytes: one for each meaning, and nothing else decodes.

use super::{super::*, syntax::examples};
use alloc::{boxed::Box, vec};
use codec::{Decode, Encode};

fn block(from: u32) -> Expression {
    Expression::Leaf(Leaf::Blocks { from, until: None })
}

fn at_least(count: u8, of: Vec<Expression>) -> Expression {
    Expression::AtLeast { count, of }
}

/// A difference means that ciphertexts of the last release are bound to other hashes.
#[test]
fn the_format_should_stay() {
    let condition = parse(r#"{"any":[{"blocks":{"from":5}},{"not":{"time":{"until":9}}}]}"#).expect("sound");
    assert_eq!(
        hex::encode(condition.to_bytes()),
        "020108000c050000000001000b0000000000000000010900000000000000"
    );
    assert_eq!(
        hex::encode(condition.hash().0),
        "a7649a96fb34eaff655286d98aa6f5004f9d45c88ad890fdb640fb1e170fa027"
    );
}

#[test]
fn bytes_that_are_not_canonical_should_be_refused() {
    let wrong = [
        (at_least(1, vec![block(2), block(1)]), ConditionError::NotCanonical),
        (at_least(1, vec![block(1)]), ConditionError::NotCanonical),
        (at_least(1, vec![block(1), block(1)]), ConditionError::NotCanonical),
        (Expression::Not(Box::new(Expression::Not(Box::new(block(1))))), ConditionError::NotCanonical),
        (Expression::Not(Box::new(at_least(1, vec![block(1), block(2)]))), ConditionError::NotCanonical),
        (at_least(2, vec![block(1), at_least(2, vec![block(2), block(3)])]), ConditionError::NotCanonical),
        (at_least(1, vec![]), ConditionError::EmptyGroup),
        (at_least(0, vec![block(1), block(2)]), ConditionError::CountOutOfRange),
        (at_least(3, vec![block(1), block(2)]), ConditionError::CountOutOfRange),
        (at_least(2, vec![block(1), block(1), block(2)]), ConditionError::RepeatedOperand),
        (at_least(1, (1..=31).map(block).collect()), ConditionError::TooManyLeaves),
        (block(0), ConditionError::InvalidLeaf),
    ];
    for (expression, error) in wrong {
        assert_eq!(Condition::from_bytes(&expression.encode()), Err(error), "{expression:?}");
    }
    let sound = parse(&examples()[0]).expect("sound").to_bytes();
    assert_eq!(Condition::from_bytes(&[&sound[..], &[0]].concat()), Err(ConditionError::Malformed));
    assert_eq!(Condition::from_bytes(&sound[..sound.len() - 1]), Err(ConditionError::Malformed));
    assert_eq!(Condition::from_bytes(&[0; 16 * 1024 + 1]), Err(ConditionError::TooLong));
    // A bomb of negations: ends with an error, not with the stack.
    assert_eq!(Condition::from_bytes(&[1; 16 * 1024]), Err(ConditionError::Malformed));
}

/// No byte of a condition can change without being noticed: either it decodes no more, or the hash differs.
#[test]
fn a_flipped_bit_should_not_keep_the_hash() {
    for text in examples() {
        let condition = parse(&text).expect("sound");
        let bytes = condition.to_bytes();
        for position in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[position / 8] ^= 1 << (position % 8);
            if let Ok(other) = Condition::from_bytes(&flipped) {
                assert_ne!(other.hash(), condition.hash(), "{text}, bit {position}");
            }
        }
    }
}

#[test]
fn a_condition_should_stand_within_other_scale() {
    let condition = parse(&examples()[3]).expect("sound");
    let encoded = (1u8, &condition, 2u8).encode();
    assert_eq!(<(u8, Condition, u8)>::decode(&mut &encoded[..]), Ok((1, condition, 2)));
}

#[test]
fn failures_should_never_allow() {
    let condition = parse(r#"{"all":[{"blocks":{"from":1}},{"not":{"blocks":{"from":2}}}]}"#).expect("sound");
    let decide = |first: Option<bool>, second: Option<bool>| {
        condition.expression().decide(&mut |leaf| match leaf {
            Leaf::Blocks { from: 1, .. } => first,
            _ => second,
        })
    };
    assert_eq!(decide(Some(true), Some(false)), Some(true));
    assert_eq!(decide(None, Some(false)), None);
    assert_eq!(decide(Some(true), None), None);
    assert_eq!(decide(None, Some(true)), Some(false));
}
