//! A signature by DKLs23, Protocol 3.6: three flights.

use conclave_primitives::{ParticipantIndex, SessionId};
use core::fmt;
use dkls23_core::{
    protocols::{
        derivation::DerivData,
        signing::{
            Broadcast3to4, KeepPhase1to2, KeepPhase2to3, SignData, TransmitPhase1to2, TransmitPhase2to3,
            UniqueKeep1to2, UniqueKeep2to3,
        },
        Parameters, Party, PartyIndex,
    },
    utilities::{
        multiplication::{L, OT_WIDTH},
        ot::extension::{FieldElement, PRGOutput, BATCH_SIZE, KAPPA},
        zero_shares::ZeroShare,
    },
};
use ff::{Field, PrimeField};
use group::{Curve, CurveAffine, GroupEncoding};
use k256::elliptic_curve::{ops::Reduce, FieldBytes};
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    wire::{self, HASH, LONG, PARTIES, POINT, SALT, SCALAR},
    EcdsaCurve, EcdsaSignature, PairState,
};
use crate::{machine::check_flight, KeyShare, Machine, Outgoing, ProtocolError, Step};

/// In the place of the session id of a key generation, which we do not run: `sign_id` carries ours.
const PARTY_SESSION: &[u8] = b"CONCLAVE-V1-DKLS23-SIGN";

/// The OT extension of flight 1: nonce, u, x, t.
const EXTENSION_BYTES: usize = HASH
    + (3 + KAPPA as usize * size_of::<PRGOutput>())
    + size_of::<FieldElement>()
    + (LONG + KAPPA as usize * size_of::<FieldElement>());
const TRANSMIT_1_BYTES: usize = PARTIES + 2 * HASH + EXTENSION_BYTES;
/// The length of a message of flight 1, on every curve: the pair's id, then upstream's message.
pub const FLIGHT_1_BYTES: usize = HASH + TRANSMIT_1_BYTES;
/// The answer of flight 2: tau, salt, r, u, gamma.
const MULTIPLICATION_BYTES: usize = (1 + OT_WIDTH as usize * (LONG + BATCH_SIZE as usize * SCALAR))
    + 2 * HASH
    + 2 * (1 + L as usize * SCALAR);
const FLIGHT_2_BYTES: usize = PARTIES + HASH + 4 * POINT + SCALAR + SALT + MULTIPLICATION_BYTES;
const FLIGHT_3_BYTES: usize = 2 * SCALAR;

/// One participant's side of a signature: multiply, check and adjust, assemble. Every participant of
/// the quorum ends with the signature, verified.
///
/// dkls23-core draws its randomness from the thread's generator of the crate `rand`, seeded by the
/// operating system; the `rng` of [`Machine::advance`] is not used.
pub struct Sign<C: EcdsaCurve> {
    party: Party<C>,
    index: ParticipantIndex,
    data: SignData,
    awaits: BTreeSet<ParticipantIndex>,
    flight: Flight<C>,
}

enum Flight<C: EcdsaCurve> {
    Multiply {
        pair_ids: BTreeMap<ParticipantIndex, [u8; 32]>,
        unique: UniqueKeep1to2<C>,
        kept: BTreeMap<PartyIndex, KeepPhase1to2<C>>,
    },
    Adjust {
        unique: UniqueKeep2to3<C>,
        kept: BTreeMap<PartyIndex, KeepPhase2to3<C>>,
    },
    Assemble {
        x_coord: String,
        own: Broadcast3to4<C>,
    },
}

impl<C: EcdsaCurve> fmt::Debug for Sign<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flight = match &self.flight {
            Flight::Multiply { .. } => "multiply",
            Flight::Adjust { .. } => "adjust",
            Flight::Assemble { .. } => "assemble",
        };
        write!(f, "Sign {{ {:?} with {:?}, flight: {flight}, <redacted> }}", self.index, self.awaits)
    }
}

