//! Expressions over measures, evaluated over runs: measures, claims, calibration.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use armistice_scenario::{Change, EvaluationError, Expression, MeasureEnvironment, Scenario, Term, Value};

use crate::AnalyzeError;
use crate::findings::{How, Quantity, Verdict};
use crate::measure::{how_of, looks_ahead, measure};
use crate::run::Run;
use crate::runs::{Runs, Variation};

/// The measures of one variation of a scenario and of its cases, on one grid.
pub struct Measures<'a> {
    runs: &'a Runs<'a>,
    variation: &'a Variation,
    /// How the numbers used so far were got.
    how: Cell<Option<How>>,
    /// The first run that failed for a reason other than the expression.
    failed: RefCell<Option<AnalyzeError>>,
    known: RefCell<BTreeMap<Option<String>, Known>>,
    /// The cases to follow forward; all of them where nothing is said.
    followed: Option<BTreeSet<Option<String>>>,
}

/// A run and the variation it is of.
type Known = (Arc<Run>, Variation);

impl<'a> Measures<'a> {
    /// Measures of a variation; its cases are solved when an expression asks for them.
    #[must_use]
    pub fn new(runs: &'a Runs<'a>, variation: &'a Variation) -> Self {
        Self {
            runs,
            variation,
            how: Cell::new(None),
            failed: RefCell::new(None),
            known: RefCell::new(BTreeMap::new()),
            followed: None,
        }
    }

    /// The same for those expressions alone: cases of which they ask nothing but the first period are not followed forward.
    #[must_use]
    pub fn asking(runs: &'a Runs<'a>, variation: &'a Variation, expressions: &[&Expression]) -> Self {
        let followed = Some(followed_of(variation.scenario(), expressions));
        Self { followed, ..Self::new(runs, variation) }
    }

    /// The value of an expression and how it was got.
    ///
    /// - returns `Err(reason)` inside when it is not defined.
    /// - errors: [`AnalyzeError::Cancelled`]; every other failure is a reason.
    /// - cost: one run for each case the expression names, the first time.
    pub fn value(&self, expression: &Expression) -> Result<(Result<Value, String>, How), AnalyzeError> {
        self.how.set(None);
        let value = self.variation.scenario().evaluate(expression, None, self);
        if matches!(*self.failed.borrow(), Some(AnalyzeError::Cancelled)) {
            return Err(AnalyzeError::Cancelled);
        }
        let how = self.how.get().unwrap_or(How::Stated);
        Ok((value.map_err(reason), how))
    }

    /// The value of an expression that is a number.
    ///
    /// - errors: as for [`Measures::value`].
    pub fn number(&self, expression: &Expression) -> Result<Quantity, AnalyzeError> {
        let (value, how) = self.value(expression)?;
        let number = value.and_then(|value| match value {
            Value::Number(x) => Ok(x),
            Value::Boolean(_) | Value::Text(_) => Err("it is not a number".into()),
        });
        let points = (how != How::Stated).then(|| self.runs.grid_points());
        let quantity = crate::parts::outlook::quantity(number, how, 0);
        Ok(Quantity { grid_points: points, ..quantity })
    }

    /// Whether a proposition is true.
    ///
    /// - errors: as for [`Measures::value`].
    pub fn verdict(&self, proposition: &Expression) -> Result<Verdict, AnalyzeError> {
        Ok(match self.value(proposition)?.0 {
            Ok(Value::Boolean(true)) => Verdict::Holds,
            Ok(Value::Boolean(false)) => Verdict::DoesNotHold,
            Ok(_) => Verdict::Undefined { reason: "it is not a proposition".into() },
            Err(reason) => Verdict::Undefined { reason },
        })
    }

    /// Why the first run that an expression asked for was not there; `None` when all were.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.failed.borrow().as_ref().map(AnalyzeError::to_string)
    }

    fn run(&self, case: Option<&str>) -> Result<Known, AnalyzeError> {
        let key = case.map(str::to_owned);
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(known.clone());
        }
        let change = match case {
            None => Change::default(),
            Some(name) => {
                let cases = &self.variation.scenario().cases;
                let unknown = || AnalyzeError::Unknown { kind: "case", name: name.to_owned() };
                cases.iter().find(|c| c.name == name).ok_or_else(unknown)?.change.clone()
            }
        };
        let variation = self.variation.with_change(&change);
        let ahead = self.followed.as_ref().is_none_or(|followed| followed.contains(&key));
        let run = if ahead { self.runs.get(&variation)? } else { self.runs.opening(&variation)? };
        self.known.borrow_mut().insert(key, (Arc::clone(&run), variation.clone()));
        Ok((run, variation))
    }

    /// Numbers got in different ways are mixed; what is read off the start of a run is as exact as the run.
    fn note(&self, how: How) {
        self.how.set(Some(match self.how.get() {
            None => how,
            Some(before) if before == how => how,
            Some(_) => How::Mixed,
        }));
    }
}

