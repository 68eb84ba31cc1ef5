//! The OT set-up of one pair: base OTs in both directions for the multiplications of Protocol 3.6, and
//! a common seed for the zero shares of Functionality 3.4.
//!
//! dkls23-core runs this for all pairs at once, inside its key generation (`protocols/dkg.rs`, phases 2
//! to 4) or refresh. Pair by pair it needs nobody else: an absent member delays only its own pairs. The
//! steps are the same, in the same order and with the same checks; the session ids are ours.

use codec::Encode;
use conclave_primitives::{ParticipantIndex, SessionId};
use core::fmt;
use dkls23_core::{
    protocols::{
        dkg::{TransmitInitMulPhase3to4, TransmitInitZeroSharePhase2to4, TransmitInitZeroSharePhase3to4},
        PartiesMessage,
    },
    utilities::{
        hashes::{tagged_hash, HashOutput},
        multiplication::{MulReceiver, MulSender},
        ot::{
            base::{OTReceiver, OTSender},
            extension::{BATCH_SIZE, KAPPA},
        },
        proofs,
        zero_shares::{Seed, SeedPair, ZeroShare},
    },
};
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};
use zeroize::{Zeroize, Zeroizing};

use super::{
    wire::{self, HASH, LONG, PARTIES, POINT, SALT, SCALAR},
    EcdsaCurve,
};
use crate::{machine::check_flight, Machine, Outgoing, ProtocolError, Step};

const TAG_MUL_SESSION: &[u8] = b"CONCLAVE-V1-DKLS23-SETUP-MUL";
const TAG_FLIGHT: &[u8] = b"CONCLAVE-V1-DKLS23-SETUP-FLIGHT";
const TAG_PAIR: &[u8] = b"CONCLAVE-V1-DKLS23-PAIR";
const PROTOCOL: &[u8] = b"CONCLAVE-V1-DKLS23-SETUP";

/// Flight 1: the commitment to a seed.
const COMMIT_BYTES: usize = PARTIES + HASH;
/// Flight 2, its first part: the seed opened.
const OPEN_BYTES: usize = PARTIES + HASH + SALT;
/// A challenge is 4 bytes. Upstream's verifier takes 1 to 4, which lets a prover write one value in four
/// ways and so halves the bits of its soundness; the fixed length closes that.
const DLOG_PROOF_BYTES: usize =
    POINT + 1 + proofs::R as usize * POINT + 1 + proofs::R as usize * (1 + 4 + SCALAR);
const ENC_PROOF_BYTES: usize = 2 * (4 * POINT + SCALAR) + 2 * (2 * POINT) + 2 * SCALAR;
/// Flight 2, its second part: both base OTs.
const MUL_BYTES: usize = PARTIES + DLOG_PROOF_BYTES + SCALAR + LONG + KAPPA as usize * ENC_PROOF_BYTES + HASH;

/// What one side of a pair keeps of its set-up: OT seeds, and the seed of zero shares.
///
/// It is used in every signature with the counterparty, with whatever key, and never changes. Erased
/// when dropped, never cloned, never printed.
pub struct PairState<C: EcdsaCurve> {
    index: ParticipantIndex,
    counterparty: ParticipantIndex,
    id: [u8; 32],
    pub(super) zero_seed: SeedPair,
    pub(super) sender: MulSender<C>,
    pub(super) receiver: MulReceiver<C>,
}

impl<C: EcdsaCurve> fmt::Debug for PairState<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PairState {{ {:?} with {:?}, <redacted> }}", self.index, self.counterparty)
    }
}

impl<C: EcdsaCurve> PairState<C> {
    const VERSION: u8 = 1;
    const SENDER_BYTES: usize =
        LONG + BATCH_SIZE as usize * SCALAR + LONG + KAPPA as usize + LONG + KAPPA as usize * HASH;
    const RECEIVER_BYTES: usize = LONG + BATCH_SIZE as usize * SCALAR + 2 * (LONG + KAPPA as usize * HASH);
    const HEADER_BYTES: usize = 4 + 2 * HASH;

    /// The length of a stored pair state.
    pub const BYTES: usize = Self::HEADER_BYTES + Self::SENDER_BYTES + Self::RECEIVER_BYTES;

    /// Whose side it is.
    pub const fn index(&self) -> ParticipantIndex {
        self.index
    }

