//! What the worker shows to Prometheus.

use conclave_conditions::{Answer, QueryFailure};
use conclave_primitives::conditions::ChainName;
use conclave_worker::WorkerStatus;
use substrate_prometheus_endpoint::{register, CounterVec, Gauge, Opts, PrometheusError, Registry, U64};

#[derive(Clone)]
struct Collectors {
    epoch: Gauge<U64>,
    reachable: Gauge<U64>,
    pairs: Gauge<U64>,
    sessions: Gauge<U64>,
    signed: Gauge<U64>,
    failed: Gauge<U64>,
    dropped: Gauge<U64>,
    unread: CounterVec<U64>,
}

/// Of the worker; nothing without Prometheus.
#[derive(Clone, Default)]
pub(super) struct Metrics(Option<Collectors>);

impl Metrics {
    pub(super) fn register(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
        let Some(registry) = registry else { return Ok(Self(None)) };
        let gauge = |name: &str, help: &str| -> Result<Gauge<U64>, PrometheusError> {
            register(Gauge::new(name, help)?, registry)
        };
        let unread = Opts::new(
            "conclave_inbox_dropped_total",
            "Frames that found no room before the worker, by whether a member or a stranger sent them",
        );
        Ok(Self(Some(Collectors {
            epoch: gauge("conclave_epoch", "Epoch of the committee that serves; 0 before the first")?,
            reachable: gauge(
                "conclave_members_reachable",
                "Members with a channel to this node and their shares",
            )?,
            pairs: gauge(
                "conclave_pairs",
                "Set-ups for ECDSA that this member has: one for each member and curve",
            )?,
            sessions: gauge("conclave_sessions", "Protocol sessions that run")?,
            signed: gauge(
                "conclave_sessions_signed_total",
                "Sessions that ended with a signature or a decryption share",
            )?,
            failed: gauge("conclave_sessions_failed_total", "Sessions and set-ups that ended without")?,
            dropped: gauge(
                "conclave_frames_dropped_total",
                "Frames that the worker refused: malformed, spoofed or too many",
            )?,
            unread: register(CounterVec::new(unread, &["from"])?, registry)?,
        })))
    }

    pub(super) fn update(&self, status: &WorkerStatus) {
        let Some(collectors) = &self.0 else { return };
        let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        collectors
            .epoch
            .set(status.view.committee.as_ref().map_or(0, |committee| u64::from(committee.epoch.0)));
        collectors.reachable.set(count(status.readiness.reachable.len()));
        collectors.pairs.set(count(status.pairs));
        collectors.sessions.set(count(status.sessions));
        collectors.signed.set(status.signed);
        collectors.failed.set(status.failed);
        collectors.dropped.set(status.dropped_frames);
    }

    /// Counts a frame that found no room in the inbox.
    pub(super) fn count_unread(&self, is_of_member: bool) {
        let Some(collectors) = &self.0 else { return };
        let from = if is_of_member { "member" } else { "stranger" };
        collectors.unread.with_label_values(&[from]).inc();
    }
}

/// Counts what endpoints of external chains are asked; nothing without Prometheus.
#[derive(Clone, Default)]
pub(super) struct Asks(Option<CounterVec<U64>>);

impl Asks {
    pub(super) fn register(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
        let Some(registry) = registry else { return Ok(Self(None)) };
        let options = Opts::new(
            "conclave_external_chain_asks_total",
            "What conditions and actions asked this node's endpoints of external chains, by chain and outcome",
        );
        Ok(Self(Some(register(CounterVec::new(options, &["chain", "outcome"])?, registry)?)))
    }

    /// The labels are few: only chains that the operator has endpoints of are asked.
    pub(super) fn count(&self, chain: &ChainName, answer: &Answer) {
        let Some(counter) = &self.0 else { return };
        let outcome = match answer {
            Ok(_) => "answered",
            Err(QueryFailure::TimedOut) => "timed_out",
            Err(QueryFailure::NotAsked) => "not_asked",
            Err(QueryFailure::TooLong(_)) => "too_long",
            Err(QueryFailure::Refused(_)) => "refused",
            Err(QueryFailure::Failed(_) | QueryFailure::Unsupported | QueryFailure::Unreadable(_)) => {
                "failed"
            }
        };
        counter.with_label_values(&[chain.as_str(), outcome]).inc();
    }
}
