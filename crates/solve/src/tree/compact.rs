//! Finds the compact form of a tree with public actions and independent private types.

use std::collections::HashMap;

use super::arrays::{Arrays, Who};
use super::public::{PublicGame, PublicNode};

/// A compact game and where its unknowns lie in the tree.
#[derive(Debug)]
pub(crate) struct Compact {
    pub(crate) game: PublicGame,
    /// By unknown (`[node][action][type]`): the action among all actions of the tree.
    pub(crate) place: Vec<usize>,
}

/// The compact form, or `None` where the game has none.
///
/// Leading chance moves deal the types. Behind them every deal must offer the same public moves; what a player knows beyond
/// those must be one and the same type from the first move on; deals must be independent across players.
/// Cost: linear in the tree.
pub(crate) fn compact(tree: &Arrays) -> Option<Compact> {
    let (deals, chances) = deals(tree);
    let types = Types::new(tree, &deals, &chances)?;
    let mut out = Compact {
        game: PublicGame { types: types.counts.clone(), prior: types.prior.concat(), nodes: Vec::new() },
        place: Vec::new(),
    };
    let mut seen = vec![false; tree.owner.len()];
    // (nodes of all deals, parent, action)
    let mut stack: Vec<(Vec<usize>, Option<usize>)> =
        vec![(types.order.iter().map(|d| deals[*d]).collect(), None)];
    while let Some((here, parent)) = stack.pop() {
        let index = out.game.nodes.len();
        if let Some(parent) = parent
            && let PublicNode::Move { children, .. } | PublicNode::Chance { children, .. } =
                &mut out.game.nodes[parent]
        {
            children.push(index);
        }
        let first = here[0];
        let degree = tree.children(first).len();
        if here.iter().any(|n| tree.children(*n).len() != degree) {
            return None;
        }
        let node = match tree.who[first] {
            Who::Nobody => ends(tree, &types, &here)?,
            Who::Set(_) => {
                let player = moves(tree, &types, &here, &mut seen, &mut out.place)?;
                PublicNode::Move { player, children: Vec::new() }
            }
            Who::Chance(_) => {
                let (about, odds) = chance(tree, &types, &here, degree)?;
                PublicNode::Chance { about, odds, children: Vec::new() }
            }
        };
        out.game.nodes.push(node);
        for action in (0..degree).rev() {
            let next = here.iter().map(|n| tree.children(*n)[action]).collect();
            stack.push((next, Some(index)));
        }
    }
    Some(out)
}

/// Nodes behind all leading chance moves, with their probabilities.
fn deals(tree: &Arrays) -> (Vec<usize>, Vec<f64>) {
    let (mut nodes, mut chances) = (Vec::new(), Vec::new());
    let mut stack = vec![(0, 1.0)];
    while let Some((node, p)) = stack.pop() {
        match tree.who[node] {
            Who::Chance(odds) => {
                for (action, child) in tree.children(node).iter().enumerate().rev() {
                    stack.push((*child, p * tree.odds[odds + action]));
                }
            }
            _ => {
                nodes.push(node);
                chances.push(p);
            }
        }
    }
    (nodes, chances)
}

struct Types {
    counts: Vec<usize>,
    /// `[player][type]`
    prior: Vec<Vec<f64>>,
    /// By profile (last player's type fastest): the deal.
    order: Vec<usize>,
    /// `[profile][player]`
    kinds: Vec<Vec<usize>>,
}

impl Types {
    fn new(tree: &Arrays, deals: &[usize], chances: &[f64]) -> Option<Self> {
        let players = tree.players;
        let known: Vec<Vec<Option<usize>>> = deals.iter().map(|deal| first_sets(tree, *deal)).collect();
        let mut counts = Vec::with_capacity(players);
        let mut kinds = vec![vec![0; players]; deals.len()];
        for player in 0..players {
            let mut index: HashMap<Option<usize>, usize> = HashMap::new();
            for (deal, sets) in known.iter().enumerate() {
                let next = index.len();
                kinds[deal][player] = *index.entry(sets[player]).or_insert(next);
            }
            counts.push(index.len());
        }
        let profiles = counts.iter().try_fold(1usize, |acc, k| acc.checked_mul(*k))?;
        if profiles != deals.len() {
            return None;
        }
        let mut order = vec![usize::MAX; profiles];
        let mut prior: Vec<Vec<f64>> = counts.iter().map(|k| vec![0.0; *k]).collect();
        for (deal, kinds) in kinds.iter().enumerate() {
            let profile = kinds.iter().zip(&counts).fold(0, |acc, (kind, k)| acc * k + kind);
            if order[profile] != usize::MAX {
                return None;
            }
            order[profile] = deal;
            for (player, kind) in kinds.iter().enumerate() {
                prior[player][*kind] += chances[deal];
            }
        }
        // Independent deals, none of them impossible.
        for (deal, p) in chances.iter().enumerate() {
            let product: f64 = kinds[deal].iter().zip(&prior).map(|(kind, prior)| prior[*kind]).product();
            if (product - p).abs() > 1e-12 || *p <= 0.0 {
                return None;
            }
        }
        let kinds = order.iter().map(|deal| kinds[*deal].clone()).collect();
        Some(Self { counts, prior, order, kinds })
    }