    /// The other side.
    pub const fn counterparty(&self) -> ParticipantIndex {
        self.counterparty
    }

    /// The hash of the set-up's messages, public: equal on both sides if, and only if, their states fit
    /// together. Members may compare it before they form a quorum.
    pub const fn id(&self) -> &[u8; 32] {
        &self.id
    }

    /// For the encrypted store: version ‖ curve ‖ index ‖ counterparty ‖ id ‖ seed ‖ sender ‖ receiver.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, ProtocolError> {
        let invalid = || ProtocolError::InvalidPairState { reason: "of wrong dimensions" };
        // With its final capacity from the start: a buffer that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(Self::BYTES));
        bytes.push(Self::VERSION);
        bytes.extend(C::CURVE.encode());
        bytes.extend([self.index.get(), self.counterparty.get()]);
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(&self.zero_seed.seed);
        wire::append(&mut bytes, &self.sender, Self::SENDER_BYTES).ok_or_else(invalid)?;
        wire::append(&mut bytes, &self.receiver, Self::RECEIVER_BYTES).ok_or_else(invalid)?;
        Ok(bytes)
    }

    /// From the encrypted store.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        let invalid = |reason| ProtocolError::InvalidPairState { reason };
        if bytes.len() != Self::BYTES {
            return Err(invalid("of wrong length"));
        }
        let (header, rest) = bytes.split_at_checked(4).ok_or(invalid("of wrong length"))?;
        let (&[version, curve, index, counterparty], Some((id, rest))) = (header, rest.split_first_chunk())
        else {
            return Err(invalid("of wrong length"));
        };
        let (seed, rest) = rest.split_first_chunk::<HASH>().ok_or(invalid("of wrong length"))?;
        let (sender, receiver) =
            rest.split_at_checked(Self::SENDER_BYTES).ok_or(invalid("of wrong length"))?;
        if version != Self::VERSION {
            return Err(invalid("of another version"));
        }
        if C::CURVE.encode() != [curve] {
            return Err(invalid("of another curve"));
        }
        let member = |index| ParticipantIndex::new(index).ok_or(invalid("with index 0"));
        let (index, counterparty) = (member(index)?, member(counterparty)?);
        if index == counterparty {
            return Err(invalid("with itself"));
        }
        let sender: MulSender<C> = wire::from_exact(sender).ok_or(invalid("not canonical"))?;
        let receiver: MulReceiver<C> = wire::from_exact(receiver).ok_or(invalid("not canonical"))?;
        let state = Self {
            index,
            counterparty,
            id: *id,
            zero_seed: seed_pair(index, counterparty, *seed)?,
            sender,
            receiver,
        };
        state.check()?;
        Ok(state)
    }

    fn check(&self) -> Result<(), ProtocolError> {
        let dimensions = self.sender.check_state().and_then(|()| self.receiver.check_state(None));
        dimensions.map_err(|_| ProtocolError::InvalidPairState { reason: "of wrong dimensions" })
    }
}

fn seed_pair(
    index: ParticipantIndex,
    counterparty: ParticipantIndex,
    seed: Seed,
) -> Result<SeedPair, ProtocolError> {
    Ok(SeedPair { lowest_index: index < counterparty, index_counterparty: wire::party(counterparty)?, seed })
}

/// One side of the set-up of a pair: commit to a seed and open it, and meanwhile run 2 × 256 base OTs.
///
/// dkls23-core draws its randomness from the thread's generator of the crate `rand`, seeded by the
/// operating system; the `rng` of [`Machine::advance`] is not used.
pub struct PairSetup<C: EcdsaCurve> {
    run: Run,
    awaits: BTreeSet<ParticipantIndex>,
    flight: Flight<C>,
}

/// Which run it is.
struct Run {
    index: ParticipantIndex,
    counterparty: ParticipantIndex,
    setup: SessionId,
}

enum Flight<C: EcdsaCurve> {
    Committed(Committed),
    Opened(Box<Opened<C>>),
}

struct Committed {
    seed: Zeroizing<Seed>,
    salt: Zeroizing<Vec<u8>>,
    sent: Vec<u8>,
}

struct Opened<C: EcdsaCurve> {
    seed: Zeroizing<Seed>,
    /// Their commitment.
    commitment: HashOutput,
    secrets: BaseOtSecrets<C>,
    /// Both messages of flight 1, the lower index's first.
    commitments: [Vec<u8>; 2],
    /// The hash of our message of flight 2.
    sent: HashOutput,
}

