//! Compiles QuickJS-ng, as crate rquickjs-sys carries it, to Wasm, and splits its fuel regions.
//!
//! `CONCLAVE_QUICKJS_WASM=<file>` takes a module that was compiled elsewhere instead (a machine without clang).

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

#[path = "src/region.rs"]
mod region;

const APT: &str = "apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32 (scripts/bootstrap does)";

/// Engine and standard library; shim.c includes quickjs.c.
const SOURCES: [&str; 3] = ["libregexp.c", "libunicode.c", "dtoa.c"];

type Outcome<T> = Result<T, String>;

fn main() {
    if let Err(error) = build() {
        eprintln!("conclave-action-guest: {error}");
        std::process::exit(1);
    }
}

fn build() -> Outcome<()> {
    for input in ["build.rs", "src/region.rs", "guest"] {
        println!("cargo::rerun-if-changed={input}");
    }
    println!("cargo::rerun-if-env-changed=CONCLAVE_QUICKJS_WASM");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let compiled = match env::var_os("CONCLAVE_QUICKJS_WASM") {
        Some(path) => PathBuf::from(path),
        None => compile(&out)?,
    };
    let raw = fs::read(&compiled).map_err(|error| format!("{}: {error}", compiled.display()))?;
    only_the_stack_pointer_changes(&raw)?;
    let split = region::split(&raw).map_err(|error| format!("splitting fuel regions: {error}"))?;
    wasmparser::Validator::new().validate_all(&split).map_err(|error| format!("after splitting: {error}"))?;
    let licence = sources()?.join("LICENSE");
    let licence = fs::read(&licence).map_err(|error| format!("{}: {error}", licence.display()))?;
    write(&out.join("LICENSE"), &licence)?;
    write(&out.join("quickjs-raw.wasm"), &raw)?;
    write(&out.join("quickjs.wasm"), &split)
}

fn variable(name: &str) -> Outcome<String> {
    env::var(name).map_err(|_| format!("{name} is not set"))
}

fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

/// The folder `quickjs/` of crate rquickjs-sys, of the version in Cargo.lock.
fn sources() -> Outcome<PathBuf> {
    let output = Command::new(variable("CARGO")?)
        .args(["metadata", "--format-version=1", "--locked"])
        .current_dir(variable("CARGO_MANIFEST_DIR")?)
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata.get("packages").and_then(|packages| packages.as_array());
    packages
        .into_iter()
        .flatten()
        .find(|package| package.get("name").and_then(|name| name.as_str()) == Some("rquickjs-sys"))
        .and_then(|package| package.get("manifest_path")?.as_str())
        .and_then(|manifest| Some(Path::new(manifest).parent()?.join("quickjs")))
        .ok_or_else(|| "rquickjs-sys is not in Cargo.lock".into())
}

fn compile(out: &Path) -> Outcome<PathBuf> {
    let quickjs = sources()?;
    let guest = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("guest");
    let mut compilations = Vec::new();
    let mut objects = Vec::new();
    let shim = (guest.join("shim.c"), false);
    for (source, library) in std::iter::once(shim).chain(SOURCES.map(|name| (quickjs.join(name), true))) {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let object = out.join(format!("{name}.o"));
        let mut clang = clang();
        clang
            .args(["-std=gnu11", "-O2", "-DNDEBUG", "-D_GNU_SOURCE", "-w", "-funsigned-char"])
            .args(["-mbulk-memory", "-msign-ext", "-mnontrapping-fptoint", "-mmutable-globals"])
            .args(["-ffunction-sections", "-fdata-sections"])
            // The same bytes, wherever the sources lie.
            .arg(format!("-ffile-prefix-map={}=/", quickjs.display()))
            .arg(format!("-ffile-prefix-map={}=/", guest.display()))
            .arg(format!("-I{}", quickjs.display()))
            .args(library.then_some("-DEMSCRIPTEN=1"))
            .arg("-c")
            .arg(&source)
            .arg("-o")
            .arg(&object);
        let child = clang.spawn().map_err(|error| format!("clang: {error}; {APT}"))?;
        compilations.push((source, child));
        objects.push(object);
    }
    for (source, mut child) in compilations {
        let status = child.wait().map_err(|error| format!("clang: {error}"))?;
        if !status.success() {
            return Err(format!("clang cannot compile {} to Wasm; {APT}", source.display()));
        }
    }
    let wasm = out.join("quickjs-linked.wasm");
    // No -O here: with it, clang runs wasm-opt where binaryen happens to be installed, and fuel would depend on that.
    let status = clang()
        .args(["-nostartfiles", "-mexec-model=reactor"])
        .arg("-Wl,--no-entry,--stack-first,--gc-sections,--strip-debug,-z,stack-size=4194304")
        .args(&objects)
        .arg("-o")
        .arg(&wasm)
        .status()
        .map_err(|error| format!("clang: {error}; {APT}"))?;
    if !status.success() {
        return Err(format!("clang cannot link Wasm; {APT}"));
    }
    Ok(wasm)
}

fn clang() -> Command {
    let mut clang = Command::new("clang");
    clang.arg("--target=wasm32-wasi");
    clang
}

/// Snapshots keep the linear memory and nothing else, so nothing else may change while the guest runs.
fn only_the_stack_pointer_changes(wasm: &[u8]) -> Outcome<()> {
    let mut mutable = 0;
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|error| error.to_string())?;
        match payload {
            wasmparser::Payload::GlobalSection(globals) => {
                for global in globals {
                    mutable += u32::from(global.map_err(|error| error.to_string())?.ty.mutable);
                }
            }
            wasmparser::Payload::ImportSection(imports) => {
                for import in imports {
                    let import = import.map_err(|error| error.to_string())?;
                    if import.module != "host" {
                        return Err(format!("the guest imports {}.{}", import.module, import.name));
                    }
                }
            }
            _ => {}
        }
    }
    if mutable == 1 {
        Ok(())
    } else {
        Err(format!("the guest has {mutable} mutable globals, not one"))
    }
}