    /// The type of a player in every profile.
    fn of(&self, player: usize) -> impl Iterator<Item = usize> + '_ {
        self.kinds.iter().map(move |kinds| kinds[player])
    }
}

/// The first information set of every player behind a deal, in preorder.
fn first_sets(tree: &Arrays, root: usize) -> Vec<Option<usize>> {
    let mut found = vec![None; tree.players];
    let mut left = tree.players;
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        if let Who::Set(set) = tree.who[node] {
            let own = &mut found[tree.owner[set]];
            if own.is_none() {
                *own = Some(set);
                left -= 1;
                if left == 0 {
                    break;
                }
            }
        }
        stack.extend(tree.children(node).iter().rev());
    }
    found
}

/// The mover, if in every profile the same player moves, knowing his type and what is public, and nothing else.
fn moves(
    tree: &Arrays,
    types: &Types,
    here: &[usize],
    seen: &mut [bool],
    place: &mut Vec<usize>,
) -> Option<usize> {
    let Who::Set(set) = tree.who[here[0]] else { return None };
    let player = tree.owner[set];
    let mut sets = vec![None; types.counts[player]];
    for (node, kind) in here.iter().zip(types.of(player)) {
        let Who::Set(set) = tree.who[*node] else { return None };
        if tree.owner[set] != player || sets[kind].is_some_and(|known| known != set) {
            return None;
        }
        sets[kind] = Some(set);
    }
    let sets: Vec<usize> = sets.into_iter().collect::<Option<_>>()?;
    for set in &sets {
        if std::mem::replace(&mut seen[*set], true) {
            return None;
        }
    }
    for action in 0..tree.children(here[0]).len() {
        place.extend(sets.iter().map(|set| tree.action[*set] + action));
    }
    Some(player)
}

fn ends(tree: &Arrays, types: &Types, here: &[usize]) -> Option<PublicNode> {
    if here.iter().any(|n| tree.who[*n] != Who::Nobody) {
        return None;
    }
    let players = tree.players;
    let mut own: Vec<Vec<Option<f64>>> = types.counts.iter().map(|k| vec![None; *k]).collect();
    let alone = here.iter().zip(&types.kinds).all(|(node, kinds)| {
        (0..players).all(|player| {
            let payoff = tree.payoff(*node, player);
            *own[player][kinds[player]].get_or_insert(payoff) == payoff
        })
    });
    Some(if alone {
        PublicNode::End(own.into_iter().flatten().map(Option::unwrap_or_default).collect())
    } else {
        PublicNode::Joint(
            here.iter().map(|node| (0..players).map(|player| tree.payoff(*node, player)).collect()).collect(),
        )
    })
}

/// Odds that depend on nobody, or on one player's type.
fn chance(
    tree: &Arrays,
    types: &Types,
    here: &[usize],
    degree: usize,
) -> Option<(Option<usize>, Vec<Vec<f64>>)> {
    let odds: Vec<&[f64]> = here
        .iter()
        .map(|node| match tree.who[*node] {
            Who::Chance(first) => Some(&tree.odds[first..first + degree]),
            _ => None,
        })
        .collect::<Option<_>>()?;
    if odds.iter().all(|own| *own == odds[0]) {
        return Some((None, odds[0].iter().map(|p| vec![*p]).collect()));
    }
    (0..tree.players).find_map(|player| {
        let mut by_type: Vec<Option<&[f64]>> = vec![None; types.counts[player]];
        let depends =
            odds.iter().zip(types.of(player)).all(|(own, kind)| *by_type[kind].get_or_insert(own) == *own);
        let by_type: Vec<&[f64]> = by_type.into_iter().collect::<Option<_>>()?;
        depends.then(|| {
            let row = |action: usize| by_type.iter().map(|own| own[action]).collect();
            (Some(player), (0..degree).map(row).collect())
        })
    })
}
