//! What can be wrong with data, formulas and requests.

use std::fmt;
use std::ops::Range;

use armistice_analyze::AnalyzeError;
use armistice_scenario::Diagnostic;
use armistice_solve::SolveError;
use armistice_solve::gradient::GradientError;

/// Something that is wrong with a request, with its cause and, where one is known, a remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub hint: Option<String>,
    /// Where in the formula, in bytes.
    pub place: Option<Range<usize>>,
}

impl Problem {
    /// A problem of no particular place.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None, place: None }
    }

    /// The same with a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with a place in the formula.
    #[must_use]
    pub fn at(mut self, place: Range<usize>) -> Self {
        self.place = Some(place);
        self
    }

    /// The problem with the formula underlined, the hint below.
    #[must_use]
    pub fn show(&self, formula: &str) -> String {
        let mut out = self.what.clone();
        if let Some(place) = &self.place {
            let before = formula.get(..place.start).map_or(0, |s| s.chars().count());
            let width = formula.get(place.clone()).map_or(1, |s| s.chars().count()).max(1);
            out.push_str(&format!("\n    {formula}\n    {}{}", " ".repeat(before), "^".repeat(width)));
        }
        if let Some(hint) = &self.hint {
            out.push_str(&format!("\n    hint: {hint}"));
        }
        out
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

/// Why there is no estimate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// The request, its formula or its data are wrong; all that is wrong.
    #[error("fit: {}", listed(.0))]
    Invalid(Vec<Problem>),
    /// The likelihood has no finite value at any starting point.
    #[error("evaluate the likelihood at any of {starts} starting points")]
    NoStart {
        /// Starting points tried.
        starts: usize,
    },
    /// Asked to stop.
    #[error("finish: canceled")]
    Canceled,
    /// The record of a war does not read as play of the game; all that is wrong.
    #[error("read the record: {}", .0.iter().map(|d| d.message.clone()).collect::<Vec<_>>().join("; "))]
    Record(Vec<Diagnostic>),
    /// The game has no value or no solution where it was asked for.
    #[error(transparent)]
    Analyze(#[from] AnalyzeError),
    /// The game was not solved.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// There is no gradient.
    #[error(transparent)]
    Gradient(#[from] GradientError),
    /// A file of ours does not read.
    #[error("read {what}: {why}")]
    Document {
        /// Which file.
        what: String,
        /// Why not.
        why: String,
    },
}

impl From<Problem> for FitError {
    fn from(problem: Problem) -> Self {
        Self::Invalid(vec![problem])
    }
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
