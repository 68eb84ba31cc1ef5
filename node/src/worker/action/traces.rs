//! What actions asked of a development network, for whoever writes them. Nodes of other networks keep no traces: arguments and
//! answers are in them, what was decrypted too.

use conclave_actions::{Limits, Trace};
use conclave_primitives::RequestId;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, sync::Arc};

/// How many requests are remembered.
const KEPT: usize = 64;

/// One execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Traced {
    /// What it asked.
    pub(crate) trace: Trace,
    /// Under these limits.
    pub(crate) limits: Limits,
}

/// Of the member that was done first.
#[derive(Clone, Default)]
pub(crate) struct Traces(Arc<Mutex<VecDeque<(RequestId, Traced)>>>);

impl Traces {
    pub(super) fn keep(&self, request: RequestId, traced: Traced) {
        let mut kept = self.0.lock();
        if kept.iter().any(|(of, _)| *of == request) {
            return;
        }
        kept.push_back((request, traced));
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }

    pub(crate) fn of(&self, request: &RequestId) -> Option<Traced> {
        self.0.lock().iter().find(|(of, _)| of == request).map(|(_, traced)| traced.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn traced(milliseconds: u64) -> Traced {
        let trace = Trace { computed: Duration::from_millis(milliseconds), ..Trace::default() };
        Traced { trace, limits: Limits::default() }
    }

    #[test]
    fn the_first_of_each_request_should_be_kept_and_the_oldest_forgotten() {
        let traces = Traces::default();
        let id = |number: usize| RequestId([number as u8; 32]);
        for number in 0..=KEPT {
            traces.keep(id(number), traced(1));
            traces.keep(id(number), traced(2));
        }
        assert_eq!(traces.of(&id(KEPT)), Some(traced(1)));
        assert_eq!(traces.of(&id(1)), Some(traced(1)));
        assert_eq!(traces.of(&id(0)), None);
    }
}