impl<C: EcdsaCurve> Sign<C> {
    /// Starts the signature of `digest` with the key of `key_share`, a root key's or a derived one's, by
    /// the `quorum` of exactly t. `pairs` are the pair states by counterparty, those of the quorum at
    /// least. All of the quorum give the same `session`, which binds genesis, epoch, request, key,
    /// digest, quorum and attempt.
    pub fn start(
        key_share: &KeyShare,
        pairs: &BTreeMap<ParticipantIndex, PairState<C>>,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        digest: &[u8; 32],
        _rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<Outgoing>), ProtocolError> {
        let index = key_share.index();
        let others = key_share.others_in(quorum)?;
        // h = 0: (x(aP), x(aP)/a) is a signature of it for any a. Of the order too, which reduces to 0.
        if reduces_to_zero::<C>(digest) {
            return Err(ProtocolError::ZeroDigest);
        }
        let mut party = hollow_party::<C>(key_share)?;
        let mut pair_ids = BTreeMap::new();
        for counterparty in &others {
            let counterparty = *counterparty;
            let pair = pairs.get(&counterparty).ok_or(ProtocolError::MissingPair { counterparty })?;
            if (pair.index(), pair.counterparty()) != (index, counterparty) {
                return Err(ProtocolError::InvalidPairState { reason: "of another pair" });
            }
            let at = wire::party(counterparty)?;
            party.mul_senders.insert(at, pair.sender.clone());
            party.mul_receivers.insert(at, pair.receiver.clone());
            party.zero_share.seeds.push(pair.zero_seed.clone());
            pair_ids.insert(counterparty, *pair.id());
        }
        let counterparties = others.iter().copied().map(wire::party).collect::<Result<_, _>>()?;
        let data = SignData { sign_id: session.0.to_vec(), counterparties, message_hash: *digest };

        let (unique, kept, transmit) = party.sign_phase1(&data).map_err(wire::from_abort)?;
        let outgoing = transmit
            .into_iter()
            .map(|message| {
                let to = wire::participant(message.parties.receiver)?;
                let pair_id = pair_ids.get(&to).ok_or(ProtocolError::MissingPair { counterparty: to })?;
                let mut payload = Vec::with_capacity(FLIGHT_1_BYTES);
                payload.extend_from_slice(pair_id);
                Ok(Outgoing { to, payload: wire::write(payload, &message, TRANSMIT_1_BYTES)? })
            })
            .collect::<Result<_, ProtocolError>>()?;
        let flight = Flight::Multiply { pair_ids, unique, kept };
        Ok((Self { party, index, data, awaits: others, flight }, outgoing))
    }
}

/// Whether the digest, reduced modulo the order as ECDSA does, is 0: it is 0 or the order itself.
fn reduces_to_zero<C: EcdsaCurve>(digest: &[u8; 32]) -> bool {
    FieldBytes::<C>::try_from(digest.as_slice())
        .is_ok_and(|bytes| <C::Scalar as Reduce<FieldBytes<C>>>::reduce(&bytes).is_zero().into())
}

