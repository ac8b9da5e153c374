//! Work that takes its time: queued, reported on, and stopped when nobody waits for it any more.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use armistice::{CancelToken, Control, Progress};
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures_core::Stream;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use crate::error::Problem;

/// Most jobs that wait or run; more are refused.
const MOST: usize = 128;

/// Shortest time between two reports of progress.
const PAUSE: Duration = Duration::from_millis(50);

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Somebody moved a slider and looks on.
    Quick,
    /// Takes seconds or minutes.
    Long,
}

/// Bounded concurrency: jobs of a lane run some at a time, the others wait.
#[derive(Debug)]
pub(crate) struct Jobs {
    quick: Arc<Semaphore>,
    long: Arc<Semaphore>,
    alive: Arc<AtomicUsize>,
}

impl Jobs {
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        // Each job uses all cores; a second one fills the gaps of the first, and a short one need not wait for a long one.
        Self {
            quick: Arc::new(Semaphore::new(cores.clamp(2, 8))),
            long: Arc::new(Semaphore::new(2)),
            alive: Arc::default(),
        }
    }

    /// Jobs that wait or run.
    pub fn alive(&self) -> usize {
        self.alive.load(Ordering::Relaxed)
    }

    /// Starts work and answers with its events. The work is told to stop when the answer is dropped.
    pub fn start<F>(&self, lane: Lane, work: F) -> Result<Response, Problem>
    where
        F: FnOnce(&Control<'_>) -> Result<Value, Problem> + Send + 'static,
    {
        let place = Place::take(&self.alive)?;
        let semaphore = Arc::clone(if lane == Lane::Quick { &self.quick } else { &self.long });
        let cancel = CancelToken::default();
        let (sender, receiver) = mpsc::channel(64);
        let watched = cancel.clone();
        tokio::spawn(async move {
            if semaphore.available_permits() == 0 {
                let _ = sender.send(event("queued", &json!({}))).await;
            }
            let Ok(permit) = semaphore.acquire_owned().await else { return };
            if sender.is_closed() {
                return;
            }
            let reports = sender.clone();
            let done = tokio::task::spawn_blocking(move || {
                let _held = (permit, place);
                run(&watched, &reports, work)
            });
            let last = match done.await {
                Ok(Ok(value)) => event("result", &value),
                Ok(Err(problem)) => event("failed", &problem.document()),
                Err(_) => event(
                    "failed",
                    &json!({ "message": "internal error: this is a bug in armistice", "hint": null }),
                ),
            };
            let _ = sender.send(last).await;
        });
        let mut response = Response::new(Body::from_stream(Events { receiver, cancel }));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        Ok(response)
    }
}

fn run<F>(cancel: &CancelToken, reports: &mpsc::Sender<Bytes>, work: F) -> Result<Value, Problem>
where
    F: FnOnce(&Control<'_>) -> Result<Value, Problem>,
{
    let last = Mutex::new(None::<Instant>);
    let report = |progress: Progress<'_>| {
        let Ok(mut last) = last.lock() else { return };
        if last.is_some_and(|last| last.elapsed() < PAUSE) {
            return;
        }
        *last = Some(Instant::now());
        // Progress that nobody reads may be lost.
        let _ = reports.try_send(event(
            "progress",
            &json!({ "what": progress.what, "done": progress.done, "total": progress.total }),
        ));
    };
    work(&Control { progress: Some(&report), cancel: cancel.clone() })
}

fn event(name: &str, data: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

/// A place among the jobs that wait or run.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(alive: &Arc<AtomicUsize>) -> Result<Self, Problem> {
        let before = alive.fetch_add(1, Ordering::Relaxed);
        let place = Self(Arc::clone(alive));
        if before >= MOST {
            let message = format!("{MOST} computations wait already");
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, message).hint("ask again in a moment"));
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The events of one job; dropping them cancels it.
struct Events {
    receiver: mpsc::Receiver<Bytes>,
    cancel: CancelToken,
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_recv(context).map(|event| event.map(Ok))
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
