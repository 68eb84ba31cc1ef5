//! Runs a plan: key generation, a PKP, the steps; and checks at every stage.

use conclave_primitives::{
    Committee, Entitlement, ListMembership, ParticipantIndex, PkpId, Scheme, SignRequest,
};
use conclave_worker::{Body, Failure, Refusal, Reply, SignError, Signed, Start, Task};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    time::Duration,
};

use crate::{
    check::{self, must, Check},
    client::{request, Client},
    dice::Dice,
    fault::{guilty, honest, Fault, Seat},
    network::Network,
    runtime::{CONFIRM_BLOCKS, PHASE_BLOCKS},
    scenario::{Plan, Step},
    world::{World, BLOCK_TIME},
};

mod action;
mod decryption;
mod epochs;
mod pairs;
mod partition;
mod silence;
mod spoilt_keys;

/// How long a gateway may take to answer: its own limit, and an attempt that was called just before.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// How long OT set-ups of all pairs may take, all of them at once on one thread.
const SET_UP_LIMIT: Duration = Duration::from_secs(600);
/// How often a client asks again in a rough network.
const TRIES: u32 = 12;
/// How many requests among liars, until one of them is called.
const REQUESTS_AMONG_LIARS: u32 = 20;

/// How long the network may take to do what it is there for, in blocks.
const MAX_QUIET_BLOCKS: u32 = 120;

/// What a run leaves behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    /// What came out, in words, without anything random.
    pub(crate) verdict: String,
    pub(crate) signatures: u64,
    pub(crate) decryptions: u64,
    pub(crate) retries: u64,
    pub(crate) reshares: u64,
    pub(crate) attempts: BTreeMap<u8, u64>,
}

pub(crate) struct Script<'a> {
    world: &'a mut World,
    plan: &'a Plan,
    story: Story,
    owner: Client,
    pkp: PkpId,
    committee: Committee,
    /// R of every signature, by key.
    nonce_points: BTreeSet<(Vec<u8>, Vec<u8>)>,
}

impl<'a> Script<'a> {
    /// Up to a committee that serves and a PKP in finalized state.
    pub(crate) fn run(world: &'a mut World, plan: &'a Plan) -> Check<Story> {
        let owner = Client::owner();
        world.wire = plan.eavesdrop.then(Vec::new);
        world.chain.track(owner.method());
        world.chain.track(Client::stranger().method());
        let committee = generate_keys(world, plan)?;
        let pkp = mint(world, &owner)?;
        let mut script = Script {
            world,
            plan,
            story: Story::default(),
            owner,
            pkp,
            committee,
            nonce_points: BTreeSet::new(),
        };
        for step in &plan.steps {
            script.step(step)?;
        }
        script.close()
    }

    fn step(&mut self, step: &Step) -> Check {
        self.world.note(format_args!("step {step:?}"));
        match *step {
            Step::Reshare(ref reshare) => self.reshare(reshare),
            Step::ReshareAmongTooManyLiars(ref reshare) => self.reshare_among_too_many_liars(reshare),
            Step::AllFollow => self.all_follow(),
            Step::Sign { scheme, requests } => {
                self.await_readiness(scheme)?;
                for _ in 0..requests {
                    let gateway = self.any_gateway();
                    self.must_sign(gateway, scheme)?;
                }
                Ok(())
            }
            Step::SignAmongLiars { scheme } => self.sign_among_liars(scheme),
            Step::Convict => {
                let guilty = self.plan.faults.iter().filter(|fault| fault.convicts().is_some());
                self.await_convictions(&guilty.map(Fault::member).collect())
            }
            Step::BanByOne => self.ban_by_one(),
            Step::BanByAll => self.ban_by_all(),
            Step::BanHolds => self.ban_holds(),
            Step::CrashInSetUp => self.crash_in_set_up(),
            Step::ReplayStartPair => self.replay_start_pair(),
            Step::Ignored => self.ignored(),
            Step::SignAmongTooManyLiars { scheme, ref liars } => {
                self.sign_among_too_many_liars(scheme, liars)
            }
            Step::Decrypt { rounds } => self.decrypt_rounds(rounds),
            Step::DecryptAmongLiars => self.decrypt_among_liars(),
            Step::DecryptAmongTooManyLiars { ref liars } => {
                self.world.begin(liars);
                self.decrypt_among_too_many_liars()
            }
            Step::DecryptWhileTooManyAreLiedTo { ref members } => {
                let faults: Vec<Fault> =
                    members.iter().map(|member| Fault::IsLiedTo { member: *member }).collect();
                self.world.begin(&faults);
                self.decrypt_while_too_many_are_lied_to()
            }
            Step::Execute { rounds } => self.execute_rounds(rounds),
            Step::ExecuteAmongLiars => self.execute_among_liars(),
            Step::ExecuteWhileOneDies { member } => self.execute_while_one_dies(member),
            Step::ExecuteWhileTooManyAlter { ref members } => {
                let alters = |member: &Seat| Fault::AltersAction { member: *member };
                self.world.begin(&members.iter().map(alters).collect::<Vec<_>>());
                self.execute_while_too_many_alter()
            }
            Step::LyingGateway => self.lying_gateway(),
            Step::Replay => self.replay(),
            Step::Outage => self.outage(),
            Step::Partition => self.partition(),
            Step::RestartAll => self.restart_all(),
        }
    }

