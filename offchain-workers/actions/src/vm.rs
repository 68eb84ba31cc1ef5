//! Runs actions in wasmi: prepares (compiles, or finds in the cache), starts, and resumes them with answers.
//!
//! JavaScript: QuickJS, our prelude and the compiled action are one linear memory, so that each of these stages is a
//! snapshot ([`Image`]) from which the next one starts; a run begins with a copy. Host calls are promises: between turns
//! nothing is on any stack. Wasm: the action itself runs, and is suspended inside its call of the host.

mod cache;
mod engine;
mod image;
mod javascript;
mod meter;
mod state;
mod wasm;

use crate::{failure::Failure, Cid, Limits};
use codec::{Decode, Encode};
use sha2::{Digest, Sha256};
use std::sync::Arc;

pub use javascript::{engine_hash, guest_hash, prelude_hash};
pub(crate) use state::{ARGUMENT_BYTES, MAX_WAITING, OPERATION_BYTES, WAITING_BYTES};

/// What a program is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Language {
    /// A script.
    JavaScript,
    /// A binary module.
    Wasm,
}

impl Language {
    /// Wasm modules start with their magic number, which no script does.
    pub fn of(code: &[u8]) -> Self {
        if code.starts_with(b"\0asm") {
            Language::Wasm
        } else {
            Language::JavaScript
        }
    }
}

/// What an action is given. Everything but the entropy is the same on all members.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Inputs {
    /// Configuration of the prelude as a JSON object: `jsParams`, `auth`, `headers`, `spread`.
    pub configuration: String,
    /// What clocks show, all the while: microseconds since 1970.
    pub now_us: u64,
    /// Of `Math.random`; from the request, never from the member.
    pub seed: u64,
    /// Of `crypto.getRandomValues`: secret, and another one on each member.
    pub entropy: [u8; 32],
}

impl std::fmt::Debug for Inputs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inputs")
            .field("now_us", &self.now_us)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// A call that leaves the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Call {
    /// Its number in this execution, from 0.
    pub id: u32,
    /// What is asked for.
    pub operation: String,
    /// For what; JSON, for all operations of [`Host`](crate::Host).
    pub argument: Vec<u8>,
    /// The line of the script that asks; 0 where none does (what was waited for goes on) and in Wasm.
    pub line: u32,
}

/// What the host says to a call: bytes, or the text of an error, which the action may catch.
pub type Answer = Result<Vec<u8>, String>;

/// What an action left behind, however it ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ended {
    /// Whether it did, or why not.
    pub result: Result<(), Failure>,
    /// The last response that it set.
    pub response: Option<String>,
    /// What it logged, up to the limit.
    pub logs: String,
    /// Units of fuel.
    pub fuel: u64,
}

/// Where an execution stands.
pub enum Turn {
    /// It waits for answers: to these calls, which are new, and to earlier ones.
    Waiting(Box<Execution>, Vec<Call>),
    /// It is over.
    Done(Ended),
}

/// An execution between two turns.
pub struct Execution(Stage);

enum Stage {
    JavaScript(javascript::Script),
    Wasm(wasm::Suspended),
}

/// Whether to give up: asked every few milliseconds.
pub type Stop<'a> = &'a mut dyn FnMut() -> bool;

/// A program that is ready to start.
#[derive(Clone)]
pub struct Prepared(pub(crate) Program);

#[derive(Clone)]
pub(crate) enum Program {
    /// With the fuel that compiling it took.
    JavaScript(Arc<image::Image>, u64),
    Wasm(wasmi::Module, u64),
}

/// The engines, the snapshots, and the programs that were compiled before. One for a process: building it takes a tenth
/// of a second.
pub struct Vm {
    javascript: javascript::Engine,
    wasm: wasm::Engine,
    cache: cache::Cache,
    hash: [u8; 32],
}

