//! What an ARK signs is taken from anybody; nothing else is.

use super::mock::*;
use crate::{Error, Event, Lapse, Revoked};
use conclave_snp::{Product, Refusal};
use conclave_soft_psp::{
    certificate::{ask, revocation_list},
    Network,
};
use frame_support::{assert_noop, assert_ok};

fn anybody() -> RuntimeOrigin {
    RuntimeOrigin::signed(account(5))
}

fn list(network: Network, date: &str, revoked: &[u64]) -> crate::pallet::Der {
    revocation_list(&network, date, revoked).expect("it signs").try_into().expect("it fits")
}

#[test]
fn a_revoked_ask_should_drop_whom_it_vouched_for() {
    execute(|| {
        assert_ok!(Machine::new(1).register());
        let serial = Network::DEV.anchor().ask_serial;
        let submit = |list| Attestation::submit_crl(anybody(), Product::Development, list);
        assert_ok!(submit(list(Network::DEV, "261120000000Z", &[])));
        assert_eq!(Attestation::standing(&account(1)), Ok(()));
        assert_ok!(submit(list(Network::DEV, "261121000000Z", &[serial])));
        assert!(matches!(last_event(), Some(Event::RevocationsSet { .. })));
        assert_eq!(Attestation::standing(&account(1)), Err(Lapse::Refused(Refusal::AskRevoked { serial })));
        assert_noop!(Machine::new(2).register(), Error::<Test>::AskRevoked);
        // An older list does not bring it back.
        let older = list(Network::DEV, "261120000000Z", &[]);
        assert_noop!(submit(older), Error::<Test>::RevocationsNotNewer);
        let same = list(Network::DEV, "261121000000Z", &[]);
        assert_noop!(submit(same), Error::<Test>::RevocationsNotNewer);
    });
}

#[test]
fn a_list_of_another_ark_should_be_refused() {
    execute(|| {
        let foreign = list(Network::LOCAL, "261121000000Z", &[]);
        let submit = |product, list| Attestation::submit_crl(anybody(), product, list);
        assert_noop!(submit(Product::Development, foreign.clone()), Error::<Test>::UntrustedRoot);
        assert_noop!(submit(Product::Genoa, foreign), Error::<Test>::UnknownProduct);
        let mut flipped = list(Network::DEV, "261121000000Z", &[]).into_inner();
        *flipped.last_mut().expect("bytes") ^= 1;
        let flipped = flipped.try_into().expect("it fits");
        assert_noop!(submit(Product::Development, flipped), Error::<Test>::AuthoritySignature);
        let nothing = vec![0x30, 0].try_into().expect("it fits");
        assert_noop!(submit(Product::Development, nothing), Error::<Test>::AuthorityMalformed);
        let many: Vec<_> = (1..=65).collect();
        let many = list(Network::DEV, "261121000000Z", &many);
        assert_noop!(submit(Product::Development, many), Error::<Test>::TooManyRevoked);
        assert_eq!(Revoked::<Test>::iter().count(), 0);
    });
}

#[test]
fn an_ask_should_be_the_arks() {
    execute(|| {
        let submit = |certificate: &[u8]| {
            let certificate = certificate.to_vec().try_into().expect("it fits");
            Attestation::submit_ask(anybody(), Product::Development, certificate)
        };
        let (ark, ask) = Network::DEV.authorities();
        assert_noop!(submit(ask), Error::<Test>::AskExists);
        assert_noop!(submit(ark), Error::<Test>::AuthorityMalformed);
        assert_noop!(submit(Network::LOCAL.authorities().1), Error::<Test>::UntrustedRoot);
    });
}

#[test]
fn another_ask_should_sign_until_it_is_revoked() {
    execute(|| {
        // The modulus of another network's ASK stands for a new key: its own signs for LOCAL.
        let modulus = Network::LOCAL.anchor().ask;
        let serial = 0x0d_0002;
        let certificate = ask(&Network::DEV, serial, modulus).expect("it signs");
        let submit = || {
            let certificate = certificate.clone().try_into().expect("it fits");
            Attestation::submit_ask(anybody(), Product::Development, certificate)
        };
        let machine = Machine::new(1);
        let bound_to = now() - 1;
        let mut sealed = machine.sealed(conclave_primitives::ReportPurpose::Register, bound_to, |_| {});
        sealed.vcek = machine.psp.template().and_then(|vcek| vcek.issue(&Network::LOCAL)).expect("it signs");
        let register = |serial| machine.send("register", sealed.clone(), serial, bound_to);
        assert_noop!(register(serial), Error::<Test>::UnknownAsk);
        assert_ok!(submit());
        assert_eq!(last_event(), Some(Event::AskAdded { product: Product::Development, serial }));
        assert_noop!(submit(), Error::<Test>::AskExists);
        assert_noop!(register(0x0d_0001), Error::<Test>::CertificateSignature);
        assert_ok!(register(serial));
        let revoked = list(Network::DEV, "261121000000Z", &[serial]);
        assert_ok!(Attestation::submit_crl(anybody(), Product::Development, revoked));
        assert_eq!(Attestation::standing(&account(1)), Err(Lapse::Refused(Refusal::AskRevoked { serial })));
        let refused = ask(&Network::DEV, serial, Network::DEV.anchor().ark).expect("it signs");
        let refused = refused.try_into().expect("it fits");
        let outcome = Attestation::submit_ask(anybody(), Product::Development, refused);
        assert_eq!(outcome, Err(Error::<Test>::AskExists.into()));
    });
}
