//! The chains that this node knows by name; any other is a file.

use conclave_runtime::{
    genesis_presets, RuntimeGenesisConfig, SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL, WASM_BINARY,
};
use sc_chain_spec::{
    get_extension, json_merge, ChainSpec as ChainSpecTrait, ChainSpecExtension, ChainType, GenericChainSpec,
    Properties,
};
use sc_sync_state_rpc::LightSyncStateExtension;
use serde::{Deserialize, Serialize};
use sp_core::storage::{well_known_keys, Storage};
use sp_runtime::BuildStorage;
use std::path::PathBuf;

pub(crate) type ChainSpec = GenericChainSpec<Extensions>;

/// `light_sync_state` is the one field beyond the common ones: light clients know it, and `sync_state_genSyncSpec`
/// fills it. Any field of our own would make light clients refuse the specification: `preset` is never written.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extensions {
    pub(crate) light_sync_state: LightSyncStateExtension,
    #[serde(skip)]
    preset: Option<Preset>,
}

/// The preset that a chain known by name begins from. A file says by itself how its chain begins.
#[derive(Clone, Copy, Debug)]
struct Preset(&'static str);

impl Preset {
    /// As a patch over the default genesis.
    fn patch(self) -> Result<serde_json::Value, String> {
        let Self(name) = self;
        let patch =
            genesis_presets::preset(&name.into()).ok_or_else(|| format!("no genesis preset {name}"))?;
        serde_json::from_slice(&patch).map_err(|error| format!("preset {name}: {error}"))
    }

    fn storage(self) -> Result<Storage, String> {
        let invalid = |error| format!("preset {}: {error}", self.0);
        let mut genesis = serde_json::to_value(RuntimeGenesisConfig::default()).map_err(invalid)?;
        json_merge(&mut genesis, self.patch()?);
        let genesis: RuntimeGenesisConfig = serde_json::from_value(genesis).map_err(invalid)?;
        let mut storage = genesis.build_storage()?;
        storage.top.insert(well_known_keys::CODE.to_vec(), code()?.to_vec());
        Ok(storage)
    }
}

/// Builds the genesis of a chain known by name natively: the same state as its code builds, since both come from one
/// source, and seconds sooner at every start. sc-chain-spec would compile the code for this one call, and forget it.
pub(crate) fn build_genesis(specification: &mut dyn ChainSpecTrait) -> Result<(), String> {
    if let Some(Some(preset)) = get_extension::<Option<Preset>>(specification.extensions()).copied() {
        specification.set_storage(preset.storage()?);
    }
    Ok(())
}

/// The specification named or stored at `id`; without a name, the local chain.
pub(crate) fn load(id: &str) -> Result<Box<dyn ChainSpecTrait>, String> {
    Ok(match id {
        "dev" => Box::new(dev()?),
        "" | "local" => Box::new(local()?),
        path => Box::new(ChainSpec::from_json_file(PathBuf::from(path)).map_err(|error| {
            format!("{error}. Known chains are `dev` and `local`; anything else is read as a file")
        })?),
    })
}

fn dev() -> Result<ChainSpec, String> {
    from_preset(genesis_presets::DEV, "Conclave Development", "conclave_dev", ChainType::Development)
}

fn local() -> Result<ChainSpec, String> {
    from_preset(genesis_presets::LOCAL, "Conclave Local", "conclave_local", ChainType::Local)
}

fn from_preset(
    preset: &'static str,
    name: &str,
    id: &str,
    chain_type: ChainType,
) -> Result<ChainSpec, String> {
    let preset = Preset(preset);
    let extensions = Extensions { preset: Some(preset), ..Extensions::default() };
    Ok(ChainSpec::builder(code()?, extensions)
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_properties(properties())
        .with_genesis_config_patch(preset.patch()?)
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

    // Runs the compiled runtime: also proves that it imports standard host functions only.
    #[test]
    fn named_chains_have_a_genesis() {
        for (name, validators) in [("dev", 1), ("local", 4)] {
            let specification = load(name).expect("a known chain");
            let storage = specification.as_storage_builder().build_storage().expect("a valid genesis");
            assert!(storage.top.contains_key(sp_core::storage::well_known_keys::CODE));
            let json = specification.as_json(false).expect("serialisable");
            let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
            let keys = &json["genesis"]["runtimeGenesis"]["patch"]["session"]["keys"];
            assert_eq!(keys.as_array().map(Vec::len), Some(validators), "{keys}");
            assert_eq!(json["properties"]["ss58Format"], SS58_PREFIX);
            assert!(json.get("preset").is_none(), "light clients know no such field");

            let mut native = load(name).expect("a known chain");
            build_genesis(&mut *native).expect("a valid preset");
            assert!(native.as_json(false).expect("serialisable").contains("\"raw\""), "the genesis is built");
            let native = native.build_storage().expect("built");
            assert!(native.top == storage.top, "{name}: native and Wasm genesis differ");
            assert!(native.children_default.is_empty() && storage.children_default.is_empty());
        }
    }

    #[test]
    fn files_say_themselves_how_their_chain_begins() {
        let file = std::env::temp_dir().join(format!("conclave-dev-{}.json", std::process::id()));
        let specification = load("dev").expect("a known chain").as_json(false).expect("serialisable");
        std::fs::write(&file, specification).expect("written");
        let mut read = load(&file.display().to_string()).expect("a file");
        build_genesis(&mut *read).expect("nothing to do");
        assert!(!read.as_json(false).expect("serialisable").contains("\"raw\""));
        std::fs::remove_file(&file).expect("removed");
    }

    #[test]
    fn unknown_chain_is_refused_with_the_known_names() {
        let Err(error) = load("no-such-chain") else { panic!("there is no such file") };
        assert!(error.contains("`dev` and `local`"), "{error}");
    }
}
