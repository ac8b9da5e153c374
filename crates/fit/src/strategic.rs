//! Strategic probit and logit: two moves at every node, utilities linear in data, best replies to the others' probabilities.
//!
//! Signorino (1999), APSR 93:279–297, and (2003), Political Analysis 11:316–344. A mover goes right when its expected utility there exceeds the
//! one on the left, both measured with error. With *agent error* each action's expected utility carries an error of its own,
//!
//!   P(right) = F((EU_R − EU_L) / (σ√2)),
//!
//! with *private information* each player's utility of each ending does, and a player's errors at different endings are independent,
//!
//!   P(right) = F((EU_R − EU_L) / (σ √(Σ_{endings on the right} q² + Σ_{endings on the left} q²))),
//!
//! where q is the probability of the ending given the action. F is the normal distribution function, or the logistic one.

use serde::Serialize;

use crate::jet::{Jet, Number, Slope};
use crate::likelihood::Model;
use crate::special::{log_logistic, log_normal_known, logistic, normal_choice};

/// Which game is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tree {
    /// Player 1 ends the game or hands over to player 2, who chooses between two endings.
    Egame12,
    /// Player 1 goes left or right, player 2 sees it and goes left or right: four endings.
    Egame122,
    /// Players 1, 2 and 3 in turn may end the game; if none of the first two does, 3 chooses between two endings.
    Egame123,
}

/// Where a move leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// An ending.
    End(usize),
    /// Another move; always a later one in the list.
    Move(usize),
}

/// A move: who, and where left and right lead.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// The mover, from 0.
    pub player: usize,
    /// Left and right.
    pub next: [Next; 2],
}

impl Tree {
    /// The moves, the first one first.
    #[must_use]
    pub fn nodes(self) -> &'static [Node] {
        use Next::{End, Move};
        match self {
            Self::Egame12 => {
                &[Node { player: 0, next: [End(0), Move(1)] }, Node { player: 1, next: [End(1), End(2)] }]
            }
            Self::Egame122 => &[
                Node { player: 0, next: [Move(1), Move(2)] },
                Node { player: 1, next: [End(0), End(1)] },
                Node { player: 1, next: [End(2), End(3)] },
            ],
            Self::Egame123 => &[
                Node { player: 0, next: [End(0), Move(1)] },
                Node { player: 1, next: [End(1), Move(2)] },
                Node { player: 2, next: [End(2), End(3)] },
            ],
        }
    }

    /// The utilities that are estimated, (player, ending), in the order of formulas. All others are 0: only differences within the choices
    /// of a player matter.
    #[must_use]
    pub fn utilities(self) -> &'static [(usize, usize)] {
        match self {
            Self::Egame12 => &[(0, 0), (0, 1), (0, 2), (1, 2)],
            Self::Egame122 => &[(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 3)],
            Self::Egame123 => &[(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 3)],
        }
    }

    /// Number of endings.
    #[must_use]
    pub fn endings(self) -> usize {
        if self == Self::Egame12 { 3 } else { 4 }
    }

    /// Number of players.
    #[must_use]
    pub fn players(self) -> usize {
        if self == Self::Egame123 { 3 } else { 2 }
    }

    /// Number of columns with actions from which an ending can be read.
    #[must_use]
    pub fn actions(self) -> usize {
        if self == Self::Egame123 { 3 } else { 2 }
    }

    /// The ending reached by actions (1 is right); `None` where an action that matters is neither 0 nor 1.
    #[must_use]
    pub fn ending_of(self, actions: &[f64]) -> Option<usize> {
        let nodes = self.nodes();
        let mut at = 0;
        loop {
            let node = nodes[at];
            // The mover's column: moves of one player share one.
            let action = actions[node.player];
            if action != 0.0 && action != 1.0 {
                return None;
            }
            match node.next[usize::from(action == 1.0)] {
                Next::End(ending) => return Some(ending),
                Next::Move(next) => at = next,
            }
        }
    }

    /// Names of endings after columns of actions: `~esc`, `esc,~war`, `esc,war`.
    #[must_use]
    pub fn ending_names(self, columns: &[String]) -> Vec<String> {
        let mut out = vec![String::new(); self.endings()];
        self.name_below(Next::Move(0), "", columns, &mut out);
        out
    }

    fn name_below(self, next: Next, path: &str, columns: &[String], out: &mut [String]) {
        match next {
            Next::End(ending) => path.clone_into(&mut out[ending]),
            Next::Move(at) => {
                let node = self.nodes()[at];
                let (comma, name) = (if path.is_empty() { "" } else { "," }, &columns[node.player]);
                self.name_below(node.next[0], &format!("{path}{comma}~{name}"), columns, out);
                self.name_below(node.next[1], &format!("{path}{comma}{name}"), columns, out);
            }
        }
    }
}

