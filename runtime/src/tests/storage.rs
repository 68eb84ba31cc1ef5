//! What our pallets keep on chain, pinned: the file `tests/vectors/storage.txt` has each item with its hashers and type,
//! and each type that is in one.
//!
//! A runtime that reads what an earlier one wrote differently loses keys: a change here needs a migration and the pallet's
//! next storage version. `CONCLAVE_WRITE_FORMATS=1 cargo test -p conclave-runtime storage` writes the file anew.

use super::metadata::metadata;
use frame_metadata::{
    v14::{StorageEntryMetadata, StorageEntryModifier, StorageEntryType},
    RuntimeMetadata,
};
use scale_info::{form::PortableForm, Field, PortableRegistry, TypeDef};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    ops::RangeInclusive,
    path::Path,
};

const WRITE: &str = "CONCLAVE_WRITE_FORMATS";
/// As `lib.rs` numbers the pallets.
const OURS: RangeInclusive<u8> = 50..=59;

/// The types that were met: name → what is in it.
struct Types<'a> {
    registry: &'a PortableRegistry,
    met: BTreeSet<u32>,
    named: BTreeMap<String, String>,
}

impl Types<'_> {
    /// The name of a type that has one, whose definition is noted; else the type itself.
    fn name(&mut self, id: u32) -> String {
        let registry = self.registry;
        let found = registry.resolve(id).expect("metadata has the types it names");
        if found.path.is_empty() {
            return self.definition(&found.type_def);
        }
        let parameters: Vec<_> = found.type_params.iter().filter_map(|parameter| parameter.ty).collect();
        let parameters: Vec<_> = parameters.iter().map(|parameter| self.name(parameter.id)).collect();
        // One file for both runtimes.
        let path = found.path.segments.join("::").replace("conclave_runtime_dev", "conclave_runtime");
        let name = match parameters.is_empty() {
            true => path,
            false => format!("{path}<{}>", parameters.join(", ")),
        };
        // Some have themselves in them.
        if self.met.insert(id) {
            let definition = self.definition(&found.type_def);
            let known = self.named.entry(name.clone()).or_insert_with(|| definition.clone());
            assert_eq!(*known, definition, "two types are called {name}");
        }
        name
    }

    fn definition(&mut self, of: &TypeDef<PortableForm>) -> String {
        match of {
            TypeDef::Composite(composite) => self.fields(&composite.fields),
            TypeDef::Variant(variant) => {
                let mut variants: Vec<_> = variant.variants.iter().collect();
                variants.sort_by_key(|variant| variant.index);
                let shown = variants.into_iter().map(|variant| match variant.fields.is_empty() {
                    true => format!("{} {}", variant.index, variant.name),
                    false => format!("{} {} {}", variant.index, variant.name, self.fields(&variant.fields)),
                });
                shown.collect::<Vec<_>>().join(" | ")
            }
            TypeDef::Sequence(sequence) => format!("[{}]", self.name(sequence.type_param.id)),
            TypeDef::Array(array) => format!("[{}; {}]", self.name(array.type_param.id), array.len),
            TypeDef::Tuple(tuple) => {
                let parts: Vec<_> = tuple.fields.iter().map(|field| self.name(field.id)).collect();
                format!("({})", parts.join(", "))
            }
            TypeDef::Primitive(primitive) => format!("{primitive:?}").to_lowercase(),
            TypeDef::Compact(compact) => format!("compact {}", self.name(compact.type_param.id)),
            TypeDef::BitSequence(bits) => format!("bits {}", self.name(bits.bit_store_type.id)),
        }
    }

    fn fields(&mut self, fields: &[Field<PortableForm>]) -> String {
        let shown = fields.iter().map(|field| match &field.name {
            Some(name) => format!("{name}: {}", self.name(field.ty.id)),
            None => self.name(field.ty.id),
        });
        format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
    }

    fn item(&mut self, entry: &StorageEntryMetadata<PortableForm>) -> String {
        let absent = match entry.modifier {
            StorageEntryModifier::Optional => "none".into(),
            StorageEntryModifier::Default => format!("0x{}", hex::encode(&entry.default)),
        };
        let shown = match &entry.ty {
            StorageEntryType::Plain(value) => self.name(value.id),
            StorageEntryType::Map { hashers, key, value } => {
                format!("{hashers:?} {} -> {}", self.name(key.id), self.name(value.id))
            }
        };
        format!("{shown}, absent: {absent}")
    }
}

fn layout() -> String {
    let RuntimeMetadata::V15(metadata) = metadata() else { panic!("asked for version 15") };
    let mut types = Types { registry: &metadata.types, met: BTreeSet::new(), named: BTreeMap::new() };
    let mut lines = Vec::new();
    for pallet in metadata.pallets.iter().filter(|pallet| OURS.contains(&pallet.index)) {
        let Some(storage) = &pallet.storage else { continue };
        for entry in &storage.entries {
            lines.push(format!("{}.{}: {}", storage.prefix, entry.name, types.item(entry)));
        }
    }
    lines.push(String::new());
    lines.extend(types.named.iter().map(|(name, definition)| format!("{name} = {definition}")));
    lines.join("\n") + "\n"
}

#[test]
fn storage_should_stay() {
    // Of the one runtime and of the other.
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|at| at.join("tests/vectors"));
    let file = folders.find(|folder| folder.exists()).expect("a folder").join("storage.txt");
    let layout = layout();
    if env::var_os(WRITE).is_some() {
        fs::write(&file, &layout).expect("written");
    }
    let pinned = fs::read_to_string(&file).unwrap_or_default();
    let (pinned, found): (Vec<_>, Vec<_>) = (pinned.lines().collect(), layout.lines().collect());
    let gone: Vec<_> = pinned.iter().filter(|line| !found.contains(line)).collect();
    let new: Vec<_> = found.iter().filter(|line| !pinned.contains(line)).collect();
    // Not assert_eq!, which prints both whole.
    assert!(pinned == found, "what chains have stored is read differently: gone {gone:#?}, new {new:#?}");
}
