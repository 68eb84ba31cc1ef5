//! Session keys: the delegation, what was passed on, and the request's signature under the last key.

use conclave_primitives::{
    delegation_hash, session_signature_bytes, Ability, AuthMethod, Capability, Delegation, PkpId, Resource,
    SessionAuthorisation, SessionCertificate, SessionRequest,
};

use crate::{
    asked::{Asked, Subject},
    authenticated::{Authenticated, Verdict},
    limits::{CLOCK_GRACE, MAX_LOGIN_BLOCKS, MAX_SESSION_BLOCKS, MAX_SESSION_SECONDS},
    ports::ReadFinalized,
    recap::ReCap,
    settings::Settings,
    siwe::Message,
    validity::{block_of, Moment},
    wallets::{contract, ethereum, verify_ed25519},
    AuthError, Query,
};

/// What the URI of a message that delegates starts with, before the session key in hex; as Lit.
pub const SESSION_URI: &str = "lit:session:";

/// Whom the first session key speaks for.
struct Root {
    method: AuthMethod,
    pkp: Option<PkpId>,
    session: [u8; 32],
    capabilities: Vec<Capability>,
    expires_at: u64,
    /// What has to be found out before the delegation counts.
    query: Option<Query>,
}

pub(crate) fn check(
    asked: &Asked,
    authorisation: &SessionAuthorisation,
    chain: &impl ReadFinalized,
    settings: &Settings,
    moment: Moment,
) -> Result<Verdict, AuthError> {
    let Subject::Use(resources, ability) = &asked.subject else { return Err(AuthError::SessionForSession) };
    let SessionAuthorisation { delegation, sub_delegations, signature } = authorisation;
    let root = match delegation {
        Delegation::Wallet { message, signature } => {
            let (root, parsed) = of_message(message, chain, settings, moment)?;
            let signer = ethereum::recover_address(message, signature);
            if signer != Some(parsed.address) {
                return Err(AuthError::WrongSignature);
            }
            root
        }
        Delegation::ContractWallet { message, signature } => {
            let (root, Message { chain_id, address, .. }) = of_message(message, chain, settings, moment)?;
            let digest = ethereum::eip191_digest(message);
            Root {
                method: AuthMethod::ContractWallet { chain_id, address },
                query: Some(contract::query(chain_id, address, &digest, signature)),
                ..root
            }
        }
        Delegation::Certificate { certificate, signature } => {
            of_certificate(asked, certificate, signature, chain, moment)?
        }
    };
    let (session, expires_at) = descend(asked, authorisation, &root, moment, (resources, *ability))?;
    let hash = delegation_hash(delegation, sub_delegations);
    let signed =
        session_signature_bytes(&asked.genesis, &asked.id, resources, *ability, asked.valid_until, &hash);
    if !verify_ed25519(&session, &signed, signature) {
        return Err(AuthError::WrongSignature);
    }
    if let (Some(of), Some(pkp)) = (root.pkp, asked.pkp()) {
        if of != pkp {
            return Err(AuthError::OtherPkp { session: of });
        }
    }
    let authenticated = Authenticated {
        method: root.method,
        pkp: root.pkp,
        session: Some(session),
        expires_at: Some(expires_at),
    };
    Ok(match root.query {
        Some(query) => Verdict::ask_contract(query, authenticated),
        None => Verdict::Authenticated(authenticated),
    })
}

/// From the first key to the last: nobody passes on more than they have, nor for longer. The last key, and until when.
fn descend(
    asked: &Asked,
    authorisation: &SessionAuthorisation,
    root: &Root,
    moment: Moment,
    (resources, ability): (&[Resource], Ability),
) -> Result<([u8; 32], u64), AuthError> {
    let SessionAuthorisation { delegation, sub_delegations, signature: _ } = authorisation;
    let (mut session, mut expires_at) = (root.session, root.expires_at);
    let mut capabilities: &[Capability] = &root.capabilities;
    for (index, sub) in sub_delegations.iter().enumerate() {
        let position = u8::try_from(index).unwrap_or(u8::MAX);
        let within = |capability: &&Capability| capabilities.iter().any(|of| capability.is_within(of));
        if let Some(capability) = sub.capabilities.iter().find(|capability| !within(capability)) {
            return Err(AuthError::Wider { position, capability: capability.clone() });
        }
        if sub.expires_at > expires_at {
            return Err(AuthError::OutlivesParent { position, limit: expires_at });
        }
        let before = sub_delegations.get(..index).unwrap_or_default();
        let signed = sub.bytes(&asked.genesis, &delegation_hash(delegation, before));
        if !verify_ed25519(&session, &signed, &sub.signature) {
            return Err(AuthError::WrongParent { position });
        }
        (session, expires_at, capabilities) = (sub.session, sub.expires_at, &sub.capabilities);
    }
    moment.check_end(expires_at)?;
    let granted =
        |resource: &Resource| capabilities.iter().any(|capability| capability.permits(resource, ability));
    if resources.is_empty() || !resources.iter().all(granted) {
        return Err(AuthError::NotGranted { granted: capabilities.to_vec() });
    }
    Ok((session, expires_at))
}

