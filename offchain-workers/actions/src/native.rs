//! Operations that only compute: answered inside the sandbox, natively, because an interpreter inside an interpreter is
//! a hundred times too slow at them. All are functions of their argument, and cost fuel by what they take.
//!
//! Arguments are bytes in the order of the table below, all of fixed length but the last, or with a length of four bytes
//! (little endian) before them where it says `l:`.

mod keys;
mod url;

use crate::vm::Answer;
use aes_gcm::{
    aead::{Aead, Payload},
    aes::{
        cipher::{generic_array::GenericArray, BlockDecryptMut, BlockEncryptMut, KeyIvInit},
        Aes128, Aes192, Aes256,
    },
    Aes128Gcm, Aes256Gcm, AesGcm, KeyInit, Nonce,
};
use blsful::{Bls12381G1Impl, Bls12381G2Impl, BlsSignatureImpl, PublicKey, Signature};
use hmac::{Hmac, Mac};
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use rand_chacha::{rand_core::Rng, ChaCha20Rng};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256, Sha384, Sha512};
use sha3::Keccak256;

type Operation = fn(&[u8]) -> Answer;

/// Name, fuel for a call, fuel for a byte, what it does. A microsecond is about a thousand units.
const OPERATIONS: &[(&str, u64, u64, Operation)] = &[
    // message → digest
    ("keccak256", 1_000, 8, |message| Ok(Keccak256::digest(message).to_vec())),
    ("sha256", 1_000, 8, |message| Ok(Sha256::digest(message).to_vec())),
    ("sha384", 1_000, 8, |message| Ok(Sha384::digest(message).to_vec())),
    ("sha512", 1_000, 8, |message| Ok(Sha512::digest(message).to_vec())),
    ("ripemd160", 1_000, 16, |message| Ok(Ripemd160::digest(message).to_vec())),
    // l:key, message → tag
    ("hmacSha256", 3_000, 8, |argument| hmac::<Hmac<Sha256>>(argument)),
    ("hmacSha384", 3_000, 8, |argument| hmac::<Hmac<Sha384>>(argument)),
    ("hmacSha512", 3_000, 8, |argument| hmac::<Hmac<Sha512>>(argument)),
    // l:key, nonce (12), l:additional data, plaintext or ciphertext with its tag
    ("aesGcmEncrypt", 5_000, 16, |argument| aes_gcm(argument, true)),
    ("aesGcmDecrypt", 5_000, 16, |argument| aes_gcm(argument, false)),
    // l:key, iv (16), plaintext or ciphertext; PKCS #7
    ("aesCbcEncrypt", 5_000, 16, |argument| aes_cbc(argument, true)),
    ("aesCbcDecrypt", 5_000, 16, |argument| aes_cbc(argument, false)),
    // digest (32), r ‖ s ‖ v (65) → uncompressed key
    ("secp256k1Recover", 500_000, 1, secp256k1_recover),
    // digest (32), r ‖ s (64), key (SEC1) → 1 or 0
    ("secp256k1Verify", 500_000, 1, secp256k1_verify),
    ("secp256r1Verify", 1_000_000, 1, secp256r1_verify),
    // key (32), signature (64), message → 1 or 0
    ("ed25519Verify", 300_000, 8, ed25519_verify),
    // l:key, l:signature, message → 1 or 0; proof-of-possession ciphersuites
    ("bls12381G1Verify", 6_000_000, 8, bls_verify::<Bls12381G1Impl>),
    ("bls12381G2Verify", 6_000_000, 8, bls_verify::<Bls12381G2Impl>),
    // l:algorithm (RS256 …, PS512), l:modulus, l:exponent, l:signature, message → 1 or 0
    ("rsaVerify", 1_000_000, 8, keys::rsa_verify),
    // DER of a SubjectPublicKeyInfo → JSON of the key
    ("publicKey", 10_000, 50, keys::public_key),
    // l:base or nothing, text → JSON of its parts
    ("urlParse", 5_000, 50, url::parse),
    // l:URL, l:part, text → JSON of its parts
    ("urlSet", 5_000, 50, url::set),
];

/// The names of all operations that are answered inside the sandbox.
pub fn native_operations() -> Vec<&'static str> {
    OPERATIONS.iter().map(|(name, ..)| *name).collect()
}

pub(crate) fn fuel(operation: &str, bytes: usize) -> u64 {
    let found = OPERATIONS.iter().find(|(name, ..)| *name == operation);
    found.map_or(0, |(_, call, byte, _)| byte.saturating_mul(bytes as u64).saturating_add(*call))
}

