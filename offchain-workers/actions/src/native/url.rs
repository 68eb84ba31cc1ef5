//! URLs, as the standard's API has them.

use super::{take_prefixed, Answer};
use ::url::{quirks, Url};
use serde_json::json;
use std::borrow::Cow;

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn parts(url: &Url) -> Answer {
    Ok(json!({
        "href": quirks::href(url), "origin": quirks::origin(url), "protocol": quirks::protocol(url),
        "username": quirks::username(url), "password": quirks::password(url), "host": quirks::host(url),
        "hostname": quirks::hostname(url), "port": quirks::port(url), "pathname": quirks::pathname(url),
        "search": quirks::search(url), "hash": quirks::hash(url),
    })
    .to_string()
    .into_bytes())
}

pub(super) fn parse(mut argument: &[u8]) -> Answer {
    let base = take_prefixed(&mut argument)?;
    let base = if base.is_empty() { None } else { Some(Url::parse(&text(base)).map_err(invalid)?) };
    parts(&Url::options().base_url(base.as_ref()).parse(&text(argument)).map_err(invalid)?)
}

pub(super) fn set(mut argument: &[u8]) -> Answer {
    let mut url = Url::parse(&text(take_prefixed(&mut argument)?)).map_err(invalid)?;
    let part = text(take_prefixed(&mut argument)?);
    let value = text(argument);
    // A setter ignores what does not fit; only `href` throws.
    match part.as_ref() {
        "href" => quirks::set_href(&mut url, &value).map_err(invalid)?,
        "protocol" => drop(quirks::set_protocol(&mut url, &value)),
        "username" => drop(quirks::set_username(&mut url, &value)),
        "password" => drop(quirks::set_password(&mut url, &value)),
        "host" => drop(quirks::set_host(&mut url, &value)),
        "hostname" => drop(quirks::set_hostname(&mut url, &value)),
        "port" => drop(quirks::set_port(&mut url, &value)),
        "pathname" => quirks::set_pathname(&mut url, &value),
        "search" => quirks::set_search(&mut url, &value),
        "hash" => quirks::set_hash(&mut url, &value),
        _ => return Err("a URL has no such part".into()),
    }
    parts(&url)
}

fn invalid(error: ::url::ParseError) -> String {
    format!("Invalid URL: {error}")
}
