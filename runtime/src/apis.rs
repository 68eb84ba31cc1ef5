//! What a node, a light client or a wallet may ask of the runtime.
//!
//! `RUNTIME_API_VERSIONS`, which goes into the runtime version, is made from this list.

use crate::{
    configs::session::SessionKeys, genesis_presets, AccessConditions, AccountId, Actions, Attestation,
    AuthorityDiscovery, Babe, Balance, Block, BlockNumber, Committee, Executive, Grandpa, Historical,
    InherentDataExt, Nonce, Pkp, Runtime, RuntimeCall, RuntimeGenesisConfig, Staking, System,
    TransactionPayment, VERSION,
};
use alloc::vec::Vec;
use codec::Encode;
use conclave_primitives::{
    actions::{Limits, Prices},
    conditions::{ChainName, Condition, ConditionHash, ExternalChain, PolicyId, PolicyView},
    AccountBytes, AttemptView, AuthMethod, Cid, LoginSettings, MachineView, ParticipantIndex, PkpAddresses,
    PkpId, PkpView, ReportFinding, ReportPurpose, Scopes,
};
use frame_support::{
    genesis_builder_helper::{build_state, get_preset},
    traits::KeyOwnerProofSystem,
    view_functions::{ViewFunctionDispatchError, ViewFunctionId},
    weights::Weight,
};
use pallet_transaction_payment::{FeeDetails, RuntimeDispatchInfo};
use sp_api::impl_runtime_apis;
use sp_authority_discovery::AuthorityId as AuthorityDiscoveryId;
use sp_consensus_babe::{BabeConfiguration, Slot};
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_genesis_builder::PresetId;
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
    ApplyExtrinsicResult, ExtrinsicInclusionMode,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_staking::{EraIndex, Page};
