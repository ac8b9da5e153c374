//! Direct evaluation of a term: for expressions evaluated rarely (parameters, priors, measures, claims), where looking
//! names up every time costs nothing that matters.

use crate::expression::{self, EvaluationError, Function, Operator, Term, Value};

/// What names and calls mean to an expression that stands outside a scenario. See [`Expression::value`](crate::Expression::value).
pub trait Meaning {
    /// The value of a name.
    fn name(&mut self, parts: &[String]) -> Result<Value, EvaluationError>;
    /// The value of a call of something that is not a built-in function.
    fn call(&mut self, parts: &[String], arguments: &[Value]) -> Result<Value, EvaluationError>;
}

/// Evaluates a term; `if`, `and` and `or` evaluate only what they need.
pub(crate) fn interpret(term: &Term, meaning: &mut dyn Meaning) -> Result<Value, EvaluationError> {
    Ok(match term {
        Term::Number(x) => Value::Number(*x),
        Term::Boolean(b) => Value::Boolean(*b),
        Term::Text(text) => Value::Text(text.clone()),
        Term::Name(parts) => meaning.name(parts)?,
        Term::Call(parts, arguments) => {
            let arguments: Vec<Value> =
                arguments.iter().map(|a| interpret(a, meaning)).collect::<Result<_, _>>()?;
            let built_in = if let [name] = parts.as_slice() { Function::named(name) } else { None };
            match built_in {
                Some(function) => {
                    let numbers: Vec<f64> = arguments.iter().map(number).collect::<Result<_, _>>()?;
                    if function.refuses(numbers.len()).is_some() {
                        return Err(EvaluationError::Unknown { name: parts.join(".") });
                    }
                    Value::Number(function.apply(&numbers)?)
                }
                None => meaning.call(parts, &arguments)?,
            }
        }
        Term::Negate(inner) => Value::Number(expression::negate(number(&interpret(inner, meaning)?)?)),
        Term::Not(inner) => Value::Boolean(!boolean(&interpret(inner, meaning)?)?),
        Term::Binary(Operator::And, left, right) => {
            Value::Boolean(boolean(&interpret(left, meaning)?)? && boolean(&interpret(right, meaning)?)?)
        }
        Term::Binary(Operator::Or, left, right) => {
            Value::Boolean(boolean(&interpret(left, meaning)?)? || boolean(&interpret(right, meaning)?)?)
        }
        Term::Binary(operator, left, right) => {
            let (left, right) = (interpret(left, meaning)?, interpret(right, meaning)?);
            match (operator, &left, &right) {
                (Operator::Equal, Value::Text(a), Value::Text(b)) => Value::Boolean(a == b),
                (Operator::NotEqual, Value::Text(a), Value::Text(b)) => Value::Boolean(a != b),
                (Operator::Equal, Value::Boolean(a), Value::Boolean(b)) => Value::Boolean(a == b),
                (Operator::NotEqual, Value::Boolean(a), Value::Boolean(b)) => Value::Boolean(a != b),
                _ => {
                    let result = expression::binary(*operator, number(&left)?, number(&right)?)?;
                    if operator.is_comparison() {
                        Value::Boolean(result != 0.0)
                    } else {
                        Value::Number(result)
                    }
                }
            }
        }
        Term::If(condition, yes, no) => {
            let branch = if boolean(&interpret(condition, meaning)?)? { yes } else { no };
            interpret(branch, meaning)?
        }
    })
}

/// The number a value is.
pub(crate) fn number(value: &Value) -> Result<f64, EvaluationError> {
    match value {
        Value::Number(x) => Ok(*x),
        _ => Err(EvaluationError::Kind { wanted: "a number" }),
    }
}

fn boolean(value: &Value) -> Result<bool, EvaluationError> {
    match value {
        Value::Boolean(b) => Ok(*b),
        _ => Err(EvaluationError::Kind { wanted: "a truth value" }),
    }
}

impl Operator {
    /// Whether the result is a truth value.
    pub(crate) const fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessOrEqual
                | Self::Greater
                | Self::GreaterOrEqual
        )
    }
}
