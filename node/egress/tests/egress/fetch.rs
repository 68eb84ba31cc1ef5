use super::server::{egress, respond, Server};
use conclave_conditions::{Found, QueryFailure, Request};
use conclave_egress::{AllowedAddresses, Egress, EgressError, Endpoint, Endpoints, Limits, Outgoing};
use conclave_primitives::conditions::ChainName;
use std::{
    collections::BTreeMap,
    io::Write,
    net::TcpListener,
    time::{Duration, Instant},
};

fn get(egress: &Egress, url: &str) -> Result<Vec<u8>, EgressError> {
    egress.fetch(&Outgoing { url, headers: &[], body: None })
}

#[test]
fn an_allowed_server_should_be_asked() {
    let server = Server::answering("hello");
    let egress = egress(Limits::default(), &[&server]);
    assert_eq!(get(&egress, &server.url("/a?b=c")), Ok(b"hello".to_vec()));
    let post = Outgoing { url: &server.url("/rpc"), headers: &[("x-api-key", "k")], body: Some("{}") };
    assert_eq!(egress.fetch(&post), Ok(b"hello".to_vec()));
    let requests = server.requests.lock().expect("a log");
    assert!(requests[0].starts_with("GET /a?b=c HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(
        requests[1].starts_with("POST /rpc HTTP/1.1\r\n") && requests[1].ends_with("{}"),
        "{}",
        requests[1]
    );
    assert!(requests[1].contains("x-api-key: k"));
    assert!(!requests[0].to_lowercase().contains("accept-encoding: gzip"));
}

/// Every way of writing an internal address, and every scheme: nothing arrives at the server.
#[test]
fn internal_addresses_should_be_refused() {
    let server = Server::answering("secret");
    let port = server.address.port();
    let public = Egress::new(
        Limits { time: Duration::from_secs(3), ..Limits::default() },
        AllowedAddresses::default(),
    );
    let hosts = [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "127.0.0.1.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[0:0:0:0:0:0:0:1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[fc00::1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
    ];
    let mut refused = 0;
    for host in hosts {
        for scheme in ["http", "https"] {
            let outcome = get(&public, &format!("{scheme}://{host}:{port}/"));
            match outcome {
                Err(EgressError::Forbidden { .. }) => refused += 1,
                // Some spellings no resolver knows: nothing is asked either.
                Err(
                    EgressError::UnknownHost { .. } | EgressError::Connection(_) | EgressError::InvalidUrl(_),
                ) => {}
                other => panic!("{scheme}://{host}: {other:?}"),
            }
        }
    }
    assert!(refused >= 50, "{refused} refused");
    assert_eq!(server.connections(), 0);
    // Public, but in the clear.
    assert!(matches!(get(&public, "http://1.1.1.1/"), Err(EgressError::Forbidden { .. })));
    for url in [
        "",
        "/",
        "host",
        "//host/",
        "ftp://1.1.1.1/",
        "file:///etc/passwd",
        "gopher://1.1.1.1:70/",
        "unix:/run/x",
        "data:,x",
        "https://user@1.1.1.1/",
        "https://user:pass@1.1.1.1/",
        "https:///path",
        "https://",
        "ws://1.1.1.1/",
        "https://1.1.1.1:99999/",
        "https://a b/",
    ] {
        assert!(
            matches!(get(&public, url), Err(EgressError::InvalidUrl(_) | EgressError::Connection(_))),
            "{url}"
        );
    }
}

/// Only the very address and port that is allowed.
#[test]
fn another_port_should_be_refused() {
    let (allowed, other) = (Server::answering("a"), Server::answering("b"));
    let egress = egress(Limits::default(), &[&allowed]);
    assert!(matches!(get(&egress, &other.url("/")), Err(EgressError::Forbidden { .. })));
    assert_eq!(other.connections(), 0);
    // A name that resolves to addresses of which not all are allowed: `localhost` has ::1, too, on most machines.
    let name = format!("http://localhost:{}/", other.address.port());
    assert!(matches!(get(&egress, &name), Err(EgressError::Forbidden { .. })));
}

#[test]
fn redirects_inward_should_be_refused() {
    let inner = Server::answering("secret");
    for target in [
        inner.url("/"),
        format!("http://localhost:{}/", inner.address.port()),
        format!("https://{}/", inner.address),
        "http://169.254.169.254/latest/meta-data".to_string(),
        "https://[::1]/".to_string(),
    ] {
        let outer = Server::redirecting(target.clone());
        // Even what the operator allows is not allowed to somebody else who redirects there.
        let egress = egress(Limits::default(), &[&outer, &inner]);
        let outcome = get(&egress, &outer.url("/"));
        assert!(matches!(outcome, Err(EgressError::Forbidden { .. })), "{target}: {outcome:?}");
        assert_eq!(outer.connections(), 1, "the redirect was never sent");
    }
    assert_eq!(inner.connections(), 0);
    for (target, expected) in [
        ("file:///etc/passwd", "InvalidUrl"),
        ("//127.0.0.1/", "InvalidUrl"),
        ("https://a@1.1.1.1/", "InvalidUrl"),
    ] {
        let outer = Server::redirecting(target.into());
        let outcome = get(&egress(Limits::default(), &[&outer]), &outer.url("/"));
        assert!(format!("{outcome:?}").contains(expected), "{target}: {outcome:?}");
    }
}

#[test]
fn redirects_within_the_origin_should_be_followed_a_few_times() {
    let server = Server::start(|stream, request| match request.split(' ').nth(1) {
        Some("/end") => respond(stream, "200 OK", "", "end"),
        Some("/loop") => respond(stream, "307 Temporary Redirect", "location: /loop\r\n", ""),
        Some("/none") => respond(stream, "302 Found", "", ""),
        _ => respond(stream, "301 Moved Permanently", "location: /end\r\n", ""),
    });
    let egress = egress(Limits::default(), &[&server]);
    assert_eq!(get(&egress, &server.url("/start")), Ok(b"end".to_vec()));
    let before = server.connections();
    assert_eq!(get(&egress, &server.url("/loop")), Err(EgressError::Redirected("too often")));
    assert_eq!(server.connections() - before, 4);
    assert_eq!(get(&egress, &server.url("/none")), Err(EgressError::Redirected("without a location")));
    let post = Outgoing { url: &server.url("/start"), headers: &[], body: Some("{}") };
    assert!(matches!(egress.fetch(&post), Err(EgressError::Redirected(_))));
}

#[test]
fn long_answers_should_be_cut_off() {
    let limits = Limits { bytes: 1_000, ..Limits::default() };
    let declared = Server::start(|stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
        while stream.write_all(&[b'a'; 4096]).is_ok() {}
    });
    let chunked = Server::start(|stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        while stream.write_all(b"5\r\naaaaa\r\n").is_ok() {}
    });
    let exact = Server::start(|stream, _| respond(stream, "200 OK", "", &"a".repeat(1_000)));
    let head = Server::start(|stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n", "a".repeat(100_000));
    });
    for server in [&declared, &chunked] {
        assert_eq!(get(&egress(limits, &[server]), &server.url("/")), Err(EgressError::TooLong(1_000)));
    }
    assert_eq!(get(&egress(limits, &[&exact]), &exact.url("/")).map(|body| body.len()), Ok(1_000));
    assert!(get(&egress(limits, &[&head]), &head.url("/")).is_err());
}

