//! The operator's file of endpoints of external chains, which access conditions ask.
//!
//! ```toml
//! # Not public, or over plain HTTP: allowed by address and port.
//! allowed-addresses = ["127.0.0.1:8545"]
//!
//! [[endpoint]]
//! chain = "ethereum"
//! url = "https://ethereum.example/rpc"
//! headers = { x-api-key = "…" }
//!
//! # What actions may reach besides the public internet: whoever runs one on this network does.
//! [actions]
//! allowed-addresses = ["127.0.0.1:8080"]
//! ipfs-gateway = "https://ipfs.example"
//! ```

use conclave_egress::{AllowedAddresses, Egress, EgressError, Endpoint, Endpoints, Limits};
use conclave_primitives::conditions::ChainName;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// The most endpoints of one chain: a condition asks each of them.
const MAX_ENDPOINTS: usize = 9;
/// What an endpoint may take. An evaluation has eight seconds, and waits for all endpoints once: what one that hangs
/// leaves must suffice for the questions that follow.
const LIMITS: Limits = Limits { bytes: 1024 * 1024, time: Duration::from_secs(3), redirects: 3 };
/// What a request of an action may take; the longest program, too, comes in one.
const ACTION_LIMITS: Limits = Limits { bytes: 16 * 1024 * 1024, time: Duration::from_secs(10), redirects: 5 };

/// What this node reaches outside.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    /// Of external chains.
    pub(crate) endpoints: Endpoints,
    /// For actions.
    pub(crate) actions: Egress,
    /// Where their programs are found.
    pub(crate) ipfs_gateway: Option<String>,
}

/// Why the file cannot be used. It never repeats an address: keys may stand in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExternalChainsError {
    /// It could not be read.
    #[error("--external-chains {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    /// It is no such TOML.
    #[error("--external-chains {}, line {line}: {message}", path.display())]
    Syntax { path: PathBuf, line: usize, message: String },
    /// Its IPFS gateway can never be asked.
    #[error("--external-chains {}: actions.ipfs-gateway: {reason}", path.display())]
    Gateway { path: PathBuf, reason: EgressError },
    /// One of its endpoints can never be asked.
    #[error("--external-chains {}: endpoint {number}, of chain `{}`: {reason}", path.display(), chain.escape_default())]
    Endpoint { path: PathBuf, number: usize, chain: String, reason: Reason },
    /// Somebody else would vouch for logins.
    #[error(
        "--external-chains {}: `stand-ins` are for development chains: they would let in whom no login provider knows",
        path.display()
    )]
    StandIns { path: PathBuf },
    /// A stand-in can never be asked.
    #[error("--external-chains {}: stand-ins: {error}", path.display())]
    StandIn { path: PathBuf, error: EgressError },
}