    fn close(self) -> Check<Story> {
        let Self { world, mut story, committee, .. } = self;
        // The members keep telling each other how they are; the network has its chance.
        for _ in 0..MAX_QUIET_BLOCKS {
            if check::fired(world).is_ok() {
                break;
            }
            world.run_for(BLOCK_TIME)?;
        }
        must!(world.committee().as_ref() == Some(&committee), "the committee changed");
        // Its only reshare is a refresh: every index stays whose it is.
        let refreshed = world.faults.iter().any(|fault| matches!(fault, Fault::WrongShareToOne { .. }));
        if story.reshares == 0 || refreshed {
            check::blame(world, &committee, 0)?;
        } else {
            check::nobody_is_blamed(world)?;
        }
        check::bans(world)?;
        check::convicted(world)?;
        check::fired(world)?;
        check::secrecy(world, &committee)?;
        for node in &world.nodes[..world.gateway()] {
            let account = node.account.clone();
            must!(world.chain.total_held(&account) == crate::runtime::KEY_DEPOSIT, "a deposit is wrong");
        }
        let disqualified: BTreeSet<String> = world
            .chain
            .events()
            .iter()
            .filter_map(|(_, event)| match event {
                pallet_committee::Event::Disqualified { culprit, fault, .. } => {
                    Some(format!("{culprit:?} {fault:?}"))
                }
                _ => None,
            })
            .collect();
        let _ = write!(
            story.verdict,
            "attempt {} of epoch {} after {} reshares; {} roots; disqualified {disqualified:?}; {} signatures, {} decryptions",
            committee.attempt.0,
            committee.epoch.0,
            story.reshares,
            committee.roots.len(),
            story.signatures,
            story.decryptions,
        );
        Ok(story)
    }

    /// The gateway outside the committee, or an honest member.
    fn any_gateway(&mut self) -> Seat {
        let mut gateways: Vec<Seat> = self.world.honest().into_iter().collect();
        gateways.push(self.outside_gateway());
        gateways.retain(|seat| self.world.is_up(*seat) && !self.world.is_cut_off(*seat));
        *self.world.rng.pick(&gateways).expect("the outside gateway is up")
    }

    fn outside_gateway(&self) -> Seat {
        self.world.gateway()
    }

    /// Waits until every gateway that may be asked sees t members ready.
    fn await_readiness(&mut self, scheme: Scheme) -> Check {
        let limit = self.world.now + if self.plan.ot { SET_UP_LIMIT } else { 10 * BLOCK_TIME };
        let gateways: Vec<Seat> = self
            .world
            .honest()
            .into_iter()
            .chain([self.outside_gateway()])
            .filter(|seat| self.world.is_up(*seat))
            .collect();
        let ready = self.world.run_until(limit, |world| {
            gateways
                .iter()
                .filter_map(|seat| world.nodes[*seat].worker.as_ref())
                .all(|worker| worker.status().readiness.schemes.contains(&(scheme, true)))
        })?;
        must!(ready, "not every gateway became ready for {scheme}");
        Ok(())
    }

