//! Decryption: once its conditions hold, a member seals its shares to the client; a gateway combines them.
//!
//! ```text
//!  Start ─► who asks ─► one-time key ─► evaluation
//!                                          │ every item's condition holds
//!                                          ▼
//!                      Outcome::Shares ─► gateway: t of them, combined and verified ─► sealed keys
//! ```

use codec::Encode;
use conclave_primitives::{
    AttemptId, Committee, DecryptRequest, DecryptionShare, KeyId, ParticipantIndex, Purpose as KeyPurpose,
    Sealed,
};
use conclave_protocols::{
    bls::decryption::{combine, ClientKey, DecryptionKey, Statement},
    ProtocolError,
};
use conclave_vss::public_shares;
use rand_core::CryptoRng;
use std::{collections::BTreeMap, sync::Arc};

use super::{member::root_key, Worker};
use crate::{ports::StoreRecords, Failure, Refusal};

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    pub(super) fn decryption_shares(
        &mut self,
        committee: AttemptId,
        statements: &[Statement],
    ) -> Result<Vec<DecryptionShare>, Failure> {
        let key = self.decryption_key(committee)?;
        let share = |statement: &Statement| key.share(statement, &mut self.rng).map_err(of_protocol);
        statements.iter().map(share).collect()
    }

    /// Our share of the Decrypt root, made ready once for each committee.
    fn decryption_key(&mut self, attempt: AttemptId) -> Result<Arc<DecryptionKey>, Failure> {
        let not_ready = || Failure::Refused(Refusal::NotReady);
        if let Some((_, key)) = self.decryption_key.as_ref().filter(|(of, _)| *of == attempt) {
            return Ok(Arc::clone(key));
        }
        let committee = self.committee_of(attempt).ok_or_else(not_ready)?;
        let holding = self.holdings.get(&attempt).ok_or_else(not_ready)?;
        let Some(KeyId::Root(id)) = root_key(committee, KeyPurpose::Decrypt) else {
            return Err(not_ready());
        };
        let share = holding.key_share(&self.genesis, committee, &KeyId::Root(id)).ok_or_else(not_ready)?;
        let key = Arc::new(DecryptionKey::new(&id, &share).map_err(of_protocol)?);
        self.decryption_key = Some((attempt, Arc::clone(&key)));
        Ok(key)
    }
}

/// What a gateway gathers: members' shares of the decryption keys.
pub(crate) struct Gathering {
    statements: Vec<Statement>,
    shares: BTreeMap<ParticipantIndex, Vec<DecryptionShare>>,
}

impl Gathering {
    pub(super) const fn new(statements: Vec<Statement>) -> Self {
        Self { statements, shares: BTreeMap::new() }
    }

    /// Forgets the shares: another committee's do not go with them.
    pub(crate) fn clear(&mut self) {
        self.shares.clear();
    }

    /// Whether the member's shares are here.
    pub(crate) fn has(&self, member: ParticipantIndex) -> bool {
        self.shares.contains_key(&member)
    }

    /// Of how many members shares are here.
    pub(super) fn count(&self) -> usize {
        self.shares.len()
    }

    /// Takes a member's shares; `false` if there are not as many as items.
    pub(super) fn take(&mut self, member: ParticipantIndex, shares: Vec<DecryptionShare>) -> bool {
        let fit = shares.len() == self.statements.len();
        if fit {
            self.shares.insert(member, shares);
        }
        fit
    }

    /// The sealed key of each item, as soon as the right shares of t members are here: whoever sent them. Wrong ones are
    /// dropped; `on_error` hears whose.
    pub(super) fn combine(
        &mut self,
        committee: &Committee,
        mut on_error: impl FnMut(&ProtocolError),
    ) -> Option<Gathered> {
        let threshold = usize::try_from(committee.threshold).ok()?;
        loop {
            let quorum: Vec<ParticipantIndex> = self.shares.keys().copied().take(threshold).collect();
            if quorum.len() < threshold {
                return None;
            }
            let error = match self.combine_of(committee, &quorum) {
                Ok(keys) => return Some(Gathered { quorum, keys }),
                Err(error) => error,
            };
            on_error(&error);
            let culprits = error.culprits();
            if culprits.is_empty() {
                // Then they are of no use: members are to be asked again.
                self.clear();
            }
            self.shares.retain(|member, _| !culprits.contains(member));
        }
    }

    fn combine_of(
        &self,
        committee: &Committee,
        quorum: &[ParticipantIndex],
    ) -> Result<Vec<Sealed>, ProtocolError> {
        let unusable = ProtocolError::InvalidKeyShare { reason: "the committee has no Decrypt root" };
        let root = committee.roots.iter().find(|root| root.id.purpose == KeyPurpose::Decrypt);
        let root = root.ok_or_else(|| unusable.clone())?;
        let publics =
            public_shares(root.id.curve, &root.commitments, committee.indices()).map_err(|_| unusable)?;
        let of_item = |(position, statement): (usize, &Statement)| {
            let of_member = |member: &ParticipantIndex| {
                let share = self.shares.get(member)?.get(position)?;
                Some((*member, share.encode()))
            };
            let shares: BTreeMap<_, _> = quorum.iter().filter_map(of_member).collect();
            combine(statement, &publics, committee.threshold, &shares).map(|(sealed, _)| sealed)
        };
        self.statements.iter().enumerate().map(of_item).collect()
    }
}

/// What shares were combined to.
pub(super) struct Gathered {
    /// Whose.
    pub(super) quorum: Vec<ParticipantIndex>,
    /// By item.
    pub(super) keys: Vec<Sealed>,
}

/// The client's key, of which it has to hold the secret.
pub(super) fn one_time_key(request: &DecryptRequest) -> Result<ClientKey, Refusal> {
    ClientKey::new(&request.client).map_err(|_| Refusal::OneTimeKey)
}

/// What shares are of, by item.
pub(super) fn statements(
    committee: &Committee,
    request: &DecryptRequest,
    client: &ClientKey,
) -> Result<Vec<Statement>, Refusal> {
    let root = committee.roots.iter().find(|root| root.id.purpose == KeyPurpose::Decrypt);
    let public_key = root.and_then(|root| root.commitments.first()).ok_or(Refusal::NotReady)?;
    let statement = |item: &conclave_primitives::DecryptItem| {
        Statement::new(public_key, &item.identity, client).map_err(|_| Refusal::NotReady)
    };
    request.items.iter().map(statement).collect()
}

fn of_protocol(error: ProtocolError) -> Failure {
    Failure::Protocol { culprits: error.culprits().into_iter().collect(), reason: error.to_string() }
}
