//! Actions in this process: what they can do, and what they cannot.

mod distrust;
mod examples;
mod fuel;
mod host;
mod hostile;
mod identity;
mod javascript;
mod libraries;
mod modules;
mod native;
mod programs;
mod quickjs;
mod rust;
mod support;
mod tokens;
mod types;
mod wasm;
