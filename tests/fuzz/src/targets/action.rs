//! What parent and child of the action executor say to each other: the child may be in an attacker's hands, and the parent
//! in a hurry.

use codec::{DecodeAll, Encode};
use conclave_action_executor::{read_frame, MAX_FRAME_BYTES};
use conclave_actions::{Cid, Command, Failure, Inputs, Limits, Outcome, Reply};

fn exact<M: DecodeAll + Encode>(input: &[u8]) {
    if let Ok(message) = M::decode_all(&mut &*input) {
        assert_eq!(message.encode(), input, "one message, one encoding");
    }
    // The same in a frame; a length that promises more than comes is an error.
    if let Ok(Some(message)) = read_frame::<M>(input, MAX_FRAME_BYTES) {
        assert_eq!(input.get(4..4 + message.encoded_size()), Some(message.encode().as_slice()));
    }
}

pub(crate) fn reply(input: &[u8]) {
    exact::<Reply>(input);
}

pub(crate) fn replies() -> Vec<Vec<u8>> {
    let call = conclave_actions::Call { id: 1, operation: "fetch".into(), argument: b"{}".to_vec(), line: 3 };
    let outcome = |result| Outcome { result, response: Some("x".into()), logs: "y".into(), fuel: 7 };
    let replies = [
        Reply::Waiting { fuel: 9, calls: vec![call] },
        Reply::Done(outcome(Ok(()))),
        Reply::Done(outcome(Err(Failure::Thrown { error: "e".into() }))),
    ];
    replies.iter().flat_map(|reply| [reply.encode(), framed(&reply.encode())]).collect()
}

pub(crate) fn command(input: &[u8]) {
    exact::<Command>(input);
}

pub(crate) fn commands() -> Vec<Vec<u8>> {
    let inputs = Inputs { configuration: "{}".into(), now_us: 1, seed: 2, entropy: [3; 32] };
    let begin =
        Command::Begin { execution: 0, code: b"1".to_vec(), inputs, limits: Limits::default(), time_ms: 9 };
    let answer = Command::Answer { execution: 0, call: 0, answer: Ok(vec![1]), fuel: 9, time_ms: 9 };
    let end = Command::End { execution: 0, failure: Failure::NeverSettles };
    [begin, answer, end].iter().flat_map(|command| [command.encode(), framed(&command.encode())]).collect()
}

/// Content ids as text.
pub(crate) fn cid(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(cid) = text.parse::<Cid>() {
        assert_eq!(cid.to_string(), text, "one id, one text");
    }
}

pub(crate) fn cids() -> Vec<Vec<u8>> {
    [b"".as_slice(), b"hello"].iter().map(|content| Cid::of(content).to_string().into_bytes()).collect()
}

fn framed(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes(), bytes].concat()
}
