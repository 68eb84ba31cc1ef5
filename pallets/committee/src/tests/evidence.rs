//! Evidence of faults off chain: the guilty are convicted once, the honest never.

use super::{
    keygen::FIRST,
    mock::{
        account, execute, index, last_events, peers, submit, Committee, Offences, Reported, Test, Worker,
    },
};
use crate::{
    ActiveCommittee, Call, CurrentCommittee, EquivocationOffence, Event, FaultClass, FormedIn, OffenceKind,
    PreviousCommittee, Running, LONE_SLASH,
};
use conclave_primitives::{
    threshold_of, Attempt, AttemptId, AttemptKind, Epoch, Evidence, KeysetId, Member, MessageHeader,
    SessionId,
};
use sp_runtime::{
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    AccountId32,
};

const UNKNOWN_CULPRIT: u8 = 10;
pub(super) const UNPROVEN: u8 = 11;

/// A committee of these members; activation is tested by the simulation.
pub(super) fn committee_of(epoch: u32, members: &[u8]) -> ActiveCommittee<AccountId32> {
    let member = |number: &u8| {
        let keys = Worker::new(*number).keys();
        Member { account: account(*number), keys, dealing_key: keys.encryption }
    };
    let all: Vec<_> = (1..).take(members.len()).collect();
    let members: Vec<_> = members.iter().map(member).collect();
    let (epoch, attempt) = (Epoch(epoch), Attempt(0));
    FormedIn::<Test>::insert(AttemptId { epoch, attempt }, 3);
    ActiveCommittee {
        epoch,
        attempt,
        session: 3,
        kind: AttemptKind::Keygen,
        keyset: KeysetId(0),
        threshold: threshold_of(members.len() as u32),
        members: members.try_into().expect("few members"),
        roots: Default::default(),
        confirmed: peers(&all),
    }
}

/// Members 1 to 4 serve in epoch 1, and no attempt runs.
pub(super) fn in_epoch(test: impl FnOnce()) {
    execute(4, || {
        Running::<Test>::kill();
        CurrentCommittee::<Test>::put(committee_of(1, &[1, 2, 3, 4]));
        test();
    });
}

pub(super) fn header(from: u8, to: u8) -> MessageHeader {
    MessageHeader {
        attempt: FIRST,
        session: SessionId([5; 32]),
        flight: 2,
        from: Worker::new(from).keys().transport,
        to: Worker::new(to).keys().transport,
    }
}

pub(super) fn equivocation(from: u8) -> Evidence {
    Worker::new(from).equivocate(header(from, 1), [[1; 32], [2; 32]])
}

pub(super) fn accuse(reporter: u8, evidence: Evidence) -> Call<Test> {
    let worker = Worker::new(reporter);
    let (evidence, reporter) = (Box::new(evidence), worker.keys().signing);
    let signature = worker.sign("report_fault", &(&evidence, &reporter));
    Call::report_fault { evidence, reporter, signature }
}

pub(super) fn invalid(code: u8) -> Result<(), TransactionValidityError> {
    Err(InvalidTransaction::Custom(code).into())
}

#[test]
fn an_equivocator_should_be_convicted_once() {
    in_epoch(|| {
        submit(accuse(1, equivocation(2))).expect("true");
        let reported = Reported {
            kind: EquivocationOffence::ID,
            offender: account(2),
            reporters: vec![account(1)],
            session: 3,
            fraction: LONE_SLASH,
        };
        assert_eq!(Offences::get(), std::slice::from_ref(&reported));
        assert!(last_events().iter().any(|event| matches!(
            event,
            Event::FaultProven { culprit, class: FaultClass::Equivocation, reporter: Some(reporter), .. }
                if *culprit == index(2) && *reporter == account(1)
        )));
        assert_eq!(Committee::convicted(FIRST), [index(2)].into());
        // The same again, the other way round, of a third payload: it has been paid for.
        submit(accuse(3, equivocation(2))).expect_err("the same");
        let Evidence::Equivocation { header, payloads: [one, other] } = equivocation(2) else {
            unreachable!()
        };
        let turned = Evidence::Equivocation { header, payloads: [other, one] };
        assert_eq!(submit(accuse(1, turned)), invalid(4));
        let third = Worker::new(2).equivocate(header, [[1; 32], [3; 32]]);
        assert_eq!(submit(accuse(1, third)), invalid(4));
        assert_eq!(Offences::get(), [reported]);
        // Another one is another one, and two at once lose more than one.
        submit(accuse(1, equivocation(3))).expect("true");
        assert!(Offences::get()[1].fraction > LONE_SLASH);
    });
}

