//! An upgrade to another release, on the same chip, that keeps the disk: the old image hands what it sealed to the new one.
//!
//! A machine's sealing key has its measurement in it, so that no other image opens its records; to hand them over is for
//! the image that can, and it does so to what governance approved, and to nothing else:
//!
//! ```text
//! new image   request:  makes a key pair, seals the secret; a report binds the public key
//! old image   rewrap:   checks that report by finalized state, as the chain does; encrypts every record to the key; a
//!                       report of its own binds the result
//! new image   accept:   checks that report by finalized state, opens, seals each record as its own
//! ```
//!
//! Both reports have to be of this chip. The new image checks the old one's since the disk is the operator's: keys that
//! somebody else made up must not pass for keys that were made in a machine. The release's `valid_from` is the delay that
//! governance gives everybody to look at it.
//!
//! The encryption is libsodium's sealed box (`crypto_box`): X25519 with a one-time key, XSalsa20-Poly1305.

use super::{
    node_keys,
    sealed::{Records, Seal},
    store::FileRecords,
};
use crate::Machine;
use codec::{Decode, DecodeAll, Encode};
use conclave_primitives::{blake2_256, BlockNumber};
use conclave_snp::{
    Anchor, CertificateStanding, ChipStanding, Circumstances, Claims, Cpuid, Evidence, EvidenceError, Floor,
    Freshness, Policy, Product, Release, ReleaseLookup, Report,
};
use conclave_worker::ports::{StoreError, StoreRecords};
use crypto_box::{aead::OsRng, PublicKey, SecretKey};
use sha2::{Digest, Sha512};
use std::{path::Path, sync::Arc};
use zeroize::Zeroizing;

const DOMAIN: &[u8] = b"CONCLAVE-V1-REWRAP";
/// The new image's secret key, between its two steps.
const KEY: &str = "rewrap-key";
/// The oldest finalized state that is acted on, in seconds: what was revoked since is not in it.
const MAX_AGE: u64 = 60 * 60;

/// What finalized state says of machines.
pub trait Approvals {
    /// The chain.
    fn genesis(&self) -> [u8; 32];
    /// The finalized block, and how many seconds ago it was made.
    fn finalized(&self) -> Result<(BlockNumber, u64), String>;
    /// The hash of a finalized block that is on hand.
    fn block_hash(&self, number: BlockNumber) -> Result<Option<[u8; 32]>, String>;
    /// What is asked of every machine.
    fn policy(&self) -> Result<Policy, String>;
    /// The floor of a processor that is enforced.
    fn floor(&self, cpuid: Cpuid) -> Result<Option<Floor>, String>;
    /// The release with this measurement.
    fn release(&self, measurement: &[u8; 48]) -> Result<Option<Release>, String>;
    /// Whether the chip may not serve.
    fn is_blocked(&self, chip: &[u8; 64]) -> Result<bool, String>;
    /// Whether the ARK of this product revoked its ASK.
    fn is_revoked(&self, product: Product, serial: u64) -> Result<bool, String>;
    /// Seconds since 1970.
    fn now(&self) -> u64;
}

/// Whose records: by this the seals of this chain's node and of its worker are known.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The chain's id.
    pub chain: &'a str,
    /// The worker's transport key.
    pub transport: [u8; 32],
}

/// A machine's word for a step.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Statement {
    block_number: BlockNumber,
    report: Vec<u8>,
    vcek: Vec<u8>,
}

/// The new image asks.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Request {
    public_key: [u8; 32],
    statement: Statement,
}

/// The old image's records, for the new one alone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rewrapped {
    sealed: Vec<u8>,
    statement: Statement,
}

