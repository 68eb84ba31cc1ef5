//! What the node and clients read of the chain, through runtime APIs.

use alloc::vec::Vec;

use crate::{
    actions::{Limits, Prices},
    conditions::{ChainName, Condition, ConditionHash, ExternalChain, PolicyId},
    AccountBytes, AttemptView, AuthMethod, BlockNumber, Cid, Committee, DealingKeyView, LoginSettings,
    MachineView, ParticipantIndex, PkpAddresses, PkpId, PkpView, PolicyView, ReportFinding, ReportPurpose,
    Scopes,
};

sp_api::decl_runtime_apis! {
    /// The committee and its making.
    pub trait CommitteeApi {
        /// The committee that serves, with its root keys; none before the first activation.
        fn committee() -> Option<Committee>;
        /// The attempt to make the next committee that runs, if one does.
        fn attempt() -> Option<AttemptView>;
        /// The SCALE-encoded dealings that stand, of the running attempt or else of the one that made
        /// the committee: a member that was off takes its shares from them later.
        fn dealings() -> Vec<(ParticipantIndex, Vec<u8>)>;
        /// The dealing key of the worker with this signing key; none if it is not registered.
        fn dealing_key(signing: [u8; 32]) -> Option<DealingKeyView>;
    }

    /// The PKP registry.
    pub trait PkpApi {
        /// A PKP with its keys and permissions.
        fn pkp(id: PkpId) -> Option<PkpView>;
        /// The PKPs an account owns, at most `limit` after `after`.
        fn pkps_of(owner: crate::AccountBytes, after: Option<PkpId>, limit: u32) -> Vec<PkpId>;
        /// What an auth method may do with a PKP; all for its owner.
        fn scopes(id: PkpId, method: AuthMethod) -> Option<Scopes>;
        /// What an auth method may do with a PKP as one of a permitted list, shown by its Merkle proof.
        fn listed_scopes(id: PkpId, method: AuthMethod, list: u32, proof: Vec<[u8; 32]>) -> Option<Scopes>;
        /// The PKPs that permit an auth method, not as owner nor by a list: at most `limit` after `after`.
        fn pkps_permitting(method: AuthMethod, after: Option<PkpId>, limit: u32) -> Vec<PkpId>;
        /// By which logins users are let in.
        fn login_settings() -> LoginSettings;
        /// A PKP's addresses.
        fn addresses(id: PkpId) -> Option<PkpAddresses>;
    }

    /// Sealed machines.
    pub trait AttestationApi {
        /// The fingerprints of the ARKs that the runtime trusts: SHA-256 of their certificates.
        fn anchors() -> Vec<[u8; 32]>;
        /// The validator whose worker has this signing key.
        fn validator_of(signing: [u8; 32]) -> Option<AccountBytes>;
        /// A validator's machine; none without session keys or worker keys.
        fn machine(validator: AccountBytes) -> Option<MachineView>;
        /// REPORT_DATA of a validator's report that is bound to this block, if its hash is on hand.
        fn report_data(
            validator: AccountBytes,
            purpose: ReportPurpose,
            block_number: BlockNumber,
        ) -> Option<[u8; 64]>;
        /// What the sixteen checks find of a report and the certificate of its key (DER) now, without submitting it; or why
        /// they are no evidence. Those of what it is bound to and of whom it serves are not judged.
        fn judge_report(
            report: Vec<u8>,
            vcek: Vec<u8>,
            ask_serial: u64,
        ) -> Result<Vec<ReportFinding>, Vec<u8>>;
    }

    /// Published actions, and what executions may use and cost.
    pub trait ActionsApi {
        /// The bytes of a published program.
        fn program(cid: Cid) -> Option<Vec<u8>>;
        /// What an execution may use, on each member.
        fn limits() -> Limits;
        /// What each use costs, on each member.
        fn prices() -> Prices;
    }

    /// Policies and the registry of external chains.
    pub trait AccessConditionsApi {
        /// A policy as it is now; none if it is revoked.
        fn policy(id: PolicyId) -> Option<PolicyView>;
        /// An external chain that conditions may ask.
        fn chain(name: ChainName) -> Option<ExternalChain>;
        /// All of them.
        fn chains() -> Vec<(ChainName, ExternalChain)>;
        /// A condition in our JSON (UTF-8), as its canonical bytes, for `create_policy`, with their hash; or what was
        /// expected in which field, in words.
        fn condition(json: Vec<u8>) -> Result<(Condition, ConditionHash), Vec<u8>>;
    }
}
