//! What a session keeps of signed messages, so that a member that breaks the protocol can be convicted on chain.

use conclave_primitives::{
    frost_share_message, EncodedPoint, Evidence, KeyId, MessageHeader, NonceCommitments, ParticipantIndex,
    Scheme, SignedPayload, SigningPackage, FROST_SHARE_FLIGHT,
};
use conclave_protocols::ProtocolError;
use std::collections::BTreeMap;

/// A protocol message as it was received: what its sender signed, and where.
#[derive(Clone, Debug)]
pub(crate) struct SignedMessage {
    pub(crate) header: MessageHeader,
    pub(crate) signed: SignedPayload,
    /// Without the frame around it.
    pub(crate) message: Vec<u8>,
}

/// What a FROST session signs, for evidence against its shares.
#[derive(Clone, Debug)]
pub(crate) struct FrostSubject {
    pub(crate) key: KeyId,
    pub(crate) scheme: Scheme,
    pub(crate) message: Vec<u8>,
    /// Our index and our message of the first flight.
    pub(crate) own: (ParticipantIndex, Vec<u8>),
}

/// The messages of a session, by flight and sender: the first of each.
#[derive(Default)]
pub(crate) struct Record {
    first: BTreeMap<(u8, ParticipantIndex), (MessageHeader, SignedPayload)>,
    /// In FROST sessions, whose messages are short, the messages too.
    messages: BTreeMap<(u8, ParticipantIndex), Vec<u8>>,
}

impl Record {
    /// Keeps a message; gives evidence if its sender said something else in this place before.
    pub(crate) fn keep(
        &mut self,
        from: ParticipantIndex,
        received: &SignedMessage,
        whole: bool,
    ) -> Option<Evidence> {
        let SignedMessage { header, signed, message } = received;
        let place = (header.flight, from);
        match self.first.get(&place) {
            Some((_, first)) if first.hash != signed.hash => {
                Some(Evidence::Equivocation { header: *header, payloads: [*first, *signed] })
            }
            Some(_) => None,
            None => {
                self.first.insert(place, (*header, *signed));
                if whole {
                    self.messages.insert(place, message.clone());
                }
                None
            }
        }
    }

    /// Evidence against each member that `error` names for a wrong FROST share.
    pub(crate) fn wrong_shares(
        &self,
        subject: &FrostSubject,
        error: &ProtocolError,
        public_key: impl FnOnce(&KeyId) -> Option<EncodedPoint>,
    ) -> Vec<Evidence> {
        let culprits = match error {
            ProtocolError::InvalidSignatureShares { from } => from.clone(),
            // In the second flight: a share that is no scalar.
            ProtocolError::Malformed { from, .. } => [*from].into(),
            _ => return Vec::new(),
        };
        let package = public_key(&subject.key).and_then(|key| self.package(subject, key));
        let Some(package) = package else { return Vec::new() };
        culprits.into_iter().filter_map(|culprit| self.wrong_share(subject, &package, culprit)).collect()
    }

    fn wrong_share(
        &self,
        subject: &FrostSubject,
        package: &SigningPackage,
        culprit: ParticipantIndex,
    ) -> Option<Evidence> {
        let place = (FROST_SHARE_FLIGHT, culprit);
        let (header, signed) = *self.first.get(&place)?;
        let message = self.messages.get(&place)?;
        let share = *message.first_chunk::<32>()?;
        // The machine has compared the hashes; the chain will.
        (frost_share_message(&share, package) == *message).then(|| Evidence::FrostShare {
            header,
            share,
            signature: signed.signature,
            key: subject.key,
            package: Box::new(package.clone()),
        })
    }

    /// The package of the session, from what all sent in the first flight.
    fn package(&self, subject: &FrostSubject, public_key: EncodedPoint) -> Option<SigningPackage> {
        let points = subject.scheme.curve().point_bytes();
        let commitments = |message: &[u8]| {
            let (rest, binding) = message.split_at_checked(message.len().checked_sub(points)?)?;
            let (_, hiding) = rest.split_at_checked(rest.len().checked_sub(points)?)?;
            Some(NonceCommitments {
                hiding: EncodedPoint::try_from(hiding.to_vec()).ok()?,
                binding: EncodedPoint::try_from(binding.to_vec()).ok()?,
            })
        };
        let first_flight = self.messages.iter().filter(|((flight, _), _)| *flight == 1);
        let (index, own) = &subject.own;
        let all: BTreeMap<ParticipantIndex, NonceCommitments> = first_flight
            .map(|((_, from), message)| (*from, message))
            .chain([(*index, own)])
            .map(|(from, message)| Some((from, commitments(message)?)))
            .collect::<Option<_>>()?;
        Some(SigningPackage {
            scheme: subject.scheme,
            public_key,
            message: subject.message.clone().try_into().ok()?,
            commitments: all.try_into().ok()?,
        })
    }
}
