//! The compiled runtimes, of development and of production, in the executor that nodes have: the same report is accepted
//! by the one and refused by the other for its root, and so is every bit that is not as the chip signed it.

use crate::{chains::genesis, machine};
use codec::{Decode, Encode};
use conclave_primitives::{
    worker_call_bytes, MachineView, ReportBinding, ReportFinding, ReportOutcome, ReportPurpose,
};
use conclave_runtime_dev::{Runtime, RuntimeCall, TxExtension, UncheckedExtrinsic};
use pallet_attestation::{Call, Error, FloorRecord, Floors};
use sc_executor::WasmExecutor;
use sp_core::{
    ed25519,
    traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
    Pair, H256,
};
use sp_io::{
    hashing::{twox_128, twox_256},
    SubstrateHostFunctions, TestExternalities,
};
use sp_runtime::{
    generic::Era,
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
    },
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

const GENESIS: [u8; 32] = [7; 32];
/// 2026-11-22, in milliseconds.
const NOW: u64 = 1_795_305_600_000;
/// Each is a call of a whole verification.
const FLIPS: u32 = 200;

struct Chain {
    executor: WasmExecutor<SubstrateHostFunctions>,
    code: Vec<u8>,
    state: TestExternalities,
}

impl Chain {
    /// The local chain before its first block, with this code, and a clock.
    fn new(code: &[u8]) -> Self {
        let mut storage = genesis("local").expect("a preset");
        let clock = [twox_128(b"Timestamp"), twox_128(b"Now")].concat();
        storage.top.insert(clock, NOW.encode());
        let state = TestExternalities::new(storage);
        Self { executor: WasmExecutor::builder().build(), code: code.to_vec(), state }
    }

    /// Production's code on a state with the floors that production begins with.
    fn production() -> Self {
        let mut chain = Self::new(conclave_runtime::WASM_BINARY.expect("built with its Wasm"));
        chain.state.execute_with(|| {
            for (cpuid, floor) in conclave_snp::PRODUCTION_FLOORS {
                let record = FloorRecord { floor, next: None, source_digest: [0; 32] };
                Floors::<conclave_runtime::Runtime>::insert(cpuid, record);
            }
        });
        chain
    }

    fn call(&mut self, method: &str, input: &[u8]) -> Vec<u8> {
        let fetcher = WrappedRuntimeCode(self.code.as_slice().into());
        let hash = twox_256(&self.code).to_vec();
        let code = RuntimeCode { code_fetcher: &fetcher, heap_pages: None, hash };
        let mut ext = self.state.ext();
        let (answer, _) = self.executor.call(&mut ext, &code, method, input, CallContext::Offchain);
        answer.expect("it runs")
    }

    fn validate(&mut self, extrinsic: &UncheckedExtrinsic) -> TransactionValidity {
        let input = (TransactionSource::Local, extrinsic, H256(GENESIS)).encode();
        let answer = self.call("TaggedTransactionQueue_validate_transaction", &input);
        TransactionValidity::decode(&mut &answer[..]).expect("a verdict")
    }
}

fn validator() -> [u8; 32] {
    sp_core::sr25519::Pair::from_string("//Alice", None).expect("a development key").public().0
}

/// What Alice's node submits; `change` alters the report after it was signed.
fn registration(chain: &mut Chain, change: impl FnOnce(&mut [u8; 1184], &mut Vec<u8>)) -> UncheckedExtrinsic {
    let view = chain.call("AttestationApi_machine", &validator().encode());
    let view = Option::<MachineView>::decode(&mut &view[..]).expect("a view").expect("she validates");
    let data = ReportBinding {
        genesis: GENESIS,
        purpose: ReportPurpose::Register,
        validator: validator(),
        session_keys: &view.session_keys,
        worker_keys: view.worker_keys,
        block_number: 0,
        block_hash: GENESIS,
    }
    .report_data();
    let folder = std::env::temp_dir().join(format!("conclave-compiled-{}", std::process::id()));
    let mut sealed =
        machine::open(&folder.join("conclave")).expect("a machine").report(data).expect("it signs");
    change(&mut sealed.report, &mut sealed.vcek);
    let ask_serial = conclave_dev_roots::DEV.anchors[0].ask_serial;
    let arguments = (validator(), sealed.report.as_slice(), &sealed.vcek, ask_serial, 0u32);
    let worker = ed25519::Pair::from_seed(&[1; 32]);
    let signature = worker.sign(&worker_call_bytes(&GENESIS, "register", &arguments)).0;
    let call = Call::<Runtime>::register {
        validator: validator().into(),
        report: Box::new(sealed.report),
        vcek: sealed.vcek.try_into().expect("it fits"),
        ask_serial,
        block_number: 0,
        signature,
    };
    let extension: TxExtension = conclave_runtime_dev::transaction::extension(0, Era::Immortal, 0);
    UncheckedExtrinsic::new_transaction(RuntimeCall::Attestation(call), extension)
}

fn refused(error: Error<Runtime>) -> TransactionValidity {
    let index = error.encode()[0];
    Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(index)))
}

