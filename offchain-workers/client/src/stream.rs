//! Data in chunks: ChaCha20-Poly1305 in STREAM.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::{
    aead::{self, Buffer},
    ChaCha20Poly1305,
};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use std::{
    io::{ErrorKind, Read, Write},
    mem::swap,
};
use zeroize::Zeroizing;

use crate::{Error, CHUNK_BYTES};

const TAG_BYTES: usize = 16;
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
/// A nonce without STREAM's counter and mark of the last chunk.
const NONCE_BYTES: usize = 7;
const DOMAIN: &[u8] = b"CONCLAVE-V1-STREAM";

/// Fills `buffer` as far as the reader goes; how far that is.
pub(crate) fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == ErrorKind::Interrupted => (),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}

/// The end of a vector, as the AEAD's buffer: nothing is copied.
struct Tail<'a> {
    all: &'a mut Vec<u8>,
    start: usize,
}

impl AsRef<[u8]> for Tail<'_> {
    fn as_ref(&self) -> &[u8] {
        self.all.get(self.start..).unwrap_or_default()
    }
}

impl AsMut<[u8]> for Tail<'_> {
    fn as_mut(&mut self) -> &mut [u8] {
        self.all.get_mut(self.start..).unwrap_or_default()
    }
}

impl Buffer for Tail<'_> {
    fn extend_from_slice(&mut self, other: &[u8]) -> aead::Result<()> {
        self.all.extend_from_slice(other);
        Ok(())
    }

    fn truncate(&mut self, length: usize) {
        self.all.truncate(self.start.saturating_add(length));
    }
}

/// Key and nonce prefix, from the data key and the header.
fn derive(data_key: &[u8; 32], header: &[u8]) -> Result<(Zeroizing<[u8; 32]>, [u8; NONCE_BYTES]), Error> {
    let hash = Sha256::digest(header);
    let hkdf = Hkdf::<Sha256>::new(None, data_key);
    let mut okm = Zeroizing::new([0; 32 + NONCE_BYTES]);
    hkdf.expand_multi_info(&[DOMAIN, &hash], okm.as_mut())
        .map_err(|_| Error::Backend { reason: "HKDF's output is too long".into() })?;
    let (mut key, mut nonce) = (Zeroizing::new([0; 32]), [0; NONCE_BYTES]);
    for (to, from) in key.iter_mut().chain(&mut nonce).zip(okm.iter()) {
        *to = *from;
    }
    Ok((key, nonce))
}

/// So many bytes, with room for a tag, so that plaintext is never moved and left behind.
fn buffer(bytes: usize) -> Zeroizing<Vec<u8>> {
    let mut buffer = Zeroizing::new(Vec::with_capacity(bytes.saturating_add(TAG_BYTES)));
    buffer.resize(bytes, 0);
    buffer
}

/// One container's encryption.
pub(crate) struct Encryption(EncryptorBE32<ChaCha20Poly1305>);

impl Encryption {
    pub(crate) fn new(data_key: &[u8; 32], header: &[u8]) -> Result<Self, Error> {
        let (key, nonce) = derive(data_key, header)?;
        Ok(Self(EncryptorBE32::new(&(*key).into(), &nonce.into())))
    }

    /// Appends all chunks to `out`.
    pub(crate) fn encrypt_into(mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let mut chunks = data.chunks(CHUNK_BYTES);
        // Data of no bytes is one empty chunk.
        let last = chunks.next_back().unwrap_or_default();
        let tags = chunks.len().saturating_add(1).saturating_mul(TAG_BYTES);
        out.reserve(data.len().saturating_add(tags));
        for chunk in chunks {
            let start = out.len();
            out.extend_from_slice(chunk);
            let mut tail = Tail { all: &mut *out, start };
            self.0.encrypt_next_in_place(&[], &mut tail).map_err(|_| Error::TooLong)?;
        }
        let start = out.len();
        out.extend_from_slice(last);
        self.0.encrypt_last_in_place(&[], &mut Tail { all: out, start }).map_err(|_| Error::TooLong)
    }

    pub(crate) fn encrypt_stream(mut self, data: &mut impl Read, out: &mut impl Write) -> Result<(), Error> {
        // Two buffers for all chunks, erased at the end.
        let mut chunk = buffer(CHUNK_BYTES);
        let mut next = buffer(CHUNK_BYTES);
        let mut length = read_full(data, &mut chunk)?;
        loop {
            // A chunk is the last if nothing follows it.
            let following = if length < CHUNK_BYTES { 0 } else { read_full(data, &mut next)? };
            chunk.truncate(length);
            if following == 0 {
                self.0.encrypt_last_in_place(&[], &mut *chunk).map_err(|_| Error::TooLong)?;
                out.write_all(&chunk)?;
                return Ok(out.flush()?);
            }
            self.0.encrypt_next_in_place(&[], &mut *chunk).map_err(|_| Error::TooLong)?;
            out.write_all(&chunk)?;
            chunk.truncate(CHUNK_BYTES);
            swap(&mut chunk, &mut next);
            length = following;
        }
    }
}

/// One container's decryption.
pub(crate) struct Decryption {
    stream: DecryptorBE32<ChaCha20Poly1305>,
    index: u64,
}

impl Decryption {
    pub(crate) fn new(data_key: &[u8; 32], header: &[u8]) -> Result<Self, Error> {
        let (key, nonce) = derive(data_key, header)?;
        Ok(Self { stream: DecryptorBE32::new(&(*key).into(), &nonce.into()), index: 0 })
    }

    fn next(&mut self, chunk: &mut dyn Buffer) -> Result<(), Error> {
        let refused = Error::ChunkRefused { index: self.index };
        self.stream.decrypt_next_in_place(&[], chunk).map_err(|_| refused)?;
        self.index = self.index.saturating_add(1);
        Ok(())
    }

    fn last(self, chunk: &mut dyn Buffer) -> Result<(), Error> {
        let refused = || Error::ChunkRefused { index: self.index };
        // An empty chunk after others: the same data in a second form.
        if chunk.len() <= TAG_BYTES && self.index > 0 {
            return Err(refused());
        }
        self.stream.decrypt_last_in_place(&[], chunk).map_err(|_| refused())
    }

    pub(crate) fn decrypt(mut self, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let mut chunks = sealed.chunks(SEALED_CHUNK_BYTES);
        let last = chunks.next_back().unwrap_or_default();
        let mut data = Vec::with_capacity(sealed.len());
        for chunk in chunks {
            let start = data.len();
            data.extend_from_slice(chunk);
            self.next(&mut Tail { all: &mut data, start })?;
        }
        let start = data.len();
        data.extend_from_slice(last);
        self.last(&mut Tail { all: &mut data, start })?;
        Ok(data)
    }

    pub(crate) fn decrypt_stream(
        mut self,
        sealed: &mut impl Read,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        let mut chunk = buffer(SEALED_CHUNK_BYTES);
        let mut next = buffer(SEALED_CHUNK_BYTES);
        let mut length = read_full(sealed, &mut chunk)?;
        loop {
            let following = if length < SEALED_CHUNK_BYTES { 0 } else { read_full(sealed, &mut next)? };
            chunk.truncate(length);
            if following == 0 {
                self.last(&mut *chunk)?;
                out.write_all(&chunk)?;
                return Ok(out.flush()?);
            }
            self.next(&mut *chunk)?;
            out.write_all(&chunk)?;
            // Without its tag it is shorter.
            chunk.resize(SEALED_CHUNK_BYTES, 0);
            swap(&mut chunk, &mut next);
            length = following;
        }
    }
}