impl Vm {
    /// Translates QuickJS and runs the prelude. `cache_bytes` bounds what is kept of compiled programs.
    ///
    /// # Errors
    /// The guest does not do what it must: a bug.
    pub fn new(cache_bytes: usize) -> Result<Self, Failure> {
        Self::build(cache_bytes, None)
    }

    /// The same, with a script that declares `ethers` (a bundle of version 5, as Lit has it): a global of actions that
    /// contain that word. It is evaluated here, once, which takes seconds. All members have the same one or none.
    ///
    /// # Errors
    /// It does not declare `ethers`, or throws.
    pub fn with_ethers(cache_bytes: usize, bundle: &str) -> Result<Self, Failure> {
        Self::build(cache_bytes, Some(bundle))
    }

    fn build(cache_bytes: usize, ethers: Option<&str>) -> Result<Self, Failure> {
        let bundle: Option<[u8; 32]> = ethers.map(|bundle| Sha256::digest(bundle).into());
        Ok(Self {
            javascript: javascript::Engine::new(ethers)?,
            wasm: wasm::Engine::new()?,
            cache: cache::Cache::new(cache_bytes),
            hash: javascript::hash_with(bundle.as_ref()),
        })
    }

    /// What decides how much fuel actions take and what they may call; [`engine_hash`] where there is no `ethers`.
    pub fn engine_hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Compiles a program, or finds it among those that were.
    ///
    /// # Errors
    /// With the fuel that was used up to then. It is not a program, or compiling it takes more than the limits.
    pub fn prepare(&self, code: &[u8], limits: &Limits, stop: Stop<'_>) -> Result<Prepared, (Failure, u64)> {
        let language = Language::of(code);
        let limit = match language {
            Language::JavaScript => limits.code_bytes,
            Language::Wasm => limits.wasm_bytes,
        };
        if code.len() > limit as usize {
            return Err((Failure::TooLong { part: crate::Part::Code, limit }, 0));
        }
        let key = (language, Cid::of(code));
        if let Some(found) = self.cache.get(&key) {
            return Ok(Prepared(found));
        }
        let program = match language {
            Language::JavaScript => self.javascript.compile(code, limits, stop)?,
            Language::Wasm => self.wasm.compile(code, limits)?,
        };
        self.cache.put(key, program.clone());
        Ok(Prepared(program))
    }

    /// Runs it up to where it first waits.
    pub fn start(&self, prepared: &Prepared, inputs: Inputs, limits: &Limits, stop: Stop<'_>) -> Turn {
        match &prepared.0 {
            Program::JavaScript(image, fuel) => self.javascript.start(image, *fuel, inputs, limits, stop),
            Program::Wasm(module, fuel) => self.wasm.start(module, *fuel, inputs, limits, stop),
        }
    }
}

impl Execution {
    /// Runs on with the answer to one call. An answer to a call that is not awaited changes nothing.
    pub fn resume(self, call: u32, answer: Answer, stop: Stop<'_>) -> Turn {
        match self.0 {
            Stage::JavaScript(script) => script.resume(call, answer, stop),
            Stage::Wasm(suspended) => suspended.resume(call, answer, stop),
        }
    }

    /// Units of fuel that it used up to now, those that compiling it takes included.
    pub fn fuel(&self) -> u64 {
        match &self.0 {
            Stage::JavaScript(script) => script.fuel(),
            Stage::Wasm(suspended) => suspended.fuel(),
        }
    }

    /// Lowers its limit of fuel: others of the same request use of it, too.
    pub fn restrict_fuel(&mut self, limit: u64) {
        match &mut self.0 {
            Stage::JavaScript(script) => script.restrict_fuel(limit),
            Stage::Wasm(suspended) => suspended.restrict_fuel(limit),
        }
    }

    /// Ends it here, for what the host has found out.
    pub fn end(self, failure: Failure) -> Ended {
        match self.0 {
            Stage::JavaScript(script) => script.end(Err(failure)),
            Stage::Wasm(suspended) => suspended.end(Err(failure)),
        }
    }
}
