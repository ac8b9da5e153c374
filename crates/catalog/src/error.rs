//! What can go wrong with a model of the catalog.

use armistice_scenario::EvaluationError;

/// Why a model could not be read, evaluated or solved. Messages complete "failed to …".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// No model of that name.
    #[error("find the model `{name}`{}", near.as_ref().map_or_else(String::new, |n| format!(": did you mean `{n}`?")))]
    Unknown {
        /// The name asked for.
        name: String,
        /// A name like it.
        near: Option<String>,
    },
    /// A model file is not sound.
    #[error("read the model `{model}`: {why}")]
    Unreadable {
        /// The model.
        model: String,
        /// Line and cause.
        why: String,
    },
    /// No parameter of that name.
    #[error("find the parameter `{name}` of `{model}`; it has {known}")]
    NoParameter {
        /// The model.
        model: String,
        /// The name asked for.
        name: String,
        /// The names it has.
        known: String,
    },
    /// An expression has no value.
    #[error("evaluate `{what}` of `{model}`: {}", why.reason())]
    NoValue {
        /// The model.
        model: String,
        /// What was evaluated.
        what: String,
        /// Why it has none.
        why: EvaluationError,
    },
    /// A game of a model cannot be built or solved.
    #[error("solve the game `{game}` of `{model}`: {why}")]
    Game {
        /// The model.
        model: String,
        /// The game.
        game: String,
        /// Why.
        why: String,
    },
    /// Stopped on request.
    #[error("finish: stopped on request")]
    Cancelled,
}
