//! What stands in for the sandbox here: programs of one command a line, which ask the committee what actions ask.
//!
//! ```text
//! sign <name> <text>       the PKP in the parameters signs, for the client
//! combine <name> <text>    as above, for the action: its response is the signature
//! once <name> <text>       runOnce: the response is the leader's value
//! collect <name> <text>    broadcastAndCollect: the response are the values of all
//! open <name> <text>       the committee opens what is encrypted under the condition that is called so
//! pause <milliseconds>
//! respond <text>
//! ```

use conclave_client::{DecryptRoot, OneTimeSecret};
use conclave_primitives::{blake2_256, DecryptionIdentity, PkpId, Program, Purpose, Scheme, SessionId};
use conclave_worker::{Ask, Event, Execution, Given, Report, Signer, Sought, Topic, Wanted};
use std::time::Duration;

use super::{queue::Action, World};
use crate::fault::{Fault, Seat};

/// How long a command takes.
const STEP: [Duration; 2] = [Duration::from_micros(100), Duration::from_millis(40)];

/// An action in the stand-in of one member.
pub(crate) struct Running {
    execution: Execution,
    life: u64,
    /// The next line.
    line: usize,
    response: Option<String>,
    /// The value that it makes as leader.
    leads_with: Option<String>,
    /// What it opens, with the secret that this takes.
    opens: Option<(DecryptionIdentity, OneTimeSecret)>,
}

impl World {
    pub(super) fn run_action(&mut self, seat: Seat, execution: Execution) {
        let (id, life) = (execution.id, self.nodes[seat].life);
        self.note(format_args!("{seat} runs {}", execution.request.program.cid()));
        let running = Running { execution, life, line: 0, response: None, leads_with: None, opens: None };
        self.actions.insert((seat, id), running);
        self.schedule_in(STEP, Action::RunOn { seat, life, execution: id });
    }

    /// One command.
    pub(super) fn run_on(&mut self, seat: Seat, id: SessionId) {
        let alters = self.faults.contains(&Fault::AltersAction { member: seat });
        let Some(running) = self.actions.get_mut(&(seat, id)) else { return };
        let Program::Inline(code) = &running.execution.request.program else { return };
        let code = String::from_utf8_lossy(code).into_owned();
        let Some(command) = code.lines().nth(running.line) else {
            let report = Report { response: running.response.clone(), ..Report::default() };
            self.actions.remove(&(seat, id));
            return self.handle(seat, Event::Executed { execution: id, report: Ok(Box::new(report)) });
        };
        running.line += 1;
        let words: Vec<&str> = command.split(' ').collect();
        let (verb, name) = (words[0], words.get(1).copied().unwrap_or_default());
        let mut text = words.get(2).copied().unwrap_or_default().to_owned();
        if alters && matches!(verb, "sign" | "combine" | "open") {
            text.push('!');
        }
        let occurrence =
            code.lines().take(running.line - 1).filter(|line| line.contains(name)).count() as u32;
        let topic = Topic { name: name.into(), occurrence };
        let stack = vec![running.execution.request.program.cid()];
        let mut pkp = [0; 32];
        let params = String::from_utf8_lossy(&running.execution.request.params).into_owned();
        let digits = params.split('"').nth(3).unwrap_or_default();
        hex::decode_to_slice(digits, &mut pkp).expect("the parameters name a PKP");
        let ask = match verb {
            "sign" | "combine" => Ask::Sign(Wanted {
                signer: Signer::Pkp(PkpId(pkp)),
                scheme: Scheme::Ed25519,
                payload: conclave_primitives::Payload::Message(
                    text.into_bytes().try_into().expect("a short text"),
                ),
                topic,
                stack,
                combine: verb == "combine",
            }),
            "once" => {
                running.leads_with = Some(format!("{text} of {seat}"));
                Ask::Lead { topic, wait: true }
            }
            "collect" => Ask::Collect { topic, value: format!("{text}{seat}") },
            "open" => {
                let identity =
                    DecryptionIdentity::LitV7 { condition: blake2_256(text.as_bytes()), plaintext: [1; 32] };
                let secret = OneTimeSecret::random(&mut self.rng);
                let client = Box::new(secret.public());
                if let Some(running) = self.actions.get_mut(&(seat, id)) {
                    running.opens = Some((identity, secret));
                }
                Ask::Open { sought: Sought { identity, topic, stack }, client }
            }
            "pause" => {
                let time = Duration::from_millis(name.parse().expect("milliseconds"));
                return self.schedule_in(
                    [time, time],
                    Action::RunOn { seat, life: self.nodes[seat].life, execution: id },
                );
            }
            "respond" => {
                running.response = Some(if alters { format!("not {name}") } else { name.into() });
                return self
                    .schedule_in(STEP, Action::RunOn { seat, life: self.nodes[seat].life, execution: id });
            }
            other => panic!("no such command: {other}"),
        };
        if alters && matches!(ask, Ask::Sign(_)) {
            self.fire("alters an action");
        }
        let call = self.actions.get(&(seat, id)).map_or(0, |running| running.line as u32);
        self.handle(seat, Event::ActionAsked { execution: id, call, ask: Box::new(ask) });
    }

    pub(super) fn answer_action(&mut self, seat: Seat, id: SessionId, answer: Result<Given, String>) {
        let life = self.nodes[seat].life;
        let Some(running) = self.actions.get_mut(&(seat, id)).filter(|running| running.life == life) else {
            return;
        };
        match answer {
            Ok(Given::Signed { signature, .. }) => running.response = Some(hex::encode(signature)),
            Ok(Given::Follows(value)) => running.response = value,
            Ok(Given::Collected(values)) => running.response = Some(values.join(",")),
            Ok(Given::Opened(sealed)) => {
                let Some((identity, secret)) = running.opens.take() else { return };
                let genesis = self.chain.genesis();
                let view = &self.chain.finalized().view;
                let committee = view.committee.as_ref().expect("a committee serves");
                let root = committee.roots.iter().find(|root| root.id.purpose == Purpose::Decrypt);
                let point = root.and_then(|root| root.commitments.first()).expect("a Decrypt root");
                let root = DecryptRoot::new(point, genesis, committee.keyset).expect("a point");
                if let Err(error) = secret.open(&sealed, &root, &identity) {
                    return self.violated(format!("{seat} was given a wrong decryption key: {error}"));
                }
                running.response = Some("opened".into());
            }
            Ok(Given::Published) => running.response = running.leads_with.take(),
            Ok(Given::Leads) => {
                let Some(value) = running.leads_with.clone() else { return };
                let Program::Inline(code) = &running.execution.request.program else { return };
                let code = String::from_utf8_lossy(code).into_owned();
                let line = running.line - 1;
                let name = code.lines().nth(line).and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
                let occurrence = code.lines().take(line).filter(|line| line.contains(name)).count() as u32;
                let topic = Topic { name: name.into(), occurrence };
                let ask = Box::new(Ask::Publish { topic, value });
                return self.handle(seat, Event::ActionAsked { execution: id, call: u32::MAX, ask });
            }
            Err(reason) => {
                let report = Report { failure: Some(reason), ..Report::default() };
                self.actions.remove(&(seat, id));
                return self.handle(seat, Event::Executed { execution: id, report: Ok(Box::new(report)) });
            }
        }
        self.schedule_in(STEP, Action::RunOn { seat, life, execution: id });
    }
}