/// Why nothing was handed over.
#[derive(Debug, thiserror::Error)]
pub enum RewrapError {
    /// The chain could not be read.
    #[error("finalized state could not be read: {0}")]
    Chain(String),
    /// It is too old to act on.
    #[error("the last finalized block is {0} s old, at most {MAX_AGE} are allowed: start the node, let it catch up, stop it")]
    Stale(u64),
    /// The machine makes no report.
    #[error(transparent)]
    Machine(#[from] conclave_attestation::ReportError),
    /// The other side's report is refused, by the checks of the chain.
    #[error("the other image's report is refused: {0}")]
    Refused(#[from] EvidenceError),
    /// The other side is on another chip.
    #[error("the other image's report is of another chip")]
    OtherChip,
    /// The request is of another release than was said.
    #[error("the request is of the measurement {found}, not of --to-measurement")]
    Measurement {
        /// In hex.
        found: String,
    },
    /// The release that runs.
    #[error("the request is of the release that runs")]
    SameRelease,
    /// Our own report cannot be read.
    #[error("the machine's own report: {0}")]
    Own(String),
    /// The disk fails, or does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody else's.
    #[error("what was handed over does not open: it is for another request")]
    Sealed,
    /// It opens to something else.
    #[error("what was handed over is malformed")]
    Malformed,
    /// There is no request to accept an answer to.
    #[error("this image has made no request")]
    NoRequest,
    /// There is nothing to hand over.
    #[error("there are no records of this machine")]
    Nothing,
}

/// What is inside [`Rewrapped`].
#[derive(Encode, Decode)]
struct Contents {
    transport: [u8; 32],
    records: Vec<(String, Vec<u8>)>,
}

impl Drop for Contents {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.records.iter_mut().for_each(|(_, bytes)| bytes.zeroize());
    }
}

#[derive(Clone, Copy, Encode)]
enum Step {
    Request,
    Rewrap,
}

/// New image, first step: a key pair whose secret it seals, bound to its machine.
///
/// # Errors
/// [`RewrapError`].
pub fn request(
    machine: &Arc<dyn Machine>,
    directory: &Path,
    owner: Owner<'_>,
    chain: &impl Approvals,
) -> Result<Request, RewrapError> {
    let secret = SecretKey::generate(&mut OsRng);
    let public_key = *secret.public_key().as_bytes();
    let mut records = node_records(machine, directory, owner)?;
    records.write(KEY, Zeroizing::new(secret.to_bytes()).as_ref())?;
    Ok(Request { public_key, statement: state(machine, Step::Request, &public_key, chain)? })
}

/// Old image: hands its records to the new one, which is to have this measurement.
///
/// # Errors
/// [`RewrapError`]: unless the chain's finalized state approves of the new image as it would at a registration.
pub fn rewrap(
    machine: &Arc<dyn Machine>,
    directory: &Path,
    owner: Owner<'_>,
    request: &Request,
    to_measurement: &[u8; 48],
    chain: &impl Approvals,
    anchors: &'static [Anchor],
) -> Result<Rewrapped, RewrapError> {
    let own = own_report(machine)?;
    let claims = verify(&request.statement, Step::Request, &request.public_key, &own, chain, anchors)?;
    let found = claims.report.measurement;
    if found != *to_measurement {
        return Err(RewrapError::Measurement { found: hex::encode(found) });
    }
    if found == own.measurement {
        return Err(RewrapError::SameRelease);
    }
    let mut contents = Contents { transport: owner.transport, records: Vec::new() };
    let (node, worker) =
        (node_records(machine, directory, owner)?, worker_records(machine, directory, owner, chain)?);
    for name in node.list("")? {
        // Only the other image opens its own.
        if name == KEY {
            continue;
        }
        let records = if node_keys::NAMES.contains(&name.as_str()) { &node } else { &worker };
        if let Some(bytes) = records.read(&name)? {
            contents.records.push((name, bytes));
        }
    }
    if contents.records.is_empty() {
        return Err(RewrapError::Nothing);
    }
    let plaintext = Zeroizing::new(contents.encode());
    let sealed = PublicKey::from(request.public_key)
        .seal(&mut OsRng, &plaintext)
        .map_err(|_| RewrapError::Malformed)?;
    let payload = handed_over(&request.public_key, &sealed);
    Ok(Rewrapped { sealed, statement: state(machine, Step::Rewrap, &payload, chain)? })
}

/// New image, last step: seals what the old one handed over as its own. Returns how many records.
///
/// # Errors
/// [`RewrapError`]: unless the chain's finalized state approves of the old image still.
pub fn accept(
    machine: &Arc<dyn Machine>,
    directory: &Path,
    owner: Owner<'_>,
    rewrapped: &Rewrapped,
    chain: &impl Approvals,
    anchors: &'static [Anchor],
) -> Result<usize, RewrapError> {
    let mut node = node_records(machine, directory, owner)?;
    let secret = Zeroizing::new(node.read(KEY)?.ok_or(RewrapError::NoRequest)?);
    let secret = SecretKey::from_slice(&secret).map_err(|_| RewrapError::Malformed)?;
    let payload = handed_over(secret.public_key().as_bytes(), &rewrapped.sealed);
    let own = own_report(machine)?;
    verify(&rewrapped.statement, Step::Rewrap, &payload, &own, chain, anchors)?;
    let plaintext = Zeroizing::new(secret.unseal(&rewrapped.sealed).map_err(|_| RewrapError::Sealed)?);
    let contents = Contents::decode_all(&mut plaintext.as_slice()).map_err(|_| RewrapError::Malformed)?;
    let owner = Owner { transport: contents.transport, ..owner };
    let mut worker = worker_records(machine, directory, owner, chain)?;
    for (name, bytes) in &contents.records {
        let records = if node_keys::NAMES.contains(&name.as_str()) { &mut node } else { &mut worker };
        records.write(name, bytes)?;
    }
    // Last: after a power cut this step begins anew.
    node.erase(KEY)?;
    Ok(contents.records.len())
}

/// The worker's records, as this machine seals and opens them.
///
/// # Errors
/// [`RewrapError`].
pub fn records(
    machine: &Arc<dyn Machine>,
    directory: &Path,
    owner: Owner<'_>,
    chain: &impl Approvals,
) -> Result<impl StoreRecords, RewrapError> {
    worker_records(machine, directory, owner, chain)
}

fn node_records(
    machine: &Arc<dyn Machine>,
    directory: &Path,
    owner: Owner<'_>,
) -> Result<Records, RewrapError> {
    node_keys::records(directory, owner.chain, machine).map_err(RewrapError::Own)
}

fn worker_records(
    machine: &Arc<dyn Machine>,
    directory: &Path,
    owner: Owner<'_>,
    chain: &impl Approvals,
) -> Result<Records, RewrapError> {
    let seal = Seal::new(machine.clone(), chain.genesis(), owner.transport).map_err(RewrapError::Own)?;
    let files = FileRecords::open(directory).map_err(|error| RewrapError::Own(error.to_string()))?;
    Ok(Records::new(files, Some(seal)))
}

fn own_report(machine: &Arc<dyn Machine>) -> Result<Report, RewrapError> {
    let sealed = machine.report([0; 64])?;
    let (report, _) = Report::parse(&sealed.report).map_err(|error| RewrapError::Own(error.to_string()))?;
    Ok(report)
}

fn handed_over(public_key: &[u8; 32], sealed: &[u8]) -> [u8; 32] {
    blake2_256(&(public_key, sealed).encode())
}

/// Every field has one length, or its length with it.
fn report_data(
    step: Step,
    payload: &[u8; 32],
    number: BlockNumber,
    hash: [u8; 32],
    genesis: [u8; 32],
) -> [u8; 64] {
    Sha512::digest((DOMAIN, genesis, step, payload, number, hash).encode()).into()
}

fn fresh_block(chain: &impl Approvals) -> Result<BlockNumber, RewrapError> {
    let (number, age) = chain.finalized().map_err(RewrapError::Chain)?;
    match age > MAX_AGE {
        true => Err(RewrapError::Stale(age)),
        false => Ok(number),
    }
}

fn hash_of(chain: &impl Approvals, number: BlockNumber) -> Result<Option<[u8; 32]>, RewrapError> {
    chain.block_hash(number).map_err(RewrapError::Chain)
}

fn state(
    machine: &Arc<dyn Machine>,
    step: Step,
    payload: &[u8; 32],
    chain: &impl Approvals,
) -> Result<Statement, RewrapError> {
    let block_number = fresh_block(chain)?;
    let hash = hash_of(chain, block_number)?
        .ok_or_else(|| RewrapError::Chain("the finalized block has no hash".into()))?;
    let sealed = machine.report(report_data(step, payload, block_number, hash, chain.genesis()))?;
    Ok(Statement { block_number, report: sealed.report.to_vec(), vcek: sealed.vcek })
}

/// The sixteen checks and both signatures, by finalized state; and that it is our own chip.
fn verify(
    statement: &Statement,
    step: Step,
    payload: &[u8; 32],
    own: &Report,
    chain: &impl Approvals,
    anchors: &'static [Anchor],
) -> Result<Claims, RewrapError> {
    let now = fresh_block(chain)?;
    let evidence = Evidence::parse(&statement.report, &statement.vcek, anchors)?;
    let (anchor, said) = (evidence.vcek().anchor(), evidence.report());
    if said.chip_id != own.chip_id {
        return Err(RewrapError::OtherChip);
    }
    let floor = said.cpuid.map(|cpuid| chain.floor(cpuid).map(|floor| floor.map(|floor| (cpuid, floor))));
    let floors: Vec<_> = floor.transpose().map_err(RewrapError::Chain)?.flatten().into_iter().collect();
    let release = chain.release(&said.measurement).map_err(RewrapError::Chain)?;
    let hash = hash_of(chain, statement.block_number)?;
    let is_blocked = chain.is_blocked(&said.chip_id).map_err(RewrapError::Chain)?;
    let data = report_data(step, payload, statement.block_number, hash.unwrap_or_default(), chain.genesis());
    let circumstances = Circumstances {
        anchors,
        floors: &floors,
        release: Some(ReleaseLookup { found: release.as_ref(), now }),
        report_data: Some(data),
        // Between two launches on one chip the chain takes nothing: the new one registers afterwards, or is refused.
        is_report_id_taken: Some(false),
        chip: Some(if is_blocked { ChipStanding::Blocked } else { ChipStanding::Free }),
        freshness: Some(Freshness {
            number: statement.block_number,
            is_ours: hash.is_some(),
            now: now.max(statement.block_number),
            last: None,
        }),
        certificate: Some(CertificateStanding {
            now: chain.now(),
            is_ask_revoked: chain
                .is_revoked(anchor.product, anchor.ask_serial)
                .map_err(RewrapError::Chain)?,
        }),
    };
    let policy = chain.policy().map_err(RewrapError::Chain)?;
    Ok(evidence.verify((anchor.ask, anchor.ask_serial), &policy, &circumstances)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-512, by another implementation, of what both sides know.
    const REQUEST_DATA: &str = "5953b67b068d03ac6b2add1c55d991eb9d15629ab1431565b959fa2d582f48aa\
        e74bf197b3825c02f2f786b9952ca7b2ae62bfc8f0c65cb3c4cfb6ad731d4e34";
    const REWRAP_DATA: &str = "a7532323001e340ce8be646f0b01959428a05ced4e804ee57fcdf1bd7855d6d4\
        20ac6ddc81f37a6a3272415a99cf24760e3b021ea18fae5cee55f6385024b019";

    /// Two releases have these in common: the old image and the new one exchange them.
    #[test]
    fn what_images_exchange_should_stay() {
        let statement = Statement { block_number: 7, report: vec![1, 2], vcek: vec![3] };
        let request = Request { public_key: [4; 32], statement: statement.clone() };
        let rewrapped = Rewrapped { sealed: vec![5, 6], statement };
        let contents = Contents { transport: [8; 32], records: vec![("a.1-0".into(), vec![9])] };
        let data = |step| report_data(step, &[10; 32], 7, [11; 32], [12; 32]).to_vec();
        let (four, eight) = ("04".repeat(32), "08".repeat(32));
        let pinned = [
            (request.encode(), format!("{four}070000000801020403")),
            (rewrapped.encode(), "080506070000000801020403".into()),
            (contents.encode(), format!("{eight}0414612e312d300409")),
            (data(Step::Request), REQUEST_DATA.into()),
            (data(Step::Rewrap), REWRAP_DATA.into()),
        ];
        for (bytes, hex) in pinned {
            assert_eq!(hex::encode(bytes), hex);
        }
    }
}
