//! URIs as RFC 3986 writes them, as far as a message of EIP-4361 needs them.

use super::{Field, SiweError};

/// A scheme: `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`.
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Characters of `allowed` besides letters and digits, and percent-encoded bytes.
pub(super) fn consists_of(text: &str, allowed: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => {
                [bytes.next(), bytes.next()].iter().all(|digit| digit.is_some_and(|d| d.is_ascii_hexdigit()))
            }
            _ => byte.is_ascii_alphanumeric() || allowed.contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}

/// `pchar` besides letters, digits and percent-encoded bytes.
pub(super) const PCHAR: &[u8] = b"-._~!$&'()*+,;=:@";

/// Checks a URI: a scheme, and behind it nothing but what a URI may have.
pub(super) fn check(text: &str, field: Field) -> Result<(), SiweError> {
    let malformed = SiweError::Malformed(field);
    let (scheme, rest) = text.split_once(':').ok_or(malformed.clone())?;
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (hierarchy, query) = rest.split_once('?').unwrap_or((rest, ""));
    let with = |extra: &[u8]| [PCHAR, extra].concat();
    if !is_scheme(scheme)
        || hierarchy.is_empty()
        || !consists_of(query, &with(b"/?"))
        || !consists_of(fragment, &with(b"/?"))
    {
        return Err(malformed);
    }
    match hierarchy.strip_prefix("//") {
        Some(hierarchy) => {
            let end = hierarchy.find('/').unwrap_or(hierarchy.len());
            let (authority, path) = hierarchy.split_at_checked(end).ok_or(malformed.clone())?;
            // `lit-pkp://*` and `file:///…` are URIs, too: any registered name, also an empty one.
            if !authority.is_empty() {
                check_authority(authority, field)?;
            }
            consists_of(path, &with(b"/")).then_some(()).ok_or(malformed)
        }
        None => consists_of(hierarchy, &with(b"/")).then_some(()).ok_or(malformed),
    }
}

/// `host [ ":" port ]`: an authority without user information, which only serves to deceive.
pub(super) fn check_authority(text: &str, field: Field) -> Result<(), SiweError> {
    let malformed = SiweError::Malformed(field);
    if text.contains('@') {
        return Err(SiweError::UserInformation(field));
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']').ok_or(malformed.clone())?;
            address.parse::<core::net::Ipv6Addr>().map_err(|_| malformed.clone())?;
            (address, rest)
        }
        None => text.find(':').and_then(|colon| text.split_at_checked(colon)).unwrap_or((text, "")),
    };
    let port_fits = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => digits.parse::<u16>().is_ok() && digits.bytes().all(|digit| digit.is_ascii_digit()),
    };
    let host_fits = text.starts_with('[') || consists_of(host, b"-._~!$&'()*+,;=");
    if host.is_empty() || !host_fits || !port_fits {
        return Err(malformed);
    }
    Ok(())
}

/// The authority of a URI that has one.
pub fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest.get(..end)
}
