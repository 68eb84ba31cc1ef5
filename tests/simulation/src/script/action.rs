//! Actions: what t members come to is the answer, what fewer than t want is never signed.

use conclave_client::execution::verify_execution;
use conclave_primitives::{Bytes, Curve, ExecuteRequest, Program, Scheme};
use conclave_worker::{Executed, Reply, Request, SignError};
use std::{collections::BTreeSet, time::Duration};

use super::Script;
use crate::{
    check::{self, must, Check},
    dice::Dice,
    fault::{Fault, Seat},
};

/// How long a gateway may take to answer: its own limit, and a little.
const ANSWER_LIMIT: Duration = Duration::from_secs(40);
/// How many actions among liars, until one of them was called to sign.
const ACTIONS_AMONG_LIARS: u32 = 20;

const SIGNS: &str = "sign first hello\npause 20\nsign second world\nrespond done";

impl Script<'_> {
    /// Everything that an action may ask of the committee, through any gateway.
    pub(super) fn execute_rounds(&mut self, rounds: u32) -> Check {
        self.await_readiness(Scheme::Ed25519)?;
        let alter = self.altering();
        let mut named = BTreeSet::new();
        for _ in 0..rounds {
            let gateway = self.any_gateway();
            let done = self.must_execute(gateway, SIGNS)?;
            named.extend(self.named_in(&done)?);
            must!(done.report.response.as_deref() == Some("done"), "responded {:?}", done.report.response);
            must!(done.signatures.len() == 2, "{} signatures", done.signatures.len());
            self.must_be_signed(&done, "first", b"hello")?;
            self.must_be_signed(&done, "second", b"world")?;
            must!(
                self.seats_of(&done).is_disjoint(&alter),
                "who altered the action, or the report of it, agrees"
            );

            let done = self.must_execute(gateway, "combine one hello")?;
            let signature = done.report.response.clone().and_then(|text| hex::decode(text).ok());
            must!(done.signatures.is_empty(), "what the action gets is not for the client");
            self.must_verify(b"hello", &signature.ok_or("the response is no signature")?)?;

            let done = self.must_execute(gateway, "open it text")?;
            must!(done.report.response.as_deref() == Some("opened"), "opened {:?}", done.report.response);
            must!(self.seats_of(&done).is_disjoint(&alter), "who altered the action opens something");

            let done = self.must_execute(gateway, "once leader value")?;
            let value = done.report.response.clone().unwrap_or_default();
            must!(value.starts_with("value of "), "the leader's value is {value:?}");
            let done = self.must_execute(gateway, "collect all v\nonce again value\nonce again value")?;
            must!(done.report.response.is_some(), "no value the second time");
            let done = self.must_execute(gateway, "collect all v")?;
            let values = done.report.response.clone().unwrap_or_default();
            let count = values.split(',').collect::<BTreeSet<_>>().len();
            must!(count >= self.committee.threshold as usize, "the members' values are {values:?}");
        }
        // An answer does not wait for who has not spoken when t agree: over some of them everybody speaks.
        for _ in 0..ACTIONS_AMONG_LIARS {
            if named == alter {
                return Ok(());
            }
            let gateway = self.any_gateway();
            let done = self.must_execute(gateway, SIGNS)?;
            named.extend(self.named_in(&done)?);
        }
        Err(format!("gateways named {named:?} of {alter:?}, who altered the action or the report of it"))
    }

    /// Whom a gateway tells the client to have come to something else: nobody honest. Gives them.
    fn named_in(&self, done: &Executed) -> Check<BTreeSet<Seat>> {
        let alter = self.altering();
        let mut named = BTreeSet::new();
        for (index, what) in done.others.iter().filter(|(_, what)| what != "still runs") {
            let seat = self.world.seat_of(&self.committee, *index).ok_or("no such member")?;
            must!(alter.contains(&seat), "seat {seat} followed the protocol, and is named: {what}");
            named.insert(seat);
        }
        Ok(named)
    }

    /// Until a quorum with a member that sends wrong shares was called for an action, and its signature was made
    /// without.
    pub(super) fn execute_among_liars(&mut self) -> Check {
        self.await_readiness(Scheme::Ed25519)?;
        let reports = self.world.reports.len();
        for _ in 0..ACTIONS_AMONG_LIARS {
            let before: u64 = self.world.fired().values().sum();
            let gateway = self.outside_gateway();
            let done = self.must_execute(gateway, SIGNS)?;
            self.must_be_signed(&done, "first", b"hello")?;
            self.must_be_signed(&done, "second", b"world")?;
            if self.world.fired().values().sum::<u64>() > before {
                let blamed = check::blame(self.world, &self.committee, reports)?;
                must!(!blamed.is_empty(), "nobody named a liar");
                check::left_out(self.world, &self.committee)?;
                return self.await_convictions(&blamed);
            }
        }
        Err(format!("no liar was called in {ACTIONS_AMONG_LIARS} actions: the run tested nothing"))
    }

    /// A member dies while it runs an action: the others finish it.
    pub(super) fn execute_while_one_dies(&mut self, member: Seat) -> Check {
        self.await_readiness(Scheme::Ed25519)?;
        let crash = Fault::Crash { member, at: Duration::from_millis(300), down: Duration::from_secs(30) };
        self.world.begin(&[crash]);
        let gateway = self.outside_gateway();
        let done = self.must_execute(gateway, "pause 400\nsign first hello\nrespond done")?;
        must!(self.world.fired().get("crash").is_some_and(|times| *times > 0), "nobody died");
        self.must_be_signed(&done, "first", b"hello")?;
        let missing = |(index, what): &(_, String)| {
            let is_dead = self.world.seat_of(&self.committee, *index) == Some(member);
            is_dead || what == "still runs"
        };
        must!(done.others.iter().all(missing), "the others are {:?}", done.others);
        self.world.run_for(Duration::from_secs(60))
    }

    /// Fewer than t run what was asked for: nothing is signed, and the error says who wanted what.
    pub(super) fn execute_while_too_many_alter(&mut self) -> Check {
        self.await_readiness(Scheme::Ed25519)?;
        let alter = self.altering();
        let left = self.world.members - alter.len();
        must!(left < self.committee.threshold as usize, "{left} members run what was asked for");
        let gateway = self.any_gateway();
        let answer = self.execute(gateway, SIGNS)?;
        let named = match answer {
            Err(SignError::Diverged { members, .. }) => members,
            other => return Err(format!("too few run what was asked for, and the answer is {other:?}")),
        };
        must!(named.len() == self.world.members, "{named:?} names not everybody");
        let told = named.iter().filter(|(_, what)| what.contains("want the same")).count();
        must!(told >= self.committee.threshold as usize, "{named:?} does not say what was wanted");
        Ok(())
    }

    fn altering(&self) -> BTreeSet<Seat> {
        let of =
            |fault: &&Fault| matches!(fault, Fault::AltersAction { .. } | Fault::MisendorsesAction { .. });
        self.world.faults.iter().filter(of).map(Fault::member).collect()
    }

    fn seats_of(&self, done: &Executed) -> BTreeSet<Seat> {
        done.agreed().filter_map(|index| self.world.seat_of(&self.committee, index)).collect()
    }

    fn must_be_signed(&mut self, done: &Executed, name: &str, message: &[u8]) -> Check {
        let signature = done.signatures.iter().find(|signature| signature.name == name);
        let signature = signature.ok_or_else(|| format!("no signature {name}"))?;
        must!(signature.signed == message, "`{name}` is of {:?}", signature.signed);
        self.must_verify(message, &signature.signature)
    }

    fn must_verify(&mut self, message: &[u8], signature: &[u8]) -> Check {
        let view = self.world.chain.finalized();
        let pkp = view.pkp(&self.pkp).ok_or("no PKP")?;
        let key = pkp.public_keys.iter().find(|key| key.curve == Curve::Ed25519).ok_or("no key")?;
        let point = key.point.to_vec();
        let valid = check::is_signature(Scheme::Ed25519, &point, message, signature);
        must!(valid, "a wrong signature was handed out");
        self.must_be_fresh(&point, signature)?;
        self.story.signatures += 1;
        Ok(())
    }

    fn must_execute(&mut self, gateway: Seat, code: &str) -> Check<Executed> {
        let done = self.execute(gateway, code)?.map_err(|error| format!("{code:?}: {error}"))?;
        must!(done.report.failure.is_none(), "{code:?} failed: {:?}", done.report.failure);
        let outcome = done.outcome();
        let genesis = self.world.chain.genesis();
        let verified = verify_execution(&outcome, &genesis, &self.committee, &done.endorsements);
        must!(verified.is_ok(), "a client does not take the answer: {verified:?}");
        Ok(done)
    }

    fn execute(&mut self, gateway: Seat, code: &str) -> Check<Result<Executed, SignError>> {
        let genesis = self.world.chain.genesis();
        let params = format!(r#"{{"pkp":"{}"}}"#, hex::encode(self.pkp.0));
        let request = ExecuteRequest {
            program: Program::Inline(Bytes::truncate_from(code.as_bytes().to_vec())),
            params: Bytes::truncate_from(params.into_bytes()),
            private: None,
            spread: true,
            valid_until: self.world.chain.finalized().view.finalized + 50,
            nonce: self.world.rng.bytes(),
        };
        let authorisation = self.owner.sign(&request.text(&genesis));
        let id = request.id(&genesis);
        let ticket = self.world.ask_for(gateway, Request::Execute(request), authorisation);
        let limit = self.world.now + ANSWER_LIMIT;
        let answered = self.world.run_until(limit, |world| world.answer(ticket).is_some())?;
        must!(answered, "no answer within {ANSWER_LIMIT:?}");
        match self.world.answer(ticket).ok_or("no answer")?.clone() {
            Ok(Reply::Executed(done)) => {
                must!(done.request == id, "the answer is to another request");
                Ok(Ok(*done))
            }
            Ok(other) => Err(format!("asked for an action, and got {other:?}")),
            Err(error) => Ok(Err(error)),
        }
    }
}
