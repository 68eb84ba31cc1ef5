//! Records go from one image to the next on a chip, if the chain approved of both; and else nowhere.

use crate::machine;
use conclave_dev_roots::{anchors, CPUID, FLOOR, MEASUREMENT};
use conclave_node::{
    rewrap::{accept, records, request, rewrap, Approvals, Owner, Request, RewrapError, Rewrapped},
    Machine,
};
use conclave_snp::{Cpuid, EvidenceError, Floor, Identity, Policy, Product, Refusal, Release, ReleaseStatus};
use conclave_worker::ports::StoreRecords;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

const NEXT: [u8; 48] = [0xab; 48];
const OWNER: Owner<'static> = Owner { chain: "dev", transport: [3; 32] };
const RECORD: &str = "shares.3-0";

/// What finalized state says, as a test has it.
#[derive(Clone)]
struct Chain {
    age: u64,
    number: u32,
    genesis: [u8; 32],
    releases: Vec<Release>,
    blocked: bool,
    floor: Floor,
}

impl Approvals for Chain {
    fn genesis(&self) -> [u8; 32] {
        self.genesis
    }
    fn finalized(&self) -> Result<(u32, u64), String> {
        Ok((self.number, self.age))
    }
    fn block_hash(&self, number: u32) -> Result<Option<[u8; 32]>, String> {
        Ok((number <= self.number).then_some([number as u8; 32]))
    }
    fn policy(&self) -> Result<Policy, String> {
        Ok(Policy::PRODUCTION)
    }
    fn floor(&self, cpuid: Cpuid) -> Result<Option<Floor>, String> {
        Ok((cpuid == CPUID).then_some(self.floor))
    }
    fn release(&self, measurement: &[u8; 48]) -> Result<Option<Release>, String> {
        Ok(self.releases.iter().find(|release| release.measurement == *measurement).cloned())
    }
    fn is_blocked(&self, _: &[u8; 64]) -> Result<bool, String> {
        Ok(self.blocked)
    }
    fn is_revoked(&self, _: Product, _: u64) -> Result<bool, String> {
        Ok(false)
    }
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
    }
}

fn release(id: u32, measurement: [u8; 48], status: ReleaseStatus) -> Release {
    let (vcpus, valid_from, valid_until) = (1, 0, None);
    let (source_digest, identity) = ([0; 32], Identity::default());
    Release { id, measurement, vcpus, valid_from, valid_until, status, source_digest, identity }
}

fn chain() -> Chain {
    let releases =
        vec![release(1, MEASUREMENT, ReleaseStatus::Active), release(2, NEXT, ReleaseStatus::Active)];
    Chain { age: 3, number: 90, genesis: [7; 32], releases, blocked: false, floor: FLOOR.1 }
}

/// A disk, and the machine beside it.
struct Disk(PathBuf);

impl Disk {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("conclave-rewrap-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("made");
        Self(folder.join("conclave"))
    }

    fn folder(&self) -> &Path {
        &self.0
    }

    /// Launches an image on a chip.
    fn launch(&self, measurement: [u8; 48], chip: u64) -> Arc<dyn Machine> {
        let text = format!(
            r#"{{"chip":{chip},"measurement":"{}","snp":1,"microcode":1}}"#,
            hex::encode(measurement)
        );
        fs::write(self.0.with_extension("machine.json"), text).expect("written");
        machine::open(&self.0).expect("a machine")
    }

    fn read(&self, machine: &Arc<dyn Machine>) -> Option<Vec<u8>> {
        records(machine, &self.0, OWNER, &chain()).expect("a folder").read(RECORD).ok().flatten()
    }
}

/// The old image has sealed something, the new one asks for it.
fn asked(name: &str) -> (Disk, Arc<dyn Machine>, Arc<dyn Machine>, Request) {
    let disk = Disk::new(name);
    let old = disk.launch(MEASUREMENT, 5);
    records(&old, disk.folder(), OWNER, &chain())
        .expect("a folder")
        .write(RECORD, b"secret")
        .expect("sealed");
    let new = disk.launch(NEXT, 5);
    assert_eq!(disk.read(&new), None, "another image");
    let request = request(&new, disk.folder(), OWNER, &chain()).expect("asked");
    (disk, old, new, request)
}

fn hand_over(
    disk: &Disk,
    old: &Arc<dyn Machine>,
    request: &Request,
    chain: &Chain,
) -> Result<Rewrapped, RewrapError> {
    rewrap(old, disk.folder(), OWNER, request, &NEXT, chain, anchors())
}

#[test]
fn an_approved_release_should_take_over_the_records() {
    let (disk, old, new, request) = asked("approved");
    let rewrapped = hand_over(&disk, &old, &request, &chain()).expect("approved");
    // Some blocks later.
    let later = Chain { number: 95, ..chain() };
    let unknown = Owner { transport: [0; 32], ..OWNER };
    assert_eq!(accept(&new, disk.folder(), unknown, &rewrapped, &later, anchors()).expect("accepted"), 1);
    assert_eq!(disk.read(&new), Some(b"secret".to_vec()));
    assert_eq!(disk.read(&old), None, "the old image has handed it over");
    let again = accept(&new, disk.folder(), unknown, &rewrapped, &later, anchors());
    assert!(matches!(again, Err(RewrapError::NoRequest)), "{again:?}");
}

