//! Which endpoints are not worth a wait: circuit breakers, one for each endpoint (M. Nygard, *Release It!*).
//!
//! ```text
//!  closed ── FAILURES in a row ──► open, for a while ──► half open: one question goes out ── answered ──► closed
//!                                    ▲                              └── unanswered, and twice the while ──┘
//! ```
//!
//! Only questions about the chain itself count as failures and go out to try again: what a condition asks is its author's
//! choice, and may be chosen to be slow. Every evaluation begins with one.

use conclave_conditions::{Answer, QueryFailure, Request};
use conclave_primitives::conditions::ChainName;
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// How many questions in a row an endpoint leaves unanswered before it is asked less.
pub(super) const FAILURES: u32 = 3;
/// For how long at first.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest that a pause grows.
const LONGEST_PAUSE: Duration = Duration::from_secs(80);

#[derive(Default)]
struct Circuit {
    failures: u32,
    /// When it is asked again; open if there is one.
    again: Option<Instant>,
}

/// The circuits of a node's endpoints, by chain and number. Clones share them.
#[derive(Clone)]
pub(super) struct Circuits {
    circuits: Arc<Mutex<BTreeMap<(ChainName, u8), Circuit>>>,
    first_pause: Duration,
}

impl Circuits {
    pub(super) fn new(first_pause: Duration) -> Self {
        Self { circuits: Arc::default(), first_pause }
    }

    /// Whether the endpoint is asked now.
    pub(super) fn admits(&self, chain: &ChainName, endpoint: u8, request: &Request, now: Instant) -> bool {
        let mut circuits = self.circuits.lock();
        let Some(circuit) = circuits.get_mut(&(chain.clone(), endpoint)) else { return true };
        match circuit.again {
            None => true,
            Some(again) if now < again || !request.is_of_chain() => false,
            Some(_) => {
                // This one tries. The others wait for what it finds, and not forever: it may be given up.
                circuit.again = now.checked_add(self.pause(circuit.failures));
                true
            }
        }
    }

    /// Whether the endpoint is asked as ever.
    pub(super) fn is_closed(&self, chain: &ChainName, endpoint: u8) -> bool {
        self.circuits.lock().get(&(chain.clone(), endpoint)).is_none_or(|circuit| circuit.again.is_none())
    }

    /// Learns from what came back.
    pub(super) fn note(
        &self,
        chain: &ChainName,
        endpoint: u8,
        request: &Request,
        answer: &Answer,
        now: Instant,
    ) {
        let mut circuits = self.circuits.lock();
        let key = (chain.clone(), endpoint);
        match answer {
            Err(QueryFailure::TimedOut | QueryFailure::Failed(_)) if request.is_of_chain() => {
                let circuit = circuits.entry(key).or_default();
                circuit.failures = circuit.failures.saturating_add(1);
                if circuit.failures >= FAILURES {
                    circuit.again = now.checked_add(self.pause(circuit.failures));
                }
            }
            Err(QueryFailure::TimedOut | QueryFailure::Failed(_) | QueryFailure::NotAsked) => {}
            Ok(_) | Err(_) => {
                circuits.remove(&key);
            }
        }
    }

    /// Twice as long with every failure more.
    fn pause(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(FAILURES);
        self.first_pause.saturating_mul(2u32.saturating_pow(doublings)).min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_conditions::Found;

    const SECOND: Duration = Duration::from_secs(1);

    fn rpc(method: &str) -> Request {
        Request::Rpc { method: method.into(), params: "[]".into() }
    }

    #[test]
    fn a_circuit_should_open_close_and_open_for_longer() {
        let (circuits, chain) = (Circuits::new(5 * SECOND), ChainName::new("ethereum").expect("a name"));
        let start = Instant::now();
        let about = rpc("eth_chainId");
        let admits = |endpoint, request: &Request, second: u32| {
            circuits.admits(&chain, endpoint, request, start + second * SECOND)
        };
        let note = |request: &Request, answer: Answer, second: u32| {
            circuits.note(&chain, 0, request, &answer, start + second * SECOND);
        };
        let hangs = |second| note(&about, Err(QueryFailure::TimedOut), second);

        // What the author of a condition chose does not count.
        (0..9).for_each(|_| note(&rpc("eth_call"), Err(QueryFailure::TimedOut), 0));
        // Failures in a row are meant.
        hangs(0);
        hangs(0);
        note(&rpc("eth_call"), Ok(Found::Body(Vec::new())), 0);
        hangs(0);
        hangs(0);
        assert!(admits(0, &about, 0), "closed");
        note(&about, Err(QueryFailure::Failed("status 429".into())), 0);
        assert!(!admits(0, &about, 4), "open");
        assert!(!circuits.is_closed(&chain, 0) && circuits.is_closed(&chain, 1));
        assert!(admits(1, &about, 4), "the other endpoint is not to blame");
        assert!(!admits(0, &rpc("eth_call"), 5), "not to be tried with that");
        assert!(admits(0, &about, 5), "half open");
        assert!(!admits(0, &about, 5), "once");
        hangs(6);
        assert!(!admits(0, &about, 15), "open twice as long");
        assert!(admits(0, &about, 16), "half open");
        assert!(!admits(0, &about, 25) && admits(0, &about, 26), "the try was given up: another");
        note(&about, Err(QueryFailure::Unreadable("html".into())), 27);
        assert!(admits(0, &rpc("eth_call"), 27), "it answers again");
        (0..99).for_each(|_| hangs(30));
        assert!(!admits(0, &about, 109) && admits(0, &about, 110), "no longer than that");
    }
}
