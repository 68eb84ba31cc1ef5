//! A dealing: one dealer's shares of all keys for all members, and what proves it well made.

use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::{
    blake2_256, EncodedPoint, ParticipantIndex, RootKeyId, MAX_MEMBERS, MAX_ROOT_KEYS,
};
use curve25519_dalek::RistrettoPoint;
use group::{Group, GroupEncoding};
use rand_core::CryptoRng;
use scale_info::TypeInfo;
use zeroize::Zeroizing;

use crate::{
    check::{check_share, shares_match, ClaimedShare, ShareFault},
    complaint::Complaint,
    context::DealingContext,
    curve::{decode_point, decode_scalar, encode_point, encode_scalar, on_curve, Ristretto255, SharingCurve},
    encryption::{Channel, EncryptionSecret},
    polynomial::{Commitments, Polynomial},
    proof::SchnorrProof,
    secret::SecretScalar,
    PointError,
};

const SEALED_BYTES: u32 = MAX_ROOT_KEYS * 32 + 16;

/// One key's part of a dealing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct KeyDealing {
    /// Commitments to the t coefficients, constant term first.
    pub commitments: BoundedVec<EncodedPoint, ConstU32<MAX_MEMBERS>>,
    /// Knowledge of the constant term: without it, the last dealer of a key generation could cancel the
    /// others' keys. None in a resharing, where the chain knows what the constant term must be.
    pub proof: Option<SchnorrProof>,
}

/// The shares of all keys for one member, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SealedShares {
    /// The ephemeral key R, for this recipient only.
    pub ephemeral: [u8; 32],
    /// Knowledge of its logarithm: without it, a dealer could replay another's R and have the
    /// complaint against it open the other's share.
    pub proof: SchnorrProof,
    /// ChaCha20-Poly1305 of the shares, 32 bytes a key in the order of the keys.
    pub ciphertext: BoundedVec<u8, ConstU32<SEALED_BYTES>>,
}

/// One dealer's dealing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Dealing {
    /// One per key, in the attempt's order.
    pub keys: BoundedVec<KeyDealing, ConstU32<MAX_ROOT_KEYS>>,
    /// One per member, in the order of their indices, the dealer among them.
    pub recipients: BoundedVec<SealedShares, ConstU32<MAX_MEMBERS>>,
}

impl Dealing {
    /// What the dealer commits to before it opens.
    pub fn hash(&self) -> [u8; 32] {
        blake2_256(&(b"CONCLAVE-V1-DEALING-COMMITMENT", self).encode())
    }

    /// The sealed shares for a member.
    pub fn sealed_for(&self, index: ParticipantIndex) -> Option<&SealedShares> {
        self.recipients.get(index.position())
    }
}

/// What makes a dealing bad, provable to all.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum DealingFault {
    /// Not one part per key, or not one sealed share per member.
    WrongShape,
    /// Not t commitments for this key.
    WrongDegree(RootKeyId),
    /// A commitment of this key is no point.
    BadCommitment(RootKeyId, PointError),
    /// The proof of knowledge of this key's constant term is wrong, or missing.
    BadProofOfKnowledge(RootKeyId),
    /// The constant term is not the dealer's own share of this key: the key would change.
    NotOwnShare(RootKeyId),
    /// The ephemeral key for this member is no point.
    BadEphemeralKey(ParticipantIndex, PointError),
    /// The proof of possession of the ephemeral key for this member is wrong.
    BadProofOfPossession(ParticipantIndex),
    /// The ciphertext does not open under the key the dealer itself chose.
    Undecryptable(ParticipantIndex),
    /// It opens to something other than one canonical share per key.
    MalformedShares(ParticipantIndex),
    /// The share of this key is not on the committed polynomial.
    WrongShare(ParticipantIndex, RootKeyId),
}