#[test]
fn what_the_chain_does_not_approve_of_should_get_nothing() {
    let (disk, old, _, request) = asked("refused");
    let refused = |refusal| RewrapError::Refused(EvidenceError::Refusal(refusal)).to_string();
    let with = |status| vec![release(1, MEASUREMENT, ReleaseStatus::Active), release(2, NEXT, status)];
    let early = Release { valid_from: 91, ..release(2, NEXT, ReleaseStatus::Active) };
    let mut higher = FLOOR.1;
    higher.tcb.snp += 1;
    let unknown = vec![release(1, MEASUREMENT, ReleaseStatus::Active)];
    let cases = [
        ("unknown", Chain { releases: unknown, ..chain() }, refused(Refusal::UnknownMeasurement)),
        (
            "pending",
            Chain { releases: with(ReleaseStatus::Pending), ..chain() },
            refused(Refusal::ReleasePending { id: 2 }),
        ),
        (
            "disabled",
            Chain { releases: with(ReleaseStatus::Disabled), ..chain() },
            refused(Refusal::ReleaseDisabled { id: 2 }),
        ),
        ("blocked chip", Chain { blocked: true, ..chain() }, refused(Refusal::ChipBlocked)),
        ("another chain", Chain { genesis: [8; 32], ..chain() }, refused(Refusal::ReportData)),
        ("too old", Chain { age: 4_000, ..chain() }, RewrapError::Stale(4_000).to_string()),
    ];
    for (what, chain, expected) in cases {
        let error = hand_over(&disk, &old, &request, &chain).expect_err(what);
        assert_eq!(error.to_string(), expected, "{what}");
    }
    // Those whose words name what they found.
    for (what, chain) in [
        ("not yet valid", Chain { releases: vec![early], ..chain() }),
        ("firmware below the floor", Chain { floor: higher, ..chain() }),
        ("long ago", Chain { number: 90 + 5_000, ..chain() }),
    ] {
        let error = hand_over(&disk, &old, &request, &chain).expect_err(what);
        assert!(matches!(error, RewrapError::Refused(EvidenceError::Refusal(_))), "{what}: {error}");
    }
    hand_over(&disk, &old, &request, &chain()).expect("and with nothing wrong it is handed over");
}

#[test]
fn another_chip_image_or_disk_should_get_nothing() {
    let (disk, old, new, request) = asked("elsewhere");
    let other = rewrap(&old, disk.folder(), OWNER, &request, &[1; 48], &chain(), anchors());
    assert!(matches!(other, Err(RewrapError::Measurement { .. })), "{other:?}");
    // The running release asks itself.
    let same = conclave_node::rewrap::request(&old, disk.folder(), OWNER, &chain()).expect("asked");
    let same = rewrap(&old, disk.folder(), OWNER, &same, &MEASUREMENT, &chain(), anchors());
    assert!(matches!(same, Err(RewrapError::SameRelease)), "{same:?}");
    let elsewhere = Disk::new("elsewhere-2");
    let stranger = elsewhere.launch(NEXT, 6);
    let theirs =
        conclave_node::rewrap::request(&stranger, elsewhere.folder(), OWNER, &chain()).expect("asked");
    let error = hand_over(&disk, &old, &theirs, &chain()).expect_err("another chip");
    assert!(matches!(error, RewrapError::OtherChip), "{error}");

    // What was handed over is for one request, of one image.
    let ask = || conclave_node::rewrap::request(&new, disk.folder(), OWNER, &chain()).expect("asked");
    let request = ask();
    let rewrapped = hand_over(&disk, &old, &request, &chain()).expect("approved");
    let accepts = |machine, disk: &Disk, chain: &Chain| {
        accept(machine, disk.folder(), OWNER, &rewrapped, chain, anchors()).map(|_| ())
    };
    let disabled = Chain {
        releases: vec![
            release(1, MEASUREMENT, ReleaseStatus::Disabled),
            release(2, NEXT, ReleaseStatus::Active),
        ],
        ..chain()
    };
    let error = accepts(&new, &disk, &disabled).expect_err("the old image is disabled meanwhile");
    assert!(
        matches!(error, RewrapError::Refused(EvidenceError::Refusal(Refusal::ReleaseDisabled { id: 1 }))),
        "{error}"
    );
    let error = accepts(&stranger, &elsewhere, &chain()).expect_err("another chip");
    assert!(matches!(error, RewrapError::OtherChip | RewrapError::NoRequest), "{error}");
    let _newer = ask();
    let error = accepts(&new, &disk, &chain()).expect_err("for another request");
    assert!(matches!(error, RewrapError::Refused(EvidenceError::Refusal(Refusal::ReportData))), "{error}");
    assert_eq!(disk.read(&new), None);
}
