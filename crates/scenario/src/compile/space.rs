//! The states play reaches, in order of discovery, and the allowance of memory.

use std::collections::HashMap;

use armistice_game::StateId;

use crate::codes;
use crate::compile::found::Stop;
use crate::diagnostic::Diagnostic;

/// States found so far.
#[derive(Debug, Default)]
pub(crate) struct Space {
    /// By id.
    pub states: Vec<Vec<u16>>,
    // Only looked up, never walked: its order reaches no result.
    index: HashMap<Vec<u16>, StateId>,
}

impl Space {
    /// The id of a state, new or known.
    pub fn id(&mut self, state: &[u16]) -> StateId {
        if let Some(id) = self.index.get(state) {
            return *id;
        }
        let id = StateId::new(self.states.len());
        self.states.push(state.to_vec());
        self.index.insert(state.to_vec(), id);
        id
    }
}

/// Nodes and numbers that may still be made.
#[derive(Debug)]
pub(crate) struct Budget {
    max_nodes: usize,
    nodes: usize,
    max_values: usize,
    values: usize,
}

/// Numbers kept per node allowed: payoffs, costs and end payoffs.
const VALUES_PER_NODE: usize = 16;

impl Budget {
    pub fn new(max_nodes: usize) -> Self {
        Self { max_nodes, nodes: 0, max_values: max_nodes.saturating_mul(VALUES_PER_NODE), values: 0 }
    }

    /// Accounts for a node whose edge pays `slots` slots.
    pub fn node(&mut self, slots: usize) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes > self.max_nodes {
            let message = format!("the game has more than {} nodes", self.max_nodes);
            return Err(Stop(refusal(message)));
        }
        self.values(slots.saturating_mul(2))
    }

    /// Accounts for `count` numbers.
    pub fn values(&mut self, count: usize) -> Result<(), Stop> {
        self.values = self.values.saturating_add(count);
        if self.values > self.max_values {
            let message = format!("the payoffs of the game are more than {} numbers", self.max_values);
            return Err(Stop(refusal(message)));
        }
        Ok(())
    }
}

fn refusal(message: String) -> Diagnostic {
    Diagnostic::error(codes::TOO_MANY_NODES, message)
        .help("make stages, copies or types fewer, or raise the limit with `--max-nodes`")
}