/// The answer, if the operation is one of these.
pub(crate) fn compute(operation: &str, argument: &[u8]) -> Option<Answer> {
    OPERATIONS.iter().find(|(name, ..)| *name == operation).map(|(.., compute)| compute(argument))
}

/// Bytes of the member's own randomness: how many, in decimal.
pub(crate) fn random(argument: &[u8], random: &mut ChaCha20Rng) -> Answer {
    let count = std::str::from_utf8(argument).ok().and_then(|text| text.parse::<usize>().ok());
    // WebCrypto's own limit.
    let count = count.filter(|count| *count <= 65_536).ok_or("at most 65536 random bytes at a time")?;
    let mut bytes = vec![0; count];
    random.fill_bytes(&mut bytes);
    Ok(bytes)
}

fn take<'a>(argument: &mut &'a [u8], length: usize) -> Result<&'a [u8], String> {
    let (taken, rest) = argument.split_at_checked(length).ok_or("the argument is too short")?;
    *argument = rest;
    Ok(taken)
}

fn take_array<const N: usize>(argument: &mut &[u8]) -> Result<[u8; N], String> {
    take(argument, N)?.try_into().map_err(|_| "the argument is too short".into())
}

fn take_prefixed<'a>(argument: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let length = u32::from_le_bytes(take_array(argument)?);
    take(argument, length as usize)
}

fn verdict(holds: bool) -> Answer {
    Ok(vec![u8::from(holds)])
}

fn hmac<M: Mac + hmac::digest::KeyInit>(mut argument: &[u8]) -> Answer {
    let key = take_prefixed(&mut argument)?;
    let mac = <M as hmac::digest::KeyInit>::new_from_slice(key).map_err(|error| error.to_string())?;
    Ok(mac.chain_update(argument).finalize().into_bytes().to_vec())
}

fn aes_gcm(mut argument: &[u8], encrypt: bool) -> Answer {
    let key = take_prefixed(&mut argument)?;
    let nonce: [u8; 12] = take_array(&mut argument)?;
    let nonce = Nonce::from(nonce);
    let additional = take_prefixed(&mut argument)?;
    let payload = Payload { msg: argument, aad: additional };
    let length = "a key of AES has 16, 24 or 32 bytes";
    fn apply(
        cipher: Result<
            impl Aead<NonceSize = aes_gcm::aead::consts::U12>,
            aes_gcm::aes::cipher::InvalidLength,
        >,
        nonce: &Nonce<aes_gcm::aead::consts::U12>,
        payload: Payload<'_, '_>,
        encrypt: bool,
    ) -> Answer {
        let cipher = cipher.map_err(|error| error.to_string())?;
        if encrypt { cipher.encrypt(nonce, payload) } else { cipher.decrypt(nonce, payload) }
            .map_err(|_| "AES-GCM: wrong key, nonce, data or tag".into())
    }
    match key.len() {
        16 => apply(Aes128Gcm::new_from_slice(key), &nonce, payload, encrypt),
        24 => {
            let cipher = AesGcm::<Aes192, aes_gcm::aead::consts::U12>::new_from_slice(key);
            apply(cipher, &nonce, payload, encrypt)
        }
        32 => apply(Aes256Gcm::new_from_slice(key), &nonce, payload, encrypt),
        _ => Err(length.into()),
    }
}

fn aes_cbc(mut argument: &[u8], encrypt: bool) -> Answer {
    let key = take_prefixed(&mut argument)?;
    let iv: [u8; 16] = take_array(&mut argument)?;
    match key.len() {
        16 => aes_cbc_with::<Aes128>(key, &iv, argument, encrypt),
        24 => aes_cbc_with::<Aes192>(key, &iv, argument, encrypt),
        32 => aes_cbc_with::<Aes256>(key, &iv, argument, encrypt),
        _ => Err("a key of AES has 16, 24 or 32 bytes".into()),
    }
}