#[test]
fn no_evidence_should_be_made_of_honest_messages() {
    in_epoch(|| {
        let worker = Worker::new(2);
        let place = header(2, 1);
        let signatures = |header: MessageHeader, hash: [u8; 32]| {
            let Evidence::Equivocation { payloads: [one, _], .. } = worker.equivocate(header, [hash; 2])
            else {
                unreachable!()
            };
            one
        };
        let of = |header, payloads| accuse(1, Evidence::Equivocation { header, payloads });
        // One payload, sent twice.
        let one = signatures(place, [1; 32]);
        assert_eq!(submit(of(place, [one, one])), invalid(UNPROVEN));
        // What was signed for another place: any field of it.
        let places = [
            MessageHeader { attempt: AttemptId { epoch: Epoch(2), ..FIRST }, ..place },
            MessageHeader { attempt: AttemptId { attempt: Attempt(1), ..FIRST }, ..place },
            MessageHeader { session: SessionId([6; 32]), ..place },
            MessageHeader { flight: 3, ..place },
            MessageHeader { to: Worker::new(3).keys().transport, ..place },
        ];
        for elsewhere in places {
            let other = signatures(elsewhere, [2; 32]);
            assert_eq!(submit(of(place, [one, other])), invalid(UNPROVEN), "{elsewhere:?}");
        }
        // Messages of no flight may differ: a status does with every block.
        let loose = MessageHeader { flight: 0, ..place };
        let two = [signatures(loose, [1; 32]), signatures(loose, [2; 32])];
        assert_eq!(submit(of(loose, two)), invalid(UNPROVEN));
        // Signed by somebody else, or under another genesis.
        let mut forged = signatures(place, [2; 32]);
        forged.signature[0] ^= 1;
        assert_eq!(submit(of(place, [one, forged])), invalid(UNPROVEN));
        assert_eq!(Offences::get(), []);
    });
}

#[test]
fn only_members_should_accuse_and_only_members() {
    in_epoch(|| {
        assert_eq!(submit(accuse(5, equivocation(2))), invalid(3), "an outsider accuses");
        assert_eq!(submit(accuse(2, equivocation(2))), invalid(3), "for its own reward");
        let outsider = Worker::new(6).equivocate(header(6, 1), [[1; 32], [2; 32]]);
        assert_eq!(submit(accuse(1, outsider)), invalid(UNKNOWN_CULPRIT));
        let Call::report_fault { evidence, signature, .. } = accuse(1, equivocation(2)) else {
            unreachable!()
        };
        let reporter = Worker::new(3).keys().signing;
        let borrowed = Call::report_fault { evidence, reporter, signature };
        assert_eq!(submit(borrowed), Err(InvalidTransaction::BadProof.into()));
        assert_eq!(Offences::get(), []);
    });
}

#[test]
fn evidence_should_outlive_one_change_of_the_committee() {
    in_epoch(|| {
        PreviousCommittee::<Test>::set(CurrentCommittee::<Test>::get());
        CurrentCommittee::<Test>::put(committee_of(2, &[1, 3, 4, 5]));
        // Member 2 has left: it is convicted as the member that it was, by one that serves.
        submit(accuse(5, equivocation(2))).expect("true");
        assert_eq!(Offences::get().len(), 1);
        assert_eq!(Committee::convicted(FIRST), [index(2)].into());
        PreviousCommittee::<Test>::set(CurrentCommittee::<Test>::get());
        CurrentCommittee::<Test>::put(committee_of(3, &[1, 3, 4, 5]));
        assert_eq!(submit(accuse(5, equivocation(4))), invalid(UNKNOWN_CULPRIT), "two epochs ago");
        Committee::note_formation(AttemptId { epoch: Epoch(4), attempt: Attempt(0) });
        assert!(Committee::convicted(FIRST).is_empty(), "forgotten with the committee");
    });
}

#[test]
fn members_of_the_running_attempt_should_accuse_and_be_accused() {
    execute(4, || {
        submit(accuse(1, equivocation(2))).expect("true");
        assert_eq!(Offences::get().len(), 1);
    });
}

#[test]
fn a_committee_should_have_confirmed_what_it_serves_with() {
    in_epoch(|| {
        let confirm = |members: &[u8]| {
            CurrentCommittee::<Test>::mutate(|committee| {
                committee.as_mut().expect("serves").confirmed = peers(members);
            });
        };
        confirm(&[1, 4]);
        assert_eq!(Committee::do_try_state(), Err("fewer than t members have confirmed their shares".into()));
        confirm(&[1, 2, 4]);
        assert_eq!(Committee::do_try_state(), Ok(()));
    });
}
