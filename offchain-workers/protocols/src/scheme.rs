//! All schemes behind one type: the only match on [`Scheme`] here.

use conclave_primitives::{Curve, ParticipantIndex, Scheme, SessionId};
use group::GroupEncoding;
use k256::Secp256k1;
use p256::NistP256;
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    bls::{self, BlsG1, BlsG2, BlsSuite},
    ecdsa::{self, EcdsaCurve, EcdsaSignature, PairSetup, PairState},
    frost::{
        self, Bip340, Bip340Taproot, Ed25519, FrostSuite, SchnorrRistretto255, SchnorrSecp256k1, Sr25519,
    },
    KeyShare, Machine, Outgoing, ProtocolError, Step,
};

/// Writes the types that list all schemes, from the list of them: variant, machine, key.
macro_rules! schemes {
    ($($scheme:ident: $machine:ty, $key:ty;)*) => {
        /// A key share made ready to sign with a scheme. Cheap to keep, dear to make: whoever signs often with a
        /// key keeps it. Erased when dropped.
        pub enum SigningKey {
            $(
                #[doc = concat!("For [`Scheme::", stringify!($scheme), "`].")]
                $scheme(Arc<$key>),
            )*
        }

        impl SigningKey {
            /// The scheme.
            pub const fn scheme(&self) -> Scheme {
                match self {
                    $(Self::$scheme(_) => Scheme::$scheme,)*
                }
            }
        }

        /// One participant's side of a signature with some scheme.
        #[derive(Debug)]
        pub enum Signing {
            $(
                #[doc = concat!("With [`Scheme::", stringify!($scheme), "`].")]
                $scheme($machine),
            )*
        }

        impl Machine for Signing {
            type Output = Vec<u8>;

            fn awaits(&self) -> &BTreeSet<ParticipantIndex> {
                match self {
                    $(Self::$scheme(machine) => machine.awaits(),)*
                }
            }

            fn max_message_bytes(&self) -> usize {
                match self {
                    $(Self::$scheme(machine) => machine.max_message_bytes(),)*
                }
            }

            fn advance(
                self,
                received: BTreeMap<ParticipantIndex, Vec<u8>>,
                rng: &mut impl CryptoRng,
            ) -> Result<Step<Self, Self::Output>, ProtocolError> {
                Ok(match self {
                    $(Self::$scheme(machine) => match machine.advance(received, rng)? {
                        Step::Next { machine, outgoing } => {
                            Step::Next { machine: Self::$scheme(machine), outgoing }
                        }
                        Step::Done(output) => Step::Done(output.into()),
                    },)*
                })
            }
        }

        impl Signing {
            /// The scheme.
            pub const fn scheme(&self) -> Scheme {
                match self {
                    $(Self::$scheme(_) => Scheme::$scheme,)*
                }
            }
        }
    };
}

schemes! {
    EcdsaSecp256k1: ecdsa::Sign<Secp256k1>, KeyShare;
    Ed25519: frost::Sign<Ed25519>, frost::PreparedKey<Ed25519>;
    EcdsaSecp256r1: ecdsa::Sign<NistP256>, KeyShare;
    Bip340: frost::Sign<Bip340>, frost::PreparedKey<Bip340>;
    Bip340Taproot: frost::Sign<Bip340Taproot>, frost::PreparedKey<Bip340Taproot>;
    Sr25519: frost::Sign<Sr25519>, frost::PreparedKey<Sr25519>;
    SchnorrRistretto255: frost::Sign<SchnorrRistretto255>, frost::PreparedKey<SchnorrRistretto255>;
    SchnorrSecp256k1: frost::Sign<SchnorrSecp256k1>, frost::PreparedKey<SchnorrSecp256k1>;
    BlsG2: bls::Sign<BlsG2>, bls::PreparedKey<BlsG2>;
    BlsG1: bls::Sign<BlsG1>, bls::PreparedKey<BlsG1>;
}

impl SigningKey {
    /// Makes `key_share` ready for `scheme`.
    pub fn new(scheme: Scheme, key_share: KeyShare) -> Result<Self, ProtocolError> {
        Ok(match scheme {
            Scheme::EcdsaSecp256k1 => Self::EcdsaSecp256k1(Arc::new(key_share)),
            Scheme::EcdsaSecp256r1 => Self::EcdsaSecp256r1(Arc::new(key_share)),
            Scheme::Ed25519 => Self::Ed25519(frost_key(&key_share)?),
            Scheme::Bip340 => Self::Bip340(frost_key(&key_share)?),
            Scheme::Bip340Taproot => Self::Bip340Taproot(frost_key(&key_share)?),
            Scheme::Sr25519 => Self::Sr25519(frost_key(&key_share)?),
            Scheme::SchnorrRistretto255 => Self::SchnorrRistretto255(frost_key(&key_share)?),
            Scheme::SchnorrSecp256k1 => Self::SchnorrSecp256k1(frost_key(&key_share)?),
            Scheme::BlsG2 => Self::BlsG2(Arc::new(bls::PreparedKey::new(&key_share)?)),
            Scheme::BlsG1 => Self::BlsG1(Arc::new(bls::PreparedKey::new(&key_share)?)),
        })
    }

