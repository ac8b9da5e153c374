//! Arranges the information sets of two players by what both have seen.
//!
//! A *block* holds the sets at which a player chooses once everyone has seen the same: one for each of the player's private states. What the
//! arrangement decides is where numbers lie in memory, not what they are: any arrangement whose blocks follow each other as
//! the sets do is right, and only speed depends on it.

use super::arrays::{Arrays, Who};
use super::plays::Plays;

/// One block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) player: usize,
    pub(crate) actions: usize,
    /// By private state: the class of information sets, where there is one.
    pub(crate) members: Vec<Option<usize>>,
    /// The player's own block and action before.
    pub(crate) parent: Option<(usize, usize)>,
    /// By private state: the private state in the parent, where they are not the same.
    pub(crate) map: Option<Vec<usize>>,
}

/// All blocks, those before ahead of those after.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Blocks {
    pub(crate) blocks: Vec<Block>,
    /// By class: block and private state; none where chance never leads.
    pub(crate) place: Vec<Option<(usize, usize)>>,
}

/// Blocks by public states, or `None` where actions are not public.
///
/// From the root on, nodes that no player could have told apart by public events are kept together. Chance splits them into those
/// parts that share no information set any more: private cards keep together what a public card separates. A part in
/// which not one player moves, or one of whose sets occurs in another part, has no public form.
///
/// Cost: the nodes below chance, once for every chance move above them.
pub(crate) fn public(tree: &Arrays, plays: &Plays, class: &[usize]) -> Option<Blocks> {
    let classes = class.iter().max().map_or(0, |most| most + 1);
    let mut out = Blocks { blocks: Vec::new(), place: vec![None; classes] };
    let mut seen = vec![(usize::MAX, 0); classes];
    let mut stamp = 0;
    let mut stack = vec![vec![0usize]];
    while let Some(group) = stack.pop() {
        let mut here = Vec::with_capacity(group.len());
        let mut chance = false;
        let mut open: Vec<usize> = group.into_iter().rev().collect();
        while let Some(node) = open.pop() {
            match tree.who[node] {
                Who::Nobody => {}
                Who::Set(_) => here.push(node),
                Who::Chance(odds) => {
                    chance = true;
                    let children = tree.children(node).iter().enumerate().rev();
                    open.extend(children.filter(|(i, _)| tree.odds[odds + i] > 0.0).map(|(_, child)| *child));
                }
            }
        }
        if here.is_empty() {
            continue;
        }
        if chance {
            stack.extend(parts(tree, class, &here, &mut seen, stamp).into_iter().rev());
            stamp += 1;
            continue;
        }
        let degree = tree.children(here[0]).len();
        add(&mut out, tree, plays, class, &here)?;
        for action in (0..degree).rev() {
            stack.push(here.iter().map(|node| tree.children(*node)[action]).collect());
        }
    }
    Some(out)
}

/// Every class on its own.
pub(crate) fn general(tree: &Arrays, plays: &Plays, class: &[usize]) -> Blocks {
    let classes = class.iter().max().map_or(0, |most| most + 1);
    let mut out = Blocks { blocks: Vec::new(), place: vec![None; classes] };
    for node in 0..tree.nodes() {
        let Who::Set(set) = tree.who[node] else { continue };
        if out.place[class[set]].is_none() {
            out.place[class[set]] = Some((out.blocks.len(), 0));
            out.blocks.push(Block {
                player: tree.owner[set],
                actions: tree.action[set + 1] - tree.action[set],
                members: vec![Some(class[set])],
                parent: before(&out, tree, plays, class, set).map(|(block, action, _)| (block, action)),
                map: None,
            });
        }
    }
    out
}

/// Block, action and private state of a set's owner before it.
fn before(
    out: &Blocks,
    tree: &Arrays,
    plays: &Plays,
    class: &[usize],
    set: usize,
) -> Option<(usize, usize, usize)> {
    let sequence = plays.before[set];
    let parent = *plays.set_of.get(sequence).filter(|set| **set != usize::MAX)?;
    let (block, state) = out.place[class[parent]]?;
    Some((block, sequence - 1 - tree.action[parent], state))
}

/// Adds the block of nodes at which one player moves.
fn add(out: &mut Blocks, tree: &Arrays, plays: &Plays, class: &[usize], here: &[usize]) -> Option<()> {
    let index = out.blocks.len();
    let mut members = Vec::new();
    let mut states = Vec::new();
    let mut head = None;
    for node in here {
        let Who::Set(set) = tree.who[*node] else { return None };
        let parent = before(out, tree, plays, class, set);
        let own =
            (tree.owner[set], tree.children(*node).len(), parent.map(|(block, action, _)| (block, action)));
        if *head.get_or_insert(own) != own {
            return None;
        }
        match out.place[class[set]] {
            Some((block, _)) if block == index => {}
            Some(_) => return None,
            None => {
                out.place[class[set]] = Some((index, members.len()));
                members.push(Some(class[set]));
                states.push(parent.map_or(0, |(_, _, state)| state));
            }
        }
    }
    let (player, actions, parent) = head?;
    let size = parent.map_or(1, |(block, _)| out.blocks[block].members.len());
    let mut aligned = vec![None; size];
    // Where private states stay what they were, they keep their places, even if a few of them are impossible from here on.
    let same = members.len() * 4 >= size
        && members.iter().zip(&states).all(|(member, state)| aligned[*state].replace(*member).is_none());
    let map = if same {
        members = aligned.into_iter().map(Option::flatten).collect();
        for (state, member) in members.iter().enumerate() {
            if let Some(member) = member {
                out.place[*member] = Some((index, state));
            }
        }
        None
    } else {
        Some(states)
    };
    out.blocks.push(Block { player, actions, members, parent, map });
    Some(())
}

/// Splits nodes into those that share an information set somewhere below.
fn parts(
    tree: &Arrays,
    class: &[usize],
    here: &[usize],
    seen: &mut [(usize, usize)],
    stamp: usize,
) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..here.len()).collect();
    let find = |leader: &mut Vec<usize>, mut at: usize| {
        while leader[at] != at {
            leader[at] = leader[leader[at]];
            at = leader[at];
        }
        at
    };
    for (index, root) in here.iter().enumerate() {
        let mut open = vec![*root];
        while let Some(node) = open.pop() {
            match tree.who[node] {
                Who::Set(set) => {
                    let mark = &mut seen[class[set]];
                    if mark.0 == stamp {
                        let (a, b) = (find(&mut leader, mark.1), find(&mut leader, index));
                        leader[a.max(b)] = a.min(b);
                    } else {
                        *mark = (stamp, index);
                    }
                    open.extend(tree.children(node));
                }
                Who::Chance(odds) => {
                    let children = tree.children(node).iter().enumerate();
                    open.extend(children.filter(|(i, _)| tree.odds[odds + i] > 0.0).map(|(_, child)| *child));
                }
                Who::Nobody => {}
            }
        }
    }
    let mut out: Vec<Vec<usize>> = Vec::new();
    let mut number = vec![usize::MAX; here.len()];
    for (index, node) in here.iter().enumerate() {
        let lead = find(&mut leader, index);
        if number[lead] == usize::MAX {
            number[lead] = out.len();
            out.push(Vec::new());
        }
        out[number[lead]].push(*node);
    }
    out
}
