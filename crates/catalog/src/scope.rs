//! The numbers of a model at given parameters: parameters, shorthands, predictions.

use std::collections::BTreeMap;

use armistice_scenario::{EvaluationError, Expression, Meaning, Value};

use crate::computed;
use crate::model::{Model, Ordered};
use crate::{CatalogError, Formula};

/// Shorthands that use each other, and predictions that use those, deeper than this go in circles.
const DEPTH: usize = 64;

/// A model at given parameters.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    model: &'a Model,
    parameters: BTreeMap<&'a str, f64>,
    known: BTreeMap<String, Value>,
    computed: Option<Result<BTreeMap<&'static str, f64>, EvaluationError>>,
    depth: usize,
}

impl<'a> Scope<'a> {
    /// The model as written.
    ///
    /// - errors: [`CatalogError::NoValue`].
    pub fn new(model: &'a Model) -> Result<Self, CatalogError> {
        let mut scope =
            Self { model, parameters: BTreeMap::new(), known: BTreeMap::new(), computed: None, depth: 0 };
        for (name, parameter) in model.parameters.iter() {
            let value = scope.number(&parameter.value.0)?;
            scope.parameters.insert(name, value);
        }
        Ok(scope)
    }

    /// With one parameter changed.
    ///
    /// - errors: [`CatalogError::NoParameter`].
    pub fn set(&mut self, name: &str, value: f64) -> Result<(), CatalogError> {
        let Some((own, _)) = self.model.parameters.iter().find(|(n, _)| *n == name) else {
            let known: Vec<&str> = self.model.parameters.iter().map(|(n, _)| n).collect();
            return Err(CatalogError::NoParameter {
                model: self.model.name.clone(),
                name: name.to_owned(),
                known: known.join(", "),
            });
        };
        self.parameters.insert(own, value);
        self.known.clear();
        self.computed = None;
        Ok(())
    }

    /// With several parameters changed; their expressions read the values before.
    ///
    /// - errors: [`CatalogError::NoParameter`], [`CatalogError::NoValue`].
    pub fn set_all(&mut self, changes: &Ordered<Formula>) -> Result<(), CatalogError> {
        let values: Vec<(String, f64)> = changes
            .iter()
            .map(|(name, formula)| Ok((name.to_owned(), self.number(&formula.0)?)))
            .collect::<Result<_, CatalogError>>()?;
        values.iter().try_for_each(|(name, value)| self.set(name, *value))
    }

    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<f64> {
        self.parameters.get(name).copied()
    }

    /// All parameters.
    pub fn parameters(&self) -> impl Iterator<Item = (&'a str, f64)> {
        self.parameters.iter().map(|(name, value)| (*name, *value))
    }

    /// The number an expression is.
    ///
    /// - errors: [`CatalogError::NoValue`].
    pub fn number(&mut self, expression: &Expression) -> Result<f64, CatalogError> {
        match self.value(expression)? {
            Value::Number(x) => Ok(x),
            _ => Err(self.no_value(expression, EvaluationError::Kind { wanted: "a number" })),
        }
    }

    /// Whether a proposition is true.
    ///
    /// - errors: [`CatalogError::NoValue`].
    pub fn holds(&mut self, proposition: &Expression) -> Result<bool, CatalogError> {
        match self.value(proposition)? {
            Value::Boolean(holds) => Ok(holds),
            _ => Err(self.no_value(proposition, EvaluationError::Kind { wanted: "a truth value" })),
        }
    }

    /// The value of an expression over parameters, shorthands and predictions.
    ///
    /// - errors: [`CatalogError::NoValue`].
    pub fn value(&mut self, expression: &Expression) -> Result<Value, CatalogError> {
        expression.value(self).map_err(|why| self.no_value(expression, why))
    }

    /// A prediction: `None` where the model says that it is not defined.
    ///
    /// - errors: [`CatalogError::NoValue`].
    pub fn prediction(&mut self, name: &str) -> Result<Option<f64>, CatalogError> {
        let what = Expression::parse(name).map_err(|why| CatalogError::Unreadable {
            model: self.model.name.clone(),
            why: format!("prediction `{name}`: {why}"),
        })?;
        if let Some(when) = self.model.predictions.get(name).and_then(|p| p.when.as_ref())
            && !self.holds(&when.0)?
        {
            return Ok(None);
        }
        match self.value(&what)? {
            Value::Number(x) => Ok(Some(x)),
            Value::Boolean(b) => Ok(Some(f64::from(u8::from(b)))),
            Value::Text(_) => Err(self.no_value(&what, EvaluationError::Kind { wanted: "a number" })),
        }
    }

    fn no_value(&self, what: &Expression, why: EvaluationError) -> CatalogError {
        CatalogError::NoValue { model: self.model.name.clone(), what: what.text.clone(), why }
    }

    fn computed(&mut self, name: &str) -> Result<Option<f64>, EvaluationError> {
        if self.computed.is_none() {
            self.computed = Some(computed::compute(&self.model.name, &self.parameters));
        }
        match &self.computed {
            Some(Ok(values)) => Ok(values.get(name).copied()),
            Some(Err(why)) => Err(why.clone()),
            None => Ok(None),
        }
    }
}

impl Meaning for Scope<'_> {
    fn name(&mut self, parts: &[String]) -> Result<Value, EvaluationError> {
        let unknown = || EvaluationError::Unknown { name: parts.join(".") };
        let [name] = parts else { return Err(unknown()) };
        if let Some(value) = self.parameters.get(name.as_str()) {
            return Ok(Value::Number(*value));
        }
        if let Some(value) = self.known.get(name) {
            return Ok(value.clone());
        }
        if self.depth >= DEPTH {
            return Err(EvaluationError::TooDeep);
        }
        let model = self.model;
        let formula = model.shorthands.get(name).or_else(|| model.predictions.get(name)?.value.as_ref());
        let value = match formula {
            Some(formula) => {
                self.depth += 1;
                let value = formula.0.value(self);
                self.depth -= 1;
                value?
            }
            None => Value::Number(self.computed(name)?.ok_or_else(unknown)?),
        };
        self.known.insert(name.clone(), value.clone());
        Ok(value)
    }

    fn call(&mut self, parts: &[String], _: &[Value]) -> Result<Value, EvaluationError> {
        Err(EvaluationError::Unknown { name: parts.join(".") })
    }
}