/// What upstream keeps between its init phases, which it does not erase.
struct BaseOtSecrets<C: EcdsaCurve> {
    // As multiplication receiver.
    ot_sender: OTSender<C>,
    nonce: C::Scalar,
    // As multiplication sender.
    ot_receiver: OTReceiver,
    correlation: Vec<bool>,
    vec_r: Vec<C::Scalar>,
}

impl<C: EcdsaCurve> Drop for BaseOtSecrets<C> {
    fn drop(&mut self) {
        self.ot_sender.s.zeroize();
        self.correlation.zeroize();
        self.vec_r.zeroize();
    }
}

impl<C: EcdsaCurve> fmt::Debug for PairSetup<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PairSetup {{ {:?} with {:?}, <redacted> }}", self.run.index, self.run.counterparty)
    }
}

impl<C: EcdsaCurve> PairSetup<C> {
    /// Starts the set-up of `index` with `counterparty`. `setup` names this run of this pair, is the
    /// same on both sides and never used twice.
    pub fn start(
        index: ParticipantIndex,
        counterparty: ParticipantIndex,
        setup: &SessionId,
        _rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<Outgoing>), ProtocolError> {
        if index == counterparty {
            return Err(ProtocolError::UnknownParticipant { participant: counterparty });
        }
        let run = Run { index, counterparty, setup: *setup };
        let context = run.seed_context(index, counterparty)?;
        let (seed, commitment, salt) = ZeroShare::generate_seed_with_bound_commitment(&context);
        let (seed, salt) = (Zeroizing::new(seed), Zeroizing::new(salt));
        let message = TransmitInitZeroSharePhase2to4 { parties: run.parties()?, commitment };
        let payload = wire::write(Vec::with_capacity(COMMIT_BYTES), &message, COMMIT_BYTES)?;
        let flight = Flight::Committed(Committed { seed, salt, sent: payload.clone() });
        let machine = Self { run, awaits: BTreeSet::from([counterparty]), flight };
        Ok((machine, vec![Outgoing { to: counterparty, payload }]))
    }
}

impl<C: EcdsaCurve> Machine for PairSetup<C> {
    type Output = PairState<C>;

    fn awaits(&self) -> &BTreeSet<ParticipantIndex> {
        &self.awaits
    }

    fn max_message_bytes(&self) -> usize {
        match &self.flight {
            Flight::Committed(_) => COMMIT_BYTES,
            Flight::Opened(_) => OPEN_BYTES + MUL_BYTES,
        }
    }

    fn advance(
        self,
        mut received: BTreeMap<ParticipantIndex, Vec<u8>>,
        _rng: &mut impl CryptoRng,
    ) -> Result<Step<Self, Self::Output>, ProtocolError> {
        check_flight(&self.awaits, &received, self.max_message_bytes())?;
        let Self { run, awaits, flight } = self;
        let to = run.counterparty;
        let received = received.remove(&to).unwrap_or_default();
        match flight {
            Flight::Committed(committed) => {
                let (opened, payload) = run.open(committed, received)?;
                let machine = Self { run, awaits, flight: Flight::Opened(Box::new(opened)) };
                Ok(Step::Next { machine, outgoing: vec![Outgoing { to, payload }] })
            }
            Flight::Opened(opened) => Ok(Step::Done(run.finish(*opened, &received)?)),
        }
    }
}

impl Run {
    /// On their commitment: open ours, start both base OTs (upstream's `refresh_complete_phase3`).
    fn open<C: EcdsaCurve>(
        &self,
        committed: Committed,
        received: Vec<u8>,
    ) -> Result<(Opened<C>, Vec<u8>), ProtocolError> {
        let (index, counterparty) = (self.index, self.counterparty);
        let message: TransmitInitZeroSharePhase2to4 = wire::read(counterparty, &received)?;
        wire::check_parties(counterparty, index, &message.parties)?;

        let opening = TransmitInitZeroSharePhase3to4 {
            parties: self.parties()?,
            seed: *committed.seed,
            salt: committed.salt.to_vec(),
        };
        let (ot_sender, dlog_proof, nonce) = MulReceiver::init_phase1(&self.mul_session(index, counterparty));
        let (ot_receiver, correlation, vec_r, enc_proofs) =
            MulSender::init_phase1(&self.mul_session(counterparty, index));
        let secrets = BaseOtSecrets { ot_sender, nonce, ot_receiver, correlation, vec_r };
        let base_ots: TransmitInitMulPhase3to4<C> = TransmitInitMulPhase3to4 {
            parties: self.parties()?,
            dlog_proof,
            nonce,
            enc_proofs,
            seed: secrets.ot_receiver.seed,
        };
        let payload = Vec::with_capacity(OPEN_BYTES + MUL_BYTES);
        let payload = wire::write(payload, &opening, OPEN_BYTES)?;
        let payload = wire::write(payload, &base_ots, MUL_BYTES)?;

        let opened = Opened {
            seed: committed.seed,
            commitment: message.commitment,
            secrets,
            commitments: self.by_index(committed.sent, received),
            sent: tagged_hash(TAG_FLIGHT, &[&payload]),
        };
        Ok((opened, payload))
    }

