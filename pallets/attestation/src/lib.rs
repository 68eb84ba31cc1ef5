//! # Attestation pallet
//!
//! Which validators proved that they run an image that governance approved, in a machine that its operator cannot look
//! into.
//!
//! ## Terminology
//!
//! - **Report**: what a chip signs of a guest that runs on it: its measurement, the chip's firmware, and 64 bytes of the
//!   guest's choice. **VCEK**: the chip's key that signs it, for one state of the firmware.
//! - **Release**: an image that governance approved, one record for each number of vCPUs.
//! - **Floor**: the least firmware versions of one processor.
//! - **Attestation**: what the chain keeps of a validator's report: its claims.
//!
//! ## Overview
//!
//! ```text
//!             register               renew, before it expires
//!   no ──────────────────► attested ◄────────────────┐
//!   machine                  │  │ └──────────────────┘
//!      ▲      withdraw       │  │ expired, or its claims fail the policy of today
//!      └─────────────────────┘  ▼
//!                             lapsed: left out of the next committee; what it holds is dealt to that one
//! ```
//!
//! `register` and `renew` verify a report by `conclave_snp`, with all sixteen checks; the same code that clients run.
//! The validator's node submits them by itself: its worker's key authorises them, so that no account's key need be on
//! the machine.
//! Claims are kept and judged again whenever a committee is chosen ([`Pallet::standing`]): a raised floor, a disabled
//! release or a blocked chip drops a member from the *next* committee by reshare, without slash and without a second
//! report.
//!
//! **Trust anchors are a constant of the runtime.** No storage and no call changes them. `submit_ask` and `submit_crl`
//! take what an ARK signed, from anybody.
//!
//! **Policy** is tightened on a fast track and loosened by referendum. A call of the fast track can admit nobody.
//!
//! **One chip, one validator**: a chip whose key was stolen is worth one seat. An attestation that expired does not keep
//! its chip.
//!
//! **A mass expiry cannot empty the set** ([`AdmitMembers`]): where fewer than two thirds of the validators stand, those
//! that merely expired are let in after all, the latest first. What policy refuses never is. Where too few are left
//! even so, no next committee is chosen and the one that serves, serves on.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![expect(clippy::type_complexity, reason = "the macros make a function type of a call with six arguments")]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

extern crate alloc;

mod authorise;
mod authorities;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod errors;
mod governance;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod registration;
mod standing;
#[cfg(test)]
mod tests;
mod types;
mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use standing::Lapse;
pub use types::{
    Attestation, FloorRecord, ProvideKeys, Revocations, StoredAsk, ValidatorKeys, MAX_ASKS, MAX_REVOKED,
};
pub use weights::WeightInfo;

/// Registrations and renewals in one block: each verifies two signatures.
pub const MAX_PER_BLOCK: u32 = 4;

