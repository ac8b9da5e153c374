//! How the numbers of a game move with a parameter: differences of compiled games, which need no solver.

use armistice_scenario::{Compiled, Limits};
use armistice_solve::gradient::{Primitives, same_shape};

use crate::runs::Variation;

/// Half the distance of a difference, as a share of the parameter (of 1 where it is 0). The numbers of a game are short expressions:
/// round-off is near 1e-11 of them then, and what a central difference leaves out near 1e-10.
const STEP: f64 = 1e-5;

/// Differences to both sides that differ by more than this share of the larger are looked at again with half the step.
const SUSPECT: f64 = 1e-2;

/// Where the difference of both sides falls by less than this when the step is halved there is a kink: smooth numbers give 1/4,
/// kinks 1/2.
const KINK: f64 = 0.35;

/// How the numbers of a game, and the parameters themselves, move with one parameter.
#[derive(Clone, Debug)]
pub struct Slopes {
    /// Of the numbers of the game.
    pub primitives: Primitives,
    /// By parameter: those stated in terms of this one move too.
    pub parameters: Vec<f64>,
    /// Why the derivative holds to one side only, where it does.
    pub note: Option<String>,
}

/// Numbers of a compiled scenario, the public belief at its start among them.
pub(super) fn numbers(compiled: &Compiled) -> Primitives {
    let mut out = Primitives::of(&compiled.game);
    out.start.clone_from(&compiled.start_belief.0);
    out
}

/// Derivatives of the numbers of `base`, which is `variation` compiled, with respect to the parameter at `position`.
///
/// - errors: why there are none, in words.
/// - cost: two compilations; two more where a kink is suspected.
pub fn slopes(
    variation: &Variation,
    base: &Compiled,
    position: usize,
    value: f64,
    limits: &Limits,
) -> Result<Slopes, String> {
    let step = STEP * if value == 0.0 { 1.0 } else { value.abs() };
    let at = |step: f64| -> Result<(Primitives, Vec<f64>), String> {
        let moved = variation.with_parameter(position, value + step);
        let compiled = moved.scenario().compile(&moved.change, limits).map_err(|list| {
            let first = list.iter().find(|d| d.is_error()).or(list.first());
            first.map_or_else(String::new, |d| d.message.clone())
        })?;
        same_shape(&base.game, &compiled.game).map_err(|what| format!("it changes {what}"))?;
        Ok((numbers(&compiled), compiled.parameters))
    };
    let here = (numbers(base), base.parameters.clone());
    match (at(step), at(-step)) {
        (Ok(up), Ok(down)) => {
            let bend = |up: &(Primitives, Vec<f64>), down: &(Primitives, Vec<f64>)| bend(&here, up, down);
            let (second, first) = bend(&up, &down);
            if second > SUSPECT * first
                && let (Ok(up), Ok(down)) = (at(step / 2.0), at(-step / 2.0))
                && bend(&up, &down).0 > KINK * second
            {
                let slopes = combine(&[(1.0, &up), (-1.0, &here)], step / 2.0);
                let note = "a number of the game has a kink there; the derivative is the one to the right";
                return Ok(Slopes { note: Some(note.into()), ..slopes });
            }
            Ok(combine(&[(0.5, &up), (-0.5, &down)], step))
        }
        (up, down) => {
            let (side, reason, word) = match (&up, &down) {
                (Ok(_), Err(reason)) => (1.0, reason, "right"),
                (Err(reason), Ok(_)) => (-1.0, reason, "left"),
                (Err(reason), _) => return Err(reason.clone()),
                (Ok(_), Ok(_)) => return Err(String::new()),
            };
            let near = if side > 0.0 { up.as_ref() } else { down.as_ref() }.map_err(Clone::clone)?;
            let far = at(2.0 * side * step)?;
            let slopes = combine(&[(-1.5, &here), (2.0, near), (-0.5, &far)], side * step);
            let note = format!("the derivative is the one to the {word}: on the other side {reason}");
            Ok(Slopes { note: Some(note), ..slopes })
        }
    }
}

/// Σ factor × numbers / step.
fn combine(parts: &[(f64, &(Primitives, Vec<f64>))], step: f64) -> Slopes {
    let mut out: Option<(Primitives, Vec<f64>)> = None;
    for (factor, (numbers, parameters)) in parts {
        let factor = factor / step;
        let (sum, list) = out.get_or_insert_with(|| {
            let mut zero = numbers.clone();
            zero.add(-1.0, numbers);
            (zero, vec![0.0; parameters.len()])
        });
        sum.add(factor, numbers);
        list.iter_mut().zip(parameters).for_each(|(x, p)| *x += factor * p);
    }
    let (primitives, parameters) = out.unwrap_or_else(|| parts[0].1.clone());
    Slopes { primitives, parameters, note: None }
}

/// Of the number whose differences to both sides differ most: by how much, and the larger of the two.
fn bend(
    here: &(Primitives, Vec<f64>),
    up: &(Primitives, Vec<f64>),
    down: &(Primitives, Vec<f64>),
) -> (f64, f64) {
    let mut worst = (0.0f64, 0.0f64);
    let parts = here.0.parts().into_iter().zip(up.0.parts()).zip(down.0.parts());
    for ((here, up), down) in parts {
        for ((here, up), down) in here.iter().zip(up).zip(down) {
            let (right, left) = (up - here, here - down);
            let (second, first) = ((right - left).abs(), right.abs().max(left.abs()));
            // Round-off is no bend.
            if second > worst.0 && second > 1e-13 * here.abs().max(1.0) {
                worst = (second, first);
            }
        }
    }
    worst
}
