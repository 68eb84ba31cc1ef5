//! Runs what the command line asked for.

use crate::{
    cli::{Cli, Subcommand},
    external_chains,
    service::{self, Block, ChainOperations},
    Edition,
};
use sc_cli::SubstrateCli;
use sc_network::config::NetworkBackendType;

/// Runs what the command line asks of this edition of the node.
///
/// # Errors
/// Whatever the command fails with.
pub fn run(edition: Edition) -> sc_cli::Result<()> {
    let cli = Cli { edition, ..Cli::from_args() };
    match &cli.subcommand {
        None => run_node(&cli),
        Some(Subcommand::Key(command)) => command.run(&cli),
        Some(Subcommand::Attestation(command)) => match command.rewrapping() {
            Some(rewrapping) => {
                let runner = cli.create_runner(rewrapping.place())?;
                runner.sync_run(|config| rewrapping.run(config, edition))
            }
            None => command.run(edition),
        },
        Some(Subcommand::Action(command)) => command.run(edition),
        Some(Subcommand::BuildSpec(command)) => {
            let runner = cli.create_runner(command)?;
            runner.sync_run(|config| command.run(config.chain_spec, config.network))
        }
        Some(Subcommand::ExportChainSpec(command)) => command.run(cli.load_spec(&command.chain)?),
        Some(Subcommand::CheckBlock(command)) => {
            let runner = cli.create_runner(command)?;
            runner.async_run(|config| {
                let ChainOperations { client, import_queue, task_manager, .. } =
                    service::chain_operations(config, edition)?;
                Ok((command.run(client, import_queue), task_manager))
            })
        }
        Some(Subcommand::ExportBlocks(command)) => {
            let runner = cli.create_runner(command)?;
            runner.async_run(|config| {
                let database = config.database.clone();
                let ChainOperations { client, task_manager, .. } =
                    service::chain_operations(config, edition)?;
                Ok((command.run(client, database), task_manager))
            })
        }
        Some(Subcommand::ExportState(command)) => {
            let runner = cli.create_runner(command)?;
            runner.async_run(|config| {
                let specification = config.chain_spec.cloned_box();
                let ChainOperations { client, task_manager, .. } =
                    service::chain_operations(config, edition)?;
                Ok((command.run(client, specification), task_manager))
            })
        }
        Some(Subcommand::ImportBlocks(command)) => {
            let runner = cli.create_runner(command)?;
            runner.async_run(|config| {
                let ChainOperations { client, import_queue, task_manager, .. } =
                    service::chain_operations(config, edition)?;
                Ok((command.run(client, import_queue), task_manager))
            })
        }
        Some(Subcommand::PurgeChain(command)) => {
            let runner = cli.create_runner(command)?;
            runner.sync_run(|config| command.run(config.database))
        }
        Some(Subcommand::Revert(command)) => {
            let runner = cli.create_runner(command)?;
            runner.async_run(|config| {
                let ChainOperations { client, backend, task_manager, .. } =
                    service::chain_operations(config, edition)?;
                Ok((command.run(client, backend, Some(Box::new(service::revert_consensus))), task_manager))
            })
        }
        Some(Subcommand::ChainInfo(command)) => {
            let runner = cli.create_runner(command)?;
            runner.sync_run(|config| command.run::<Block>(&config))
        }
    }
}

fn run_node(cli: &Cli) -> sc_cli::Result<()> {
    let outside = external_chains::load(cli.external_chains.as_deref(), cli.edition.is_production)
        .map_err(|error| sc_cli::Error::Input(error.to_string()))?;
    // A validator's network key is made in its machine and sealed: it waits for no file.
    let mut run = cli.run.clone();
    run.network_params.node_key_params.unsafe_force_node_key_generation = true;
    let runner = cli.create_runner(&run)?;
    let edition = cli.edition;
    runner.run_node_until_exit(|config| async move {
        match config.network.network_backend {
            NetworkBackendType::Libp2p => {
                service::run::<sc_network::NetworkWorker<Block, service::Hash>>(config, outside, edition)
                    .await
            }
            NetworkBackendType::Litep2p => {
                service::run::<sc_network::Litep2pNetworkBackend>(config, outside, edition).await
            }
        }
        .map_err(sc_cli::Error::Service)
    })
}