#[test]
fn the_development_runtime_should_accept_what_production_refuses_for_its_root() {
    let mut development = Chain::new(conclave_runtime_dev::WASM_BINARY.expect("built with its Wasm"));
    let extrinsic = registration(&mut development, |_, _| {});
    assert!(development.validate(&extrinsic).is_ok(), "{:?}", development.validate(&extrinsic));
    println!("bytes of a registration: {}", extrinsic.encoded_size());
    let mut times: Vec<_> = (0..20)
        .map(|_| {
            let started = Instant::now();
            assert!(development.validate(&extrinsic).is_ok());
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("verified as Wasm: least {:?}, median {:?}", times[0], times[times.len() / 2]);

    let mut production = Chain::new(conclave_runtime::WASM_BINARY.expect("built with its Wasm"));
    let anchors = production.call("AttestationApi_anchors", &[]);
    let anchors = Vec::<[u8; 32]>::decode(&mut &anchors[..]).expect("fingerprints");
    assert_eq!(anchors, conclave_snp::AMD.iter().map(|anchor| anchor.ark_fingerprint).collect::<Vec<_>>());
    assert_eq!(production.validate(&extrinsic), refused(Error::UntrustedRoot));
}

#[test]
fn no_flipped_bit_should_pass_the_compiled_runtime() {
    let mut chain = Chain::new(conclave_runtime_dev::WASM_BINARY.expect("built with its Wasm"));
    let good = registration(&mut chain, |_, _| {});
    assert!(chain.validate(&good).is_ok());
    // As random as needed: a multiplicative walk over all bits of the report, and of the certificate.
    for flip in 0..FLIPS {
        let bad = registration(&mut chain, |report, vcek| {
            let bytes: &mut [u8] = if flip % 2 == 0 { report } else { vcek };
            let bit = (flip as usize).wrapping_mul(2_654_435_761) % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        });
        let verdict = chain.validate(&bad);
        let is_custom =
            matches!(verdict, Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(_))));
        assert!(is_custom, "flip {flip}: {verdict:?}");
    }
}

/// Those that stand in the project, and that which lies beside a clone.
fn vectors(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = root.join("../../tests/vectors/sev-snp").join(name);
    let shared = root.ancestors().map(|folder| folder.join("shared/vectors/sev-snp").join(name));
    std::iter::once(committed).chain(shared).find(|folder| folder.is_dir())
}

/// What the compiled production runtime finds of one of AMD's real reports: the numbers of the checks that refuse, and why.
fn judged(chain: &mut Chain, folder: &Path, change: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>)) -> Judged {
    let read =
        |name| fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{folder:?}/{name}: {error}"));
    let (mut report, mut vcek) = (read("report.bin"), read("vek.der"));
    let ask_serial = conclave_snp::Evidence::parse(&report, &vcek, &conclave_snp::AMD)
        .map_or(0, |evidence| evidence.vcek().anchor().ask_serial);
    change(&mut report, &mut vcek);
    let answer = chain.call("AttestationApi_judge_report", &(report, vcek, ask_serial).encode());
    let findings = Result::<Vec<ReportFinding>, Vec<u8>>::decode(&mut &answer[..]).expect("findings");
    let findings = findings.map_err(|error| String::from_utf8(error).expect("words"))?;
    assert_eq!(findings.len(), 16);
    let refusal = |finding: ReportFinding| match finding.outcome {
        ReportOutcome::Refused(why) => Some((finding.check, String::from_utf8(why).expect("words"))),
        ReportOutcome::Passed | ReportOutcome::NotJudged => None,
    };
    Ok(findings.into_iter().filter_map(refusal).collect())
}

type Judged = Result<Vec<(u8, String)>, String>;

#[test]
fn amds_real_reports_should_be_refused_for_exactly_their_reasons_by_compiled_production() {
    let mut chain = Chain::production();
    // Beside what their README says: no release has their measurements, which is check 10.
    let expected: [(&str, Result<&[u8], &str>); 5] = [
        ("milan-v2-sevcrate", Ok(&[1, 2, 10])),
        ("genoa-v2-sev_attest_tool", Ok(&[1, 2, 4, 7, 8, 10])),
        ("genoa-v3-ms", Ok(&[7, 10])),
        ("milan-v2-omne-kdsvcek", Ok(&[1, 2, 5, 10])),
        ("milan-v2-azure-hcl", Err("hwID mismatch")),
    ];
    let mut seen = 0;
    for (name, expected) in expected {
        let Some(folder) = vectors(name) else { continue };
        seen += 1;
        let found = judged(&mut chain, &folder, |_, _| {});
        println!("{name}: {found:?}");
        match (found, expected) {
            (Ok(refusals), Ok(checks)) => {
                let found: Vec<_> = refusals.iter().map(|(check, _)| *check).collect();
                assert_eq!(found, checks, "{name}: {refusals:?}");
            }
            (Err(why), Err(reason)) => assert!(why.contains(reason), "{name}: {why}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
    assert!(seen >= 4, "those of the project are there");
}

#[test]
fn no_flipped_bit_of_amds_real_reports_should_pass_compiled_production() {
    let mut chain = Chain::production();
    let folder = vectors("milan-v2-sevcrate").expect("it stands in the project");
    assert!(judged(&mut chain, &folder, |_, _| {}).is_ok());
    for flip in 0..FLIPS {
        let bad = judged(&mut chain, &folder, |report, vcek| {
            // The signed part, and the whole certificate.
            let bytes = if flip % 2 == 0 { &mut report[..conclave_snp::SIGNED_BYTES] } else { &mut vcek[..] };
            let bit = (flip as usize).wrapping_mul(2_654_435_761) % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        });
        assert!(bad.is_err(), "flip {flip}: {bad:?}");
    }
}
