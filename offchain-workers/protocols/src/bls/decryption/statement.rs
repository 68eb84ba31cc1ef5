//! What shares are of, decoded and checked.

use bls12_381_plus::{G1Affine, G1Projective, G2Affine, G2Projective};
use conclave_primitives::{DecryptionIdentity, DecryptionStatement, EncodedPoint, OneTimeKey};
use conclave_vss::{decode_point, Bls12381G1, Bls12381G2};

use super::super::suite::{product_is_one, BlsG2, BlsSuite};
use crate::ProtocolError;

/// A client's one-time key whose halves belong together.
#[derive(Clone, Copy, Debug)]
pub struct ClientKey {
    encoded: OneTimeKey,
    in_g1: G1Affine,
    pub(super) in_g2: G2Projective,
}

impl ClientKey {
    /// Decodes a one-time key strictly and checks e(C₁, g₂) = e(g₁, C₂). A batch of statements shares one.
    pub fn new(key: &OneTimeKey) -> Result<Self, ProtocolError> {
        let invalid = |reason| ProtocolError::InvalidOneTimeKey { reason };
        let in_g1 = decode_point::<Bls12381G1>(&key.in_g1).map_err(|_| invalid("half in G1 is no point"))?;
        let in_g2 = decode_point::<Bls12381G2>(&key.in_g2).map_err(|_| invalid("half in G2 is no point"))?;
        let in_g1 = G1Affine::from(in_g1);
        let terms =
            [(in_g1, G2Affine::generator()), ((-G1Projective::GENERATOR).into(), G2Affine::from(in_g2))];
        if !product_is_one(&terms) {
            return Err(invalid("halves of different secrets"));
        }
        Ok(Self { encoded: *key, in_g1, in_g2 })
    }
}

/// Of which decryption key shares are, under which public key, sealed to whom.
#[derive(Clone, Debug)]
pub struct Statement {
    statement: DecryptionStatement,
    hash: [u8; 32],
    public_key: G1Affine,
    /// Q.
    pub(super) identity: G2Projective,
    pub(super) client: ClientKey,
}

impl Statement {
    /// Decodes the public key strictly and hashes the identity to the curve.
    pub fn new(
        public_key: &EncodedPoint,
        identity: &DecryptionIdentity,
        client: &ClientKey,
    ) -> Result<Self, ProtocolError> {
        let statement = DecryptionStatement {
            public_key: public_key.clone(),
            identity: *identity,
            client: client.encoded,
        };
        let key = decode_point::<Bls12381G1>(public_key)
            .map_err(|_| ProtocolError::InvalidKeyShare { reason: "public key is no point" })?;
        Ok(Self {
            hash: statement.hash(),
            statement,
            public_key: key.into(),
            identity: BlsG2::hash(&identity.bytes()),
            client: *client,
        })
    }

    /// The statement as it is hashed.
    pub const fn statement(&self) -> &DecryptionStatement {
        &self.statement
    }

    /// [`DecryptionStatement::hash`].
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// e(g₁, ω) = e(Y, Q)·e(C₁, μ), with the public key or a member's public share as Y.
    pub(super) fn holds(&self, key: &G1Affine, mu: &G2Projective, omega: &G2Projective) -> bool {
        product_is_one(&[
            (*key, self.identity.into()),
            (self.client.in_g1, mu.into()),
            ((-G1Projective::GENERATOR).into(), omega.into()),
        ])
    }

    pub(super) fn holds_combined(&self, mu: &G2Projective, omega: &G2Projective) -> bool {
        self.holds(&self.public_key, mu, omega)
    }
}
