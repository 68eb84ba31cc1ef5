//! What the messages of a session of FROST or BLS prove of those who signed them.
//!
//! In these protocols an honest member sends all others the same in each flight. Members whose session failed hand over what
//! they received: whoever told two tales, sent what is none, signed a share for other commitments than it received, or a
//! wrong one, is guilty by its own signature. What a member only says proves nothing.

use conclave_primitives::{
    bls_share_binding, flight_payload, payload_hash, Committee, EncodedPoint, GenesisHash, KeyId,
    MessageHeader, NonceCommitments, ParticipantIndex, Scheme, SessionId, SigningPackage, BLS_SHARE_FLIGHT,
    FROST_SHARE_FLIGHT, MAX_MEMBERS,
};
use conclave_protocols::frost::session_binding;
use conclave_schemes::{are_commitments, is_wrong_bls_share, is_wrong_frost_share};
use ed25519_dalek::{Signature, VerifyingKey};
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    holding::public_shares_of,
    limits::MAX_RECORDED_MESSAGE_BYTES,
    message::{Received, Transcript},
};

const COMMITMENT_FLIGHT: u8 = 1;

/// A failed session, and all that its messages depend on but secrets.
pub(crate) struct Arbiter<'a> {
    pub(crate) genesis: &'a GenesisHash,
    pub(crate) committee: &'a Committee,
    pub(crate) session: SessionId,
    pub(crate) quorum: &'a [ParticipantIndex],
    pub(crate) key: KeyId,
    pub(crate) public_key: EncodedPoint,
    pub(crate) scheme: Scheme,
    pub(crate) message: &'a [u8],
}

/// What a member sent and received, by flight and sender: as far as the senders signed it.
#[derive(Debug, Default)]
pub(crate) struct Account(BTreeMap<(u8, ParticipantIndex), Vec<u8>>);

