//! What must hold of a reshare: the keys stay, the shares change, and nothing is left of the old ones.

use codec::DecodeAll;
use conclave_primitives::{threshold_of, AttemptId, Committee, ParticipantIndex};
use conclave_vss::{unseal, Dealing, DealingContext, DealingFault, EncryptionSecret, SecretScalar};
use pallet_committee::{Event, Fault as Judged};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use std::collections::BTreeSet;

use super::{agreement, interpolates_to, must, shares, Check, Held};
use crate::{
    dice::Dice,
    disk::Copied,
    fault::{BadShare, Fault, Seat},
    network::Network,
    world::World,
};

/// What is kept of the committee that serves, to hold against the next one.
pub(crate) struct Before {
    committee: Committee,
    held: Held,
    /// Copies of sealed shares, by whose disk they are of.
    copies: Vec<(Seat, Copied)>,
    /// The dealings that its shares came from, which stay in the chain's blocks.
    dealings: Vec<(ParticipantIndex, Dealing)>,
    events: usize,
}

/// Before a reshare: the copies open, with what is on the disks.
pub(crate) fn before(world: &mut World, committee: &Committee) -> Check<Before> {
    let held = shares(world, committee)?;
    let copy = |seat: Seat| Some((seat, world.nodes[seat].disk.copy_of_shares(committee.attempt_id())?));
    let copies: Vec<_> = (0..world.gateway()).filter_map(copy).collect();
    must!(copies.len() >= committee.threshold as usize, "only {} members' shares are on disk", copies.len());
    for (seat, copied) in &copies {
        let node = &world.nodes[*seat];
        must!(node.disk.opens(&node.encryption_key(), copied), "the copy of seat {seat} does not open");
    }
    let dealings = decoded(world.chain.finalized().dealings())?;
    for (seat, _) in &copies {
        must!(reads(world, *seat, committee, &dealings), "seat {seat} does not open what was dealt to it");
    }
    Ok(Before { committee: committee.clone(), held, copies, dealings, events: world.chain.events().len() })
}

fn decoded(dealings: &[(ParticipantIndex, Vec<u8>)]) -> Check<Vec<(ParticipantIndex, Dealing)>> {
    let decode = |(dealer, bytes): &(ParticipantIndex, Vec<u8>)| {
        let dealing = Dealing::decode_all(&mut bytes.as_slice());
        dealing.map(|dealing| (*dealer, dealing)).map_err(|_| format!("{dealer:?}'s dealing does not decode"))
    };
    dealings.iter().map(decode).collect()
}

/// Whether anything that a node still has opens shares that were dealt to it in a committee's attempt.
fn reads(world: &World, seat: Seat, committee: &Committee, dealings: &[(ParticipantIndex, Dealing)]) -> bool {
    let node = &world.nodes[seat];
    let Some(index) = committee.index_of_transport(&node.keys.transport) else { return false };
    let keys: Vec<_> = committee.roots.iter().map(|root| root.id).collect();
    let long_lived = EncryptionSecret::from_bytes(&node.encryption_key());
    let secrets = node.disk.dealing_keys(&node.encryption_key()).into_iter().chain(long_lived);
    let opens = |secret: &EncryptionSecret| {
        dealings.iter().any(|(dealer, dealing)| {
            let (genesis, attempt) = (world.chain.genesis(), committee.attempt_id());
            let context = DealingContext { genesis, attempt, dealer: *dealer };
            // What it draws is for a complaint, which is not looked at.
            let mut rng = ChaCha20Rng::from_seed([0; 32]);
            unseal(&context, &keys, dealing, index, secret, &mut rng).is_ok()
        })
    };
    secrets.into_iter().any(|secret| opens(&secret))
}

