//! What an action is called: the content id that IPFS gives its bytes.

use alloc::{string::ToString, vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use crate::{blake2_256, AuthMethod, Curve, KeyId, PkpId};

/// What `ipfs add` cuts a file into by default.
const CHUNK: usize = 256 << 10;
/// How many children a node of the balanced tree has.
const FANOUT: usize = 174;
/// Multihash: SHA-256, 32 bytes.
const MULTIHASH: [u8; 2] = [0x12, 0x20];
const DOMAIN_ACTION_KEY: &[u8] = b"CONCLAVE-V1-ACTION-KEY";

/// A CIDv0: SHA-256 of the root of the UnixFS tree of a file (chunks of 256 KiB, balanced, 174 children a node), as
/// `ipfs add` and Lit compute it. Written `Qm…`, base58 of `12 20 ‖ digest`.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Cid([u8; 32]);

/// No CIDv0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCid;

impl fmt::Display for InvalidCid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a CIDv0 (Qm and 44 more characters)")
    }
}

impl core::error::Error for InvalidCid {}

impl Cid {
    /// Of exactly these bytes.
    pub fn of(content: &[u8]) -> Self {
        let mut level: Vec<Node> = content.chunks(CHUNK).map(leaf).collect();
        if level.is_empty() {
            level.push(leaf(&[]));
        }
        while level.len() > 1 {
            level = level.chunks(FANOUT).map(parent).collect();
        }
        Self(level.first().map(|root| root.digest).unwrap_or_default())
    }

    /// The one with this digest.
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// As which PKPs permit it.
    pub const fn method(&self) -> AuthMethod {
        AuthMethod::Action(self.0)
    }

    /// The key with which the action signs as itself: derived as PKPs' are, for an id that no PKP can have, since theirs
    /// are hashes of another domain. Within, Keccak-256 of `lit_action_` and the CID, as Lit has it.
    pub fn key(&self, curve: Curve) -> KeyId {
        let name: [u8; 32] =
            Keccak256::new().chain_update(b"lit_action_").chain_update(self.to_string()).finalize().into();
        KeyId::Pkp(PkpId(blake2_256(&(DOMAIN_ACTION_KEY, name).encode())), curve)
    }

    /// The digest without its multihash prefix.
    pub fn digest(&self) -> &[u8; 32] {
        &self.0
    }

    /// `12 20 ‖ digest`: what permissions on chain hold.
    pub fn to_multihash(self) -> [u8; 34] {
        let mut bytes = [0; 34];
        for (to, from) in bytes.iter_mut().zip(MULTIHASH.iter().chain(&self.0)) {
            *to = *from;
        }
        bytes
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(self.to_multihash()).into_string())
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Cid {
    type Err = InvalidCid;

    fn from_str(text: &str) -> Result<Self, InvalidCid> {
        if text.len() != 46 {
            return Err(InvalidCid);
        }
        let bytes = bs58::decode(text).into_vec().map_err(|_| InvalidCid)?;
        let digest = bytes.strip_prefix(&MULTIHASH).ok_or(InvalidCid)?;
        Ok(Self(digest.try_into().map_err(|_| InvalidCid)?))
    }
}

/// A node of the tree.
struct Node {
    digest: [u8; 32],
    /// Bytes of the file beneath it.
    file_bytes: u64,
    /// Bytes of all nodes beneath it, and of itself.
    tree_bytes: u64,
}

/// DAG-PB writes links (field 2) before data (field 1); UnixFS data: type (1), data (2), size (3), sizes of blocks (4).
fn leaf(chunk: &[u8]) -> Node {
    let mut unixfs = vec![0x08, 0x02];
    // js-ipfs and kubo alike leave out the data of an empty file, not its size.
    if !chunk.is_empty() {
        bytes_field(&mut unixfs, 0x12, chunk);
    }
    number_field(&mut unixfs, 0x18, chunk.len() as u64);
    let mut node = Vec::new();
    bytes_field(&mut node, 0x0a, &unixfs);
    Node {
        digest: Sha256::digest(&node).into(),
        file_bytes: chunk.len() as u64,
        tree_bytes: node.len() as u64,
    }
}

fn parent(children: &[Node]) -> Node {
    let mut node = Vec::new();
    let mut sizes = Vec::new();
    let mut file_bytes = 0u64;
    let mut tree_bytes = 0u64;
    for child in children {
        let mut link = Vec::new();
        let mut hash = MULTIHASH.to_vec();
        hash.extend_from_slice(&child.digest);
        bytes_field(&mut link, 0x0a, &hash);
        bytes_field(&mut link, 0x12, &[]);
        number_field(&mut link, 0x18, child.tree_bytes);
        bytes_field(&mut node, 0x12, &link);
        number_field(&mut sizes, 0x20, child.file_bytes);
        file_bytes = file_bytes.saturating_add(child.file_bytes);
        tree_bytes = tree_bytes.saturating_add(child.tree_bytes);
    }
    let mut unixfs = vec![0x08, 0x02];
    number_field(&mut unixfs, 0x18, file_bytes);
    unixfs.extend_from_slice(&sizes);
    bytes_field(&mut node, 0x0a, &unixfs);
    let tree_bytes = tree_bytes.saturating_add(node.len() as u64);
    Node { digest: Sha256::digest(&node).into(), file_bytes, tree_bytes }
}

fn bytes_field(to: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    number_field(to, tag, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

fn number_field(to: &mut Vec<u8>, tag: u8, mut number: u64) {
    to.push(tag);
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_should_be_those_of_ipfs() {
        // `printf 'hello world\n' | ipfs add`, and of no bytes.
        assert_eq!(Cid::of(b"hello world\n").to_string(), "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o");
        assert_eq!(Cid::of(b"").to_string(), "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH");
        assert_eq!("QmT78z".parse::<Cid>(), Err(InvalidCid));
    }

    #[test]
    fn keys_should_differ_by_action_and_curve() {
        let (one, other) = (Cid::of(b"1"), Cid::of(b"2"));
        assert_ne!(one.key(Curve::Ed25519), other.key(Curve::Ed25519));
        assert_ne!(one.key(Curve::Ed25519), one.key(Curve::Secp256k1));
        // Never the key of the PKP with the digest, or with Lit's name, as id.
        assert_ne!(one.key(Curve::Ed25519), KeyId::Pkp(PkpId(*one.digest()), Curve::Ed25519));
    }
}