use sp_version::RuntimeVersion;

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block)
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
        fn execute_view_function(id: ViewFunctionId, input: Vec<u8>) -> Result<Vec<u8>, ViewFunctionDispatchError> {
            Runtime::execute_view_function(id, input)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(block: <Block as BlockT>::LazyBlock, data: InherentData) -> CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            transaction: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, transaction, block_hash)
        }
    }

    // Our workers are native tasks; offchain workers of FRAME pallets run only where a node turns them on.
    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl sp_consensus_babe::BabeApi<Block> for Runtime {
        fn configuration() -> BabeConfiguration {
            let epoch = Babe::epoch_config().unwrap_or(crate::configs::BABE_GENESIS_EPOCH_CONFIGURATION);
            BabeConfiguration {
                slot_duration: Babe::slot_duration(),
                epoch_length: crate::configs::EpochDuration::get(),
                c: epoch.c,
                authorities: Babe::authorities().to_vec(),
                randomness: Babe::randomness(),
                allowed_slots: epoch.allowed_slots,
            }
        }

        fn current_epoch_start() -> Slot {
            Babe::current_epoch_start()
        }

        fn current_epoch() -> sp_consensus_babe::Epoch {
            Babe::current_epoch()
        }

        fn next_epoch() -> sp_consensus_babe::Epoch {
            Babe::next_epoch()
        }

        fn generate_key_ownership_proof(
            _slot: Slot,
            authority_id: sp_consensus_babe::AuthorityId,
        ) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_babe::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
            key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            pallet_grandpa::CurrentSetId::<Runtime>::get()
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_grandpa::SetId,
            authority_id: sp_consensus_grandpa::AuthorityId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
            key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Grandpa::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
        }
    }

    impl sp_authority_discovery::AuthorityDiscoveryApi<Block> for Runtime {
        fn authorities() -> Vec<AuthorityDiscoveryId> {
            AuthorityDiscovery::authorities()
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(extrinsic: <Block as BlockT>::Extrinsic, length: u32) -> RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(extrinsic, length)
        }

        fn query_fee_details(extrinsic: <Block as BlockT>::Extrinsic, length: u32) -> FeeDetails<Balance> {
            TransactionPayment::query_fee_details(extrinsic, length)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall>
        for Runtime
    {
        fn query_call_info(call: RuntimeCall, length: u32) -> RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, length)
        }

        fn query_call_fee_details(call: RuntimeCall, length: u32) -> FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, length)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_staking_runtime_api::StakingApi<Block, Balance, AccountId> for Runtime {
        fn nominations_quota(balance: Balance) -> u32 {
            Staking::api_nominations_quota(balance)
        }

        fn eras_stakers_page_count(era: EraIndex, account: AccountId) -> Page {
            Staking::api_eras_stakers_page_count(era, account)
        }

        fn pending_rewards(era: EraIndex, account: AccountId) -> bool {
            Staking::api_pending_rewards(era, account)
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis_presets::preset)
        }

        fn preset_names() -> Vec<PresetId> {
            genesis_presets::names()
        }
    }

    impl conclave_primitives::api::CommitteeApi<Block> for Runtime {
        fn committee() -> Option<conclave_primitives::Committee> {
            Committee::committee()
        }

        fn attempt() -> Option<AttemptView> {
            Committee::attempt()
        }

        fn dealings() -> Vec<(ParticipantIndex, Vec<u8>)> {
            Committee::dealings()
        }

        fn dealing_key(signing: [u8; 32]) -> Option<conclave_primitives::DealingKeyView> {
            Committee::dealing_key(&signing)
        }
    }

    impl conclave_primitives::api::PkpApi<Block> for Runtime {
        fn pkp(id: PkpId) -> Option<PkpView> {
            Pkp::pkp(id)
        }

        fn pkps_of(owner: AccountBytes, after: Option<PkpId>, limit: u32) -> Vec<PkpId> {
            Pkp::pkps_of(&owner.into(), after, limit)
        }

        fn scopes(id: PkpId, method: AuthMethod) -> Option<Scopes> {
            Pkp::scopes(id, method)
        }

        fn listed_scopes(id: PkpId, method: AuthMethod, list: u32, proof: Vec<[u8; 32]>) -> Option<Scopes> {
            Pkp::listed_scopes(id, method, list, &proof)
        }

        fn pkps_permitting(method: AuthMethod, after: Option<PkpId>, limit: u32) -> Vec<PkpId> {
            Pkp::pkps_permitting(method, after, limit)
        }

        fn login_settings() -> LoginSettings {
            pallet_pkp::Logins::<Runtime>::get()
        }

        fn addresses(id: PkpId) -> Option<PkpAddresses> {
            Pkp::addresses(id)
        }
    }

    impl conclave_primitives::api::AccessConditionsApi<Block> for Runtime {
        fn policy(id: PolicyId) -> Option<PolicyView> {
            AccessConditions::policy(id)
        }

        fn chain(name: ChainName) -> Option<ExternalChain> {
            AccessConditions::chain(&name)
        }

        fn chains() -> Vec<(ChainName, ExternalChain)> {
            AccessConditions::chains()
        }

        fn condition(json: Vec<u8>) -> Result<(Condition, ConditionHash), Vec<u8>> {
            AccessConditions::condition(&json).map_err(Into::into)
        }
    }

    impl conclave_primitives::api::ActionsApi<Block> for Runtime {
        fn program(cid: Cid) -> Option<Vec<u8>> {
            Actions::program(cid)
        }

        fn limits() -> Limits {
            pallet_actions::ExecutionLimits::<Runtime>::get()
        }

        fn prices() -> Prices {
            pallet_actions::ExecutionPrices::<Runtime>::get()
        }
    }

    impl conclave_primitives::api::AttestationApi<Block> for Runtime {
        fn anchors() -> Vec<[u8; 32]> {
            Attestation::anchors()
        }

        fn validator_of(signing: [u8; 32]) -> Option<AccountBytes> {
            pallet_committee::KeyOwner::<Runtime>::get(signing).map(Into::into)
        }

        fn machine(validator: AccountBytes) -> Option<MachineView> {
            Attestation::machine(&validator.into())
        }

        fn report_data(
            validator: AccountBytes,
            purpose: ReportPurpose,
            block_number: BlockNumber,
        ) -> Option<[u8; 64]> {
            Attestation::report_data_at(&validator.into(), purpose, block_number)
        }

        fn judge_report(
            report: Vec<u8>,
            vcek: Vec<u8>,
            ask_serial: u64,
        ) -> Result<Vec<ReportFinding>, Vec<u8>> {
            Attestation::findings(&report, &vcek, ask_serial)
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            crate::benchmarks::metadata(extra)
        }

        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            crate::benchmarks::dispatch(config)
        }
    }
}
