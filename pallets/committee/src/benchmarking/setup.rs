//! Members with real keys, and attempts and committees of them with real dealings.

use alloc::{boxed::Box, collections::BTreeSet, vec, vec::Vec};
use codec::Encode;
use conclave_primitives::{
    activation_bytes, bls_share_message, flight_payload, frost_share_message, payload_hash, root_key_ids,
    threshold_of, worker_call_bytes, worker_keys_bytes, Attempt, AttemptId, AttemptKind, AttemptPhase,
    BlsSubject, Curve, EncodedPoint, Epoch, Evidence, KeyId, KeysetId, Member, MessageHeader,
    NonceCommitments, ParticipantIndex, PkpId, Purpose, RootKey, RootKeyId, Scheme, SessionId, SignedPayload,
    SigningPackage, WorkerKeyProofs, WorkerKeys, BLS_SHARE_FLIGHT, FROST_SHARE_FLIGHT, MAX_MESSAGE_BYTES,
};
use conclave_vss::{
    deal, derive_public_key, open, prove_worker_key, Complaint, Dealing, DealingContext, EncryptionSecret,
    OpenError, SecretScalar, Secrets,
};
use frame_benchmarking::{account, BenchmarkError};
use frame_support::{
    traits::{
        fungible::{Balanced, Inspect},
        tokens::Precision,
        ConstU32, Get,
    },
    BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sp_core::crypto::KeyTypeId;
use sp_runtime::Saturating;

use crate::{
    epochs::count,
    state::{DealingKey, Members},
    ActiveCommittee, Commitments, Config, CurrentCommittee, Dealings, FormedIn, NewRoots, Pallet, Running,
    RunningAttempt, WorkerKeysOf,
};

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"cncl");

/// The attempt of dealings from before the one that runs.
pub(super) const EARLIER: AttemptId = AttemptId { epoch: Epoch(0), attempt: Attempt(0) };

pub(super) type Setup<Value> = Result<Value, BenchmarkError>;

/// A validator with its worker's secrets; Ed25519 keys are in the keystore of the host.
pub(super) struct Worker<AccountId> {
    pub(super) account: AccountId,
    pub(super) encryption: EncryptionSecret,
    pub(super) keys: WorkerKeys,
}

pub(super) fn rng(seed: u32) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed.into())
}

pub(super) fn index(number: u32) -> Setup<ParticipantIndex> {
    let number = u8::try_from(number).ok().and_then(ParticipantIndex::new);
    number.ok_or(BenchmarkError::Stop("no participant index"))
}

fn edwards_key(purpose: &str, number: u32) -> [u8; 32] {
    let seed = alloc::format!("//{purpose}//{number}");
    sp_io::crypto::ed25519_generate(KEY_TYPE, Some(seed.into_bytes())).0
}

fn edwards_sign(key: [u8; 32], message: &[u8]) -> Setup<[u8; 64]> {
    let signature = sp_io::crypto::ed25519_sign(KEY_TYPE, &key.into(), message);
    signature.map(|signature| signature.0).ok_or(BenchmarkError::Stop("no keystore"))
}

impl<AccountId: Clone> Worker<AccountId> {
    fn member(&self) -> Member<AccountId> {
        // What is measured makes no difference between the two keys.
        Member { account: self.account.clone(), keys: self.keys, dealing_key: self.keys.encryption }
    }
}

/// The validator with this number. Its keys are not registered.
pub(super) fn worker<T: Config>(number: u32) -> Worker<T::AccountId> {
    let encryption = EncryptionSecret::random(&mut rng(number));
    let keys = WorkerKeys {
        encryption: encryption.public(),
        signing: edwards_key("signing", number),
        transport: edwards_key("transport", number),
    };
    Worker { account: account("member", number, 0), encryption, keys }
}

