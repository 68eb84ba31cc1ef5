//! Lit's format from the command line; `tests/e2e/lit/interop.mjs` runs it beside Lit's own packages.
//!
//! ```text
//! lit encrypt <public key> <condition hash> <plaintext>                          the ciphertext, base64
//! lit decrypt <public key> <condition hash> <plaintext hash> <signature> <ciphertext>   the plaintext
//! ```
//! All but ciphertexts in hexadecimal.

use conclave_client::{lit, DecryptRoot, DecryptionKey};
use conclave_primitives::{DecryptionIdentity, KeysetId};
use rand_core::UnwrapErr;
use std::{env, error::Error, process::ExitCode};

fn run(arguments: &[String]) -> Result<String, Box<dyn Error>> {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let root = |key: &str| -> Result<_, Box<dyn Error>> {
        // Lit's identities name no chain and no key set.
        Ok(DecryptRoot::new(&hex::decode(key)?, [0; 32], KeysetId(0))?)
    };
    let hash = |text: &str| -> Result<[u8; 32], Box<dyn Error>> {
        hex::decode(text)?.try_into().map_err(|_| "a hash has 32 bytes".into())
    };
    match arguments.as_slice() {
        ["encrypt", key, condition, plaintext] => {
            let mut rng = UnwrapErr(getrandom::SysRng);
            Ok(lit::encrypt(&root(key)?, hash(condition)?, &hex::decode(plaintext)?, &mut rng)?.0)
        }
        ["decrypt", key, condition, plaintext, signature, ciphertext] => {
            let identity =
                DecryptionIdentity::LitV7 { condition: hash(condition)?, plaintext: hash(plaintext)? };
            let key = DecryptionKey::from_bytes(&hex::decode(signature)?, &root(key)?, &identity)?;
            Ok(hex::encode(lit::decrypt(ciphertext, &key)?.as_slice()))
        }
        _ => Err("lit encrypt | decrypt; see the source for their arguments".into()),
    }
}

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(output) => {
            println!("{output}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("lit: {error}");
            ExitCode::FAILURE
        }
    }
}