fn aes_cbc_with<C>(key: &[u8], iv: &[u8; 16], text: &[u8], encrypt: bool) -> Answer
where
    C: aes_gcm::aes::cipher::BlockCipher
        + aes_gcm::aes::cipher::BlockSizeUser<BlockSize = aes_gcm::aead::consts::U16>
        + BlockEncryptMut
        + BlockDecryptMut,
    cbc::Encryptor<C>: KeyIvInit + BlockEncryptMut<BlockSize = aes_gcm::aead::consts::U16>,
    cbc::Decryptor<C>: KeyIvInit + BlockDecryptMut<BlockSize = aes_gcm::aead::consts::U16>,
{
    let mut bytes = text.to_vec();
    if encrypt {
        let padding = 16u8.saturating_sub((bytes.len() % 16) as u8);
        bytes.extend(std::iter::repeat_n(padding, padding.into()));
        let mut cipher = cbc::Encryptor::<C>::new_from_slices(key, iv).map_err(|error| error.to_string())?;
        for block in bytes.chunks_exact_mut(16) {
            cipher.encrypt_block_mut(GenericArray::from_mut_slice(block));
        }
        return Ok(bytes);
    }
    let wrong = "AES-CBC: wrong key, iv or data";
    if bytes.is_empty() || !bytes.len().is_multiple_of(16) {
        return Err(wrong.into());
    }
    let mut cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|error| error.to_string())?;
    for block in bytes.chunks_exact_mut(16) {
        cipher.decrypt_block_mut(GenericArray::from_mut_slice(block));
    }
    let padding = bytes.last().copied().unwrap_or_default();
    let length = bytes.len().saturating_sub(padding.into());
    let padded = bytes.get(length..).unwrap_or_default();
    if !(1..=16).contains(&padding) || padded.iter().any(|byte| *byte != padding) {
        return Err(wrong.into());
    }
    bytes.truncate(length);
    Ok(bytes)
}

fn secp256k1_recover(mut argument: &[u8]) -> Answer {
    use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
    let digest: [u8; 32] = take_array(&mut argument)?;
    let signature: [u8; 64] = take_array(&mut argument)?;
    let [v]: [u8; 1] = take_array(&mut argument)?;
    // Ethereum writes 27 and 28.
    let v =
        RecoveryId::from_byte(if v >= 27 { v.wrapping_sub(27) } else { v }).ok_or("v is 0, 1, 27 or 28")?;
    let signature = Signature::from_slice(&signature).map_err(|_| "not a signature: r or s out of range")?;
    let key = VerifyingKey::recover_from_prehash(&digest, &signature, v).map_err(|_| "no key fits")?;
    Ok(key.to_sec1_point(false).as_bytes().to_vec())
}

fn secp256k1_verify(mut argument: &[u8]) -> Answer {
    use k256::ecdsa::{Signature, VerifyingKey};
    let digest: [u8; 32] = take_array(&mut argument)?;
    let signature: [u8; 64] = take_array(&mut argument)?;
    let key = VerifyingKey::from_sec1_bytes(argument).map_err(|_| "not a key on secp256k1")?;
    let Ok(signature) = Signature::from_slice(&signature) else { return verdict(false) };
    verdict(key.verify_prehash(&digest, &signature).is_ok())
}

fn secp256r1_verify(mut argument: &[u8]) -> Answer {
    use p256::ecdsa::{Signature, VerifyingKey};
    let digest: [u8; 32] = take_array(&mut argument)?;
    let signature: [u8; 64] = take_array(&mut argument)?;
    let key = VerifyingKey::from_sec1_bytes(argument).map_err(|_| "not a key on secp256r1")?;
    let Ok(signature) = Signature::from_slice(&signature) else { return verdict(false) };
    verdict(key.verify_prehash(&digest, &signature).is_ok())
}

fn ed25519_verify(mut argument: &[u8]) -> Answer {
    let key: [u8; 32] = take_array(&mut argument)?;
    let signature: [u8; 64] = take_array(&mut argument)?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).map_err(|_| "not a key on ed25519")?;
    let signature = ed25519_dalek::Signature::from_bytes(&signature);
    // Strict: keys of small order sign anything.
    verdict(key.verify_strict(argument, &signature).is_ok())
}

fn bls_verify<C: BlsSignatureImpl>(mut argument: &[u8]) -> Answer {
    let key = take_prefixed(&mut argument)?;
    let signature = take_prefixed(&mut argument)?;
    let key = PublicKey::<C>::try_from(key).map_err(|_| "not a BLS key")?;
    // blsful puts the ciphersuite before the point: 2 is proof of possession.
    let tagged: Vec<u8> = std::iter::once(2).chain(signature.iter().copied()).collect();
    let Ok(signature) = Signature::<C>::try_from(tagged.as_slice()) else { return verdict(false) };
    verdict(signature.verify(&key, argument).is_ok())
}
