//! The details object as JSON: `att` and `prf`, no other member, no member twice, everything in the order that EIP-5573
//! demands.

use serde::{
    de::{Error, MapAccess, Visitor},
    Deserialize, Deserializer,
};
use std::{collections::BTreeMap, fmt, marker::PhantomData};

use super::{ReCap, Restrictions};
use crate::limits::MAX_RECAP_ENTRIES;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Details {
    #[serde(default)]
    att: Ordered<Resource, Ordered<Ability, Restrictions>>,
    #[serde(default)]
    prf: Vec<String>,
}

pub(super) fn parse(bytes: &[u8]) -> Result<ReCap, serde_json::Error> {
    let Details { att, prf } = crate::json::object(bytes)?;
    let attenuations: BTreeMap<String, BTreeMap<String, Restrictions>> =
        att.0.into_iter().map(|(resource, abilities)| (resource, abilities.0)).collect();
    if attenuations.values().any(BTreeMap::is_empty) {
        return Err(serde_json::Error::custom("a resource has no abilities"));
    }
    if attenuations.values().map(BTreeMap::len).sum::<usize>() > MAX_RECAP_ENTRIES {
        return Err(serde_json::Error::custom(format!("more than {MAX_RECAP_ENTRIES} abilities")));
    }
    Ok(ReCap { attenuations, proofs: prf })
}

pub(super) fn write(recap: &ReCap) -> String {
    // Maps of text and vectors of maps of JSON cannot fail.
    let json = |value: serde_json::Result<String>| value.unwrap_or_default();
    let attenuations = json(serde_json::to_string(&recap.attenuations));
    format!(r#"{{"att":{attenuations},"prf":{}}}"#, json(serde_json::to_string(&recap.proofs)))
}

/// What may stand as a key.
trait Key {
    const EXPECTED: &'static str;
    fn fits(key: &str) -> bool;
}

/// A URI, as far as a statement in quotation marks can show it without doubt.
struct Resource;

impl Key for Resource {
    const EXPECTED: &'static str = "a URI";

    fn fits(key: &str) -> bool {
        key.contains(':') && key.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'\'')
    }
}

/// `namespace/name`.
struct Ability;

impl Key for Ability {
    const EXPECTED: &'static str = "an ability as namespace/name";

    fn fits(key: &str) -> bool {
        let part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".*_+-".contains(&byte))
        };
        key.split_once('/').is_some_and(|(namespace, name)| part(namespace) && part(name))
    }
}

/// A map whose keys are in order, so that none is there twice.
struct Ordered<K, V>(BTreeMap<String, V>, PhantomData<K>);

impl<K, V> Default for Ordered<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new(), PhantomData)
    }
}

impl<'de, K: Key, V: Deserialize<'de>> Deserialize<'de> for Ordered<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Key, V: Deserialize<'de>> Visitor<'de> for Of<K, V> {
            type Value = Ordered<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object whose keys are each {}", K::EXPECTED)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, V>()? {
                    if !K::fits(&key) {
                        let key = key.escape_default();
                        return Err(A::Error::custom(format!("`{key}` is not {}", K::EXPECTED)));
                    }
                    if entries.last_key_value().is_some_and(|(last, _)| *last >= key) {
                        return Err(A::Error::custom(format!("`{key}` is there twice or out of order")));
                    }
                    if entries.len() >= MAX_RECAP_ENTRIES {
                        return Err(A::Error::custom(format!("more than {MAX_RECAP_ENTRIES} entries")));
                    }
                    entries.insert(key, value);
                }
                Ok(Ordered(entries, PhantomData))
            }
        }

        deserializer.deserialize_map(Of(PhantomData))
    }
}
