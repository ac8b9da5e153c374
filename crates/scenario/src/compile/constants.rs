//! Everything about a game that is fixed once parameters are known: parameter values after a change, discount
//! factors, precisions, priors, attributes.

use std::collections::HashMap;

use armistice_game::Precision;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::expression::{EvaluationError, Expression, Term, Value};
use crate::interpret::{Meaning, interpret, number};
use crate::model::{Change, Scenario};

/// The constants of one change of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Constants {
    /// By parameter position.
    pub parameters: Vec<f64>,
    /// By player.
    pub discounts: Vec<f64>,
    /// By player.
    pub precisions: Vec<Precision>,
    /// `[player][type]`
    pub priors: Vec<Vec<f64>>,
    /// `[player][type][attribute]`
    pub attributes: Vec<Vec<Vec<f64>>>,
    /// By lever, per period in force.
    pub lever_costs: Vec<f64>,
}

/// Names of parameters, and their values where known.
struct Numbers<'a> {
    positions: &'a HashMap<&'a str, usize>,
    values: &'a [f64],
}

impl Meaning for Numbers<'_> {
    fn name(&mut self, parts: &[String]) -> Result<Value, EvaluationError> {
        let unknown = || EvaluationError::Unknown { name: parts.join(".") };
        let [name] = parts else { return Err(unknown()) };
        let position = self.positions.get(name.as_str()).ok_or_else(unknown)?;
        self.values.get(*position).map(|x| Value::Number(*x)).ok_or_else(unknown)
    }

    fn call(&mut self, parts: &[String], _: &[Value]) -> Result<Value, EvaluationError> {
        Err(EvaluationError::Unknown { name: parts.join(".") })
    }
}

/// Names that a term uses, each once.
pub(crate) fn names_in<'t>(term: &'t Term, out: &mut Vec<&'t [String]>) {
    match term {
        Term::Number(_) | Term::Boolean(_) | Term::Text(_) => {}
        Term::Name(parts) => out.push(parts),
        Term::Call(_, arguments) => arguments.iter().for_each(|a| names_in(a, out)),
        Term::Negate(inner) | Term::Not(inner) => names_in(inner, out),
        Term::Binary(_, left, right) => {
            names_in(left, out);
            names_in(right, out);
        }
        Term::If(a, b, c) => [a, b, c].into_iter().for_each(|part| names_in(part, out)),
    }
}

/// An order in which every item comes after those it needs, and the items in cycles.
///
/// `needs[i]` lists what item i needs. Cost: linear.
pub(crate) fn order(needs: &[Vec<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut waiting: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut needed_by = vec![Vec::new(); needs.len()];
    for (item, list) in needs.iter().enumerate() {
        for need in list {
            needed_by[*need].push(item);
        }
    }
    let mut ready: Vec<usize> = (0..needs.len()).filter(|i| waiting[*i] == 0).collect();
    let mut next = 0;
    while let Some(item) = ready.get(next).copied() {
        next += 1;
        for other in &needed_by[item] {
            waiting[*other] -= 1;
            if waiting[*other] == 0 {
                ready.push(*other);
            }
        }
    }
    let stuck = (0..needs.len()).filter(|i| waiting[*i] > 0).collect();
    (ready, stuck)
}

/// For each parameter, the positions of the parameters its expression names.
pub(crate) fn parameter_needs(scenario: &Scenario) -> Vec<Vec<usize>> {
    let positions = positions(scenario);
    let needs = |value: &Expression| {
        let mut names = Vec::new();
        names_in(&value.term, &mut names);
        names
            .iter()
            .filter_map(|parts| parts.first().and_then(|n| positions.get(n.as_str()).copied()))
            .collect()
    };
    scenario.parameters.iter().map(|p| needs(&p.value)).collect()
}

fn positions(scenario: &Scenario) -> HashMap<&str, usize> {
    scenario.parameters.iter().enumerate().map(|(i, p)| (p.name.as_str(), i)).collect()
}

/// The constants after a change, or what prevents them from having values.
pub(crate) fn constants(scenario: &Scenario, change: &Change) -> Result<Constants, Vec<Diagnostic>> {
    let mut work = Work {
        scenario,
        positions: positions(scenario),
        order: order(&parameter_needs(scenario)).0,
        fixed: vec![None; scenario.parameters.len()],
        values: vec![0.0; scenario.parameters.len()],
        problems: Vec::new(),
    };
    work.parameters(change);
    if !work.problems.is_empty() {
        return Err(work.problems);
    }
    let constants = work.rest(change);
    if work.problems.is_empty() { Ok(constants) } else { Err(work.problems) }
}

struct Work<'a> {
    scenario: &'a Scenario,
    positions: HashMap<&'a str, usize>,
    order: Vec<usize>,
    /// Values set by a change; the others follow from their expressions.
    fixed: Vec<Option<f64>>,
    values: Vec<f64>,
    problems: Vec<Diagnostic>,
}

