//! Key generation and resharing as a member does them. The chain is the broadcast channel (design.md,
//! decision 1), so there is no machine here: each phase is one function of what stands on chain.
//!
//! Joint Feldman with commit-then-open (Gennaro, Jarecki, Krawczyk, Rabin, "Secure Distributed Key
//! Generation for Discrete-Log Based Cryptosystems", 2007, with complaints that open one ECDH point).

use codec::DecodeAll;
use conclave_primitives::{AttemptId, GenesisHash, ParticipantIndex, RootKey, RootKeyId};
use conclave_vss::{
    claimed, combine_shares, open, share_matches, shares_match, unseal, ClaimedShare, Combination, Complaint,
    Dealing, DealingContext, EncryptionSecret, OpenError, SecretScalar,
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

impl Recipient<'_> {
    fn context(&self, dealer: ParticipantIndex) -> DealingContext {
        DealingContext { genesis: self.genesis, attempt: self.attempt, dealer }
    }
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

/// Opens every dealing that stands; complains about those with bad shares.
pub fn complaints(
    recipient: &Recipient<'_>,
    dealings: &[(ParticipantIndex, Vec<u8>)],
    rng: &mut impl CryptoRng,
) -> Result<Vec<Complaint>, KeygenError> {
    let (dealings, mut complaints) = (decode(dealings)?, Vec::new());
    let mut unsealed = Vec::new();
    for (dealer, dealing) in &dealings {
        let context = recipient.context(*dealer);
        match unseal(&context, recipient.keys, dealing, recipient.index, recipient.secret, rng) {
            Ok(shares) => unsealed.push((context, dealing, shares)),
            Err(OpenError::Cheated(complaint)) => complaints.push(complaint),
            Err(OpenError::NotRecipient) => return Err(KeygenError::NotRecipient { dealer: *dealer }),
        }
    }
    // Nearly always all are good, and all at once are checked at the price of one.
    let all: Vec<_> =
        unsealed.iter().flat_map(|(_, dealing, shares)| claimed(recipient.keys, dealing, shares)).collect();
    if !shares_match(recipient.index, &all, rng) {
        for (context, dealing, _) in &unsealed {
            match open(context, recipient.keys, dealing, recipient.index, recipient.secret, rng) {
                Ok(_) => {}
                Err(OpenError::Cheated(complaint)) => complaints.push(complaint),
                Err(OpenError::NotRecipient) => {
                    return Err(KeygenError::NotRecipient { dealer: context.dealer })
                }
            }
        }
    }
    complaints.sort_by_key(|complaint| complaint.dealer);
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
    let dealings = decode(dealings)?;
    let mut by_dealer = BTreeMap::new();
    for (dealer, dealing) in &dealings {
        let context = recipient.context(*dealer);
        let shares = unseal(&context, recipient.keys, dealing, recipient.index, recipient.secret, rng)
            .map_err(|error| error_of(*dealer, &error))?;
        by_dealer.insert(*dealer, shares);
    }
    // What each dealt was judged in time for complaints; what counts is what they combine to.
    combine(recipient.index, combination, &by_dealer, roots, rng).map_err(|wrong| {
        let bad = |(dealer, dealing): &(ParticipantIndex, Dealing)| {
            let context = recipient.context(*dealer);
            let opened = open(&context, recipient.keys, dealing, recipient.index, recipient.secret, rng);
            opened.err().map(|error| error_of(*dealer, &error))
        };
        dealings.iter().find_map(bad).unwrap_or(wrong)
    })
}

fn combine(
    index: ParticipantIndex,
    combination: Combination,
    by_dealer: &BTreeMap<ParticipantIndex, Vec<SecretScalar>>,
    roots: &[RootKey],
    rng: &mut impl CryptoRng,
) -> Result<Vec<SecretScalar>, KeygenError> {
    let of_root = |(position, root): (usize, &RootKey)| {
        let parts = by_dealer
            .iter()
            .filter_map(|(dealer, shares)| shares.get(position).map(|share| (*dealer, share)));
        combine_shares(root.id.curve, combination, parts).ok_or(KeygenError::WrongSum { key: root.id })
    };
    let shares: Vec<SecretScalar> = roots.iter().enumerate().map(of_root).collect::<Result<_, _>>()?;
    let claims: Vec<_> = roots
        .iter()
        .zip(&shares)
        .map(|(root, share)| ClaimedShare { curve: root.id.curve, commitments: &root.commitments, share })
        .collect();
    if shares_match(index, &claims, rng) {
        return Ok(shares);
    }
    let wrong = roots
        .iter()
        .zip(&shares)
        .find(|(root, share)| !share_matches(root.id.curve, &root.commitments, index, share));
    wrong.map_or(Ok(()), |(root, _)| Err(KeygenError::WrongSum { key: root.id }))?;
    Ok(shares)
}

fn error_of(dealer: ParticipantIndex, error: &OpenError) -> KeygenError {
    match error {
        OpenError::Cheated(_) => KeygenError::BadShares { dealer },
        OpenError::NotRecipient => KeygenError::NotRecipient { dealer },
    }
}

fn decode(dealings: &[(ParticipantIndex, Vec<u8>)]) -> Result<Vec<(ParticipantIndex, Dealing)>, KeygenError> {
    let decoded = |(dealer, bytes): &(ParticipantIndex, Vec<u8>)| {
        let dealing = Dealing::decode_all(&mut bytes.as_slice());
        dealing.map(|dealing| (*dealer, dealing)).map_err(|_| KeygenError::Undecodable { dealer: *dealer })
    };
    dealings.iter().map(decoded).collect()
}
