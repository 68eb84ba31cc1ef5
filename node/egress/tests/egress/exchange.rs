use super::server::{egress, respond, Server};
use conclave_egress::{AllowedAddresses, Egress, EgressError, Exchange, Limits, Redirects};

fn request(method: &str, url: String) -> Exchange {
    Exchange { method: method.into(), url, headers: Vec::new(), body: None, redirects: Redirects::Follow }
}

#[test]
fn any_method_and_status_should_come_back_whole() {
    let server =
        Server::start(|stream, _| respond(stream, "404 Not Found", "X-Kind: none\r\n", "nothing here"));
    let egress = egress(Limits::default(), &[&server]);
    let headers = vec![("X-Mine".into(), "1".into()), ("Host".into(), "elsewhere".into())];
    let put = Exchange { headers, body: Some(b"abc".to_vec()), ..request("PUT", server.url("/a")) };
    let answer = egress.exchange(&put).expect("an answer");
    assert_eq!((answer.status, answer.reason, answer.redirected), (404, "Not Found", false));
    assert_eq!(answer.body, b"nothing here");
    assert!(answer.headers.contains(&("x-kind".into(), "none".into())), "{:?}", answer.headers);
    let requests = server.requests.lock().expect("a log");
    let sent = requests[0].to_lowercase();
    assert!(sent.starts_with("put /a http/1.1\r\n") && sent.ends_with("abc"), "{sent}");
    assert!(sent.contains("x-mine: 1") && !sent.contains("elsewhere"), "{sent}");
}

#[test]
fn redirects_should_be_followed_refused_or_returned_as_asked() {
    let end = Server::answering("the end");
    let server = Server::redirecting(end.url("/"));
    // Another origin: only what is public may be reached there, whatever the operator allows.
    let both = egress(Limits::default(), &[&server, &end]);
    let refused = both.exchange(&request("GET", server.url("/")));
    assert!(matches!(refused, Err(EgressError::Forbidden { .. })), "{refused:?}");
    assert_eq!(end.connections(), 0);
    let returned =
        both.exchange(&Exchange { redirects: Redirects::Return, ..request("GET", server.url("/")) });
    assert_eq!(returned.map(|answer| answer.status), Ok(302));
    let failed = both.exchange(&Exchange { redirects: Redirects::Refuse, ..request("GET", server.url("/")) });
    assert!(matches!(failed, Err(EgressError::Redirected(_))), "{failed:?}");

    let server = Server::start(|stream, request| {
        if request.starts_with("POST / ") {
            respond(stream, "302 Found", "location: /there\r\n", "");
        } else {
            respond(stream, "200 OK", "", request.lines().next().unwrap_or_default());
        }
    });
    let own = egress(Limits::default(), &[&server]);
    let post = Exchange { body: Some(b"abc".to_vec()), ..request("POST", server.url("/")) };
    let answer = own.exchange(&post).expect("an answer");
    assert!(answer.redirected && answer.url.ends_with("/there"), "{answer:?}");
    assert_eq!(answer.body, b"GET /there HTTP/1.1", "a POST that is led on becomes a GET");
}

#[test]
fn an_action_should_reach_nothing_internal_and_say_nothing_of_the_connection() {
    let server = Server::answering("secret");
    let public = Egress::new(Limits::default(), AllowedAddresses::default());
    let refused = public.exchange(&request("GET", server.url("/")));
    assert!(matches!(refused, Err(EgressError::Forbidden { .. })), "{refused:?}");
    assert_eq!(server.connections(), 0);
    for method in ["CONNECT", "TRACE", "G E T", ""] {
        assert!(public.exchange(&request(method, "https://example.com/".into())).is_err(), "{method}");
    }
    for url in ["file:///etc/passwd", "gopher://a/", "https://user@example.com/", "/a"] {
        assert!(public.exchange(&request("GET", url.into())).is_err(), "{url}");
    }
    let long = egress(Limits { bytes: 3, ..Limits::default() }, &[&server]);
    assert_eq!(long.exchange(&request("GET", server.url("/"))), Err(EgressError::TooLong(3)));
}
