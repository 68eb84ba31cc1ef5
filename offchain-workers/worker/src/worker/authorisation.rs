//! Who asks, and whether finalized state lets them.
//!
//! ```text
//!  client's request, or a Start ─► authenticate ─┬─► Authenticated ─► the request goes on
//!                                                └─► Ask ─► Inquire, Inquired ─┘
//! ```
//!
//! Gateway and members run the same: the gateway so as not to bother members, each member because it believes nobody.

use conclave_auth::{
    limits::CLOCK_GRACE, siwe::Message, Asked, AuthError, AuthSig, Authenticated, Moment, QueryFailure,
    Question, ReadFinalized, Unreadable, Verdict,
};
use conclave_conditions::{Requester, SiweMessage};
use conclave_primitives::{
    AuthMethod, Authorisation, BlockNumber, Cid, Committee, CredentialKey, Delegation, Entitlement, KeysetId,
    ListMembership, PkpId, Purpose as KeyPurpose, Scope, SessionAuthorisation, SessionCertificate, SessionId,
    SessionRequest, SignRequest, TokenRequest,
};
use rand_core::CryptoRng;
use std::time::Duration;

use super::Worker;
use crate::{
    action::Begin,
    event::{Effect, Ticket},
    limits::{INQUIRY_TIMEOUT, MAX_INQUIRIES, MAX_INQUIRIES_PER_ASKER},
    message::{Start, TransportKey},
    ports::{ReadChain, ReadError, StoreRecords},
    token, Failure, Refusal, Request, SignError, TokenStatement,
};

/// Names a question to the outside.
pub type InquiryId = u64;

/// A request whose authorisation hangs on an answer from outside.
pub(super) struct Inquiry {
    asker: Asker,
    question: Box<Question>,
    pub(super) deadline: Duration,
}

/// Who waits for the answer.
pub(super) enum Asker {
    /// A client of this node.
    Client(Ticket, Box<Request>, Box<Entitlement>),
    /// A coordinator that called us for a session.
    Coordinator(TransportKey, SessionId, Box<Start>),
    /// A gateway that called us to run an action.
    Conductor(TransportKey, SessionId, Box<Begin>),
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Finds out who asks, as far as that can be done here.
    pub(super) fn authenticate(
        &mut self,
        asked: &Asked,
        authorisation: &Authorisation,
        chain: &impl ReadChain,
    ) -> Result<Verdict, Refusal> {
        let moment = self.moment(chain)?;
        let settings = chain.read_login_settings().map_err(unavailable)?;
        let finalized = Finalized { chain, committee: self.view.committee.as_ref() };
        conclave_auth::authorise(asked, authorisation, &finalized, &settings, moment, &mut self.logins)
            .map_err(refusal)
    }

    fn moment(&self, chain: &impl ReadChain) -> Result<Moment, Refusal> {
        let now = chain.read_time().map_err(unavailable)?;
        Ok(Moment { now, finalized: self.view.finalized })
    }

    /// Asks outside what the authorisation hangs on.
    pub(super) fn inquire(&mut self, now: Duration, asker: Asker, question: Question) -> Result<(), Refusal> {
        let of_asker = self.inquiries.values().filter(|inquiry| inquiry.asker.is_same(&asker)).count();
        if self.inquiries.len() >= MAX_INQUIRIES || of_asker >= MAX_INQUIRIES_PER_ASKER {
            return Err(Refusal::Busy);
        }
        let id = self.next_inquiry;
        self.next_inquiry = id.wrapping_add(1);
        self.effects.push(Effect::Inquire { inquiry: id, query: question.query().clone() });
        let deadline = now.saturating_add(INQUIRY_TIMEOUT);
        self.inquiries.insert(id, Inquiry { asker, question: Box::new(question), deadline });
        Ok(())
    }

    /// Whether a session waits to be joined until an answer is here.
    pub(super) fn inquires_for(&self, session: &SessionId) -> bool {
        let is_for = |asker: &Asker| match asker {
            Asker::Coordinator(_, id, _) | Asker::Conductor(_, id, _) => id == session,
            Asker::Client(..) => false,
        };
        self.inquiries.values().any(|inquiry| is_for(&inquiry.asker))
    }