#[frame_support::pallet]
pub mod pallet {
    use super::{
        authorise::Submission,
        types::{Attestation, FloorRecord, ProvideKeys, Revocations, StoredAsk},
        weights::WeightInfo,
        MAX_PER_BLOCK,
    };
    use alloc::{boxed::Box, vec::Vec};
    use conclave_primitives::{BlockNumber, ReportPurpose};
    use conclave_snp::{
        Anchor, Cpuid, Floor, Policy, Product, Release, ReleaseStatus, MAX_CERTIFICATE_BYTES, REPORT_BYTES,
    };
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{Inspect, MutateHold},
            tokens::fungible::hold,
            UnixTime,
        },
    };
    use frame_system::pallet_prelude::*;

    pub(crate) type BalanceOf<T> =
        <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

    /// A certificate or revocation list in DER.
    pub type Der = BoundedVec<u8, ConstU32<{ MAX_CERTIFICATE_BYTES as u32 }>>;

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// What deposits are held in.
        type Currency: hold::Inspect<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// The reason a deposit is held for.
        type RuntimeHoldReason: From<HoldReason>;

        /// The roots of trust: AMD's in production, its network's in a development runtime. A constant.
        type TrustAnchors: Get<&'static [Anchor]>;

        /// The time, for certificates.
        type UnixTime: UnixTime;

        /// The keys that a machine has to have made.
        type Keys: ProvideKeys<Self::AccountId>;

        /// Who may refuse more than before: a fast track.
        type TightenOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Who may accept more than before: a referendum.
        type LoosenOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Held for an attestation.
        #[pallet::constant]
        type Deposit: Get<BalanceOf<Self>>;

        /// Blocks for which an attestation is good: 24 hours. Nodes renew after a quarter.
        #[pallet::constant]
        type ValidityPeriod: Get<BlockNumber>;

        /// The most measurements, of all releases.
        #[pallet::constant]
        type MaxReleases: Get<u32>;

        /// The most processors.
        #[pallet::constant]
        type MaxFloors: Get<u32>;

        /// The most blocked chips.
        #[pallet::constant]
        type MaxBlockedChips: Get<u32>;

        /// The most attestations.
        #[pallet::constant]
        type MaxAttestations: Get<u32>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;

        /// What benchmarks need of others.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// An attestation occupies storage.
        Attestation,
    }

    /// What is asked of every machine.
    #[pallet::storage]
    pub type CurrentPolicy<T> = StorageValue<_, Policy, ValueQuery, ProductionPolicy>;

    /// The processors that are accepted, with their floors.
    // Twox64Concat: set by governance.
    #[pallet::storage]
    pub type Floors<T> = CountedStorageMap<_, Twox64Concat, Cpuid, FloorRecord>;

    /// Releases, by measurement.
    // Twox64Concat: set by governance.
    #[pallet::storage]
    pub type Releases<T> = CountedStorageMap<_, Twox64Concat, [u8; 48], Release>;

    /// Chips that may not serve.
    // Twox64Concat: set by governance.
    #[pallet::storage]
    pub type BlockedChips<T> = CountedStorageMap<_, Twox64Concat, [u8; 64], ()>;

    /// The machines of validators.
    // Blake2_128Concat: accounts are chosen by their owners.
    #[pallet::storage]
    pub type Attestations<T: Config> =
        CountedStorageMap<_, Blake2_128Concat, T::AccountId, Attestation<BalanceOf<T>>>;

    /// Which validator a chip serves.
    // Blake2_128Concat: whoever owns many machines chooses among many ids.
    #[pallet::storage]
    pub type ChipOwner<T: Config> = StorageMap<_, Blake2_128Concat, [u8; 64], T::AccountId>;

    /// Which validator a guest serves.
    // Blake2_128Concat: a guest's id is drawn at its launch, as often as somebody wants.
    #[pallet::storage]
    pub type ReportIdOwner<T: Config> = StorageMap<_, Blake2_128Concat, [u8; 32], T::AccountId>;

    /// ASKs beside those compiled in, by serial number.
    // Twox64Concat: AMD gives the numbers.
    #[pallet::storage]
    pub type Asks<T> = CountedStorageMap<_, Twox64Concat, u64, StoredAsk>;

    /// What each ARK revoked. By the place of its anchor: a runtime's anchors are a constant list.
    // Twox64Concat: few, given by the runtime.
    #[pallet::storage]
    pub type Revoked<T> = StorageMap<_, Twox64Concat, ProductIndex, Revocations>;

    /// Registrations and renewals in this block.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type InThisBlock<T> = StorageValue<_, u32, ValueQuery>;

    /// A product's codec index.
    pub type ProductIndex = u8;

    /// [`Policy::PRODUCTION`].
    pub struct ProductionPolicy;

    impl Get<Policy> for ProductionPolicy {
        fn get() -> Policy {
            Policy::PRODUCTION
        }
    }

    /// What a chain begins with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// CPUID as family, model and stepping; then the least boot loader, TEE, SNP firmware, microcode and FMC; then the
        /// least firmware: major, minor, build.
        pub floors: Vec<([u8; 3], [u8; 5], [u8; 3])>,
        /// Number of the release, vCPUs, measurement as bytes.
        pub releases: Vec<(u32, u16, Vec<u8>)>,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            self.build_or_panic();
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A validator proved its machine for the first time.
        Registered {
            validator: T::AccountId,
            chip: [u8; 64],
            release: u32,
            expires: BlockNumber,
            digest: [u8; 48],
        },
        /// A validator proved its machine again, or another one.
        Renewed {
            validator: T::AccountId,
            chip: [u8; 64],
            release: u32,
            expires: BlockNumber,
            digest: [u8; 48],
        },
        /// A validator gave up its attestation.
        Withdrawn { validator: T::AccountId },
        /// What is asked of every machine changed.
        PolicySet { policy: Policy },
        /// A processor has a new floor, from this block on.
        FloorSet { cpuid: Cpuid, floor: Floor, enforce_at: BlockNumber, source_digest: [u8; 32] },
        /// A processor is no longer accepted.
        FloorRemoved { cpuid: Cpuid },
        /// A release has a new measurement, or a measurement another standing.
        ReleaseSet { id: u32, measurement: [u8; 48], vcpus: u16, status: ReleaseStatus },
        /// A release is no longer accepted, whatever its vCPUs.
        ReleaseDisabled { id: u32 },
        /// A chip may no longer serve.
        ChipBlocked { chip: [u8; 64] },
        /// A chip may serve again.
        ChipUnblocked { chip: [u8; 64] },
        /// An ARK vouched for another ASK.
        AskAdded { product: Product, serial: u64 },
        /// An ARK's revocation list was taken.
        RevocationsSet { product: Product, this_update: u64, serials: Vec<u64> },
    }

    /// Why a call was refused. Those up to `AskRevoked` are of the sixteen checks, in their order.
    #[pallet::error]
    pub enum Error<T> {
        /// 1: the report's version is too old.
        Version,
        /// 2: nothing of this product is accepted.
        ProductRefused,
        /// 2: the report names no processor.
        NoCpuid,
        /// 2: the processor has no floor.
        NoFloor,
        /// 3: another key than a chip's signed the report.
        SigningKey,
        /// 3: the host hides the chip.
        ChipKeyMasked,
        /// 3: no chip is named.
        NoChip,
        /// 3: a development chip in production, or the reverse.
        DevelopmentChip,
        /// 4: the host asked for the report.
        HostRequested,
        /// 4: not the guest's most privileged level asked.
        Vmpl,
        /// 5: DEBUG.
        Debug,
        /// 5: MIGRATE_MA.
        MigrationAgent,
        /// 5: CXL_ALLOW.
        Cxl,
        /// 5: reserved bits of the guest's policy.
        PolicyReserved,
        /// 5: the guest's policy wants newer firmware.
        PolicyAbi,
        /// 5: bits of the guest's policy must be on.
        PolicyRequired,
        /// 5: bits of the guest's policy must be off.
        PolicyForbidden,
        /// 6: memory was not checked for aliases.
        AliasCheck,
        /// 6: unknown bits of the platform.
        PlatformUnknown,
        /// 6: bits of the platform must be on.
        PlatformRequired,
        /// 6: bits of the platform must be off.
        PlatformForbidden,
        /// 7: reserved bytes of a TCB version.
        TcbReserved,
        /// 7: a TCB version is below the floor.
        TcbBelowFloor,
        /// 7: the firmware is provisional.
        ProvisionalFirmware,
        /// 8: the firmware is below the floor.
        FirmwareBelowFloor,
        /// 9: mitigations are off.
        Mitigations,
        /// 10: no release has this measurement.
        UnknownMeasurement,
        /// 10: the release is pending.
        ReleasePending,
        /// 10: the release is disabled.
        ReleaseDisabled,
        /// 10: the release is not valid yet.
        ReleaseEarly,
        /// 10: the release is no longer valid.
        ReleaseOver,
        /// 11: HOST_DATA is not the release's.
        HostData,
        /// 11: FAMILY_ID is not the release's.
        FamilyId,
        /// 11: IMAGE_ID is not the release's.
        ImageId,
        /// 11: ID_KEY_DIGEST is not the release's.
        IdKeyDigest,
        /// 11: AUTHOR_KEY_DIGEST is not the release's.
        AuthorKeyDigest,
        /// 12: the report is bound to something else.
        ReportData,
        /// 13: no guest is named.
        NoReportId,
        /// 13: the guest serves another validator.
        ReportIdTaken,
        /// 14: the chip is blocked.
        ChipBlocked,
        /// 14: the chip serves another validator.
        ChipTaken,
        /// 15: bound to a block that is not there yet.
        BoundToFuture,
        /// 15: bound to a block too long ago.
        Stale,
        /// 15: bound to another chain or fork.
        BlockHash,
        /// 15: not newer than the last report.
        Replayed,
        /// 16: the certificate is not valid yet.
        CertificateEarly,
        /// 16: the certificate is no longer valid.
        CertificateOver,
        /// 16: the ASK is revoked.
        AskRevoked,
        /// A check could not be made.
        NotJudged,
        /// The report has an unknown version.
        ReportVersion,
        /// The report's signature is of another algorithm.
        ReportAlgorithm,
        /// Reserved bytes of the report are not zero.
        ReportReserved,
        /// Unused bytes of the report's signature are not zero.
        ReportSignaturePadding,
        /// The chip did not sign the report.
        ReportSignature,
        /// The certificate is not what a VCEK's is.
        CertificateMalformed,
        /// The certificate is signed by another algorithm.
        CertificateAlgorithm,
        /// An extension of the certificate appears twice.
        CertificateDuplicate,
        /// An extension of the certificate is missing.
        CertificateIncomplete,
        /// An unknown extension of the certificate is critical.
        CertificateUnknownCritical,
        /// The certificate is a VLEK's.
        CertificateVlek,
        /// The certificate is under no root that is trusted here.
        UntrustedRoot,
        /// The ASK did not sign the certificate.
        CertificateSignature,
        /// The certificate is another chip's.
        HardwareIdMismatch,
        /// The certificate is for another TCB than the report's.
        TcbMismatch,
        /// The certificate is of another product than the report's.
        ProductMismatch,
        /// No ASK has this serial number, of the certificate's product.
        UnknownAsk,
        /// The validator has not registered both session keys and worker keys.
        NoKeys,
        /// The validator has an attestation: renew it.
        AlreadyRegistered,
        /// The validator has no attestation.
        NotRegistered,
        /// The validator renewed a moment ago.
        TooSoon,
        /// Four attestations were verified in this block already. Try in the next.
        BlockFull,
        /// There are as many attestations as there can be.
        TooManyAttestations,
        /// This call cannot accept what was refused before.
        Loosens,
        /// The processor is of no product that is trusted here.
        ForeignProcessor,
        /// The processor has no floor.
        UnknownFloor,
        /// There are as many floors as there can be.
        TooManyFloors,
        /// No release has this number or measurement.
        UnknownRelease,
        /// A release has this measurement already.
        ReleaseExists,
        /// There are as many releases as there can be.
        TooManyReleases,
        /// The chip is blocked already.
        AlreadyBlocked,
        /// The chip is not blocked.
        NotBlocked,
        /// There are as many blocked chips as there can be.
        TooManyBlocked,
        /// No root here is of this product.
        UnknownProduct,
        /// Not the certificate of an ASK, or not a revocation list.
        AuthorityMalformed,
        /// The ARK did not sign.
        AuthoritySignature,
        /// The ASK is known already.
        AskExists,
        /// There are as many ASKs as there can be.
        TooManyAsks,
        /// The revocation list is not newer than the last one.
        RevocationsNotNewer,
        /// The revocation list is longer than can be kept.
        TooManyRevoked,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            InThisBlock::<T>::kill();
            T::DbWeight::get().writes(1)
        }

        fn integrity_test() {
            assert!(!T::TrustAnchors::get().is_empty(), "without a root nobody can be attested");
            assert!(T::ValidityPeriod::get() > 0, "an attestation must be good for a while");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Proves the validator's machine for the first time.
        ///
        /// Origin: authorised by the signing key of the validator's worker, which its machine holds. `validator` is its
        /// stash account, which has session keys and worker keys. `report` is bound to them and to `block_number` by
        /// [`conclave_primitives::ReportBinding`] with the purpose `Register`; `vcek` is the certificate of the key that
        /// signed it, in DER, and `ask_serial` the serial number of the ASK that signed that. Holds the deposit. Emits
        /// `Registered`. At most four a block, without fee. Weight: two signatures, and as much for the authorisation.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        #[pallet::authorize(Pallet::<T>::authorise_register)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorise())]
        pub fn register(
            origin: OriginFor<T>,
            validator: T::AccountId,
            report: Box<[u8; REPORT_BYTES]>,
            vcek: Der,
            ask_serial: u64,
            block_number: BlockNumber,
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_register(validator, report.as_slice(), &vcek, ask_serial, block_number)
        }

        /// Proves the validator's machine again; also another machine, or other keys.
        ///
        /// As `register`, with the purpose `Renew`, bound to a later block than the last report by a 24th of the validity
        /// period at least. Emits `Renewed`.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::renew())]
        #[pallet::authorize(Pallet::<T>::authorise_renew)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorise())]
        pub fn renew(
            origin: OriginFor<T>,
            validator: T::AccountId,
            report: Box<[u8; REPORT_BYTES]>,
            vcek: Der,
            ask_serial: u64,
            block_number: BlockNumber,
            _signature: [u8; 64],
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_renew(validator, report.as_slice(), &vcek, ask_serial, block_number)
        }

        /// Gives up the validator's attestation and returns the deposit. It is in no committee after this one.
        ///
        /// Origin: signed by the validator's stash account. Emits `Withdrawn`. Weight: O(1).
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
            let validator = ensure_signed(origin)?;
            Self::do_withdraw(validator)
        }

        /// Takes an ASK that the ARK of `product` vouches for, if AMD makes a new one.
        ///
        /// Origin: signed by anybody. `certificate` in DER. Emits `AskAdded`. Weight: one RSA signature.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::submit_ask())]
        pub fn submit_ask(origin: OriginFor<T>, product: Product, certificate: Der) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_submit_ask(product, &certificate)
        }

        /// Takes a revocation list of the ARK of `product`, newer than the last.
        ///
        /// Origin: signed by anybody. `list` in DER. Emits `RevocationsSet`. Weight: one RSA signature.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::submit_crl())]
        pub fn submit_crl(origin: OriginFor<T>, product: Product, list: Der) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_submit_crl(product, &list)
        }

        /// Asks more of every machine.
        ///
        /// Origin: `TightenOrigin`. Refused where anything that was refused would be accepted. Emits `PolicySet`.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::tighten_policy())]
        pub fn tighten_policy(origin: OriginFor<T>, policy: Policy) -> DispatchResult {
            T::TightenOrigin::ensure_origin(origin)?;
            ensure!(CurrentPolicy::<T>::get().is_tightened_by(&policy), Error::<T>::Loosens);
            Self::do_set_policy(policy)
        }

        /// Sets what is asked of every machine.
        ///
        /// Origin: `LoosenOrigin`. Emits `PolicySet`.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::set_policy())]
        pub fn set_policy(origin: OriginFor<T>, policy: Policy) -> DispatchResult {
            T::LoosenOrigin::ensure_origin(origin)?;
            Self::do_set_policy(policy)
        }

        /// Raises the floor of a processor from the block `enforce_at` on, so that operators have time to update.
        ///
        /// Origin: `TightenOrigin`. `source_digest` is the SHA-256 of AMD's bulletin. Emits `FloorSet`.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::raise_floor())]
        pub fn raise_floor(
            origin: OriginFor<T>,
            cpuid: Cpuid,
            floor: Floor,
            enforce_at: BlockNumber,
            source_digest: [u8; 32],
        ) -> DispatchResult {
            T::TightenOrigin::ensure_origin(origin)?;
            Self::do_raise_floor(cpuid, floor, enforce_at, source_digest)
        }

        /// Sets the floor of a processor, from now on; also of one that had none.
        ///
        /// Origin: `LoosenOrigin`. Emits `FloorSet`.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::set_floor())]
        pub fn set_floor(
            origin: OriginFor<T>,
            cpuid: Cpuid,
            floor: Floor,
            source_digest: [u8; 32],
        ) -> DispatchResult {
            T::LoosenOrigin::ensure_origin(origin)?;
            Self::do_set_floor(cpuid, floor, source_digest)
        }

        /// Accepts a processor no longer.
        ///
        /// Origin: `TightenOrigin`. Emits `FloorRemoved`.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::remove_floor())]
        pub fn remove_floor(origin: OriginFor<T>, cpuid: Cpuid) -> DispatchResult {
            T::TightenOrigin::ensure_origin(origin)?;
            Self::do_remove_floor(cpuid)
        }

        /// Records a release, or sets everything about one again: its standing, its time, what it is pinned to.
        ///
        /// Origin: `LoosenOrigin`. Emits `ReleaseSet`.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::set_release())]
        pub fn set_release(origin: OriginFor<T>, release: Box<Release>) -> DispatchResult {
            T::LoosenOrigin::ensure_origin(origin)?;
            Self::do_set_release(*release)
        }

        /// Accepts a release no longer, whatever its vCPUs.
        ///
        /// Origin: `TightenOrigin`. Emits `ReleaseDisabled`. Weight: O(r), r the number of releases.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::disable_release(T::MaxReleases::get()))]
        pub fn disable_release(origin: OriginFor<T>, id: u32) -> DispatchResult {
            T::TightenOrigin::ensure_origin(origin)?;
            Self::do_disable_release(id)
        }

        /// Forgets a release that is disabled: its measurement is refused as unknown.
        ///
        /// Origin: `TightenOrigin`. Emits `ReleaseSet`.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::forget_release())]
        pub fn forget_release(origin: OriginFor<T>, measurement: [u8; 48]) -> DispatchResult {
            T::TightenOrigin::ensure_origin(origin)?;
            Self::do_forget_release(measurement)
        }

        /// Lets a chip serve no longer.
        ///
        /// Origin: `TightenOrigin`. Emits `ChipBlocked`.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::block_chip())]
        pub fn block_chip(origin: OriginFor<T>, chip: [u8; 64]) -> DispatchResult {
            T::TightenOrigin::ensure_origin(origin)?;
            Self::do_block_chip(chip)
        }

        /// Lets a chip serve again.
        ///
        /// Origin: `LoosenOrigin`. Emits `ChipUnblocked`.
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::unblock_chip())]
        pub fn unblock_chip(origin: OriginFor<T>, chip: [u8; 64]) -> DispatchResult {
            T::LoosenOrigin::ensure_origin(origin)?;
            Self::do_unblock_chip(chip)
        }
    }

    impl<T: Config> Pallet<T> {
        #[expect(
            clippy::borrowed_box,
            reason = "the macro passes a reference to the call's argument, which is boxed"
        )]
        fn authorise_register(
            source: TransactionSource,
            validator: &T::AccountId,
            report: &Box<[u8; REPORT_BYTES]>,
            vcek: &Der,
            ask_serial: &u64,
            block_number: &BlockNumber,
            signature: &[u8; 64],
        ) -> TransactionValidityWithRefund {
            let (report, ask_serial, block_number) = (report.as_slice(), *ask_serial, *block_number);
            let submission = Submission { validator, report, vcek, ask_serial, block_number };
            Self::authorise(source, ReportPurpose::Register, submission, signature)
        }

        #[expect(
            clippy::borrowed_box,
            reason = "the macro passes a reference to the call's argument, which is boxed"
        )]
        fn authorise_renew(
            source: TransactionSource,
            validator: &T::AccountId,
            report: &Box<[u8; REPORT_BYTES]>,
            vcek: &Der,
            ask_serial: &u64,
            block_number: &BlockNumber,
            signature: &[u8; 64],
        ) -> TransactionValidityWithRefund {
            let (report, ask_serial, block_number) = (report.as_slice(), *ask_serial, *block_number);
            let submission = Submission { validator, report, vcek, ask_serial, block_number };
            Self::authorise(source, ReportPurpose::Renew, submission, signature)
        }

        /// Counts a verification in this block.
        pub(crate) fn take_turn() -> DispatchResult {
            InThisBlock::<T>::try_mutate(|count| {
                ensure!(*count < MAX_PER_BLOCK, Error::<T>::BlockFull);
                *count = count.saturating_add(1);
                Ok(())
            })
        }
    }
}
