//! One pure rule: what is there to do, given what the chain says and what we hold.

use conclave_primitives::{AttemptId, AttemptKind, AttemptPhase, AttemptView, Committee, ParticipantIndex};

use crate::ChainView;

/// What we are and hold, as far as the rule needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalView {
    /// Our index among the dealers of the running attempt.
    pub as_dealer: Option<ParticipantIndex>,
    /// Our index among its members.
    pub as_member: Option<ParticipantIndex>,
    /// Our index in the committee that serves.
    pub in_committee: Option<ParticipantIndex>,
    /// The attempts whose shares we hold.
    pub shares: Vec<AttemptId>,
}

/// Something to do. A job that is done already, or twice, does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// Make a dealing, store it, post its hash.
    CommitDealing(AttemptId),
    /// Open the dealing; in a reshare make one of our shares.
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

impl Job {
    /// The attempt it is a part of.
    pub fn attempt(&self) -> AttemptId {
        match self {
            Self::CommitDealing(id)
            | Self::Deal(id)
            | Self::ReportShares(id)
            | Self::TakeShares(id)
            | Self::ConfirmShares(id)
            | Self::Activate(id) => *id,
        }
    }
}

/// What is there to do. Whether `view` was seen before, or others were missed, makes no difference.
pub fn reconcile(view: &ChainView, local: &LocalView) -> Vec<Job> {
    let mut jobs = Vec::new();
    if let Some(attempt) = &view.attempt {
        jobs.extend(local.as_dealer.and_then(|index| dealer_job(view, attempt, index, local)));
        jobs.extend(local.as_member.and_then(|index| member_job(attempt, index, local)));
    }
    // From the dealings that made the committee, which stand until the next attempt's take their place. Never by whoever
    // had confirmed its shares: a disk without them is an old one.
    if let (Some(committee), Some(index), None) = (&view.committee, local.in_committee, &view.attempt) {
        if !local.shares.contains(&committee.attempt_id()) && !committee.confirmed.contains(&index) {
            jobs.push(Job::TakeShares(committee.attempt_id()));
        }
    }
    jobs
}

fn dealer_job(
    view: &ChainView,
    attempt: &AttemptView,
    index: ParticipantIndex,
    local: &LocalView,
) -> Option<Job> {
    let (id, committed) = (attempt.id, attempt.committed.contains(&index));
    let open = !attempt.dealt.contains(&index) && !attempt.guilty_dealers.contains(&index);
    match (attempt.phase, attempt.kind) {
        (AttemptPhase::Commit, _) if !committed => Some(Job::CommitDealing(id)),
        (AttemptPhase::Deal, AttemptKind::Keygen) if committed && open => Some(Job::Deal(id)),
        // Only who holds its share has something to deal.
        (AttemptPhase::Deal, AttemptKind::Reshare) if open => {
            let holds = |committee: &Committee| local.shares.contains(&committee.attempt_id());
            view.committee.as_ref().is_some_and(holds).then_some(Job::Deal(id))
        }
        _ => None,
    }
}

