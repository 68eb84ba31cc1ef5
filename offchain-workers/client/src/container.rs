//! The container: a header, then the data as a STREAM of chunks.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `CONCLAVE` |
//! | 1 | version, 1 |
//! | 32, 4 | genesis hash, key set (little-endian) |
//! | 32 | hash of the condition |
//! | 32 | binding: a nonce of this container alone |
//! | 113 | the data key, encrypted to the identity that these four make: U (48) ‖ V (32) ‖ W (33) |
//! | 4 | length of the metadata (little-endian) |
//! | … | metadata: public, authenticated, for the application; the condition, for example |
//! | … | chunks of 65,536 bytes, the last may be shorter, each followed by its tag of 16 bytes |
//!
//! Chunks are ChaCha20-Poly1305 (RFC 8439) in STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, Crypto 2015), under a key
//! and nonce prefix that HKDF-SHA256 derives from the data key and the hash of the whole header. So every bit of the
//! header counts, chunks cannot be changed, moved, left out or added, and the last is marked as such. There is one
//! way to write data: only data of no bytes has an empty chunk. The encryption of the data key determines it, so a
//! container opens to one plaintext at the most, also for whoever made it.

use codec::{Decode, Encode};
use conclave_primitives::{DecryptionIdentity, GenesisHash, KeysetId};
use core::fmt;
use rand_core::CryptoRng;
use std::io::{Read, Write};
use zeroize::Zeroizing;

use crate::{
    identity_encryption::{open, seal, DataKey, SEALED_KEY_BYTES},
    stream::{self, read_full},
    DecryptRoot, DecryptionKey, Error,
};

/// Bytes of data in a chunk.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// The longest metadata.
pub const MAX_METADATA_BYTES: usize = 64 * 1024;

const MAGIC: [u8; 8] = *b"CONCLAVE";
const VERSION: u8 = 1;

/// What every header of version 1 has, as it is encoded.
#[derive(Clone, Encode, Decode)]
struct Fixed {
    magic: [u8; 8],
    version: u8,
    genesis: GenesisHash,
    keyset: KeysetId,
    condition: [u8; 32],
    binding: [u8; 32],
    sealed_key: [u8; SEALED_KEY_BYTES],
    metadata_bytes: u32,
}

const FIXED_BYTES: usize = 8 + 1 + 32 + 4 + 32 + 32 + SEALED_KEY_BYTES + 4;

/// A container's header. Genuine only once the first chunk has opened.
#[derive(Clone)]
pub struct Header {
    fixed: Fixed,
    metadata: Vec<u8>,
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Header {{ {:?}, {} bytes of metadata }}", self.identity(), self.metadata.len())
    }
}

impl Header {
    /// Reads a header; what follows in `reader` is the data.
    pub fn read(reader: &mut impl Read) -> Result<Self, Error> {
        let mut bytes = [0; FIXED_BYTES];
        let got = read_full(reader, &mut bytes)?;
        let start = bytes.get(..got.min(MAGIC.len())).unwrap_or_default();
        if start != MAGIC.get(..start.len()).unwrap_or_default() || start.is_empty() {
            return Err(Error::NotAContainer);
        }
        let cut_off = Error::CutOff { part: "header" };
        if got > MAGIC.len() {
            // Before its length: other versions may have shorter ones.
            match bytes.get(MAGIC.len()) {
                Some(&VERSION) => (),
                Some(&got) => return Err(Error::UnknownVersion { got }),
                None => return Err(cut_off),
            }
        }
        if got < bytes.len() {
            return Err(cut_off);
        }
        let fixed = Fixed::decode(&mut &bytes[..]).map_err(|_| Error::NotAContainer)?;
        let length = usize::try_from(fixed.metadata_bytes).unwrap_or(usize::MAX);
        if length > MAX_METADATA_BYTES {
            return Err(Error::MetadataTooLong { got: length });
        }
        let mut metadata = vec![0; length];
        if read_full(reader, &mut metadata)? < length {
            return Err(Error::CutOff { part: "metadata" });
        }
        Ok(Self { fixed, metadata })
    }

    /// To whom it is encrypted: ask for the decryption key of this.
    pub const fn identity(&self) -> DecryptionIdentity {
        let Fixed { genesis, keyset, condition, binding, .. } = self.fixed;
        DecryptionIdentity::V1 { genesis, keyset, condition, binding }
    }

