//! Encryption to conditions from the command line; `tests/e2e/scenarios/conditions.mjs` decrypts with it what members open.
//!
//! ```text
//! encryption encrypt <public key> <genesis> <key set> <condition, JSON> <data>   {container, identity, condition}
//! encryption one-time                                                           {secret, public}
//! encryption decrypt <public key> <container> <one-time secret> <μ> <ω>         the data
//! encryption token <public key> <issuer> <seconds since 1970> <token>           who met the conditions
//! ```
//! All but conditions in hexadecimal with 0x. The container carries the condition as its metadata.

use codec::{DecodeAll, Encode};
use conclave_client::{decrypt, encrypt, token, DecryptRoot, Header, OneTimeSecret};
use conclave_primitives::{conditions, DecryptionIdentity, KeysetId, Sealed};
use rand_core::UnwrapErr;
use serde_json::json;
use std::{env, error::Error, process::ExitCode};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn run(arguments: &[String]) -> Outcome<String> {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut rng = UnwrapErr(getrandom::SysRng);
    match arguments.as_slice() {
        ["encrypt", key, genesis, keyset, condition, data] => {
            let root = DecryptRoot::new(&bytes(key)?, array(genesis)?, KeysetId(keyset.parse()?))?;
            let condition = conditions::parse(condition)?;
            let encoded = condition.to_bytes();
            let container = encrypt(&root, &condition.hash().0, &encoded, &bytes(data)?, &mut rng)?;
            let identity = Header::read(&mut container.as_slice())?.identity();
            let shown = json!({
                "container": hex(&container),
                "identity": hex(&identity.encode()),
                "identityBytes": hex(&identity.bytes()),
                "condition": hex(&encoded),
            });
            Ok(shown.to_string())
        }
        ["one-time"] => {
            let secret = OneTimeSecret::random(&mut rng);
            let public = secret.public().encode();
            Ok(json!({ "secret": hex(secret.to_bytes().as_ref()), "public": hex(&public) }).to_string())
        }
        ["decrypt", key, container, secret, mu, omega] => {
            let container = bytes(container)?;
            let identity = Header::read(&mut container.as_slice())?.identity();
            let DecryptionIdentity::V1 { genesis, keyset, .. } = identity else {
                return Err("containers are of identities of ours".into());
            };
            let root = DecryptRoot::new(&bytes(key)?, genesis, keyset)?;
            let sealed = Sealed::decode_all(&mut [bytes(mu)?, bytes(omega)?].concat().as_slice())?;
            let key = OneTimeSecret::from_bytes(&array(secret)?)?.open(&sealed, &root, &identity)?;
            Ok(hex(&decrypt(&container, &key)?))
        }
        ["token", key, issuer, now, token] => {
            Ok(token::verify(token, &bytes(key)?, issuer, now.parse()?, |_| true)?.subject)
        }
        _ => {
            Err("encryption encrypt | one-time | decrypt | token; see the source for their arguments".into())
        }
    }
}

fn bytes(text: &str) -> Outcome<Vec<u8>> {
    Ok(hex::decode(text.strip_prefix("0x").ok_or("expected hexadecimal with 0x")?)?)
}

fn array<const N: usize>(text: &str) -> Outcome<[u8; N]> {
    bytes(text)?.try_into().map_err(|_| format!("expected {N} bytes").into())
}

fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(output) => {
            println!("{output}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("encryption: {error}");
            ExitCode::FAILURE
        }
    }
}
