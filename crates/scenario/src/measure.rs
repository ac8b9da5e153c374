//! Measures and claims: the functions they may use, and their evaluation.

use std::collections::HashMap;

use crate::compile::constants;
use crate::expression::{EvaluationError, Expression, Value};
use crate::interpret::{Meaning, interpret};
use crate::model::{Change, Scenario};

/// What one argument of a measure function has to be. Positions refer to earlier arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// A number of periods.
    Periods,
    /// The outcome of an ending, or "ongoing".
    Outcome,
    /// A numeric `let` of the state.
    Observable,
    /// A move.
    Move,
    /// An action of the move at that position.
    ActionOf(usize),
    /// A chance event.
    Event,
    /// An outcome of the event at that position.
    OutcomeOf(usize),
    /// A player.
    Player,
    /// A type of the player at that position.
    TypeOf(usize),
    /// A type of whoever makes the move at that position.
    MoverType(usize),
}

use Argument::{ActionOf, Event, Move, MoverType, Observable, Outcome, OutcomeOf, Periods, Player, TypeOf};

/// The functions of measures: name, and each list of arguments they can be given.
pub(crate) const FUNCTIONS: &[(&str, &[&[Argument]])] = &[
    ("probability_end_by", &[&[Periods], &[Periods, Outcome]]),
    ("probability_outcome", &[&[Outcome]]),
    ("survival", &[&[Periods]]),
    ("expected_duration", &[&[]]),
    ("median_duration", &[&[]]),
    ("expected_terms", &[&[], &[Outcome]]),
    ("expected", &[&[Observable, Periods]]),
    ("frequency", &[&[Move, ActionOf(0)], &[Move, ActionOf(0), Move, ActionOf(2)]]),
    ("reached", &[&[Move]]),
    ("chance", &[&[Event, OutcomeOf(0)]]),
    (
        "action_probability",
        &[&[Move, ActionOf(0)], &[Move, ActionOf(0), MoverType(0)], &[Move, ActionOf(0), Move, ActionOf(2)]],
    ),
    ("posterior", &[&[Move, ActionOf(0), Player, TypeOf(2)]]),
    ("margin", &[&[Player, TypeOf(0)]]),
    ("value", &[&[Player], &[Player, TypeOf(0)]]),
    ("cost", &[&[Player]]),
    ("belief_shift", &[&[Move, ActionOf(0), MoverType(0)]]),
    ("range_low", &[&[]]),
    ("range_high", &[&[]]),
    ("range_width", &[&[]]),
    ("inefficiency", &[&[]]),
];

/// Whether measures have a function of this name.
pub(crate) fn is_function(name: &str) -> bool {
    signatures(name).is_some()
}

/// Whether measures have a function of this name that needs no arguments.
pub(crate) fn is_bare_function(name: &str) -> bool {
    signatures(name).is_some_and(|list| list.iter().any(|arguments| arguments.is_empty()))
}

/// The argument lists of a function.
pub(crate) fn signatures(name: &str) -> Option<&'static [&'static [Argument]]> {
    FUNCTIONS.iter().find(|(n, _)| *n == name).map(|(_, list)| *list)
}

/// Deepest nesting of measures.
pub(crate) const MAX_MEASURE_DEPTH: usize = 64;

/// Where the numbers of measures come from: a solved and simulated game for every case.
pub trait MeasureEnvironment {
    /// The value of a measure function.
    ///
    /// - `case`: name of the case, `None` for the scenario as written (or as the analysis has changed it).
    /// - `arguments`: numbers, and names as texts; the static check has made sure that they name something.
    fn call(&self, case: Option<&str>, function: &str, arguments: &[Value]) -> Result<f64, EvaluationError>;

    /// The value of a parameter, where the environment has changed it; `None` for the scenario's own value in that case.
    fn parameter(&self, case: Option<&str>, position: usize) -> Option<f64> {
        let _ = (case, position);
        None
    }
}

