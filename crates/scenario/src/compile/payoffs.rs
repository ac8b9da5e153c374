//! What branches and endings pay on a path.

use armistice_game::{EndPoint, JointPayoff, Payoff};

use crate::compile::found::Stop;
use crate::compile::program::{BranchCode, ByPlayer, EndCode, Exp};
use crate::compile::tree::Grower;

/// What an edge pays and costs, by slot.
pub(super) struct Flow {
    pub payoff: Vec<f64>,
    pub cost: Vec<f64>,
}

impl<'s> Grower<'s> {
    /// Adds what a branch pays and costs.
    pub(super) fn pay(&mut self, branch: &BranchCode<'s>, flow: &mut Flow) -> Result<(), Stop> {
        for player in 0..self.plan.types.len() {
            if let Some(Some(payoff)) = branch.payoff.get(player) {
                self.by_type(player, payoff, |slot, x| flow.payoff[slot] += x)?;
            }
            if let Some(Some(cost)) = branch.cost.get(player) {
                self.by_type(player, cost, |slot, x| {
                    flow.payoff[slot] -= x;
                    flow.cost[slot] += x;
                })?;
            }
        }
        Ok(())
    }

    /// Evaluates an expression for every type of a player; once where types do not matter.
    fn by_type(
        &mut self,
        player: usize,
        source: &Exp<'s>,
        mut take: impl FnMut(usize, f64),
    ) -> Result<(), Stop> {
        let (offset, types) = (self.plan.offsets[player], self.plan.types[player]);
        if source.reads.kinds == 0 {
            let x = self.number(source)?;
            (offset..offset + types).for_each(|slot| take(slot, x));
            return Ok(());
        }
        for kind in 0..types {
            self.machine.kind(player, kind);
            let x = self.number(source)?;
            take(offset + kind, x);
        }
        Ok(())
    }

    /// What an ending pays on this path.
    pub fn end_point(&mut self, end: usize) -> Result<EndPoint, Stop> {
        let program = self.plan.program;
        let code = &program.ends[end];
        let terms = self.terms(code)?;
        Ok(EndPoint { ending: self.plan.endings[end], terms, payoff: self.end_payoff(code)? })
    }

    /// The terms of an ending on this path.
    pub fn terms(&mut self, code: &EndCode<'s>) -> Result<Option<f64>, Stop> {
        code.terms.as_ref().map(|terms| self.number(terms)).transpose()
    }

    /// The payoff of an ending on this path: joint only where it reads other players' types.
    pub fn end_payoff(&mut self, code: &EndCode<'s>) -> Result<Payoff, Stop> {
        let foreign = |(player, exp): (usize, &Option<Exp<'s>>)| {
            exp.as_ref().is_some_and(|exp| exp.reads.kinds & !(1 << player) != 0)
        };
        if code.payoff.iter().enumerate().any(foreign) {
            return self.joint(&code.payoff);
        }
        let mut row = vec![0.0; self.plan.slots];
        for (player, payoff) in code.payoff.iter().enumerate() {
            if let Some(payoff) = payoff {
                self.by_type(player, payoff, |slot, x| row[slot] = x)?;
            }
        }
        self.budget.values(self.plan.slots)?;
        Ok(Payoff::Own(row))
    }

    fn joint(&mut self, payoffs: &ByPlayer<'s>) -> Result<Payoff, Stop> {
        let types = &self.plan.types;
        let profiles = types.iter().fold(1usize, |product, k| product.saturating_mul(*k));
        self.budget.values(profiles.saturating_mul(types.len()))?;
        let mut values = Vec::with_capacity(profiles * types.len());
        let mut profile = vec![0; types.len()];
        for _ in 0..profiles {
            for (player, kind) in profile.iter().enumerate() {
                self.machine.kind(player, *kind);
            }
            for payoff in payoffs {
                values.push(match payoff {
                    Some(payoff) => self.number(payoff)?,
                    None => 0.0,
                });
            }
            for (digit, types) in profile.iter_mut().zip(types).rev() {
                *digit += 1;
                if *digit < *types {
                    break;
                }
                *digit = 0;
            }
        }
        Ok(Payoff::Joint(JointPayoff { values }))
    }
}
