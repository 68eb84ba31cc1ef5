//! What a member holds of a committee's keys, in memory.

use conclave_primitives::{
    AttemptPhase, AttemptView, Committee, Curve, EncodedPoint, GenesisHash, KeyId, ParticipantIndex, PkpId,
    Purpose, RootKey, RootKeyId,
};
use conclave_protocols::{KeyShare, PairStates};
use conclave_vss::{
    derive_commitments, derive_share, public_shares, shares_match, ClaimedShare, SecretScalar,
};
use rand_core::CryptoRng;
use std::{collections::BTreeMap, time::Duration};

use crate::limits::PAIR_GRACE;

/// Shares and pair states of one committee.
pub(crate) struct Holding {
    pub(crate) index: ParticipantIndex,
    pub(crate) shares: Vec<(RootKeyId, SecretScalar)>,
    pub(crate) pairs: PairStates,
    /// When each pair was set up, to give the other side time to say so.
    pub(crate) paired_at: BTreeMap<(Curve, ParticipantIndex), Duration>,
}

impl Holding {
    /// Whether every share is the one its key's commitments determine: a share that was changed on disk
    /// must never be used.
    pub(crate) fn matches(&self, committee: &Committee, rng: &mut impl CryptoRng) -> bool {
        let held = || self.shares.iter().zip(&committee.roots);
        let claims: Vec<_> = held()
            .map(|((id, share), root)| ClaimedShare {
                curve: id.curve,
                commitments: &root.commitments,
                share,
            })
            .collect();
        self.shares.len() == committee.roots.len()
            && held().all(|((id, _), root)| *id == root.id)
            && shares_match(self.index, &claims, rng)
    }

    /// Whether the pair was set up so lately that the other side may not have said so yet.
    pub(crate) fn is_fresh(&self, now: Duration, curve: Curve, peer: ParticipantIndex) -> bool {
        self.pairs.contains(curve, peer)
            && self.paired_at.get(&(curve, peer)).is_some_and(|at| at.saturating_add(PAIR_GRACE) > now)
    }

    /// Lets go of a pair.
    pub(crate) fn forget_pair(&mut self, curve: Curve, peer: ParticipantIndex) {
        self.pairs.remove(curve, peer);
        self.paired_at.remove(&(curve, peer));
    }

    fn share(&self, id: &RootKeyId) -> Option<&SecretScalar> {
        self.shares.iter().find(|(key, _)| key == id).map(|(_, share)| share)
    }

    /// Our share of a key of the committee.
    pub(crate) fn key_share(
        &self,
        genesis: &GenesisHash,
        committee: &Committee,
        key: &KeyId,
    ) -> Option<KeyShare> {
        let commitments = commitments(genesis, committee, key)?;
        let secret = match key {
            KeyId::Root(id) => SecretScalar::from_bytes(*self.share(id)?.as_bytes()),
            KeyId::Pkp(pkp, curve) => {
                let roots = sign_roots(committee, *curve);
                let shares: Option<Vec<_>> = roots.iter().map(|root| self.share(&root.id)).collect();
                derive_share(*curve, genesis, committee.keyset, pkp, &shares?).ok()?
            }
        };
        let publics = public_shares(key.curve(), &commitments, committee.indices()).ok()?;
        let public_key = commitments.into_iter().next()?;
        KeyShare::new(key.curve(), self.index, committee.threshold, secret, public_key, publics).ok()
    }
}

/// The public key of a key of the committee; none if it does not derive, or there is no such root.
pub fn public_key(genesis: &GenesisHash, committee: &Committee, key: &KeyId) -> Option<EncodedPoint> {
    commitments(genesis, committee, key)?.into_iter().next()
}

/// The public shares of a key of the committee, by member.
pub(crate) fn public_shares_of(
    genesis: &GenesisHash,
    committee: &Committee,
    key: &KeyId,
) -> Option<BTreeMap<ParticipantIndex, EncodedPoint>> {
    public_shares(key.curve(), &commitments(genesis, committee, key)?, committee.indices()).ok()
}

fn commitments(genesis: &GenesisHash, committee: &Committee, key: &KeyId) -> Option<Vec<EncodedPoint>> {
    match key {
        KeyId::Root(id) => Some(committee.roots.iter().find(|root| root.id == *id)?.commitments.to_vec()),
        KeyId::Pkp(pkp, curve) => pkp_commitments(genesis, committee, pkp, *curve),
    }
}

fn pkp_commitments(
    genesis: &GenesisHash,
    committee: &Committee,
    pkp: &PkpId,
    curve: Curve,
) -> Option<Vec<EncodedPoint>> {
    let roots = sign_roots(committee, curve);
    let commitments: Vec<&[EncodedPoint]> = roots.iter().map(|root| root.commitments.as_slice()).collect();
    derive_commitments(curve, genesis, committee.keyset, pkp, &commitments).ok()
}

fn sign_roots(committee: &Committee, curve: Curve) -> Vec<&RootKey> {
    committee.roots.iter().filter(|root| root.id.curve == curve && root.id.purpose == Purpose::Sign).collect()
}

/// The committee that an attempt in its last phase would make.
pub(crate) fn forming_committee(attempt: &AttemptView) -> Option<Committee> {
    (attempt.phase == AttemptPhase::Confirm).then(|| Committee {
        epoch: attempt.id.epoch,
        attempt: attempt.id.attempt,
        kind: attempt.kind,
        keyset: attempt.keyset,
        members: attempt.members.clone(),
        threshold: attempt.threshold,
        roots: attempt.roots.clone(),
        confirmed: attempt.confirmed.clone(),
    })
}
