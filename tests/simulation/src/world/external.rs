//! An external chain, as members' endpoints tell of it.

use conclave_conditions::{Answer, ChainAccess, Found, Query, QueryFailure, Request};
use conclave_primitives::{
    conditions::{ChainKind, ChainName, ExternalChain, Finality},
    SessionId,
};
use serde_json::{json, Value};
use std::{collections::BTreeMap, time::Duration};

use super::{queue::Action, World};
use crate::fault::{Fault, Seat};

/// What conditions call it.
pub(crate) const CHAIN: &str = "elsewhere";
/// It has one coin, and this address has it.
pub(crate) const HOLDER: &str = "0x1111111111111111111111111111111111111111";
/// This one has nothing.
pub(crate) const OTHER: &str = "0x2222222222222222222222222222222222222222";

const CHAIN_ID: u64 = 31_337;
/// After what time an endpoint answers.
const ROUND_TRIP: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(400)];

/// The registry, with one endpoint of each member.
pub(crate) fn registry() -> BTreeMap<ChainName, ChainAccess> {
    let chain = ExternalChain { kind: ChainKind::Evm { chain_id: CHAIN_ID }, finality: Finality::Finalized };
    ChainName::new(CHAIN).map(|name| (name, ChainAccess { chain, endpoints: 1 })).into_iter().collect()
}

impl World {
    pub(super) fn ask_external(&mut self, seat: Seat, session: SessionId, query: Query) {
        let answer = self.tell(seat, &query);
        let life = self.nodes[seat].life;
        self.schedule_in(
            ROUND_TRIP,
            Action::Answered { seat, life, session, answered: Box::new((query, answer)) },
        );
    }

    fn tell(&mut self, seat: Seat, query: &Query) -> Answer {
        let Query::Endpoint { request: Request::Rpc { method, params }, .. } = query else {
            return Err(QueryFailure::Unsupported);
        };
        let lies = self.faults.contains(&Fault::IsLiedTo { member: seat });
        let block = self.chain.finalized().view.finalized;
        let result = match method.as_str() {
            "eth_chainId" => json!(format!("0x{CHAIN_ID:x}")),
            "eth_getBlockByNumber" => {
                // Asked by number it is the same block again, with the same hash.
                let params: Value = serde_json::from_str(params).unwrap_or_default();
                let number = match params.get(0).and_then(Value::as_str) {
                    Some("finalized") | None => format!("0x{block:x}"),
                    Some(number) => number.to_owned(),
                };
                let seconds =
                    3 * u64::from_str_radix(number.trim_start_matches("0x"), 16).unwrap_or_default();
                json!({
                    "number": number,
                    "hash": format!("0x{:0>64}", number.trim_start_matches("0x")),
                    "timestamp": format!("0x{seconds:x}"),
                })
            }
            "eth_getBalance" => {
                if lies {
                    self.fire("is lied to");
                    self.note(format_args!("{seat} is lied to"));
                }
                let has_it = params.contains(HOLDER) != lies;
                json!(if has_it { "0x1" } else { "0x0" })
            }
            _ => return Err(QueryFailure::Unsupported),
        };
        Ok(Found::Body(json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string().into_bytes()))
    }
}