/// Why an endpoint can never be asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("chain: expected 1 to 32 ASCII letters, digits, `-`, `_` and `.`, as the registry of external chains has it")]
    Name,
    #[error("url: {0}")]
    Egress(#[from] EgressError),
    #[error("url: plain HTTP to `{0}` is not allowed; use HTTPS, or add it to `allowed-addresses`")]
    PlainHttp(SocketAddr),
    #[error("url: the chain has it already, and it would vote twice")]
    Twice,
    #[error("the chain has more than {MAX_ENDPOINTS} endpoints")]
    TooMany,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    allowed_addresses: Vec<SocketAddr>,
    #[serde(default)]
    endpoint: Vec<Entry>,
    #[serde(default)]
    actions: ForActions,
    /// By origin, as `https://discord.com`: who is asked in place of a login provider.
    #[serde(default)]
    stand_ins: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct ForActions {
    allowed_addresses: Vec<SocketAddr>,
    ipfs_gateway: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    chain: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// What is in the file at `path`; without a file no endpoints, and for actions the public internet.
pub(crate) fn load(path: Option<&Path>, is_production: bool) -> Result<Outside, ExternalChainsError> {
    let Some(path) = path else { return Ok(for_actions_alone(Vec::new())) };
    let unreadable = |error| ExternalChainsError::Unreadable { path: path.to_owned(), error };
    parse(path, &fs::read_to_string(path).map_err(unreadable)?, is_production)
}

/// No endpoints; for actions the public internet, and these addresses.
pub(crate) fn for_actions_alone(allowed_addresses: Vec<SocketAddr>) -> Outside {
    let actions = ForActions { allowed_addresses, ..ForActions::default() };
    outside(AllowedAddresses::default(), BTreeMap::new(), actions)
}

fn parse(path: &Path, text: &str, is_production: bool) -> Result<Outside, ExternalChainsError> {
    let file: File = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        ExternalChainsError::Syntax { path: path.to_owned(), line, message: error.message().to_owned() }
    })?;
    let allowed: BTreeSet<SocketAddr> = file.allowed_addresses.into_iter().collect();
    let mut chains: BTreeMap<ChainName, Vec<Endpoint>> = BTreeMap::new();
    for (entry, number) in file.endpoint.into_iter().zip(1..) {
        let chain = entry.chain.clone();
        add(entry, &allowed, &mut chains).map_err(|reason| ExternalChainsError::Endpoint {
            path: path.to_owned(),
            number,
            chain,
            reason,
        })?;
    }
    if let Some(gateway) = &file.actions.ipfs_gateway {
        // Of an action's programs, as of an endpoint: whether it can be asked at all.
        Endpoint::new(gateway.clone(), Vec::new())
            .map_err(|reason| ExternalChainsError::Gateway { path: path.to_owned(), reason })?;
    }
    if is_production && !file.stand_ins.is_empty() {
        return Err(ExternalChainsError::StandIns { path: path.to_owned() });
    }
    let outside = outside(AllowedAddresses::new(allowed), chains, file.actions);
    let unusable = |error| ExternalChainsError::StandIn { path: path.to_owned(), error };
    let endpoints = outside.endpoints.with_stand_ins(file.stand_ins).map_err(unusable)?;
    Ok(Outside { endpoints, ..outside })
}

fn add(
    entry: Entry,
    allowed: &BTreeSet<SocketAddr>,
    chains: &mut BTreeMap<ChainName, Vec<Endpoint>>,
) -> Result<(), Reason> {
    let of_chain = chains.entry(ChainName::new(&entry.chain).ok_or(Reason::Name)?).or_default();
    // A name is resolved when it is asked; an address can be told now.
    if let Some(address) = plain_http(&entry.url).filter(|address| !allowed.contains(address)) {
        return Err(Reason::PlainHttp(address));
    }
    let endpoint = Endpoint::new(entry.url, entry.headers.into_iter().collect())?;
    if of_chain.iter().any(|other| other.is_at_address_of(&endpoint)) {
        return Err(Reason::Twice);
    }
    if of_chain.len() >= MAX_ENDPOINTS {
        return Err(Reason::TooMany);
    }
    of_chain.push(endpoint);
    Ok(())
}

/// The address that a URL of plain HTTP has in place of a name.
fn plain_http(url: &str) -> Option<SocketAddr> {
    let authority = url.strip_prefix("http://")?.split(['/', '?', '#']).next()?;
    authority.parse().or_else(|_| format!("{authority}:80").parse()).ok()
}