    /// A client asks, and asks again where the network is rough.
    fn must_sign(&mut self, mut gateway: Seat, scheme: Scheme) -> Check<Signed> {
        // A committee that is whole owes a signature at the first try, whoever else is down.
        let falls = |seat: &Seat| self.world.faults.iter().any(|of| of.is_crash() && of.member() == *seat);
        let mut involved: Vec<Seat> =
            self.committee.indices().filter_map(|index| self.world.seat_of(&self.committee, index)).collect();
        involved.push(gateway);
        let patient = self.plan.network != Network::CALM || involved.iter().any(falls);
        let tries = if patient { TRIES } else { 1 };
        let mut last = String::new();
        for _ in 0..tries {
            match self.sign(gateway, scheme)? {
                Ok(signed) => return Ok(signed),
                Err(error) => {
                    self.story.retries += 1;
                    last = error.to_string();
                    if patient {
                        self.world.run_for(BLOCK_TIME)?;
                        if !self.world.is_up(gateway) {
                            gateway = self.any_gateway();
                        }
                    }
                }
            }
        }
        Err(format!("no signature by {scheme} through {gateway} in {tries} tries: {last}"))
    }

    fn sign(&mut self, gateway: Seat, scheme: Scheme) -> Check<Result<Signed, SignError>> {
        let asked = self.fresh_request(scheme);
        let authorisation = self.owner.authorise(&self.world.chain.genesis(), &asked);
        self.ask(gateway, asked, authorisation)
    }

    fn fresh_request(&mut self, scheme: Scheme) -> SignRequest {
        let valid_until = self.world.chain.finalized().view.finalized + 50;
        request(self.pkp, scheme, valid_until, &mut self.world.rng)
    }

    fn ask(
        &mut self,
        gateway: Seat,
        asked: SignRequest,
        entitlement: impl Into<Entitlement>,
    ) -> Check<Result<Signed, SignError>> {
        let ticket = self.world.ask(gateway, asked.clone(), entitlement);
        let limit = self.world.now + ANSWER_LIMIT;
        let life = self.world.life_of(gateway);
        let answered = self
            .world
            .run_until(limit, |world| world.answer(ticket).is_some() || world.life_of(gateway) != life)?;
        must!(answered, "no answer within {ANSWER_LIMIT:?}");
        if self.world.answer(ticket).is_none() {
            // It crashed: what its client sees is a connection that closed.
            return Ok(Err(SignError::TimedOut { failures: Vec::new() }));
        }
        let signed = match self.world.answer(ticket).ok_or("no answer")?.clone() {
            Ok(Reply::Signed(signed)) => signed,
            Ok(other) => return Err(format!("asked for a signature, and got {other:?}")),
            Err(error) => return Ok(Err(error)),
        };
        self.verify(&asked, &signed)?;
        self.story.signatures += 1;
        *self.story.attempts.entry(signed.attempts).or_default() += 1;
        Ok(Ok(signed))
    }

    /// No wrong signature, ever.
    fn verify(&mut self, asked: &SignRequest, signed: &Signed) -> Check {
        let message = asked.bytes_to_sign().map_err(|error| format!("{error:?}"))?;
        must!(signed.request == self.world.request_id(asked), "the answer is to another request");
        must!(signed.scheme == asked.scheme, "the answer is of another scheme");
        let view = self.world.chain.finalized();
        let pkp = view.pkp(&asked.pkp).ok_or("a signature by an unknown PKP")?;
        let key = pkp
            .public_keys
            .iter()
            .find(|key| key.curve == asked.scheme.curve())
            .ok_or("no key on the curve")?;
        must!(signed.public_key == key.point.to_vec(), "signed by another key than the PKP's");
        must!(
            check::is_signature(asked.scheme, &signed.public_key, &message, &signed.signature),
            "a wrong signature was handed out"
        );
        self.must_be_fresh(&signed.public_key, &signed.signature)?;
        let quorum: BTreeSet<_> = signed.quorum.iter().collect();
        // In a reshare the next committee may have signed.
        let next = self.world.committee().unwrap_or_else(|| self.committee.clone());
        let thresholds = [&self.committee, &next].map(|committee| committee.threshold as usize);
        must!(
            thresholds.contains(&quorum.len()) && signed.quorum.len() == quorum.len(),
            "a quorum of {:?}, t is {thresholds:?}",
            signed.quorum,
        );
        Ok(())
    }

