//! What a session keeps of signed messages, so that a member that breaks the protocol can be convicted on chain.

use conclave_primitives::{
    frost_share_message, BlsSubject, EncodedPoint, Evidence, KeyId, MessageHeader, NonceCommitments,
    ParticipantIndex, Scheme, SignedPayload, SigningPackage, BLS_SHARE_FLIGHT, FROST_SHARE_FLIGHT,
};
use conclave_protocols::ProtocolError;
use std::collections::{BTreeMap, BTreeSet};

use crate::message::{Received, Transcript};

/// A protocol message as it was received: what its sender signed, and where.
#[derive(Clone, Debug)]
pub(crate) struct SignedMessage {
    pub(crate) header: MessageHeader,
    pub(crate) signed: SignedPayload,
    /// Without the frame around it.
    pub(crate) message: Vec<u8>,
}

/// What a session signs by FROST or BLS, for evidence against its shares.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
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
    /// In FROST and BLS sessions, whose messages are short, the messages too.
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

    /// All of it, for whoever called the session.
    pub(crate) fn transcript(&self, subject: &Subject) -> Transcript {
        let received = self.messages.iter().filter_map(|((flight, from), message)| {
            let (_, signed) = self.first.get(&(*flight, *from))?;
            let signature = signed.signature;
            Some(Received { flight: *flight, from: *from, message: message.clone(), signature })
        });
        Transcript { own: subject.own.1.clone(), received: received.collect() }
    }

    /// Evidence against each member that `error` names for a wrong share of a signature.
    pub(crate) fn wrong_shares(
        &self,
        subject: &Subject,
        error: &ProtocolError,
        public_key: impl FnOnce(&KeyId) -> Option<EncodedPoint>,
    ) -> Vec<Evidence> {
        let culprits = match error {
            ProtocolError::InvalidSignatureShares { from } => from.clone(),
            // In the flight of the shares: what is no scalar, or no point.
            ProtocolError::Malformed { from, .. } => [*from].into(),
            _ => return Vec::new(),
        };
        let Some(public_key) = public_key(&subject.key) else { return Vec::new() };
        if subject.scheme.is_frost() {
            let Some(package) = self.package(subject, public_key) else { return Vec::new() };
            let of = |culprit| self.wrong_frost_share(subject, &package, culprit);
            culprits.into_iter().filter_map(of).collect()
        } else {
            let Some(signed) = self.bls_subject(subject) else { return Vec::new() };
            let of = |culprit| self.wrong_bls_share(&signed, &public_key, culprit);
            culprits.into_iter().filter_map(of).collect()
        }
    }

    /// What a member sent in a flight.
    fn sent(&self, flight: u8, by: ParticipantIndex) -> Option<(MessageHeader, SignedPayload, &[u8])> {
        let (header, signed) = *self.first.get(&(flight, by))?;
        Some((header, signed, self.messages.get(&(flight, by))?))
    }

    fn wrong_frost_share(
        &self,
        subject: &Subject,
        package: &SigningPackage,
        culprit: ParticipantIndex,
    ) -> Option<Evidence> {
        let (header, signed, message) = self.sent(FROST_SHARE_FLIGHT, culprit)?;
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

    fn wrong_bls_share(
        &self,
        subject: &BlsSubject,
        public_key: &EncodedPoint,
        culprit: ParticipantIndex,
    ) -> Option<Evidence> {
        let (header, signed, message) = self.sent(BLS_SHARE_FLIGHT, culprit)?;
        let (binding, share) = message.split_first_chunk::<32>()?;
        (*binding == subject.binding(&header.session, public_key)).then_some(())?;
        Some(Evidence::BlsShare {
            header,
            share: EncodedPoint::try_from(share.to_vec()).ok()?,
            signature: signed.signature,
            subject: Box::new(subject.clone()),
        })
    }

    /// Everybody of the quorum has sent its share when one is found to be wrong.
    fn bls_subject(&self, subject: &Subject) -> Option<BlsSubject> {
        let own = subject.own.0;
        let senders = self.messages.keys().filter(|(flight, _)| *flight == BLS_SHARE_FLIGHT);
        let quorum: BTreeSet<_> = senders.map(|(_, from)| *from).chain([own]).collect();
        Some(BlsSubject {
            scheme: subject.scheme,
            key: subject.key,
            quorum: quorum.try_into().ok()?,
            message: subject.message.clone().try_into().ok()?,
        })
    }

    /// The package of the session, from what all sent in the first flight.
    fn package(&self, subject: &Subject, public_key: EncodedPoint) -> Option<SigningPackage> {
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