fn outside(
    allowed: AllowedAddresses,
    chains: BTreeMap<ChainName, Vec<Endpoint>>,
    actions: ForActions,
) -> Outside {
    let ForActions { allowed_addresses, ipfs_gateway } = actions;
    Outside {
        endpoints: Endpoints::new(Egress::new(LIMITS, allowed), chains),
        actions: Egress::new(ACTION_LIMITS, AllowedAddresses::new(allowed_addresses)),
        ipfs_gateway,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match parse(Path::new("chains.toml"), text, true) {
            Ok(_) => panic!("taken: {text}"),
            Err(error) => error.to_string(),
        }
    }

    fn name(text: &str) -> ChainName {
        ChainName::new(text).expect("a name")
    }

    #[test]
    fn endpoints_should_be_counted_by_chain() {
        let text = r#"
            allowed-addresses = ["127.0.0.1:8545", "[::1]:8545"]
            [[endpoint]]
            chain = "ethereum"
            url = "https://one.example/v3/KEY"
            [[endpoint]]
            chain = "ethereum"
            url = "https://two.example"
            headers = { x-api-key = "KEY" }
            [[endpoint]]
            chain = "hardhat"
            url = "http://127.0.0.1:8545"
            [[endpoint]]
            chain = "hardhat"
            url = "http://geth:8545"
        "#;
        let endpoints = parse(Path::new("chains.toml"), text, true).expect("endpoints").endpoints;
        assert_eq!(["ethereum", "hardhat", "base"].map(|chain| endpoints.count(&name(chain))), [2, 2, 0]);
        assert!(!format!("{endpoints:?}").contains("KEY"));
        assert_eq!(load(None, true).expect("none").endpoints.count(&name("ethereum")), 0);
        assert_eq!(parse(Path::new("x"), "", true).expect("none").endpoints.count(&name("ethereum")), 0);
        let actions =
            "[actions]\nallowed-addresses = [\"127.0.0.1:80\"]\nipfs-gateway = \"http://127.0.0.1\"";
        let outside = parse(Path::new("x"), actions, true).expect("a gateway");
        assert_eq!(outside.ipfs_gateway.as_deref(), Some("http://127.0.0.1"));
    }

    #[test]
    fn stand_ins_should_be_for_development_alone() {
        let stand_in = "[stand-ins]\n\"https://discord.com\" = \"http://127.0.0.1:1\"\n";
        assert!(refusal(stand_in).contains("for development chains"));
        let parse = |text| parse(Path::new("chains.toml"), text, false);
        assert!(parse(stand_in).is_ok());
        assert!(parse("[stand-ins]\n\"discord.com\" = \"http://127.0.0.1:1\"\n").is_err());
        assert!(parse("[stand-ins]\n\"https://discord.com\" = \"127.0.0.1:1\"\n").is_err());
    }

    #[test]
    fn what_cannot_be_asked_should_be_refused_where_it_stands() {
        let endpoint =
            |chain: &str, url: &str| format!("[[endpoint]]\nchain = \"{chain}\"\nurl = \"{url}\"\n");
        let ten: String = (0..10).map(|i| endpoint("base", &format!("https://{i}.example"))).collect();
        let once = endpoint("base", "https://SECRET.example");
        let cases = [
            (endpoint("no name", "https://a.example"), "endpoint 1, of chain `no name`: chain: expected"),
            (endpoint("base", "a.example"), "endpoint 1, of chain `base`: url: expected"),
            (endpoint("base", "https://user:SECRET@a.example"), "without a user"),
            (endpoint("base", "http://10.0.0.1:8545"), "plain HTTP to `10.0.0.1:8545` is not allowed"),
            (endpoint("base", "http://10.0.0.1/x"), "plain HTTP to `10.0.0.1:80` is not allowed"),
            (once.clone() + &once, "endpoint 2, of chain `base`: url: the chain has it already"),
            (ten, "endpoint 10, of chain `base`: the chain has more than 9 endpoints"),
            (once.clone() + "key = 1\n", "line 4: unknown field `key`"),
            (once + "headers = { \"a b\" = \"SECRET\" }\n", "header `a b`: expected"),
            ("[[endpoint]]\nchain = \"base\"\n".into(), "line 1: missing field `url`"),
            ("\nallowed-addresses = [\"localhost:1\"]".into(), "line 2: invalid socket address"),
            ("\n\n[".into(), "line 3: "),
            ("[actions]\nipfs-gateway = \"ipfs.io\"".into(), "actions.ipfs-gateway: expected"),
            ("[actions]\nkey = 1".into(), "line 2: unknown field `key`"),
        ];
        for (text, expected) in cases {
            let message = refusal(&text);
            assert!(message.starts_with("--external-chains chains.toml"), "{message}");
            assert!(message.contains(expected) && !message.contains("SECRET"), "{message}");
        }
        let missing = load(Some(Path::new("/nowhere/chains.toml")), true).map(|_| ()).expect_err("no file");
        assert!(missing.to_string().contains("/nowhere/chains.toml"), "{missing}");
    }
}
