//! What must hold.

use conclave_primitives::{AttemptId, Committee, Curve, ParticipantIndex, Scheme};
use conclave_vss::{
    decode_point, share_matches, Bls12381G1, Bls12381G2, Ed25519, Ristretto255, Secp256k1, Secp256r1,
    SecretScalar, SharingCurve,
};
use conclave_worker::Failure;
use ed25519_dalek::{Signature as Ed25519Signature, VerifyingKey as Ed25519Key};
use ff::{Field, PrimeField};
use group::Group;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use pallet_committee::{Event, ExclusionReason, Fault as Judged};
use std::collections::BTreeSet;

use crate::{
    dice::Dice,
    fault::{guilty, Fault, Seat},
    network::Network,
    world::World,
};

pub(crate) mod reshare;

pub(crate) type Check<T = ()> = Result<T, String>;

/// Members' shares of all keys, by index.
pub(crate) type Held = Vec<(ParticipantIndex, Vec<SecretScalar>)>;

/// Fails the run with a reason.
macro_rules! must {
    ($condition:expr, $($reason:tt)+) => {
        if !$condition {
            return Err(format!($($reason)+));
        }
    };
}
pub(crate) use must;

/// After key generation: exactly the guilty are named, the honest agree and hold the shares of the keys.
pub(crate) fn keygen(world: &mut World, may_retry: bool) -> Check<Committee> {
    let committee = world.committee().ok_or("no committee serves")?;
    let id = committee.attempt_id();
    named(world, id)?;
    let failed =
        world.chain.events().iter().filter(|(_, event)| matches!(event, Event::AttemptFailed { .. })).count();
    must!(may_retry || failed == 0, "{failed} attempts failed");
    dealers(world, &committee)?;
    // Whom an attempt that failed convicted, the next one does without where it can: `named` says that they were convicted.
    let guilty = guilty(&world.faults);
    let left_out: Vec<Seat> = (0..world.members)
        .filter(|seat| committee.index_of_transport(&world.nodes[*seat].keys.transport).is_none())
        .collect();
    must!(left_out.iter().all(|seat| guilty.contains(seat)), "{left_out:?} were left out, guilty {guilty:?}");
    must!(committee.members.len() + left_out.len() == world.members, "a stranger is a member");
    let two_thirds = (2 * committee.members.len()).div_ceil(3);
    must!(committee.threshold as usize == two_thirds, "t is {}, not {two_thirds}", committee.threshold);
    shares(world, &committee)?;
    agreement(world, &committee)?;
    Ok(committee)
}

/// Exactly the guilty are disqualified, each for what it did: in the last attempt those of its members who are guilty
/// still, before it the others.
pub(crate) fn named(world: &World, last: AttemptId) -> Check {
    let ever = guilty(world.deeds());
    let (mut before, mut now) = (BTreeSet::new(), BTreeSet::new());
    for (_, event) in world.chain.events() {
        let Event::Disqualified { attempt, culprit, account, fault } = event else { continue };
        let members = members(world, *attempt).ok_or("an attempt that never started names somebody")?;
        let seat = members.get(culprit.position()).copied().ok_or("an outsider was named")?;
        must!(world.nodes[seat].account == *account, "{culprit:?} named for seat {seat}");
        must!(ever.contains(&seat), "seat {seat} is innocent, but disqualified for {fault:?} in {attempt:?}");
        let done = world.deeds().filter(|done| done.member() == seat);
        must!(
            done.clone().any(|done| is_judgement_of(done, fault, &members)),
            "seat {seat} disqualified for {fault:?}, but did {:?}",
            done.collect::<Vec<_>>()
        );
        if *attempt == last { &mut now } else { &mut before }.insert(seat);
    }
    let members: BTreeSet<Seat> = members(world, last).ok_or("no attempt started")?.into_iter().collect();
    let (present, left_out): (BTreeSet<Seat>, BTreeSet<Seat>) =
        guilty(&world.faults).into_iter().partition(|seat| members.contains(seat));
    must!(now == present, "named are seats {now:?}, guilty {present:?}");
    must!(left_out.is_subset(&before), "of {left_out:?} only {before:?} were named before");
    Ok(())
}

/// The seats of an attempt's members, in their order.
fn members(world: &World, id: AttemptId) -> Option<Vec<Seat>> {
    world.chain.events().iter().find_map(|(_, event)| match event {
        Event::AttemptStarted { attempt, members, .. } if *attempt == id => members
            .iter()
            .map(|account| world.nodes.iter().position(|node| node.account == *account))
            .collect(),
        _ => None,
    })
}

