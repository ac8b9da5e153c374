//! Long work on another thread, while this one listens for Ctrl-C.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use armistice::CancelToken;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

/// How long Ctrl-C may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(50);

/// Runs work without holding Python's lock. Ctrl-C cancels it and waits for what it has; whether that is whole the work says.
///
/// - errors: whatever else a signal handler of Python raises, once the work has stopped; a panic of the work.
pub fn interruptible<T: Send>(py: Python<'_>, work: impl FnOnce(&CancelToken) -> T + Send) -> PyResult<T> {
    let cancel = CancelToken::default();
    let token = cancel.clone();
    let (sender, receiver) = channel();
    let mut raised = None;
    let result = std::thread::scope(|scope| {
        scope.spawn(move || {
            // The receiver waits until something comes or the sender is gone.
            let _ = sender.send(work(&token));
        });
        let mut receiver = receiver;
        loop {
            let (back, message) = py.detach(move || {
                let message = receiver.recv_timeout(PATIENCE);
                (receiver, message)
            });
            receiver = back;
            match message {
                Ok(result) => return Some(result),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Err(error) = py.check_signals() {
                cancel.cancel();
                if !error.is_instance_of::<PyKeyboardInterrupt>(py) {
                    raised = Some(error);
                }
            }
        }
    });
    match (raised, result) {
        (Some(error), _) => Err(error),
        (None, Some(result)) => Ok(result),
        (None, None) => Err(PyRuntimeError::new_err("internal error: the work ended without a result")),
    }
}
