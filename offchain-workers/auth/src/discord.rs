//! Discord: who an access token speaks for, as Discord's own API says.

use conclave_primitives::{blake2_256, AuthMethod};
use serde::Deserialize;

use crate::{
    asked::Asked,
    authenticated::{Authenticated, Pending, Question, Verdict},
    json,
    memory::Memory,
    ports::{AccessToken, QueryFailure},
    settings::Settings,
    siwe::parse_date,
    validity::Moment,
    AuthError, Query,
};

/// "Get Current Authorization Information" of Discord's API.
const URL: &str = "https://discord.com/api/v10/oauth2/@me";

#[derive(Deserialize)]
struct Information {
    application: Named,
    scopes: Vec<String>,
    expires: String,
    user: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

pub(crate) fn check(
    asked: &Asked,
    token: &[u8],
    settings: &Settings,
    memory: &Memory,
) -> Result<Verdict, AuthError> {
    let applications = settings.discord.clone().ok_or_else(|| AuthError::NotOffered("Discord".to_owned()))?;
    // The token is bound to nothing: whoever sees it could ask for anything with it but for another session key.
    let session = *asked.session_key().ok_or(AuthError::SessionOnly)?;
    let text = core::str::from_utf8(token)
        .ok()
        .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()))
        .ok_or_else(|| AuthError::Discord("the access token is not one".into()))?;
    let token = blake2_256(token);
    if !memory.may_serve(&token, &session) {
        return Err(AuthError::TokenUsed);
    }
    let query = Query::Get { url: URL.into(), bearer: Some(AccessToken::new(text)) };
    Ok(Verdict::Ask(Question { query, pending: Pending::Discord { token, session, applications } }))
}

pub(crate) fn judge(
    answer: Result<Vec<u8>, QueryFailure>,
    token: [u8; 32],
    session: [u8; 32],
    applications: Option<&[String]>,
    moment: Moment,
    memory: &mut Memory,
) -> Result<Authenticated, AuthError> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(QueryFailure::Status(401 | 403)) => {
            return Err(AuthError::Discord("it does not know the access token".into()))
        }
        Err(failure) => return Err(AuthError::Unavailable(failure.to_string())),
    };
    let information: Information = json::object(&answer)
        .map_err(|error| AuthError::Unavailable(format!("Discord's answer: {error}")))?;
    let refused = |why: &str| Err(AuthError::Discord(why.to_owned()));
    if !information.scopes.iter().any(|scope| scope == "identify") {
        return refused("the access token may not tell who the user is");
    }
    if applications.is_some_and(|known| !known.contains(&information.application.id)) {
        return refused("the access token is for another application");
    }
    let Some(user) = information.user else { return refused("the access token names no user") };
    let is_snowflake = |id: &str| !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_digit());
    if !is_snowflake(&user.id) || !is_snowflake(&information.application.id) {
        return Err(AuthError::Unavailable("Discord's answer names no user and application".into()));
    }
    let expires = parse_date(&information.expires)
        .ok_or_else(|| AuthError::Unavailable("Discord's answer has no date".into()))?;
    moment.check_end(expires)?;
    // Two requests may have been on their way at once.
    if !memory.may_serve(&token, &session) {
        return Err(AuthError::TokenUsed);
    }
    memory.note_token(token, session);
    Ok(Authenticated::by(AuthMethod::discord(&user.id, &information.application.id)))
}
