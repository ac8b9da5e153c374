//! Counterfactual regret minimization for games of two players and constant sum.

use armistice_game::FiniteGame;
use serde::Serialize;

use super::arrays::Arrays;
use super::certificate::{TreeCertificate, certify};
use super::plays::{Plays, copies};
use super::public_pair::{Blocks, general, public};
use super::regret::{Regrets, Weights, solver};
use super::{Form, TreeError};
use crate::Control;

/// How regrets and averages are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CfrVariant {
    /// CFR+ (Tammelin 2014): regrets below 0 are forgotten; iteration t weighs t in the average.
    Plus,
    /// Discounted CFR (Brown and Sandholm 2019): after iteration t regrets above 0 are multiplied by t^α / (t^α + 1), those below by t^β / (t^β + 1);
    /// iteration t weighs t^γ in the average.
    Discounted {
        /// α, not below 0.
        alpha: f64,
        /// β, any number.
        beta: f64,
        /// γ, not below 0.
        gamma: f64,
    },
}

impl CfrVariant {
    /// Discounted CFR as its authors recommend it: α = 3/2, β = 0, γ = 2.
    pub const DISCOUNTED: Self = Self::Discounted { alpha: 1.5, beta: 0.0, gamma: 2.0 };

    /// The factors of iteration `t`, counted from 1.
    fn weights(self, t: u64) -> Weights {
        let t = t as f64;
        match self {
            Self::Plus => Weights { keep: [1.0, 0.0], average: t },
            Self::Discounted { alpha, beta, gamma } => {
                // t^x / (t^x + 1), finite however large x is.
                let keep = |power: f64| 1.0 / (1.0 + t.powf(-power));
                Weights { keep: [keep(alpha), keep(beta)], average: t.powf(gamma) }
            }
        }
    }

    fn is_sound(self) -> bool {
        match self {
            Self::Plus => true,
            // Far more than anybody uses; sums of weights stay finite.
            Self::Discounted { alpha, beta, gamma } => {
                (0.0..=10.0).contains(&alpha)
                    && (-10.0..=10.0).contains(&beta)
                    && (0.0..=10.0).contains(&gamma)
            }
        }
    }
}

/// What is asked of [`cfr`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CfrSettings {
    /// How regrets and averages are weighed.
    pub variant: CfrVariant,
    /// Most iterations. In each, both players update their strategies.
    pub iterations: u64,
    /// Exploitability at which to stop, in payoff units; 0 to do all iterations.
    pub target: f64,
    /// Iterations from one look at exploitability to the next; a look costs about as much as an iteration.
    pub check_every: u64,
    /// Take every information set by itself: neither copies as one nor public states together. Slower, and the same up to round-off.
    pub general: bool,
}

impl Default for CfrSettings {
    /// CFR+, at most 10,000 iterations, down to 0.001 payoff units, looked at every 50.
    fn default() -> Self {
        Self { variant: CfrVariant::Plus, iterations: 10_000, target: 1e-3, check_every: 50, general: false }
    }
}

/// Exploitability at one iteration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CfrPoint {
    /// Iterations done.
    pub iteration: u64,
    /// Half of NashConv of the average so far, in payoff units.
    pub exploitability: f64,
}

/// Why iterating ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CfrEnd {
    /// Exploitability is at most the target.
    Target,
    /// All iterations are done.
    Iterations,
    /// Somebody asked to stop.
    Canceled,
}

/// An average strategy and what it is worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CfrSolution {
    /// Average probabilities of all actions of all information sets, in the game's order; uniform at sets to which their owner never goes.
    pub profile: Vec<f64>,
    /// What the first player gets if both play the average; within [`CfrSolution::exploitability`] × 2 of the value of the game.
    pub value: f64,
    /// Half of NashConv, in payoff units, from the certificate.
    pub exploitability: f64,
    /// Exploitability on the way, by the solver's own count.
    pub history: Vec<CfrPoint>,
    /// Iterations done.
    pub iterations: u64,
    /// Why no more were.
    pub end: CfrEnd,
    /// Which form of the game was solved.
    pub form: Form,
    /// Information sets that were left when copies were taken as one.
    pub sets: usize,
    /// The sum of both payoffs.
    pub constant_sum: f64,
    /// The average, checked by other code than that which found it.
    pub certificate: TreeCertificate,
}

