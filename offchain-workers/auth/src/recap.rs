//! ReCaps (EIP-5573): capabilities in the last resource of a message of EIP-4361, and in words in its statement.

mod json;

use base64ct::{Base64UrlUnpadded, Encoding};
use codec::{Decode, Encode};
use conclave_primitives::{Ability, Capability, ResourceId, ResourceKind};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::siwe::Message;

/// What every ReCap's URI starts with.
pub const URI_PREFIX: &str = "urn:recap:";
const PREAMBLE: &str = "I further authorize the stated URI to perform the following actions on my behalf:";

/// A ReCap that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum ReCapError {
    /// There is none.
    #[error("the message grants nothing: its last resource must be a ReCap (EIP-5573)")]
    #[codec(index = 0)]
    Missing,
    /// It is not last, or there are two.
    #[error("the message must have one ReCap, as its last resource")]
    #[codec(index = 1)]
    NotLast,
    /// The payload is no base64url.
    #[error("the ReCap is not base64url without padding (RFC 4648)")]
    #[codec(index = 2)]
    Base64,
    /// The payload is no details object.
    #[error("the ReCap's details object does not follow the schema of EIP-5573: {0}")]
    #[codec(index = 3)]
    Json(String),
    /// The statement does not say what the ReCap grants.
    #[error("the statement must end with what the ReCap grants: `{expected}`")]
    #[codec(index = 4)]
    Statement {
        /// How it has to end.
        expected: String,
    },
    /// A resource of ours names nothing.
    #[error("`{0}` names no resource: a PKP by 64 hex digits, an action by its CIDv0, a condition by its hashes, or `*`")]
    #[codec(index = 5)]
    Resource(String),
    /// More than can be kept.
    #[error("the ReCap grants more than {max} capabilities; ask for fewer, or for `*`")]
    #[codec(index = 6)]
    TooMany {
        /// The most.
        max: u32,
    },
}

/// What qualifies the use of an ability: one of the objects must apply, an empty object always does.
pub type Restrictions = Vec<Map<String, Value>>;

/// A details object: resource → ability → restrictions, and the parents it refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReCap {
    /// What is granted. The order of both maps is the one EIP-5573 demands.
    pub attenuations: BTreeMap<String, BTreeMap<String, Restrictions>>,
    /// CIDs of parent capabilities. Not followed: what a wallet may pass on is asked of the chain.
    pub proofs: Vec<String>,
}

impl ReCap {
    /// One that grants `capabilities`, each without restriction.
    pub fn granting(capabilities: &[Capability]) -> Self {
        let mut recap = Self::default();
        for capability in capabilities {
            let abilities = recap.attenuations.entry(resource_uri(capability)).or_default();
            abilities.insert(ability_name(capability.ability).into(), vec![Map::new()]);
        }
        recap
    }

    /// The ReCap of a message, which the message's statement puts into words.
    pub fn of_message(message: &Message) -> Result<Self, ReCapError> {
        let (last, others) = message.resources.split_last().ok_or(ReCapError::Missing)?;
        if others.iter().any(|resource| resource.starts_with(URI_PREFIX)) {
            return Err(ReCapError::NotLast);
        }
        let recap = Self::parse(last)?;
        let expected = recap.statement();
        let says_so = message.statement.as_ref().is_some_and(|statement| {
            statement.strip_suffix(&expected).is_some_and(|own| own.is_empty() || own.ends_with(' '))
        });
        if says_so {
            Ok(recap)
        } else {
            Err(ReCapError::Statement { expected })
        }
    }

    /// Reads a URI.
    pub fn parse(uri: &str) -> Result<Self, ReCapError> {
        let payload = uri.strip_prefix(URI_PREFIX).ok_or(ReCapError::Missing)?;
        let payload = Base64UrlUnpadded::decode_vec(payload).map_err(|_| ReCapError::Base64)?;
        json::parse(&payload).map_err(|error| ReCapError::Json(error.to_string()))
    }