/// A party as dkls23-core's key generation would leave it, with our share and without OT state.
fn hollow_party<C: EcdsaCurve>(key_share: &KeyShare) -> Result<Party<C>, ProtocolError> {
    let invalid = |reason| ProtocolError::InvalidKeyShare { reason };
    if key_share.curve() != C::CURVE {
        return Err(ProtocolError::WrongCurve { got: key_share.curve(), expected: C::CURVE });
    }
    let secret = key_share.secret().as_bytes().as_slice();
    let poly_point = FieldBytes::<C>::try_from(secret)
        .ok()
        .and_then(|bytes| C::Scalar::from_repr(bytes).into_option())
        .ok_or(invalid("no scalar"))?;
    let own = (<C::AffinePoint as CurveAffine>::generator() * poly_point).to_affine();
    // A wrong share of ours would spoil every signature and no one could tell that it is ours.
    if own.to_bytes().as_ref() != key_share.own_public_share()?.as_slice() {
        return Err(invalid("not the one of its public share"));
    }
    let mut repr = <C::AffinePoint as GroupEncoding>::Repr::default();
    if repr.as_ref().len() != key_share.public_key().len() {
        return Err(invalid("public key is no point"));
    }
    repr.as_mut().copy_from_slice(key_share.public_key());
    let pk = Option::<C::AffinePoint>::from(C::AffinePoint::from_bytes(&repr))
        .ok_or(invalid("public key is no point"))?;
    if pk == C::AffinePoint::identity() || pk.to_bytes().as_ref() != key_share.public_key().as_slice() {
        return Err(invalid("public key is no point"));
    }

    // Upstream bounds indices by n: here by the highest index that holds a share.
    let highest = key_share.public_shares().keys().next_back().map_or(0, |index| index.get());
    let parameters = u8::try_from(key_share.threshold())
        .ok()
        .and_then(|threshold| Parameters::new(threshold, highest).ok())
        .ok_or(invalid("threshold not in 2..=n"))?;
    Ok(Party {
        parameters,
        party_index: wire::party(key_share.index())?,
        session_id: PARTY_SESSION.to_vec(),
        poly_point,
        pk,
        zero_share: ZeroShare::initialize(Vec::new()),
        mul_senders: BTreeMap::new(),
        mul_receivers: BTreeMap::new(),
        // Derivation is ours (`conclave-vss`); upstream only hashes the chain code.
        derivation_data: DerivData {
            depth: 0,
            child_number: 0,
            parent_fingerprint: [0; 4],
            poly_point,
            pk,
            chain_code: [0; 32],
        },
        address: String::new(),
    })
}

impl<C: EcdsaCurve> Machine for Sign<C> {
    type Output = EcdsaSignature;

    fn awaits(&self) -> &BTreeSet<ParticipantIndex> {
        &self.awaits
    }

    fn max_message_bytes(&self) -> usize {
        match &self.flight {
            Flight::Multiply { .. } => FLIGHT_1_BYTES,
            Flight::Adjust { .. } => FLIGHT_2_BYTES,
            Flight::Assemble { .. } => FLIGHT_3_BYTES,
        }
    }

    fn advance(
        self,
        received: BTreeMap<ParticipantIndex, Vec<u8>>,
        _rng: &mut impl CryptoRng,
    ) -> Result<Step<Self, Self::Output>, ProtocolError> {
        check_flight(&self.awaits, &received, self.max_message_bytes())?;
        let Self { party, index, data, awaits, flight } = self;
        let (flight, outgoing) = match flight {
            Flight::Multiply { pair_ids, unique, kept } => {
                let messages = read_flight_1(index, &pair_ids, &received)?;
                let (unique, kept, transmit) =
                    party.sign_phase2(&data, unique, kept, &messages).map_err(wire::from_abort)?;
                let outgoing = transmit
                    .iter()
                    .map(|message| {
                        let to = wire::participant(message.parties.receiver)?;
                        let payload = Vec::with_capacity(FLIGHT_2_BYTES);
                        Ok(Outgoing { to, payload: wire::write(payload, message, FLIGHT_2_BYTES)? })
                    })
                    .collect::<Result<_, ProtocolError>>()?;
                (Flight::Adjust { unique, kept }, outgoing)
            }
            Flight::Adjust { unique, kept } => {
                let messages = read_flight_2(index, &received)?;
                let (x_coord, own) =
                    party.sign_phase3(&data, unique, kept, &messages).map_err(wire::from_abort)?;
                let payload = wire::write(Vec::with_capacity(FLIGHT_3_BYTES), &own, FLIGHT_3_BYTES)?;
                let outgoing =
                    awaits.iter().map(|to| Outgoing { to: *to, payload: payload.clone() }).collect();
                (Flight::Assemble { x_coord, own }, outgoing)
            }
            Flight::Assemble { x_coord, own } => {
                let mut messages = vec![own];
                for (from, payload) in &received {
                    messages.push(wire::read(*from, payload)?);
                }
                return Ok(Step::Done(assemble(&party, &data, &x_coord, &messages)?));
            }
        };
        Ok(Step::Next { machine: Self { party, index, data, awaits, flight }, outgoing })
    }
}

