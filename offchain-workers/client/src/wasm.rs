//! For JavaScript: bytes in, bytes out. Identities, one-time keys and sealed answers are in SCALE, as on the wire.

use codec::{DecodeAll, Encode};
use conclave_primitives::{
    conditions::{self, Condition},
    AuthMethod, Committee, DecryptionIdentity, KeysetId, Sealed,
};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use wasm_bindgen::prelude::{wasm_bindgen, JsError};
use zeroize::{Zeroize, Zeroizing};

use crate::{lit, private_params, Container, DecryptRoot, DecryptionKey, OneTimeSecret};

fn rng() -> Result<ChaCha20Rng, JsError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut())?;
    Ok(ChaCha20Rng::from_seed(*seed))
}

fn hash(bytes: &[u8], name: &str) -> Result<[u8; 32], JsError> {
    bytes.try_into().map_err(|_| JsError::new(&format!("{name}: 32 bytes expected, got {}", bytes.len())))
}

fn scale<T: codec::Decode>(mut bytes: &[u8], name: &str) -> Result<T, JsError> {
    T::decode_all(&mut bytes).map_err(|error| JsError::new(&format!("{name}: {error}")))
}

/// The Decrypt root of a key set.
#[wasm_bindgen]
pub struct Root(DecryptRoot);

#[wasm_bindgen]
impl Root {
    /// From the public key (48 bytes), the genesis hash (32 bytes) and the key set's number.
    #[wasm_bindgen(constructor)]
    pub fn new(public_key: &[u8], genesis: &[u8], keyset: u32) -> Result<Root, JsError> {
        Ok(Self(DecryptRoot::new(public_key, hash(genesis, "genesis")?, KeysetId(keyset))?))
    }

    /// Encrypts to the condition with this hash.
    pub fn encrypt(&self, condition: &[u8], metadata: &[u8], data: &[u8]) -> Result<Vec<u8>, JsError> {
        Ok(crate::encrypt(&self.0, &hash(condition, "condition")?, metadata, data, &mut rng()?)?)
    }

    /// Decrypts a container with the 96 bytes of its decryption key.
    pub fn decrypt(&self, container: &[u8], key: &[u8]) -> Result<Vec<u8>, JsError> {
        let identity = Container::open(container)?.header().identity();
        Ok(crate::decrypt(container, &DecryptionKey::from_bytes(key, &self.0, &identity)?)?)
    }

    /// Opens a gateway's answer with the one-time secret: the decryption key, 96 bytes.
    pub fn open(&self, secret: &[u8], sealed: &[u8], identity: &[u8]) -> Result<Vec<u8>, JsError> {
        let secret = OneTimeSecret::from_bytes(&hash(secret, "secret")?)?;
        let sealed: Sealed = scale(sealed, "sealed")?;
        let identity: DecryptionIdentity = scale(identity, "identity")?;
        Ok(secret.open(&sealed, &self.0, &identity)?.to_bytes().to_vec())
    }

    /// Encrypts as Lit does: the ciphertext in base64.
    #[wasm_bindgen(js_name = litEncrypt)]
    pub fn lit_encrypt(&self, condition: &[u8], plaintext: &[u8]) -> Result<String, JsError> {
        Ok(lit::encrypt(&self.0, hash(condition, "condition")?, plaintext, &mut rng()?)?.0)
    }

    /// Decrypts what Lit's packages encrypted.
    #[wasm_bindgen(js_name = litDecrypt)]
    pub fn lit_decrypt(&self, ciphertext: &str, identity: &[u8], key: &[u8]) -> Result<Vec<u8>, JsError> {
        let identity = scale(identity, "identity")?;
        let key = DecryptionKey::from_bytes(key, &self.0, &identity)?;
        Ok(lit::decrypt(ciphertext, &key)?.to_vec())
    }
}

/// The canonical bytes of a condition in our JSON: what requests carry, and policies are made of.
#[wasm_bindgen(js_name = conditionBytes)]
pub fn condition_bytes(json: &str) -> Result<Vec<u8>, JsError> {
    Ok(conditions::parse(json).map_err(|error| JsError::new(&error.to_string()))?.to_bytes())
}

/// The hash of a condition from its canonical bytes: what data is encrypted to.
#[wasm_bindgen(js_name = conditionHash)]
pub fn condition_hash(bytes: &[u8]) -> Result<Vec<u8>, JsError> {
    let condition = Condition::from_bytes(bytes).map_err(|error| JsError::new(&error.to_string()))?;
    Ok(condition.hash().0.to_vec())
}

/// A fresh one-time secret, 32 bytes.
#[wasm_bindgen(js_name = oneTimeSecret)]
pub fn one_time_secret() -> Result<Vec<u8>, JsError> {
    Ok(OneTimeSecret::random(&mut rng()?).to_bytes().to_vec())
}

/// The public key of a one-time secret, for the request. Erases the copy of the secret that was passed.
#[wasm_bindgen(js_name = oneTimeKey)]
pub fn one_time_key(mut secret: Vec<u8>) -> Result<Vec<u8>, JsError> {
    let one_time = OneTimeSecret::from_bytes(&hash(&secret, "secret")?);
    secret.zeroize();
    Ok(one_time?.public().encode())
}

/// Whose decryption key a container needs.
#[wasm_bindgen]
pub fn identity(container: &[u8]) -> Result<Vec<u8>, JsError> {
    Ok(Container::open(container)?.header().identity().encode())
}

/// A container's public metadata; genuine once the data has been decrypted.
#[wasm_bindgen]
pub fn metadata(container: &[u8]) -> Result<Vec<u8>, JsError> {
    Ok(Container::open(container)?.header().metadata().to_vec())
}

/// Seals an action's private parameters, a JSON object as text, to the members of a committee (SCALE, of the runtime API
/// `CommitteeApi_committee`) for the program with this CID and a requester (an `AuthMethod` in SCALE): the field
/// `privateParams` of `conclave_execute`.
#[wasm_bindgen(js_name = sealParams)]
pub fn seal_params(
    params: &str,
    genesis: &[u8],
    committee: &[u8],
    cid: &str,
    who: &[u8],
) -> Result<Vec<u8>, JsError> {
    let committee: Committee = scale(committee, "committee")?;
    let cid = cid.parse().map_err(|error| JsError::new(&format!("cid: {error}")))?;
    let who: AuthMethod = scale(who, "who")?;
    let genesis = hash(genesis, "genesis")?;
    let sealed = private_params::seal(params.as_bytes(), &genesis, &committee, cid, &who, &mut rng()?)?;
    Ok(sealed.encode())
}

/// The identity of a plaintext in Lit's format.
#[wasm_bindgen(js_name = litIdentity)]
pub fn lit_identity(condition: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, JsError> {
    Ok(lit::identity(hash(condition, "condition")?, plaintext).encode())
}
