//! The chains that this node knows by name; any other is a file.

use conclave_runtime::{genesis_presets, SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL, WASM_BINARY};
use sc_chain_spec::{
    ChainSpec as ChainSpecTrait, ChainSpecExtension, ChainType, GenericChainSpec, Properties,
};
use sc_sync_state_rpc::LightSyncStateExtension;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

pub(crate) type ChainSpec = GenericChainSpec<Extensions>;

/// The one field beyond the common ones: light clients know it, and `sync_state_genSyncSpec` fills it. Any field of
/// our own would make light clients refuse the specification.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extensions {
    pub(crate) light_sync_state: LightSyncStateExtension,
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

fn from_preset(preset: &str, name: &str, id: &str, chain_type: ChainType) -> Result<ChainSpec, String> {
    let code = WASM_BINARY
        .ok_or("this node was built with SKIP_WASM_BUILD: build it again without, or use a file")?;
    // Read natively: asking the Wasm runtime for its preset would compile it once more.
    let genesis =
        genesis_presets::preset(&preset.into()).ok_or_else(|| format!("no genesis preset {preset}"))?;
    let genesis = serde_json::from_slice(&genesis).map_err(|error| format!("preset {preset}: {error}"))?;
    Ok(ChainSpec::builder(code, Extensions::default())
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_properties(properties())
        .with_genesis_config_patch(genesis)
        .build())
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
        }
    }

    #[test]
    fn unknown_chain_is_refused_with_the_known_names() {
        let Err(error) = load("no-such-chain") else { panic!("there is no such file") };
        assert!(error.contains("`dev` and `local`"), "{error}");
    }
}
