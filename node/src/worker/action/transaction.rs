//! An unsigned transaction of Ethereum as `callContract` takes it, as far as a call needs it: to whom, what, with how much.

use alloy_rlp::Header;

/// What is not signed, in the order of its type; of the rest, only the form is looked at. Whoever calls pays no gas.
const LEGACY: &[&str] = &["nonce", "gasPrice", "gasLimit", "to", "value", "data"];
/// EIP-2930.
const WITH_ACCESS_LIST: &[&str] =
    &["chainId", "nonce", "gasPrice", "gasLimit", "to", "value", "data", "accessList"];
/// EIP-1559.
const WITH_DYNAMIC_FEE: &[&str] = &[
    "chainId",
    "nonce",
    "maxPriorityFeePerGas",
    "maxFeePerGas",
    "gasLimit",
    "to",
    "value",
    "data",
    "accessList",
];

/// Why bytes are no unsigned transaction that calls somebody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TransactionError {
    #[error("expected hex digits after 0x")]
    NotHex,
    #[error("expected a transaction of type 0 (a list), 1 or 2")]
    UnknownType,
    #[error("{field}: {error}")]
    Rlp { field: &'static str, error: alloy_rlp::Error },
    #[error("{0}: expected a number of at most 32 bytes, without leading zeros")]
    Number(&'static str),
    #[error("to: expected 20 bytes: a call is to a contract")]
    To,
    #[error("it is signed, or has more fields than an unsigned one: give it unsigned")]
    Signed,
}

/// What is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ContractCall {
    pub(super) to: [u8; 20],
    /// Big endian, without leading zeros.
    pub(super) value: Vec<u8>,
    pub(super) data: Vec<u8>,
}

impl ContractCall {
    /// Reads the hex of an unsigned transaction, strictly: one encoding for one meaning.
    pub(super) fn parse(txn: &str) -> Result<Self, TransactionError> {
        let digits = txn.strip_prefix("0x").ok_or(TransactionError::NotHex)?;
        let bytes = hex::decode(digits).map_err(|_| TransactionError::NotHex)?;
        let (fields, mut rest) = match bytes.split_first() {
            Some((1, rest)) => (WITH_ACCESS_LIST, rest),
            Some((2, rest)) => (WITH_DYNAMIC_FEE, rest),
            Some((0xc0.., _)) => (LEGACY, bytes.as_slice()),
            _ => return Err(TransactionError::UnknownType),
        };
        let mut list = item("transaction", true, &mut rest)?;
        let mut call = Self::default();
        for field in fields {
            let bytes = item(field, *field == "accessList", &mut list)?;
            match *field {
                "to" => call.to = bytes.try_into().map_err(|_| TransactionError::To)?,
                "data" => call.data = bytes.to_vec(),
                "accessList" => {}
                "value" => call.value = number(field, bytes)?.to_vec(),
                _ => drop(number(field, bytes)?),
            }
        }
        // EIP-155: the chain's id, and nothing in place of r and s.
        if fields == LEGACY && !list.is_empty() {
            number("chainId", item("chainId", false, &mut list)?)?;
            let unsigned = item("r", false, &mut list)?.is_empty() && item("s", false, &mut list)?.is_empty();
            if !unsigned {
                return Err(TransactionError::Signed);
            }
        }
        if list.is_empty() && rest.is_empty() {
            Ok(call)
        } else {
            Err(TransactionError::Signed)
        }
    }
}

fn item<'a>(field: &'static str, is_list: bool, bytes: &mut &'a [u8]) -> Result<&'a [u8], TransactionError> {
    Header::decode_bytes(bytes, is_list).map_err(|error| TransactionError::Rlp { field, error })
}

fn number<'a>(field: &'static str, bytes: &'a [u8]) -> Result<&'a [u8], TransactionError> {
    match bytes {
        [0, ..] => Err(TransactionError::Number(field)),
        _ if bytes.len() > 32 => Err(TransactionError::Number(field)),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By ethers 6.17 (`Transaction.from(…).unsignedSerialized`), but for the first, which ethers 5.7.2 makes: no chain.
    /// balanceOf(0x11…) of 0xabab…, gas 21,000, one wei.
    const DATA: &str = "70a082310000000000000000000000001111111111111111111111111111111111111111";
    const TO: &str = "abababababababababababababababababababab";

    fn parse(bytes: &str) -> Result<ContractCall, TransactionError> {
        ContractCall::parse(&format!("0x{bytes}"))
    }

    fn list(payload: &str) -> String {
        match payload.len() / 2 {
            length @ ..56 => format!("{:02x}{payload}", 0xc0 + length),
            length => format!("f8{length:02x}{payload}"),
        }
    }

    #[test]
    fn each_type_should_be_read_unsigned() {
        let tail = format!("94{TO}01a4{DATA}");
        let legacy = format!("07843b9aca00825208{tail}");
        let expected = ContractCall { to: [0xab; 20], value: vec![1], data: hex::decode(DATA).expect("hex") };
        for unsigned in [
            list(&legacy),
            list(&format!("{legacy}018080")),
            format!("01{}", list(&format!("01{legacy}c0"))),
            format!("02{}", list(&format!("0107843b9aca00850ba43b7400825208{tail}c0"))),
        ] {
            assert_eq!(parse(&unsigned), Ok(expected.clone()), "{unsigned}");
        }
        // By ethers 6.17, as in the examples: 0.4 ether to 0xabab…, without data.
        let sent = "02f00107843b9aca00850ba43b740082520894abababababababababababababababababababab88058d15e17628000080c0";
        let call = parse(sent).expect("a transaction");
        assert_eq!((hex::encode(call.value), call.data.len()), ("058d15e176280000".into(), 0));
    }

    #[test]
    fn what_is_no_unsigned_call_should_be_refused_by_field() {
        let tail = format!("94{TO}01a4{DATA}");
        let legacy = format!("07843b9aca00825208{tail}");
        let with = |nonce: &str, to: &str| list(&format!("{nonce}843b9aca00825208{to}01a4{DATA}"));
        let to = format!("94{TO}");
        let cut = list(&legacy);
        let cases = [
            (String::new(), "expected a transaction of type 0"),
            ("03c0".into(), "expected a transaction of type 0"),
            ("c0".into(), "nonce: input too short"),
            (cut[..cut.len() - 2].into(), "transaction: input too short"),
            (format!("{}00", list(&legacy)), "signed, or has more"),
            (list(&format!("{legacy}25a0{0}a0{0}", "11".repeat(32))), "signed"),
            (list(&format!("{legacy}01808080")), "signed, or has more"),
            (format!("02{}", list(&format!("0107843b9aca00850ba43b7400825208{tail}c08080"))), "signed, or"),
            (with("00", &to), "nonce: expected a number"),
            (with("8107", &to), "nonce: non-canonical single byte"),
            (with("c0", &to), "nonce: unexpected list"),
            (with("07", "80"), "to: expected 20 bytes"),
            (with("07", &format!("93{}", &TO[2..])), "to: expected 20 bytes"),
            (format!("01{}", list(&format!("01{legacy}80"))), "accessList: unexpected string"),
        ];
        for (bytes, expected) in cases {
            let error = parse(&bytes).expect_err(&bytes).to_string();
            assert!(error.contains(expected), "{bytes}: {error}, not {expected}");
        }
        assert_eq!(ContractCall::parse(&cut), Err(TransactionError::NotHex));
        assert_eq!(ContractCall::parse("0xzz"), Err(TransactionError::NotHex));
    }
}
