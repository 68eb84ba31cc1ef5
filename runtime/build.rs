//! Builds a runtime (production's, or that of runtime/dev) as Wasm and hands it to the native crate as `WASM_BINARY`.
//!
//! substrate-wasm-builder would do this too, at the price of twelve CPU-minutes for wasm-opt, which it uses only to
//! strip debug sections and to lower sign extension: `wasm32v1-none` has none, and the linker strips. What remains
//! is one nested cargo call in a target folder of its own (cargo locks the outer one), and compression.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const TARGET: &str = "wasm32v1-none";
const PROFILE: &str = "wasm";
/// Made by scripts/metadata-hash, checked by a test of the runtime.
const METADATA_HASH: &str = "metadata-hash";
const SKIP: &str = "SKIP_WASM_BUILD";
/// As substrate-wasm-builder calls it.
const MORE_FLAGS: &str = "WASM_BUILD_RUSTFLAGS";

/// Memory imported and the heap base exported as the executor expects them; the table, for its instance pool.
const RUSTFLAGS: [&str; 8] = [
    "-C",
    "link-arg=--export-table",
    "-C",
    "link-arg=--export=__heap_base",
    "-C",
    "link-arg=--import-memory",
    "--cfg",
    "substrate_runtime",
];

/// Variables that configure the outer build. Those of the user's cargo (home, network, registries) stay, and so
/// does the job server: the nested build shares its two jobs with the outer one.
const INHERITED: [&str; 7] = [
    "CARGO_BUILD_JOBS",
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_MAKEFLAGS",
    "CARGO_NET_",
    "CARGO_REGISTR",
    "CARGO_TERM_",
];
const OUTER_BUILD: [&str; 11] = [
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTDOC",
    "RUSTFLAGS",
    "TARGET",
    "__CARGO",
];

struct Toolchain {
    cargo: PathBuf,
    rustc: PathBuf,
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<()> {
    let manifest_folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let workspace = manifest_folder
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file())
        .ok_or("the runtime lies in no workspace")?;
    let metadata_hash_file = manifest_folder.join(METADATA_HASH);
    println!("cargo:rerun-if-changed={}", metadata_hash_file.display());
    let inputs = [
        "runtime/src",
        "runtime/build.rs",
        "runtime/Cargo.toml",
        "runtime/dev/Cargo.toml",
        "pallets",
        "Cargo.toml",
        "Cargo.lock",
    ];
    for input in inputs {
        println!("cargo:rerun-if-changed={}", workspace.join(input).display());
    }
    println!("cargo:rerun-if-env-changed={SKIP}");
    println!("cargo:rerun-if-env-changed={MORE_FLAGS}");

    let out = PathBuf::from(env::var("OUT_DIR")?);
    // The nested build comes here again, for the Wasm target.
    let is_wasm = env::var("TARGET")?.starts_with("wasm");
    let binary = if is_wasm || env::var_os(SKIP).is_some() {
        "None".to_string()
    } else {
        let folder =
            out.ancestors().nth(4).ok_or("OUT_DIR lies outside a target folder")?.join("wasm-runtime");
        let metadata_hash = read_metadata_hash(&metadata_hash_file)?;
        let package = env::var("CARGO_PKG_NAME")?;
        let name = package.replace('-', "_");
        let blob = fs::read(build(&workspace.join("Cargo.toml"), &folder, &package, &metadata_hash)?)?;
        check_sections(&blob)?;
        let compressed = sp_maybe_compressed_blob::compress_strongly(
            &blob,
            sp_maybe_compressed_blob::CODE_BLOB_BOMB_LIMIT,
        )
        .ok_or("the runtime is larger than a node accepts; look for a large dependency or table")?;
        fs::write(out.join("conclave_runtime.wasm"), &compressed)?;
        // For tools that read the runtime from a file, at a path that does not change.
        fs::write(folder.join(format!("{name}.compressed.wasm")), &compressed)?;
        r#"Some(include_bytes!(concat!(env!("OUT_DIR"), "/conclave_runtime.wasm")))"#.to_string()
    };
    let code = format!(
        "/// The runtime as compressed Wasm; `None` when built with {SKIP} set.\n\
         pub const WASM_BINARY: Option<&[u8]> = {binary};\n"
    );
    Ok(fs::write(out.join("wasm_binary.rs"), code)?)
}

