//! The ladder of offers of a war in which offers screen (Powell 2004; two types, infinite horizon, no discounting).

use armistice_scenario::EvaluationError;

use super::{Numbers, Parameters, parameter};

/// Offers before the last are at most this many; the ladder grows like the logarithm of the odds that B is weak.
const MOST_STEPS: usize = 500;

/// A rung of the ladder.
#[derive(Clone, Copy)]
struct Rung {
    /// The offer y_n.
    offer: f64,
    /// The belief μ_n from which on it is made.
    belief: f64,
    /// A's value at belief 1 − z, as base − slope · z.
    base: f64,
    slope: f64,
}

/// The path of offers and beliefs from the prior, and what comes of it; `round` and `step` say which entries of lists are wanted.
///
/// y_0 = r_T and y_n = −c_W + k(1 − p) + (1 − k) y_(n−1). With z = 1 − μ, W_n(z) = (1 − y_n) − (z/z_(n−1)) ((1 − y_n) − K_(n−1)),
/// K_j = −a + k p + (1 − k) V(μ_j) and V(μ_0) = 1 − y_0. The threshold z_n solves W_n = W_(n−1), where V(μ_n) is both.
/// Play starts at n with μ_n ≤ μ < μ_(n+1); beliefs after refusals are μ_(n−1), …, μ_1, 0.
pub(super) fn compute(parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let of = |name| parameter(parameters, name);
    let (p, k, a) = (of("p")?, of("k")?, of("a")?);
    let (tough, weak, prior) = (of("cT")?, of("cW")?, of("mu")?);
    let (round, step) = (of("round")?, of("step")?);
    if !(k > 0.0 && k < 1.0) {
        return Err(EvaluationError::Domain { operation: "a chance of collapse", argument: k });
    }
    if !(0.0..1.0).contains(&prior) {
        return Err(EvaluationError::Domain { operation: "a prior", argument: prior });
    }
    let mut rungs: Vec<Rung> = Vec::new();
    let first = 1.0 - p - tough / k;
    rungs.push(Rung { offer: first, belief: 0.0, base: 1.0 - first, slope: 0.0 });
    // Rungs up to the first that lies beyond the prior.
    loop {
        let last = rungs[rungs.len() - 1];
        if last.belief > prior {
            break;
        }
        if rungs.len() > MOST_STEPS {
            return Err(EvaluationError::TooDeep);
        }
        let offer = -weak + k * (1.0 - p) + (1.0 - k) * last.offer;
        let z = 1.0 - last.belief;
        let value = last.base - last.slope * z;
        let fight = -a + k * p + (1.0 - k) * value;
        let base = 1.0 - offer;
        let slope = (base - fight) / z;
        if slope <= last.slope {
            return Err(EvaluationError::Domain { operation: "a ladder that rises", argument: slope });
        }
        let z = (base - last.base) / (slope - last.slope);
        rungs.push(Rung { offer, belief: 1.0 - z, base, slope });
    }
    let n = rungs.len() - 2;
    let mut numbers = Numbers::from([
        ("rounds", n as f64),
        ("EU_A", rungs[n].base - rungs[n].slope * (1.0 - prior)),
        ("first_offer", rungs[n].offer),
        ("last_offer", rungs[0].offer),
        ("next_threshold", rungs[n + 1].belief),
    ]);
    if let Some(rung) = rungs.get(step.max(0.0) as usize) {
        numbers.insert("threshold", rung.belief);
    }
    let (mut belief, mut reached, mut settled, mut any) = (prior, 1.0, 0.0, 0.0);
    for (i, rung) in rungs[..=n].iter().rev().enumerate() {
        let next = if i + 1 < n { rungs[n - i - 1].belief } else { 0.0 };
        // Refusals leave (1 − μ)/(1 − μ′) of all; at the last offer nobody refuses.
        let accepts = if i == n { 1.0 } else { 1.0 - (1.0 - belief) / (1.0 - next) };
        let weak_accepts = if i == n || belief <= 0.0 { 1.0 } else { accepts / belief };
        if i == 0 {
            any = 1.0 - accepts;
        }
        if (i + 1) as f64 == round {
            numbers.extend([
                ("offer", rung.offer),
                ("belief", belief),
                ("weak_accepts", weak_accepts),
                ("P_accept", accepts),
                ("P_settle", reached * accepts),
            ]);
            if i < n {
                numbers.extend([("next_offer", rungs[n - i - 1].offer), ("next_belief", next)]);
            }
        }
        settled += reached * accepts;
        reached *= (1.0 - accepts) * (1.0 - k);
        belief = next;
    }
    numbers.extend([("P_any_fighting", any), ("P_military_end", (1.0 - settled).max(0.0))]);
    if numbers.values().all(|x| x.is_finite()) { Ok(numbers) } else { Err(EvaluationError::NotFinite) }
}