    /// No two signatures by one key share R, whoever asked for them.
    fn must_be_fresh(&mut self, public_key: &[u8], signature: &[u8]) -> Check {
        let fresh = self.nonce_points.insert((public_key.to_vec(), check::nonce_point(signature)));
        must!(fresh, "two signatures share R");
        Ok(())
    }

    fn sign_among_liars(&mut self, scheme: Scheme) -> Check {
        self.await_readiness(scheme)?;
        let honest = self.world.honest();
        let gateway = self.outside_gateway();
        let reports = self.world.reports.len();
        let mut lied = 0;
        for _ in 0..REQUESTS_AMONG_LIARS {
            let before: u64 = self.world.fired().values().sum();
            let signed = self.must_sign(gateway, scheme)?;
            let after: u64 = self.world.fired().values().sum();
            let by: BTreeSet<Seat> = signed
                .quorum
                .iter()
                .filter_map(|index| self.world.seat_of(&self.committee, *index))
                .collect();
            must!(by.is_subset(&honest), "signed by {by:?} although only {honest:?} tell the truth");
            if after > before {
                // Where messages get lost a client may have asked again, and a liar may look like one that is out of reach.
                if self.plan.network == Network::CALM {
                    must!(signed.attempts > 1, "a quorum with a liar made a signature");
                    let most = self.most_attempts(scheme);
                    must!(usize::from(signed.attempts) <= most, "{} attempts, not {most}", signed.attempts);
                }
                lied += 1;
            }
            // Whoever was banned is not called again.
            let enough = if scheme.is_ecdsa() { 1 } else { 3 };
            if lied >= enough {
                break;
            }
        }
        must!(lied > 0, "no liar was called in {REQUESTS_AMONG_LIARS} requests: the run tested nothing");
        let blamed = check::blame(self.world, &self.committee, reports)?;
        let banned = check::bans(self.world)?;
        let is_clear = !scheme.is_ecdsa() && !self.plan.faults.iter().any(is_word_against_word);
        if is_clear && self.plan.network == Network::CALM {
            check::left_out(self.world, &self.committee)?;
        }
        // None of those who were told two tales can name the liar: the gateway does, from what they show it.
        let tells_two = |fault: &Fault| matches!(fault, Fault::TellsTwoTales { .. });
        let shown = check::protocol_failures(self.world, reports);
        must!(shown > 0 || !self.plan.faults.iter().any(tells_two), "nobody showed two tales");
        // A wrong share of the last ECDSA flight cannot be pinned on anyone: DKLs23 masks it.
        let lies_in = |wanted: u8| self.plan.faults.iter().any(|fault| fault.spoils_flight() == Some(wanted));
        let is_provable = !scheme.is_ecdsa() && (lies_in(1) || lies_in(2));
        must!(!(is_provable || lies_in(2)) || !blamed.is_empty(), "nobody named a liar");
        // In the flight before it can, and what its check leaked must not be added to.
        let multiplies = scheme.is_ecdsa() && lies_in(2);
        must!(!multiplies || banned == blamed, "members blamed {blamed:?} and banned {banned:?}");
        if multiplies {
            self.await_reported_bans(&banned)?;
        }
        let proves = |fault: &Fault| matches!(fault, Fault::WrongSignatureShare { .. });
        if !scheme.is_ecdsa() && self.plan.faults.iter().any(proves) {
            self.await_convictions(&blamed)?;
        }
        Ok(())
    }

    /// One more than there are liars, since each attempt that fails shows one of them. Where it is one member's word
    /// against another's it leaves the two, of whom one is a liar; and where a check of ECDSA fails that names nobody,
    /// quorums are tried.
    fn most_attempts(&self, scheme: Scheme) -> usize {
        let liars = self.plan.faults.len();
        if scheme.is_ecdsa() {
            return self.world.members + 2;
        }
        let unclear = self.plan.faults.iter().filter(|fault| is_word_against_word(fault)).count();
        liars + unclear + 1
    }

