//! The command line: what sc-cli gives every Substrate node, with our defaults.

use crate::{action::ActionCommand, attestation::AttestationCommand, Edition};
use sc_cli::{
    BuildSpecCmd, ChainInfoCmd, ChainSpec, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd,
    ExportStateCmd, ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd, RunCmd, SubstrateCli,
};
use std::path::PathBuf;

#[derive(Debug, clap::Parser)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) subcommand: Option<Subcommand>,

    #[command(flatten)]
    pub(crate) run: RunCmd,

    /// File (TOML) with this node's endpoints of external chains, which access conditions ask: `[[endpoint]]` with
    /// `chain`, `url` and `headers`, and `allowed-addresses`. Several of a chain vote. It may hold API keys. Under
    /// `[actions]`: `allowed-addresses` that actions may reach, and the `ipfs-gateway` of their programs.
    #[arg(long, value_name = "FILE")]
    pub(crate) external_chains: Option<PathBuf>,

    /// Set once the command line is parsed.
    #[arg(skip)]
    pub(crate) edition: Edition,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
    /// Generate, inspect and insert keys.
    #[command(subcommand)]
    Key(KeySubcommand),

    /// Print a chain specification; --raw for the form that all nodes of a chain must share.
    BuildSpec(BuildSpecCmd),

    /// Write a chain specification to a file.
    ExportChainSpec(ExportChainSpecCmd),

    /// Execute a block again and compare the result.
    CheckBlock(CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(ExportBlocksCmd),

    /// Write the state at a block as a chain specification.
    ExportState(ExportStateCmd),

    /// Import blocks from a file.
    ImportBlocks(ImportBlocksCmd),

    /// Delete the database of a chain. Keys stay.
    PurgeChain(PurgeChainCmd),

    /// Remove the newest blocks that are not finalised.
    Revert(RevertCmd),

    /// Check reports of sealed machines, and have their certificates.
    #[command(subcommand)]
    Attestation(AttestationCommand),

    /// Run actions here, to see what they do.
    #[command(subcommand)]
    Action(ActionCommand),

    /// Print the best and the finalised block in the database.
    ChainInfo(ChainInfoCmd),
}

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Conclave Node".into()
    }

    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        "the Conclave developers".into()
    }

    fn support_url() -> String {
        "the Conclave issue tracker".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
        crate::chain_spec::load(id, self.edition)
    }

    fn setup_command(command: clap::Command) -> clap::Command {
        command
            .name(Self::executable_name())
            .version(Self::impl_version())
            .about(Self::description())
            .propagate_version(true)
            .args_conflicts_with_subcommands(true)
            .subcommand_negates_reqs(true)
            // litep2p works too; libp2p is what the committee's protocol has been run on for longest.
            .mut_arg("network_backend", |argument| argument.default_value("libp2p"))
            // No pallet here has an offchain worker: ours are native tasks, and running the hook at every block
            // would only cost time.
            .mut_arg("enabled", |argument| argument.default_value("never"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        Cli::setup_command(Cli::command()).debug_assert();
    }

    #[test]
    fn defaults_are_ours() {
        let cli = Cli::try_from_iter(["conclave-node", "--dev"]).expect("valid arguments");
        assert!(matches!(cli.run.network_params.network_backend, sc_cli::NetworkBackendType::Libp2p));
        assert!(matches!(cli.run.offchain_worker_params.enabled, sc_cli::OffchainWorkerEnabled::Never));
        let cli =
            Cli::try_from_iter(["conclave-node", "--network-backend", "litep2p"]).expect("valid arguments");
        assert!(matches!(cli.run.network_params.network_backend, sc_cli::NetworkBackendType::Litep2p));
    }
}
