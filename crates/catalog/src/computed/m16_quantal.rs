//! Logit quantal responses of small games: the principal branch, by continuation in λ from uniform play and Newton's method. It shares
//! no code with the solver of trees.
//!
//! Games are reduced to the choices of one side: the other side's quantal response to them, and the first side's to that, is a map whose
//! fixed points are the equilibria (McKelvey and Palfrey 1998). Unknowns are logarithms of probabilities, because beliefs after a message
//! that is hardly ever sent depend on their differences.

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// Longest step of λ.
const LONGEST: f64 = 0.1;
/// Most steps, taken or halved.
const TRIES: usize = 20_000;
/// Largest λ: beyond it, follow the tree.
const MOST: f64 = 1_000.0;
/// Newton steps at each λ.
const ROUNDS: usize = 8;
/// Newton steps above this leave the branch.
const LARGEST: f64 = 0.5;
/// Largest difference between the logarithms of choices and of responses.
const RESIDUAL: f64 = 1e-12;
/// Step of numerical derivatives.
const STEP: f64 = 1e-7;

/// Logarithms of choice probabilities in proportion to exp(λ payoff).
fn log_logit(lambda: f64, payoffs: &[f64]) -> Vec<f64> {
    let top = payoffs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = payoffs.iter().map(|u| (lambda * (u - top)).exp()).sum();
    payoffs.iter().map(|u| lambda * (u - top) - total.ln()).collect()
}

/// The probabilities themselves.
fn logit(lambda: f64, payoffs: &[f64]) -> Vec<f64> {
    log_logit(lambda, payoffs).into_iter().map(f64::exp).collect()
}

/// Probability of the first of two states with these logarithms of weights.
fn first(one: f64, other: f64) -> f64 {
    1.0 / (1.0 + (other - one).exp())
}

/// The fixed point of `response` at λ that the branch from `start`, the one at λ = 0, leads to.
///
/// - errors: [`EvaluationError::Unavailable`] where the branch cannot be followed in λ alone, as at a turning point.
fn branch(
    lambda: f64,
    start: Vec<f64>,
    response: &dyn Fn(f64, &[f64]) -> Vec<f64>,
) -> Result<Vec<f64>, EvaluationError> {
    let failed = |reason: &str| EvaluationError::Unavailable {
        function: "quantal response".to_owned(),
        reason: reason.to_owned(),
    };
    if !(0.0..=MOST).contains(&lambda) {
        return Err(failed("λ has to lie between 0 and 1000"));
    }
    let (mut at, mut reached, mut step) = (start, 0.0, LONGEST);
    for _ in 0..TRIES {
        if reached >= lambda {
            return Ok(at);
        }
        let next = (reached + step).min(lambda);
        match newton(next, &at, response) {
            Some(found) => (at, reached, step) = (found, next, (1.5 * step).min(LONGEST)),
            None => step /= 2.0,
        }
    }
    Err(failed("the branch turns, or could not be followed"))
}

/// The fixed point of `response` at λ near `start`, by Newton's method; `None` where that does not settle.
fn newton(lambda: f64, start: &[f64], response: &dyn Fn(f64, &[f64]) -> Vec<f64>) -> Option<Vec<f64>> {
    let mut at = start.to_vec();
    for _ in 0..ROUNDS {
        let gap = gap(lambda, &at, response);
        if gap.iter().all(|g| g.abs() <= RESIDUAL) {
            return Some(at);
        }
        let columns = (0..at.len()).map(|column| {
            let mut moved = at.clone();
            moved[column] += STEP;
            let beyond = self::gap(lambda, &moved, response);
            beyond.iter().zip(&gap).map(|(b, g)| (b - g) / STEP).collect()
        });
        let change = solve(columns.collect(), gap.clone())?;
        if change.iter().any(|c| c.abs() > LARGEST) {
            return None;
        }
        at.iter_mut().zip(change).for_each(|(x, dx)| *x = (*x - dx).min(0.0));
    }
    None
}

/// Choices minus responses to them.
fn gap(lambda: f64, at: &[f64], response: &dyn Fn(f64, &[f64]) -> Vec<f64>) -> Vec<f64> {
    at.iter().zip(response(lambda, at)).map(|(x, r)| x - r).collect()
}

/// Solves the linear system with these columns by elimination; `None` where it is singular.
fn solve(columns: Vec<Vec<f64>>, right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    let mut rows: Vec<Vec<f64>> =
        (0..size).map(|row| columns.iter().map(|column| column[row]).chain([right[row]]).collect()).collect();
    for pivot in 0..size {
        let best = (pivot..size).max_by(|a, b| rows[*a][pivot].abs().total_cmp(&rows[*b][pivot].abs()))?;
        rows.swap(pivot, best);
        if rows[pivot][pivot].abs() < 1e-12 {
            return None;
        }
        let own = rows[pivot].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != pivot) {
            let factor = row[pivot] / own[pivot];
            row.iter_mut().zip(&own).for_each(|(x, o)| *x -= factor * o);
        }
    }
    Some((0..size).map(|row| rows[row][size] / rows[row][row]).collect())
}