    /// What the application put there for everyone to read.
    pub fn metadata(&self) -> &[u8] {
        &self.metadata
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.fixed.encode();
        bytes.extend_from_slice(&self.metadata);
        bytes
    }

    /// A header for new data, and its data key.
    fn new(
        root: &DecryptRoot,
        condition: &[u8; 32],
        metadata: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, DataKey), Error> {
        let metadata_bytes = u32::try_from(metadata.len())
            .ok()
            .filter(|_| metadata.len() <= MAX_METADATA_BYTES)
            .ok_or(Error::MetadataTooLong { got: metadata.len() })?;
        let mut binding = [0; 32];
        rng.fill_bytes(&mut binding);
        let mut key: DataKey = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        let identity = root.identity(*condition, binding);
        let sealed_key = seal(root, &identity, &key, rng)?;
        let (genesis, keyset, condition) = (*root.genesis(), root.keyset(), *condition);
        let fixed = Fixed {
            magic: MAGIC,
            version: VERSION,
            genesis,
            keyset,
            condition,
            binding,
            sealed_key,
            metadata_bytes,
        };
        Ok((Self { fixed, metadata: metadata.to_vec() }, key))
    }

    fn open(&self, key: &DecryptionKey) -> Result<DataKey, Error> {
        if *key.identity() != self.identity() {
            return Err(Error::AnotherIdentity);
        }
        open(&self.fixed.sealed_key, key)
    }
}

/// Encrypts `data` to whoever meets the condition with this hash. `metadata` stays readable for all. Offline: nobody
/// is asked.
pub fn encrypt(
    root: &DecryptRoot,
    condition: &[u8; 32],
    metadata: &[u8],
    data: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, Error> {
    let (header, key) = Header::new(root, condition, metadata, rng)?;
    let mut container = header.to_bytes();
    let stream = stream::Encryption::new(&key, &container)?;
    stream.encrypt_into(data, &mut container)?;
    Ok(container)
}

/// [`encrypt`] for data of any length: holds a few chunks in memory at a time.
pub fn encrypt_stream(
    root: &DecryptRoot,
    condition: &[u8; 32],
    metadata: &[u8],
    data: &mut impl Read,
    container: &mut impl Write,
    rng: &mut impl CryptoRng,
) -> Result<Header, Error> {
    let (header, key) = Header::new(root, condition, metadata, rng)?;
    let bytes = header.to_bytes();
    container.write_all(&bytes)?;
    stream::Encryption::new(&key, &bytes)?.encrypt_stream(data, container)?;
    Ok(header)
}

/// Decrypts a whole container.
pub fn decrypt(container: &[u8], key: &DecryptionKey) -> Result<Vec<u8>, Error> {
    let mut rest = container;
    let header = Header::read(&mut rest)?;
    let data_key = header.open(key)?;
    stream::Decryption::new(&data_key, &header.to_bytes())?.decrypt(rest)
}

/// A container that is read as it comes: the header first, the data when the decryption key is there.
#[derive(Debug)]
pub struct Container<R> {
    header: Header,
    data: R,
}

impl<R: Read> Container<R> {
    /// Reads the header.
    pub fn open(mut container: R) -> Result<Self, Error> {
        Ok(Self { header: Header::read(&mut container)?, data: container })
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Writes the data, each chunk once it proves genuine. After an error what was written is genuine but incomplete:
    /// whoever wrote the container did not end it there. Discard it.
    pub fn decrypt(mut self, key: &DecryptionKey, data: &mut impl Write) -> Result<(), Error> {
        let data_key = self.header.open(key)?;
        let stream = stream::Decryption::new(&data_key, &self.header.to_bytes())?;
        stream.decrypt_stream(&mut self.data, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_part_should_have_its_length() {
        let fixed = Fixed {
            magic: MAGIC,
            version: VERSION,
            genesis: [0; 32],
            keyset: KeysetId(0),
            condition: [0; 32],
            binding: [0; 32],
            sealed_key: [0; SEALED_KEY_BYTES],
            metadata_bytes: 0,
        };
        assert_eq!((fixed.encode().len(), FIXED_BYTES), (226, 226));
    }
}
