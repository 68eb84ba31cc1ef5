//! QuickJS-ng as a WebAssembly module that imports nothing but `host`: what runs JavaScript actions.
//!
//! build.rs compiles it with clang from the sources that crate rquickjs-sys carries, behind the exports of
//! `guest/shim.c`, and splits its fuel regions (`src/region.rs`). The bytes decide how much fuel an action takes, so
//! members of a committee compare their hash. QuickJS-ng is under the MIT licence: [`LICENCE`] travels with the bytes.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

/// The module. Its exports are described in `guest/shim.c`.
pub const QUICKJS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/quickjs.wasm"));

/// The module before its fuel regions were split: for the test that both do the same.
#[doc(hidden)]
pub const QUICKJS_RAW: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/quickjs-raw.wasm"));

/// The notice that the licence of QuickJS-ng asks for.
pub const LICENCE: &str = include_str!(concat!(env!("OUT_DIR"), "/LICENSE"));
