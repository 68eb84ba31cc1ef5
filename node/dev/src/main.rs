//! `conclave-node-dev`: the node of development chains.

use conclave_node::run;
use conclave_node_dev::DEVELOPMENT;

#[expect(clippy::result_large_err, reason = "of sc-cli")]
fn main() -> sc_cli::Result<()> {
    run(DEVELOPMENT)
}
