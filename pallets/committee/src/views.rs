//! What the runtime APIs answer.

use alloc::vec::Vec;
use codec::Encode;
use conclave_primitives::{
    root_key_ids, AttemptPhase, AttemptView, Committee, Curve, Member, ParticipantIndex, Purpose,
    SigningRoots,
};

use crate::{ActiveCommittee, Commitments, Config, CurrentCommittee, Dealings, NewRoots, Pallet, Running};

impl<T: Config> Pallet<T> {
    /// The committee that serves.
    pub fn committee() -> Option<Committee> {
        CurrentCommittee::<T>::get().map(|committee: ActiveCommittee<T::AccountId>| Committee {
            epoch: committee.epoch,
            attempt: committee.attempt,
            kind: committee.kind,
            keyset: committee.keyset,
            members: Self::members_as_bytes(&committee.members),
            threshold: committee.threshold,
            roots: committee.roots.into_inner(),
            confirmed: committee.confirmed.into_iter().collect(),
        })
    }

    /// The attempt that runs.
    pub fn attempt() -> Option<AttemptView> {
        let attempt = Running::<T>::get()?;
        let dealers = Self::members_as_bytes(&Self::dealers(&attempt));
        let roots = if attempt.phase == AttemptPhase::Confirm {
            NewRoots::<T>::get().into_inner()
        } else {
            Vec::new()
        };
        Some(AttemptView {
            id: attempt.id,
            kind: attempt.kind,
            keyset: Self::keyset(),
            dealers,
            members: Self::members_as_bytes(&attempt.members),
            threshold: attempt.threshold,
            keys: root_key_ids(),
            phase: attempt.phase,
            round: attempt.round,
            deadline: Self::number(attempt.deadline),
            committed: sorted(Commitments::<T>::iter_keys().collect()),
            dealt: sorted(Dealings::<T>::iter_keys().collect()),
            guilty_dealers: attempt.guilty_dealers.into_iter().collect(),
            guilty_members: attempt.guilty_members.into_iter().collect(),
            reported: attempt.reported.into_iter().collect(),
            confirmed: attempt.confirmed.into_iter().collect(),
            roots,
        })
    }

    /// The dealings that stand: see [`Dealings`].
    pub fn dealings() -> Vec<(ParticipantIndex, Vec<u8>)> {
        sorted(Dealings::<T>::iter().map(|(dealer, dealing)| (dealer, dealing.encode())).collect())
    }

    /// The public root keys that PKPs derive from, K a curve.
    pub fn signing_roots() -> Option<SigningRoots> {
        let committee = CurrentCommittee::<T>::get()?;
        let roots = Curve::SIGNING
            .into_iter()
            .map(|curve| {
                let keys = committee
                    .roots
                    .iter()
                    .filter(|root| root.id.curve == curve && root.id.purpose == Purpose::Sign)
                    .filter_map(|root| root.commitments.first().cloned())
                    .collect();
                (curve, keys)
            })
            .collect();
        Some((committee.keyset, roots))
    }

    fn members_as_bytes(members: &[Member<T::AccountId>]) -> Vec<Member> {
        members
            .iter()
            .map(|member| Member {
                account: Self::account_bytes(&member.account),
                keys: member.keys,
                dealing_key: member.dealing_key,
            })
            .collect()
    }
}

fn sorted<V: Ord>(mut values: Vec<V>) -> Vec<V> {
    values.sort_unstable();
    values
}

#[cfg(any(feature = "try-runtime", test))]
impl<T: Config> Pallet<T> {
    /// What must hold after every block.
    pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
        use conclave_primitives::{threshold_of, AttemptKind};
        use conclave_vss::{decode_point, Ristretto255};
        use frame_support::ensure;

        let members: Vec<_> = Self::serving_and_running().collect();
        for (account, registered) in crate::WorkerKeysOf::<T>::iter() {
            for key in Self::key_list(&registered.keys) {
                ensure!(
                    crate::KeyOwner::<T>::get(key).as_ref() == Some(&account),
                    "a worker key has another owner"
                );
            }
            let is_point = |key: &[u8; 32]| decode_point::<Ristretto255>(key).is_ok();
            let dealing_key = registered.dealing_key;
            ensure!(dealing_key.iter().all(|key| is_point(&key.public)), "nobody can deal to a dealing key");
            let unused = dealing_key.filter(|key| !key.is_used).map(|key| key.public);
            ensure!(
                !members.iter().any(|member| member.account == account && Some(member.dealing_key) == unused),
                "a dealing key that is dealt to counts as unused"
            );
        }
        let owned = crate::KeyOwner::<T>::iter_keys().count();
        ensure!(owned == crate::WorkerKeysOf::<T>::iter_keys().count() * 3, "an owned key is not registered");
        match Running::<T>::get() {
            Some(attempt) => {
                let n = attempt.members.len();
                ensure!(
                    attempt.threshold == threshold_of(n as u32),
                    "an attempt's threshold is not two thirds"
                );
                ensure!(
                    Commitments::<T>::iter_keys().all(|index| index.position() < n),
                    "an outsider committed"
                );
                for dealer in Dealings::<T>::iter_keys() {
                    let announced =
                        attempt.kind == AttemptKind::Reshare || Commitments::<T>::contains_key(dealer);
                    ensure!(announced, "a dealing was not committed to");
                    ensure!(!attempt.guilty_dealers.contains(&dealer), "a guilty dealer's dealing stands");
                    ensure!(dealer.position() < Self::dealers(&attempt).len(), "an outsider dealt");
                }
                ensure!(
                    attempt.kind == AttemptKind::Keygen || CurrentCommittee::<T>::exists(),
                    "a reshare without a committee"
                );
                let roots = NewRoots::<T>::get().len();
                let whole = match attempt.phase {
                    AttemptPhase::Finalise => roots < root_key_ids().len(),
                    AttemptPhase::Confirm => roots == root_key_ids().len(),
                    _ => roots == 0,
                };
                ensure!(whole, "keys exist in the phases Finalise and Confirm only, and all in the last");
            }
            None => {
                ensure!(Commitments::<T>::iter_keys().next().is_none(), "a commitment outlived its attempt");
                ensure!(NewRoots::<T>::get().is_empty(), "keys outlived their attempt");
            }
        }
        Self::try_state_of_faults()?;
        if let Some(committee) = CurrentCommittee::<T>::get() {
            ensure!(
                committee.threshold == threshold_of(committee.members.len() as u32),
                "t is not two thirds"
            );
            // The signature of its activation could be the old committee's.
            let confirmed = crate::epochs::count(committee.confirmed.len());
            ensure!(confirmed >= committee.threshold, "fewer than t members have confirmed their shares");
            let full =
                |root: &conclave_primitives::RootKey| root.commitments.len() as u32 == committee.threshold;
            ensure!(committee.roots.iter().all(full), "a key has not t commitments");
        }
        Ok(())
    }
}