#[test]
fn slow_answers_should_end_in_time() {
    let limits = Limits { time: Duration::from_millis(700), ..Limits::default() };
    let silent = Server::start(|_, _| std::thread::sleep(Duration::from_secs(5)));
    let drop_by_drop = Server::start(|stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
        while stream.write_all(b"a").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let circling = Server::start(|stream, _| {
        std::thread::sleep(Duration::from_millis(300));
        respond(stream, "302 Found", "location: /\r\n", "");
    });
    for server in [&silent, &drop_by_drop, &circling] {
        let started = Instant::now();
        assert_eq!(get(&egress(limits, &[server]), &server.url("/")), Err(EgressError::TimedOut));
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
        assert!(server.connections() > 0);
    }
}

#[test]
fn what_is_no_success_should_fail() {
    for status in ["500 Oops", "404 Not Found", "201 Created", "204 No Content"] {
        let server = Server::start(move |stream, _| respond(stream, status, "", ""));
        let code: u16 = status[..3].parse().expect("a number");
        let outcome = get(&egress(Limits::default(), &[&server]), &server.url("/"));
        assert_eq!(outcome, Err(EgressError::Status(code)));
    }
    let garbage = Server::start(|stream, _| {
        let _ = stream.write_all(b"\x00\xff nonsense\r\n\r\n");
    });
    assert!(matches!(
        get(&egress(Limits::default(), &[&garbage]), &garbage.url("/")),
        Err(EgressError::Connection(_))
    ));
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let egress = Egress::new(Limits::default(), AllowedAddresses::new([closed]));
    assert!(matches!(get(&egress, &format!("http://{closed}/")), Err(EgressError::Connection(_))));
}

#[test]
fn endpoints_should_answer_conditions() {
    let (rpc, rest) = (Server::answering("{}"), Server::answering("[]"));
    let name = |text| ChainName::new(text).expect("a name");
    let endpoint =
        |url: String| Endpoint::new(url, vec![("x-api-key".into(), "secret".into())]).expect("an endpoint");
    let egress = egress(Limits::default(), &[&rpc, &rest]);
    let chains = BTreeMap::from([
        (name("base"), vec![endpoint(rpc.url("/v1"))]),
        (name("cosmos"), vec![endpoint(rest.url("/")), endpoint("http://10.0.0.1/".into())]),
    ]);
    let endpoints = Endpoints::new(egress, chains);
    assert_eq!([endpoints.count(&name("base")), endpoints.count(&name("cosmos"))], [1, 2]);
    assert_eq!(endpoints.count(&name("polkadot")), 0);
    let call = Request::Rpc { method: "eth_chainId".into(), params: "[]".into() };
    assert_eq!(endpoints.answer(&name("base"), 0, &call), Ok(Found::Body(b"{}".to_vec())));
    assert!(rpc.requests.lock().expect("a log")[0]
        .contains(r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"#));
    let path = Request::Get { path: "/cosmos/x".into(), height: Some(7) };
    assert_eq!(endpoints.answer(&name("cosmos"), 0, &path), Ok(Found::Body(b"[]".to_vec())));
    let request = rest.requests.lock().expect("a log")[0].clone();
    assert!(
        request.starts_with("GET /cosmos/x ") && request.contains("x-cosmos-block-height: 7"),
        "{request}"
    );
    assert!(matches!(endpoints.answer(&name("cosmos"), 1, &path), Err(QueryFailure::Refused(_))));
    assert_eq!(endpoints.answer(&name("cosmos"), 2, &path), Err(QueryFailure::Unsupported));
    assert!(!format!("{endpoints:?}").contains("secret"));
}

#[test]
fn what_cannot_be_asked_should_be_no_endpoint() {
    let endpoint = |url: &str, name: &str, value: &str| {
        Endpoint::new(url.into(), vec![(name.into(), value.into())]).map(|_| ())
    };
    assert_eq!(endpoint("https://host/path", "x-api-key", "k"), Ok(()));
    for url in ["host", "ftp://host/", "https://user@host/", "https://"] {
        assert!(matches!(endpoint(url, "x", "y"), Err(EgressError::InvalidUrl(_))), "{url}");
    }
    for (name, value) in [("", "y"), ("a b", "y"), ("x\n", "y"), ("x", "y\r\nz: 1")] {
        let refused = endpoint("https://host/", name, value);
        assert!(matches!(refused, Err(EgressError::InvalidHeader(_))), "{name:?}: {value:?}");
    }
}

#[test]
fn a_stand_in_should_be_asked_in_place_of_its_provider_alone() {
    let server = Server::answering("{}");
    let stand_ins = BTreeMap::from([("https://10.0.0.1".to_owned(), server.url(""))]);
    let endpoints = Endpoints::new(egress(Limits::default(), &[&server]), BTreeMap::new());
    let endpoints = endpoints.with_stand_ins(stand_ins).expect("addresses");
    assert_eq!(endpoints.get("https://10.0.0.1/oauth2/@me", Some("token")), Ok(b"{}".to_vec()));
    let asked = server.requests.lock().expect("a log").join("\n");
    assert!(asked.starts_with("GET /oauth2/@me HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains("authorization: bearer token"), "{asked}");
    let other = endpoints.get("https://10.0.0.11/oauth2/@me", Some("token"));
    assert!(matches!(other, Err(EgressError::Forbidden { .. })), "{other:?}");
    assert_eq!(server.connections(), 1);
}