/// Validators with registered keys, numbered from `first`.
pub(super) fn workers<T: Config>(first: u32, n: u32) -> Vec<Worker<T::AccountId>> {
    let workers: Vec<_> = (first..first.saturating_add(n)).map(worker::<T>).collect();
    for worker in &workers {
        Pallet::<T>::insert_keys(&worker.account, worker.keys, Default::default());
        WorkerKeysOf::<T>::mutate(&worker.account, |registered| {
            if let Some(registered) = registered {
                registered.dealing_key = Some(DealingKey { public: worker.keys.encryption, is_used: false });
            }
        });
    }
    workers
}

/// An account that can pay deposits.
pub(super) fn fund<T: Config>(who: &T::AccountId) -> Setup<()> {
    let amount =
        T::KeyDeposit::get().saturating_add(T::Currency::minimum_balance()).saturating_mul(10u32.into());
    let _issued = T::Currency::deposit(who, amount, Precision::Exact)?;
    Ok(())
}

pub(super) fn proofs<T: Config>(worker: &Worker<T::AccountId>) -> Setup<WorkerKeyProofs> {
    let account = Pallet::<T>::account_bytes(&worker.account);
    let statement = worker_keys_bytes(&Pallet::<T>::genesis(), &account, &worker.keys);
    Ok(WorkerKeyProofs {
        encryption: prove_worker_key(&worker.encryption, &statement, &mut rng(0)).to_bytes(),
        signing: edwards_sign(worker.keys.signing, &statement)?,
        transport: edwards_sign(worker.keys.transport, &statement)?,
    })
}

pub(super) fn sign<T: Config>(
    worker: &Worker<T::AccountId>,
    call: &str,
    arguments: &impl Encode,
) -> Setup<[u8; 64]> {
    edwards_sign(worker.keys.signing, &worker_call_bytes(&Pallet::<T>::genesis(), call, arguments))
}

fn members<T: Config>(workers: &[Worker<T::AccountId>]) -> Setup<Members<T::AccountId>> {
    let members: Vec<_> = workers.iter().map(Worker::member).collect();
    members.try_into().map_err(|_| BenchmarkError::Stop("too many members"))
}

/// An attempt of these members runs, in this phase.
pub(super) fn run<T: Config>(
    kind: AttemptKind,
    phase: AttemptPhase,
    workers: &[Worker<T::AccountId>],
) -> Setup<AttemptId> {
    let id = AttemptId { epoch: Epoch(9), attempt: Attempt(0) };
    let members = members::<T>(workers)?;
    FormedIn::<T>::insert(id, T::SessionIndex::get());
    Running::<T>::put(RunningAttempt {
        id,
        kind,
        threshold: threshold_of(count(members.len())),
        members,
        phase,
        round: 0,
        deadline: frame_system::Pallet::<T>::block_number().saturating_add(100u32.into()),
        guilty_dealers: Default::default(),
        guilty_members: Default::default(),
        reported: Default::default(),
        confirmed: Default::default(),
    });
    Ok(id)
}

/// Everything but the phase of the running attempt.
pub(super) fn edit<T: Config>(
    change: impl FnOnce(&mut RunningAttempt<T::AccountId, BlockNumberFor<T>>),
) -> Setup<()> {
    Running::<T>::try_mutate(|running| running.as_mut().map(change).ok_or(BenchmarkError::Stop("none runs")))
}

pub(super) fn context<T: Config>(attempt: AttemptId, dealer: ParticipantIndex) -> DealingContext {
    DealingContext { genesis: Pallet::<T>::genesis(), attempt, dealer }
}

/// Fresh secrets for these members, of which `threshold` are needed.
pub(super) fn fresh_dealing<T: Config>(
    attempt: AttemptId,
    dealer: ParticipantIndex,
    threshold: u32,
    recipients: &[Worker<T::AccountId>],
) -> Setup<Dealing> {
    let keys = root_key_ids();
    deal_to::<T>(attempt, dealer, Secrets::Fresh(&keys), threshold, recipients)
}

pub(super) fn deal_to<T: Config>(
    attempt: AttemptId,
    dealer: ParticipantIndex,
    secrets: Secrets<'_>,
    threshold: u32,
    recipients: &[Worker<T::AccountId>],
) -> Setup<Dealing> {
    let recipients: Vec<_> = recipients.iter().map(|worker| worker.keys.encryption).collect();
    let context = context::<T>(attempt, dealer);
    deal(&context, secrets, threshold, &recipients, &mut rng(7)).ok_or(BenchmarkError::Stop("no dealing"))
}