    pub(super) fn on_inquired(
        &mut self,
        now: Duration,
        id: InquiryId,
        answer: Result<Vec<u8>, QueryFailure>,
        chain: &impl ReadChain,
    ) {
        // It may have been too late.
        let Some(Inquiry { asker, question, .. }) = self.inquiries.remove(&id) else { return };
        let found = self
            .moment(chain)
            .and_then(|moment| question.answer(answer, moment, &mut self.logins).map_err(refusal));
        match asker {
            Asker::Client(ticket, request, entitlement) => {
                let accepted = found
                    .map_err(SignError::Refused)
                    .and_then(|who| self.accept(now, ticket, *request, *entitlement, &who, chain));
                self.reply_error(ticket, accepted);
            }
            Asker::Coordinator(from, session, start) => {
                let joined = found
                    .map_err(Failure::Refused)
                    .and_then(|who| self.join(now, from, &start, session, &who, chain));
                self.report_failure(from, session, joined);
            }
            Asker::Conductor(from, id, begin) => {
                let begun = found.and_then(|who| self.begin(now, from, &begin, id, who, chain));
                self.decline_if_refused(from, id, begun);
            }
        }
    }

    pub(super) fn expire_inquiries(&mut self, now: Duration, chain: &impl ReadChain) {
        let late: Vec<InquiryId> =
            self.inquiries.iter().filter(|(_, inquiry)| inquiry.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            let answer = Err(QueryFailure::Unavailable("no answer in time".into()));
            self.on_inquired(now, id, answer, chain);
        }
    }

    /// Whether the PKP lets them sign this.
    pub(super) fn permit_signature(
        &self,
        request: &SignRequest,
        who: &Authenticated,
        listed: Option<&ListMembership>,
        chain: &impl ReadChain,
    ) -> Result<(), Refusal> {
        permit(&request.pkp, &who.method, listed, request.scope(), chain)
    }

    /// What the committee certifies, if it does. Every member makes the same of it.
    pub(super) fn certificate(
        &self,
        request: &SessionRequest,
        who: &Authenticated,
        listed: Option<&ListMembership>,
        committee: &Committee,
        chain: &impl ReadChain,
    ) -> Result<SessionCertificate, Refusal> {
        // Asked again of finalized state whenever the session is used: this is to say so early.
        if let Some(pkp) = &request.pkp {
            permit(pkp, &who.method, listed, Scope::PersonalSign, chain)?;
        }
        let finalized = Finalized { chain, committee: Some(committee) };
        conclave_auth::certificate(request, who, committee.keyset, &finalized).map_err(refusal)
    }

    /// What a condition token says if its condition holds. Every member makes the same of it, and of a time that is about
    /// now.
    pub(super) fn token_statement(
        &self,
        request: &TokenRequest,
        who: &Authenticated,
        listed: Option<&ListMembership>,
        issued_at: u64,
        chain: &impl ReadChain,
    ) -> Result<TokenStatement, Refusal> {
        let now = chain.read_time().map_err(unavailable)?;
        if now.abs_diff(issued_at) > CLOCK_GRACE {
            return Err(Refusal::BadStart);
        }
        if let Some(pkp) = &who.pkp {
            permit(pkp, &who.method, listed, Scope::PersonalSign, chain)?;
        }
        let bytes = token::statement(&self.genesis, request, who, issued_at);
        let unreadable = || Refusal::Item { item: 0, reason: "expected conditions that are JSON".into() };
        Ok(TokenStatement { issued_at, bytes: bytes.ok_or_else(unreadable)?.into_bytes() })
    }

    /// What access conditions may know of who asks: only what is proven.
    pub(super) fn requester(
        &self,
        who: &Authenticated,
        Entitlement { authorisation, listed }: &Entitlement,
        chain: &impl ReadChain,
    ) -> Result<Requester, Refusal> {
        let mut requester = Requester { siwe: signed_in(authorisation), ..Requester::default() };
        if let Some(pkp) = &who.pkp {
            // To sign in as a PKP takes what signing its message would take.
            permit(pkp, &who.method, listed.as_ref(), Scope::PersonalSign, chain)?;
            let addresses = chain.read_addresses(pkp).map_err(unavailable)?;
            let addresses = addresses.ok_or(Refusal::UnknownPkp(*pkp))?;
            requester.evm = Some(addresses.evm);
            requester.solana = Some(addresses.ed25519);
            requester.account = Some(addresses.sr25519);
            return Ok(requester);
        }
        match who.method {
            AuthMethod::Account(account) => requester.account = Some(account),
            AuthMethod::EthereumWallet(address) => requester.evm = Some(address),
            AuthMethod::SolanaWallet(key) => requester.solana = Some(key),
            // Conditions know no such identities: those that ask for one are undecided. A contract wallet is somebody on
            // its own chain only, and a Cosmos key has an address under each prefix.
            _ => {}
        }
        Ok(requester)
    }
}

