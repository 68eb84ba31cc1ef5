//! Key generation and resharing as a member does them. The chain is the broadcast channel (design.md,
//! decision 1), so there is no machine here: each phase is one function of what stands on chain.
//!
//! Joint Feldman with commit-then-open (Gennaro, Jarecki, Krawczyk, Rabin, "Secure Distributed Key
//! Generation for Discrete-Log Based Cryptosystems", 2007, with complaints that open one ECDH point).

use codec::DecodeAll;
use conclave_primitives::{AttemptId, GenesisHash, ParticipantIndex, RootKey, RootKeyId};
use conclave_vss::{
    combine_shares, open, share_matches, Combination, Complaint, Dealing, DealingContext, EncryptionSecret,
    OpenError, SecretScalar,
};
use rand_core::CryptoRng;
use std::collections::BTreeMap;

/// A member in an attempt.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The chain.
    pub genesis: GenesisHash,
    /// The attempt.
    pub attempt: AttemptId,
    /// Its own index.
    pub index: ParticipantIndex,
    /// The attempt's keys, in order.
    pub keys: &'a [RootKeyId],
    /// What it decrypts with.
    pub secret: &'a EncryptionSecret,
}

/// Why a member could not take its shares from the dealings that stand.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeygenError {
    /// A dealing on chain does not decode: chain and worker are of different versions.
    #[error("dealing of {dealer:?} does not decode")]
    Undecodable {
        /// Whose.
        dealer: ParticipantIndex,
    },
    /// A dealing is not for this member's key.
    #[error("dealing of {dealer:?} has no shares for us")]
    NotRecipient {
        /// Whose.
        dealer: ParticipantIndex,
    },
    /// A dealing that stands has bad shares for us and the time to complain is over.
    #[error("dealing of {dealer:?} has bad shares for us")]
    BadShares {
        /// Whose.
        dealer: ParticipantIndex,
    },
    /// Our shares combine to none on the key's polynomial.
    #[error("shares do not add up to the key {key:?}")]
    WrongSum {
        /// Which key.
        key: RootKeyId,
    },
}

impl KeygenError {
    /// Who broke the protocol, as far as this member alone can tell.
    pub fn culprits(&self) -> Vec<ParticipantIndex> {
        match self {
            Self::BadShares { dealer } => vec![*dealer],
            Self::Undecodable { .. } | Self::NotRecipient { .. } | Self::WrongSum { .. } => Vec::new(),
        }
    }
}

/// Opens every dealing; complains about those with bad shares.
pub fn complaints(
    recipient: &Recipient<'_>,
    dealings: &[(ParticipantIndex, Vec<u8>)],
    rng: &mut impl CryptoRng,
) -> Result<Vec<Complaint>, KeygenError> {
    let mut complaints = Vec::new();
    for (dealer, bytes) in dealings {
        match opened(recipient, *dealer, bytes, rng)? {
            Ok(_) => {}
            Err(complaint) => complaints.push(complaint),
        }
    }
    Ok(complaints)
}

/// Opens and combines the dealings that stand, and checks the results against the keys: the member's
/// shares of `roots`, in order.
pub fn take_shares(
    recipient: &Recipient<'_>,
    combination: Combination,
    dealings: &[(ParticipantIndex, Vec<u8>)],
    roots: &[RootKey],
    rng: &mut impl CryptoRng,
) -> Result<Vec<SecretScalar>, KeygenError> {
    let mut by_dealer = BTreeMap::new();
    for (dealer, bytes) in dealings {
        let shares = opened(recipient, *dealer, bytes, rng)?
            .map_err(|_| KeygenError::BadShares { dealer: *dealer })?;
        by_dealer.insert(*dealer, shares);
    }
    roots
        .iter()
        .enumerate()
        .map(|(position, root)| {
            let parts = by_dealer
                .iter()
                .filter_map(|(dealer, shares)| shares.get(position).map(|share| (*dealer, share)));
            combine_shares(root.id.curve, combination, parts)
                .filter(|share| share_matches(root.id.curve, &root.commitments, recipient.index, share))
                .ok_or(KeygenError::WrongSum { key: root.id })
        })
        .collect()
}

fn opened(
    recipient: &Recipient<'_>,
    dealer: ParticipantIndex,
    bytes: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Result<Vec<SecretScalar>, Complaint>, KeygenError> {
    let dealing = Dealing::decode_all(&mut &*bytes).map_err(|_| KeygenError::Undecodable { dealer })?;
    let context = DealingContext { genesis: recipient.genesis, attempt: recipient.attempt, dealer };
    match open(&context, recipient.keys, &dealing, recipient.index, recipient.secret, rng) {
        Ok(shares) => Ok(Ok(shares)),
        Err(OpenError::Cheated(complaint)) => Ok(Err(complaint)),
        Err(OpenError::NotRecipient) => Err(KeygenError::NotRecipient { dealer }),
    }
}