/// 32 bytes in hex: a merge may leave anything.
fn read_metadata_hash(file: &Path) -> Result<String> {
    let hash = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let hash = hash.trim();
    if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(format!("{} is no hash: run scripts/metadata-hash", file.display()).into());
    }
    Ok(hash.into())
}

/// Runs the nested cargo; returns the path of the Wasm file.
fn build(manifest: &Path, target_folder: &Path, package: &str, metadata_hash: &str) -> Result<PathBuf> {
    let toolchain = find_toolchain()?;
    // Of a release, which remaps the paths of the machine that makes it: `scripts/release`.
    let more = env::var(MORE_FLAGS).unwrap_or_default();
    let flags: Vec<&str> = RUSTFLAGS.into_iter().chain(more.split_whitespace()).collect();
    let mut cargo = Command::new(&toolchain.cargo);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let is_cargo = name.starts_with("CARGO") && !INHERITED.iter().any(|kept| name.starts_with(kept));
        if is_cargo || OUTER_BUILD.iter().any(|prefix| name.starts_with(prefix)) {
            cargo.env_remove(&*name);
        }
    }
    cargo
        .args(["rustc", "--locked", "--package", package, "--lib", "--crate-type", "cdylib"])
        .args(["--no-default-features", "--profile", PROFILE, "--target", TARGET, "--manifest-path"])
        .arg(manifest)
        .env("CARGO_TARGET_DIR", target_folder)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .env("RUSTC", &toolchain.rustc)
        // frame-metadata-hash-extension compiles it in.
        .env("RUNTIME_METADATA_HASH", metadata_hash)
        .env(SKIP, "1");
    if toolchain.rustc.starts_with("/usr/bin") {
        // Debian's compiler comes without a linker for Wasm of its own.
        cargo.env("CARGO_TARGET_WASM32V1_NONE_LINKER", "wasm-ld");
    }
    let status =
        cargo.status().map_err(|error| format!("cannot start {}: {error}", toolchain.cargo.display()))?;
    if !status.success() {
        return Err(format!(
            "the runtime does not build as Wasm (see above). To repeat only that step: cargo check -p \
             {package} --no-default-features --target {TARGET}. To build without it: {SKIP}=1."
        )
        .into());
    }
    Ok(target_folder.join(TARGET).join(PROFILE).join(format!("{}.wasm", package.replace('-', "_"))))
}

/// The compiler of the outer build if it has the Wasm target, else Debian's, which `scripts/bootstrap` prepares
/// where rustup cannot download.
fn find_toolchain() -> Result<Toolchain> {
    let outer = Toolchain { cargo: env::var("CARGO")?.into(), rustc: env::var("RUSTC")?.into() };
    let debian = Toolchain { cargo: "/usr/bin/cargo".into(), rustc: "/usr/bin/rustc".into() };
    [outer, debian].into_iter().find(has_target).ok_or_else(|| {
        format!(
            "no compiler here has the target {TARGET}: run scripts/bootstrap, or rustup target add {TARGET}"
        )
        .into()
    })
}

fn has_target(toolchain: &Toolchain) -> bool {
    let Ok(output) = Command::new(&toolchain.rustc).args(["--print", "sysroot"]).output() else {
        return false;
    };
    let sysroot = String::from_utf8_lossy(&output.stdout);
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib");
    fs::read_dir(library).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
    })
}

/// A node reads version and APIs from these sections without running the code: a linker flag too many loses them.
fn check_sections(blob: &[u8]) -> Result<()> {
    let sections = custom_sections(blob).ok_or("the linker wrote a malformed Wasm file")?;
    for wanted in ["runtime_version", "runtime_apis"] {
        if !sections.contains(&wanted.as_bytes()) {
            return Err(format!(
                "the Wasm file lacks the section {wanted}: check RUSTFLAGS and [profile.{PROFILE}]"
            )
            .into());
        }
    }
    Ok(())
}

/// The names of the custom sections: after the eight bytes of the header, each section is an id, a length and that
/// many bytes; a custom section (id 0) begins with its name.
fn custom_sections(blob: &[u8]) -> Option<Vec<&[u8]>> {
    let mut names = Vec::new();
    let mut rest = blob.get(8..)?;
    while let Some((&id, after)) = rest.split_first() {
        let (length, after) = leb128(after)?;
        let (section, following) = after.split_at_checked(length)?;
        if id == 0 {
            let (length, after) = leb128(section)?;
            names.push(after.get(..length)?);
        }
        rest = following;
    }
    Some(names)
}

fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (position, &byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * position);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[position + 1..]));
        }
    }
    None
}
