//! `conclave-node attestation verify-members`: what a client checks of the answer of `conclave_attestation`.

use super::{bytes, input, read, Bytes};
use codec::DecodeAll;
use conclave_client::{verify_attestation, Attestation, Trust};
use conclave_primitives::{AccountBytes, BlockNumber, WorkerKeys};
use conclave_snp::{Anchor, Cpuid, Floor, Policy, Release};
use serde::Deserialize;
use sp_core::crypto::{AccountId32, Ss58Codec};
use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyMembersCommand {
    /// The answer of `conclave_attestation`, in JSON.
    answer: PathBuf,

    /// The nonce that was asked with, in hex: drawn at random, and used once.
    #[arg(long, value_parser = bytes::<32>)]
    nonce: Bytes<32>,

    /// What you believe by yourself, in JSON: `genesisHash`, `finalized`, `members` (each with `validator` and
    /// `transport`), and in SCALE `policy`, `floors` (CPUID and floor) and `releases`, from finalized state.
    #[arg(long)]
    trust: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TrustFile {
    genesis_hash: String,
    finalized: BlockNumber,
    members: Vec<MemberEntry>,
    policy: String,
    floors: Vec<(String, String)>,
    releases: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct MemberEntry {
    validator: String,
    transport: String,
}

#[derive(Debug, Deserialize)]
struct Answer {
    members: Vec<Shown>,
}

/// Either a machine or the reason why there is none.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    index: u8,
    error: Option<String>,
    #[serde(flatten)]
    machine: Option<Machine>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Machine {
    validator: String,
    session_keys: String,
    worker_keys: Keys,
    block_number: BlockNumber,
    block_hash: String,
    report: String,
    vcek: String,
}

#[derive(Debug, Deserialize)]
struct Keys {
    encryption: String,
    signing: String,
    transport: String,
}

impl VerifyMembersCommand {
    pub(super) fn run(&self, anchors: &'static [Anchor]) -> sc_cli::Result<()> {
        let trusted: TrustFile = serde_json::from_slice(&read(&self.trust)?).map_err(input)?;
        let answer: Answer = serde_json::from_slice(&read(&self.answer)?).map_err(input)?;
        let policy: Policy = scale("policy", &trusted.policy)?;
        let floors = trusted
            .floors
            .iter()
            .map(|(cpuid, floor)| Ok((scale::<Cpuid>("floors", cpuid)?, scale::<Floor>("floors", floor)?)))
            .collect::<sc_cli::Result<Vec<_>>>()?;
        let releases = trusted
            .releases
            .iter()
            .map(|release| scale::<Release>("releases", release))
            .collect::<sc_cli::Result<Vec<_>>>()?;
        let trust = Trust {
            anchors,
            genesis: fixed("genesisHash", &trusted.genesis_hash)?,
            policy: &policy,
            floors: &floors,
            releases: &releases,
            finalized: trusted.finalized,
            now: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        };
        let mut refused = 0_usize;
        for (member, index) in trusted.members.iter().zip(1_u8..) {
            let shown = answer.members.iter().find(|shown| shown.index == index);
            match verify(member, shown, self.nonce.0, &trust) {
                Ok(said) => println!("member {index}: {said}"),
                Err(reason) => {
                    refused = refused.saturating_add(1);
                    println!("member {index}: REFUSED: {reason}");
                }
            }
        }
        match (trusted.members.is_empty(), refused) {
            (false, 0) => Ok(()),
            (true, _) => Err(input("no member is expected")),
            _ => Err(input(format!("{refused} of {} members are refused", trusted.members.len()))),
        }
    }
}

fn verify(
    member: &MemberEntry,
    shown: Option<&Shown>,
    nonce: [u8; 32],
    trust: &Trust<'_>,
) -> Result<String, String> {
    let shown = shown.ok_or("it is not in the answer")?;
    let machine = match (&shown.error, &shown.machine) {
        (None, Some(machine)) => machine,
        (reason, _) => return Err(reason.clone().unwrap_or_else(|| "the answer lacks fields".into())),
    };
    let attestation = machine.read().map_err(|error| error.to_string())?;
    let transport: [u8; 32] = fixed("transport", &member.transport).map_err(|error| error.to_string())?;
    if attestation.validator != account(&member.validator)? || attestation.worker_keys.transport != transport
    {
        return Err("another member's machine".into());
    }
    let claims = verify_attestation(&attestation, nonce, trust).map_err(|error| error.to_string())?;
    let report = &claims.report;
    Ok(format!(
        "verified: chip {}…, measurement {}, bound to block {}",
        hex::encode(report.chip_id.first_chunk::<20>().unwrap_or(&[0; 20])),
        hex::encode(report.measurement),
        attestation.block_number
    ))
}

impl Machine {
    fn read(&self) -> sc_cli::Result<Attestation> {
        Ok(Attestation {
            validator: account(&self.validator).map_err(input)?,
            session_keys: unhex("sessionKeys", &self.session_keys)?,
            worker_keys: WorkerKeys {
                encryption: fixed("workerKeys.encryption", &self.worker_keys.encryption)?,
                signing: fixed("workerKeys.signing", &self.worker_keys.signing)?,
                transport: fixed("workerKeys.transport", &self.worker_keys.transport)?,
            },
            block_number: self.block_number,
            block_hash: fixed("blockHash", &self.block_hash)?,
            report: unhex("report", &self.report)?,
            vcek: unhex("vcek", &self.vcek)?,
        })
    }
}

fn account(ss58: &str) -> Result<AccountBytes, String> {
    // Of any network: `from_ss58check` takes none with a prefix that is not in the registry, as ours is not.
    AccountId32::from_ss58check_with_version(ss58)
        .map(|(account, _)| account.into())
        .map_err(|_| format!("{ss58} is no account"))
}

fn unhex(field: &str, text: &str) -> sc_cli::Result<Vec<u8>> {
    hex::decode(text.trim_start_matches("0x")).map_err(|error| input(format!("{field}: {error}")))
}

fn fixed<const N: usize>(field: &str, text: &str) -> sc_cli::Result<[u8; N]> {
    unhex(field, text)?.try_into().map_err(|_| input(format!("{field}: expected {N} bytes")))
}

/// Values as the chain stores them.
fn scale<T: DecodeAll>(field: &str, text: &str) -> sc_cli::Result<T> {
    T::decode_all(&mut unhex(field, text)?.as_slice()).map_err(|error| input(format!("{field}: {error}")))
}
