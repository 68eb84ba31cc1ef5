//! Nothing that is read panics, whatever it is; and versions 3 and 4 have one layout.

use conclave_snp::{Evidence, Report, AMD};
use proptest::prelude::*;

use crate::vectors::{all, Vector, COMMITTED};

proptest! {
    #[test]
    fn any_bytes_should_be_refused(report in prop::collection::vec(any::<u8>(), 0..1300), vcek in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Evidence::parse(&report, &vcek, &AMD).is_err());
    }

    #[test]
    fn overwritten_certificates_should_not_verify(
        which in 0usize..COMMITTED.len(), at in 0usize..1300, bytes in prop::collection::vec(any::<u8>(), 1..24),
    ) {
        let vector = Vector::committed(COMMITTED[which]);
        let mut vcek = vector.vcek.clone();
        vcek.iter_mut().skip(at).zip(&bytes).for_each(|(to, from)| *to = *from);
        prop_assume!(vcek != vector.vcek);
        let is_certified = Evidence::parse(&vector.report, &vcek, &AMD)
            .is_ok_and(|evidence| evidence.is_certified_by(evidence.vcek().anchor().ask));
        prop_assert!(!is_certified);
    }
}

#[test]
fn versions_should_read_their_own_layout() {
    for (name, vector) in all() {
        let (report, _) = Report::parse(&vector.report).unwrap();
        assert_eq!(report.version == 2, report.cpuid.is_none(), "{name}");
        assert!(report.mitigations.is_none(), "{name}: none is of version 5");
        if report.version == 3 {
            let mut fourth = vector.report.clone();
            fourth[0] = 4;
            let (fourth, _) = Report::parse(&fourth).unwrap();
            assert_eq!(Report { version: 3, ..fourth }, report);
        }
    }
}