/// The distribution of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// Normal.
    Probit,
    /// Logistic.
    Logit,
}

/// Where errors enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Errors {
    /// Each action's expected utility is measured with error.
    Agent,
    /// Each player's utility of each ending is its own secret.
    Private,
}

/// What a utility is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Utility {
    /// A known number.
    Fixed(f64),
    /// The linear index with this number.
    Index(usize),
}

/// How scales of errors are modeled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scales {
    /// σ = 1.
    Unit,
    /// ln σ of everybody is the linear index with this number.
    Common(usize),
    /// ln σ of player i is the linear index with this number plus i.
    ByPlayer(usize),
}

/// A strategic model with what was observed.
#[derive(Clone, Debug)]
pub struct Strategic {
    /// The game.
    pub tree: Tree,
    /// The distribution of errors.
    pub link: Link,
    /// Where errors enter.
    pub errors: Errors,
    /// Utilities, in the order of [`Tree::utilities`].
    pub utilities: Vec<Utility>,
    /// Scales of errors.
    pub scales: Scales,
    /// Names of endings.
    pub endings: Vec<String>,
    /// The ending of each observation.
    pub observed: Vec<u32>,
}

/// Probabilities at one node.
struct Choice<T> {
    /// The standardized advantage of the right.
    advantage: T,
    /// Of left and right; the first move has none.
    probability: Option<[T; 2]>,
    /// The same as numbers, of the first move too.
    shares: [f64; 2],
    /// Slope of the right's probability in the advantage.
    density: f64,
}

/// Most nodes of a tree.
const MOST_NODES: usize = 3;

/// One evaluation of a model at given indices. What builds it is inlined so that jets, which are large, are made where they stay.
struct Play<'a, T> {
    model: &'a Strategic,
    eta: &'a [f64],
    choices: [Option<Choice<T>>; MOST_NODES],
}

impl<'a, T: Number> Play<'a, T> {
    #[inline]
    fn new(model: &'a Strategic, eta: &'a [f64]) -> Self {
        let mut play = Self { model, eta, choices: [const { None }; MOST_NODES] };
        for at in (0..model.tree.nodes().len()).rev() {
            let advantage = play.advantage(at);
            let z = advantage.value();
            // F'' is −z φ for the normal and p q (q − p) for the logistic distribution.
            let (shares, density, second) = match model.link {
                Link::Probit => {
                    let (shares, density) = normal_choice(z);
                    (shares, density, -z * density)
                }
                Link::Logit => {
                    let (q, p) = (logistic(-z), logistic(z));
                    ([q, p], p * q, p * q * (q - p))
                }
            };
            let [low, high] = shares;
            // Nobody plans on what the first mover does.
            let probability = (at > 0).then(|| {
                let right = advantage.chain(high, density, second);
                let mut left = T::constant(low + high);
                left.add_scaled(&right, -1.0);
                [left, right]
            });
            play.choices[at] = Some(Choice { advantage, probability, shares, density });
        }
        play
    }

    /// (EU_R − EU_L) over the scale of its error.
    #[inline]
    fn advantage(&self, at: usize) -> T {
        let node = self.model.tree.nodes()[at];
        let mut difference = T::constant(0.0);
        self.add_expected(node.player, node.next[1], 1.0, &mut difference);
        self.add_expected(node.player, node.next[0], -1.0, &mut difference);
        let both_end = node.next.iter().all(|next| matches!(next, Next::End(_)));
        let standardized = if self.model.errors == Errors::Agent || both_end {
            difference.scaled(std::f64::consts::FRAC_1_SQRT_2)
        } else {
            let mut squares = T::constant(0.0);
            node.next.iter().for_each(|&next| self.add_squares(next, &mut squares));
            difference * squares.recip_sqrt()
        };
        let scale = match self.model.scales {
            Scales::Unit => return standardized,
            Scales::Common(index) => index,
            Scales::ByPlayer(index) => index + node.player,
        };
        standardized * (-T::variable(self.eta[scale], scale)).exp()
    }

