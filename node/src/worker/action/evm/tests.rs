use super::*;
use crate::worker::{action::ports::Web, metrics::Asks};
use base64ct::{Base64, Encoding};
use conclave_actions::{FetchRequest, Web as _};
use conclave_egress::{AllowedAddresses, Egress, Endpoint, Endpoints, Limits};
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

/// An endpoint with a key in its address, and what it was asked.
struct Node {
    external: ExternalChains,
    asked: Arc<Mutex<Vec<Value>>>,
}

/// A revert, as geth tells it.
const REVERT: &str = r#"{"code":3,"message":"execution reverted: no","data":"0x08c379a0"}"#;

impl Node {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
        let log = asked.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut text = String::new();
                let body = loop {
                    let mut chunk = [0; 4096];
                    let count = stream.read(&mut chunk).unwrap_or(0);
                    text.push_str(&String::from_utf8_lossy(&chunk[..count]));
                    let body = text.split_once("\r\n\r\n").map(|(_, body)| serde_json::from_str(body));
                    match body {
                        Some(Ok(body)) => break body,
                        _ if count == 0 => break Value::Null,
                        _ => {}
                    }
                };
                let answer = match body["method"].as_str() {
                    Some("eth_getTransactionCount") => r#"{"id":1,"result":"0x7"}"#.to_owned(),
                    Some("eth_blockNumber") => r#"{"id":1,"result":"0x10"}"#.to_owned(),
                    Some("eth_call") if body["params"][0]["data"] == "0x" => {
                        format!(r#"{{"id":1,"error":{REVERT}}}"#)
                    }
                    Some("eth_call") => r#"{"id":1,"result":"0x2a"}"#.to_owned(),
                    Some("eth_chainId") => "<html>".to_owned(),
                    _ => r#"{"id":1,"result":null}"#.to_owned(),
                };
                log.lock().push(body);
                let length = answer.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
                );
            }
        });
        Self { external: external(address, &format!("http://{address}/v3/SECRET")), asked }
    }

    async fn read(&self, operation: &str, argument: Value) -> Result<Value, String> {
        read(&self.external, operation, &argument).await.map_err(|error| error.to_string())
    }

    async fn fetch(&self, url: &str, method: &str, body: &Value) -> Result<Value, String> {
        let web = Web {
            egress: Arc::new(Egress::new(Limits::default(), AllowedAddresses::default())),
            external: self.external.clone(),
        };
        let request = FetchRequest {
            url: url.into(),
            method: method.into(),
            headers: Vec::new(),
            redirect: "follow".into(),
            body: Some(Base64::encode_string(body.to_string().as_bytes())),
        };
        let response = web.fetch(request).await.map_err(|error| error.to_string())?;
        assert_eq!((response.status, response.url.as_str()), (200, url));
        Ok(serde_json::from_slice(&Base64::decode_vec(&response.body).expect("base64")).expect("JSON"))
    }
}

fn external(address: SocketAddr, url: &str) -> ExternalChains {
    let chain = ChainName::new("ethereum").expect("a name");
    let endpoint = Endpoint::new(url.into(), Vec::new()).expect("an endpoint");
    let egress = Egress::new(Limits::default(), AllowedAddresses::new([address]));
    let endpoints = Endpoints::new(egress, BTreeMap::from([(chain, vec![endpoint])]));
    ExternalChains::new(endpoints, Asks::register(None).expect("no metrics"))
}

/// Legacy, without a chain: 1 wei and these bytes to 0xabab….
fn txn(data: &str) -> String {
    let to = "ab".repeat(20);
    match data {
        "" => format!("0xe007843b9aca0082520894{to}0180"),
        data => format!("0xe407843b9aca0082520894{to}0184{data}"),
    }
}

