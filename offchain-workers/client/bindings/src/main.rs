//! The JavaScript around conclave-client compiled to Wasm, as wasm-bindgen's command line writes it, at the version in
//! Cargo.lock: the two have to be the same to the last number. `scripts/client-wasm` runs it.
//!
//! ```text
//! bindings nodejs | bundler | web <module.wasm> <folder>
//! ```

use std::{env, error::Error, process::ExitCode};
use wasm_bindgen_cli_support::Bindgen;

fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [target, module, folder] = arguments else {
        return Err("bindings nodejs | bundler | web <module.wasm> <folder>".into());
    };
    let mut bindgen = Bindgen::new();
    match target.as_str() {
        "nodejs" => bindgen.nodejs(true)?,
        "bundler" => bindgen.bundler(true)?,
        "web" => bindgen.web(true)?,
        other => return Err(format!("`{other}`: expected nodejs, bundler or web").into()),
    };
    bindgen.typescript(true).input_path(module).out_name("conclave_client").generate(folder)?;
    Ok(())
}

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindings: {error}");
            ExitCode::FAILURE
        }
    }
}