/// The shares of the recipient with this number.
pub(super) fn shares<T: Config>(
    attempt: AttemptId,
    dealing: &Dealing,
    recipients: &[Worker<T::AccountId>],
    recipient: ParticipantIndex,
) -> Setup<Vec<(RootKeyId, SecretScalar)>> {
    let worker = recipients.get(recipient.position()).ok_or(BenchmarkError::Stop("no such member"))?;
    let (keys, context) = (root_key_ids(), context::<T>(attempt, index(1)?));
    let opened = open(&context, &keys, dealing, recipient, &worker.encryption, &mut rng(1));
    opened
        .map(|shares| keys.into_iter().zip(shares).collect())
        .map_err(|_| BenchmarkError::Stop("the dealing does not open"))
}

/// The complaint of the recipient with this number about a dealing whose last key is bad.
pub(super) fn complaint<T: Config>(
    attempt: AttemptId,
    dealing: &Dealing,
    recipients: &[Worker<T::AccountId>],
    recipient: ParticipantIndex,
) -> Setup<Complaint> {
    let worker = recipients.get(recipient.position()).ok_or(BenchmarkError::Stop("no such member"))?;
    let context = context::<T>(attempt, index(1)?);
    match open(&context, &root_key_ids(), dealing, recipient, &worker.encryption, &mut rng(1)) {
        Err(OpenError::Cheated(complaint)) => Ok(complaint),
        _ => Err(BenchmarkError::Stop("the dealing is good")),
    }
}

/// The same dealing by the first `dealers` of the running attempt. What is read and combined costs as if each were its
/// own.
pub(super) fn store_dealings<T: Config>(dealing: &Dealing, dealers: u32) -> Setup<()> {
    for number in 1..=dealers {
        Commitments::<T>::insert(index(number)?, dealing.hash());
        Dealings::<T>::insert(index(number)?, dealing);
    }
    Ok(())
}

type Roots = BoundedVec<RootKey, ConstU32<{ conclave_primitives::MAX_ROOT_KEYS }>>;

/// Keys with this many commitments each: those of a small dealing, the second again and again, since a point is a point
/// to whoever decodes it.
pub(super) fn roots<T: Config>(threshold: u32) -> Setup<Roots> {
    let nobody = worker::<T>(0);
    let dealing = fresh_dealing::<T>(EARLIER, index(1)?, 2, &[nobody])?;
    let roots: Vec<_> = root_key_ids()
        .into_iter()
        .zip(dealing.keys)
        .map(|(id, key)| {
            let points = key.commitments.iter().chain(key.commitments.iter().skip(1).cycle());
            let commitments: Vec<_> = points.take(threshold as usize).cloned().collect();
            RootKey { id, commitments: BoundedVec::truncate_from(commitments) }
        })
        .collect();
    roots.try_into().map_err(|_| BenchmarkError::Stop("too many keys"))
}

/// The commitments of a dealing by one dealer, as the keys that it makes.
pub(super) fn roots_of(dealing: &Dealing) -> Setup<Roots> {
    let roots: Vec<_> = root_key_ids()
        .into_iter()
        .zip(&dealing.keys)
        .map(|(id, key)| RootKey { id, commitments: key.commitments.clone() })
        .collect();
    roots.try_into().map_err(|_| BenchmarkError::Stop("too many keys"))
}