fn member_job(attempt: &AttemptView, index: ParticipantIndex, local: &LocalView) -> Option<Job> {
    let id = attempt.id;
    if attempt.guilty_members.contains(&index) {
        return None;
    }
    match attempt.phase {
        AttemptPhase::Complain if !attempt.reported.contains(&index) => Some(Job::ReportShares(id)),
        AttemptPhase::Confirm if !attempt.confirmed.contains(&index) => {
            Some(if local.shares.contains(&id) { Job::ConfirmShares(id) } else { Job::TakeShares(id) })
        }
        AttemptPhase::Confirm
            if u32::try_from(attempt.confirmed.len()).is_ok_and(|count| count >= attempt.threshold) =>
        {
            Some(Job::Activate(id))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_primitives::{Attempt, Epoch, KeysetId};

    fn index(value: u8) -> ParticipantIndex {
        ParticipantIndex::new(value).expect("not zero")
    }

    const ID: AttemptId = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
    const NEXT: AttemptId = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };

    fn view(id: AttemptId, kind: AttemptKind, phase: AttemptPhase) -> AttemptView {
        AttemptView {
            id,
            kind,
            keyset: KeysetId(0),
            dealers: Vec::new(),
            members: Vec::new(),
            threshold: 2,
            keys: Vec::new(),
            phase,
            round: 0,
            deadline: 9,
            committed: Vec::new(),
            dealt: Vec::new(),
            guilty_dealers: Vec::new(),
            guilty_members: Vec::new(),
            reported: Vec::new(),
            confirmed: Vec::new(),
            roots: Vec::new(),
        }
    }

    fn keygen(phase: AttemptPhase) -> AttemptView {
        view(ID, AttemptKind::Keygen, phase)
    }

    fn committee() -> Committee {
        Committee {
            epoch: Epoch(1),
            attempt: Attempt(0),
            kind: AttemptKind::Keygen,
            keyset: KeysetId(0),
            members: Vec::new(),
            threshold: 2,
            roots: Vec::new(),
            confirmed: Vec::new(),
        }
    }

    fn jobs(attempt: AttemptView, shares: &[AttemptId]) -> Vec<Job> {
        let view = ChainView { finalized: 5, committee: None, attempt: Some(attempt) };
        let me = Some(index(1));
        let local = LocalView { as_dealer: me, as_member: me, in_committee: None, shares: shares.to_vec() };
        assert_eq!(reconcile(&view, &local), reconcile(&view, &local), "pure");
        reconcile(&view, &local)
    }

    #[test]
    fn each_phase_should_yield_its_job_until_the_chain_shows_it_done() {
        let me = vec![index(1)];
        assert_eq!(jobs(keygen(AttemptPhase::Commit), &[]), [Job::CommitDealing(ID)]);
        assert_eq!(jobs(AttemptView { committed: me.clone(), ..keygen(AttemptPhase::Commit) }, &[]), []);
        // Whoever did not commit has nothing to open.
        assert_eq!(jobs(keygen(AttemptPhase::Deal), &[]), []);
        let committed = AttemptView { committed: me.clone(), ..keygen(AttemptPhase::Deal) };
        assert_eq!(jobs(committed.clone(), &[]), [Job::Deal(ID)]);
        assert_eq!(jobs(AttemptView { dealt: me.clone(), ..committed.clone() }, &[]), []);
        assert_eq!(jobs(AttemptView { guilty_dealers: me.clone(), ..committed }, &[]), []);
        assert_eq!(jobs(keygen(AttemptPhase::Complain), &[]), [Job::ReportShares(ID)]);
        assert_eq!(jobs(AttemptView { reported: me.clone(), ..keygen(AttemptPhase::Complain) }, &[]), []);
        assert_eq!(jobs(keygen(AttemptPhase::Finalise), &[]), []);
        assert_eq!(jobs(keygen(AttemptPhase::Confirm), &[]), [Job::TakeShares(ID)]);
        assert_eq!(jobs(keygen(AttemptPhase::Confirm), &[ID]), [Job::ConfirmShares(ID)]);
        let guilty = AttemptView { guilty_members: me.clone(), ..keygen(AttemptPhase::Confirm) };
        assert_eq!(jobs(guilty, &[ID]), []);
        let confirmed = AttemptView { confirmed: me, ..keygen(AttemptPhase::Confirm) };
        assert_eq!(jobs(confirmed.clone(), &[ID]), []);
        let enough = AttemptView { confirmed: vec![index(1), index(2)], ..confirmed };
        assert_eq!(jobs(enough, &[ID]), [Job::Activate(ID)]);
    }

    #[test]
    fn an_outsider_should_have_nothing_to_do() {
        let view = ChainView { finalized: 5, committee: None, attempt: Some(keygen(AttemptPhase::Commit)) };
        assert_eq!(reconcile(&view, &LocalView::default()), []);
    }

    #[test]
    fn a_reshare_should_ask_old_members_to_deal_and_new_ones_to_receive() {
        let attempt = |phase| view(NEXT, AttemptKind::Reshare, phase);
        let of = |phase, local: &LocalView| {
            let view =
                ChainView { finalized: 5, committee: Some(committee()), attempt: Some(attempt(phase)) };
            reconcile(&view, local)
        };
        let old = LocalView {
            as_dealer: Some(index(1)),
            in_committee: Some(index(1)),
            shares: vec![ID],
            ..Default::default()
        };
        assert_eq!(of(AttemptPhase::Deal, &old), [Job::Deal(NEXT)]);
        assert_eq!(of(AttemptPhase::Deal, &LocalView { shares: Vec::new(), ..old.clone() }), []);
        assert_eq!(of(AttemptPhase::Confirm, &old), []);
        let new = LocalView { as_member: Some(index(1)), ..Default::default() };
        assert_eq!(of(AttemptPhase::Deal, &new), []);
        assert_eq!(of(AttemptPhase::Complain, &new), [Job::ReportShares(NEXT)]);
        assert_eq!(of(AttemptPhase::Confirm, &new), [Job::TakeShares(NEXT)]);
        // Both at once, under two indices.
        let both = LocalView { as_member: Some(index(3)), ..old };
        assert_eq!(of(AttemptPhase::Confirm, &both), [Job::TakeShares(NEXT)]);
    }

    #[test]
    fn a_member_that_was_off_should_take_its_shares_later() {
        let view = ChainView { finalized: 50, committee: Some(committee()), attempt: None };
        let local = LocalView { in_committee: Some(index(1)), ..Default::default() };
        assert_eq!(reconcile(&view, &local), [Job::TakeShares(ID)]);
        assert_eq!(reconcile(&view, &LocalView { shares: vec![ID], ..local }), []);
    }

    #[test]
    fn a_member_that_confirmed_should_not_take_its_shares_again() {
        let confirmed = vec![index(1)];
        let serving = Committee { confirmed: confirmed.clone(), ..committee() };
        let view = ChainView { finalized: 50, committee: Some(serving), attempt: None };
        let local = LocalView { in_committee: Some(index(1)), ..Default::default() };
        assert_eq!(reconcile(&view, &local), []);
        assert_eq!(jobs(AttemptView { confirmed, ..keygen(AttemptPhase::Confirm) }, &[]), []);
    }
}
