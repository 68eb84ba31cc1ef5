//! Evidence of faults off chain: judged in validation, so that what is false costs a block nothing.
//!
//! The judgement needs the chain's state and the evidence alone. A member is convicted once per class of fault and
//! attempt: staking takes the largest slash of an era anyway, and what is stored stays bounded.
//!
//! Validation asks the cheap questions first. What is left to a liar among the members is to have each node judge its
//! evidence in vain, at the price that `WeightInfo::judge` names; outsiders do not get that far.

use alloc::{boxed::Box, collections::BTreeSet, vec::Vec};
use codec::Encode;
use conclave_primitives::{
    bls_share_message, flight_payload, frost_share_message, payload_hash, worker_call_bytes, AttemptId,
    EncodedPoint, Evidence, FaultClass, KeyId, KeysetId, MessageHeader, ParticipantIndex, Purpose, RootKey,
    SignedPayload, BLS_SHARE_FLIGHT, FROST_SHARE_FLIGHT, MAX_ROOT_KEYS,
};
use conclave_schemes::{is_judged, is_wrong_bls_share, is_wrong_frost_share};
use conclave_vss::{derive_public_key, public_share};
use frame_support::pallet_prelude::{TransactionSource, TransactionValidityWithRefund, Weight};
use frame_support::{traits::ConstU32, BoundedVec};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    authorise::{refuse_bad_signature, refuse_if, valid_call, Refusal, PRIORITY},
    keys::ed25519_verify,
    offences::Conviction,
    state::Members,
    Config, Convictions, CurrentCommittee, Error, Event, NewRoots, Pallet, PreviousCommittee, Running,
};

/// How many blocks a report waits in the pool: it is as true later.
const LONGEVITY: u64 = 256;

/// Who is accused, in which attempt.
pub(crate) struct Accused<T: Config> {
    pub(crate) attempt: AttemptId,
    pub(crate) members: Members<T::AccountId>,
    pub(crate) index: ParticipantIndex,
    pub(crate) account: T::AccountId,
    threshold: usize,
    keyset: KeysetId,
    roots: BoundedVec<RootKey, ConstU32<MAX_ROOT_KEYS>>,
}

impl<T: Config> Accused<T> {
    /// The public key with this id, of the keys of the attempt.
    fn public_key(&self, key: &KeyId) -> Option<EncodedPoint> {
        self.of_key(key, |root| root.commitments.first().cloned())
    }

    /// Y_j of the key with this id. It derives from those of the root keys as the key does from them.
    fn public_share(&self, key: &KeyId) -> Option<EncodedPoint> {
        self.of_key(key, |root| public_share(root.id.curve, &root.commitments, self.index).ok())
    }

    fn of_key(
        &self,
        key: &KeyId,
        of_root: impl Fn(&RootKey) -> Option<EncodedPoint>,
    ) -> Option<EncodedPoint> {
        match key {
            KeyId::Root(id) => of_root(self.roots.iter().find(|root| root.id == *id)?),
            KeyId::Pkp(pkp, curve) => {
                let of_curve = |root: &&RootKey| root.id.curve == *curve && root.id.purpose == Purpose::Sign;
                let roots: Vec<_> = self.roots.iter().filter(of_curve).map(of_root).collect::<Option<_>>()?;
                derive_public_key(*curve, &Pallet::<T>::genesis(), self.keyset, pkp, &roots).ok()
            }
        }
    }
}

