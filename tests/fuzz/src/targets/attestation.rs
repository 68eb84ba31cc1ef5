//! Reports of sealed machines, the certificates of their keys, and what an ARK signs.

use conclave_attestation::{certificate_table, Bundle};
use conclave_snp::{verify_ask, Report, RevocationList, Vcek, AMD, SIGNED_BYTES};
use conclave_soft_psp::{certificate::revocation_list, unsigned, Guest, Network, SoftPsp};
use std::sync::OnceLock;

/// 1184 bytes.
pub(crate) fn report(input: &[u8]) {
    let Ok((report, _)) = Report::parse(input) else { return };
    // Every signed byte is in what was read: another reader writes the same.
    let written = unsigned(&report);
    assert_eq!(written.split_at(SIGNED_BYTES).0, input.split_at(SIGNED_BYTES).0);
    for anchor in &AMD {
        let _ = anchor.layout.read(report.reported_tcb);
    }
    let _ = conclave_attestation::kds_address(&report, &AMD);
}

pub(crate) fn reports() -> Vec<Vec<u8>> {
    let psp = SoftPsp::new(Network::DEV, 1, Guest::new([1; 48], [2; 32]));
    let drafts = [5, 4, 3, 2].map(|version| {
        let mut report = psp.draft([7; 64]);
        report.version = version;
        report.mitigations = report.mitigations.filter(|_| version == 5);
        report.cpuid = report.cpuid.filter(|_| version > 2);
        unsigned(&report).to_vec()
    });
    drafts.into()
}

fn genuine() -> &'static [Vec<u8>; 3] {
    static GENUINE: OnceLock<[Vec<u8>; 3]> = OnceLock::new();
    GENUINE.get_or_init(|| {
        let psp = SoftPsp::new(Network::DEV, 1, Guest::new([1; 48], [2; 32]));
        let vcek = psp.template().and_then(|template| template.issue(&Network::DEV)).expect("it signs");
        let list = revocation_list(&Network::DEV, "261122000000Z", &[7, 8]).expect("it signs");
        [vcek, Network::DEV.authorities().1.to_vec(), list]
    })
}

/// DER: a VCEK's certificate, an ASK's, or a revocation list; also PEM and a host's table. Nothing but what was signed
/// verifies.
pub(crate) fn certificate(input: &[u8]) {
    let [vcek, ask, list] = genuine();
    let anchor = Network::DEV.anchor();
    let _ = Vcek::parse(input, &AMD);
    if let Ok(parsed) = Vcek::parse(input, Network::DEV.anchors()) {
        assert!(input == vcek || !parsed.is_signed_by(anchor.ask));
    }
    assert!(input == ask || verify_ask(input, anchor).is_err());
    assert!(input == list || RevocationList::verify(input, anchor).is_err());
    let _ = certificate_table(input);
    let _ = Bundle::read([("input".to_string(), input.to_vec())]);
}

pub(crate) fn certificates() -> Vec<Vec<u8>> {
    genuine().to_vec()
}
