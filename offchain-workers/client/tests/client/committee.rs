//! A committee with a Decrypt root, and its secret: what nobody has outside of tests.

use bls12_381_plus::{G1Projective, Scalar};
use blsful::{Bls12381G2Impl, SecretKey, SignatureSchemes};
use codec::Encode;
use conclave_client::{DecryptRoot, DecryptionKey};
use conclave_primitives::{
    Curve, DecryptionIdentity, EncodedPoint, KeysetId, OneTimeKey, ParticipantIndex, Purpose, RootKeyId,
    Sealed,
};
use conclave_protocols::{
    bls::decryption::{self, ClientKey, Statement},
    KeyShare,
};
use conclave_vss::SecretScalar;
use ff::Field;
use group::GroupEncoding;
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use std::collections::BTreeMap;

pub(crate) const GENESIS: [u8; 32] = [0x6e; 32];
pub(crate) const KEYSET: KeysetId = KeysetId(3);
pub(crate) const CONDITION: [u8; 32] = [0xc0; 32];

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) struct Committee {
    polynomial: Vec<Scalar>,
    n: u8,
}

impl Committee {
    pub(crate) fn new(t: u8, n: u8, seed: u64) -> Self {
        let mut rng = rng(seed);
        Self { polynomial: (0..t).map(|_| Scalar::random(&mut rng)).collect(), n }
    }

    /// With a known secret.
    pub(crate) fn of(secret: Scalar) -> Self {
        let mut committee = Self::new(2, 3, 1);
        committee.polynomial[0] = secret;
        committee
    }

    pub(crate) fn public_key(&self) -> EncodedPoint {
        public(&self.polynomial[0])
    }

    pub(crate) fn root(&self) -> DecryptRoot {
        DecryptRoot::new(&self.public_key(), GENESIS, KEYSET).unwrap()
    }

    /// The root's signature, by blsful with the whole secret.
    pub(crate) fn sign(&self, message: impl AsRef<[u8]>) -> [u8; 96] {
        let secret = SecretKey::<Bls12381G2Impl>(self.polynomial[0]);
        let signature = secret.sign(SignatureSchemes::ProofOfPossession, message.as_ref()).unwrap();
        signature.as_raw_value().to_bytes().as_ref().try_into().unwrap()
    }

    pub(crate) fn decryption_key(&self, identity: &DecryptionIdentity) -> DecryptionKey {
        DecryptionKey::from_bytes(&self.sign(identity.bytes()), &self.root(), identity).unwrap()
    }

    pub(crate) fn share(&self, x: u8) -> Scalar {
        let x = Scalar::from(u64::from(x));
        self.polynomial.iter().rev().fold(Scalar::ZERO, |y, a| y * x + a)
    }

    fn threshold(&self) -> u32 {
        u32::try_from(self.polynomial.len()).unwrap()
    }

    pub(crate) fn public_shares(&self) -> BTreeMap<ParticipantIndex, EncodedPoint> {
        (1..=self.n).map(|i| (index(i), public(&self.share(i)))).collect()
    }

    pub(crate) fn member(&self, i: u8) -> decryption::DecryptionKey {
        let root = RootKeyId { curve: Curve::Bls12381G1, purpose: Purpose::Decrypt, index: 0 };
        let secret = SecretScalar::from_bytes(self.share(i).to_le_bytes());
        let share = KeyShare::new(
            Curve::Bls12381G1,
            index(i),
            self.threshold(),
            secret,
            self.public_key(),
            self.public_shares(),
        );
        decryption::DecryptionKey::new(&root, &share.unwrap()).unwrap()
    }

    /// What members 1 to t send.
    pub(crate) fn shares(&self, statement: &Statement) -> BTreeMap<ParticipantIndex, Vec<u8>> {
        let share = |i| self.member(i).share(statement, &mut rng(u64::from(i))).unwrap().encode();
        (1..=self.n).take(self.polynomial.len()).map(|i| (index(i), share(i))).collect()
    }

    /// What the gateway answers.
    pub(crate) fn answer(&self, identity: &DecryptionIdentity, client: &OneTimeKey) -> Sealed {
        let client = ClientKey::new(client).unwrap();
        let statement = Statement::new(&self.public_key(), identity, &client).unwrap();
        let shares = self.shares(&statement);
        decryption::combine(&statement, &self.public_shares(), self.threshold(), &shares).unwrap().0
    }
}

pub(crate) fn index(i: u8) -> ParticipantIndex {
    ParticipantIndex::new(i).unwrap()
}

fn public(secret: &Scalar) -> EncodedPoint {
    EncodedPoint::truncate_from((G1Projective::GENERATOR * secret).to_bytes().as_ref().to_vec())
}