impl<T: Config> Pallet<T> {
    #[expect(
        clippy::borrowed_box,
        reason = "the macro passes a reference to the call's argument, which is boxed"
    )]
    pub(crate) fn authorise_fault(
        _source: TransactionSource,
        evidence: &Box<Evidence>,
        reporter: &[u8; 32],
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let account = Self::reporting_member(reporter).ok_or(Refusal::NotAMember)?;
        let message = worker_call_bytes(&Self::genesis(), "report_fault", &(evidence, reporter));
        refuse_bad_signature(ed25519_verify(reporter, &message, signature))?;
        let accused = Self::accused(evidence.header()).ok_or(Refusal::UnknownCulprit)?;
        // Nobody is paid for a fault of its own.
        refuse_if(accused.account == account, Refusal::NotAMember)?;
        let class = evidence.class();
        refuse_if(Self::is_convicted(&accused, class), Refusal::AlreadyDone)?;
        refuse_if(!Self::judge(evidence, &accused), Refusal::Unproven)?;
        let tag = ("report_fault", accused.attempt, accused.index, class).encode();
        Ok((valid_call(PRIORITY, None, tag, LONGEVITY), Weight::zero()))
    }

    /// Convicts whom validation found guilty.
    pub(crate) fn do_report_fault(evidence: &Evidence, reporter: &[u8; 32]) -> DispatchResult {
        let accused = Self::accused(evidence.header()).ok_or(Error::<T>::UnknownMember)?;
        let class = evidence.class();
        Self::convict(&accused, class)?;
        let reporter = Self::reporting_member(reporter);
        Self::report_offence(Conviction {
            class,
            attempt: accused.attempt,
            formed: accused.attempt,
            members: accused.members.len(),
            culprit: accused.account.clone(),
            reporter: reporter.clone(),
        });
        Self::deposit_event(Event::FaultProven {
            attempt: accused.attempt,
            culprit: accused.index,
            account: accused.account,
            class,
            reporter,
        });
        Ok(())
    }

    /// Whether the evidence proves a fault.
    fn judge(evidence: &Evidence, accused: &Accused<T>) -> bool {
        match evidence {
            Evidence::Equivocation { header, payloads: [one, other] } => {
                // Outside of the flights of a session an honest sender says different things in one place.
                header.flight != 0
                    && one.hash != other.hash
                    && Self::signed(header, one)
                    && Self::signed(header, other)
            }
            Evidence::FrostShare { header, share, signature, key, package } => {
                let payload = flight_payload(&frost_share_message(share, package));
                let signed = SignedPayload { hash: payload_hash(&payload), signature: *signature };
                header.flight == FROST_SHARE_FLIGHT
                    // What is judged next costs by the size of the quorum.
                    && package.commitments.len() == accused.threshold
                    // And by the curve, which the weight takes from the scheme.
                    && is_judged(package.scheme)
                    && key.curve() == package.scheme.curve()
                    && Self::signed(header, &signed)
                    && accused.public_key(key).as_ref() == Some(&package.public_key)
                    && accused
                        .public_share(key)
                        .is_some_and(|public| is_wrong_frost_share(package, accused.index, &public, share))
            }
            Evidence::BlsShare { header, share, signature, subject } => {
                let Some(public_key) = accused.public_key(&subject.key) else { return false };
                let message = bls_share_message(&subject.binding(&header.session, &public_key), share);
                let hash = payload_hash(&flight_payload(&message));
                header.flight == BLS_SHARE_FLIGHT
                    && subject.quorum.len() == accused.threshold
                    && subject.quorum.contains(&accused.index)
                    && subject.key.curve() == subject.scheme.curve()
                    && Self::signed(header, &SignedPayload { hash, signature: *signature })
                    && accused.public_share(&subject.key).is_some_and(|public| {
                        is_wrong_bls_share(subject.scheme, &public, &subject.message, share)
                    })
            }
        }
    }

    fn signed(header: &MessageHeader, payload: &SignedPayload) -> bool {
        let message = header.signed_bytes(&Self::genesis(), &payload.hash);
        ed25519_verify(&header.from, &message, &payload.signature)
    }

    /// The account of a member of the committee, or of the running attempt, with this signing key.
    pub(crate) fn reporting_member(signing: &[u8; 32]) -> Option<T::AccountId> {
        Self::serving_and_running()
            .find(|member| member.keys.signing == *signing)
            .map(|member| member.account)
    }

    /// The sender of a message: a member of the committee that serves, of the one before, or of the running attempt,
    /// whichever the message names.
    fn accused(header: &MessageHeader) -> Option<Accused<T>> {
        let committees = [CurrentCommittee::<T>::get(), PreviousCommittee::<T>::get()];
        let made = committees.into_iter().flatten().map(|committee| {
            (
                committee.attempt_id(),
                committee.members,
                committee.threshold,
                committee.keyset,
                committee.roots,
            )
        });
        let running = Running::<T>::get().map(|attempt| {
            (attempt.id, attempt.members, attempt.threshold, Self::keyset(), NewRoots::<T>::get())
        });
        made.chain(running).filter(|(attempt, ..)| *attempt == header.attempt).find_map(
            |(attempt, members, threshold, keyset, roots)| {
                let position = members.iter().position(|member| member.keys.transport == header.from)?;
                let index = ParticipantIndex::from_position(position)?;
                let account = members.get(position)?.account.clone();
                let threshold = usize::try_from(threshold).ok()?;
                Some(Accused { attempt, members, index, account, threshold, keyset, roots })
            },
        )
    }

    fn is_convicted(accused: &Accused<T>, class: FaultClass) -> bool {
        Convictions::<T>::get(accused.attempt).contains(&(accused.index, class))
    }

    fn convict(accused: &Accused<T>, class: FaultClass) -> DispatchResult {
        Convictions::<T>::try_mutate(accused.attempt, |convictions| {
            match convictions.try_insert((accused.index, class)) {
                Ok(true) => Ok(()),
                Ok(false) | Err(_) => Err(DispatchError::from(Error::<T>::AlreadyConvicted)),
            }
        })
    }

    /// Of a fault that the runtime found itself: once for each class, whatever the member does later.
    pub(crate) fn note_conviction(formed: AttemptId, culprit: ParticipantIndex, class: FaultClass) {
        Convictions::<T>::mutate(formed, |convictions| {
            // Holds each class of every member.
            let _ = convictions.try_insert((culprit, class));
        });
    }

    /// Who was convicted as a member of this attempt's committee.
    pub fn convicted(attempt: AttemptId) -> BTreeSet<ParticipantIndex> {
        Convictions::<T>::get(attempt).iter().map(|(index, _)| *index).collect()
    }
}