    /// A player's utility of an ending.
    #[inline]
    fn utility(&self, player: usize, ending: usize) -> Utility {
        let slot = self.model.tree.utilities().iter().position(|&(p, e)| (p, e) == (player, ending));
        slot.map_or(Utility::Fixed(0.0), |slot| self.model.utilities[slot])
    }

    /// Adds `factor` times a player's expected utility of what follows.
    fn add_expected(&self, player: usize, next: Next, factor: f64, sum: &mut T) {
        match next {
            Next::End(ending) => match self.utility(player, ending) {
                Utility::Fixed(value) => sum.shift(factor * value),
                Utility::Index(index) => sum.add_variable(factor * self.eta[index], factor, index),
            },
            Next::Move(at) => {
                let Some(Choice { probability: Some(probability), .. }) = &self.choices[at] else { return };
                for (probability, next) in probability.iter().zip(self.model.tree.nodes()[at].next) {
                    match next {
                        Next::End(ending) => match self.utility(player, ending) {
                            Utility::Fixed(0.0) => {}
                            Utility::Fixed(value) => sum.add_scaled(probability, factor * value),
                            Utility::Index(index) => {
                                sum.add_product(probability, self.eta[index], index, factor);
                            }
                        },
                        Next::Move(_) => {
                            let mut below = T::constant(0.0);
                            self.add_expected(player, next, 1.0, &mut below);
                            sum.add_scaled(&(*probability * below), factor);
                        }
                    }
                }
            }
        }
    }

    /// Adds Σ q² over the endings that can follow.
    fn add_squares(&self, next: Next, sum: &mut T) {
        let Next::Move(at) = next else {
            sum.shift(1.0);
            return;
        };
        let Some(Choice { probability: Some(probability), .. }) = &self.choices[at] else { return };
        for (probability, next) in probability.iter().zip(self.model.tree.nodes()[at].next) {
            let p = probability.value();
            let square = probability.chain(p * p, 2.0 * p, 2.0);
            if matches!(next, Next::Move(_)) {
                let mut below = T::constant(0.0);
                self.add_squares(next, &mut below);
                sum.add_scaled(&(square * below), 1.0);
            } else {
                sum.add_scaled(&square, 1.0);
            }
        }
    }

    /// By node: the probability that it is reached.
    fn reached(&self) -> [f64; MOST_NODES] {
        let mut out = [0.0; MOST_NODES];
        out[0] = 1.0;
        for (at, node) in self.model.tree.nodes().iter().enumerate() {
            let shares = self.choices[at].as_ref().map_or([0.0; 2], |choice| choice.shares);
            for (next, share) in node.next.iter().zip(shares) {
                if let Next::Move(below) = next {
                    out[*below] += out[at] * share;
                }
            }
        }
        out
    }

    /// ln of the probability of an ending.
    #[inline]
    fn log_probability(&self, ending: usize) -> T {
        let nodes = self.model.tree.nodes();
        let mut sum = T::constant(0.0);
        let mut at = 0;
        loop {
            let node = nodes[at];
            let right = usize::from(!leads(nodes, node.next[0], ending));
            if let Some(choice) = &self.choices[at] {
                let sign = if right == 1 { 1.0 } else { -1.0 };
                let z = sign * choice.advantage.value();
                let [value, first, second] = match self.model.link {
                    Link::Probit => log_normal_known(z, choice.shares[right], choice.density),
                    Link::Logit => log_logistic(z),
                };
                sum.add_scaled(&choice.advantage.chain(value, sign * first, second), 1.0);
            }
            match node.next[right] {
                Next::End(_) => return sum,
                Next::Move(next) => at = next,
            }
        }
    }
}

