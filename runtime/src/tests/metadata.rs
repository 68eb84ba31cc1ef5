//! The file `metadata-hash` beside the manifest is the digest of the metadata (RFC 78), of each of the two runtimes, since types
//! are named after their crate. Offline signers sign over it, and the runtime
//! compares with what build.rs compiled in.
//!
//! substrate-wasm-builder makes it by building the Wasm, running it, and building it again, every time; here it is a
//! file that changes when the metadata does, which is when a call, an event or a type changes.

use super::must_start;
use crate::{genesis_presets::DEV, Runtime, SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL, VERSION};
use codec::Decode;
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};
use std::{env, fs, path::Path};

const WRITE: &str = "WRITE_METADATA_HASH";

/// In version 15.
pub(super) fn metadata() -> RuntimeMetadata {
    // Some constants are read from storage.
    let metadata = must_start(DEV).execute_with(|| Runtime::metadata_at_version(15)).expect("supported");
    RuntimeMetadataPrefixed::decode(&mut &metadata[..]).expect("metadata").1
}

fn metadata_hash() -> String {
    let extra = ExtraInfo {
        spec_version: VERSION.spec_version,
        spec_name: VERSION.spec_name.into(),
        base58_prefix: SS58_PREFIX,
        decimals: TOKEN_DECIMALS,
        token_symbol: TOKEN_SYMBOL.into(),
    };
    hex::encode(generate_metadata_digest(&metadata(), extra).expect("a digest").hash())
}

#[test]
fn metadata_hash_is_that_of_the_metadata() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("metadata-hash");
    let hash = metadata_hash();
    if env::var_os(WRITE).is_some() {
        fs::write(&file, format!("{hash}\n")).expect("written");
    }
    assert_eq!(
        fs::read_to_string(&file).unwrap_or_default().trim(),
        hash,
        "the metadata changed: run scripts/metadata-hash, which writes {}",
        file.display()
    );
}