/// What a dealer deals: the constant terms of its polynomials.
#[derive(Clone, Copy, Debug)]
pub enum Secrets<'a> {
    /// Fresh ones, of new keys.
    Fresh(&'a [RootKeyId]),
    /// Its own shares of keys that exist, for the next committee.
    Shares(&'a [(RootKeyId, SecretScalar)]),
}

/// What the constant terms of a dealing have to be.
#[derive(Clone, Copy, Debug)]
pub enum ConstantTerms<'a> {
    /// Anything that the dealer proves to know: these keys come to be.
    Known(&'a [RootKeyId]),
    /// The dealer's shares, by their public counterparts Y_i: these keys stay what they are.
    Shares(&'a [(RootKeyId, EncodedPoint)]),
}

/// Deals secrets to the members with these encryption keys. Nothing secret outlives the call. `None` if
/// a recipient's key is no point, a share no scalar or a bound exceeded, which the registration of keys
/// and the share store exclude.
pub fn deal(
    context: &DealingContext,
    secrets: Secrets<'_>,
    threshold: u32,
    recipients: &[[u8; 32]],
    rng: &mut impl CryptoRng,
) -> Option<Dealing> {
    // With all their capacity at once: growing would leave copies of the shares behind.
    let mut plaintexts: Vec<Zeroizing<Vec<u8>>> =
        recipients.iter().map(|_| Zeroizing::new(Vec::with_capacity(SEALED_BYTES as usize))).collect();
    let mut dealt = Vec::new();
    match secrets {
        Secrets::Fresh(keys) => {
            for key in keys {
                dealt.push(on_curve!(key.curve, C => {
                    let polynomial = Polynomial::<C>::random(threshold, rng);
                    let proof = SchnorrProof::prove::<C>(
                        context.transcript(b"constant-term", key),
                        &polynomial.constant_term(),
                        rng,
                    );
                    deal_key(polynomial, Some(proof), &mut plaintexts)
                })?);
            }
        }
        Secrets::Shares(shares) => {
            for (key, share) in shares {
                dealt.push(on_curve!(key.curve, C => {
                    let share = decode_scalar::<C>(share.as_bytes())?;
                    deal_key(Polynomial::<C>::random_with(share, threshold, rng), None, &mut plaintexts)
                })?);
            }
        }
    }
    let mut sealed = Vec::with_capacity(recipients.len());
    for (position, (recipient_key, plaintext)) in recipients.iter().zip(&plaintexts).enumerate() {
        let recipient = ParticipantIndex::from_position(position)?;
        let recipient_key = decode_point::<Ristretto255>(recipient_key).ok()?;
        let secret = EncryptionSecret::random(rng);
        let ephemeral = RistrettoPoint::generator() * secret.scalar();
        let shared = secret.shared_point(&recipient_key);
        let channel = Channel {
            context,
            recipient,
            ephemeral: &ephemeral,
            recipient_key: &recipient_key,
            shared: &shared,
        };
        sealed.push(SealedShares {
            ephemeral: ephemeral.to_bytes(),
            proof: SchnorrProof::prove::<Ristretto255>(
                context.transcript(b"ephemeral", &recipient),
                secret.scalar(),
                rng,
            ),
            ciphertext: channel.seal(plaintext)?.try_into().ok()?,
        });
    }
    Some(Dealing { keys: dealt.try_into().ok()?, recipients: sealed.try_into().ok()? })
}

fn deal_key<C: SharingCurve>(
    polynomial: Polynomial<C>,
    proof: Option<SchnorrProof>,
    plaintexts: &mut [Zeroizing<Vec<u8>>],
) -> Option<KeyDealing> {
    for (position, plaintext) in plaintexts.iter_mut().enumerate() {
        let share = polynomial.evaluate(ParticipantIndex::from_position(position)?);
        plaintext.extend_from_slice(Zeroizing::new(encode_scalar::<C>(&share)).as_ref());
    }
    let commitments: Vec<_> = polynomial.commit().0.iter().map(encode_point::<C>).collect();
    Some(KeyDealing { commitments: commitments.try_into().ok()?, proof })
}

/// Checks all of a dealing that is public. What is sealed is checked by its recipient ([`open`]).
pub fn verify_dealing(
    context: &DealingContext,
    constant_terms: ConstantTerms<'_>,
    threshold: u32,
    members: u32,
    dealing: &Dealing,
) -> Result<(), DealingFault> {
    let keys = match constant_terms {
        ConstantTerms::Known(keys) => keys.len(),
        ConstantTerms::Shares(shares) => shares.len(),
    };
    if dealing.keys.len() != keys || u32::try_from(dealing.recipients.len()) != Ok(members) {
        return Err(DealingFault::WrongShape);
    }
    match constant_terms {
        ConstantTerms::Known(keys) => {
            for (key, dealt) in keys.iter().zip(&dealing.keys) {
                on_curve!(key.curve, C => verify_known::<C>(context, key, threshold, dealt))?;
            }
        }
        ConstantTerms::Shares(shares) => {
            for ((key, share), dealt) in shares.iter().zip(&dealing.keys) {
                on_curve!(key.curve, C => decode_commitments::<C>(key, threshold, dealt).map(|_| ()))?;
                if dealt.commitments.first() != Some(share) {
                    return Err(DealingFault::NotOwnShare(*key));
                }
                // Bytes that nothing checks are none of a dealing's.
                if dealt.proof.is_some() {
                    return Err(DealingFault::WrongShape);
                }
            }
        }
    }
    for (position, sealed) in dealing.recipients.iter().enumerate() {
        let recipient = ParticipantIndex::from_position(position).ok_or(DealingFault::WrongShape)?;
        let ephemeral = decode_point::<Ristretto255>(&sealed.ephemeral)
            .map_err(|error| DealingFault::BadEphemeralKey(recipient, error))?;
        if !sealed.proof.verify::<Ristretto255>(context.transcript(b"ephemeral", &recipient), &ephemeral) {
            return Err(DealingFault::BadProofOfPossession(recipient));
        }
    }
    Ok(())
}

fn decode_commitments<C: SharingCurve>(
    key: &RootKeyId,
    threshold: u32,
    dealt: &KeyDealing,
) -> Result<Commitments<C>, DealingFault> {
    if u32::try_from(dealt.commitments.len()) != Ok(threshold) {
        return Err(DealingFault::WrongDegree(*key));
    }
    Commitments::<C>::decode(&dealt.commitments).map_err(|error| DealingFault::BadCommitment(*key, error))
}

fn verify_known<C: SharingCurve>(
    context: &DealingContext,
    key: &RootKeyId,
    threshold: u32,
    dealt: &KeyDealing,
) -> Result<(), DealingFault> {
    let commitments = decode_commitments::<C>(key, threshold, dealt)?;
    let constant_term = commitments.0.first().ok_or(DealingFault::WrongDegree(*key))?;
    let transcript = context.transcript(b"constant-term", key);
    match &dealt.proof {
        Some(proof) if proof.verify::<C>(transcript, constant_term) => Ok(()),
        _ => Err(DealingFault::BadProofOfKnowledge(*key)),
    }
}

/// Why shares could not be taken from a dealing.
#[derive(Debug)]
pub enum OpenError {
    /// The dealing has no shares for this member. (With another key than the one dealt to they look like bad ones.)
    NotRecipient,
    /// The dealer cheated; the complaint proves it.
    Cheated(Complaint),
}

/// Opens and checks one's shares of a dealing that stands, in the order of the keys; a bad dealing becomes a
/// complaint.
pub fn open(
    context: &DealingContext,
    keys: &[RootKeyId],
    dealing: &Dealing,
    recipient: ParticipantIndex,
    secret: &EncryptionSecret,
    rng: &mut impl CryptoRng,
) -> Result<Vec<SecretScalar>, OpenError> {
    let shares = unseal(context, keys, dealing, recipient, secret, rng)?;
    if shares_match(recipient, &claimed(keys, dealing, &shares), rng) {
        return Ok(shares);
    }
    complain(context, dealing, recipient, secret, rng)
}

/// Opens one's shares of a dealing that stands without a look at its commitments: for whoever checks many at once
/// ([`shares_match`] of what [`claimed`] says of each dealing), or what they combine to.
pub fn unseal(
    context: &DealingContext,
    keys: &[RootKeyId],
    dealing: &Dealing,
    recipient: ParticipantIndex,
    secret: &EncryptionSecret,
    rng: &mut impl CryptoRng,
) -> Result<Vec<SecretScalar>, OpenError> {
    let ephemeral = ephemeral_key(dealing, recipient)?;
    let shared = secret.shared_point(&ephemeral);
    let own_key = RistrettoPoint::generator() * secret.scalar();
    match unseal_with(context, keys, dealing, recipient, &own_key, &shared) {
        Ok(shares) => Ok(shares),
        Err(_) => complain(context, dealing, recipient, secret, rng),
    }
}

/// The shares of a dealing with the commitments that they have to match.
pub fn claimed<'a>(
    keys: &'a [RootKeyId],
    dealing: &'a Dealing,
    shares: &'a [SecretScalar],
) -> Vec<ClaimedShare<'a>> {
    let dealt = keys.iter().zip(&dealing.keys);
    dealt
        .zip(shares)
        .map(|((key, dealt), share)| ClaimedShare {
            curve: key.curve,
            commitments: &dealt.commitments,
            share,
        })
        .collect()
}