impl Asker {
    /// Whether they share one quota: all clients do, and all calls of one coordinator.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Client(..), Self::Client(..)) => true,
            (
                Self::Coordinator(a, ..) | Self::Conductor(a, ..),
                Self::Coordinator(b, ..) | Self::Conductor(b, ..),
            ) => a == b,
            _ => false,
        }
    }
}

/// Whether finalized state permits `method` this with the PKP: by name, or as one of a list.
pub(super) fn permit(
    pkp: &PkpId,
    method: &AuthMethod,
    listed: Option<&ListMembership>,
    scope: Scope,
    chain: &impl ReadChain,
) -> Result<(), Refusal> {
    let found = chain.read_pkp(pkp, method).map_err(unavailable)?;
    let (view, scopes) = found.ok_or(Refusal::UnknownPkp(*pkp))?;
    let as_listed = listed.map(|membership| view.listed_scopes(method, membership)).unwrap_or_default();
    if scopes.permits(scope) || as_listed.permits(scope) {
        Ok(())
    } else {
        Err(Refusal::NotPermitted)
    }
}

/// What conditions look at of the message by which somebody signed in.
fn signed_in(authorisation: &Authorisation) -> Option<SiweMessage> {
    let bytes = match authorisation {
        Authorisation::Siwe { message, .. } => message,
        Authorisation::Session(SessionAuthorisation {
            delegation: Delegation::Wallet { message, .. } | Delegation::ContractWallet { message, .. },
            ..
        }) => message,
        _ => return None,
    };
    let Message { domain, resources, .. } = Message::parse(bytes).ok()?;
    Some(SiweMessage { domain, resources })
}

pub(super) fn unavailable(error: ReadError) -> Refusal {
    log::warn!(target: "conclave::chain", "{error}");
    Refusal::ChainUnavailable
}

/// The errors that clients have known under names of their own since there were only wallets keep them.
fn refusal(error: AuthError) -> Refusal {
    match error {
        AuthError::WrongSignature => Refusal::WrongSigner,
        AuthError::RequestExpired { valid_until, finalized } => Refusal::Expired { valid_until, finalized },
        AuthError::RequestTooLong { valid_until, limit } => Refusal::ValidTooLong { valid_until, limit },
        AuthError::ChainUnavailable => Refusal::ChainUnavailable,
        other => Refusal::Authorisation(Box::new(other)),
    }
}

/// Whose an AuthSig is that `action` shows, by finalized state, whose last block has the number `finalized`.
///
/// # Errors
/// Which rule it breaks, or that the state cannot be read.
pub fn verify_auth_sig(
    auth_sig: &AuthSig,
    action: &Cid,
    chain: &impl ReadChain,
    finalized: BlockNumber,
) -> Result<[u8; 20], AuthError> {
    let now = chain.read_time().map_err(unreadable)?;
    let settings = chain.read_login_settings().map_err(unreadable)?;
    let state = Finalized { chain, committee: None };
    auth_sig.verify(action, &state, &settings, Moment { now, finalized })
}

/// Finalized state as authorisation reads it.
struct Finalized<'a, C> {
    chain: &'a C,
    committee: Option<&'a Committee>,
}

impl<C: ReadChain> ReadFinalized for Finalized<'_, C> {
    fn block_number(&self, hash: &[u8; 32]) -> Result<Option<BlockNumber>, Unreadable> {
        self.chain.read_block_number(hash).map_err(unreadable)
    }

    fn credential_key(&self, pkp: &PkpId, method: &AuthMethod) -> Result<Option<CredentialKey>, Unreadable> {
        let Some((view, _)) = self.chain.read_pkp(pkp, method).map_err(unreadable)? else { return Ok(None) };
        Ok(view.permissions.iter().find(|of| of.method == *method).and_then(|of| of.credential))
    }

    fn result_key(&self, keyset: KeysetId) -> Result<Option<[u8; 32]>, Unreadable> {
        // A key set's keys never change; one that no committee holds any more certifies nothing.
        let committee = self.committee.filter(|committee| committee.keyset == keyset);
        let root =
            committee.and_then(|of| of.roots.iter().find(|root| root.id.purpose == KeyPurpose::Result));
        Ok(root.and_then(|root| root.commitments.first()).and_then(|key| key.as_slice().try_into().ok()))
    }
}

fn unreadable(error: ReadError) -> Unreadable {
    log::warn!(target: "conclave::chain", "{error}");
    Unreadable
}
