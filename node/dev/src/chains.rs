//! The chains of development, by name.

use conclave_node::chain_spec::{ChainSpec, Extensions};
use conclave_runtime_dev::{
    genesis_presets, RuntimeGenesisConfig, SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL, WASM_BINARY,
};
use sc_chain_spec::{json_merge, ChainType, Properties};
use sp_core::storage::{well_known_keys, Storage};
use sp_runtime::BuildStorage;

pub(crate) fn by_name(name: &str) -> Option<Result<ChainSpec, String>> {
    match name {
        "dev" => Some(from_preset(
            genesis_presets::DEV,
            "Conclave Development",
            "conclave_dev",
            ChainType::Development,
        )),
        "local" => {
            Some(from_preset(genesis_presets::LOCAL, "Conclave Local", "conclave_local", ChainType::Local))
        }
        _ => None,
    }
}

/// The state that a preset makes.
pub(crate) fn genesis(preset: &str) -> Result<Storage, String> {
    let invalid = |error| format!("preset {preset}: {error}");
    let mut genesis = serde_json::to_value(RuntimeGenesisConfig::default()).map_err(invalid)?;
    json_merge(&mut genesis, patch(preset)?);
    let genesis: RuntimeGenesisConfig = serde_json::from_value(genesis).map_err(invalid)?;
    let mut storage = genesis.build_storage()?;
    storage.top.insert(well_known_keys::CODE.to_vec(), code()?.to_vec());
    Ok(storage)
}

/// As a patch over the default genesis.
fn patch(preset: &str) -> Result<serde_json::Value, String> {
    let patch =
        genesis_presets::preset(&preset.into()).ok_or_else(|| format!("no genesis preset {preset}"))?;
    serde_json::from_slice(&patch).map_err(|error| format!("preset {preset}: {error}"))
}

fn from_preset(
    preset: &'static str,
    name: &str,
    id: &str,
    chain_type: ChainType,
) -> Result<ChainSpec, String> {
    Ok(ChainSpec::builder(code()?, Extensions::of_preset(preset))
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_properties(properties())
        .with_genesis_config_patch(patch(preset)?)
        .build())
}

fn code() -> Result<&'static [u8], String> {
    WASM_BINARY.ok_or_else(|| {
        "this node was built with SKIP_WASM_BUILD: build it again without, or use a file".into()
    })
}

/// What wallets show. `System.SS58Prefix` on chain wins over `ss58Format`: both come from one constant.
fn properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), TOKEN_SYMBOL.into());
    properties.insert("tokenDecimals".into(), TOKEN_DECIMALS.into());
    properties.insert("ss58Format".into(), SS58_PREFIX.into());
    properties.insert("isEthereum".into(), false.into());
    properties
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DEVELOPMENT;
    use conclave_node::chain_spec::{build_genesis, load};

    // Runs the compiled runtime: also proves that it imports standard host functions only.
    #[test]
    fn named_chains_have_a_genesis() {
        for (name, validators) in [("dev", 1), ("local", 4)] {
            let specification = load(name, DEVELOPMENT).expect("a known chain");
            let storage = specification.as_storage_builder().build_storage().expect("a valid genesis");
            assert!(storage.top.contains_key(sp_core::storage::well_known_keys::CODE));
            let json = specification.as_json(false).expect("serialisable");
            let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
            let keys = &json["genesis"]["runtimeGenesis"]["patch"]["session"]["keys"];
            assert_eq!(keys.as_array().map(Vec::len), Some(validators), "{keys}");
            assert_eq!(json["properties"]["ss58Format"], SS58_PREFIX);
            assert!(json.get("preset").is_none(), "light clients know no such field");

            let mut native = load(name, DEVELOPMENT).expect("a known chain");
            build_genesis(&mut *native, DEVELOPMENT).expect("a valid preset");
            assert!(native.as_json(false).expect("serialisable").contains("\"raw\""), "the genesis is built");
            let native = native.build_storage().expect("built");
            assert!(native.top == storage.top, "{name}: native and Wasm genesis differ");
            assert!(native.children_default.is_empty() && storage.children_default.is_empty());
        }
    }

    #[test]
    fn files_say_themselves_how_their_chain_begins() {
        let file = std::env::temp_dir().join(format!("conclave-dev-{}.json", std::process::id()));
        let specification =
            load("dev", DEVELOPMENT).expect("a known chain").as_json(false).expect("serialisable");
        std::fs::write(&file, specification).expect("written");
        let mut read = load(&file.display().to_string(), DEVELOPMENT).expect("a file");
        build_genesis(&mut *read, DEVELOPMENT).expect("nothing to do");
        assert!(!read.as_json(false).expect("serialisable").contains("\"raw\""));
        std::fs::remove_file(&file).expect("removed");
    }
}
