//! What peers send.

use codec::{DecodeAll, Encode};
use conclave_primitives::{Curve, Scheme, SessionId};
use conclave_worker::{Body, Frame, FrameError, Start, Task};
use std::{collections::BTreeMap, sync::OnceLock};

use crate::fixture::{frame as sign, index, request, transport, ATTEMPT, FINALIZED, GENESIS};

/// Any bytes, as of a peer's channel.
pub(crate) fn frame(input: &[u8]) {
    let (peer, me) = (transport(2), transport(1));
    if let Ok(frame) = Frame::decode_all(&mut &*input) {
        assert_eq!(frame.encode(), input, "one frame, one encoding");
    }
    if let Ok((frame, body)) = Frame::open(input, &peer, &me, &GENESIS) {
        assert_eq!((frame.encode().as_slice(), &frame.payload), (input, &body.encode()));
        // What opens for us opens for nobody else, from nobody else, on no other chain.
        assert_eq!(Frame::open(input, &me, &me, &GENESIS).map(|_| ()), Err(FrameError::Spoofed));
        assert_eq!(Frame::open(input, &peer, &peer, &GENESIS).map(|_| ()), Err(FrameError::Misaddressed));
        assert_eq!(Frame::open(input, &peer, &me, &[8; 32]).map(|_| ()), Err(FrameError::BadSignature));
    }
}

/// Any bytes, as the content of a frame that is well signed.
pub(crate) fn body(input: &[u8]) {
    let Ok(body) = Body::decode_all(&mut &*input) else { return };
    assert_eq!(body.encode(), input, "one body, one encoding");
    let frame = sign(2, 1, SessionId([5; 32]), 1, &body);
    match Frame::open(&frame.encode(), &transport(2), &transport(1), &GENESIS) {
        Ok((_, opened)) => assert_eq!(opened, body),
        Err(error) => assert!(matches!(error, FrameError::TooLong(_)), "{error}"),
    }
}

pub(crate) fn start(task: Task, boots: Vec<[u8; 32]>) -> Body {
    let quorum = vec![index(1), index(2)];
    Body::Start(Box::new(Start { task, committee: ATTEMPT, attempt: 0, quorum, boots, finalized: FINALIZED }))
}

pub(crate) fn start_pair(nonce: u8) -> Body {
    Body::StartPair { attempt: ATTEMPT, curve: Curve::Secp256k1, nonce: [nonce; 32], boot: [0; 32] }
}

/// What tests/vectors/formats.json pins under this name, in hex.
pub(crate) fn format(name: &str) -> &'static str {
    &formats()[name]
}

fn formats() -> &'static BTreeMap<String, String> {
    static FORMATS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    FORMATS.get_or_init(|| {
        serde_json::from_str(include_str!("../../../vectors/formats.json")).expect("names and hex")
    })
}

/// One of every kind, as pinned; and those that name the committee of these tests.
fn all() -> Vec<Body> {
    let (sign, authorisation) = request(Scheme::Ed25519, 1);
    let pinned = formats().iter().filter(|(name, _)| name.starts_with("body/")).map(|(name, digits)| {
        let bytes = hex::decode(digits).expect("hex");
        Body::decode_all(&mut bytes.as_slice()).unwrap_or_else(|error| panic!("{name}: {error}"))
    });
    let own = [
        start(Task::Sign(sign, authorisation.into()), vec![[1; 32]; 2]),
        start(Task::Activate(ATTEMPT), vec![[1; 32]; 2]),
        start_pair(1),
        Body::Flight(vec![1; 64]),
    ];
    own.into_iter().chain(pinned).collect()
}

pub(crate) fn bodies() -> Vec<Vec<u8>> {
    all().iter().map(Encode::encode).collect()
}

pub(crate) fn frames() -> Vec<Vec<u8>> {
    all().iter().map(|body| sign(2, 1, SessionId([5; 32]), 1, body).encode()).collect()
}