/// A committee of these members with these keys.
pub(super) fn committee<T: Config>(
    epoch: u32,
    workers: &[Worker<T::AccountId>],
    roots: Roots,
) -> Setup<ActiveCommittee<T::AccountId>> {
    let members = members::<T>(workers)?;
    let (epoch, attempt) = (Epoch(epoch), Attempt(0));
    FormedIn::<T>::insert(AttemptId { epoch, attempt }, T::SessionIndex::get());
    let confirmed: BTreeSet<_> = (0..members.len()).filter_map(ParticipantIndex::from_position).collect();
    Ok(ActiveCommittee {
        epoch,
        attempt,
        session: T::SessionIndex::get(),
        kind: AttemptKind::Keygen,
        keyset: KeysetId(0),
        threshold: threshold_of(count(members.len())),
        members,
        roots,
        confirmed: confirmed.try_into().map_err(|_| BenchmarkError::Stop("too many members"))?,
    })
}

/// These members serve.
pub(super) fn serve<T: Config>(epoch: u32, workers: &[Worker<T::AccountId>]) -> Setup<()> {
    let committee = committee::<T>(epoch, workers, roots::<T>(threshold_of(count(workers.len())))?)?;
    CurrentCommittee::<T>::put(committee);
    Ok(())
}

/// The keys of the running attempt are combined.
pub(super) fn finish<T: Config>(n: u32) -> Setup<()> {
    NewRoots::<T>::put(roots::<T>(threshold_of(n))?);
    Ok(())
}

/// A key of one known secret takes the place of the Result key, and signs the activation.
pub(super) fn sign_activation<T: Config>(attempt: AttemptId) -> Setup<[u8; 64]> {
    let key = edwards_key("result", 0);
    NewRoots::<T>::mutate(|roots| {
        for root in roots.iter_mut().filter(|root| root.id.purpose == Purpose::Result) {
            let mut commitments = core::mem::take(&mut root.commitments).into_inner();
            if let Some(public) = commitments.first_mut() {
                *public = EncodedPoint::truncate_from(key.to_vec());
            }
            root.commitments = BoundedVec::truncate_from(commitments);
        }
    });
    let roots = NewRoots::<T>::get();
    edwards_sign(key, &activation_bytes(&Pallet::<T>::genesis(), &attempt, Pallet::<T>::keyset(), &roots))
}

fn header<T: Config>(
    sender: &Worker<T::AccountId>,
    recipient: &Worker<T::AccountId>,
    flight: u8,
) -> Setup<MessageHeader> {
    let committee = CurrentCommittee::<T>::get().ok_or(BenchmarkError::Stop("no committee"))?;
    Ok(MessageHeader {
        attempt: AttemptId { epoch: committee.epoch, attempt: committee.attempt },
        session: SessionId([5; 32]),
        flight,
        from: sender.keys.transport,
        to: recipient.keys.transport,
    })
}

fn payload<T: Config>(
    sender: &Worker<T::AccountId>,
    header: &MessageHeader,
    hash: [u8; 32],
) -> Setup<SignedPayload> {
    let message = header.signed_bytes(&Pallet::<T>::genesis(), &hash);
    Ok(SignedPayload { hash, signature: edwards_sign(sender.keys.transport, &message)? })
}

/// The last of these members said two things to the first.
pub(super) fn equivocation<T: Config>(workers: &[Worker<T::AccountId>]) -> Setup<Evidence> {
    let [first, .., last] = workers else { return Err(BenchmarkError::Stop("too few members")) };
    let header = header::<T>(last, first, FROST_SHARE_FLIGHT)?;
    let payloads = [payload::<T>(last, &header, [1; 32])?, payload::<T>(last, &header, [2; 32])?];
    Ok(Evidence::Equivocation { header, payloads })
}

/// A PKP's key on this curve.
struct PkpKey {
    id: KeyId,
    public_key: EncodedPoint,
    roots: Vec<EncodedPoint>,
}

fn pkp_key<T: Config>(curve: Curve, keyset: KeysetId) -> Setup<PkpKey> {
    let roots = signing_roots::<T>(curve)?;
    let pkp = PkpId([7; 32]);
    let public_key = derive_public_key(curve, &Pallet::<T>::genesis(), keyset, &pkp, &roots)
        .map_err(|_| BenchmarkError::Stop("no key derives"))?;
    Ok(PkpKey { id: KeyId::Pkp(pkp, curve), public_key, roots })
}

