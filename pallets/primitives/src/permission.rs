//! Who may do what with a PKP.

use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
    is_listed, AccountBytes, AuthMethod, BlockNumber, CredentialKey, KeysetId, ListMembership, PkpId,
    PublicKey,
};

/// What a permitted account may ask of a PKP.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub enum Scope {
    /// Sign anything.
    #[codec(index = 0)]
    SignAnything,
    /// Sign personal messages only: they cannot be a transaction of any chain (EIP-191, version 0x45).
    #[codec(index = 1)]
    PersonalSign,
}

/// A set of scopes, as bits by codec index. Bits without a meaning do not decode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, MaxEncodedLen, TypeInfo)]
pub struct Scopes(u8);

impl Decode for Scopes {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        Self::from_bits(u8::decode(input)?).ok_or_else(|| "a scope bit without a meaning".into())
    }
}

impl DecodeWithMemTracking for Scopes {}

impl Scopes {
    const KNOWN: u8 = 0b11;
    /// Every scope.
    pub const ALL: Self = Self(Self::KNOWN);

    /// The set from its bits; `None` if a bit has no meaning.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits & !Self::KNOWN == 0 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// The bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether nothing is permitted.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set with `scope`.
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | Self::bit(scope))
    }

    /// Whether `scope` is permitted; whoever may sign anything may sign personal messages.
    pub const fn permits(self, scope: Scope) -> bool {
        self.0 & (Self::bit(scope) | Self::bit(Scope::SignAnything)) != 0
    }

    const fn bit(scope: Scope) -> u8 {
        match scope {
            Scope::SignAnything => 0b01,
            Scope::PersonalSign => 0b10,
        }
    }
}

/// A permitted auth method.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Permission {
    /// Who.
    pub method: AuthMethod,
    /// What.
    pub scopes: Scopes,
    /// The public key of a passkey; none of other auth methods.
    pub credential: Option<CredentialKey>,
}

/// A permitted list of auth methods, by the root of its Merkle tree ([`crate::list_tree`]).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ListPermission {
    /// Which list of the PKP.
    pub list: u32,
    /// Its root.
    pub root: [u8; 32],
    /// What each on it may do.
    pub scopes: Scopes,
}

/// A PKP as wallets show it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PkpView {
    /// Its id.
    pub id: PkpId,
    /// Its owner.
    pub owner: AccountBytes,
    /// The key set it derives from.
    pub keyset: KeysetId,
    /// When it was minted.
    pub minted_at: BlockNumber,
    /// One key per curve.
    pub public_keys: Vec<PublicKey>,
    /// Who else may use it.
    pub permissions: Vec<Permission>,
    /// Who else may use it, by the roots of long lists.
    pub lists: Vec<ListPermission>,
    /// Whether its rules are fixed for ever: then its owner may neither change nor use it.
    pub frozen: bool,
}

impl PkpView {
    /// What somebody may do as one of a permitted list; nothing unless the proof leads to its root.
    pub fn listed_scopes(&self, method: &AuthMethod, membership: &ListMembership) -> Scopes {
        let permitted = self.lists.iter().find(|permitted| permitted.list == membership.list);
        permitted
            .filter(|permitted| is_listed(&permitted.root, method, &membership.proof))
            .map(|permitted| permitted.scopes)
            .unwrap_or_default()
    }
}

/// A PKP's addresses on the chains its users know, as text.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PkpAddresses {
    /// EVM, with the EIP-55 checksum.
    pub evm: String,
    /// Bitcoin mainnet, version 0 witness key hash (BIP-141, BIP-173).
    pub bitcoin_p2wpkh: String,
    /// Bitcoin mainnet, taproot key path without scripts (BIP-86, BIP-341, BIP-350).
    pub bitcoin_p2tr: String,
    /// Solana: the Ed25519 key in base58.
    pub solana: String,
    /// SS58 of the ristretto255 key under this chain's prefix: the account that sr25519 signs for.
    pub ss58_sr25519: String,
    /// SS58 of the Ed25519 key under this chain's prefix: another account than the one above.
    pub ss58_ed25519: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list_tree;
    use alloc::vec;

    #[test]
    fn a_list_should_permit_whoever_shows_to_be_on_it() {
        let methods: Vec<_> = (0..5).map(|number| AuthMethod::EthereumWallet([number; 20])).collect();
        let (root, proofs) = list_tree(&methods).expect("not empty");
        let scopes = Scopes::default().with(Scope::PersonalSign);
        let view = PkpView {
            id: PkpId([1; 32]),
            owner: [2; 32],
            keyset: KeysetId(0),
            minted_at: 0,
            public_keys: Vec::new(),
            permissions: Vec::new(),
            lists: vec![
                ListPermission { list: 3, root: [0; 32], scopes: Scopes::ALL },
                ListPermission { list: 7, root, scopes },
            ],
            frozen: true,
        };
        let membership = |list, proof: &[[u8; 32]]| ListMembership {
            list,
            proof: proof.to_vec().try_into().expect("short"),
        };
        assert_eq!(view.listed_scopes(&methods[2], &membership(7, &proofs[2])), scopes);
        for (method, membership, why) in [
            (&methods[1], membership(7, &proofs[2]), "another's proof"),
            (&methods[2], membership(7, &proofs[2][1..]), "half a proof"),
            (&methods[2], membership(3, &proofs[2]), "another list"),
            (&methods[2], membership(8, &proofs[2]), "no list"),
            (&AuthMethod::SolanaWallet([2; 32]), membership(7, &proofs[2]), "not on it"),
        ] {
            assert_eq!(view.listed_scopes(method, &membership), Scopes::default(), "{why}");
        }
    }

    #[test]
    fn scopes_should_permit_only_what_they_hold() {
        let personal = Scopes::default().with(Scope::PersonalSign);
        assert!(personal.permits(Scope::PersonalSign));
        assert!(!personal.permits(Scope::SignAnything));
        let anything = Scopes::default().with(Scope::SignAnything);
        assert!(anything.permits(Scope::PersonalSign));
        assert!(!Scopes::default().permits(Scope::PersonalSign));
        assert!(Scopes::from_bits(0b100).is_none());
        assert!(Scopes::decode(&mut &[0b100u8][..]).is_err());
    }
}