impl Arbiter<'_> {
    /// What of a member's transcript others signed to it.
    pub(crate) fn admit(&self, by: ParticipantIndex, transcript: &Transcript) -> Account {
        let own = Some(&transcript.own).filter(|own| own.len() <= MAX_RECORDED_MESSAGE_BYTES);
        let own = own.map(|own| ((COMMITMENT_FLIGHT, by), own.clone()));
        // No more than there can be.
        let received = transcript.received.iter().take((MAX_MEMBERS as usize).saturating_mul(2));
        let signed = received.filter(|one| one.from != by && self.is_signed(by, one));
        let places = signed.map(|one| ((one.flight, one.from), one.message.clone()));
        Account(places.chain(own).collect())
    }

    fn is_signed(&self, to: ParticipantIndex, received: &Received) -> bool {
        let transport = |index| self.committee.member(index).map(|member| member.keys.transport);
        let called = [to, received.from].iter().all(|index| self.quorum.contains(index));
        let is_of_a_flight = (COMMITMENT_FLIGHT..=FROST_SHARE_FLIGHT).contains(&received.flight);
        let (Some(from), Some(to)) = (transport(received.from), transport(to)) else { return false };
        let (attempt, flight) = (self.committee.attempt_id(), received.flight);
        let header = MessageHeader { attempt, session: self.session, flight, from, to };
        let signed = header.signed_bytes(self.genesis, &payload_hash(&flight_payload(&received.message)));
        let signature = Signature::from_bytes(&received.signature);
        called
            && is_of_a_flight
            && received.message.len() <= MAX_RECORDED_MESSAGE_BYTES
            && VerifyingKey::from_bytes(&from).is_ok_and(|key| key.verify_strict(&signed, &signature).is_ok())
    }

    /// Whether others signed to this member that they had seen other commitments than it did.
    pub(crate) fn is_at_variance(&self, account: &Account) -> bool {
        let Some(own) = self.package(account).map(|package| package.hash()) else { return false };
        let shares = account.0.iter().filter(|((flight, _), _)| *flight == FROST_SHARE_FLIGHT);
        shares.filter_map(|(_, message)| share_and_hash(message)).any(|(_, hash)| *hash != own)
    }

    /// Whom the accounts prove guilty. An honest member never is, whoever else lies.
    pub(crate) fn guilty(
        &self,
        accounts: &BTreeMap<ParticipantIndex, Account>,
    ) -> BTreeSet<ParticipantIndex> {
        let mut sent: BTreeMap<(u8, ParticipantIndex), BTreeSet<&[u8]>> = BTreeMap::new();
        for (place, message) in accounts.values().flat_map(|account| &account.0) {
            sent.entry(*place).or_default().insert(message);
        }
        let keys = public_shares_of(self.genesis, self.committee, &self.key).unwrap_or_default();
        let binding = self.binding();
        let package = |account| self.package(account).map(|package| (package.hash(), package));
        let packages = accounts.iter().filter_map(|(by, account)| Some((*by, package(account)?))).collect();
        let is_guilty = |((flight, from), told): &(&(u8, ParticipantIndex), &BTreeSet<&[u8]>)| {
            let is_wrong = |message: &&[u8]| match self.scheme.is_frost() {
                true if *flight == COMMITMENT_FLIGHT => self.commitments(&binding, message).is_none(),
                true if *flight == FROST_SHARE_FLIGHT => {
                    self.is_wrong_frost(keys.get(from), &packages, *from, message)
                }
                false if *flight == BLS_SHARE_FLIGHT => self.is_wrong_bls(keys.get(from), &binding, message),
                _ => false,
            };
            told.len() > 1 || told.iter().any(is_wrong)
        };
        sent.iter().filter(is_guilty).map(|((_, from), _)| *from).collect()
    }

    fn is_wrong_frost(
        &self,
        key: Option<&EncodedPoint>,
        packages: &BTreeMap<ParticipantIndex, ([u8; 32], SigningPackage)>,
        from: ParticipantIndex,
        message: &[u8],
    ) -> bool {
        let Some((share, hash)) = share_and_hash(message) else { return true };
        match packages.values().find(|(of, _)| of == hash) {
            Some((_, package)) => key.is_some_and(|key| is_wrong_frost_share(package, from, key, share)),
            // It says itself what it received, and has signed a share for something else.
            None => packages.contains_key(&from),
        }
    }

    fn is_wrong_bls(&self, key: Option<&EncodedPoint>, binding: &[u8; 32], message: &[u8]) -> bool {
        let Some(share) = message.strip_prefix(binding.as_slice()) else { return true };
        key.is_some_and(|key| is_wrong_bls_share(self.scheme, key, self.message, share))
    }

    /// The package that a member received, if it is whole.
    fn package(&self, account: &Account) -> Option<SigningPackage> {
        let binding = self.binding();
        let of = |index: &ParticipantIndex| {
            let message = account.0.get(&(COMMITMENT_FLIGHT, *index))?;
            Some((*index, self.commitments(&binding, message)?))
        };
        let commitments: BTreeMap<_, _> = self.quorum.iter().map(of).collect::<Option<_>>()?;
        Some(SigningPackage {
            scheme: self.scheme,
            public_key: self.public_key.clone(),
            message: self.message.to_vec().try_into().ok()?,
            commitments: commitments.try_into().ok()?,
        })
    }

    /// The commitments of a message of the first flight, if it is one.
    fn commitments(&self, binding: &[u8; 32], message: &[u8]) -> Option<NonceCommitments> {
        let points = message.strip_prefix(binding.as_slice())?;
        let (hiding, binding) = points.split_at_checked(self.scheme.curve().point_bytes())?;
        let commitments = NonceCommitments {
            hiding: hiding.to_vec().try_into().ok()?,
            binding: binding.to_vec().try_into().ok()?,
        };
        are_commitments(self.scheme, &commitments).then_some(commitments)
    }

    /// What the messages of the first flight begin with.
    fn binding(&self) -> [u8; 32] {
        let of = if self.scheme.is_frost() { session_binding } else { bls_share_binding };
        of(self.scheme, &self.session, &self.public_key, &self.quorum.iter().copied().collect(), self.message)
    }
}

/// A message of FROST's second flight.
fn share_and_hash(message: &[u8]) -> Option<(&[u8; 32], &[u8; 32])> {
    let (share, hash) = message.split_first_chunk::<32>()?;
    Some((share, hash.try_into().ok()?))
}

#[cfg(test)]
mod tests;
