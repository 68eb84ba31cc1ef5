//! Actions in this process: what they can do, and what they cannot.

mod host;
mod hostile;
mod identity;
mod javascript;
mod modules;
mod native;
mod quickjs;
mod support;
mod wasm;
