//! What benchmarks of the development runtime verify, in `pallets/dev-roots/benchmarks`: the same bytes as this crate
//! makes. They are made once, since a runtime has no ring: `CONCLAVE_WRITE_FORMATS=1 cargo test -p conclave-soft-psp`
//! writes them anew.

use conclave_attestation::ReportProvider;
use conclave_dev_roots::MEASUREMENT;
use conclave_snp::{verify_ask, Evidence, RevocationList};
use conclave_soft_psp::{
    certificate::{ask, revocation_list},
    Guest, Network, SoftPsp,
};
use std::{fs, path::PathBuf};

const NETWORK: Network = Network::DEV;
/// The second ASK that the ARK vouches for.
const SECOND_ASK: u64 = 0x0d_0002;
/// As many as a list may have (`pallet_attestation::MAX_REVOKED`).
const REVOKED: u64 = 64;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../pallets/dev-roots/benchmarks").join(name)
}

fn read(name: &str) -> Vec<u8> {
    fs::read(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn psp() -> SoftPsp {
    SoftPsp::new(NETWORK, 1, Guest::new(MEASUREMENT, [1; 32]))
}

#[test]
fn what_benchmarks_verify_should_be_the_psps() {
    let (anchor, key) = (NETWORK.anchor(), psp().key().expect("a key"));
    if std::env::var_os("CONCLAVE_WRITE_FORMATS").is_some() {
        let sealed = psp().report([0; 64]).expect("it signs");
        let revoked: Vec<_> = (1..=REVOKED).map(|serial| u64::MAX - serial).collect();
        let files = [
            ("report.bin", sealed.report.to_vec()),
            ("vcek.der", sealed.vcek),
            ("vcek.key", key.to_bytes().to_vec()),
            ("ask.der", ask(&NETWORK, SECOND_ASK, Network::LOCAL.anchor().ask).expect("it signs")),
            ("crl.der", revocation_list(&NETWORK, "261121000000Z", &revoked).expect("it signs")),
        ];
        for (name, bytes) in files {
            fs::write(file(name), bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
    assert_eq!(read("vcek.key"), key.to_bytes().to_vec());
    let (report, vcek) = (read("report.bin"), read("vcek.der"));
    let evidence = Evidence::parse(&report, &vcek, NETWORK.anchors()).expect("evidence");
    assert_eq!(evidence.bind(), Ok(()));
    assert!(evidence.is_certified_by(anchor.ask) && evidence.is_signed());
    assert_eq!(evidence.report(), &psp().draft([0; 64]), "another layout: write them anew");
    assert_eq!(verify_ask(&read("ask.der"), anchor).map(|ask| ask.serial), Ok(SECOND_ASK));
    let list = RevocationList::verify(&read("crl.der"), anchor).map(|list| list.serials().len());
    assert_eq!(list, Ok(REVOKED as usize));
}
