//! The node of development chains, as a library. The same as `conclave-node`, but for what its [`DEVELOPMENT`] says: the
//! runtime trusts a software PSP, and this node has one.

mod chains;
#[cfg(test)]
mod compiled;
mod machine;
#[cfg(test)]
mod rewrapping;

use conclave_node::{honest_member, Edition};

/// What `conclave-node-dev` runs.
pub const DEVELOPMENT: Edition = Edition {
    name: "conclave-node-dev",
    is_production: false,
    anchors: conclave_dev_roots::anchors,
    chain: chains::by_name,
    genesis: chains::genesis,
    machine: machine::open,
    member: honest_member,
};
