//! What can go wrong.

use armistice_game::GameError;
use armistice_scenario::EvaluationError;
use armistice_solve::SolveError;

/// Why an analysis was not made. Messages complete "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzeError {
    /// The game is not sound.
    #[error(transparent)]
    Game(#[from] GameError),
    /// The game was not solved.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// Derivatives do not exist.
    #[error(transparent)]
    Gradient(#[from] armistice_solve::gradient::GradientError),
    /// An expression has no value.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// The scenario does not compile with some change.
    #[error("compile the scenario: {what}")]
    Compile {
        /// The first diagnostic.
        what: String,
    },
    /// A name that is not there.
    #[error("find the {kind} `{name}`")]
    Unknown {
        /// What kind of thing: player, type, move, …
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A state or belief the game does not have.
    #[error("start the war: {what}")]
    Start {
        /// What is wrong.
        what: String,
    },
    /// The data file.
    #[error("read {path}: {what}")]
    Data {
        /// Path below the scenario's folder.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// Writing output.
    #[error("write trajectories")]
    Write(#[source] std::io::Error),
    /// Somebody asked to stop.
    #[error("finish: stopped on request")]
    Cancelled,
}
