//! Support enumeration on the agent form: for small games every guess of what is played is tried.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::arrays::Arrays;
use super::certificate::certify;
use super::polish::{polish, reached_sets};
use crate::Control;
use crate::tolerance;

/// Starts of Newton's method for each support that mixes: even play, and random ones.
const STARTS: usize = 5;

/// What was enumerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All supports; off the path only pure ones.
    All,
    /// Pure profiles only: there are too many others.
    Pure,
    /// Nothing: there are too many pure profiles.
    None,
}

/// The equilibria that are found, with the number of their support; and what was enumerated.
///
/// Cost: supports × (a pass over the tree, and where there is mixing a few Newton steps for each start).
pub(crate) fn supports(
    tree: &Arrays,
    limit: usize,
    random: &mut ChaCha8Rng,
    control: &Control<'_>,
) -> (Vec<(u64, Vec<f64>)>, Scope) {
    let sizes: Vec<usize> = tree.action.windows(2).map(|b| b[1] - b[0]).collect();
    let product = |of: &dyn Fn(usize) -> usize| {
        sizes.iter().try_fold(1usize, |total, k| total.checked_mul(of(*k)).filter(|t| *t <= limit))
    };
    let masks = |k: usize| if k < 16 { (1usize << k) - 1 } else { usize::MAX };
    let (total, scope) = match (product(&masks), product(&|k| k)) {
        (Some(total), _) => (total, Scope::All),
        (None, Some(total)) => (total, Scope::Pure),
        (None, None) => return (Vec::new(), Scope::None),
    };
    let mut out = Vec::new();
    let mut support = vec![false; tree.actions()];
    for number in 0..total {
        if control.cancel.is_canceled() {
            break;
        }
        if number % 1024 == 0 {
            control.report("trying supports", number as u64, Some(total as u64));
        }
        let mut rest = number;
        for (set, k) in sizes.iter().enumerate() {
            let first = tree.action[set];
            let base = if scope == Scope::All { masks(*k) } else { *k };
            let digit = rest % base;
            rest /= base;
            for position in 0..*k {
                support[first + position] =
                    if scope == Scope::All { ((digit + 1) >> position) & 1 == 1 } else { digit == position };
            }
        }
        let size =
            |set: usize| support[tree.action[set]..tree.action[set + 1]].iter().filter(|s| **s).count();
        let reached = reached_sets(tree, &support);
        // Off the path mixing matters to nobody who plays.
        if (0..sizes.len()).any(|set| !reached[set] && size(set) > 1) {
            continue;
        }
        let mixes = (0..sizes.len()).any(|set| size(set) > 1);
        for start in 0..if mixes { STARTS } else { 1 } {
            let mut sigma = vec![0.0; tree.actions()];
            for set in 0..sizes.len() {
                let own = tree.action[set]..tree.action[set + 1];
                let mut mass = 0.0;
                for a in own.clone().filter(|a| support[*a]) {
                    sigma[a] = if start == 0 { 1.0 } else { -(1.0 - random.random::<f64>()).ln() };
                    mass += sigma[a];
                }
                sigma[own].iter_mut().for_each(|p| *p /= mass);
            }
            let Some(found) = polish(tree, &sigma, &support) else { continue };
            // Where an action vanishes the support is another one.
            if found.iter().zip(&support).any(|(p, s)| *s && *p < tolerance::ROUNDED) {
                continue;
            }
            let logs: Vec<f64> = found.iter().map(|p| p.ln()).collect();
            if certify(tree, &logs, None).relative <= tolerance::RESIDUAL {
                out.push((number as u64, found));
            }
        }
    }
    (out, scope)
}
