//! The certificate of the main solution, in the words of the findings.

use armistice_game::WarGame;
use armistice_solve::{Selection, Status};

use crate::findings::{Certificate, GridErrorRow, NotSolved, SelectionCheck, SolveCounts, ValueGridError};

/// One word for a status.
pub(crate) fn status_word(status: &Status) -> &'static str {
    match status {
        Status::Certified => "certified",
        Status::Approximate => "approximate",
        Status::NotConverged { .. } => "not_converged",
        Status::NotStationary { .. } => "not_stationary",
        Status::Cancelled => "cancelled",
    }
}

/// One word for a selection.
pub(crate) fn selection_word(selection: Selection) -> &'static str {
    match selection {
        Selection::Principal => "principal",
        Selection::Continuation => "continuation",
        Selection::Pooling => "pooling",
        Selection::Separating => "separating",
    }
}

/// A solver's certificate as findings state it.
pub fn certificate(
    game: &WarGame,
    found: &armistice_solve::Certificate,
    forward_error: Option<f64>,
    grid_error: Vec<GridErrorRow>,
) -> Certificate {
    let not_solved = match &found.status {
        Status::NotConverged { examples, .. } => examples
            .iter()
            .map(|point| NotSolved {
                period: point.period,
                state: game.state_label(point.state),
                residual: point.residual,
            })
            .collect(),
        _ => Vec::new(),
    };
    Certificate {
        status: status_word(&found.status).into(),
        residual: found.residual,
        regret: found.regret,
        regret_relative: found.regret_share,
        regret_bound: Some(found.regret_bound).filter(|bound| bound.is_finite()),
        value_error: found.value_error,
        mass_error: found.mass_error,
        payoff_range: found.payoff_range,
        checked: found.checked,
        points: found.points,
        exhaustive: found.checked >= found.points,
        forward_error,
        value_grid_error: found.grid_error.as_ref().map(|error| ValueGridError {
            coarse_points: error.coarse_points,
            largest_difference: error.largest_difference,
            start_difference: error.start_difference,
            estimate: error.richardson,
        }),
        selections: found
            .selections
            .iter()
            .map(|check| SelectionCheck {
                selection: selection_word(check.selection).into(),
                points: check.points,
                converged: check.converged,
                different: check.different,
                largest_difference: check.largest_difference,
            })
            .collect(),
        counts: SolveCounts {
            points: found.counts.points,
            iteration: found.counts.iteration,
            newton: found.counts.newton,
            homotopy: found.counts.homotopy,
            not_converged: found.counts.not_converged,
            evaluations: found.counts.evaluations,
            checks: found.counts.checks,
        },
        not_solved,
        grid_error,
    }
}
