//! `conclave-node`: the node of production.

use conclave_node::{run, Edition};

fn main() -> sc_cli::Result<()> {
    run(Edition::PRODUCTION)
}