/// Payoffs of the sender and the receiver, by message and response.
type Payoffs<const M: usize, const R: usize> = [[(f64, f64); R]; M];

/// A sender of two types, M messages, R responses.
struct Signalling<const M: usize, const R: usize> {
    /// Prior of the first type.
    prior: f64,
    types: [Payoffs<M, R>; 2],
}

impl<const M: usize, const R: usize> Signalling<M, R> {
    /// What the receiver does after each message when the logarithms of the sender's choices are these.
    fn receiver(&self, lambda: f64, sender: &[f64]) -> Vec<Vec<f64>> {
        (0..M)
            .map(|message| {
                let belief =
                    first(self.prior.ln() + sender[message], (1.0 - self.prior).ln() + sender[M + message]);
                let payoffs: Vec<f64> = (0..R)
                    .map(|response| {
                        belief * self.types[0][message][response].1
                            + (1.0 - belief) * self.types[1][message][response].1
                    })
                    .collect();
                logit(lambda, &payoffs)
            })
            .collect()
    }

    fn response(&self, lambda: f64, sender: &[f64]) -> Vec<f64> {
        let receiver = self.receiver(lambda, sender);
        self.types
            .iter()
            .flat_map(|payoffs| {
                let values: Vec<f64> = payoffs
                    .iter()
                    .zip(&receiver)
                    .map(|(row, chosen)| row.iter().zip(chosen).map(|(u, p)| u.0 * p).sum())
                    .collect();
                log_logit(lambda, &values)
            })
            .collect()
    }

