//! The seam behind which the library for threshold ECDSA sits.

use conclave_primitives::{Curve, ParticipantIndex, SessionId};
use core::marker::PhantomData;
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

use super::{EcdsaCurve, EcdsaSignature, PairSetup, PairState, Sign};
use crate::{KeyShare, Machine, Outgoing, ProtocolError};

/// A threshold ECDSA protocol: a set-up between every two members of a committee, once, and then
/// signatures of any t members with any key whose shares they hold.
///
/// Nothing of the set-up depends on a key, so one serves all root keys and all derived keys of a curve
/// for as long as the committee lasts.
pub trait EcdsaBackend {
    /// The curve it signs on.
    const CURVE: Curve;
    /// What one side of a pair keeps of its set-up. Secret.
    type PairState;
    /// The set-up of a pair.
    type PairSetup: Machine<Output = Self::PairState>;
    /// A signature.
    type Sign: Machine<Output = EcdsaSignature>;

    /// Starts the set-up of `index` with `counterparty`. `setup` names this run of this pair and is
    /// never used twice: H(genesis, epoch, attempt, curve, the two indices).
    fn start_setup(
        index: ParticipantIndex,
        counterparty: ParticipantIndex,
        setup: &SessionId,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self::PairSetup, Vec<Outgoing>), ProtocolError>;

    /// Starts the signature of `digest`. `pairs` are the pair states by counterparty, those of the
    /// quorum at least; `session` binds genesis, epoch, request, key, digest, quorum and attempt.
    fn start_sign(
        key_share: &KeyShare,
        pairs: &BTreeMap<ParticipantIndex, Self::PairState>,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        digest: &[u8; 32],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self::Sign, Vec<Outgoing>), ProtocolError>;

    /// A pair state for the encrypted store, with the version of its format.
    fn pair_to_bytes(pair: &Self::PairState) -> Result<Zeroizing<Vec<u8>>, ProtocolError>;

    /// A pair state from the store, decoded strictly.
    fn pair_from_bytes(bytes: &[u8]) -> Result<Self::PairState, ProtocolError>;
}

/// DKLs23 on curve `C` by dkls23-core.
pub struct Dkls23<C>(PhantomData<C>);

impl<C: EcdsaCurve> EcdsaBackend for Dkls23<C> {
    const CURVE: Curve = C::CURVE;
    type PairState = PairState<C>;
    type PairSetup = PairSetup<C>;
    type Sign = Sign<C>;

    fn start_setup(
        index: ParticipantIndex,
        counterparty: ParticipantIndex,
        setup: &SessionId,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self::PairSetup, Vec<Outgoing>), ProtocolError> {
        PairSetup::start(index, counterparty, setup, rng)
    }

    fn start_sign(
        key_share: &KeyShare,
        pairs: &BTreeMap<ParticipantIndex, Self::PairState>,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        digest: &[u8; 32],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self::Sign, Vec<Outgoing>), ProtocolError> {
        Sign::start(key_share, pairs, quorum, session, digest, rng)
    }

    fn pair_to_bytes(pair: &Self::PairState) -> Result<Zeroizing<Vec<u8>>, ProtocolError> {
        pair.to_bytes()
    }

    fn pair_from_bytes(bytes: &[u8]) -> Result<Self::PairState, ProtocolError> {
        PairState::from_bytes(bytes)
    }
}
