//! `conclave-node-dev`: the node of development chains. The same library as `conclave-node`; the runtime trusts a
//! software PSP, and this node has one.

mod chains;
#[cfg(test)]
mod compiled;
mod machine;
#[cfg(test)]
mod rewrapping;

use conclave_node::{run, Edition};

const DEVELOPMENT: Edition = Edition {
    name: "conclave-node-dev",
    is_production: false,
    anchors: conclave_dev_roots::anchors,
    chain: chains::by_name,
    genesis: chains::genesis,
    machine: machine::open,
};

#[expect(clippy::result_large_err, reason = "of sc-cli")]
fn main() -> sc_cli::Result<()> {
    run(DEVELOPMENT)
}
