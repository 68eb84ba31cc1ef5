//! The ABNF of EIP-4361, line by line.

use super::{date, uri, Field, SiweError};
use crate::wallets::ethereum::checksum_address;

/// A message of EIP-4361. Times are in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The scheme before the domain, if there is one.
    pub scheme: Option<String>,
    /// Who asks for the signature: `host[:port]`.
    pub domain: String,
    /// The wallet.
    pub address: [u8; 20],
    /// What the user is told.
    pub statement: Option<String>,
    /// What the signature is for.
    pub uri: String,
    /// EIP-155.
    pub chain_id: u64,
    /// At least eight letters and digits.
    pub nonce: String,
    /// When it was made.
    pub issued_at: u64,
    /// Until when it holds.
    pub expiration_time: Option<u64>,
    /// From when it holds.
    pub not_before: Option<u64>,
    /// Of the request that it is for.
    pub request_id: Option<String>,
    /// URIs.
    pub resources: Vec<String>,
}

impl Message {
    /// Reads a message.
    pub fn parse(bytes: &[u8]) -> Result<Self, SiweError> {
        let text = core::str::from_utf8(bytes).map_err(|_| SiweError::NotAscii)?;
        if !text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)) {
            return Err(SiweError::NotAscii);
        }
        let mut lines = Lines(text.split('\n').peekable());
        let (scheme, domain) = first_line(lines.next(Field::Domain)?)?;
        let address = address(lines.next(Field::Address)?)?;
        let statement = lines.statement()?;
        let uri = lines.field(Field::Uri)?.to_owned();
        uri::check(&uri, Field::Uri)?;
        if lines.field(Field::Version)? != "1" {
            return Err(SiweError::Version);
        }
        let chain_id = lines.field(Field::ChainId)?;
        // A number has one form: no sign, no leading zero.
        let digits = chain_id.bytes().all(|digit| digit.is_ascii_digit()) && !chain_id.starts_with('0');
        let chain_id =
            chain_id.parse().ok().filter(|_| digits).ok_or(SiweError::Malformed(Field::ChainId))?;
        let nonce = lines.field(Field::Nonce)?;
        if nonce.len() < 8 || !nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(SiweError::Malformed(Field::Nonce));
        }
        let issued_at = date(lines.field(Field::IssuedAt)?, Field::IssuedAt)?;
        let mut optional_date = |field| lines.optional(field).map(|text| date(text, field)).transpose();
        let expiration_time = optional_date(Field::ExpirationTime)?;
        let not_before = optional_date(Field::NotBefore)?;
        let request_id = lines.optional(Field::RequestId).map(str::to_owned);
        if request_id.as_ref().is_some_and(|id| !uri::consists_of(id, uri::PCHAR)) {
            return Err(SiweError::Malformed(Field::RequestId));
        }
        let resources = lines.resources()?;
        if lines.0.next().is_some() {
            return Err(SiweError::Trailing);
        }
        Ok(Self {
            scheme,
            domain,
            address,
            statement,
            uri,
            chain_id,
            nonce: nonce.to_owned(),
            issued_at,
            expiration_time,
            not_before,
            request_id,
            resources,
        })
    }
}

struct Lines<'a>(core::iter::Peekable<core::str::Split<'a, char>>);

impl<'a> Lines<'a> {
    fn next(&mut self, field: Field) -> Result<&'a str, SiweError> {
        self.0.next().ok_or(SiweError::Missing(field))
    }

    /// LF \[ statement LF \] LF, behind the line of the address.
    fn statement(&mut self) -> Result<Option<String>, SiweError> {
        let missing = SiweError::Missing(Field::Statement);
        if !self.next(Field::Statement)?.is_empty() {
            return Err(missing);
        }
        let line = self.next(Field::Statement)?;
        if line.is_empty() {
            return Ok(None);
        }
        if !self.next(Field::Statement)?.is_empty() {
            return Err(missing);
        }
        // 1*( reserved / unreserved / " " ): RFC 3986 has no quotation mark, no brackets of code and no percent sign.
        if line.bytes().any(|byte| br#""%<>\^`{|}"#.contains(&byte)) {
            return Err(SiweError::Malformed(Field::Statement));
        }
        Ok(Some(line.to_owned()))
    }

    fn field(&mut self, field: Field) -> Result<&'a str, SiweError> {
        self.optional(field).ok_or(SiweError::Missing(field))
    }

    fn optional(&mut self, field: Field) -> Option<&'a str> {
        let value = self.0.peek()?.strip_prefix(&format!("{field}: ")[..])?;
        self.0.next();
        Some(value)
    }

    fn resources(&mut self) -> Result<Vec<String>, SiweError> {
        if self.0.next_if_eq(&"Resources:").is_none() {
            return Ok(Vec::new());
        }
        let mut resources = Vec::new();
        while let Some(resource) = self.0.peek().and_then(|line| line.strip_prefix("- ")) {
            uri::check(resource, Field::Resources)?;
            resources.push(resource.to_owned());
            self.0.next();
        }
        Ok(resources)
    }
}

fn first_line(line: &str) -> Result<(Option<String>, String), SiweError> {
    let from = line
        .strip_suffix(" wants you to sign in with your Ethereum account:")
        .ok_or(SiweError::Missing(Field::Domain))?;
    let (scheme, domain) = match from.split_once("://") {
        Some((scheme, domain)) => (Some(scheme), domain),
        None => (None, from),
    };
    if scheme.is_some_and(|scheme| !uri::is_scheme(scheme)) {
        return Err(SiweError::Malformed(Field::Domain));
    }
    uri::check_authority(domain, Field::Domain)?;
    Ok((scheme.map(str::to_owned), domain.to_owned()))
}

fn address(line: &str) -> Result<[u8; 20], SiweError> {
    let malformed = SiweError::Malformed(Field::Address);
    let digits = line.strip_prefix("0x").ok_or(malformed.clone())?;
    let mut address = [0; 20];
    hex::decode_to_slice(digits, &mut address).map_err(|_| malformed)?;
    if checksum_address(&address) != line {
        return Err(SiweError::Checksum);
    }
    Ok(address)
}

fn date(text: &str, field: Field) -> Result<u64, SiweError> {
    date::parse(text).ok_or(SiweError::Malformed(field))
}