    /// Waits until honest members have told the chain that they banned these.
    fn await_reported_bans(&mut self, banned: &BTreeSet<Seat>) -> Check {
        let honest = honest(self.world.members, &self.plan.faults);
        let mut reported = BTreeSet::new();
        for _ in 0..MAX_QUIET_BLOCKS {
            for seat in &honest {
                let by = ParticipantIndex::from_position(*seat).ok_or("no such index")?;
                reported.extend(self.world.chain.reported_bans(by).into_iter().map(|index| index.position()));
            }
            if reported == *banned {
                return Ok(());
            }
            self.world.run_for(BLOCK_TIME)?;
        }
        Err(format!("members banned {banned:?} and reported {reported:?}"))
    }

    /// Waits until the runtime has convicted these. Others may be, of what they did: liars prove each other's lies, too.
    fn await_convictions(&mut self, of: &BTreeSet<Seat>) -> Check {
        for _ in 0..MAX_QUIET_BLOCKS {
            if check::convicted(self.world)?.is_superset(of) {
                return Ok(());
            }
            self.world.run_for(BLOCK_TIME)?;
        }
        Err(format!("convicted are {:?}, proven are {of:?}", check::convicted(self.world)?))
    }

    /// Every quorum has a liar in it: the client is told so, and never given a wrong signature.
    fn sign_among_too_many_liars(&mut self, scheme: Scheme, liars: &[Fault]) -> Check {
        // Ready before anybody lies: those who are banned would leave no t that share set-ups.
        self.await_readiness(scheme)?;
        self.world.begin(liars);
        let gateway = self.outside_gateway();
        // Of the last flight of ECDSA nobody can tell whose message is wrong.
        let is_named = |fault: &Fault| !scheme.is_ecdsa() || fault.spoils_flight() == Some(2);
        for _ in 0..2 {
            let reports = self.world.reports.len();
            let before: u64 = self.world.fired().values().sum();
            let answer = self.sign(gateway, scheme)?;
            let lied = self.world.fired().values().sum::<u64>() > before;
            match answer {
                Err(SignError::TimedOut { failures }) => {
                    must!(!failures.is_empty(), "the error names nobody")
                }
                // Whoever was banned is called no more, and then too few are left.
                Err(SignError::CommitteeNotReady { .. }) if !lied && !check::bans(self.world)?.is_empty() => {
                }
                other => return Err(format!("with a liar in every quorum the answer is {other:?}")),
            }
            let blamed = check::blame(self.world, &self.committee, reports)?;
            must!(!lied || !liars.iter().all(is_named) || !blamed.is_empty(), "nobody named a liar");
        }
        let is_banned = !check::bans(self.world)?.is_empty();
        must!(!scheme.is_ecdsa() || !liars.iter().all(is_named) || is_banned, "nobody banned a liar");
        Ok(())
    }

    /// Each member checks the authorisation by itself: what no gateway should pass on dies at every one.
    fn lying_gateway(&mut self) -> Check {
        let gateway = self.outside_gateway();
        let genesis = self.world.chain.genesis();
        let stranger = Client::stranger();
        let asked = self.fresh_request(Scheme::Ed25519);
        let own = stranger.authorise(&genesis, &asked);
        let other = self.fresh_request(Scheme::Ed25519);
        let wrong = self.owner.authorise(&genesis, &other);
        let expired = SignRequest { valid_until: 1, ..asked.clone() };
        let late = self.owner.authorise(&genesis, &expired);
        // A list that the PKP has not, and a proof that leads nowhere.
        let membership = ListMembership { list: 0, proof: vec![[7; 32]].try_into().expect("short") };
        let listed = Entitlement { authorisation: own.clone(), listed: Some(membership) };
        let cases = [
            (asked.clone(), own.into(), "no permission"),
            (asked.clone(), listed, "no permission"),
            (asked, wrong.into(), "not the signer"),
            (expired, late.into(), "was valid until"),
        ];
        for (asked, entitlement, _) in &cases {
            let refused = self.ask(gateway, asked.clone(), entitlement.clone())?;
            must!(matches!(refused, Err(SignError::Refused(_))), "an honest gateway passed on {asked:?}");
        }
        for (asked, entitlement, why) in cases {
            self.call_all(asked, entitlement, None, why)?;
        }
        // For a process that is gone: what it forgot, its successor must not run again.
        let asked = self.fresh_request(Scheme::Ed25519);
        let authorisation = self.owner.authorise(&genesis, &asked);
        self.call_all(asked, authorisation, Some([0; 32]), "called wrongly")
    }