fn is_judgement_of(done: &Fault, judged: &Judged, members: &[Seat]) -> bool {
    let index = |seat: &Seat| {
        members.iter().position(|member| member == seat).and_then(ParticipantIndex::from_position)
    };
    match (done, judged) {
        (Fault::BadShare { to, .. }, Judged::BadShares { complainer, .. }) => index(to) == Some(*complainer),
        (
            Fault::ReplaysEphemeralKey { to, .. },
            Judged::BadDealing(conclave_vss::DealingFault::BadProofOfPossession(at)),
        ) => index(to) == Some(*at),
        (Fault::FalseComplaint { against, .. }, Judged::FalseComplaint { dealer, .. }) => {
            index(against) == Some(*dealer)
        }
        _ => false,
    }
}

/// The keys are the sums of the dealings of all who dealt well: nobody present was left out.
fn dealers(world: &World, committee: &Committee) -> Check {
    let id = committee.attempt_id();
    let dealers = world.chain.events().iter().find_map(|(_, event)| match event {
        Event::KeysFinalised { attempt, dealers } if *attempt == id => Some(dealers.clone()),
        _ => None,
    });
    let dealers = dealers.ok_or("no keys were finalised")?;
    let dealers: Option<BTreeSet<Seat>> =
        dealers.into_iter().map(|dealer| world.seat_of(committee, dealer)).collect();
    let dealers = dealers.ok_or("an outsider dealt")?;
    let did_not = |fault: &&Fault| {
        fault.is_provable()
            || matches!(fault, Fault::CommitsAndDoesNotOpen { .. } | Fault::Absent { until: None, .. })
    };
    let without: BTreeSet<Seat> = world.faults.iter().filter(did_not).map(Fault::member).collect();
    must!(dealers.is_disjoint(&without), "dealings of {dealers:?} stand, at fault are {without:?}");
    let down =
        |fault: &&Fault| matches!(fault, Fault::Absent { .. } | Fault::Crash { .. } | Fault::PowerCut { .. });
    // Where calls get lost, or members are down, someone may miss a phase; t are enough.
    if world.network == Network::CALM && !world.faults.iter().any(|fault| down(&fault)) {
        let expected: BTreeSet<Seat> = (0..world.members).filter(|seat| !without.contains(seat)).collect();
        must!(dealers == expected, "dealings of {dealers:?} stand, not of {expected:?}");
    }
    Ok(())
}

/// Every honest member that is up has on disk the shares that the keys' commitments determine; any t of them
/// are the key, fewer are not. Gives the shares.
pub(crate) fn shares(world: &mut World, committee: &Committee) -> Check<Held> {
    let id = committee.attempt_id();
    let mut held = Held::new();
    for seat in world.honest() {
        let node = &world.nodes[seat];
        let index = committee.index_of_transport(&node.keys.transport);
        let (Some(_), Some(index)) = (&node.worker, index) else { continue };
        let shares = node.disk.shares(&node.encryption_key(), id);
        let shares = shares.ok_or_else(|| format!("seat {seat} has no shares on disk"))?;
        must!(shares.len() == committee.roots.len(), "seat {seat} has {} shares", shares.len());
        for ((key, share), root) in shares.iter().zip(&committee.roots) {
            must!(*key == root.id, "seat {seat} has its shares in another order");
            must!(
                share_matches(key.curve, &root.commitments, index, share),
                "the share of {key:?} of seat {seat} is not the one of the key"
            );
        }
        must!(node.disk.records_beside(id) == 0, "seat {seat} keeps records of attempts that failed");
        held.push((index, shares.into_iter().map(|(_, share)| share).collect()));
    }
    let threshold = committee.threshold as usize;
    must!(held.len() >= threshold, "only {} honest members hold shares", held.len());
    world.rng.shuffle(&mut held);
    for (position, root) in committee.roots.iter().enumerate() {
        let of = |count: usize| {
            held[..count].iter().map(|(index, shares)| (*index, &shares[position])).collect::<Vec<_>>()
        };
        let public = &root.commitments[0];
        must!(
            interpolates_to(root.id.curve, &of(threshold), public),
            "t shares of {:?} are not the key",
            root.id
        );
        must!(
            !interpolates_to(root.id.curve, &of(threshold - 1), public),
            "t-1 shares of {:?} are the key",
            root.id
        );
    }
    Ok(held)
}

fn interpolates_to(curve: Curve, shares: &[(ParticipantIndex, &SecretScalar)], public: &[u8]) -> bool {
    match curve {
        Curve::Secp256k1 => interpolate::<Secp256k1>(shares, public),
        Curve::Ed25519 => interpolate::<Ed25519>(shares, public),
        Curve::Secp256r1 => interpolate::<Secp256r1>(shares, public),
        Curve::Ristretto255 => interpolate::<Ristretto255>(shares, public),
        Curve::Bls12381G1 => interpolate::<Bls12381G1>(shares, public),
        Curve::Bls12381G2 => interpolate::<Bls12381G2>(shares, public),
    }
}