    /// On their opening and base OTs: check and finish (upstream's `refresh_complete_phase4`).
    fn finish<C: EcdsaCurve>(
        &self,
        mut opened: Opened<C>,
        received: &[u8],
    ) -> Result<PairState<C>, ProtocolError> {
        let (index, from) = (self.index, self.counterparty);
        let (opening, base_ots) = wire::split(from, received, OPEN_BYTES)?;
        let opening: TransmitInitZeroSharePhase3to4 = wire::read(from, opening)?;
        wire::check_parties(from, index, &opening.parties)?;
        let base_ots: TransmitInitMulPhase3to4<C> = wire::read(from, base_ots)?;
        wire::check_parties(from, index, &base_ots.parties)?;

        let context = self.seed_context(from, index)?;
        if !ZeroShare::verify_bound_seed(&opening.seed, &context, &opened.commitment, &opening.salt) {
            return Err(ProtocolError::CommitmentRejected { from });
        }
        let zero_seed = ZeroShare::generate_seed_pair(
            wire::party(index)?,
            wire::party(from)?,
            &opened.seed,
            &opening.seed,
        );

        let secrets = &mut opened.secrets;
        let receiver = MulReceiver::init_phase2(
            &secrets.ot_sender,
            &self.mul_session(index, from),
            &base_ots.seed,
            &base_ots.enc_proofs,
            &secrets.nonce,
        )
        .map_err(|_| ProtocolError::ProofRejected { from })?;
        let sender = MulSender::init_phase2(
            &secrets.ot_receiver,
            &self.mul_session(from, index),
            core::mem::take(&mut secrets.correlation),
            &secrets.vec_r,
            &base_ots.dlog_proof,
            &base_ots.nonce,
        )
        .map_err(|_| ProtocolError::ProofRejected { from })?;

        let [first, second] = &opened.commitments;
        let [third, fourth] = self.by_index(opened.sent, tagged_hash(TAG_FLIGHT, &[received]));
        let id = tagged_hash(TAG_PAIR, &[&self.setup.0, first, second, &third, &fourth]);
        let state = PairState { index, counterparty: from, id, zero_seed, sender, receiver };
        state.check()?;
        Ok(state)
    }

    fn parties(&self) -> Result<PartiesMessage, ProtocolError> {
        Ok(PartiesMessage { sender: wire::party(self.index)?, receiver: wire::party(self.counterparty)? })
    }

    /// The session id of the multiplications from `receiver` to `sender`: as in Protocol 3.6, the order
    /// of the indices tells the two directions apart.
    fn mul_session(&self, receiver: ParticipantIndex, sender: ParticipantIndex) -> HashOutput {
        tagged_hash(TAG_MUL_SESSION, &[&self.setup.0, &[receiver.get()], &[sender.get()]])
    }

    /// What a seed's commitment is bound to: this run, and the direction, so that nobody can hand our
    /// own commitment back to us.
    fn seed_context(
        &self,
        from: ParticipantIndex,
        to: ParticipantIndex,
    ) -> Result<HashOutput, ProtocolError> {
        Ok(ZeroShare::seed_context(PROTOCOL, &[&self.setup.0], wire::party(from)?, wire::party(to)?))
    }

    /// Ours and theirs, the lower index's first.
    fn by_index<T>(&self, ours: T, theirs: T) -> [T; 2] {
        if self.index < self.counterparty {
            [ours, theirs]
        } else {
            [theirs, ours]
        }
    }
}
