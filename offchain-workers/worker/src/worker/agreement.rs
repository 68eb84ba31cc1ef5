//! What members agree on while an action runs: the leader's value of `runOnce`, everybody's of `broadcastAndCollect`.
//!
//! A leader's value is echoed by each member to each, once; it is taken when t have the same. Two values cannot both
//! be echoed by t, since an honest member echoes one, so that no two honest members take different ones.

use conclave_primitives::{ParticipantIndex, SessionId};
use rand_core::CryptoRng;
use std::{collections::BTreeMap, time::Duration};

use super::{execution::Executing, Worker};
use crate::{
    action::{ActionMessage, Given, Topic},
    limits::{COLLECT_TIMEOUT, LEADER_TIMEOUT, MAX_NAME_BYTES, MAX_TOPICS, MAX_VALUE_BYTES},
    message::{Body, TransportKey},
    ports::StoreRecords,
};

/// The topics of one execution.
#[derive(Default)]
pub(super) struct Agreements {
    /// Of `runOnce`: what each member has from the leader.
    echoes: BTreeMap<Topic, Gathered>,
    /// Of `broadcastAndCollect`.
    values: BTreeMap<Topic, Gathered>,
}

#[derive(Default)]
struct Gathered {
    by_member: BTreeMap<ParticipantIndex, String>,
    waiting: Option<Waiting>,
}

/// A call of the action that waits, and until when.
#[derive(Clone, Copy)]
pub(super) struct Waiting {
    pub(super) call: u32,
    pub(super) until: Duration,
}

impl Agreements {
    /// The next time at which something that waits is told that it is over.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        let all = self.echoes.values().chain(self.values.values());
        all.filter_map(|gathered| gathered.waiting.map(|waiting| waiting.until)).min()
    }
}

/// Who leads: not of a gateway's choice, since it follows from the request, which the client signed.
fn leader(executing: &Executing) -> Option<ParticipantIndex> {
    let bytes = executing.request.0.first_chunk::<8>()?;
    let count = u64::try_from(executing.members.len()).ok()?;
    let position = u64::from_le_bytes(*bytes).checked_rem(count)?;
    executing.members.get(usize::try_from(position).ok()?).copied()
}