fn interpolate<C: SharingCurve>(shares: &[(ParticipantIndex, &SecretScalar)], public: &[u8]) -> bool {
    let x = |index: &ParticipantIndex| C::Scalar::from(u64::from(index.get()));
    let mut secret = C::Scalar::ZERO;
    for (i, share) in shares {
        let mut repr = <C::Scalar as PrimeField>::Repr::default();
        repr.as_mut().copy_from_slice(share.as_bytes());
        let Some(mut term) = Option::<C::Scalar>::from(C::Scalar::from_repr(repr)) else { return false };
        for (j, _) in shares.iter().filter(|(j, _)| j != i) {
            let inverse = Option::<C::Scalar>::from((x(j) - x(i)).invert());
            term *= x(j) * inverse.expect("indices are distinct");
        }
        secret += term;
    }
    decode_point::<C>(public).is_ok_and(|public| C::Group::generator() * secret == public)
}

/// Every honest member that is up sees the committee that the chain has.
fn agreement(world: &World, committee: &Committee) -> Check {
    for seat in world.honest() {
        let Some(worker) = &world.nodes[seat].worker else { continue };
        let status = worker.status();
        let Some(seen) = &status.view.committee else { continue };
        must!(seen == committee, "seat {seat} sees another committee");
        let index = committee.index_of_transport(&world.nodes[seat].keys.transport);
        must!(status.index == index, "seat {seat} takes itself for {:?}", status.index);
    }
    Ok(())
}

/// Whether a signature is one, by the verifying libraries themselves for the schemes that scenarios sign with most.
pub(crate) fn is_signature(scheme: Scheme, public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match scheme {
        Scheme::Ed25519 => {
            let (Ok(key), Ok(signature)) = (public_key.try_into(), signature.try_into()) else {
                return false;
            };
            Ed25519Key::from_bytes(key)
                .is_ok_and(|key| key.verify_strict(message, &Ed25519Signature::from_bytes(signature)).is_ok())
        }
        Scheme::EcdsaSecp256k1 => {
            let [rs @ .., v] = signature else { return false };
            let (Ok(signature), Some(id)) = (Signature::from_slice(rs), RecoveryId::from_byte(*v)) else {
                return false;
            };
            // Low s: what Ethereum accepts.
            signature.normalize_s() == signature
                && VerifyingKey::recover_from_prehash(message, &signature, id)
                    .is_ok_and(|key| key.to_sec1_point(true).as_bytes() == public_key)
        }
        other => conclave_protocols::verify(other, public_key, message, signature),
    }
}

/// R, which no two signatures of one key may share.
pub(crate) fn nonce_point(signature: &[u8]) -> Vec<u8> {
    signature[..32].to_vec()
}

/// What members told gateways, from report number `since` on: whoever is honest blames only liars. Gives the blamed.
pub(crate) fn blame(world: &World, committee: &Committee, since: usize) -> Check<BTreeSet<Seat>> {
    let honest = world.honest();
    let mut blamed = BTreeSet::new();
    for report in world.reports.iter().skip(since) {
        let Failure::Protocol { culprits, reason } = &report.failure else { continue };
        if !honest.contains(&report.from) {
            continue;
        }
        for culprit in culprits {
            let seat = world.seat_of(committee, *culprit).ok_or("a report blames nobody")?;
            must!(
                !honest.contains(&seat),
                "seat {} blames honest seat {seat} at {:?}: {reason}",
                report.from,
                report.at
            );
            blamed.insert(seat);
        }
    }
    Ok(blamed)
}

/// Each attempt that a wrong message spoilt shows the gateway one of those who sent such: it calls that one no more for the
/// same task. What a gateway concludes is seen in nothing else when a signature comes of it.
pub(crate) fn left_out(world: &World, committee: &Committee) -> Check {
    for attempts in world.calls() {
        let attempts: Vec<_> = attempts.collect();
        for (position, (session, _)) in attempts.iter().enumerate() {
            let liars = world.liars_in(session);
            let later: BTreeSet<Seat> = attempts[position + 1..]
                .iter()
                .flat_map(|(_, quorum)| quorum)
                .filter_map(|index| world.seat_of(committee, *index))
                .collect();
            must!(
                liars.is_empty() || !liars.is_subset(&later),
                "the gateway goes on to call all of {liars:?}, who lied to it"
            );
        }
    }
    Ok(())
}