#[tokio::test]
async fn a_contract_should_be_called_at_the_latest_block_and_a_revert_told() {
    let node = Node::start();
    let call = |data: &str| json!({ "chain": "ethereum", "txn": txn(data) });
    assert_eq!(node.read("callContract", call("70a08231")).await, Ok(json!("0x2a")));
    let object = json!({ "to": format!("0x{}", "ab".repeat(20)), "value": "0x1", "data": "0x70a08231" });
    let asked = node.asked.lock().pop().expect("a call");
    assert_eq!((&asked["method"], &asked["params"]), (&json!("eth_call"), &json!([object, "latest"])));
    let reverted = node.read("callContract", call("")).await;
    assert_eq!(
        reverted,
        Err("chain `ethereum`: execution reverted: no, with 0x08c379a0".to_owned()),
        "a failure, and not an empty answer"
    );
    for (argument, expected) in [
        (json!({ "chain": "ethereum", "txn": "0x" }), "callContract: txn: expected a transaction"),
        (json!({ "chain": "no name", "txn": txn("") }), "callContract: chain: no name"),
        (json!({ "chain": "base", "txn": txn("") }), "no endpoint for chain `base`"),
    ] {
        let error = node.read("callContract", argument).await.expect_err(expected);
        assert!(error.contains(expected), "{error}");
    }
    let address = format!("0x{}", "cd".repeat(20));
    let nonce = node.read("getLatestNonce", json!({ "chain": "ethereum", "address": address })).await;
    assert_eq!(nonce, Ok(json!("0x7")));
    let short = node.read("getLatestNonce", json!({ "chain": "ethereum", "address": "0xcd" })).await;
    assert_eq!(short, Err("getLatestNonce: address: not 20 bytes".to_owned()));
}

#[tokio::test]
async fn the_url_of_a_chain_should_answer_reads_and_hide_the_endpoint() {
    let node = Node::start();
    let url = node.read("getRpcUrl", json!({ "chain": "ethereum" })).await.expect("a URL");
    let url = url.as_str().expect("text");
    assert_eq!(url, "https://rpc.conclave.invalid/ethereum");
    let call =
        |id: Value, method: &str| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": [] });

    let single = node.fetch(url, "POST", &call(json!(42), "eth_blockNumber")).await;
    assert_eq!(single, Ok(json!({ "jsonrpc": "2.0", "id": 42, "result": "0x10" })));
    let reverting = json!({ "id": "x", "method": "eth_call", "params": [{ "data": "0x" }, "latest"] });
    let batch = json!([
        call(json!(1), "eth_blockNumber"),
        reverting,
        call(json!(3), "eth_sign"),
        call(json!(4), "eth_chainId"),
        call(json!(5), "eth_getTransactionReceipt"),
        json!({ "method": "eth_call", "params": {} }),
        json!(7),
    ]);
    let answers = node.fetch(url, "POST", &batch).await.expect("answers");
    let revert: Value = serde_json::from_str(REVERT).expect("JSON");
    assert_eq!(answers[0]["result"], "0x10");
    assert_eq!(answers[1], json!({ "jsonrpc": "2.0", "id": "x", "error": revert }));
    assert_eq!((&answers[2]["id"], &answers[2]["error"]["code"]), (&json!(3), &json!(-32_601)));
    assert_eq!(answers[3]["error"]["message"], "the endpoint answers no JSON-RPC");
    assert_eq!(answers[4], json!({ "jsonrpc": "2.0", "id": 5, "result": null }), "no receipt yet");
    assert_eq!(
        (&answers[5]["error"]["code"], &answers[6]["error"]["code"]),
        (&json!(-32_600), &json!(-32_600))
    );
    assert!(!answers.to_string().contains("SECRET"));
    let methods: Vec<_> = node.asked.lock().iter().map(|body| body["method"].clone()).collect();
    assert!(!methods.contains(&json!("eth_sign")) && methods.len() == 5, "{methods:?}");

    assert!(
        !rpc::is_at("https://ethereum.rpc.conclave.invalid/") && !rpc::is_at("https://rpc.conclave.example/")
    );
    let many = Value::Array(vec![call(json!(1), "eth_blockNumber"); 17]);
    for (url, method, body, expected) in [
        (url, "GET", json!(1), "takes POST"),
        (url, "POST", json!([]), "1 to 16 calls"),
        (url, "POST", many, "1 to 16 calls"),
        (url, "POST", json!("x".repeat(1 << 20)), "longer than 1048576 bytes"),
        ("https://rpc.conclave.invalid/base", "POST", json!(1), "no endpoint for chain `base`"),
        ("https://rpc.conclave.invalid/", "POST", json!(1), "no name of a chain"),
        ("https://rpc.conclave.invalid/ethereum?x", "POST", json!(1), "no name of a chain"),
    ] {
        let error = node.fetch(url, method, &body).await.expect_err(expected);
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn an_endpoint_that_fails_should_not_be_named() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    for (address, url) in
        [(nobody, format!("http://{nobody}/v3/SECRET")), (nobody, "https://SECRET.rpc.invalid/".to_owned())]
    {
        let external = external(address, &url);
        let argument = json!({ "chain": "ethereum", "txn": txn("") });
        let error = read(&external, "callContract", &argument).await.expect_err("nobody answers").to_string();
        assert_eq!(error, "chain `ethereum`: the endpoint fails");
    }
}
