//! The way out against servers on this machine: what it fetches, and conditions on recorded answers, replayed over HTTP.

mod exchange;
mod fetch;
mod recorded;
mod replay;
mod server;
