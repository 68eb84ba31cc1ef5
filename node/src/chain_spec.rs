//! Chain specifications: those that this edition of the node knows by name; any other is a file.

use crate::Edition;
use sc_chain_spec::{
    get_extension, ChainSpec as ChainSpecTrait, ChainSpecExtension, ChainType, GenericChainSpec,
};
use sc_sync_state_rpc::LightSyncStateExtension;
use serde::{Deserialize, Serialize};
use std::{env, os::unix::process::CommandExt, path::PathBuf, process::Command};

/// Of any of our chains.
pub type ChainSpec = GenericChainSpec<Extensions>;

/// The node of development chains, which lies beside this one.
const DEVELOPMENT_NODE: &str = "conclave-node-dev";

/// `light_sync_state` is the one field beyond the common ones: light clients know it, and `sync_state_genSyncSpec`
/// fills it. Any field of our own would make light clients refuse the specification: `preset` is never written.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
    pub(crate) light_sync_state: LightSyncStateExtension,
    #[serde(skip)]
    preset: Option<Preset>,
}

impl Extensions {
    /// Of a chain known by name, which begins from this preset.
    pub fn of_preset(name: &'static str) -> Self {
        Self { preset: Some(Preset(name)), ..Self::default() }
    }
}

/// The preset that a chain known by name begins from. A file says by itself how its chain begins.
#[derive(Clone, Copy, Debug)]
struct Preset(&'static str);

/// Builds the genesis of a chain known by name natively: the same state as its code builds, since both come from one
/// source, and seconds sooner at every start. sc-chain-spec would compile the code for this one call, and forget it.
///
/// # Errors
/// The preset is not a genesis.
pub fn build_genesis(specification: &mut dyn ChainSpecTrait, edition: Edition) -> Result<(), String> {
    if let Some(Some(Preset(name))) = get_extension::<Option<Preset>>(specification.extensions()).copied() {
        specification.set_storage((edition.genesis)(name)?);
    }
    Ok(())
}

/// The specification named or stored at `id`; without a name, the local chain. Production hands chains of development
/// over to their own node.
///
/// # Errors
/// No such chain, or not one for this edition.
pub fn load(id: &str, edition: Edition) -> Result<Box<dyn ChainSpecTrait>, String> {
    let name = if id.is_empty() { "local" } else { id };
    if let Some(specification) = (edition.chain)(name) {
        return Ok(Box::new(specification?));
    }
    if edition.is_production && ["dev", "local"].contains(&name) {
        return Err(hand_over(name));
    }
    let specification = ChainSpec::from_json_file(PathBuf::from(name)).map_err(|error| {
        format!("{error}. Known chains are `dev` and `local`; anything else is read as a file")
    })?;
    let is_development = matches!(specification.chain_type(), ChainType::Development | ChainType::Local);
    match (edition.is_production, is_development) {
        (true, true) => Err(hand_over(name)),
        (false, false) => Err(format!("{name} is no chain of development: {} runs no other", edition.name)),
        _ => Ok(Box::new(specification)),
    }
}

/// Becomes the development node, with the same arguments; returns only why not. This node knows neither its runtime nor
/// its machines, so that `conclave-node --dev` runs only where somebody installed the other beside it.
fn hand_over(chain: &str) -> String {
    let error = match env::current_exe().map(|path| path.with_file_name(DEVELOPMENT_NODE)) {
        Ok(path) => {
            format!("{}: {}", path.display(), Command::new(&path).args(env::args_os().skip(1)).exec())
        }
        Err(error) => error.to_string(),
    };
    format!("chain {chain} is one of development, which {DEVELOPMENT_NODE} runs ({error})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_chain_is_refused_with_the_known_names() {
        let Err(error) = load("no-such-chain", Edition::PRODUCTION) else { panic!("there is no such file") };
        assert!(error.contains("`dev` and `local`"), "{error}");
    }

    #[test]
    fn production_should_run_no_chain_of_development() {
        // No development node lies beside a test.
        for name in ["dev", "local", ""] {
            let Err(error) = load(name, Edition::PRODUCTION) else { panic!("{name} is one of development") };
            assert!(error.contains(DEVELOPMENT_NODE), "{error}");
        }
    }
}
