//! Key shares made ready to sign, kept between signatures: to derive and decode one costs more than to sign.

use conclave_primitives::{AttemptId, KeyId, Scheme};
use conclave_protocols::SigningKey;
use std::{collections::BTreeMap, sync::Arc};

/// The most keys that are kept; each is a few kB, with a secret in it.
const MAX_KEYS: usize = 256;

/// The keys that were used last. What leaves is erased, as soon as no session runs with it.
#[derive(Default)]
pub(crate) struct SigningKeys {
    keys: BTreeMap<(AttemptId, KeyId, Scheme), (u64, Arc<SigningKey>)>,
    uses: u64,
}

impl SigningKeys {
    /// The key of a committee's attempt for a scheme, made if it is not here.
    pub(crate) fn get_or_make<E>(
        &mut self,
        of: (AttemptId, KeyId, Scheme),
        make: impl FnOnce() -> Result<SigningKey, E>,
    ) -> Result<Arc<SigningKey>, E> {
        self.uses = self.uses.saturating_add(1);
        if let Some((used, key)) = self.keys.get_mut(&of) {
            *used = self.uses;
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(make()?);
        if self.keys.len() >= MAX_KEYS {
            let oldest = self.keys.iter().min_by_key(|(_, (used, _))| *used).map(|(of, _)| *of);
            oldest.and_then(|of| self.keys.remove(&of));
        }
        self.keys.insert(of, (self.uses, Arc::clone(&key)));
        Ok(key)
    }

    /// Erases the keys of all attempts but `kept`.
    pub(crate) fn keep_only<'a>(&mut self, kept: impl Iterator<Item = &'a AttemptId> + Clone) {
        self.keys.retain(|(attempt, ..), _| kept.clone().any(|id| id == attempt));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_primitives::{Attempt, Curve, EncodedPoint, Epoch, ParticipantIndex, PkpId};
    use conclave_protocols::KeyShare;
    use conclave_vss::SecretScalar;

    fn attempt(attempt: u32) -> AttemptId {
        AttemptId { epoch: Epoch(1), attempt: Attempt(attempt) }
    }

    fn key(id: u32) -> (AttemptId, KeyId, Scheme) {
        let mut pkp = [0; 32];
        pkp[..4].copy_from_slice(&id.to_le_bytes());
        (attempt(0), KeyId::Pkp(PkpId(pkp), Curve::Secp256k1), Scheme::EcdsaSecp256k1)
    }

    fn make() -> Result<SigningKey, ()> {
        let point = EncodedPoint::truncate_from(vec![2; 33]);
        let index = |value| ParticipantIndex::new(value).expect("not zero");
        let shares = [1, 2].map(|i| (index(i), point.clone())).into();
        let secret = SecretScalar::from_bytes([1; 32]);
        let share = KeyShare::new(Curve::Secp256k1, index(1), 2, secret, point, shares).expect("a share");
        SigningKey::new(Scheme::EcdsaSecp256k1, share).map_err(|_| ())
    }

    fn must_not_make() -> Result<SigningKey, ()> {
        Err(())
    }

    #[test]
    fn keys_should_be_made_once_and_the_least_used_leave_first() {
        let mut keys = SigningKeys::default();
        assert!(keys.get_or_make(key(0), must_not_make).is_err());
        for id in 0..MAX_KEYS as u32 {
            assert!(keys.get_or_make(key(id), make).is_ok());
        }
        assert!(keys.get_or_make(key(0), must_not_make).is_ok());
        let one = keys.get_or_make(key(2), must_not_make).expect("kept");
        assert!(keys.get_or_make(key(1_000), make).is_ok());
        assert_eq!(keys.keys.len(), MAX_KEYS);
        assert!(keys.get_or_make(key(1), must_not_make).is_err(), "it was the least recently used");
        assert!(keys.get_or_make(key(0), must_not_make).is_ok());

        keys.keep_only([attempt(0)].iter());
        assert_eq!(keys.keys.len(), MAX_KEYS);
        keys.keep_only([attempt(1)].iter());
        assert!(keys.keys.is_empty());
        assert_eq!(Arc::strong_count(&one), 1, "nothing else keeps the secret");
    }
}
