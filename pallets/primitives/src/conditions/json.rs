//! Strict JSON: what two readers could understand differently is refused. Parsed by serde_json into a value of ours
//! that keeps the order of fields, which Lit's hash is over.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use core::fmt;
use serde::{
    de::{Error, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
    Deserialize, Deserializer, Serialize, Serializer,
};

use super::MAX_JSON_BYTES;

/// JSON without floats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number of at most 64 bits.
    Integer(i128),
    /// A string; never with lone surrogates.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object in the order it was written, no name twice.
    Object(Vec<(String, Json)>),
}

/// Why a text is no strict JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError(pub String);

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for JsonError {}

impl Json {
    /// Parses `text`, at most [`MAX_JSON_BYTES`] long.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        if text.len() > MAX_JSON_BYTES {
            return Err(JsonError(format!("expected at most {MAX_JSON_BYTES} bytes of JSON")));
        }
        serde_json::from_str(text).map_err(|error| JsonError(format!("{error}")))
    }

    /// What kind of value it is, for errors.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "a number",
            Self::Text(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Compact, in the order of fields that JavaScript's `JSON.stringify` has: names that are array indices come
    /// first, ascending (ECMA-262, OrdinaryOwnPropertyKeys), the others as written.
    pub fn stringify(&self) -> String {
        // Writing to a string cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Fields in the order that JavaScript gives them, whatever order they were written in.
pub(crate) fn in_order(fields: &[(String, Json)]) -> Vec<&(String, Json)> {
    let mut ordered: Vec<_> = fields.iter().collect();
    // Stable: what is no index stays in its order.
    ordered.sort_by_key(|(name, _)| array_index(name).map_or((1, 0), |index| (0, index)));
    ordered
}

/// The array index that `name` is, if it is one: canonical decimal below 2^32 - 1.
fn array_index(name: &str) -> Option<u32> {
    let canonical = name == "0" || (!name.starts_with('0') && name.bytes().all(|c| c.is_ascii_digit()));
    canonical.then(|| name.parse().ok()).flatten().filter(|index| *index != u32::MAX)
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i128(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| sequence.serialize_element(item))?;
                sequence.end()
            }
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                in_order(fields)
                    .into_iter()
                    .try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

const WHOLE_NUMBER: &str = "expected a whole number of at most 64 bits, without fraction, exponent or `-0`";
/// With its feature `arbitrary_precision`, which any crate of a build may turn on, serde_json hands numbers over as an
/// object with this one field. So an object that really has it is read as a number in every build: node, runtime and
/// client must not disagree.
const NUMBER: &str = "$serde_json::private::Number";

/// As serde_json reads numbers without that feature: `None` for what becomes a float.
fn whole_number(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = !digits.is_empty()
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
        && text != "-0";
    if !canonical {
        return None;
    }
    let number = text.parse::<i128>().ok()?;
    let (lowest, highest) = (i128::from(i64::MIN), i128::from(u64::MAX));
    (lowest..=highest).contains(&number).then_some(number)
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without floats")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Err(E::custom(WHOLE_NUMBER))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut names = alloc::collections::BTreeSet::new();
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == NUMBER {
                let number = whole_number(&map.next_value::<String>()?).filter(|_| fields.is_empty());
                return match (number, map.next_key::<String>()?) {
                    (Some(number), None) => Ok(Json::Integer(number)),
                    _ => Err(A::Error::custom(WHOLE_NUMBER)),
                };
            }
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("field `{name}` stands twice; expected it once")));
            }
            fields.push((name, map.next_value()?));
        }
        Ok(Json::Object(fields))
    }
}

#[cfg(test)]
impl Json {
    /// A file of vectors, which may be longer than a condition.
    pub(crate) fn parse_any_size(text: &str) -> Self {
        serde_json::from_str(text).expect("JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Built alone, serde_json reads numbers itself; in the workspace it hands them over: the answers are the same.
    #[test]
    fn numbers_should_not_depend_on_features_of_serde_json() {
        for (text, number) in [("0", 0), ("-1", -1), ("18446744073709551615", u64::MAX.into())] {
            assert_eq!(Json::parse(text), Ok(Json::Integer(number)));
            let handed_over = format!(r#"{{"{NUMBER}":"{text}"}}"#);
            assert_eq!(Json::parse(&handed_over), Ok(Json::Integer(number)));
        }
        for text in ["-0", "1.0", "1e0", "1e999", "01", "+1", "18446744073709551616", "-9223372036854775809"]
        {
            assert!(Json::parse(text).is_err(), "{text}");
            assert!(Json::parse(&format!(r#"{{"{NUMBER}":"{text}"}}"#)).is_err(), "{text}");
        }
        for object in [r#"{"a":1,"N":"1"}"#, r#"{"N":"1","a":1}"#, r#"{"N":1}"#] {
            assert!(Json::parse(&object.replace('N', NUMBER)).is_err(), "{object}");
        }
    }
}