    /// Its URI.
    pub fn uri(&self) -> String {
        format!("{URI_PREFIX}{}", Base64UrlUnpadded::encode_string(json::write(self).as_bytes()))
    }

    /// What it grants, in words (EIP-5573, translation algorithm).
    pub fn statement(&self) -> String {
        let mut statement = PREAMBLE.to_owned();
        let mut number = 0usize;
        for (resource, abilities) in &self.attenuations {
            // Sorted as they are, all abilities of a namespace stand together.
            let mut namespaces: Vec<(&str, Vec<String>)> = Vec::new();
            for ability in abilities.keys() {
                let (namespace, name) = ability.split_once('/').unwrap_or((ability, ""));
                let name = format!("'{name}'");
                match namespaces.last_mut() {
                    Some((last, names)) if *last == namespace => names.push(name),
                    _ => namespaces.push((namespace, vec![name])),
                }
            }
            for (namespace, names) in namespaces {
                number = number.saturating_add(1);
                let names = names.join(", ");
                statement.push_str(&format!(" ({number}) '{namespace}': {names} for '{resource}'."));
            }
        }
        statement
    }

    /// What it grants here. Resources and abilities of other networks grant nothing, and neither does an ability under
    /// restrictions: none are known here.
    pub fn capabilities(&self) -> Result<Vec<Capability>, ReCapError> {
        let mut capabilities = Vec::new();
        for (uri, abilities) in &self.attenuations {
            let Some((kind, id)) = resource(uri)? else { continue };
            for (name, restrictions) in abilities {
                let unrestricted = restrictions.iter().any(Map::is_empty);
                if let Some(ability) = ability(name).filter(|_| unrestricted) {
                    capabilities.push(Capability { kind, id: id.clone(), ability });
                }
            }
        }
        Ok(capabilities)
    }
}

const fn scheme(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Pkp => "lit-pkp",
        ResourceKind::Condition => "lit-accesscontrolcondition",
        ResourceKind::Action => "lit-litaction",
    }
}

fn resource_uri(capability: &Capability) -> String {
    let id = capability.id.as_ref().map_or("*".into(), |id| String::from_utf8_lossy(id).into_owned());
    format!("{}://{id}", scheme(capability.kind))
}

fn resource(uri: &str) -> Result<Option<(ResourceKind, Option<ResourceId>)>, ReCapError> {
    const KINDS: [ResourceKind; 3] = [ResourceKind::Pkp, ResourceKind::Condition, ResourceKind::Action];
    let Some((of, id)) = uri.split_once("://") else { return Ok(None) };
    let Some(kind) = KINDS.into_iter().find(|kind| scheme(*kind) == of) else { return Ok(None) };
    if id == "*" {
        return Ok(Some((kind, None)));
    }
    let names_nothing = || ReCapError::Resource(uri.to_owned());
    let id = match kind {
        // Lit's packages leave `0x` away; ids are compared as text, so they have one form here.
        ResourceKind::Pkp => {
            let digits = id.strip_prefix("0x").unwrap_or(id).to_ascii_lowercase();
            let is_id = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            is_id.then_some(digits).ok_or_else(names_nothing)?
        }
        ResourceKind::Condition | ResourceKind::Action => id.to_owned(),
    };
    // A `*` within an id is no pattern here, and who writes one means one.
    if id.is_empty() || id.contains('*') {
        return Err(names_nothing());
    }
    let id = ResourceId::try_from(id.into_bytes()).map_err(|_| names_nothing())?;
    Ok(Some((kind, Some(id))))
}

const fn ability_name(ability: Option<Ability>) -> &'static str {
    match ability {
        Some(Ability::Signing) => "Threshold/Signing",
        Some(Ability::Decryption) => "Threshold/Decryption",
        Some(Ability::Execution) => "Threshold/Execution",
        None => "*/*",
    }
}

/// `None` for abilities of other networks, `Some(None)` for any.
fn ability(name: &str) -> Option<Option<Ability>> {
    [Some(Ability::Signing), Some(Ability::Decryption), Some(Ability::Execution), None]
        .into_iter()
        .find(|ability| ability_name(*ability) == name)
}