impl Work<'_> {
    fn evaluate(&mut self, expression: &Expression, what: &str) -> f64 {
        let mut numbers = Numbers { positions: &self.positions, values: &self.values };
        let found = interpret(&expression.term, &mut numbers).and_then(|v| number(&v));
        match found {
            Ok(x) if x.is_finite() => x,
            other => {
                let error = other.err().unwrap_or(EvaluationError::NotFinite);
                let message = format!("{what} has no value: {}", error.reason());
                let diagnostic = Diagnostic::error(codes::NO_VALUE, message).at(expression.span.clone(), "");
                self.problem(diagnostic);
                0.5
            }
        }
    }

    /// Recomputes every parameter that no change has fixed.
    fn derive(&mut self) {
        let scenario = self.scenario;
        for i in self.order.clone() {
            self.values[i] = match self.fixed[i] {
                Some(x) => x,
                None => {
                    let parameter = &scenario.parameters[i];
                    self.evaluate(&parameter.value, &format!("the parameter `{}`", parameter.name))
                }
            };
        }
    }

    /// Applies new values at once, all reading the old ones.
    fn apply(&mut self, list: &[(usize, Expression)], what: &str) {
        let new: Vec<(usize, f64)> = list.iter().map(|(i, e)| (*i, self.evaluate(e, what))).collect();
        for (i, x) in new {
            if let Some(slot) = self.fixed.get_mut(i) {
                *slot = Some(x);
            }
        }
        self.derive();
    }

    fn parameters(&mut self, change: &Change) {
        self.derive();
        for lever in change.levers.iter().filter_map(|i| self.scenario.levers.get(*i)) {
            self.apply(&lever.change, &format!("the lever `{}`", lever.name));
        }
        if !change.parameters.is_empty() {
            self.apply(&change.parameters, "a changed parameter");
        }
    }

    fn rest(&mut self, change: &Change) -> Constants {
        let scenario = self.scenario;
        let scale = change.precision_scale.unwrap_or(1.0);
        let mut out = Constants {
            parameters: self.values.clone(),
            discounts: Vec::new(),
            precisions: Vec::new(),
            priors: Vec::new(),
            attributes: Vec::new(),
            lever_costs: Vec::new(),
        };
        for player in &scenario.players {
            let name = &player.name;
            let discount = self.evaluate(&player.discount, &format!("the discount factor of `{name}`"));
            if !(discount > 0.0 && discount <= 1.0) {
                let message = format!("the discount factor of `{name}` is {discount}");
                let help = "it must be above 0 and at most 1".to_owned();
                self.refuse(codes::DISCOUNT, message, &player.discount, help);
            }
            out.discounts.push(discount);
            out.precisions.push(self.precision(player, scale));
            let mut priors = Vec::new();
            let mut attributes = Vec::new();
            for kind in &player.types {
                let prior = self.evaluate(&kind.prior, &format!("the prior of `{}`", kind.name));
                if !(0.0..=1.0).contains(&prior) {
                    let message = format!("the prior of `{}` is {prior}", kind.name);
                    let help = "a probability is between 0 and 1".to_owned();
                    self.refuse(codes::PROBABILITY_RANGE, message, &kind.prior, help);
                }
                priors.push(prior);
                let mut row = Vec::new();
                for (attribute, value) in &kind.attributes {
                    row.push(self.evaluate(value, &format!("`{attribute}` of `{}`", kind.name)));
                }
                attributes.push(row);
            }
            let mass: f64 = priors.iter().sum();
            if (mass - 1.0).abs() > 1e-9 {
                let message = format!("the priors of `{name}` sum to {}", trim(mass));
                let mut diagnostic = Diagnostic::error(codes::PRIORS, message);
                let pairs: Vec<_> = player.types.iter().zip(&priors).collect();
                // Copies of one type share one place.
                for copies in pairs.chunk_by(|(a, _), (b, _)| a.prior.span == b.prior.span) {
                    let mass: f64 = copies.iter().map(|(_, prior)| **prior).sum();
                    let label = match copies.len() {
                        1 => trim(mass),
                        count => format!("{} in {count} copies", trim(mass)),
                    };
                    diagnostic = diagnostic.at(copies[0].0.prior.span.clone(), label);
                }
                self.problems.push(diagnostic.help("they must sum to 1"));
            }
            out.priors.push(priors);
            out.attributes.push(attributes);
        }
        for lever in &scenario.levers {
            let cost = lever.cost.as_ref();
            let what = format!("the cost of the lever `{}`", lever.name);
            out.lever_costs.push(cost.map_or(0.0, |cost| self.evaluate(cost, &what)));
        }
        out
    }

    fn precision(&mut self, player: &crate::model::PlayerSpec, scale: f64) -> Precision {
        let Some(expression) = &player.precision else { return Precision::Infinite };
        let precision = self.evaluate(expression, &format!("the precision of `{}`", player.name)) * scale;
        if !(precision.is_finite() && precision >= 0.0) {
            let message = format!("the precision of `{}` is {precision}", player.name);
            let help = "λ is 0 or more; write \"inf\" for exact best responses".to_owned();
            self.refuse(codes::PRECISION, message, expression, help);
        }
        Precision::Finite(precision)
    }

    fn refuse(&mut self, code: &'static str, message: String, place: &Expression, help: String) {
        self.problem(Diagnostic::error(code, message).at(place.span.clone(), "").help(help));
    }

    /// Adds a problem, once for all copies of a type.
    fn problem(&mut self, diagnostic: Diagnostic) {
        let same = |other: &Diagnostic| other.code == diagnostic.code && other.labels == diagnostic.labels;
        let placed = diagnostic.labels.iter().any(|label| !label.span.is_empty());
        if !(placed && self.problems.iter().any(same)) {
            self.problems.push(diagnostic);
        }
    }
}

/// A number without the noise of its last digits.
pub(crate) fn trim(x: f64) -> String {
    let rounded = (x * 1e9).round() / 1e9;
    if (rounded - x).abs() < 1e-9 { rounded.to_string() } else { x.to_string() }
}