    /// Calls a quorum as a gateway that checks nothing; all of it has to refuse, and say why.
    fn call_all(
        &mut self,
        asked: SignRequest,
        entitlement: impl Into<Entitlement>,
        boot: Option<[u8; 32]>,
        why: &str,
    ) -> Check {
        let gateway = self.outside_gateway();
        let quorum: Vec<_> = self.committee.indices().take(self.committee.threshold as usize).collect();
        let finalized = self.world.chain.finalized().view.finalized.saturating_sub(4);
        let known =
            |index: &ParticipantIndex| self.world.boots.get(&index.position()).copied().unwrap_or_default();
        let boots = quorum.iter().map(|index| boot.unwrap_or_else(|| known(index))).collect();
        let task = Task::Sign(asked, entitlement.into());
        let start = Start {
            task,
            committee: self.committee.attempt_id(),
            attempt: 0,
            quorum: quorum.clone(),
            boots,
            finalized,
        };
        let before = self.world.reports.len();
        for index in &quorum {
            let to = self.world.seat_of(&self.committee, *index).ok_or("no such member")?;
            self.world.send_signed(gateway, to, &Body::Start(Box::new(start.clone())));
        }
        self.world.run_for(Duration::from_secs(2))?;
        let refused = |failure: &Failure| matches!(failure, Failure::Refused(refusal) if refusal.to_string().contains(why));
        let refusals = self.world.reports[before..].iter().filter(|report| refused(&report.failure)).count();
        must!(refusals == quorum.len(), "{refusals} of {} members refused with {why}", quorum.len());
        Ok(())
    }

    /// One request, one signature: through the same gateway or another it is not signed again.
    fn replay(&mut self) -> Check {
        let asked = self.fresh_request(Scheme::Ed25519);
        let authorisation = self.owner.authorise(&self.world.chain.genesis(), &asked);
        let gateway = self.outside_gateway();
        let first = self.ask(gateway, asked.clone(), authorisation.clone())?;
        must!(first.is_ok(), "no signature: {first:?}");
        // Messages of the first run are all over.
        self.world.run_for(Duration::from_secs(1))?;
        let member = *self.world.rng.pick(&[0, 1, 2, 3]).ok_or("no member")?;
        for gateway in [gateway, member] {
            let again = self.ask(gateway, asked.clone(), authorisation.clone())?;
            must!(
                again == Err(SignError::Refused(Refusal::Replayed)),
                "the same request again through {gateway} is answered {again:?}"
            );
        }
        Ok(())
    }

    /// Fewer than t: no signature, a typed error; t again: signatures again.
    fn outage(&mut self) -> Check {
        let spare = self.world.members - self.committee.threshold as usize;
        let mut seats: Vec<Seat> = (0..self.world.members).filter(|seat| self.world.is_up(*seat)).collect();
        self.world.rng.shuffle(&mut seats);
        let down: Vec<Seat> = seats.into_iter().take(spare + 1).collect();
        // One first, while all think that the others are there.
        for seat in &down {
            self.world.crash(*seat, None);
        }
        let gateway = self.any_gateway();
        let early = self.sign(gateway, Scheme::Ed25519)?;
        must!(early.is_err(), "fewer than t members made a signature");
        self.world.run_for(Duration::from_secs(5))?;
        let result = self.sign(gateway, Scheme::Ed25519)?;
        match result {
            Err(SignError::MembersUnreachable { unreachable, needed, .. }) => {
                let unreachable: BTreeSet<Seat> =
                    unreachable.into_iter().map(|index| index.position()).collect();
                let expected: BTreeSet<Seat> = down.iter().copied().collect();
                must!(
                    unreachable == expected,
                    "unreachable are {expected:?}, the error says {unreachable:?}"
                );
                must!(needed == self.committee.threshold, "the error says that {needed} are needed");
            }
            other => return Err(format!("with {} members down the answer is {other:?}", down.len())),
        }
        let (first, rest) = down.split_first().ok_or("nobody is down")?;
        self.world.start(*first);
        self.await_readiness(Scheme::Ed25519)?;
        self.must_sign(gateway, Scheme::Ed25519)?;
        for seat in rest {
            self.world.start(*seat);
        }
        self.world.run_for(3 * BLOCK_TIME)
    }

