//! # Committee pallet
//!
//! ## Terminology
//!
//! - **Committee**: the validators that hold shares of the keys in an epoch; t = ceil(2n/3) of them act.
//! - **Worker keys**: what a validator's worker encrypts, signs and connects with.
//! - **Attempt**: one try at making a committee, of one list of members. It ends active or failed.
//! - **Keygen**: an attempt that makes new keys; its members deal to each other.
//! - **Reshare**: an attempt that keeps the keys; the committee that serves deals its shares to the next
//!   one. With the same members it is a **refresh**.
//! - **Dealing key**: what the shares of one attempt are sealed to, provided ahead by each worker.
//! - **Dealing**: one dealer's shares of all keys for all members, with public commitments.
//!
//! ## Overview
//!
//! The chain is the bulletin board of key generation and resharing: what dealers would broadcast they
//! submit, what they would vote about the runtime judges, and the evidence stands in the events.
//!
//! ```text
//!   keygen            reshare
//!     │                 │        ┌── t dealings no longer stand, others may deal ──┐
//! ┌───▼────┐ all     ┌──▼───┐ t of the old, ┌────▼─────┐ all      ┌──────────┐ all  ┌─┴───────┐ one   ┌────────┐
//! │ Commit ├────────►│ Deal ├──────────────►│ Complain ├─────────►│ Finalise ├─────►│ Confirm ├──────►│ active │
//! └───┬────┘ commit  └──┬───┘ or all, deal  └────┬─────┘ report   └────┬─────┘ keys └────┬────┘ sign. └────────┘
//!     └──── too few ────┴──────── too few ───────┴────── no key ───────┴──── deadline ───┘
//!                          failed: next attempt, without the absent and the guilty
//! ```
//!
//! A next committee is due when the one that serves lost a member or has room for another, or when an epoch's sessions
//! are over. Until it is active the committee serves on, however long that takes.
//!
//! ## Pallet API
//!
//! Validators call `register_worker_keys` and `remove_worker_keys`. The other calls come from workers:
//! feeless general transactions, authorised by the worker's signing key, valid only for a dealer or member in
//! the phase they belong to and once; any other dies in validation. Of no phase are `report_fault`, `report_peers` and
//! `provide_dealing_key`, which any registered worker may send; `activate` is authorised by the committee's signature.
//! Root calls `start_attempt` and `cancel_attempt`.
//!
//! An activation is signed with the Result key, which is the same before and after a reshare: that signature alone
//! does not say whether the new members made it or the old ones, who have shares of the key as well. What ties it to
//! the new committee is that t of its members have confirmed that they hold their shares, each with its own signing key.
//!
//! What the runtime judges itself, in an attempt or from evidence (`report_fault`), is reported as an offence, in the first
//! block that has time left for it.

#![cfg_attr(not(feature = "std"), no_std)]
#![expect(clippy::type_complexity, reason = "the macros make a function type of a call with five arguments")]

extern crate alloc;

pub use pallet::*;

mod attempt;
mod authorise;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod dealing_keys;
mod demerits;
mod epochs;
mod evidence;
mod faults;
mod keys;
mod offences;
mod state;
#[cfg(test)]
mod tests;
mod views;
mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use conclave_primitives::FaultClass;
pub use demerits::{ExclusionReason, MoreThanMayLie, Standing};
pub use faults::Fault;
pub use offences::{
    ComplaintOffence, DealingOffence, EquivocationOffence, MemberOffence, OffenceKind, PendingOffence,
    ReportMemberOffences, SignatureShareOffence, LONE_SLASH,
};
pub use state::{ActiveCommittee, DealingKey, FailureReason, RegisteredKeys, RunningAttempt};
pub use weights::{Size, WeightInfo};