fn ephemeral_key(dealing: &Dealing, recipient: ParticipantIndex) -> Result<RistrettoPoint, OpenError> {
    let sealed = dealing.sealed_for(recipient).ok_or(OpenError::NotRecipient)?;
    decode_point::<Ristretto255>(&sealed.ephemeral).map_err(|_| OpenError::NotRecipient)
}

fn complain<T>(
    context: &DealingContext,
    dealing: &Dealing,
    recipient: ParticipantIndex,
    secret: &EncryptionSecret,
    rng: &mut impl CryptoRng,
) -> Result<T, OpenError> {
    let ephemeral = ephemeral_key(dealing, recipient)?;
    Err(OpenError::Cheated(Complaint::prove(context, recipient, secret, &ephemeral, rng)))
}

/// Opens with the shared point alone, and checks: what the runtime does when it judges.
pub(crate) fn open_with(
    context: &DealingContext,
    keys: &[RootKeyId],
    dealing: &Dealing,
    recipient: ParticipantIndex,
    recipient_key: &RistrettoPoint,
    shared: &RistrettoPoint,
) -> Result<(), DealingFault> {
    let shares = unseal_with(context, keys, dealing, recipient, recipient_key, shared)?;
    for ((key, dealt), share) in keys.iter().zip(&dealing.keys).zip(&shares) {
        check_share(key.curve, &dealt.commitments, recipient, share).map_err(|fault| match fault {
            ShareFault::NotAScalar => DealingFault::MalformedShares(recipient),
            ShareFault::Commitment(error) => DealingFault::BadCommitment(*key, error),
            ShareFault::OffPolynomial => DealingFault::WrongShare(recipient, *key),
        })?;
    }
    Ok(())
}

fn unseal_with(
    context: &DealingContext,
    keys: &[RootKeyId],
    dealing: &Dealing,
    recipient: ParticipantIndex,
    recipient_key: &RistrettoPoint,
    shared: &RistrettoPoint,
) -> Result<Vec<SecretScalar>, DealingFault> {
    let sealed = dealing.sealed_for(recipient).ok_or(DealingFault::WrongShape)?;
    let ephemeral = decode_point::<Ristretto255>(&sealed.ephemeral)
        .map_err(|error| DealingFault::BadEphemeralKey(recipient, error))?;
    let plaintext = Channel { context, recipient, ephemeral: &ephemeral, recipient_key, shared }
        .open(&sealed.ciphertext)
        .ok_or(DealingFault::Undecryptable(recipient))?;
    let (shares, rest) = plaintext.as_chunks::<32>();
    if !rest.is_empty() || shares.len() != keys.len() {
        return Err(DealingFault::MalformedShares(recipient));
    }
    Ok(shares.iter().map(|share| SecretScalar::from_bytes(*share)).collect())
}