fn signing_roots<T: Config>(curve: Curve) -> Setup<Vec<EncodedPoint>> {
    let roots = Pallet::<T>::signing_roots().map(|(_, roots)| roots).into_iter().flatten();
    let mut of_curve = roots.filter(|(of, _)| *of == curve).map(|(_, roots)| roots);
    of_curve.next().ok_or(BenchmarkError::Stop("no keys"))
}

/// t of these members, with the last.
fn quorum<AccountId>(workers: &[Worker<AccountId>], threshold: u32) -> Setup<Vec<ParticipantIndex>> {
    let n = count(workers.len());
    (n.saturating_sub(threshold).saturating_add(1)..=n).map(index).collect()
}

/// The longest that is signed.
fn message() -> BoundedVec<u8, ConstU32<MAX_MESSAGE_BYTES>> {
    BoundedVec::truncate_from(vec![7; MAX_MESSAGE_BYTES as usize])
}

/// The last of these members sent a share of a PKP's signature that fits nothing, in the largest message.
pub(super) fn wrong_frost_share<T: Config>(
    scheme: Scheme,
    workers: &[Worker<T::AccountId>],
) -> Setup<Evidence> {
    let [first, .., last] = workers else { return Err(BenchmarkError::Stop("too few members")) };
    let committee = CurrentCommittee::<T>::get().ok_or(BenchmarkError::Stop("no committee"))?;
    let PkpKey { id, public_key, roots } = pkp_key::<T>(scheme.curve(), committee.keyset)?;
    // Any points are commitments to some nonces.
    let [hiding, binding] = roots.as_slice() else { return Err(BenchmarkError::Stop("not two keys")) };
    let mut commitments = conclave_primitives::QuorumCommitments::new();
    for signer in quorum(workers, committee.threshold)? {
        let nonces = NonceCommitments { hiding: hiding.clone(), binding: binding.clone() };
        commitments.try_insert(signer, nonces).map_err(|_| BenchmarkError::Stop("no room"))?;
    }
    let package = SigningPackage { scheme, public_key, message: message(), commitments };
    // A scalar on every curve, in either order of bytes.
    let (header, share) = (header::<T>(last, first, FROST_SHARE_FLIGHT)?, [1; 32]);
    let payload =
        payload::<T>(last, &header, payload_hash(&flight_payload(&frost_share_message(&share, &package))))?;
    Ok(Evidence::FrostShare {
        header,
        share,
        signature: payload.signature,
        key: id,
        package: Box::new(package),
    })
}

/// The last of these members sent a point that is no share of a PKP's signature, for the longest message.
pub(super) fn wrong_bls_share<T: Config>(
    scheme: Scheme,
    workers: &[Worker<T::AccountId>],
) -> Setup<Evidence> {
    let [first, .., last] = workers else { return Err(BenchmarkError::Stop("too few members")) };
    let committee = CurrentCommittee::<T>::get().ok_or(BenchmarkError::Stop("no committee"))?;
    let PkpKey { id, public_key, .. } = pkp_key::<T>(scheme.curve(), committee.keyset)?;
    // Where one group has the keys the other has the signatures: its keys are points of it.
    let group_of_signatures = match scheme {
        Scheme::BlsG1 => Curve::Bls12381G1,
        _ => Curve::Bls12381G2,
    };
    let points = signing_roots::<T>(group_of_signatures)?;
    let share = points.into_iter().next().ok_or(BenchmarkError::Stop("no keys"))?;
    let quorum = quorum(workers, committee.threshold)?.into_iter().collect::<BTreeSet<_>>();
    let quorum = quorum.try_into().map_err(|_| BenchmarkError::Stop("too many members"))?;
    let subject = BlsSubject { scheme, key: id, quorum, message: message() };
    let header = header::<T>(last, first, BLS_SHARE_FLIGHT)?;
    let message = bls_share_message(&subject.binding(&header.session, &public_key), &share);
    let payload = payload::<T>(last, &header, payload_hash(&flight_payload(&message)))?;
    Ok(Evidence::BlsShare { header, share, signature: payload.signature, subject: Box::new(subject) })
}
