//! Decryption: who meets a condition, and nobody else, whoever lies.

use conclave_client::{DecryptRoot, OneTimeSecret};
use conclave_conditions::Denied;
use conclave_primitives::{
    conditions::{parse, Condition},
    ConditionSource, DecryptItem, DecryptRequest, DecryptionIdentity, ParticipantIndex, Purpose, Scheme,
};
use conclave_worker::{Decrypted, Failure, Refusal, Reply, SignError};
use std::{collections::BTreeSet, time::Duration};

use super::{Script, TRIES};
use crate::{
    check::{must, Check},
    dice::Dice,
    fault::{Fault, Seat},
    network::Network,
    world::{CHAIN, HOLDER, OTHER},
};

/// How long a gateway may take to answer: its own limit, and an attempt that was called just before.
const ANSWER_LIMIT: Duration = Duration::from_secs(50);
/// How many requests among liars, until some of them were called.
const REQUESTS_AMONG_LIARS: u32 = 20;
/// After what time everybody who was called has answered.
const SETTLED: Duration = Duration::from_secs(2);
/// How many requests with a liar in their quorum are enough.
const ENOUGH: u32 = 3;

impl Script<'_> {
    /// Both are asked for through any gateway. Who is lied to is outvoted, in both directions.
    pub(super) fn decrypt_rounds(&mut self, rounds: u32) -> Check {
        self.await_readiness(Scheme::BlsG2)?;
        let lied_to = self.lied_to();
        for _ in 0..rounds {
            let gateway = self.any_gateway();
            let opened = self.decrypt(gateway, &[holds(HOLDER)])?.map_err(|error| error.to_string())?;
            must!(self.seats(&opened).is_disjoint(&lied_to), "{opened:?} although {lied_to:?} were lied to");
            for (member, failure) in &opened.failures {
                let seat = self.world.seat_of(&self.committee, *member).ok_or("no such member")?;
                must!(lied_to.contains(&seat), "seat {seat} is done without: {failure}");
                must!(is_denial(failure), "seat {seat} was lied to, and says {failure}");
            }
            let gateway = self.any_gateway();
            self.must_be_denied(gateway, &[holds(OTHER)], &[0])?;
            // All or nothing. Who is lied to refuses the first item already.
            let items: &[u8] = if lied_to.is_empty() { &[1] } else { &[0, 1] };
            self.must_be_denied(gateway, &[holds(HOLDER), holds(OTHER)], items)?;
        }
        // Which members a request takes is drawn: somebody who is lied to must have been asked.
        for _ in 0..REQUESTS_AMONG_LIARS {
            let fired = self.world.fired();
            if lied_to.is_empty() || fired.get("is lied to").is_some_and(|times| *times > 0) {
                return Ok(());
            }
            let gateway = self.any_gateway();
            self.decrypt(gateway, &[holds(HOLDER)])?.map_err(|error| error.to_string())?;
        }
        Err("nobody who is lied to was called: the run tested nothing".into())
    }

    pub(super) fn decrypt_among_liars(&mut self) -> Check {
        self.await_readiness(Scheme::BlsG2)?;
        let honest = self.world.honest();
        let gateway = self.outside_gateway();
        let (mut lied, mut blamed) = (0, BTreeSet::new());
        for _ in 0..REQUESTS_AMONG_LIARS {
            let before: u64 = self.world.fired().values().sum();
            let opened = self.must_decrypt(gateway)?;
            let after: u64 = self.world.fired().values().sum();
            must!(self.seats(&opened).is_subset(&honest), "{opened:?} although only {honest:?} are honest");
            let named = self.must_name_liars(&opened.failures)?;
            if after > before {
                // Where messages get lost a client may have asked again, and a wrong share never have come.
                if self.plan.network == Network::CALM {
                    must!(opened.attempts > 1 && !named.is_empty(), "a quorum with a liar opened something");
                    let most = self.plan.faults.len() + 1;
                    must!(usize::from(opened.attempts) <= most, "{} attempts, not {most}", opened.attempts);
                }
                blamed.extend(named);
                lied += 1;
            }
            if lied >= ENOUGH {
                break;
            }
            // Who was called last may still be about to answer, and lie.
            self.world.run_for(SETTLED)?;
        }
        must!(lied > 0, "no liar was called in {REQUESTS_AMONG_LIARS} requests: the run tested nothing");
        must!(!blamed.is_empty(), "the gateway named no liar");
        Ok(())
    }

    /// Every quorum has a liar in it: the client is told who, and gets no keys.
    pub(super) fn decrypt_among_too_many_liars(&mut self) -> Check {
        for _ in 0..2 {
            let gateway = self.any_gateway();
            match self.decrypt(gateway, &[holds(HOLDER)])? {
                Err(SignError::TimedOut { failures }) => {
                    let named = self.must_name_liars(&failures)?;
                    must!(!named.is_empty(), "the gateway named no liar");
                }
                other => return Err(format!("with a liar in every quorum the answer is {other:?}")),
            }
            self.world.run_for(SETTLED)?;
        }
        Ok(())
    }

    /// Whom a gateway names for shares: each for its own, and nobody honest. Where messages get lost or come twice, an honest
    /// member may have been out of reach, or refuse what it has served.
    fn must_name_liars(&self, failures: &[(ParticipantIndex, Failure)]) -> Check<BTreeSet<Seat>> {
        let honest = self.world.honest();
        let is_calm = self.plan.network == Network::CALM;
        let mut named = BTreeSet::new();
        for (member, failure) in failures {
            let seat = self.world.seat_of(&self.committee, *member).ok_or("no such member")?;
            let culprits = match failure {
                Failure::TimedOut(_) | Failure::Refused(_) if !is_calm => continue,
                Failure::Protocol { culprits, .. } | Failure::TimedOut(culprits) => culprits,
                other => return Err(format!("seat {seat} is named for {other}")),
            };
            must!(!honest.contains(&seat), "honest seat {seat} is named: {failure}");
            must!(*culprits == [*member], "seat {seat} is named together with others: {culprits:?}");
            named.insert(seat);
        }
        Ok(named)
    }

    /// A client asks, and asks again where the network is rough.
    fn must_decrypt(&mut self, gateway: Seat) -> Check<Decrypted> {
        let tries = if self.plan.network == Network::CALM { 1 } else { TRIES };
        let mut last = String::new();
        for _ in 0..tries {
            match self.decrypt(gateway, &[holds(HOLDER)])? {
                Ok(opened) => return Ok(opened),
                Err(error) => last = error.to_string(),
            }
            self.story.retries += 1;
        }
        Err(format!("no decryption keys through {gateway} in {tries} tries: {last}"))
    }

    /// Fewer than t see the truth: who has the coin is refused; and who has not is refused as well, since those
    /// who are lied to are fewer than t.
    pub(super) fn decrypt_while_too_many_are_lied_to(&mut self) -> Check {
        let (lied_to, t) = (self.lied_to().len(), self.committee.threshold as usize);
        must!(self.world.members - lied_to < t && lied_to < t, "{lied_to} of {t} are lied to");
        for _ in 0..2 {
            let gateway = self.any_gateway();
            self.must_be_denied(gateway, &[holds(HOLDER)], &[0])?;
            self.must_be_denied(gateway, &[holds(OTHER)], &[0])?;
        }
        Ok(())
    }

    fn lied_to(&self) -> BTreeSet<Seat> {
        let of = |fault: &&Fault| matches!(fault, Fault::IsLiedTo { .. });
        self.world.faults.iter().filter(of).map(Fault::member).collect()
    }

    fn seats(&self, opened: &Decrypted) -> BTreeSet<Seat> {
        opened.quorum.iter().filter_map(|index| self.world.seat_of(&self.committee, *index)).collect()
    }

    /// Because of one of `items`.
    fn must_be_denied(&mut self, gateway: Seat, conditions: &[Condition], items: &[u8]) -> Check {
        let answer = self.decrypt(gateway, conditions)?;
        let denied = matches!(
            &answer,
            Err(SignError::Refused(Refusal::Denied { item, denied: Denied::NotMet })) if items.contains(item)
        );
        must!(denied, "what is not open to the client is answered {answer:?}");
        Ok(())
    }

    /// A client asks, and opens what it gets: every key is the root's signature on its identity.
    fn decrypt(&mut self, gateway: Seat, conditions: &[Condition]) -> Check<Result<Decrypted, SignError>> {
        let genesis = self.world.chain.genesis();
        let keyset = self.committee.keyset;
        let secret = OneTimeSecret::random(&mut self.world.rng);
        let items: Vec<DecryptItem> = conditions
            .iter()
            .map(|condition| DecryptItem {
                identity: DecryptionIdentity::V1 {
                    genesis,
                    keyset,
                    condition: condition.hash().0,
                    binding: self.world.rng.bytes(),
                },
                condition: ConditionSource::Ours(condition.clone()),
            })
            .collect();
        let identities: Vec<DecryptionIdentity> = items.iter().map(|item| item.identity).collect();
        let request = DecryptRequest {
            items: items.try_into().map_err(|_| "too many items")?,
            client: secret.public(),
            valid_until: self.world.chain.finalized().view.finalized + 50,
            nonce: self.world.rng.bytes(),
        };
        let authorisation = self.owner.sign(&request.text(&genesis));
        let ticket = self.world.ask_to_decrypt(gateway, request.clone(), authorisation);
        let limit = self.world.now + ANSWER_LIMIT;
        let answered = self.world.run_until(limit, |world| world.answer(ticket).is_some())?;
        must!(answered, "no answer within {ANSWER_LIMIT:?}");
        let answer = match self.world.answer(ticket).ok_or("no answer")?.clone() {
            Ok(Reply::Decrypted(opened)) => Ok(opened),
            Ok(other) => return Err(format!("asked for decryption keys, and got {other:?}")),
            Err(error) => Err(error),
        };
        if let Ok(opened) = &answer {
            must!(opened.request == request.id(&genesis), "the answer is to another request");
            let root = self.committee.roots.iter().find(|root| root.id.purpose == Purpose::Decrypt);
            let point = root.and_then(|root| root.commitments.first()).ok_or("no Decrypt root")?;
            must!(opened.public_key == point.to_vec(), "keys of another root");
            let root = DecryptRoot::new(point, genesis, keyset).map_err(|error| error.to_string())?;
            must!(opened.keys.len() == identities.len(), "{} keys", opened.keys.len());
            for (sealed, identity) in opened.keys.iter().zip(&identities) {
                let key = secret.open(sealed, &root, identity);
                must!(key.is_ok(), "a wrong decryption key was handed out: {:?}", key.err());
            }
            let quorum: BTreeSet<_> = opened.quorum.iter().collect();
            must!(quorum.len() == self.committee.threshold as usize, "a quorum of {quorum:?}");
            self.story.decryptions += 1;
        }
        Ok(answer)
    }
}

fn holds(account: &str) -> Condition {
    let text = format!(
        r#"{{"evmBalance":{{"chain":"{CHAIN}","account":"{account}","comparator":">=","value":1}}}}"#
    );
    parse(&text).expect("a condition")
}

fn is_denial(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(Refusal::Denied { denied: Denied::NotMet, .. }))
}