/// Whether t are up and everyone that is has followed: members hold shares of the committee that serves, and nobody any others.
pub(crate) fn all_followed(world: &World, committee: &Committee) -> bool {
    let id = committee.attempt_id();
    let up = committee
        .members
        .iter()
        .filter(|member| world.nodes.iter().any(|node| node.keys == member.keys && node.worker.is_some()));
    up.count() >= committee.threshold as usize
        && (0..world.gateway()).all(|seat| {
            let node = &world.nodes[seat];
            let Some(worker) = &node.worker else { return true };
            let sees = worker.status().view.committee.as_ref() == Some(committee);
            let is_member = committee.members.iter().any(|member| member.keys == node.keys);
            let holds = node.disk.shares(&node.encryption_key(), id).is_some();
            sees && holds == is_member && node.disk.records_beside(id) == 0
        })
}

/// After a reshare to the validators with the seats `to`, when all that are up have followed.
pub(crate) fn after(world: &mut World, before: &Before, committee: &Committee, to: &[Seat]) -> Check {
    let Before { committee: old, held, .. } = before;
    let keys = |committee: &Committee| -> Vec<_> {
        committee.roots.iter().map(|root| (root.id, root.commitments.first().cloned())).collect()
    };
    must!(keys(committee) == keys(old), "a root key changed");
    must!(committee.keyset == old.keyset, "the key set changed");
    must!(committee.epoch.0 == old.epoch.0 + 1, "epoch {} follows {}", committee.epoch.0, old.epoch.0);
    let size = committee.members.len();
    must!(committee.threshold == threshold_of(size as u32), "t is {} of {size}", committee.threshold);
    for root in &committee.roots {
        let same = old.roots.iter().any(|of| of.commitments.get(1..) == root.commitments.get(1..));
        must!(!same, "the polynomial of {:?} is the old one", root.id);
    }
    members(world, before, committee, to)?;
    let new = shares(world, committee)?;
    mixtures(world, (old, held), (committee, &new))?;
    agreement(world, committee)?;
    erased(world, before, committee)
}

/// The validators, without those whom the chain excludes; where an attempt failed, perhaps without others, too.
fn members(world: &World, before: &Before, committee: &Committee, to: &[Seat]) -> Check {
    let seats: Vec<Seat> = committee.indices().filter_map(|index| world.seat_of(committee, index)).collect();
    let id = committee.attempt_id();
    let events = world.chain.events().iter().map(|(_, event)| event);
    let until_it_started =
        events.take_while(|event| !matches!(event, Event::AttemptStarted { attempt, .. } if *attempt == id));
    let excluded: BTreeSet<Seat> = until_it_started
        .filter_map(|event| match event {
            Event::MemberExcluded { account, until, .. } if *until >= committee.epoch => {
                world.nodes.iter().position(|node| node.account == *account)
            }
            _ => None,
        })
        .collect();
    let needed = threshold_of(to.len() as u32) as usize;
    let without: Vec<Seat> = to.iter().copied().filter(|seat| !excluded.contains(seat)).collect();
    let expected = if without.len() >= needed { without } else { to.to_vec() };
    if failed(world, before) > 0 {
        let all = seats.iter().all(|seat| expected.contains(seat));
        must!(all && seats.len() >= needed, "members are {seats:?} of {expected:?}");
    } else {
        must!(seats == expected, "members are {seats:?}, not {expected:?}");
    }
    Ok(())
}

/// Old shares and new ones together, fewer than t of each, are not the key.
fn mixtures(
    world: &mut World,
    (old, old_held): (&Committee, &Held),
    (new, new_held): (&Committee, &Held),
) -> Check {
    let (t_old, t_new) = (old.threshold as usize, new.threshold as usize);
    let [mut of_old, mut of_new]: [Vec<&(ParticipantIndex, Vec<SecretScalar>)>; 2] =
        [old_held, new_held].map(|held| held.iter().collect());
    world.rng.shuffle(&mut of_old);
    world.rng.shuffle(&mut of_new);
    // As many points in all as either polynomial has coefficients, and one less.
    for count in [t_old, t_new] {
        let from_old = world.rng.within([1, (count - 1).min(t_old - 1) as u64]) as usize;
        let mut mixture = of_old[..from_old].to_vec();
        let taken: BTreeSet<_> = mixture.iter().map(|(index, _)| *index).collect();
        let others = of_new.iter().filter(|(index, _)| !taken.contains(index));
        mixture.extend(others.take((count - from_old).min(t_new - 1)));
        must!(mixture.len() > from_old, "nothing to mix");
        for (position, root) in new.roots.iter().enumerate() {
            let points: Vec<_> = mixture.iter().map(|(index, shares)| (*index, &shares[position])).collect();
            must!(
                !interpolates_to(root.id.curve, &points, &root.commitments[0]),
                "{from_old} old and {} new shares of {:?} are the key",
                points.len() - from_old,
                root.id
            );
        }
    }
    Ok(())
}

