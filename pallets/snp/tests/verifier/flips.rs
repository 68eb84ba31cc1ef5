//! A single flipped bit, anywhere in what is signed or in a signature, is refused. CI flips a few hundred a case;
//! `CONCLAVE_FLIPS=10000 cargo test -p conclave-snp flipped` is the campaign.

use conclave_snp::{Evidence, AMD, REPORT_BYTES};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::vectors::all;

fn flips() -> usize {
    std::env::var("CONCLAVE_FLIPS").ok().map_or(200, |flips| flips.parse().expect("a number"))
}

/// Without policy: formats, binding and both signatures.
fn is_genuine(report: &[u8], vcek: &[u8]) -> bool {
    Evidence::parse(report, vcek, &AMD).is_ok_and(|evidence| {
        evidence.bind().is_ok()
            && evidence.is_signed()
            && evidence.is_certified_by(evidence.vcek().anchor().ask)
    })
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

#[test]
fn a_report_with_a_flipped_bit_should_be_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    for (name, vector) in all() {
        let is_control = name == "milan-v2-azure-hcl";
        assert_eq!(is_genuine(&vector.report, &vector.vcek), !is_control, "{name}");
        for _ in 0..flips() {
            // Signed bytes, signature and padding alike: all of the 1184 are checked.
            let bit = rng.next_u32() as usize % (REPORT_BYTES * 8);
            let mut report = vector.report.clone();
            flip(&mut report, bit);
            assert!(!is_genuine(&report, &vector.vcek), "{name}: bit {bit} of the report");
        }
    }
}

#[test]
fn a_certificate_with_a_flipped_bit_should_be_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    for (name, vector) in all() {
        for _ in 0..flips() {
            let bit = rng.next_u32() as usize % (vector.vcek.len() * 8);
            let mut vcek = vector.vcek.clone();
            flip(&mut vcek, bit);
            let outcome = Evidence::parse(&vector.report, &vcek, &AMD);
            // Whether or not it is the report's: no certificate but the one that was signed is AMD's.
            let is_certified =
                outcome.is_ok_and(|evidence| evidence.is_certified_by(evidence.vcek().anchor().ask));
            assert!(!is_certified, "{name}: bit {bit} of the certificate");
        }
    }
}

#[test]
fn a_cut_or_lengthened_report_or_certificate_should_be_refused() {
    for (name, vector) in all() {
        for cut in (0..vector.vcek.len()).step_by(7) {
            assert!(Evidence::parse(&vector.report, &vector.vcek[..cut], &AMD).is_err(), "{name}: {cut}");
        }
        for cut in (0..vector.report.len()).step_by(7) {
            assert!(Evidence::parse(&vector.report[..cut], &vector.vcek, &AMD).is_err(), "{name}: {cut}");
        }
        let longer = |bytes: &[u8]| [bytes, &[0]].concat();
        assert!(Evidence::parse(&longer(&vector.report), &vector.vcek, &AMD).is_err());
        assert!(Evidence::parse(&vector.report, &longer(&vector.vcek), &AMD).is_err());
    }
}
