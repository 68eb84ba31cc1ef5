//! The compiled-in roots are AMD's certificates; ASKs and revocation lists are believed if the ARK signed them.

use conclave_snp::{verify_ark, verify_ask, AuthorityError, RevocationList, AMD};
use conclave_soft_psp::{certificate::revocation_list, Network};

const CERTIFICATES: [(&[u8], &[u8]); 3] = [
    (include_bytes!("../../anchors/milan-ark.der"), include_bytes!("../../anchors/milan-ask.der")),
    (include_bytes!("../../anchors/genoa-ark.der"), include_bytes!("../../anchors/genoa-ask.der")),
    (include_bytes!("../../anchors/turin-ark.der"), include_bytes!("../../anchors/turin-ask.der")),
];

#[test]
fn anchors_should_be_amds_certificates() {
    for ((ark, ask), anchor) in CERTIFICATES.iter().zip(&AMD) {
        assert_eq!(verify_ark(ark, &AMD).unwrap().product, anchor.product);
        let verified = verify_ask(ask, anchor).unwrap();
        assert_eq!((&verified.modulus, verified.serial), (anchor.ask, anchor.ask_serial));
    }
}

#[test]
fn an_ask_of_another_ark_should_be_refused() {
    let [milan, genoa, _] = &AMD;
    assert_eq!(verify_ask(CERTIFICATES[0].1, genoa), Err(AuthorityError::UntrustedRoot));
    assert_eq!(verify_ask(CERTIFICATES[1].1, milan), Err(AuthorityError::UntrustedRoot));
    // Neither is an ARK an ASK, nor an ASK an ARK.
    assert!(verify_ask(CERTIFICATES[0].0, milan).is_err());
    assert!(matches!(verify_ark(CERTIFICATES[0].1, &AMD), Err(AuthorityError::UntrustedRoot)));
    let (development_ark, development_ask) = Network::DEV.authorities();
    assert!(matches!(verify_ark(development_ark, &AMD), Err(AuthorityError::UntrustedRoot)));
    assert_eq!(verify_ask(development_ask, genoa), Err(AuthorityError::UntrustedRoot));
}

#[test]
fn an_ask_with_a_flipped_bit_should_be_refused() {
    let ask = CERTIFICATES[1].1;
    for bit in (0..ask.len() * 8).step_by(61) {
        let mut flipped = ask.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(verify_ask(&flipped, &AMD[1]).is_err(), "bit {bit}");
    }
}

#[test]
fn a_revocation_list_should_name_what_it_revokes() {
    let network = Network::DEV;
    let list = revocation_list(&network, "261122120000Z", &[7, 0x0d_0001]).unwrap();
    let verified = RevocationList::verify(&list, network.anchor()).unwrap();
    assert_eq!(verified.this_update, 1_795_348_800);
    assert_eq!(verified.serials(), [7, 0x0d_0001]);
    let empty = revocation_list(&network, "261122120000Z", &[]).unwrap();
    assert!(RevocationList::verify(&empty, network.anchor()).unwrap().serials().is_empty());
}

#[test]
fn a_revocation_list_of_another_ark_or_with_a_flipped_bit_should_be_refused() {
    let list = revocation_list(&Network::DEV, "261122120000Z", &[0x0d_0001]).unwrap();
    let of = |list: &[u8], network: Network| RevocationList::verify(list, network.anchor()).map(|_| ());
    assert_eq!(of(&list, Network::LOCAL), Err(AuthorityError::UntrustedRoot));
    for bit in (0..list.len() * 8).step_by(31) {
        let mut flipped = list.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(of(&flipped, Network::DEV).is_err(), "bit {bit}");
    }
}
