//! What actions may ask of the world, as ports: the node implements them over worker, chain and egress; tests over nothing.
//!
//! Each port has its own trait, and each method refuses unless it is implemented, so that a member offers exactly what
//! it has. No port can be asked for a key share.

mod dispatch;
mod ports;

pub(crate) use dispatch::Dispatcher;
pub use ports::{
    Agreement, Answered, AuthContext, Chain, Condition, Conditions, FetchRequest, FetchResponse, Host,
    HostError, Keys, Programs, Sealed, Secrets, SignRequest, Web,
};
