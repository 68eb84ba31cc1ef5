//! A member's share.

use bls12_381_plus::{G2Projective, Scalar};
use conclave_primitives::{DecryptionShare, Purpose, RootKeyId, Sealed};
use core::fmt;
use ff::Field;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::Statement;
use crate::{
    bls::{BlsG2, PreparedKey},
    KeyShare, ProtocolError,
};

/// A member's share of a Decrypt root. A type of its own: it makes decryption shares and never signs.
pub struct DecryptionKey(PreparedKey<BlsG2>);

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey {{ {:?}, <redacted> }}", self.0.index)
    }
}

impl DecryptionKey {
    /// Decodes and checks the key share of the root `id`, which must be for [`Purpose::Decrypt`].
    pub fn new(id: &RootKeyId, key_share: &KeyShare) -> Result<Self, ProtocolError> {
        if id.purpose != Purpose::Decrypt {
            return Err(ProtocolError::WrongPurpose { got: id.purpose, expected: Purpose::Decrypt });
        }
        if id.curve != key_share.curve() {
            return Err(ProtocolError::WrongCurve { got: key_share.curve(), expected: id.curve });
        }
        PreparedKey::new(key_share).map(Self)
    }

    /// This member's share of the decryption key of the statement's identity, sealed to the statement's client. Only
    /// for a client that is authorised, whose one-time key is in what it signed, and that meets the condition.
    pub fn share(
        &self,
        statement: &Statement,
        rng: &mut impl CryptoRng,
    ) -> Result<DecryptionShare, ProtocolError> {
        if statement.statement().public_key != self.0.public_key {
            return Err(ProtocolError::InvalidKeyShare { reason: "not of the statement's public key" });
        }
        let r = Zeroizing::new(nonzero(rng));
        let mu = G2Projective::GENERATOR * *r;
        // Either addend alone is a secret; multiplication takes the same time for every scalar.
        let share = Zeroizing::new(statement.identity * self.0.secret);
        let mask = Zeroizing::new(statement.client.in_g2 * *r);
        Ok(DecryptionShare { statement: *statement.hash(), sealed: seal(&mu, &(*share + *mask)) })
    }
}

fn nonzero(rng: &mut impl CryptoRng) -> Scalar {
    loop {
        let scalar = Scalar::random(rng);
        if !bool::from(Field::is_zero(&scalar)) {
            return scalar;
        }
    }
}

pub(super) fn seal(mu: &G2Projective, omega: &G2Projective) -> Sealed {
    Sealed { mu: mu.to_compressed(), omega: omega.to_compressed() }
}
