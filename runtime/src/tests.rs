//! The runtime as a whole: presets make a working chain, and the extrinsic format is what wallets expect.

mod blocks;
mod genesis;
mod governance;
mod invariants;
mod machines;
mod metadata;
mod offences;
mod storage;
mod transactions;
mod weights;

use crate::{genesis_presets, RuntimeGenesisConfig};
use frame_support::genesis_builder_helper::{build_state, get_preset};
use serde_json::Value;
use sp_io::TestExternalities;

/// The chain of this preset at block 0, built as a node builds it: default genesis, patched by the preset.
fn must_start(preset: &str) -> TestExternalities {
    let mut externalities = TestExternalities::default();
    externalities.execute_with(|| {
        let mut config = must_parse(get_preset::<RuntimeGenesisConfig>(&None, |_| None));
        merge(&mut config, must_parse(genesis_presets::preset(&preset.into())));
        build_state::<RuntimeGenesisConfig>(config.to_string().into_bytes())
            .expect("the preset is a valid genesis");
    });
    externalities
}

fn must_parse(json: Option<Vec<u8>>) -> Value {
    serde_json::from_slice(&json.expect("the preset exists")).expect("the preset is JSON")
}

/// RFC 7386 without deletion, which presets do not use.
fn merge(base: &mut Value, patch: Value) {
    match (base, patch) {
        (Value::Object(base), Value::Object(patch)) => {
            patch.into_iter().for_each(|(key, value)| merge(base.entry(key).or_insert(Value::Null), value))
        }
        (base, patch) => *base = patch,
    }
}