/// All of a message that delegates but its signature.
fn of_message(
    bytes: &[u8],
    chain: &impl ReadFinalized,
    settings: &Settings,
    moment: Moment,
) -> Result<(Root, Message), AuthError> {
    let message = Message::parse(bytes)?;
    let mut session = [0; 32];
    let digits = message.uri.strip_prefix(SESSION_URI).ok_or(AuthError::NoSessionKey)?;
    hex::decode_to_slice(digits, &mut session).map_err(|_| AuthError::NoSessionKey)?;
    settings.check_domain(&message.domain)?;
    let expires_at = moment.check_message(&message, MAX_SESSION_SECONDS)?;
    moment.check_block(&block_of(&message.nonce)?, MAX_SESSION_BLOCKS, chain)?;
    let capabilities = ReCap::of_message(&message)?.capabilities()?;
    if capabilities.is_empty() {
        return Err(AuthError::GrantsNothing);
    }
    let method = AuthMethod::EthereumWallet(message.address);
    Ok((Root { method, pkp: None, session, capabilities, expires_at, query: None }, message))
}

fn of_certificate(
    asked: &Asked,
    certificate: &SessionCertificate,
    signature: &[u8; 64],
    chain: &impl ReadFinalized,
    moment: Moment,
) -> Result<Root, AuthError> {
    verify_certificate(&asked.genesis, certificate, signature, chain)?;
    moment.check_age(certificate.since, MAX_SESSION_BLOCKS)?;
    Ok(Root {
        method: certificate.method,
        pkp: certificate.pkp,
        session: certificate.session,
        capabilities: certificate.capabilities.to_vec(),
        expires_at: certificate.expires_at,
        query: None,
    })
}

/// Whether the committee signed a certificate; of its time, nothing.
pub fn verify_certificate(
    genesis: &conclave_primitives::GenesisHash,
    certificate: &SessionCertificate,
    signature: &[u8; 64],
    chain: &impl ReadFinalized,
) -> Result<(), AuthError> {
    let key = chain.result_key(certificate.keyset)?.ok_or(AuthError::WrongCertificate)?;
    if verify_ed25519(&key, &certificate.bytes(genesis), signature) {
        Ok(())
    } else {
        Err(AuthError::WrongCertificate)
    }
}

/// What a request for a session has to be whoever asks: its key's holder there, its block recent, its time limited.
pub(crate) fn check_request(
    asked: &Asked,
    request: &SessionRequest,
    chain: &impl ReadFinalized,
    moment: Moment,
) -> Result<(), AuthError> {
    if !verify_ed25519(&request.session, &request.possession_bytes(&asked.genesis), &request.possession) {
        return Err(AuthError::NoPossession);
    }
    if request.capabilities.is_empty() {
        return Err(AuthError::GrantsNothing);
    }
    let foreign = |pkp: &PkpId| {
        let own = Resource::pkp(pkp);
        request.capabilities.iter().any(|of| of.kind == own.kind && of.id.as_ref() != Some(&own.id))
    };
    if request.pkp.as_ref().is_some_and(foreign) {
        return Err(AuthError::ForeignPkp);
    }
    moment.check_block(&request.block, MAX_LOGIN_BLOCKS, chain)?;
    moment.check_end(request.expires_at)?;
    // The request has no beginning of its own: it begins now, by clocks that may differ.
    moment.check_length(moment.now, request.expires_at, MAX_SESSION_SECONDS.saturating_add(CLOCK_GRACE))
}