#[frame_support::pallet]
pub mod pallet {
    use super::{
        state::{ActiveCommittee, FailureReason, RegisteredKeys, RunningAttempt},
        weights::{WeightInfo, MAX_STANDINGS},
        ExclusionReason, Fault, FaultClass, PendingOffence, ReportMemberOffences, Standing,
    };
    use alloc::{boxed::Box, vec::Vec};
    use conclave_primitives::{
        AdmitMembers, AttemptId, AttemptKind, Epoch, Evidence, KeysetId, ParticipantIndex, PeerReport,
        RootKey, WorkerKeyProofs, WorkerKeys, MAX_MEMBERS, MAX_ROOT_KEYS,
    };
    use conclave_vss::{Complaint, Dealing};
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{Balanced, Inspect, MutateHold},
            tokens::fungible::hold,
        },
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::traits::Convert;
    use sp_staking::SessionIndex;

    pub(crate) type BalanceOf<T> =
        <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

    /// Every member of each class of fault.
    const MAX_CONVICTIONS: u32 = MAX_MEMBERS * 4;

    pub(crate) type ConvictionSet =
        BoundedBTreeSet<(ParticipantIndex, FaultClass), ConstU32<MAX_CONVICTIONS>>;

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// What deposits are held in.
        type Currency: hold::Inspect<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + Balanced<Self::AccountId>;

        /// The reason a deposit is held for.
        type RuntimeHoldReason: From<HoldReason>;

        /// The validators of the running session: who may form a committee.
        type Validators: Get<Vec<Self::AccountId>>;

        /// Who of them may: on chains that require sealed machines, pallet-attestation.
        type Admission: AdmitMembers<Self::AccountId>;

        /// What asking `Admission` about so many validators weighs.
        type AdmissionWeight: Convert<u32, Weight>;

        /// The running session.
        type SessionIndex: Get<u32>;

        /// Sessions that a committee serves before its shares are refreshed.
        type SessionsPerEpoch: Get<u32>;

        /// Who may start and cancel attempts.
        type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Deposit for registered worker keys.
        #[pallet::constant]
        type KeyDeposit: Get<BalanceOf<Self>>;

        /// Blocks in which dealers commit to their dealing.
        #[pallet::constant]
        type CommitPeriod: Get<BlockNumberFor<Self>>;

        /// Blocks in which dealers open their dealing.
        #[pallet::constant]
        type DealPeriod: Get<BlockNumberFor<Self>>;

        /// Blocks in which members complain.
        #[pallet::constant]
        type ComplainPeriod: Get<BlockNumberFor<Self>>;

        /// Blocks in which members confirm and sign for the first time.
        #[pallet::constant]
        type ConfirmPeriod: Get<BlockNumberFor<Self>>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;

        /// How staking names an offender.
        type Offender: Parameter;

        /// The offender behind an account, whether or not it still validates; none for an account without stake.
        type OffenderOf: Convert<Self::AccountId, Option<Self::Offender>>;

        /// Takes proven faults: pallet-offences. Whoever validates should lose its seat also for one of a past era, as
        /// those of a reshare's dealers mostly are; staking sees to that for the running era only.
        type ReportOffence: ReportMemberOffences<Self::AccountId, Self::Offender>;

        /// How many members, of n with threshold t, must ban another in one epoch to exclude it. Nothing proves a ban:
        /// fewer than n - t + 1 may all lie. That is [`MoreThanMayLie`](crate::MoreThanMayLie).
        type BanQuorum: Convert<(u32, u32), u32>;

        /// How many demerits exclude a member.
        #[pallet::constant]
        type DemeritLimit: Get<u32>;

        /// Epochs without a further demerit after which all fade.
        #[pallet::constant]
        type DemeritMemory: Get<u32>;

        /// From how many committees an excluded member is left out.
        #[pallet::constant]
        type ExclusionEpochs: Get<u32>;

        /// What benchmarks need of staking and sessions.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Registered worker keys occupy storage.
        WorkerKeys,
    }

    /// The worker keys of a validator's stash account.
    // Blake2_128Concat: accounts are chosen by their owners.
    #[pallet::storage]
    pub type WorkerKeysOf<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, RegisteredKeys<BalanceOf<T>>>;

    /// Whose worker key this is: no key serves two validators.
    // Blake2_128Concat: keys are chosen by their owners.
    #[pallet::storage]
    pub type KeyOwner<T: Config> = StorageMap<_, Blake2_128Concat, [u8; 32], T::AccountId>;

    /// The committee that serves.
    #[pallet::storage]
    pub type CurrentCommittee<T: Config> = StorageValue<_, ActiveCommittee<T::AccountId>>;

    /// The attempt that runs.
    #[pallet::storage]
    pub type Running<T: Config> = StorageValue<_, RunningAttempt<T::AccountId, BlockNumberFor<T>>>;

    /// Members beside the session's validators. Only the genesis of a development chain sets it, where
    /// one process stands for a whole committee; no call writes it.
    #[pallet::storage]
    pub type VirtualMembers<T: Config> =
        StorageValue<_, BoundedVec<T::AccountId, ConstU32<MAX_MEMBERS>>, ValueQuery>;

    /// What the next attempt is called.
    #[pallet::storage]
    pub type NextAttempt<T: Config> = StorageValue<_, AttemptId, ValueQuery, FirstAttempt>;

    /// Whether an attempt is to start as soon as there are members for it.
    #[pallet::storage]
    pub type Due<T: Config> = StorageValue<_, bool, ValueQuery>;

    /// The session that was last looked at.
    #[pallet::storage]
    pub type LastSession<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Who was absent from the last attempt: left out of the next one, where enough others are left.
    #[pallet::storage]
    pub type Excluded<T: Config> =
        StorageValue<_, BoundedVec<T::AccountId, ConstU32<MAX_MEMBERS>>, ValueQuery>;

    /// The hashes of dealings, of a key generation.
    // Twox64Concat: indices are given by the chain.
    #[pallet::storage]
    pub type Commitments<T: Config> = StorageMap<_, Twox64Concat, ParticipantIndex, [u8; 32]>;

    /// The dealings that stand, of the running attempt; and after it of the one that made the committee,
    /// so that a member that was off can still take its shares.
    // Twox64Concat: indices are given by the chain.
    #[pallet::storage]
    pub type Dealings<T: Config> = StorageMap<_, Twox64Concat, ParticipantIndex, Dealing>;

    /// The keys that came out of the running attempt, so far in its phase Finalise and all from its phase Confirm on.
    #[pallet::storage]
    pub type NewRoots<T: Config> = StorageValue<_, BoundedVec<RootKey, ConstU32<MAX_ROOT_KEYS>>, ValueQuery>;

    /// The committee that served before: evidence against its members is taken until the next change.
    #[pallet::storage]
    pub type PreviousCommittee<T: Config> = StorageValue<_, ActiveCommittee<T::AccountId>>;

    /// The session in which an attempt began, of the running attempt and of those that made the committees above: its
    /// stakes answer for the members. At most three entries.
    // Twox64Concat: ids are given by the chain.
    #[pallet::storage]
    pub type FormedIn<T: Config> = StorageMap<_, Twox64Concat, AttemptId, SessionIndex>;

    /// Who was convicted of which faults, as a member of the committees that the attempts of [`FormedIn`] make: each once.
    // Twox64Concat: ids are given by the chain.
    #[pallet::storage]
    pub type Convictions<T: Config> = StorageMap<_, Twox64Concat, AttemptId, ConvictionSet, ValueQuery>;

    /// Faults whose offences are still to be reported, when a block has time left: one of each class, attempt and culprit.
    // Twox64Concat: ids are given by the chain. Blake2_128Concat: accounts are chosen by their owners.
    #[pallet::storage]
    pub type PendingOffences<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        (AttemptId, FaultClass),
        Blake2_128Concat,
        T::AccountId,
        PendingOffence<T::AccountId>,
    >;

    /// What each member says of the others, in the epoch of the committee that serves.
    // Twox64Concat: indices are given by the chain.
    #[pallet::storage]
    pub type PeerReports<T: Config> = StorageMap<_, Twox64Concat, ParticipantIndex, PeerReport, ValueQuery>;

    /// Demerits and exclusions that have not faded: of at most the members of the last few epochs.
    // Blake2_128Concat: accounts are chosen by their owners.
    #[pallet::storage]
    pub type Standings<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Standing, ValueQuery>;

    /// The first attempt of a chain.
    pub struct FirstAttempt;

    impl Get<AttemptId> for FirstAttempt {
        fn get() -> AttemptId {
            AttemptId { epoch: Epoch(1), attempt: Default::default() }
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A validator registered the keys its worker acts with.
        WorkerKeysRegistered { account: T::AccountId, keys: WorkerKeys },
        /// A validator withdrew its worker keys.
        WorkerKeysRemoved { account: T::AccountId },
        /// A validator's worker provided the key that the next attempt deals to.
        DealingKeyProvided { account: T::AccountId, dealing_key: [u8; 32] },
        /// An attempt started.
        AttemptStarted { attempt: AttemptId, kind: AttemptKind, members: Vec<T::AccountId>, threshold: u32 },
        /// A dealer committed to its dealing.
        DealingCommitted { attempt: AttemptId, dealer: ParticipantIndex, hash: [u8; 32] },
        /// A dealer opened its dealing and everything public about it is right.
        Dealt { attempt: AttemptId, dealer: ParticipantIndex },
        /// A dealer, or a member that complained falsely, was proven guilty; the evidence is in `fault` and in the
        /// extrinsic of this event.
        Disqualified { attempt: AttemptId, culprit: ParticipantIndex, account: T::AccountId, fault: Fault },
        /// A member judged the shares dealt to it.
        SharesReported { attempt: AttemptId, participant: ParticipantIndex, complaints: u32 },
        /// The dealings that stand were combined to keys.
        KeysFinalised { attempt: AttemptId, dealers: Vec<ParticipantIndex> },
        /// A member has written its shares to disk and read them back.
        SharesConfirmed { attempt: AttemptId, participant: ParticipantIndex },
        /// The committee signed together and serves from now on.
        CommitteeActivated { attempt: AttemptId, keyset: KeysetId },
        /// The attempt ended without a committee; the next one starts without the absent and the guilty.
        AttemptFailed { attempt: AttemptId, reason: FailureReason, absent: Vec<T::AccountId> },
        /// A member was proven guilty of a fault off chain; the evidence is in the extrinsic of this event.
        FaultProven {
            attempt: AttemptId,
            culprit: ParticipantIndex,
            account: T::AccountId,
            class: FaultClass,
            reporter: Option<T::AccountId>,
        },
        /// t members attested the absence of one.
        DemeritGiven { epoch: Epoch, account: T::AccountId, demerits: u32 },
        /// A validator is left out of committees up to that of the epoch `until`.
        MemberExcluded { account: T::AccountId, until: Epoch, reason: ExclusionReason },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The encryption key is not a point of ristretto255.
        InvalidEncryptionKey,
        /// The proof of possession of the encryption key is wrong.
        InvalidEncryptionProof,
        /// The proof of possession of the signing key is wrong.
        InvalidSigningProof,
        /// The proof of possession of the transport key is wrong.
        InvalidTransportProof,
        /// One of the keys is already registered by another validator, or twice in this call.
        KeyInUse,
        /// No worker keys are registered for this account.
        NoWorkerKeys,
        /// A member of the committee, or of the running attempt, cannot change its keys.
        MemberOfCommittee,
        /// No attempt runs, or another one, or not in this phase.
        WrongPhase,
        /// An attempt runs already.
        AttemptRuns,
        /// Too few validators are admitted and have worker keys and a dealing key, or the first attempt still waits for some.
        TooFewMembers,
        /// No member of a committee, or of an attempt, that the chain still knows.
        UnknownMember,
        /// The member was convicted of this class of fault in this attempt before.
        AlreadyConvicted,
        /// The member has said as much before.
        AlreadyReported,
        /// The signing key is of small order: anybody can sign for it.
        InvalidSigningKey,
        /// The transport key is of small order: anybody can sign for it.
        InvalidTransportKey,
    }

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Worker keys of the first validators. They need no proofs, as session keys in a genesis do not.
        pub worker_keys: Vec<(T::AccountId, WorkerKeys)>,
        /// Members beside the validators; development chains only.
        pub virtual_members: Vec<T::AccountId>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (account, keys) in &self.worker_keys {
                // One key that is no point would keep everyone from dealing.
                assert!(
                    conclave_vss::decode_point::<conclave_vss::Ristretto255>(&keys.encryption).is_ok(),
                    "worker encryption keys in the genesis must be points of ristretto255"
                );
                Pallet::<T>::insert_keys(account, *keys, Default::default());
            }
            VirtualMembers::<T>::put(
                BoundedVec::try_from(self.virtual_members.clone())
                    .expect("at most MAX_MEMBERS virtual members"),
            );
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            Self::progress(now)
        }

        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let finalised = Self::finalise_with(remaining);
            let reported = Self::report_pending_offences(remaining.saturating_sub(finalised));
            finalised.saturating_add(reported)
        }

        fn integrity_test() {
            assert!(
                conclave_primitives::root_key_ids().len() <= MAX_ROOT_KEYS as usize,
                "MAX_ROOT_KEYS must hold all root keys"
            );
            Self::check_ban_quorum();
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers the keys the validator's worker acts with, or replaces them.
        ///
        /// Origin: signed by the validator's stash account. `proofs` are made over
        /// [`conclave_primitives::worker_keys_bytes`] by each of the three keys. Holds the key deposit.
        /// Refused while the validator is a member. Emits `WorkerKeysRegistered`. Weight: O(1).
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register_worker_keys(
            origin: OriginFor<T>,
            keys: WorkerKeys,
            proofs: WorkerKeyProofs,
        ) -> DispatchResult {
            let account = ensure_signed(origin)?;
            Self::do_register(account, keys, &proofs)
        }

        /// Withdraws the validator's worker keys and returns the deposit.
        ///
        /// Origin: signed by the validator's stash account. Refused while it is a member. Emits
        /// `WorkerKeysRemoved`. Weight: O(1).
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::remove_worker_keys())]
        pub fn remove_worker_keys(origin: OriginFor<T>) -> DispatchResult {
            let account = ensure_signed(origin)?;
            Self::do_remove(account)
        }

        /// Commits to a dealing by its hash.
        ///
        /// Origin: authorised by the dealer's signing key, in the phase Commit, once. Emits
        /// `DealingCommitted`. Weight: O(1).
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::commit_dealing(MAX_MEMBERS))]
        #[pallet::authorize(Pallet::<T>::authorise_commit)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorise_commit(MAX_MEMBERS))]
        pub fn commit_dealing(
            origin: OriginFor<T>,
            attempt: AttemptId,
            participant: ParticipantIndex,
            hash: [u8; 32],
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_commit(attempt, participant, hash)
        }

        /// Opens a dealing.
        ///
        /// Origin: authorised by the dealer's signing key, in the phase Deal, once; in a key generation for the
        /// dealing committed to, in a reshare as long as dealings lack. A dealing that is publicly wrong, such as one
        /// of other shares than the dealer's own, disqualifies its dealer. Emits `Dealt`, or
        /// `Disqualified` and `MemberExcluded`. Weight: O(n + k·t) for k keys.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::deal(Pallet::<T>::size()))]
        #[pallet::authorize(Pallet::<T>::authorise_deal)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorise_deal(MAX_MEMBERS))]
        pub fn deal(
            origin: OriginFor<T>,
            attempt: AttemptId,
            participant: ParticipantIndex,
            dealing: Box<Dealing>,
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_deal(attempt, participant, *dealing)
        }

        /// Complains about the shares of some dealers; without complaints says that all are good.
        ///
        /// Origin: authorised by the member's signing key, in the phase Complain, once a round. Every
        /// complaint is judged at once and disqualifies the dealer or the complainer. Emits
        /// `SharesReported` and, for each complaint, `Disqualified` and `MemberExcluded`. Weight: O(c·k·t).
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::report(Pallet::<T>::size(), complaints.len() as u32))]
        #[pallet::authorize(Pallet::<T>::authorise_report)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorise_report(MAX_MEMBERS))]
        pub fn report_shares(
            origin: OriginFor<T>,
            attempt: AttemptId,
            participant: ParticipantIndex,
            complaints: BoundedVec<Complaint, ConstU32<MAX_MEMBERS>>,
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_report(attempt, participant, &complaints)
        }

        /// Confirms that the member's shares are on disk and match the keys.
        ///
        /// Origin: authorised by the member's signing key, in the phase Confirm, once. Emits
        /// `SharesConfirmed`. Weight: O(1).
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::confirm_shares(MAX_MEMBERS))]
        #[pallet::authorize(Pallet::<T>::authorise_confirm)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorise_confirm(MAX_MEMBERS))]
        pub fn confirm_shares(
            origin: OriginFor<T>,
            attempt: AttemptId,
            participant: ParticipantIndex,
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_confirm(attempt, participant)
        }

        /// Puts the new committee into service.
        ///
        /// Origin: authorised by the new committee's threshold signature with its Result key over
        /// [`conclave_primitives::activation_bytes`], in the phase Confirm with t confirmations;
        /// whoever submits it. Emits `CommitteeActivated`. Weight: O(n·k).
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::activate(MAX_MEMBERS, MAX_STANDINGS))]
        #[pallet::authorize(Pallet::<T>::authorise_activate)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorise_activate(MAX_MEMBERS))]
        pub fn activate(origin: OriginFor<T>, attempt: AttemptId, _signature: [u8; 64]) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_activate(attempt)
        }

        /// Starts an attempt at the next committee now: a refresh, if the validators have not changed.
        ///
        /// Origin: `AdminOrigin`. Emits `AttemptStarted`. Weight: O(n).
        #[pallet::call_index(7)]
        #[pallet::weight(Pallet::<T>::weight_of_start())]
        pub fn start_attempt(origin: OriginFor<T>) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            ensure!(!Running::<T>::exists(), Error::<T>::AttemptRuns);
            Self::start(frame_system::Pallet::<T>::block_number());
            ensure!(Running::<T>::exists(), Error::<T>::TooFewMembers);
            Ok(())
        }

        /// Ends the running attempt. The committee serves on; the next attempt starts when one is due again. Where no
        /// committee serves yet, that is at once.
        ///
        /// Origin: `AdminOrigin`. Emits `AttemptFailed`. Weight: O(n).
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::cancel_attempt(MAX_MEMBERS))]
        pub fn cancel_attempt(origin: OriginFor<T>) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            let attempt = Running::<T>::get().ok_or(Error::<T>::WrongPhase)?;
            Self::fail(attempt, FailureReason::Cancelled, Vec::new());
            Due::<T>::kill();
            Ok(())
        }

        /// Convicts a member of a fault off chain.
        ///
        /// Origin: authorised by the signing key `reporter` of another member of the committee or of the running
        /// attempt. `evidence` is judged in validation: false evidence never reaches a block. Against members of the
        /// committee, of the one before and of the running attempt; once per member, class of fault and attempt. Emits
        /// `FaultProven` and `MemberExcluded`. Weight: O(n).
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::convict(MAX_MEMBERS))]
        #[pallet::authorize(Pallet::<T>::authorise_fault)]
        #[pallet::weight_of_authorize(T::WeightInfo::judge(evidence, MAX_MEMBERS))]
        pub fn report_fault(
            origin: OriginFor<T>,
            evidence: Box<Evidence>,
            reporter: [u8; 32],
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_report_fault(&evidence, &reporter)
        }

        /// Says with whom the member does not run OT again, and who was absent, in this epoch.
        ///
        /// Origin: authorised by the member's signing key, while its epoch lasts; again only with more to say, and not of
        /// one that was convicted. Excludes
        /// whom [`Config::BanQuorum`] members have banned, and gives a demerit to whom t members found absent. Emits `DemeritGiven`
        /// and `MemberExcluded`. Weight: O(n²) of memory, O(n) of storage.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::report_peers(MAX_MEMBERS))]
        #[pallet::authorize(Pallet::<T>::authorise_peers)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorise_peers(MAX_MEMBERS))]
        pub fn report_peers(
            origin: OriginFor<T>,
            epoch: Epoch,
            participant: ParticipantIndex,
            report: PeerReport,
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_report_peers(epoch, participant, report)
        }

        /// Provides the key that the shares of the next attempt are sealed to.
        ///
        /// Origin: authorised by the worker's signing key `signer`, when none was provided or an attempt has dealt to the
        /// one that was; for the attempt that comes next. `proof` shows possession of the key, over the bytes
        /// that are signed. Emits `DealingKeyProvided`. Weight: O(1).
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::provide_dealing_key())]
        #[pallet::authorize(Pallet::<T>::authorise_dealing_key)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorise_dealing_key())]
        pub fn provide_dealing_key(
            origin: OriginFor<T>,
            signer: [u8; 32],
            _attempt: AttemptId,
            dealing_key: [u8; 32],
            _proof: [u8; 64],
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_provide_dealing_key(&signer, dealing_key)
        }
    }
}