impl MeasureEnvironment for Measures<'_> {
    fn call(&self, case: Option<&str>, function: &str, arguments: &[Value]) -> Result<f64, EvaluationError> {
        let unavailable =
            |reason: String| EvaluationError::Unavailable { function: function.to_owned(), reason };
        let (run, variation) = self.run(case).map_err(|error| {
            let reason = error.to_string();
            let first = self.failed.borrow().is_none() || matches!(error, AnalyzeError::Cancelled);
            if first {
                self.failed.replace(Some(error));
            }
            unavailable(format!("the run failed to {reason}"))
        })?;
        self.note(how_of(&run, function));
        let value = measure(&run, &variation.given(), function, arguments).map_err(unavailable)?;
        if value.is_finite() { Ok(value) } else { Err(EvaluationError::NotFinite) }
    }

    fn parameter(&self, case: Option<&str>, position: usize) -> Option<f64> {
        self.run(case).ok()?.0.parameters.get(position).copied()
    }
}

/// Why something is not defined, completing "not defined: …".
fn reason(error: EvaluationError) -> String {
    match error {
        EvaluationError::Unavailable { function, reason } => format!("{function}: {reason}"),
        EvaluationError::DivisionByZero => "it divides by zero".into(),
        other => format!("it failed to {other}"),
    }
}

/// The cases an expression names, through measures too, in the scenario's order.
#[must_use]
pub fn cases_of(scenario: &Scenario, expressions: &[&Expression]) -> Vec<usize> {
    let mut seen_cases = vec![false; scenario.cases.len()];
    let mut seen_measures = vec![false; scenario.measures.len()];
    let mut open: Vec<&Term> = expressions.iter().map(|e| &e.term).collect();
    while let Some(term) = open.pop() {
        match term {
            Term::Number(_) | Term::Boolean(_) | Term::Text(_) => {}
            Term::Name(parts) | Term::Call(parts, _) => {
                let (case, name) = match parts.as_slice() {
                    [case, name] => (Some(case), name),
                    [name] => (None, name),
                    _ => continue,
                };
                if let Some(position) =
                    case.and_then(|case| scenario.cases.iter().position(|c| c.name == *case))
                {
                    seen_cases[position] = true;
                }
                if let Some(position) = scenario.measures.iter().position(|m| m.name == *name)
                    && !std::mem::replace(&mut seen_measures[position], true)
                {
                    open.push(&scenario.measures[position].value.term);
                }
                if let Term::Call(_, arguments) = term {
                    open.extend(arguments);
                }
            }
            Term::Negate(inner) | Term::Not(inner) => open.push(inner),
            Term::Binary(_, left, right) => open.extend([&**left, &**right]),
            Term::If(condition, yes, no) => open.extend([&**condition, &**yes, &**no]),
        }
    }
    (0..scenario.cases.len()).filter(|position| seen_cases[*position]).collect()
}

/// The cases, `None` for the scenario itself, of which expressions ask what lies ahead, through measures too.
fn followed_of(scenario: &Scenario, expressions: &[&Expression]) -> BTreeSet<Option<String>> {
    let mut out = BTreeSet::new();
    let mut seen: BTreeSet<(Option<&str>, &str)> = BTreeSet::new();
    let mut open: Vec<(Option<&str>, &Term)> = expressions.iter().map(|e| (None, &e.term)).collect();
    while let Some((within, term)) = open.pop() {
        match term {
            Term::Number(_) | Term::Boolean(_) | Term::Text(_) => {}
            Term::Name(parts) | Term::Call(parts, _) => {
                let (case, name) = match parts.as_slice() {
                    [case, name] => (Some(case.as_str()), name.as_str()),
                    [name] => (within, name.as_str()),
                    _ => continue,
                };
                let constant = scenario.parameters.iter().any(|p| p.name == name);
                match scenario.measures.iter().find(|m| m.name == name) {
                    Some(measure) if seen.insert((case, name)) => open.push((case, &measure.value.term)),
                    Some(_) => {}
                    None if !constant && looks_ahead(name) => {
                        out.insert(case.map(str::to_owned));
                    }
                    None => {}
                }
                if let Term::Call(_, arguments) = term {
                    open.extend(arguments.iter().map(|argument| (within, argument)));
                }
            }
            Term::Negate(inner) | Term::Not(inner) => open.push((within, inner)),
            Term::Binary(_, left, right) => open.extend([(within, &**left), (within, &**right)]),
            Term::If(condition, yes, no) => {
                open.extend([(within, &**condition), (within, &**yes), (within, &**no)]);
            }
        }
    }
    out
}
