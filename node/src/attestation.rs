//! `conclave-node attestation`: what an operator does with reports and certificates, offline; and what a client does with
//! the answer of `conclave_attestation`.

mod approvals;
mod members;
mod rewrap;

use crate::Edition;
use conclave_attestation::{inspect, kds_address, Bundle, Expectations};
use conclave_snp::{Evidence, Policy, Report, AMD, PRODUCTION_FLOORS};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum AttestationCommand {
    /// Check a report and its certificates, and print every check. Needs neither chain nor network.
    ///
    /// By the code that the runtime runs, with AMD's roots compiled in and the policy that a chain begins with. Fails
    /// where anything is refused.
    Verify(VerifyCommand),

    /// Print where AMD gives the certificate of a report's chip; take the file that was fetched there.
    FetchVcek(FetchVcekCommand),

    /// Check the machines of all members, as `conclave_attestation` gave them for your nonce.
    ///
    /// By the code that the runtime runs and the client library has. Fails where a member is missing or refused.
    VerifyMembers(members::VerifyMembersCommand),

    /// Upgrade, first step, under the new release: ask the old one for this validator's records.
    RewrapRequest(rewrap::RewrapRequestCommand),

    /// Upgrade, second step, under the old release: hand the records over to the release that asked.
    ///
    /// Refused unless finalized state has it as an active release, and its report passes every check of the chain.
    Rewrap(rewrap::RewrapCommand),

    /// Upgrade, last step, under the new release: seal what was handed over.
    RewrapAccept(rewrap::RewrapAcceptCommand),
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyCommand {
    /// A report of 1184 bytes, and certificates in DER or PEM, in any order. The ARK's and the ASK's may be left out.
    #[arg(required = true)]
    files: Vec<PathBuf>,

    /// The measurement that the report should have, in hex.
    #[arg(long, value_parser = bytes::<48>)]
    measurement: Option<Bytes<48>>,

    /// What the report should be bound to, in hex.
    #[arg(long, value_parser = bytes::<64>)]
    report_data: Option<Bytes<64>>,

    /// The time to judge by, in seconds since 1970; by default now.
    #[arg(long)]
    at: Option<u64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FetchVcekCommand {
    /// A report of this machine, 1184 bytes.
    report: PathBuf,

    /// The certificate that was fetched, in DER or PEM. It is checked against the report.
    #[arg(long, requires = "save")]
    certificate: Option<PathBuf>,

    /// Where to keep it, in DER.
    #[arg(long)]
    save: Option<PathBuf>,
}

/// Bytes from hex of exactly this length.
#[derive(Clone, Copy, Debug)]
struct Bytes<const N: usize>([u8; N]);

fn bytes<const N: usize>(text: &str) -> Result<Bytes<N>, String> {
    let decoded = hex::decode(text.trim_start_matches("0x")).map_err(|error| error.to_string())?;
    decoded.try_into().map(Bytes).map_err(|_| format!("expected {N} bytes"))
}

impl AttestationCommand {
    pub(crate) fn run(&self, edition: Edition) -> sc_cli::Result<()> {
        match self {
            Self::Verify(command) => command.run(),
            Self::FetchVcek(command) => command.run(),
            Self::VerifyMembers(command) => command.run((edition.anchors)()),
            Self::RewrapRequest(_) | Self::Rewrap(_) | Self::RewrapAccept(_) => Ok(()),
        }
    }

    /// What needs the node's database.
    pub(crate) fn rewrapping(&self) -> Option<rewrap::Rewrapping<'_>> {
        match self {
            Self::RewrapRequest(command) => Some(rewrap::Rewrapping::Request(command)),
            Self::Rewrap(command) => Some(rewrap::Rewrapping::Rewrap(command)),
            Self::RewrapAccept(command) => Some(rewrap::Rewrapping::Accept(command)),
            _ => None,
        }
    }
}

impl VerifyCommand {
    fn run(&self) -> sc_cli::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let expectations = Expectations {
            now: Some(self.at.unwrap_or(now)),
            measurement: self.measurement.map(|Bytes(measurement)| measurement),
            report_data: self.report_data.map(|Bytes(data)| data),
        };
        let inspection =
            inspect(&read_bundle(&self.files)?, &AMD, &Policy::PRODUCTION, &PRODUCTION_FLOORS, &expectations);
        println!("{inspection}");
        inspection.is_good().then_some(()).ok_or_else(|| input("the report is refused"))
    }
}

impl FetchVcekCommand {
    fn run(&self) -> sc_cli::Result<()> {
        let report = read(&self.report)?;
        let (parsed, _) = Report::parse(&report).map_err(input)?;
        let (Some(certificate), Some(save)) = (&self.certificate, &self.save) else {
            println!("{}", kds_address(&parsed, &AMD).map_err(input)?);
            return Ok(());
        };
        let bundle = read_bundle(std::slice::from_ref(certificate))?;
        let vcek = bundle.vcek.ok_or_else(|| input("no certificate of a VCEK in the file"))?;
        let evidence = Evidence::parse(&report, &vcek, &AMD).map_err(input)?;
        evidence.bind().map_err(input)?;
        if !evidence.is_certified_by(evidence.vcek().anchor().ask) {
            return Err(input("the ASK's signature of the certificate is wrong"));
        }
        fs::write(save, &vcek).map_err(|error| input(format!("{}: {error}", save.display())))?;
        println!("kept in {}", save.display());
        Ok(())
    }
}

fn read_bundle(files: &[PathBuf]) -> sc_cli::Result<Bundle> {
    let contents: sc_cli::Result<Vec<_>> =
        files.iter().map(|file| Ok((file.display().to_string(), read(file)?))).collect();
    Bundle::read(contents?).map_err(input)
}

fn read(file: &Path) -> sc_cli::Result<Vec<u8>> {
    fs::read(file).map_err(|error| input(format!("{}: {error}", file.display())))
}

fn input(error: impl ToString) -> sc_cli::Error {
    sc_cli::Error::Input(error.to_string())
}
