//! The plays of a game of constant sum, and information sets that are copies of each other.

use std::collections::HashMap;

use super::TreeError;
use super::arrays::{Arrays, Who};
use super::zero_sum::constant_sum;

/// Plays of positive probability under chance, by what both players did. Sequence 0 is that of somebody who has not moved; action `a` of
/// the tree ends sequence `a + 1`.
#[derive(Clone, Debug)]
pub(crate) struct Plays {
    /// By information set: the last sequence of its owner before it.
    pub(crate) before: Vec<usize>,
    /// By sequence: its information set; of sequence 0 nobody's.
    pub(crate) set_of: Vec<usize>,
    pub(crate) ends: Vec<End>,
    /// Range of the first player's payoffs, or 1 where they are all the same.
    pub(crate) scale: f64,
    /// Sum of both payoffs.
    pub(crate) sum: f64,
}

/// One end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    /// Last sequence of each player.
    pub(crate) last: [usize; 2],
    /// Probability that chance allows it.
    pub(crate) odds: f64,
    /// What the first player gets beyond half of the sum, in units of the range.
    pub(crate) worth: f64,
}

impl Plays {
    /// - cost: linear in the nodes.
    /// - errors: [`TreeError::NotTwoPlayers`], [`TreeError::NotConstantSum`], [`TreeError::ImperfectRecall`], [`TreeError::Unsound`].
    pub(crate) fn new(tree: &Arrays) -> Result<Self, TreeError> {
        if tree.players != 2 {
            return Err(TreeError::NotTwoPlayers { players: tree.players });
        }
        let sum = constant_sum(tree).ok_or(TreeError::NotConstantSum)?;
        let range = tree.payoff_range(0);
        let scale = if range > 0.0 { range } else { 1.0 };
        let mut out = Self {
            before: vec![usize::MAX; tree.owner.len()],
            set_of: vec![usize::MAX; 1 + tree.actions()],
            ends: Vec::new(),
            scale,
            sum,
        };
        for (set, bounds) in tree.action.windows(2).enumerate() {
            if bounds[0] == bounds[1] {
                return Err(TreeError::Unsound { what: "an information set has no actions" });
            }
            out.set_of[1 + bounds[0]..1 + bounds[1]].fill(set);
        }
        let mut last = vec![[0usize; 2]; tree.nodes()];
        let mut odds = vec![1.0; tree.nodes()];
        for node in 0..tree.nodes() {
            let own = match tree.who[node] {
                Who::Nobody => {
                    let worth = (tree.payoff(node, 0) - tree.payoff(node, 1)) / 2.0 / scale;
                    if odds[node] > 0.0 {
                        out.ends.push(End { last: last[node], odds: odds[node], worth });
                    }
                    continue;
                }
                Who::Set(set) => {
                    let before = last[node][tree.owner[set]];
                    if out.before[set] == usize::MAX {
                        out.before[set] = before;
                    } else if out.before[set] != before {
                        return Err(TreeError::ImperfectRecall { set });
                    }
                    Some(set)
                }
                Who::Chance(_) => None,
            };
            for (position, child) in tree.children(node).iter().enumerate() {
                last[*child] = last[node];
                odds[*child] = odds[node];
                match (own, tree.who[node]) {
                    (Some(set), _) => last[*child][tree.owner[set]] = 1 + tree.action[set] + position,
                    (None, Who::Chance(first)) => odds[*child] *= tree.odds[first + position],
                    (None, _) => {}
                }
            }
        }
        Ok(out)
    }
}

/// By information set: the number of its class; sets of one class are copies of each other.
///
/// Two sets are copies if nobody can tell from plays and payoffs which is which: they have the same player, the same actions, the same own
/// actions before them up to copies, the same number of copies of every set after each action, and after each action, against each
/// class of the other's sequences, the same total probability and the same total payoff. That is an equitable partition of
/// the sequence form, found by color refinement, so that solutions of the game with copies taken as one are solutions of the game
/// itself (Grohe, Kersting, Mladenov and Selman 2014): if the other treats copies alike, their values and regrets are the same, and so is
/// whatever follows from regrets. Totals are compared up to round-off, 40 bits. Suits of cards disappear in this way.
///
/// Cost: one sort of the ends for every round, as many rounds as it takes until no class splits; at most the number of sets, a few as a rule.
pub(crate) fn copies(tree: &Arrays, plays: &Plays) -> Vec<usize> {
    let sets = tree.owner.len();
    let sequences = plays.set_of.len();
    let widest = tree.action.windows(2).map(|b| b[1] - b[0]).max().unwrap_or(0);
    let low = plays.ends.iter().map(|end| end.worth).fold(f64::INFINITY, f64::min);
    // By sequence: sets that come next, and (the other's sequence, odds, odds × payoff) of the ends. Payoffs are shifted to be
    // positive, so that no sum cancels.
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); sequences];
    for (set, before) in plays.before.iter().enumerate() {
        if *before != 0 && *before != usize::MAX {
            next[*before].push(set);
        }
    }
    let mut ends: Vec<Vec<(usize, f64, f64)>> = vec![Vec::new(); sequences];
    for end in &plays.ends {
        for player in 0..2 {
            if end.last[player] != 0 {
                let worth = end.odds * (1.0 + end.worth - low);
                ends[end.last[player]].push((end.last[1 - player], end.odds, worth));
            }
        }
    }
    let mut class = vec![0; sets];
    let mut count = 0;
    loop {
        let named = |sequence: usize, class: &[usize]| match plays.set_of.get(sequence) {
            Some(&set) if set != usize::MAX => 1 + class[set] * widest + (sequence - 1 - tree.action[set]),
            _ => 0,
        };
        let mut numbers: HashMap<Vec<u64>, usize> = HashMap::new();
        let mut refined = Vec::with_capacity(sets);
        for set in 0..sets {
            let mut key = vec![
                tree.owner[set] as u64,
                class[set] as u64,
                named(plays.before[set], &class) as u64,
                (tree.action[set + 1] - tree.action[set]) as u64,
            ];
            for sequence in 1 + tree.action[set]..1 + tree.action[set + 1] {
                let mut after: Vec<u64> = next[sequence].iter().map(|set| class[*set] as u64).collect();
                after.sort_unstable();
                key.push(after.len() as u64);
                key.extend(after);
                let mut cells: Vec<(usize, f64, f64)> =
                    ends[sequence].iter().map(|(other, p, w)| (named(*other, &class), *p, *w)).collect();
                cells.sort_by_key(|cell| cell.0);
                for group in cells.chunk_by(|a, b| a.0 == b.0) {
                    let (p, w) = group.iter().fold((0.0, 0.0), |(p, w), cell| (p + cell.1, w + cell.2));
                    key.extend([group[0].0 as u64, rounded(p, 40), rounded(w, 40)]);
                }
                key.push(u64::MAX);
            }
            let fresh = numbers.len();
            refined.push(*numbers.entry(key).or_insert(fresh));
        }
        class = refined;
        if numbers.len() == count {
            return class;
        }
        count = numbers.len();
    }
}

/// A number by its leading bits: equal for numbers that differ by round-off, but for those few that lie on either side of a boundary.
pub(crate) fn rounded(x: f64, bits: u32) -> u64 {
    let drop = 52 - bits.min(51);
    if x == 0.0 { 0 } else { (x.to_bits() + (1 << (drop - 1))) >> drop }
}