impl Scenario {
    /// The value of an expression of measures, claims or calibrations.
    ///
    /// Names are measures, parameters and functions without arguments; `case.name` is the same in a case. A measure used
    /// twice is worked out once. `case` is the case in which names without a case are read.
    pub fn evaluate(
        &self,
        expression: &Expression,
        case: Option<&str>,
        environment: &dyn MeasureEnvironment,
    ) -> Result<Value, EvaluationError> {
        let mut known = Known::default();
        Scope { scenario: self, environment, case, known: &mut known, depth: 0 }.value(expression)
    }
}

/// Numbers worked out so far, by case.
#[derive(Default)]
struct Known {
    measures: HashMap<(Option<String>, String), Value>,
    parameters: HashMap<Option<String>, Vec<f64>>,
}

struct Scope<'a> {
    scenario: &'a Scenario,
    environment: &'a dyn MeasureEnvironment,
    case: Option<&'a str>,
    known: &'a mut Known,
    depth: usize,
}

impl Scope<'_> {
    fn value(&mut self, expression: &Expression) -> Result<Value, EvaluationError> {
        interpret(&expression.term, self)
    }

    /// The same scope in a case.
    fn within<T>(
        &mut self,
        case: &str,
        read: impl FnOnce(&mut Scope<'_>) -> Result<T, EvaluationError>,
    ) -> Result<T, EvaluationError> {
        if !self.scenario.cases.iter().any(|c| c.name == case) {
            return Err(EvaluationError::Unknown { name: case.to_owned() });
        }
        let mut scope = Scope {
            scenario: self.scenario,
            environment: self.environment,
            case: Some(case),
            known: self.known,
            depth: self.depth,
        };
        read(&mut scope)
    }

    fn bare(&mut self, name: &str) -> Result<Value, EvaluationError> {
        if let Some(position) = self.scenario.parameters.iter().position(|p| p.name == name) {
            return self.parameter(position).map(Value::Number);
        }
        let scenario = self.scenario;
        if let Some(measure) = scenario.measures.iter().find(|m| m.name == name) {
            let key = (self.case.map(str::to_owned), name.to_owned());
            if let Some(value) = self.known.measures.get(&key) {
                return Ok(value.clone());
            }
            if self.depth >= MAX_MEASURE_DEPTH {
                return Err(EvaluationError::TooDeep);
            }
            self.depth += 1;
            let value = self.value(&measure.value);
            self.depth -= 1;
            let value = value?;
            self.known.measures.insert(key, value.clone());
            return Ok(value);
        }
        if is_bare_function(name) {
            return self.environment.call(self.case, name, &[]).map(Value::Number);
        }
        Err(EvaluationError::Unknown { name: name.to_owned() })
    }

    fn parameter(&mut self, position: usize) -> Result<f64, EvaluationError> {
        if let Some(x) = self.environment.parameter(self.case, position) {
            return Ok(x);
        }
        let unknown = || EvaluationError::Unknown {
            name: self.scenario.parameters.get(position).map_or_else(String::new, |p| p.name.clone()),
        };
        let key = self.case.map(str::to_owned);
        if !self.known.parameters.contains_key(&key) {
            let case = self.scenario.cases.iter().find(|c| Some(c.name.as_str()) == self.case);
            let change = case.map_or_else(Change::default, |c| c.change.clone());
            let values = constants(self.scenario, &change).map_err(|_| unknown())?.parameters;
            self.known.parameters.insert(key.clone(), values);
        }
        self.known.parameters.get(&key).and_then(|list| list.get(position)).copied().ok_or_else(unknown)
    }
}

impl Meaning for Scope<'_> {
    fn name(&mut self, parts: &[String]) -> Result<Value, EvaluationError> {
        match parts {
            [name] => self.bare(name),
            [case, name] => self.within(case, |scope| scope.bare(name)),
            _ => Err(EvaluationError::Unknown { name: parts.join(".") }),
        }
    }

    fn call(&mut self, parts: &[String], arguments: &[Value]) -> Result<Value, EvaluationError> {
        match parts {
            [name] => self.environment.call(self.case, name, arguments).map(Value::Number),
            [case, name] => self
                .within(case, |scope| scope.environment.call(scope.case, name, arguments).map(Value::Number)),
            _ => Err(EvaluationError::Unknown { name: parts.join(".") }),
        }
    }
}
