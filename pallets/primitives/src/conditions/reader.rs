//! Reads objects field by field, and says by path which field was wrong and what was expected instead.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use super::{
    json::{Json, JsonError},
    ChainName, MAX_ELEMENTS, MAX_TEXT_BYTES,
};

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where, such as `any[1].evmBalance.value`; empty for the whole text.
    pub field: String,
    /// What was expected there.
    pub expected: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(f, "condition: {}", self.expected),
            field => write!(f, "condition, field `{field}`: {}", self.expected),
        }
    }
}

impl core::error::Error for SyntaxError {}

impl From<JsonError> for SyntaxError {
    fn from(error: JsonError) -> Self {
        Self { field: String::new(), expected: error.0 }
    }
}

/// A value and where it stands.
#[derive(Clone)]
pub(crate) struct At<'a> {
    pub(crate) json: &'a Json,
    pub(crate) path: String,
}

pub(crate) type Parsed<T> = Result<T, SyntaxError>;

impl<'a> At<'a> {
    pub(crate) fn root(json: &'a Json) -> Self {
        Self { json, path: String::new() }
    }

    /// Expected something else here.
    pub(crate) fn expected<T>(&self, what: impl fmt::Display) -> Parsed<T> {
        Err(self.error(what))
    }

    pub(crate) fn error(&self, what: impl fmt::Display) -> SyntaxError {
        SyntaxError { field: self.path.clone(), expected: format!("expected {what}") }
    }

    fn found<T>(&self, what: &str) -> Parsed<T> {
        self.expected(format!("{what}, found {}", self.json.kind()))
    }

    pub(crate) fn text(&self) -> Parsed<&'a str> {
        match self.json {
            Json::Text(text) if text.len() <= MAX_TEXT_BYTES => Ok(text),
            Json::Text(_) => self.expected(format!("at most {MAX_TEXT_BYTES} bytes")),
            _ => self.found("a string"),
        }
    }

    pub(crate) fn bool(&self) -> Parsed<bool> {
        match self.json {
            Json::Bool(value) => Ok(*value),
            _ => self.found("true or false"),
        }
    }

    pub(crate) fn number<T: TryFrom<i128>>(&self, what: &str) -> Parsed<T> {
        match self.json {
            Json::Integer(value) => T::try_from(*value).map_err(|_| self.error(what)),
            _ => self.found(what),
        }
    }

    pub(crate) fn chain(&self) -> Parsed<ChainName> {
        ChainName::new(self.text()?).ok_or_else(|| self.error("the name of a chain in the registry"))
    }

    /// The elements of an array of any length.
    pub(crate) fn items(&self) -> Parsed<Vec<At<'a>>> {
        match self.json {
            Json::Array(items) => Ok(items.iter().enumerate().map(|(i, item)| self.index(i, item)).collect()),
            _ => self.found("an array"),
        }
    }

    /// The elements of an array that stands in a leaf.
    pub(crate) fn elements(&self) -> Parsed<Vec<At<'a>>> {
        match self.items()? {
            items if items.len() > MAX_ELEMENTS => self.expected(format!("at most {MAX_ELEMENTS} elements")),
            items => Ok(items),
        }
    }

    fn index(&self, index: usize, json: &'a Json) -> At<'a> {
        At { json, path: format!("{}[{index}]", self.path) }
    }

    pub(crate) fn child(&self, name: &str, json: &'a Json) -> At<'a> {
        let path = if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) };
        At { json, path }
    }

    /// The fields of an object.
    pub(crate) fn entries(&self) -> Parsed<&'a [(String, Json)]> {
        match self.json {
            Json::Object(fields) => Ok(fields),
            _ => self.found("an object"),
        }
    }

    /// The only field of an object.
    pub(crate) fn single(&self, what: &str) -> Parsed<(&'a str, At<'a>)> {
        match self.entries()? {
            [(name, value)] => Ok((name, self.child(name, value))),
            _ => self.expected(format!("an object with exactly one field: {what}")),
        }
    }

    /// An object with the fields `required`, perhaps some of `optional`, and no others.
    pub(crate) fn object(&self, required: &[&str], optional: &[&str]) -> Parsed<Object<'a>> {
        let fields = self.entries()?;
        let known = |name: &str| required.contains(&name) || optional.contains(&name);
        if let Some((name, value)) = fields.iter().find(|(name, _)| !known(name)) {
            let names: Vec<_> = required.iter().chain(optional).copied().collect();
            return self.child(name, value).expected(format!("no such field, only: {}", names.join(", ")));
        }
        if let Some(name) = required.iter().find(|name| !fields.iter().any(|(field, _)| field == *name)) {
            return self.child(name, self.json).expected("this field, which is missing");
        }
        Ok(Object { at: self.clone() })
    }
}

/// An object whose names are checked.
pub(crate) struct Object<'a> {
    pub(crate) at: At<'a>,
}

impl<'a> Object<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<At<'a>> {
        self.at.json.get(name).map(|json| self.at.child(name, json))
    }

    /// A field that `object` found.
    pub(crate) fn must(&self, name: &str) -> Parsed<At<'a>> {
        self.get(name).ok_or_else(|| self.at.child(name, self.at.json).error("this field, which is missing"))
    }
}
