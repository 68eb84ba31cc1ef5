//! Content ids against those of the npm importer (`tests/vectors/action-cids.json`).

use conclave_actions::{Cid, InvalidCid};
use serde_json::Value;

/// Byte i is the low byte of i² + i / 251.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i.wrapping_mul(i) + i / 251) as u8).collect()
}

#[test]
fn content_ids_should_be_those_of_the_npm_importer() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/action-cids.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let content = match case["text"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => bytes(case["length"].as_u64().unwrap() as usize),
        };
        let cid = Cid::of(&content);
        assert_eq!(cid.to_string(), case["cid"].as_str().unwrap(), "{} bytes", content.len());
        assert_eq!(cid.to_string().parse(), Ok(cid));
    }
}

#[test]
fn what_is_no_content_id_should_be_refused() {
    for text in [
        "",
        "Qm",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
        &"1".repeat(46),
        &"Q".repeat(46),
    ] {
        assert_eq!(text.parse::<Cid>(), Err(InvalidCid), "{text}");
    }
}
