//! One pure rule: what is there to do, given what the chain says and what we hold.

use conclave_primitives::{AttemptId, AttemptPhase, ParticipantIndex};

use crate::ChainView;

/// What we hold, as far as the rule needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalView {
    /// Our index in the running attempt.
    pub in_keygen: Option<ParticipantIndex>,
    /// Our index in the committee.
    pub in_committee: Option<ParticipantIndex>,
    /// The attempt whose shares we hold.
    pub shares: Option<AttemptId>,
}

/// Something to do. A job that is done already, or twice, does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// Make a dealing, store it, post its hash.
    CommitDealing(AttemptId),
    /// Open the dealing.
    Deal(AttemptId),
    /// Judge the shares dealt to us.
    ReportShares(AttemptId),
    /// Take our shares from the dealings that stand and write them to disk.
    TakeShares(AttemptId),
    /// Say that we have them.
    ConfirmShares(AttemptId),
    /// Have the new committee sign for the first time.
    Activate(AttemptId),
}

/// What is there to do. Whether `view` was seen before, or others were missed, makes no difference.
pub fn reconcile(view: &ChainView, local: &LocalView) -> Vec<Job> {
    let mut jobs = Vec::new();
    if let (Some(keygen), Some(index)) = (&view.keygen, local.in_keygen) {
        let id = keygen.id;
        let guilty = keygen.disqualified.contains(&index);
        match keygen.phase {
            AttemptPhase::Commit if !keygen.committed.contains(&index) => jobs.push(Job::CommitDealing(id)),
            AttemptPhase::Deal
                if keygen.committed.contains(&index) && !keygen.dealt.contains(&index) && !guilty =>
            {
                jobs.push(Job::Deal(id));
            }
            AttemptPhase::Complain if !keygen.reported.contains(&index) => jobs.push(Job::ReportShares(id)),
            AttemptPhase::Confirm => {
                if local.shares != Some(id) {
                    jobs.push(Job::TakeShares(id));
                } else if !keygen.confirmed.contains(&index) {
                    jobs.push(Job::ConfirmShares(id));
                } else if u32::try_from(keygen.confirmed.len()).is_ok_and(|count| count >= keygen.threshold) {
                    jobs.push(Job::Activate(id));
                }
            }
            AttemptPhase::Commit | AttemptPhase::Deal | AttemptPhase::Complain => {}
        }
    } else if let (Some(committee), Some(_)) = (&view.committee, local.in_committee) {
        if local.shares != Some(committee.attempt_id()) {
            jobs.push(Job::TakeShares(committee.attempt_id()));
        }
    }
    jobs
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_primitives::{Attempt, AttemptView, Committee, Epoch, KeysetId};

    fn index(value: u8) -> ParticipantIndex {
        ParticipantIndex::new(value).expect("not zero")
    }

    const ID: AttemptId = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };

    fn view(phase: AttemptPhase) -> AttemptView {
        AttemptView {
            id: ID,
            keyset: KeysetId(0),
            members: Vec::new(),
            threshold: 2,
            keys: Vec::new(),
            phase,
            deadline: 9,
            committed: Vec::new(),
            dealt: Vec::new(),
            disqualified: Vec::new(),
            reported: Vec::new(),
            confirmed: Vec::new(),
            roots: Vec::new(),
        }
    }

    fn jobs(keygen: AttemptView, shares: Option<AttemptId>) -> Vec<Job> {
        let view = ChainView { finalized: 5, committee: None, keygen: Some(keygen) };
        let local = LocalView { in_keygen: Some(index(1)), in_committee: None, shares };
        assert_eq!(reconcile(&view, &local), reconcile(&view, &local), "pure");
        reconcile(&view, &local)
    }

    #[test]
    fn each_phase_should_yield_its_job_until_the_chain_shows_it_done() {
        let me = vec![index(1)];
        assert_eq!(jobs(view(AttemptPhase::Commit), None), [Job::CommitDealing(ID)]);
        assert_eq!(jobs(AttemptView { committed: me.clone(), ..view(AttemptPhase::Commit) }, None), []);
        // Whoever did not commit has nothing to open.
        assert_eq!(jobs(view(AttemptPhase::Deal), None), []);
        let committed = AttemptView { committed: me.clone(), ..view(AttemptPhase::Deal) };
        assert_eq!(jobs(committed.clone(), None), [Job::Deal(ID)]);
        assert_eq!(jobs(AttemptView { dealt: me.clone(), ..committed.clone() }, None), []);
        assert_eq!(jobs(AttemptView { disqualified: me.clone(), ..committed }, None), []);
        assert_eq!(jobs(view(AttemptPhase::Complain), None), [Job::ReportShares(ID)]);
        assert_eq!(jobs(AttemptView { reported: me.clone(), ..view(AttemptPhase::Complain) }, None), []);
        assert_eq!(jobs(view(AttemptPhase::Confirm), None), [Job::TakeShares(ID)]);
        assert_eq!(jobs(view(AttemptPhase::Confirm), Some(ID)), [Job::ConfirmShares(ID)]);
        let confirmed = AttemptView { confirmed: me, ..view(AttemptPhase::Confirm) };
        assert_eq!(jobs(confirmed.clone(), Some(ID)), []);
        let enough = AttemptView { confirmed: vec![index(1), index(2)], ..confirmed };
        assert_eq!(jobs(enough, Some(ID)), [Job::Activate(ID)]);
    }

    #[test]
    fn an_outsider_should_have_nothing_to_do() {
        let view = ChainView { finalized: 5, committee: None, keygen: Some(view(AttemptPhase::Commit)) };
        assert_eq!(reconcile(&view, &LocalView::default()), []);
    }

    #[test]
    fn a_member_that_was_off_should_take_its_shares_later() {
        let committee = Committee {
            epoch: Epoch(1),
            attempt: Attempt(0),
            keyset: KeysetId(0),
            members: Vec::new(),
            threshold: 2,
            roots: Vec::new(),
        };
        let view = ChainView { finalized: 50, committee: Some(committee), keygen: None };
        let local = LocalView { in_committee: Some(index(1)), ..Default::default() };
        assert_eq!(reconcile(&view, &local), [Job::TakeShares(ID)]);
        assert_eq!(reconcile(&view, &LocalView { shares: Some(ID), ..local }), []);
    }
}
