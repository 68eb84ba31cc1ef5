//! FROST signature shares (RFC 9591, section 5.4), by frost-core: z_j·G = D_j + ρ_j·E_j + λ_j·c·Y_j.

use alloc::collections::BTreeMap;
use conclave_primitives::{EncodedPoint, NonceCommitments, ParticipantIndex, Scheme, SigningPackage};
use frost_core::{
    keys::{PublicKeyPackage, VerifyingShare},
    round1::{NonceCommitment, SigningCommitments},
    round2::SignatureShare,
    verify_signature_share, Ciphersuite, Error, Identifier, VerifyingKey,
};
use frost_ed25519::Ed25519Sha512;
use frost_ristretto255::Ristretto255Sha512;
use frost_secp256k1::Secp256K1Sha256;
use frost_secp256k1_tr::{keys::Tweak, Secp256K1Sha256TR};

use crate::Ristretto255Schnorrkel;

/// Whether there are verdicts on shares of this scheme.
pub const fn is_judged(scheme: Scheme) -> bool {
    match scheme {
        Scheme::Ed25519
        | Scheme::SchnorrRistretto255
        | Scheme::Sr25519
        | Scheme::SchnorrSecp256k1
        | Scheme::Bip340
        | Scheme::Bip340Taproot => true,
        Scheme::EcdsaSecp256k1 | Scheme::EcdsaSecp256r1 | Scheme::BlsG1 | Scheme::BlsG2 => false,
    }
}

/// Whether the share that this member made for this package is certainly wrong, by its public share. What does not
/// decode proves nothing, but for the share itself: an honest one is a scalar.
pub fn is_wrong_frost_share(
    package: &SigningPackage,
    index: ParticipantIndex,
    public_share: &EncodedPoint,
    share: &[u8; 32],
) -> bool {
    let judged = match package.scheme {
        Scheme::Ed25519 => judge::<Ed25519Sha512>(package, index, public_share, share, |key| key),
        Scheme::SchnorrRistretto255 => {
            judge::<Ristretto255Sha512>(package, index, public_share, share, |key| key)
        }
        Scheme::SchnorrSecp256k1 => judge::<Secp256K1Sha256>(package, index, public_share, share, |key| key),
        Scheme::Bip340 => judge::<Secp256K1Sha256TR>(package, index, public_share, share, |key| key),
        Scheme::Bip340Taproot => {
            judge::<Secp256K1Sha256TR>(package, index, public_share, share, |key| key.tweak::<&[u8]>(None))
        }
        Scheme::Sr25519 => judge::<Ristretto255Schnorrkel>(package, index, public_share, share, |key| key),
        Scheme::EcdsaSecp256k1 | Scheme::EcdsaSecp256r1 | Scheme::BlsG1 | Scheme::BlsG2 => None,
    };
    judged == Some(Verdict::Wrong)
}

/// Whether these can be a signer's commitments: an honest one's are points of the scheme's group, and not the identity.
pub fn are_commitments(scheme: Scheme, commitments: &NonceCommitments) -> bool {
    match scheme {
        Scheme::Ed25519 => decode::<Ed25519Sha512>(commitments).is_some(),
        Scheme::SchnorrRistretto255 => decode::<Ristretto255Sha512>(commitments).is_some(),
        Scheme::SchnorrSecp256k1 => decode::<Secp256K1Sha256>(commitments).is_some(),
        Scheme::Bip340 | Scheme::Bip340Taproot => decode::<Secp256K1Sha256TR>(commitments).is_some(),
        Scheme::Sr25519 => decode::<Ristretto255Schnorrkel>(commitments).is_some(),
        Scheme::EcdsaSecp256k1 | Scheme::EcdsaSecp256r1 | Scheme::BlsG1 | Scheme::BlsG2 => false,
    }
}

#[derive(PartialEq, Eq)]
enum Verdict {
    Right,
    Wrong,
}

/// `None` where the package is none.
fn judge<C: Ciphersuite>(
    package: &SigningPackage,
    index: ParticipantIndex,
    public_share: &EncodedPoint,
    share: &[u8; 32],
    tweak: impl FnOnce(PublicKeyPackage<C>) -> PublicKeyPackage<C>,
) -> Option<Verdict> {
    let commitments: BTreeMap<Identifier<C>, SigningCommitments<C>> = package
        .commitments
        .iter()
        .map(|(index, commitments)| Some((identifier(*index)?, decode(commitments)?)))
        .collect::<Option<_>>()?;
    let signer = identifier(index)?;
    if !commitments.contains_key(&signer) {
        return None;
    }
    let key = VerifyingKey::deserialize(&package.public_key).ok()?;
    let public_share = VerifyingShare::deserialize(public_share).ok()?;
    let public = tweak(PublicKeyPackage::new(BTreeMap::from([(signer, public_share)]), key, None));
    let public_share = public.verifying_shares().get(&signer)?;
    let package = frost_core::SigningPackage::new(commitments, &package.message);
    let Ok(share) = SignatureShare::deserialize(share) else { return Some(Verdict::Wrong) };
    match verify_signature_share(signer, public_share, &share, &package, public.verifying_key()) {
        Ok(()) => Some(Verdict::Right),
        Err(Error::InvalidSignatureShare { .. }) => Some(Verdict::Wrong),
        Err(_) => None,
    }
}

/// The RFC's identifier: the same number, the same x coordinate.
fn identifier<C: Ciphersuite>(index: ParticipantIndex) -> Option<Identifier<C>> {
    Identifier::try_from(u16::from(index.get())).ok()
}

fn decode<C: Ciphersuite>(commitments: &NonceCommitments) -> Option<SigningCommitments<C>> {
    let hiding = NonceCommitment::deserialize(&commitments.hiding).ok()?;
    let binding = NonceCommitment::deserialize(&commitments.binding).ok()?;
    Some(SigningCommitments::new(hiding, binding))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Workers go by the one when they accuse, the runtime by the other when it judges.
    #[test]
    fn all_that_frost_signs_should_be_judged_and_nothing_else() {
        for scheme in Scheme::ALL {
            assert_eq!(is_judged(scheme), scheme.is_frost(), "{scheme}");
        }
    }
}