fn read_flight_1(
    index: ParticipantIndex,
    pair_ids: &BTreeMap<ParticipantIndex, [u8; 32]>,
    received: &BTreeMap<ParticipantIndex, Vec<u8>>,
) -> Result<Vec<TransmitPhase1to2>, ProtocolError> {
    let read = |(from, payload): (&ParticipantIndex, &Vec<u8>)| {
        let from = *from;
        let (pair_id, message) = wire::split(from, payload, HASH)?;
        // Before anything that could look like cheating: two honest sides of different set-ups do too.
        if pair_ids.get(&from).map(<[u8; 32]>::as_slice) != Some(pair_id) {
            return Err(ProtocolError::PairOutOfStep { counterparty: from });
        }
        let message: TransmitPhase1to2 = wire::read(from, message)?;
        wire::check_parties(from, index, &message.parties)?;
        // Upstream bans for wrong dimensions, which leak nothing: only the checks of contents may.
        if message.mul_transmit.u.len() != usize::from(KAPPA)
            || message.mul_transmit.verify_t.len() != usize::from(KAPPA)
        {
            return Err(ProtocolError::Malformed { from, reason: "of wrong dimensions" });
        }
        Ok(message)
    };
    received.iter().map(read).collect()
}

fn read_flight_2<C: EcdsaCurve>(
    index: ParticipantIndex,
    received: &BTreeMap<ParticipantIndex, Vec<u8>>,
) -> Result<Vec<TransmitPhase2to3<C>>, ProtocolError> {
    let read = |(from, payload): (&ParticipantIndex, &Vec<u8>)| {
        let from = *from;
        let message: TransmitPhase2to3<C> = wire::read(from, payload)?;
        wire::check_parties(from, index, &message.parties)?;
        let points = [message.gamma_u, message.gamma_v, message.public_share, message.instance_point];
        let answer = &message.mul_transmit;
        // As above. The lengths of tau, u and gamma could compensate each other.
        if points.contains(&C::AffinePoint::identity())
            || message.salt.len() != SALT - 1
            || answer.vector_of_tau.len() != usize::from(OT_WIDTH)
            || answer.vector_of_tau.iter().any(|tau| tau.len() != usize::from(BATCH_SIZE))
            || answer.verify_u.len() != usize::from(L)
            || answer.gamma_sender.len() != usize::from(L)
        {
            return Err(ProtocolError::Malformed { from, reason: "of wrong dimensions" });
        }
        Ok(message)
    };
    received.iter().map(read).collect()
}

/// s from the shares of all; and that it signs, by a second implementation than upstream's.
fn assemble<C: EcdsaCurve>(
    party: &Party<C>,
    data: &SignData,
    x_coord: &str,
    messages: &[Broadcast3to4<C>],
) -> Result<EcdsaSignature, ProtocolError> {
    let (s, recovery_id) = party.sign_phase4(data, x_coord, messages, true).map_err(wire::from_abort)?;
    let (r, s) = (parse_hex(x_coord)?, parse_hex(&s)?);
    // Upstream's id first, and the other: what recovers to the key is right by definition.
    [recovery_id, recovery_id ^ 1]
        .into_iter()
        .map(|recovery_id| EcdsaSignature { r, s, recovery_id })
        .find(|signature| C::recover(&data.message_hash, signature) == Some(party.pk))
        .ok_or(ProtocolError::SignatureRejected)
}

/// Upstream hands r and s around as hexadecimal text.
fn parse_hex(text: &str) -> Result<[u8; 32], ProtocolError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|error| ProtocolError::Backend { reason: error.to_string() })?;
    Ok(bytes)
}
