//! Progress and cancellation of long work; both cost nothing when defaulted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells long work to stop. Clones share one flag; a default token is never canceled.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks all holders of this token to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked to stop.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far long work has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// What is being done, such as "solving".
    pub what: &'a str,
    /// Units done.
    pub done: u64,
    /// Units in all, where known.
    pub total: Option<u64>,
}

/// Where long work reports and how it is stopped.
#[derive(Clone, Default)]
pub struct Control<'a> {
    /// Called now and then, from the thread that started the work.
    pub progress: Option<&'a (dyn Fn(Progress<'_>) + Sync)>,
    /// Checked often.
    pub cancel: CancelToken,
}

impl Control<'_> {
    /// Reports progress to the sink, if there is one.
    pub fn report(&self, what: &str, done: u64, total: Option<u64>) {
        if let Some(sink) = self.progress {
            sink(Progress { what, done, total });
        }
    }
}
