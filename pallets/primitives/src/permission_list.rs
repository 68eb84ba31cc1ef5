//! Lists of auth methods that are too long for the chain: it keeps the root of a Merkle tree, and who is on the list
//! shows the way up.
//!
//! A leaf is Keccak-256 twice over the SCALE encoding of the auth method, a node Keccak-256 of its two children in
//! ascending order: OpenZeppelin's `MerkleProof` and `StandardMerkleTree`, but for what a leaf encodes. Twice, so that no
//! node is taken for a leaf.

use alloc::vec::Vec;
use codec::Encode;
use sha3::{Digest, Keccak256};

use crate::AuthMethod;

/// The longest proof: of a list of 2^32 auth methods.
pub const MAX_PROOF_NODES: usize = 32;

/// The leaf of an auth method.
pub fn list_leaf(method: &AuthMethod) -> [u8; 32] {
    keccak_256(&[&keccak_256(&[&method.encode()])])
}

/// Whether a proof, from the leaf's sibling up, leads from an auth method to the root.
pub fn is_listed(root: &[u8; 32], method: &AuthMethod, proof: &[[u8; 32]]) -> bool {
    proof.len() <= MAX_PROOF_NODES
        && proof.iter().fold(list_leaf(method), |node, sibling| parent(&node, sibling)) == *root
}

/// The siblings of a leaf and of the nodes above it, from the leaf up.
pub type ListProof = Vec<[u8; 32]>;

/// The root of a list, and the proof of each of its auth methods, in their order; `None` of an empty list. An odd node
/// at the end of a row goes up as it is.
pub fn list_tree(methods: &[AuthMethod]) -> Option<([u8; 32], Vec<ListProof>)> {
    let mut row: Vec<[u8; 32]> = methods.iter().map(list_leaf).collect();
    let mut places: Vec<usize> = (0..methods.len()).collect();
    let mut proofs: Vec<ListProof> = methods.iter().map(|_| Vec::new()).collect();
    while row.len() > 1 {
        for (place, proof) in places.iter_mut().zip(&mut proofs) {
            proof.extend(row.get(*place ^ 1));
            *place /= 2;
        }
        row = row
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => parent(left, right),
                single => single.concat().try_into().unwrap_or_default(),
            })
            .collect();
    }
    row.first().map(|root| (*root, proofs))
}

fn parent(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    keccak_256(&[one.min(other), one.max(other)])
}

fn keccak_256(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Keccak256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(number: u8) -> AuthMethod {
        AuthMethod::EthereumWallet([number; 20])
    }

    #[test]
    fn who_is_on_a_list_should_be_able_to_show_it_and_nobody_else() {
        assert_eq!(list_tree(&[]), None);
        for length in 1..=17 {
            let methods: Vec<_> = (0..length).map(method).collect();
            let (root, proofs) = list_tree(&methods).expect("not empty");
            for (on_list, proof) in methods.iter().zip(&proofs) {
                assert!(is_listed(&root, on_list, proof), "{length}");
                assert!(!is_listed(&root, &method(99), proof));
                assert!(!is_listed(&[0; 32], on_list, proof));
                if let [_, rest @ ..] = proof.as_slice() {
                    assert!(!is_listed(&root, on_list, rest));
                }
            }
        }
    }

    #[test]
    fn a_proof_should_be_bounded() {
        let proof = [[1; 32]; MAX_PROOF_NODES + 1];
        let root = proof.iter().fold(list_leaf(&method(1)), |node, sibling| parent(&node, sibling));
        assert!(!is_listed(&root, &method(1), &proof));
    }

    /// By ethers 5: `keccak256` twice over `0x01` and twenty times `0x01`, and over the sorted leaves of 1 and 2.
    #[test]
    fn leaves_and_nodes_should_be_openzeppelin_s() {
        let (root, _) = list_tree(&[method(1), method(2)]).expect("two");
        let leaves = [list_leaf(&method(1)), list_leaf(&method(2))];
        let hex = |bytes: &[u8]| {
            bytes.iter().map(|byte| alloc::format!("{byte:02x}")).collect::<alloc::string::String>()
        };
        assert_eq!(hex(&leaves[0]), "c12c1db935ff92d3d50c78a5fe21fcea1db4f2517f601c5b3bb76fb8a3a8bee8");
        assert_eq!(hex(&root), "1a4e73d084e6a3b30791bd038bdd03820c69382b481c66da3121b6516ca6c02e");
    }
}