/// Approximates an equilibrium of a game of two players, constant sum and perfect recall by counterfactual regret minimization.
///
/// At every information set regrets R(a) ← R(a) + u(a) − Σ σ(a′) u(a′) of the counterfactual values u are summed, and play matches them: σ(a) ∝
/// max(R(a), 0). Players update in turn. The weighted average of the plans converges to equilibrium; its exploitability,
/// (max u₁(·, σ̄₂) + max u₂(σ̄₁, ·) − sum) / 2, falls at least like 1/√t and as a rule like 1/t or faster. The average of player 1 is taken
/// over strategies after their update, that of player 2 over those before, for which alternating updates are proven to converge (Burch,
/// Moravčík and Schmid 2019).
///
/// Information sets that are copies of each other, such as those of two suits, are taken as one; that loses nothing. Where actions are public,
/// all private states at what everyone has seen are one vector: private states may be dealt with any joint distribution, and later chance
/// moves may depend on them. Otherwise every information set is on its own.
///
/// - cost: an iteration takes of order actions + Σ (private states of player 1 × of player 2) over public ends; memory the same. Setting up takes a
///   few sorts of the ends.
/// - errors: [`TreeError::NotTwoPlayers`], [`TreeError::NotConstantSum`], [`TreeError::ImperfectRecall`], [`TreeError::Unsound`],
///   [`TreeError::Setting`]. That the target was not reached is none of them: [`CfrSolution::end`] says so. If somebody asks to stop,
///   the average so far is returned.
/// - source: Zinkevich, Johanson, Bowling and Piccione 2007; Tammelin 2014; Brown and Sandholm 2019; public trees: Johanson, Waugh, Bowling and
///   Zinkevich 2011.
///
/// ```
/// use armistice_game::FiniteGame;
/// use armistice_solve::{Control, tree::{CfrSettings, cfr}};
///
/// // Player 2 does not see what player 1 chose.
/// let text = r#"EFG 2 R "pennies" { "A" "B" }
///     p "" 1 1 "" { "H" "T" } 0
///     p "" 2 1 "" { "H" "T" } 0
///     t "" 1 "" { 3, -3 }
///     t "" 2 "" { -1, 1 }
///     p "" 2 1 "" { "H" "T" } 0
///     t "" 3 "" { -2, 2 }
///     t "" 4 "" { 1, -1 }"#;
/// let game = FiniteGame::read_efg(text)?;
/// let found = cfr(&game, &CfrSettings::default(), &Control::default())?;
/// assert!((found.value - 1.0 / 7.0).abs() < 1e-3);
/// assert!((found.profile[0] - 3.0 / 7.0).abs() < 1e-2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn cfr(
    game: &FiniteGame,
    settings: &CfrSettings,
    control: &Control<'_>,
) -> Result<CfrSolution, TreeError> {
    if !settings.variant.is_sound() {
        return Err(TreeError::Setting {
            what: "the powers of discounts must lie between 0 and 10, β between -10 and 10",
        });
    }
    if !(settings.target >= 0.0) || settings.check_every == 0 {
        return Err(TreeError::Setting {
            what: "the target must not be negative, and looks at it must be apart",
        });
    }
    let tree = Arrays::new(game)?;
    let plays = Plays::new(&tree)?;
    let arranged = Arranged::new(&tree, &plays, settings.general)?;
    let Arranged { class, blocks, form, mut solver } = arranged;
    let total = settings.iterations;
    let (mut done, mut history, mut end) = (0, Vec::new(), CfrEnd::Iterations);
    while done < total {
        if control.cancel.is_canceled() {
            end = CfrEnd::Canceled;
            break;
        }
        done += 1;
        solver.iterate(settings.variant.weights(done));
        if (done % settings.check_every == 0 || done == total)
            && let Some(gain) = solver.exploitability()
        {
            let exploitability = gain * plays.scale;
            history.push(CfrPoint { iteration: done, exploitability });
            control.report("iterating", done, Some(total));
            if exploitability <= settings.target && settings.target > 0.0 {
                end = CfrEnd::Target;
                break;
            }
        }
    }
    let mut profile = vec![0.0; tree.actions()];
    for (set, class) in class.iter().enumerate() {
        let own = &mut profile[tree.action[set]..tree.action[set + 1]];
        match blocks.place[*class] {
            Some((block, state)) => own.copy_from_slice(&solver.average(block, state)),
            None => own.fill(1.0 / own.len() as f64),
        }
    }
    let logs: Vec<f64> = profile.iter().map(|p| p.ln()).collect();
    let certificate = certify(&tree, &logs, None);
    Ok(CfrSolution {
        profile,
        value: certificate.payoffs.first().copied().unwrap_or(0.0),
        exploitability: certificate.nash_conv / 2.0,
        history,
        iterations: done,
        end,
        form,
        sets: blocks.place.len(),
        constant_sum: plays.sum,
        certificate,
    })
}

/// A game arranged for iterating.
struct Arranged {
    /// By information set.
    class: Vec<usize>,
    blocks: Blocks,
    form: Form,
    solver: Box<dyn Regrets>,
}