/// How many honest members told a gateway that a message did not fit, from report number `since` on.
pub(crate) fn protocol_failures(world: &World, since: usize) -> usize {
    let honest = world.honest();
    let reports = world.reports.iter().skip(since).filter(|report| honest.contains(&report.from));
    reports.filter(|report| matches!(report.failure, Failure::Protocol { .. })).count()
}

/// Whom the runtime convicted on members' evidence: of what they did, and nobody else. Gives the convicted.
pub(crate) fn convicted(world: &World) -> Check<BTreeSet<Seat>> {
    let mut convicted = BTreeSet::new();
    let honest = world.always_honest();
    for (_, event) in world.chain.events() {
        let Event::MemberExcluded { account, reason, .. } = event else { continue };
        let seat = world.nodes.iter().position(|node| node.account == *account);
        let innocent = seat.is_some_and(|seat| honest.contains(&seat)) && *reason != ExclusionReason::Absent;
        must!(!innocent, "seat {seat:?} is honest, but excluded: {reason:?}");
    }
    for (_, event) in world.chain.events() {
        let Event::FaultProven { account, class, .. } = event else { continue };
        let seat =
            world.nodes.iter().position(|node| node.account == *account).ok_or("an outsider is convicted")?;
        let did = |fault: &Fault| fault.member() == seat && fault.convicts() == Some(*class);
        must!(world.deeds().any(did), "seat {seat} is convicted of {class:?}, which it did not do");
        must!(convicted.insert((seat, *class)), "seat {seat} is convicted of {class:?} twice");
    }
    Ok(convicted.into_iter().map(|(seat, _)| seat).collect())
}

/// Where nobody lies in signing, nobody honest says so of anybody.
pub(crate) fn nobody_is_blamed(world: &World) -> Check {
    let honest = world.honest();
    for report in world.reports.iter().filter(|report| honest.contains(&report.from)) {
        if let Failure::Protocol { culprits, reason } = &report.failure {
            must!(
                culprits.is_empty(),
                "seat {} blames {culprits:?} at {:?}: {reason}",
                report.from,
                report.at
            );
        }
    }
    Ok(())
}

/// Whom honest members have banned from ECDSA with them: liars only. Gives the banned.
pub(crate) fn bans(world: &World) -> Check<BTreeSet<Seat>> {
    let honest = world.honest();
    let of = |seat: &Seat| world.nodes[*seat].disk.bans();
    let seat =
        |transport: String| world.nodes.iter().position(|node| hex::encode(node.keys.transport) == transport);
    let banned: BTreeSet<Seat> = honest
        .iter()
        .flat_map(of)
        .map(|transport| seat(transport).ok_or("banned is somebody who is no validator"))
        .collect::<Result<_, _>>()?;
    must!(banned.is_disjoint(&honest), "honest members ban {banned:?}, of whom are honest {honest:?}");
    Ok(banned)
}

/// No share and no private key of a member is in anything that was sent or is on chain.
pub(crate) fn secrecy(world: &World, committee: &Committee) -> Check {
    /// So many bytes of a secret are not there by chance.
    const NEEDLE: usize = 16;
    let Some(wire) = &world.wire else { return Ok(()) };
    let mut needles: BTreeSet<Vec<u8>> = BTreeSet::new();
    for node in &world.nodes {
        needles.extend(node.private_keys().map(|key| key[..NEEDLE].to_vec()));
        let shares = node.disk.shares(&node.encryption_key(), committee.attempt_id()).unwrap_or_default();
        needles.extend(shares.iter().map(|(_, share)| share.as_bytes()[..NEEDLE].to_vec()));
    }
    // The first byte decides in most cases, which keeps this fast.
    let first: BTreeSet<u8> = needles.iter().filter_map(|needle| needle.first().copied()).collect();
    let leaks = |bytes: &[u8]| {
        bytes.windows(NEEDLE).any(|window| first.contains(&window[0]) && needles.contains(window))
    };
    must!(!wire.iter().any(|frame| leaks(frame)), "a secret was sent");
    must!(!world.chain.included().any(|call| leaks(&call)), "a secret is on chain");
    Ok(())
}

/// Every fault, and everything the network was to do, happened.
pub(crate) fn fired(world: &World) -> Check {
    for (name, count) in world.fired() {
        must!(count > 0, "the fault `{name}` did not fire: the run tested nothing");
    }
    let (network, messages) = (&world.network, &world.messages);
    for (name, knob, count) in [
        ("lost", network.lost, messages.lost),
        ("doubled", network.doubled, messages.doubled),
        ("corrupted", network.corrupted, messages.corrupted),
        ("reordered", network.reordered, messages.reordered),
    ] {
        must!(knob == 0 || count > 0, "no message was {name}: the run tested nothing");
    }
    Ok(())
}