    /// Messages by type, then responses by message, under these names.
    fn solve(
        &self,
        lambda: f64,
        messages: &[&'static str],
        responses: &[&'static str],
    ) -> Result<Numbers, EvaluationError> {
        let start = vec![-(M as f64).ln(); 2 * M];
        let sender = branch(lambda, start, &|l, x| self.response(l, x))?;
        let receiver = self.receiver(lambda, &sender).concat();
        let names = messages.iter().chain(responses);
        Ok(names.copied().zip(sender.into_iter().map(f64::exp).chain(receiver)).collect())
    }
}

/// The three signalling games that Banks, Camerer and Porter (1994) had played and McKelvey and Palfrey (1998) fitted.
pub(super) fn banks_camerer_porter(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let types = match parameter(parameters, "game")? {
        2.0 => [
            [
                [(1.0, 2.0), (2.0, 1.0), (0.0, 3.0)],
                [(1.0, 2.0), (1.0, 1.0), (2.0, 1.0)],
                [(3.0, 1.0), (0.0, 0.0), (2.0, 1.0)],
            ],
            [
                [(2.0, 2.0), (1.0, 4.0), (3.0, 2.0)],
                [(2.0, 2.0), (0.0, 4.0), (3.0, 1.0)],
                [(2.0, 2.0), (0.0, 0.0), (2.0, 1.0)],
            ],
        ],
        3.0 => [
            [
                [(0.0, 3.0), (2.0, 2.0), (2.0, 1.0)],
                [(1.0, 2.0), (2.0, 1.0), (3.0, 0.0)],
                [(1.0, 6.0), (4.0, 1.0), (2.0, 0.0)],
            ],
            [
                [(1.0, 0.0), (3.0, 2.0), (2.0, 1.0)],
                [(0.0, 1.0), (3.0, 1.0), (2.0, 6.0)],
                [(0.0, 0.0), (4.0, 1.0), (0.0, 6.0)],
            ],
        ],
        4.0 => [
            [
                [(4.0, 0.0), (0.0, 3.0), (0.0, 4.0)],
                [(2.0, 0.0), (0.0, 3.0), (3.0, 2.0)],
                [(2.0, 3.0), (1.0, 0.0), (1.0, 2.0)],
            ],
            [
                [(3.0, 4.0), (3.0, 3.0), (1.0, 0.0)],
                [(0.0, 3.0), (0.0, 0.0), (2.0, 2.0)],
                [(4.0, 3.0), (0.0, 4.0), (3.0, 0.0)],
            ],
        ],
        _ => {
            return Err(EvaluationError::Unavailable {
                function: "game".to_owned(),
                reason: "it has to be 2, 3 or 4".to_owned(),
            });
        }
    };
    Signalling { prior: 0.5, types }.solve(
        parameter(parameters, "lambda")?,
        &["t1_m1", "t1_m2", "t1_m3", "t2_m1", "t2_m2", "t2_m3"],
        &["m1_a1", "m1_a2", "m1_a3", "m2_a1", "m2_a2", "m2_a3", "m3_a1", "m3_a2", "m3_a3"],
    )
}

/// Beer and quiche (Cho and Kreps 1987) at finite λ: the strong type likes beer, and would rather walk away than duel.
pub(super) fn beer_quiche(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let (liked, spared) = (parameter(parameters, "liked")?, parameter(parameters, "spared")?);
    let row = |meal: f64, wins: f64| [(meal, wins), (meal + spared, 1.0 - wins)];
    let types = [[row(liked, 0.0), row(0.0, 0.0)], [row(0.0, 1.0), row(liked, 1.0)]];
    Signalling { prior: parameter(parameters, "strong")?, types }.solve(
        parameter(parameters, "lambda")?,
        &["strong_beer", "strong_quiche", "weak_beer", "weak_quiche"],
        &["beer_duel", "beer_walk", "quiche_duel", "quiche_walk"],
    )
}

/// A crisis between two sides that are tough or weak: challenge, resistance, and standing firm at the cost of a war or backing down at
/// the cost of an audience.
pub(super) fn crisis(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let read = |name| parameter(parameters, name);
    let lambda = read("lambda")?;
    let (tough_a, tough_b) = (read("tough_A")?, read("tough_B")?);
    let back = -read("audience")?;
    let fights = [read("war_A_tough")?, read("war_A_weak")?];
    let own = [read("war_B_tough")?, read("war_B_weak")?];
    let stands = |l: f64, kind: usize| logit(l, &[back, fights[kind]]);
    let resists = |l: f64, challenges: &[f64], kind: usize| {
        let tough = first(tough_a.ln() + challenges[0], (1.0 - tough_a).ln() + challenges[1]);
        let value: f64 = [tough, 1.0 - tough]
            .iter()
            .enumerate()
            .map(|(a, belief)| {
                let last = stands(l, a);
                belief * (last[0] + last[1] * own[kind])
            })
            .sum();
        logit(l, &[0.0, value])
    };
    let response = |l: f64, challenges: &[f64]| -> Vec<f64> {
        let (tough, weak) = (resists(l, challenges, 0), resists(l, challenges, 1));
        let resisted = tough_b * tough[1] + (1.0 - tough_b) * weak[1];
        (0..2)
            .map(|a| {
                let last = stands(l, a);
                let then = last[0] * back + last[1] * fights[a];
                log_logit(l, &[1.0 - resisted + resisted * then, 0.0])[0]
            })
            .collect()
    };
    let logs = branch(lambda, vec![-std::f64::consts::LN_2; 2], &response)?;
    let answers = [resists(lambda, &logs, 0), resists(lambda, &logs, 1)];
    let challenges: Vec<f64> = logs.into_iter().map(f64::exp).collect();
    let lasts = [stands(lambda, 0), stands(lambda, 1)];
    let resisted = tough_b * answers[0][1] + (1.0 - tough_b) * answers[1][1];
    let war: f64 =
        [tough_a, 1.0 - tough_a].iter().enumerate().map(|(a, p)| p * challenges[a] * lasts[a][1]).sum();
    Ok(Numbers::from([
        ("tough_challenges", challenges[0]),
        ("tough_keeps_quiet", 1.0 - challenges[0]),
        ("weak_challenges", challenges[1]),
        ("weak_keeps_quiet", 1.0 - challenges[1]),
        ("tough_concedes", answers[0][0]),
        ("tough_resists", answers[0][1]),
        ("weak_concedes", answers[1][0]),
        ("weak_resists", answers[1][1]),
        ("tough_backs_down", lasts[0][0]),
        ("tough_fights", lasts[0][1]),
        ("weak_backs_down", lasts[1][0]),
        ("weak_fights", lasts[1][1]),
        ("P_war", war * resisted),
    ]))
}

/// Matching pennies with unequal stakes (Ochs 1995): how often the row player chooses the first row and the column player the first column.
pub(super) fn pennies(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let read = |name| parameter(parameters, name);
    let (lambda, high, low, stake) = (read("lambda")?, read("high")?, read("low")?, read("stake")?);
    let column = |l: f64, row: f64| logit(l, &[stake * (1.0 - row), stake * row])[0];
    let response = |l: f64, at: &[f64]| {
        let q = column(l, at[0].exp());
        vec![log_logit(l, &[high * q, low * (1.0 - q)])[0]]
    };
    let row = branch(lambda, vec![-std::f64::consts::LN_2], &response)?[0].exp();
    Ok(Numbers::from([("row_first", row), ("column_first", column(lambda, row))]))
}