/// On every disk that runs there are the serving attempt's records only, and nothing there opens the copies.
fn erased(world: &World, before: &Before, committee: &Committee) -> Check {
    for seat in 0..world.gateway() {
        let node = &world.nodes[seat];
        if node.worker.is_some() {
            let beside = node.disk.records_beside(committee.attempt_id());
            must!(beside == 0, "seat {seat} keeps {beside} old records");
        }
    }
    for (seat, copied) in before.copies.iter().filter(|(seat, _)| world.is_up(*seat)) {
        let node = &world.nodes[*seat];
        must!(!node.disk.opens(&node.encryption_key(), copied), "old shares of seat {seat} still open");
        // Whoever was down when it should have provided another dealing key was dealt to with the one that it had.
        let key = |of: &Committee| {
            of.members.iter().find(|member| member.keys == node.keys).map(|member| member.dealing_key)
        };
        if key(&before.committee) == key(committee) {
            must!(may_miss_a_key(world), "seat {seat} was dealt to twice with one key");
            continue;
        }
        let reads = reads(world, *seat, &before.committee, &before.dealings);
        must!(!reads, "seat {seat} still opens what was dealt to it in the epoch before");
    }
    Ok(())
}

/// Whether a member may have had no time to provide a key.
fn may_miss_a_key(world: &World) -> bool {
    world.network != Network::CALM || world.faults.iter().any(|fault| !fault.is_provable())
}

/// Whom the chain has named since: the guilty, each for what it did. Gives the named.
pub(crate) fn named(world: &World, before: &Before) -> Check<BTreeSet<Seat>> {
    let mut named = BTreeSet::new();
    for (_, event) in &world.chain.events()[before.events..] {
        let Event::Disqualified { account, fault, .. } = event else { continue };
        let seat =
            world.nodes.iter().position(|node| node.account == *account).ok_or("an outsider was named")?;
        let did = |done: &Fault| done.member() == seat && is_judgement_of(done, fault);
        must!(world.deeds().any(did), "seat {seat} is named for {fault:?}, which it did not do");
        named.insert(seat);
    }
    Ok(named)
}

fn is_judgement_of(done: &Fault, judged: &Judged) -> bool {
    use DealingFault::{MalformedShares, NotOwnShare, Undecryptable, WrongShare};
    match (done, judged) {
        (Fault::DealsAnotherShare { .. }, Judged::BadDealing(NotOwnShare(_)))
        | (Fault::FalseComplaint { .. }, Judged::FalseComplaint { .. }) => true,
        (Fault::BadShare { how, .. }, Judged::BadShares { fault, .. }) => matches!(
            (how, fault),
            (BadShare::Undecryptable, Undecryptable(_))
                | (BadShare::OffPolynomial, WrongShare(..))
                | (BadShare::TooFew, MalformedShares(_))
        ),
        _ => false,
    }
}

/// How many attempts failed since.
pub(crate) fn failed(world: &World, before: &Before) -> usize {
    let events = &world.chain.events()[before.events..];
    events.iter().filter(|(_, event)| matches!(event, Event::AttemptFailed { .. })).count()
}

/// The attempt that made the committee before.
pub(crate) fn attempt_before(before: &Before) -> AttemptId {
    before.committee.attempt_id()
}
