//! `conclave-node attestation verify` over real reports: the verdict that their README gives, and no other.

use std::path::{Path, PathBuf};

use conclave_attestation::{inspect, kds_address, Bundle, BundleError, Expectations, Inspection};
use conclave_snp::{Policy, Report, AMD, PRODUCTION_FLOORS};
use conclave_soft_psp::{Guest, Network, SoftPsp};

/// 2026-11-22.
const NOW: u64 = 1_795_305_600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn file(path: PathBuf) -> (String, Vec<u8>) {
    let contents = std::fs::read(&path).unwrap_or_else(|_| panic!("{path:?}"));
    (path.display().to_string(), contents)
}

/// With the certificates of AMD's authorities beside.
fn files(name: &str, product: &str) -> Vec<(String, Vec<u8>)> {
    let vector = root().join("tests/vectors/sev-snp").join(name);
    let anchors = root().join("pallets/snp/anchors");
    [
        anchors.join(format!("{product}-ask.der")),
        vector.join("report.bin"),
        anchors.join(format!("{product}-ark.der")),
        vector.join("vek.der"),
    ]
    .map(file)
    .into()
}

fn verdict(files: Vec<(String, Vec<u8>)>) -> Inspection {
    let expectations = Expectations { now: Some(NOW), ..Expectations::default() };
    inspect(&Bundle::read(files).unwrap(), &AMD, &Policy::PRODUCTION, &PRODUCTION_FLOORS, &expectations)
}

#[test]
fn genuine_reports_should_be_refused_for_what_is_wrong_with_them() {
    let milan = verdict(files("milan-v2-sevcrate", "milan"));
    assert!(milan.is_genuine() && !milan.is_good(), "{milan}");
    let [version, product] = milan.refusals()[..] else { panic!("{milan}") };
    assert!(version.contains("VERSION 2") && product.contains("Milan: "));

    let genoa = verdict(files("genoa-v2-sev_attest_tool", "genoa"));
    assert!(genoa.is_genuine(), "{genoa}");
    let text = genoa.to_string();
    assert!(
        text.contains("VMPL 1: expected 0") && text.contains("current TCB: Bootloader is 0x07"),
        "{text}"
    );

    let debug = verdict(files("milan-v2-omne-kdsvcek", "milan"));
    assert!(debug.is_genuine() && debug.to_string().contains("POLICY: DEBUG is on"), "{debug}");
}

#[test]
fn another_chips_certificate_should_be_refused_as_such() {
    let azure = verdict(files("milan-v2-azure-hcl", "milan"));
    assert!(!azure.is_genuine());
    assert!(azure.refusals()[0].contains("hwID mismatch"), "{azure}");
}

#[test]
fn certificates_of_other_products_should_not_agree() {
    let wrong = verdict(files("genoa-v2-sev_attest_tool", "milan"));
    assert!(wrong.refusals()[0].contains("untrusted root"), "{wrong}");
}

#[test]
fn self_made_roots_should_be_refused() {
    let psp = SoftPsp::new(Network::DEV, 1, Guest::new([1; 48], [2; 32]));
    let sealed = psp.sign(&psp.draft([3; 64])).unwrap();
    let (ark, ask) = Network::DEV.authorities();
    let files = [("r", sealed.report.to_vec()), ("v", sealed.vcek), ("k", ask.to_vec()), ("a", ark.to_vec())];
    let files = files.map(|(name, contents)| (name.to_string(), contents)).to_vec();
    let inspection = verdict(files.clone());
    assert!(!inspection.is_genuine());
    assert!(inspection.refusals()[0].contains("untrusted root"), "{inspection}");
    assert!(inspection.to_string().contains("no TCB floor for CPUID de/00/00"), "{inspection}");
    // Under its own root it is good, but for what only a chain knows.
    let bundle = Bundle::read(files).unwrap();
    let anchors = Network::DEV.anchors();
    let floors = [conclave_dev_roots::FLOOR];
    let expectations =
        Expectations { now: Some(NOW), measurement: Some([1; 48]), report_data: Some([3; 64]) };
    let inspection = inspect(&bundle, anchors, &Policy::PRODUCTION, &floors, &expectations);
    assert!(inspection.is_good(), "{inspection}");
    let expectations = Expectations { measurement: Some([9; 48]), ..expectations };
    let inspection = inspect(&bundle, anchors, &Policy::PRODUCTION, &floors, &expectations);
    assert_eq!(inspection.refusals(), ["MEASUREMENT is of no release"]);
}

#[test]
fn pem_should_be_read_and_doubles_refused() {
    let der = files("genoa-v2-sev_attest_tool", "genoa");
    let pem: String = der
        .iter()
        .filter(|(_, contents)| contents.len() != 1184)
        .map(|(_, contents)| {
            use base64::Engine;
            let body = base64::engine::general_purpose::STANDARD.encode(contents);
            let lines: Vec<_> =
                body.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
        })
        .collect();
    let expected = Bundle::read(der.clone()).unwrap();
    let read = Bundle::read([der[1].clone(), ("chain.pem".into(), pem.clone().into_bytes())]).unwrap();
    assert_eq!(read, expected);
    let twice = Bundle::read([der[1].clone(), der[1].clone()]);
    assert!(matches!(twice, Err(BundleError::Twice { what: "report", .. })));
    let broken = pem.replace("MII", "M*I").into_bytes();
    assert_eq!(Bundle::read([("p".into(), broken)]), Err(BundleError::Pem { file: "p".into() }));
}

#[test]
fn the_address_of_a_certificate_should_be_that_of_chip_and_tcb() {
    let psp = SoftPsp::new(Network::DEV, 1, Guest::new([1; 48], [2; 32]));
    let mut report = psp.draft([0; 64]);
    report.cpuid = Some(conclave_snp::Cpuid { family: 0x1a, model: 0x02, stepping: 1 });
    report.chip_id = [0; 64];
    report.chip_id[..8].copy_from_slice(&[0x59, 0x79, 0x0f, 0xb1, 0xc3, 0x9f, 0x35, 0xc1]);
    report.reported_tcb = [1, 1, 1, 4, 0, 0, 0, 0x51];
    let turin = "https://kdsintf.amd.com/vcek/v1/Turin/59790fb1c39f35c1\
                 ?fmcSPL=01&blSPL=01&teeSPL=01&snpSPL=04&ucodeSPL=81";
    assert_eq!(kds_address(&report, &AMD).unwrap(), turin);
    let bergamo = Report {
        cpuid: Some(conclave_snp::Cpuid { family: 0x19, model: 0xa0, stepping: 2 }),
        reported_tcb: [9, 0, 0, 0, 0, 0, 0x17, 0x19],
        chip_id: [0xab; 64],
        ..report.clone()
    };
    let address = kds_address(&bergamo, &AMD).unwrap();
    assert!(
        address.contains("/Genoa/abab") && address.ends_with("?blSPL=09&teeSPL=00&snpSPL=23&ucodeSPL=25")
    );
    assert!(kds_address(&Report { cpuid: None, ..report.clone() }, &AMD).is_err());
    assert!(kds_address(&Report { chip_id: [0; 64], ..report }, &AMD).is_err());
}
