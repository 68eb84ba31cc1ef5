//! Actions whose clients do not wait: they ask later. In memory only, few, and not for long.

use super::{errors, execution::ExecutedResponse};
use jsonrpsee::{core::RpcResult, types::ErrorObjectOwned};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{json, Value};
use std::{
    collections::HashMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

/// The most jobs at a time, those that wait for their client included: each is at most some hundred kB.
const MAX_JOBS: usize = 128;
/// How long a result waits for its client.
const KEPT_FOR: Duration = Duration::from_secs(600);

/// See `conclave_executeJob`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobResponse {
    /// Drawn at random: who knows it may ask.
    job_id: String,
}

/// See `conclave_jobStatus`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "status")]
pub(crate) enum JobStatus {
    /// It runs.
    Running,
    /// It is done.
    Done {
        /// What `conclave_execute` would have answered.
        result: Box<ExecutedResponse>,
    },
    /// It failed.
    Failed {
        /// The error that `conclave_execute` would have been answered with.
        error: Value,
    },
}

struct Job {
    status: JobStatus,
    /// When it was begun, or ended.
    since: Instant,
}

/// The jobs of this node.
#[derive(Clone, Default)]
pub(crate) struct Jobs(Arc<Mutex<HashMap<String, Job>>>);

impl Jobs {
    /// Begins a job; within Tokio's runtime.
    pub(crate) fn begin(
        &self,
        work: impl Future<Output = RpcResult<ExecutedResponse>> + Send + 'static,
    ) -> RpcResult<JobResponse> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| errors::of_job(&format!("no randomness: {error}")))?;
        let job_id = format!("0x{}", hex::encode(id));
        self.admit(&job_id)?;
        let (jobs, id) = (self.clone(), job_id.clone());
        tokio::spawn(async move {
            let status = match work.await {
                Ok(result) => JobStatus::Done { result: Box::new(result) },
                Err(error) => JobStatus::Failed { error: of_error(&error) },
            };
            jobs.0.lock().insert(id, Job { status, since: Instant::now() });
        });
        Ok(JobResponse { job_id })
    }

    fn admit(&self, id: &str) -> RpcResult<()> {
        let mut jobs = self.0.lock();
        jobs.retain(|_, job| matches!(job.status, JobStatus::Running) || job.since.elapsed() < KEPT_FOR);
        if jobs.len() >= MAX_JOBS {
            return Err(errors::of_unavailable(crate::worker::Unavailable::Busy));
        }
        jobs.insert(id.to_owned(), Job { status: JobStatus::Running, since: Instant::now() });
        Ok(())
    }

    /// How a job stands.
    pub(crate) fn status(&self, id: &str) -> RpcResult<JobStatus> {
        let jobs = self.0.lock();
        let job = jobs
            .get(id)
            .filter(|job| matches!(job.status, JobStatus::Running) || job.since.elapsed() < KEPT_FOR);
        job.map(|job| job.status.clone()).ok_or_else(|| {
            errors::of_job(
                "no such job: it never was, was asked of another node, or ended over ten minutes ago",
            )
        })
    }
}

fn of_error(error: &ErrorObjectOwned) -> Value {
    let data = error.data().and_then(|data| serde_json::from_str::<Value>(data.get()).ok());
    json!({ "code": error.code(), "message": error.message(), "data": data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_job_should_be_told_how_it_ended_and_there_should_be_few() {
        let jobs = Jobs::default();
        let (release, released) = tokio::sync::oneshot::channel::<()>();
        let held = jobs.begin(async move {
            let _ = released.await;
            Err(errors::of_another_reply())
        });
        let held = held.expect("there is room").job_id;
        assert!(matches!(jobs.status(&held), Ok(JobStatus::Running)));
        assert!(jobs.status("0x00").is_err());
        release.send(()).expect("the job waits");
        let failed = loop {
            match jobs.status(&held).expect("it is there") {
                JobStatus::Running => tokio::task::yield_now().await,
                ended => break ended,
            }
        };
        let JobStatus::Failed { error } = failed else { panic!("it failed") };
        assert_eq!(error["code"], 21_012);
        for _ in 1..MAX_JOBS {
            jobs.begin(std::future::pending()).expect("there is room");
        }
        assert_eq!(jobs.begin(std::future::pending()).map(|_| ()).expect_err("there is none").code(), 21_011);
    }
}
