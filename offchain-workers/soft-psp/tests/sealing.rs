//! A stolen disk opens nowhere else: a sealing key is that of its image, firmware, chip, chain, validator and epoch.

use conclave_attestation::{sealing_key, DeriveKey, SealingContext};
use conclave_dev_roots::FLOOR;
use conclave_snp::{GuestPolicy, RawTcb, Tcb, TcbLayout};
use conclave_soft_psp::{Guest, Network, SoftPsp};

const CONTEXT: SealingContext = SealingContext { genesis: [1; 32], validator: [2; 32], epoch: 3 };

fn guest() -> Guest {
    Guest::new([4; 48], [5; 32])
}

fn tcb() -> Tcb {
    FLOOR.1.tcb
}

fn key(psp: &SoftPsp, tcb: Tcb, context: SealingContext) -> [u8; 32] {
    *sealing_key(&psp.derive_key(TcbLayout::Zen3.write(tcb), 0).unwrap(), &context)
}

#[test]
fn everything_that_is_mixed_in_should_change_the_key() {
    let psp = SoftPsp::new(Network::DEV, 1, guest());
    let newer = Tcb { snp: tcb().snp + 1, ..tcb() };
    let other_image = Guest { measurement: [9; 48], ..guest() };
    let other_policy = Guest { policy: GuestPolicy::RESERVED_ONE | GuestPolicy::DEBUG, ..guest() };
    let keys = [
        key(&psp, tcb(), CONTEXT),
        key(&psp.clone().running(other_image), tcb(), CONTEXT),
        key(&psp.clone().running(other_policy), tcb(), CONTEXT),
        key(&psp.clone().at(newer), newer, CONTEXT),
        key(&SoftPsp::new(Network::DEV, 2, guest()), tcb(), CONTEXT),
        key(&SoftPsp::new(Network::LOCAL, 1, guest()), tcb(), CONTEXT),
        key(&psp, tcb(), SealingContext { genesis: [9; 32], ..CONTEXT }),
        key(&psp, tcb(), SealingContext { validator: [9; 32], ..CONTEXT }),
        key(&psp, tcb(), SealingContext { epoch: 4, ..CONTEXT }),
    ];
    let mut distinct = keys;
    distinct.sort_unstable();
    assert!(distinct.windows(2).all(|pair| pair[0] != pair[1]));
    // The same image launched again has the same key: its report id is not mixed in.
    let again = psp.running(Guest { report_id: [6; 32], ..guest() });
    assert_eq!(key(&again, tcb(), CONTEXT), keys[0]);
}

#[test]
fn newer_firmware_should_open_what_older_sealed_and_not_the_reverse() {
    let old = SoftPsp::new(Network::DEV, 1, guest());
    let newer = Tcb { microcode: tcb().microcode + 1, ..tcb() };
    let updated = old.clone().at(newer);
    assert_eq!(key(&updated, tcb(), CONTEXT), key(&old, tcb(), CONTEXT));
    let raw: RawTcb = TcbLayout::Zen3.write(newer);
    assert!(old.derive_key(raw, 0).is_err());
    assert!(old.derive_key(TcbLayout::Zen3.write(tcb()), 1).is_err(), "an SVN that it was not launched with");
    let printed = format!("{:?}", old.derive_key(TcbLayout::Zen3.write(tcb()), 0).unwrap());
    assert_eq!(printed, "MachineKey(…)");
}