    fn restart_all(&mut self) -> Check {
        self.crash_and_start_all()?;
        self.world.run_for(3 * BLOCK_TIME)?;
        check::shares(self.world, &self.committee).map(|_| ())
    }

    /// Everyone is up again, and nothing has happened since.
    fn crash_and_start_all(&mut self) -> Check {
        for seat in 0..self.world.members {
            self.world.crash(seat, None);
        }
        self.world.run_for(Duration::from_secs(4))?;
        for seat in 0..self.world.members {
            self.world.start(seat);
        }
        Ok(())
    }
}

fn is_word_against_word(fault: &Fault) -> bool {
    matches!(fault, Fault::SilentToOne { .. })
}

fn has_crashes(plan: &Plan) -> bool {
    plan.faults.iter().any(Fault::is_crash)
}

fn generate_keys(world: &mut World, plan: &Plan) -> Check<Committee> {
    let attempt = BLOCK_TIME * (3 * PHASE_BLOCKS + CONFIRM_BLOCKS + 6);
    let may_retry = has_crashes(plan) || plan.network != Network::CALM;
    let back = plan.faults.iter().filter_map(|fault| match fault {
        Fault::Absent { until, .. } => *until,
        _ => None,
    });
    let back = back.max();
    let absent = plan.faults.iter().filter(|fault| matches!(fault, Fault::Absent { .. })).count();
    let spare = world.members - conclave_primitives::threshold_of(world.members as u32) as usize;
    if absent > spare {
        let back = back.ok_or("too many are absent for ever")?;
        let active = world.run_until(back, |world| world.committee().is_some())?;
        must!(!active, "keys without t members");
        let started = world.chain.events().len();
        must!(started > 0, "no attempt started");
        let active = world.run_until(back + 2 * attempt, |world| world.committee().is_some())?;
        must!(active, "no keys although all came back");
        count_absent(world);
        await_latecomers(world)?;
        return check::keygen(world, true);
    }
    let fails = guilty(&plan.faults).len() > spare;
    if fails {
        spoilt_keys::keys_fail(world)?;
        world.reform();
    }
    let may_retry = may_retry || fails;
    let limit = world.now + attempt * if may_retry { 3 } else { 1 };
    let active = world.run_until(limit, |world| world.committee().is_some())?;
    must!(active, "no committee within {limit:?}");
    count_absent(world);
    if let Some(back) = back {
        world.run_until(back, |_| false)?;
    }
    await_latecomers(world)?;
    check::keygen(world, may_retry)
}

/// An absence fired if the attempt went on without the member.
fn count_absent(world: &mut World) {
    for seat in 0..world.members {
        let absent = world.faults.iter().any(|f| f.member() == seat && matches!(f, Fault::Absent { .. }));
        if absent {
            world.fire("absent");
        }
    }
}

/// Members that are up take their shares also after the activation.
fn await_latecomers(world: &mut World) -> Check {
    let limit = world.now + 10 * BLOCK_TIME;
    let committee = world.committee().ok_or("no committee")?;
    let all = world.run_until(limit, |world| {
        honest(world.members, &world.faults).into_iter().all(|seat| {
            let node = &world.nodes[seat];
            let will_be_up = !world
                .faults
                .iter()
                .any(|f| f.member() == seat && matches!(f, Fault::Absent { until: None, .. }));
            let sees = node.worker.as_ref().is_some_and(|worker| worker.status().view.committee.is_some());
            !will_be_up || sees && node.disk.shares(&node.encryption_key(), committee.attempt_id()).is_some()
        })
    })?;
    must!(all, "a member that is up has no shares after 10 blocks");
    Ok(())
}

fn mint(world: &mut World, owner: &Client) -> Check<PkpId> {
    world.chain.mint(owner.account());
    let minted = world.run_until(world.now + 8 * BLOCK_TIME, |world| {
        world.chain.minted().first().is_some_and(|(id, ..)| world.chain.finalized().pkp(id).is_some())
    })?;
    must!(minted, "the PKP is not final");
    let (id, account, keys) = world.chain.minted().first().ok_or("no PKP")?;
    must!(*account == owner.account(), "the PKP has another owner");
    must!(
        keys.iter().map(|key| key.curve).eq(conclave_primitives::Curve::SIGNING),
        "the PKP has not a key on every curve"
    );
    Ok(*id)
}
