//! `conclave-node attestation rewrap-request`, `rewrap` and `rewrap-accept`: a validator's records for the next release.

use super::{approvals::Database, bytes, input, Bytes};
use crate::{
    service::{self, ChainOperations},
    worker::{self, rewrap},
    Edition,
};
use codec::{DecodeAll, Encode};
use sc_cli::{CliConfiguration, DatabaseParams, NodeKeyParams, SharedParams};
use sc_service::Configuration;
use std::{
    fs,
    path::{Path, PathBuf},
};

#[derive(Debug, clap::Args)]
pub(crate) struct RewrapRequestCommand {
    /// Where to write the request.
    #[arg(long)]
    output: PathBuf,

    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RewrapCommand {
    /// The request that the new release made.
    #[arg(long)]
    request: PathBuf,

    /// The measurement of the new release, in hex. Governance has to have approved it.
    #[arg(long, value_parser = bytes::<48>)]
    to_measurement: Bytes<48>,

    /// Where to write what the new release accepts.
    #[arg(long)]
    output: PathBuf,

    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RewrapAcceptCommand {
    /// What the old release wrote.
    #[arg(long)]
    rewrapped: PathBuf,

    #[command(flatten)]
    place: Place,
}

/// The node whose records they are, which must not run.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    #[command(flatten)]
    shared: SharedParams,

    #[command(flatten)]
    node_key: NodeKeyParams,

    #[command(flatten)]
    database: DatabaseParams,
}

impl CliConfiguration for Place {
    fn shared_params(&self) -> &SharedParams {
        &self.shared
    }

    fn node_key_params(&self) -> Option<&NodeKeyParams> {
        Some(&self.node_key)
    }

    fn database_params(&self) -> Option<&DatabaseParams> {
        Some(&self.database)
    }
}

/// One of the three, with what it works on.
pub(crate) enum Rewrapping<'a> {
    Request(&'a RewrapRequestCommand),
    Rewrap(&'a RewrapCommand),
    Accept(&'a RewrapAcceptCommand),
}

impl Rewrapping<'_> {
    pub(crate) fn place(&self) -> &Place {
        match self {
            Self::Request(command) => &command.place,
            Self::Rewrap(command) => &command.place,
            Self::Accept(command) => &command.place,
        }
    }

    pub(crate) fn run(&self, config: Configuration, edition: Edition) -> sc_cli::Result<()> {
        let directory = worker::directory(&config);
        let id = config.chain_spec.id().to_owned();
        let machine = (edition.machine)(&directory).map_err(input)?;
        // The new image has no transport key before it has the records.
        let transport = match self {
            Self::Rewrap(_) => worker::transport_key(&config, &machine).map_err(sc_cli::Error::Service)?,
            _ => [0; 32],
        };
        let ChainOperations { client, .. } =
            service::chain_operations(config, edition).map_err(sc_cli::Error::Service)?;
        worker::check_roots(&client, (edition.anchors)()).map_err(input)?;
        let slot_duration = sc_consensus_babe::configuration(&*client)
            .map_err(|error| input(error.to_string()))?
            .slot_duration();
        let chain = Database { client, slot_duration };
        let (owner, anchors) = (rewrap::Owner { chain: &id, transport }, (edition.anchors)());
        match self {
            Self::Request(command) => {
                let request = rewrap::request(&machine, &directory, owner, &chain).map_err(input)?;
                write(&command.output, &request.encode())
            }
            Self::Rewrap(command) => {
                let request = read(&command.request)?;
                let Bytes(measurement) = &command.to_measurement;
                let rewrapped =
                    rewrap::rewrap(&machine, &directory, owner, &request, measurement, &chain, anchors);
                write(&command.output, &rewrapped.map_err(input)?.encode())
            }
            Self::Accept(command) => {
                let rewrapped = read(&command.rewrapped)?;
                let records = rewrap::accept(&machine, &directory, owner, &rewrapped, &chain, anchors);
                println!("sealed anew: {} records", records.map_err(input)?);
                Ok(())
            }
        }
    }
}

fn read<T: DecodeAll>(file: &Path) -> sc_cli::Result<T> {
    T::decode_all(&mut super::read(file)?.as_slice())
        .map_err(|error| input(format!("{}: {error}", file.display())))
}

fn write(file: &Path, contents: &[u8]) -> sc_cli::Result<()> {
    fs::write(file, contents).map_err(|error| input(format!("{}: {error}", file.display())))?;
    println!("written: {}", file.display());
    Ok(())
}
