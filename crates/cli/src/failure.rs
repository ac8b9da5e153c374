//! Why a command did not end with 0: what is said, and with which exit code.

use std::io;
use std::path::{Path, PathBuf};

use armistice::fit::FitError;

use crate::exit;

/// The ways a command can end early or badly.
#[derive(Debug)]
pub enum Failure {
    /// The request makes no sense: an unknown name, a value out of range.
    Usage {
        /// What is wrong.
        what: String,
        /// What would be right.
        hint: Option<String>,
    },
    /// The scenario or the game has errors; its diagnostics were shown.
    Scenario,
    /// Solved, written, but not certified.
    NotCertified {
        /// In words.
        status: String,
    },
    /// An estimate was written, but it is not a maximum that can be relied on.
    NoMaximum {
        /// Why not.
        status: String,
    },
    /// A finite game was followed and the result written, but its last point is not verified as an equilibrium.
    NotEquilibrium {
        /// Why not.
        why: String,
        /// What can be done about it, or how else the point can be used.
        hint: String,
    },
    /// A check that was asked for failed.
    Check {
        /// Which, in words.
        what: String,
    },
    /// A sweep was written, but some of its points failed.
    Points {
        /// How many failed.
        failed: usize,
        /// Points in all.
        points: usize,
        /// The first that failed.
        point: i64,
        /// Why it did.
        why: String,
    },
    /// Reading or writing failed.
    Io {
        /// What was attempted: "read", "write", …
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The machine could not do it now.
    TryAgain {
        /// What failed.
        what: String,
    },
    /// Ctrl-C.
    Interrupted {
        /// How to go on.
        go_on: String,
    },
    /// A broken invariant of ours.
    Bug {
        /// Which.
        what: String,
    },
    /// Whoever read standard output stopped reading.
    PipeClosed,
}

impl Failure {
    /// A usage failure without a hint.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::Usage { what: what.into(), hint: None }
    }

    /// What went wrong in estimating, all of it.
    pub fn fit(error: FitError) -> Self {
        Self::fit_of("")(error)
    }

    /// The same, with what is wrong underlined in a formula.
    pub fn fit_of(formula: &str) -> impl Fn(FitError) -> Self {
        move |error| match error {
            FitError::Invalid(problems) => {
                let mut texts: Vec<String> = problems.iter().map(|p| p.show(formula)).collect();
                let what = match texts.len() {
                    1 => texts.remove(0),
                    n => format!("{n} problems:\n  {}", texts.join("\n  ")),
                };
                Self::Usage { what, hint: None }
            }
            FitError::Canceled => Self::Interrupted {
                go_on: "nothing was written; the same command starts again from the beginning".to_owned(),
            },
            other => {
                let hint = matches!(other, FitError::NoStart { .. })
                    .then(|| "more --starts, or a smaller --spread where there is one, may help".to_owned());
                Self::Usage { what: format!("failed to {other}"), hint }
            }
        }
    }

    /// Adapter for `map_err` on file operations.
    pub fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io { doing, path: path.to_owned(), why: plain(&source) }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::Scenario => exit::INVALID,
            Self::NotCertified { .. } | Self::NotEquilibrium { .. } | Self::NoMaximum { .. } => {
                exit::NOT_CERTIFIED
            }
            Self::Check { .. } => exit::CHECK_FAILED,
            Self::Points { .. } => exit::POINTS_FAILED,
            Self::Io { .. } => exit::IO,
            Self::TryAgain { .. } => exit::TRY_AGAIN,
            Self::Interrupted { .. } => exit::INTERRUPTED,
            Self::Bug { .. } => exit::BUG,
            Self::PipeClosed => exit::DONE,
        }
    }

    /// Whether the command already wrote its document to standard output.
    pub fn wrote_document(&self) -> bool {
        matches!(
            self,
            Self::Scenario
                | Self::NotCertified { .. }
                | Self::NotEquilibrium { .. }
                | Self::NoMaximum { .. }
                | Self::Check { .. }
                | Self::Points { .. }
        )
    }

    /// What happened, in one line, and what to do about it, if anything is known.
    pub fn message(&self) -> (String, Option<String>) {
        match self {
            Self::Usage { what, hint } => (what.clone(), hint.clone()),
            Self::NotCertified { status } => (
                format!("the solution is not certified: {status}"),
                Some("the result was written; `armistice solve` shows where it did not converge".to_owned()),
            ),
            Self::NoMaximum { status } => (
                format!("the estimate is not a maximum: {status}"),
                Some("the result was written; fewer regressors or more --starts may help".to_owned()),
            ),
            Self::NotEquilibrium { why, hint } => {
                (format!("the last point is not verified as an equilibrium: {why}"), Some(hint.clone()))
            }
            Self::Check { what } => (what.clone(), None),
            Self::Points { failed, points, point, why } => (
                format!("{failed} of {points} points failed; the first, point {point}, {why}"),
                Some("the table has all points, with `status` and `error`".to_owned()),
            ),
            Self::Io { doing, path, why } => (format!("cannot {doing} {}: {why}", path.display()), None),
            Self::TryAgain { what } => (what.clone(), Some("try again, or with fewer --threads".to_owned())),
            Self::Interrupted { go_on } => ("stopped".to_owned(), Some(go_on.clone())),
            Self::Bug { what } => (
                format!("internal error: {what}"),
                Some(
                    "this is a bug in armistice; please report it with the command and the scenario"
                        .to_owned(),
                ),
            ),
            // The first was said by the diagnostics, and for the second nobody listens.
            Self::Scenario | Self::PipeClosed => (String::new(), None),
        }
    }
}

impl From<io::Error> for Failure {
    /// Failures of writing to standard output.
    fn from(source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe {
            Self::PipeClosed
        } else {
            Self::Io { doing: "write to", path: PathBuf::from("standard output"), why: plain(&source) }
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(source: serde_json::Error) -> Self {
        match source.io_error_kind() {
            Some(kind) => io::Error::from(kind).into(),
            None => Self::Bug { what: format!("a document could not be written as JSON: {source}") },
        }
    }
}

/// The reason without the number of the operating system.
fn plain(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::AlreadyExists => "it exists already".to_owned(),
        _ => source.to_string(),
    }
}
