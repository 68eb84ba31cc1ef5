//! `conclave-node`: the node of production.

use conclave_node::{run, Edition};

#[expect(clippy::result_large_err, reason = "of sc-cli")]
fn main() -> sc_cli::Result<()> {
    run(Edition::PRODUCTION)
}