impl Arranged {
    fn new(tree: &Arrays, plays: &Plays, alone: bool) -> Result<Self, TreeError> {
        let class = if alone { (0..tree.owner.len()).collect() } else { copies(tree, plays) };
        let found = public(tree, plays, &class).filter(|_| !alone);
        if let Some(blocks) = found
            && let Some(solver) = solver(tree, plays, &class, &blocks)
        {
            return Ok(Self { class, blocks, form: Form::Public, solver });
        }
        let blocks = general(tree, plays, &class);
        let solver = solver(tree, plays, &class, &blocks)
            .ok_or(TreeError::Unsound { what: "an end lies where nobody can go" })?;
        Ok(Self { class, blocks, form: Form::General, solver })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// Kuhn 1950.
    fn kuhn() -> FiniteGame {
        let mut text = String::from("EFG 2 R \"kuhn\" { \"A\" \"B\" }\nc \"\" 1 \"\" { ");
        let deals = [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)];
        for (a, b) in deals {
            write!(text, "\"{a}{b}\" 1/6 ").unwrap();
        }
        text.push_str("} 0\n");
        let mut number = 0;
        let mut end = |text: &mut String, gain: i32| {
            number += 1;
            writeln!(text, "t \"\" {number} \"\" {{ {gain}, {} }}", -gain).unwrap();
        };
        for (a, b) in deals {
            let win = if a > b { 1 } else { -1 };
            writeln!(text, "p \"\" 1 {a} \"\" {{ \"check\" \"bet\" }} 0").unwrap();
            writeln!(text, "p \"\" 2 {b} \"\" {{ \"check\" \"bet\" }} 0").unwrap();
            end(&mut text, win);
            writeln!(text, "p \"\" 1 {} \"\" {{ \"fold\" \"call\" }} 0", a + 3).unwrap();
            end(&mut text, -1);
            end(&mut text, 2 * win);
            writeln!(text, "p \"\" 2 {} \"\" {{ \"fold\" \"call\" }} 0", b + 3).unwrap();
            end(&mut text, 1);
            end(&mut text, 2 * win);
        }
        FiniteGame::read_efg(&text).unwrap()
    }

    #[test]
    fn regrets_of_both_forms_are_the_same_iteration_by_iteration() {
        let tree = Arrays::new(&kuhn()).unwrap();
        let plays = Plays::new(&tree).unwrap();
        for variant in [CfrVariant::Plus, CfrVariant::DISCOUNTED] {
            let [mut one, mut two] = [false, true].map(|alone| Arranged::new(&tree, &plays, alone).unwrap());
            assert_eq!((one.form, two.form), (Form::Public, Form::General));
            assert_eq!((one.blocks.blocks.len(), two.blocks.blocks.len()), (4, 12));
            for t in 1..=100 {
                for form in [&mut one, &mut two] {
                    form.solver.iterate(variant.weights(t));
                }
                for set in 0..tree.owner.len() {
                    let [a, b] = [&one, &two].map(|form| {
                        let (block, state) = form.blocks.place[form.class[set]].unwrap();
                        form.solver.regrets(block, state)
                    });
                    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-12), "{t} {set}: {a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn the_first_iteration_is_that_on_paper() {
        // Player 1's regrets of a bet with each card against uniform play, in units of the range 4 and odds 1/6.
        let tree = Arrays::new(&kuhn()).unwrap();
        let plays = Plays::new(&tree).unwrap();
        let mut form = Arranged::new(&tree, &plays, false).unwrap();
        form.solver.iterate(CfrVariant::Plus.weights(1));
        // Against each other card, check gives (w + (−1 + 2w) / 2) / 2 and bet (1 + 2w) / 2, w = ±1 by who has the higher card.
        for (set, wins) in [(0, [-1.0, -1.0]), (1, [-1.0, 1.0]), (2, [1.0, 1.0])] {
            let own = (0..tree.owner.len()).filter(|s| tree.owner[*s] == 0);
            // Sets of player 1 at the root, by card.
            let own: Vec<usize> = own.filter(|s| plays.before[*s] == 0).collect();
            let (mut check, mut bet) = (0.0, 0.0);
            for w in wins {
                check += (w + (-1.0 + 2.0 * w) / 2.0) / 2.0 / 24.0;
                bet += (1.0 + 2.0 * w) / 2.0 / 24.0;
            }
            let mean = f64::midpoint(check, bet);
            let (block, state) = form.blocks.place[form.class[own[set]]].unwrap();
            let found = form.solver.regrets(block, state);
            let expected = [(check - mean).max(0.0), (bet - mean).max(0.0)];
            assert!(
                found.iter().zip(&expected).all(|(f, e)| (f - e).abs() < 1e-15),
                "{found:?} {expected:?}"
            );
        }
    }
}
