//! The one entry: a request and its authorisation in, who asks out.

use conclave_primitives::{
    AuthMethod, Authorisation, KeysetId, SessionCertificate, SessionRequest, MAX_REQUEST_LIFETIME,
};

use crate::{
    asked::{Asked, Subject},
    authenticated::{Authenticated, Verdict},
    discord,
    limits::{MAX_LOGIN_BLOCKS, MAX_SINGLE_REQUEST_SECONDS},
    memory::Memory,
    passkey,
    ports::ReadFinalized,
    session,
    settings::Settings,
    siwe::{host_of, Message},
    token,
    validity::{block_of, Moment},
    wallets::{contract, ethereum, verify_wallet},
    AuthError,
};

/// Finds out who asks.
///
/// Checks everything that can be checked here before it asks for anything outside. Whether who asks also may, the caller
/// asks of finalized state ([`Authenticated::method`]); whether the request was made before, of its own memory
/// ([`Asked::id`]).
pub fn authorise(
    asked: &Asked,
    authorisation: &Authorisation,
    chain: &impl ReadFinalized,
    settings: &Settings,
    moment: Moment,
    memory: &mut Memory,
) -> Result<Verdict, AuthError> {
    check_lifetime(asked, moment)?;
    if let Subject::Session(request) = &asked.subject {
        session::check_request(asked, request, chain, moment)?;
    }
    let by = |method: AuthMethod| Verdict::Authenticated(Authenticated::by(method));
    match authorisation {
        Authorisation::Sr25519 { .. }
        | Authorisation::Ed25519 { .. }
        | Authorisation::Ecdsa { .. }
        | Authorisation::Eip191 { .. }
        | Authorisation::Solana { .. }
        | Authorisation::Cosmos { .. } => {
            verify_wallet(&asked.text, authorisation).map(by).ok_or(AuthError::WrongSignature)
        }
        Authorisation::Siwe { message, signature } => {
            let address = check_message(asked, message, chain, settings, moment)?;
            if ethereum::recover_address(message, signature) != Some(address) {
                return Err(AuthError::WrongSignature);
            }
            Ok(by(AuthMethod::EthereumWallet(address)))
        }
        Authorisation::ContractWallet { chain_id, address, signature } => {
            if *chain_id == 0 {
                return Err(AuthError::NoChain);
            }
            let digest = ethereum::eip191_digest(asked.text.as_bytes());
            let query = contract::query(*chain_id, *address, &digest, signature);
            let method = AuthMethod::ContractWallet { chain_id: *chain_id, address: *address };
            Ok(Verdict::ask_contract(query, Authenticated::by(method)))
        }
        Authorisation::Passkey(assertion) => {
            passkey::check(asked, assertion, chain, memory).map(Verdict::Authenticated)
        }
        Authorisation::OpenId { token } => token::check(asked, token, settings, moment, memory),
        Authorisation::Discord { token } => discord::check(asked, token, settings, memory),
        Authorisation::Session(session) => session::check(asked, session, chain, settings, moment),
    }
}

/// The certificate that a session request ends in. Every member makes the same bytes of it, so that the committee can
/// sign them; `authenticated` is what [`authorise`] found for `request`.
pub fn certificate(
    request: &SessionRequest,
    authenticated: &Authenticated,
    keyset: KeysetId,
    chain: &impl ReadFinalized,
) -> Result<SessionCertificate, AuthError> {
    Ok(SessionCertificate {
        keyset,
        pkp: request.pkp,
        method: authenticated.method,
        session: request.session,
        capabilities: request.capabilities.clone(),
        since: chain.block_number(&request.block)?.ok_or(AuthError::UnknownBlock)?,
        expires_at: request.expires_at,
    })
}

fn check_lifetime(asked: &Asked, moment: Moment) -> Result<(), AuthError> {
    let Moment { finalized, .. } = moment;
    let valid_until = asked.valid_until;
    if valid_until < finalized {
        return Err(AuthError::RequestExpired { valid_until, finalized });
    }
    let limit = finalized.saturating_add(MAX_REQUEST_LIFETIME);
    if valid_until > limit {
        return Err(AuthError::RequestTooLong { valid_until, limit });
    }
    Ok(())
}

/// All of a message for this one request but its signature. The wallet.
fn check_message(
    asked: &Asked,
    bytes: &[u8],
    chain: &impl ReadFinalized,
    settings: &Settings,
    moment: Moment,
) -> Result<[u8; 20], AuthError> {
    let message = Message::parse(bytes)?;
    if message.uri.starts_with("lit:") {
        return Err(AuthError::DelegationAsRequest);
    }
    if host_of(&message.uri) != Some(&message.domain) {
        return Err(AuthError::OtherUri { uri: message.uri, domain: message.domain });
    }
    settings.check_domain(&message.domain)?;
    // Otherwise a message for one request would serve for any.
    if message.request_id != Some(asked.id.to_string()) {
        return Err(AuthError::OtherRequest { expected: asked.id });
    }
    moment.check_message(&message, MAX_SINGLE_REQUEST_SECONDS)?;
    moment.check_block(&block_of(&message.nonce)?, MAX_LOGIN_BLOCKS, chain)?;
    Ok(message.address)
}