/// Whether an ending can follow.
fn leads(nodes: &[Node], next: Next, ending: usize) -> bool {
    match next {
        Next::End(end) => end == ending,
        Next::Move(at) => nodes[at].next.iter().any(|&next| leads(nodes, next, ending)),
    }
}

impl Strategic {
    fn evaluate<const N: usize>(&self, ending: usize, eta: &[f64], g: &mut [f64], h: &mut [f64]) -> f64 {
        Play::<Jet<N>>::new(self, eta).log_probability(ending).write(g, h)
    }

    /// The same with the expected information in place of second derivatives.
    ///
    /// A mover's score has mean 0 whatever went before, so that information adds up over moves: Σ P(reached) φ²/(Φ(z)Φ(−z)) ∇z∇zᵀ. What is written is
    /// its lower triangle.
    fn score<const N: usize>(
        &self,
        ending: usize,
        eta: &[f64],
        g: &mut [f64],
        information: &mut [f64],
    ) -> f64 {
        let play = Play::<Slope<N>>::new(self, eta);
        information.fill(0.0);
        for (choice, reached) in play.choices.iter().flatten().zip(play.reached()) {
            let product = choice.shares[0] * choice.shares[1];
            // Where one side has no chance at all there is nothing to learn.
            let weight =
                if product > 0.0 { reached * choice.density * choice.density / product } else { 0.0 };
            let slope = &choice.advantage.gradient;
            for (i, row) in information.chunks_mut(N.max(1)).enumerate() {
                let factor = weight * slope[i];
                row.iter_mut().zip(&slope[..=i]).for_each(|(entry, s)| *entry += factor * s);
            }
        }
        let log = play.log_probability(ending);
        g.copy_from_slice(&log.gradient);
        log.value
    }
}

/// Calls a function with the number of variables as a constant: 0 to 11, the most that utilities and scales can be.
macro_rules! with_constant {
    ($self:ident, $count:expr, $method:ident($($argument:expr),*)) => {
        match $count {
            0 => $self.$method::<0>($($argument),*),
            1 => $self.$method::<1>($($argument),*),
            2 => $self.$method::<2>($($argument),*),
            3 => $self.$method::<3>($($argument),*),
            4 => $self.$method::<4>($($argument),*),
            5 => $self.$method::<5>($($argument),*),
            6 => $self.$method::<6>($($argument),*),
            7 => $self.$method::<7>($($argument),*),
            8 => $self.$method::<8>($($argument),*),
            9 => $self.$method::<9>($($argument),*),
            10 => $self.$method::<10>($($argument),*),
            _ => $self.$method::<11>($($argument),*),
        }
    };
}
pub(crate) use with_constant;

impl Model for Strategic {
    fn indices(&self) -> usize {
        let of_utilities = self.utilities.iter().filter(|u| matches!(u, Utility::Index(_))).count();
        let of_scales = match self.scales {
            Scales::Unit => 0,
            Scales::Common(_) => 1,
            Scales::ByPlayer(_) => self.tree.players(),
        };
        of_utilities + of_scales
    }

    fn log_likelihood(
        &self,
        observation: usize,
        eta: &[f64],
        gradient: &mut [f64],
        hessian: &mut [f64],
    ) -> f64 {
        let ending = self.observed[observation] as usize;
        with_constant!(self, eta.len(), evaluate(ending, eta, gradient, hessian))
    }

    fn scoring(
        &self,
        observation: usize,
        eta: &[f64],
        gradient: &mut [f64],
        information: &mut [f64],
    ) -> Option<f64> {
        let ending = self.observed[observation] as usize;
        Some(with_constant!(self, eta.len(), score(ending, eta, gradient, information)))
    }

    fn quantities(&self) -> Vec<String> {
        self.endings.iter().map(|ending| format!("P({ending})")).collect()
    }

    fn quantity(&self, quantity: usize, eta: &[f64], gradient: &mut [f64]) -> f64 {
        let mut hessian = vec![0.0; eta.len() * eta.len()];
        let log = with_constant!(self, eta.len(), evaluate(quantity, eta, gradient, &mut hessian));
        let probability = log.exp();
        gradient.iter_mut().for_each(|g| *g *= probability);
        probability
    }
}
