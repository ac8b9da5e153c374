//! Telling whether two games have the same equilibrium values.

use std::hash::{DefaultHasher, Hash, Hasher};

use armistice_game::{Horizon, Node, Payoff, Precision, Stage, StageTree, WarGame};

/// A hash of everything the values of an equilibrium depend on: not priors, which only weigh them, nor costs, which are
/// accounts.
///
/// Values are functions of the belief, so a game that differs in priors alone, or in a parameter that nothing reads, has
/// the same ones. Equal games have equal hashes; that different games do is a chance of 2⁻⁶⁴.
pub(crate) fn fingerprint(game: &WarGame) -> u64 {
    let mut out = DefaultHasher::new();
    for player in &game.players {
        player.discount.to_bits().hash(&mut out);
        match player.precision {
            Precision::Finite(x) => x.to_bits().hash(&mut out),
            Precision::Infinite => u64::MAX.hash(&mut out),
        }
        player.types.len().hash(&mut out);
    }
    game.states.len().hash(&mut out);
    for state in &game.states {
        state.hash(&mut out);
    }
    match game.horizon {
        Horizon::Periods(n) => n.hash(&mut out),
        Horizon::Indefinite => u32::MAX.hash(&mut out),
    }
    for stage in &game.stages {
        match stage {
            Stage::Over(end) => hash_payoff(&end.payoff, &mut out),
            Stage::Play(tree) => hash_tree(tree, &mut out),
        }
    }
    for payoff in &game.horizon_payoffs {
        hash_payoff(payoff, &mut out);
    }
    out.finish()
}

fn hash_numbers(numbers: &[f64], out: &mut DefaultHasher) {
    numbers.len().hash(out);
    for x in numbers {
        x.to_bits().hash(out);
    }
}

fn hash_payoff(payoff: &Payoff, out: &mut DefaultHasher) {
    matches!(payoff, Payoff::Own(_)).hash(out);
    hash_numbers(payoff.values(), out);
}

fn hash_tree(tree: &StageTree, out: &mut DefaultHasher) {
    for node in &tree.nodes {
        match node {
            Node::Move { id, player, edges } => (0u8, id, player, edges.start, edges.end).hash(out),
            Node::Chance { id, about, edges } => (1u8, id, about, edges.start, edges.end).hash(out),
            Node::Next(state) => (2u8, state).hash(out),
            Node::Later { edges } => (3u8, edges.start, edges.end).hash(out),
            Node::End(end) => (4u8, end).hash(out),
        }
    }
    for edge in &tree.edges {
        (edge.child, edge.label, edge.log_weight.to_bits(), edge.chance, edge.flow).hash(out);
    }
    hash_numbers(tree.flows.values(), out);
    hash_numbers(&tree.probabilities, out);
    for end in &tree.ends {
        hash_payoff(&end.payoff, out);
    }
}