fn check_topic(topic: &Topic, value: &str) -> Result<(), String> {
    if topic.name.len() > MAX_NAME_BYTES {
        return Err(format!("name: longer than {MAX_NAME_BYTES} bytes"));
    }
    if value.len() > MAX_VALUE_BYTES {
        return Err(format!("value: longer than {MAX_VALUE_BYTES} bytes"));
    }
    Ok(())
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Whether this member leads; if not, and the action waits, what t members have from who does.
    pub(super) fn lead(
        &mut self,
        now: Duration,
        id: SessionId,
        call: u32,
        topic: Topic,
        wait: bool,
    ) -> Result<Option<Given>, String> {
        check_topic(&topic, "")?;
        let executing = self.executing.get_mut(&id).ok_or("the execution is over")?;
        if leader(executing) == Some(executing.index) {
            return Ok(Some(Given::Leads));
        }
        if !wait {
            return Ok(Some(Given::Follows(None)));
        }
        let until = now.saturating_add(LEADER_TIMEOUT).min(executing.deadline);
        executing.agreements.echoes.entry(topic.clone()).or_default().waiting = Some(Waiting { call, until });
        self.settle_echoes(id, &topic);
        Ok(None)
    }

    /// As the leader, tells everybody.
    pub(super) fn publish(&mut self, id: SessionId, topic: Topic, value: String) -> Result<(), String> {
        check_topic(&topic, &value)?;
        let executing = self.executing.get(&id).ok_or("the execution is over")?;
        if leader(executing) != Some(executing.index) {
            return Err("another member leads".into());
        }
        self.echo(id, topic, value);
        Ok(())
    }

    /// Says once to all what the leader's value is.
    fn echo(&mut self, id: SessionId, topic: Topic, value: String) {
        let Some(executing) = self.executing.get_mut(&id) else { return };
        let index = executing.index;
        let gathered = executing.agreements.echoes.entry(topic.clone()).or_default();
        if gathered.by_member.contains_key(&index) {
            return;
        }
        gathered.by_member.insert(index, value.clone());
        self.tell_members(id, &ActionMessage::Echo { topic: topic.clone(), value });
        self.settle_echoes(id, &topic);
    }

    pub(super) fn collect(
        &mut self,
        now: Duration,
        id: SessionId,
        call: u32,
        topic: Topic,
        value: String,
    ) -> Result<Option<Given>, String> {
        check_topic(&topic, &value)?;
        let executing = self.executing.get_mut(&id).ok_or("the execution is over")?;
        let until = now.saturating_add(COLLECT_TIMEOUT).min(executing.deadline);
        let gathered = executing.agreements.values.entry(topic.clone()).or_default();
        gathered.by_member.insert(executing.index, value.clone());
        gathered.waiting = Some(Waiting { call, until });
        self.tell_members(id, &ActionMessage::Value { topic: topic.clone(), value });
        self.settle_values(id, &topic, false);
        Ok(None)
    }

    pub(super) fn tell_members(&mut self, id: SessionId, message: &ActionMessage) {
        let Some(executing) = self.executing.get(&id) else { return };
        let others = executing.members.iter().filter(|member| **member != executing.index);
        let keys: Vec<TransportKey> =
            others.filter_map(|member| Some(executing.committee.member(*member)?.keys.transport)).collect();
        for key in keys {
            self.send(key, id, 0, Body::Action(message.clone()));
        }
    }

    /// A value of another member. The first one counts.
    pub(super) fn on_value(&mut self, from: TransportKey, id: SessionId, message: ActionMessage) {
        let Some(executing) = self.executing.get_mut(&id) else { return };
        let Some(member) = executing.other(&from) else { return };
        let (is_echo, topic, value) = match message {
            ActionMessage::Echo { topic, value } => (true, topic, value),
            ActionMessage::Value { topic, value } => (false, topic, value),
            _ => return,
        };
        let Agreements { echoes, values } = &mut executing.agreements;
        let of = if is_echo { echoes } else { values };
        let spoken = of.values().filter(|gathered| gathered.by_member.contains_key(&member)).count();
        if check_topic(&topic, &value).is_err() || spoken >= MAX_TOPICS {
            return;
        }
        of.entry(topic.clone()).or_default().by_member.entry(member).or_insert_with(|| value.clone());
        if !is_echo {
            return self.settle_values(id, &topic, false);
        }
        if leader(executing) == Some(member) {
            self.echo(id, topic.clone(), value);
        }
        self.settle_echoes(id, &topic);
    }

    fn settle_echoes(&mut self, id: SessionId, topic: &Topic) {
        let Some(executing) = self.executing.get_mut(&id) else { return };
        let threshold = usize::try_from(executing.committee.threshold).unwrap_or(usize::MAX);
        let Some(gathered) = executing.agreements.echoes.get_mut(topic) else { return };
        let times = |value: &String| gathered.by_member.values().filter(|other| *other == value).count();
        let agreed = gathered.by_member.values().find(|value| times(value) >= threshold).cloned();
        if let (Some(value), Some(Waiting { call, .. })) = (agreed, gathered.waiting) {
            gathered.waiting = None;
            self.answer_action(id, call, Ok(Given::Follows(Some(value))));
        }
    }

    fn settle_values(&mut self, id: SessionId, topic: &Topic, is_late: bool) {
        let Some(executing) = self.executing.get_mut(&id) else { return };
        let everybody = executing.members.len();
        let Some(gathered) = executing.agreements.values.get_mut(topic) else { return };
        if gathered.by_member.len() < everybody && !is_late {
            return;
        }
        let Some(Waiting { call, .. }) = gathered.waiting.take() else { return };
        let values = gathered.by_member.values().cloned().collect();
        self.answer_action(id, call, Ok(Given::Collected(values)));
    }

    /// Who waited long enough goes on without the silent, or hears who leads and said nothing.
    pub(super) fn expire_agreements(&mut self, now: Duration) {
        let late = |(topic, gathered): (&Topic, &Gathered)| {
            gathered.waiting.filter(|waiting| waiting.until <= now).map(|_| topic.clone())
        };
        let mut values = Vec::new();
        let mut echoes = Vec::new();
        for (id, executing) in &self.executing {
            values.extend(executing.agreements.values.iter().filter_map(late).map(|topic| (*id, topic)));
            echoes.extend(executing.agreements.echoes.iter().filter_map(late).map(|topic| (*id, topic)));
        }
        for (id, topic) in values {
            self.settle_values(id, &topic, true);
        }
        for (id, topic) in echoes {
            let Some(executing) = self.executing.get_mut(&id) else { continue };
            let leader = leader(executing).map(|leader| leader.to_string()).unwrap_or_default();
            let Some(gathered) = executing.agreements.echoes.get_mut(&topic) else { continue };
            let Some(Waiting { call, .. }) = gathered.waiting.take() else { continue };
            let heard = gathered.by_member.len();
            let reason = format!(
                "`{}`: fewer than t members have one value of member {leader}, who leads; {heard} have any",
                topic.name
            );
            self.answer_action(id, call, Err(reason));
        }
    }
}