    /// Starts the signature of `message` by the `quorum` of exactly t. `message` is what
    /// [`conclave_primitives::SignRequest::bytes_to_sign`] gives, for ECDSA a digest of 32 bytes.
    pub fn sign(
        &self,
        pairs: &PairStates,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        message: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(Signing, Vec<Outgoing>), ProtocolError> {
        /// A machine and its first flight under the name of its scheme.
        fn named<M>(
            started: Result<(M, Vec<Outgoing>), ProtocolError>,
            name: fn(M) -> Signing,
        ) -> Result<(Signing, Vec<Outgoing>), ProtocolError> {
            started.map(|(machine, outgoing)| (name(machine), outgoing))
        }
        let digest =
            || <&[u8; 32]>::try_from(message).map_err(|_| ProtocolError::NoDigest { got: message.len() });
        match self {
            Self::EcdsaSecp256k1(key) => named(
                ecdsa::Sign::start(key, &pairs.secp256k1, quorum, session, digest()?, rng),
                Signing::EcdsaSecp256k1,
            ),
            Self::EcdsaSecp256r1(key) => named(
                ecdsa::Sign::start(key, &pairs.secp256r1, quorum, session, digest()?, rng),
                Signing::EcdsaSecp256r1,
            ),
            Self::Ed25519(key) => {
                named(frost::Sign::start(key, quorum, session, message, rng), Signing::Ed25519)
            }
            Self::Bip340(key) => {
                named(frost::Sign::start(key, quorum, session, message, rng), Signing::Bip340)
            }
            Self::Bip340Taproot(key) => {
                named(frost::Sign::start(key, quorum, session, message, rng), Signing::Bip340Taproot)
            }
            Self::Sr25519(key) => {
                named(frost::Sign::start(key, quorum, session, message, rng), Signing::Sr25519)
            }
            Self::SchnorrRistretto255(key) => {
                named(frost::Sign::start(key, quorum, session, message, rng), Signing::SchnorrRistretto255)
            }
            Self::SchnorrSecp256k1(key) => {
                named(frost::Sign::start(key, quorum, session, message, rng), Signing::SchnorrSecp256k1)
            }
            Self::BlsG2(key) => named(bls::Sign::start(key, quorum, session, message), Signing::BlsG2),
            Self::BlsG1(key) => named(bls::Sign::start(key, quorum, session, message), Signing::BlsG1),
        }
    }
}

fn frost_key<S: FrostSuite>(key_share: &KeyShare) -> Result<Arc<frost::PreparedKey<S>>, ProtocolError> {
    frost::PreparedKey::new(key_share).map(Arc::new)
}

/// Whether `signature` is one of `message` under `public_key`, the key as it is derived: encodings are
/// decoded strictly, and s of ECDSA must be low.
pub fn verify(scheme: Scheme, public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match scheme {
        Scheme::EcdsaSecp256k1 => verify_ecdsa::<Secp256k1>(public_key, message, signature),
        Scheme::EcdsaSecp256r1 => verify_ecdsa::<NistP256>(public_key, message, signature),
        Scheme::Ed25519 => Ed25519::verify(public_key, message, signature),
        Scheme::Bip340 => Bip340::verify(public_key, message, signature),
        Scheme::Bip340Taproot => Bip340Taproot::verify(public_key, message, signature),
        Scheme::Sr25519 => Sr25519::verify(public_key, message, signature),
        Scheme::SchnorrRistretto255 => SchnorrRistretto255::verify(public_key, message, signature),
        Scheme::SchnorrSecp256k1 => SchnorrSecp256k1::verify(public_key, message, signature),
        Scheme::BlsG2 => BlsG2::verify(public_key, message, signature),
        Scheme::BlsG1 => BlsG1::verify(public_key, message, signature),
    }
}

fn verify_ecdsa<C: EcdsaCurve>(public_key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    let (Ok(digest), Some(signature)) = (digest.try_into(), EcdsaSignature::from_bytes(signature)) else {
        return false;
    };
    C::recover(digest, &signature).is_some_and(|key| key.to_bytes().as_ref() == public_key)
}

/// Writes the types that list the curves of ECDSA: variant, curve, field.
macro_rules! ecdsa_curves {
    ($($name:ident: $curve:ty, $field:ident;)*) => {
        /// The curves that need a set-up of pairs, those first that most wait for.
        pub const ECDSA_CURVES: &[Curve] = &[$(Curve::$name),*];

        /// What a member keeps of its set-ups with the others, by curve and counterparty. Secret.
        #[derive(Debug, Default)]
        pub struct PairStates {
            $($field: BTreeMap<ParticipantIndex, PairState<$curve>>,)*
        }

        impl PairStates {
            /// Keeps a pair in place of an earlier one.
            pub fn insert(&mut self, pair: Pair) {
                match pair {
                    $(Pair::$name(pair) => drop(self.$field.insert(pair.counterparty(), pair)),)*
                }
            }

            /// Forgets a pair.
            pub fn remove(&mut self, curve: Curve, counterparty: ParticipantIndex) {
                match curve {
                    $(Curve::$name => drop(self.$field.remove(&counterparty)),)*
                    _ => {}
                }
            }

            /// With whom there is a pair.
            pub fn counterparties(&self, curve: Curve) -> Vec<ParticipantIndex> {
                match curve {
                    $(Curve::$name => self.$field.keys().copied().collect(),)*
                    _ => Vec::new(),
                }
            }

            /// Every pair: curve, counterparty, and the id that both sides share.
            pub fn ids(&self) -> Vec<(Curve, ParticipantIndex, [u8; 32])> {
                let mut ids = Vec::new();
                $(ids.extend(self.$field.iter().map(|(peer, pair)| (Curve::$name, *peer, *pair.id())));)*
                ids
            }

            /// Whether there is a pair.
            pub fn contains(&self, curve: Curve, counterparty: ParticipantIndex) -> bool {
                match curve {
                    $(Curve::$name => self.$field.contains_key(&counterparty),)*
                    _ => false,
                }
            }
        }

        /// What one side of a pair keeps, on some curve. Secret.
        #[derive(Debug)]
        pub enum Pair {
            $(
                #[doc = concat!("On [`Curve::", stringify!($name), "`].")]
                $name(PairState<$curve>),
            )*
        }

        impl Pair {
            /// The curve.
            pub const fn curve(&self) -> Curve {
                match self {
                    $(Self::$name(_) => Curve::$name,)*
                }
            }

            /// The other side.
            pub const fn counterparty(&self) -> ParticipantIndex {
                match self {
                    $(Self::$name(pair) => pair.counterparty(),)*
                }
            }

            /// Whose side it is.
            pub const fn index(&self) -> ParticipantIndex {
                match self {
                    $(Self::$name(pair) => pair.index(),)*
                }
            }

            /// For the encrypted store.
            pub fn to_bytes(&self) -> Result<zeroize::Zeroizing<Vec<u8>>, ProtocolError> {
                match self {
                    $(Self::$name(pair) => pair.to_bytes(),)*
                }
            }

            /// From the encrypted store, decoded strictly.
            pub fn from_bytes(curve: Curve, bytes: &[u8]) -> Result<Self, ProtocolError> {
                match curve {
                    $(Curve::$name => PairState::from_bytes(bytes).map(Self::$name),)*
                    _ => Err(ProtocolError::InvalidPairState { reason: "of a curve without pairs" }),
                }
            }
        }

        /// The set-up of a pair on some curve.
        #[derive(Debug)]
        pub enum Pairing {
            $(
                #[doc = concat!("On [`Curve::", stringify!($name), "`].")]
                $name(PairSetup<$curve>),
            )*
        }

        impl Pairing {
            /// Starts the set-up of `index` with `counterparty` on `curve`. `setup` names this run of this pair,
            /// is the same on both sides and never used twice.
            pub fn start(
                curve: Curve,
                index: ParticipantIndex,
                counterparty: ParticipantIndex,
                setup: &SessionId,
                rng: &mut impl CryptoRng,
            ) -> Result<(Self, Vec<Outgoing>), ProtocolError> {
                match curve {
                    $(Curve::$name => PairSetup::start(index, counterparty, setup, rng)
                        .map(|(machine, outgoing)| (Self::$name(machine), outgoing)),)*
                    _ => Err(ProtocolError::InvalidPairState { reason: "of a curve without pairs" }),
                }
            }
        }

        impl Machine for Pairing {
            type Output = Pair;

            fn awaits(&self) -> &BTreeSet<ParticipantIndex> {
                match self {
                    $(Self::$name(machine) => machine.awaits(),)*
                }
            }

            fn max_message_bytes(&self) -> usize {
                match self {
                    $(Self::$name(machine) => machine.max_message_bytes(),)*
                }
            }

            fn advance(
                self,
                received: BTreeMap<ParticipantIndex, Vec<u8>>,
                rng: &mut impl CryptoRng,
            ) -> Result<Step<Self, Self::Output>, ProtocolError> {
                Ok(match self {
                    $(Self::$name(machine) => match machine.advance(received, rng)? {
                        Step::Next { machine, outgoing } => {
                            Step::Next { machine: Self::$name(machine), outgoing }
                        }
                        Step::Done(pair) => Step::Done(Pair::$name(pair)),
                    },)*
                })
            }
        }
    };
}

ecdsa_curves! {
    Secp256k1: Secp256k1, secp256k1;
    Secp256r1: NistP256, secp256r1;
}
