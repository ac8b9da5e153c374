//! Closed forms that need more than an expression: recursions, roots, small programs.
//!
//! Each model that needs one has a file of its own, named like the model's identifier; its numbers are read by the names it gives them.

mod m01_tail;
mod m03_screening;
mod m05_auction;
mod m12_attrition;
mod m15_forts;
mod m16_quantal;
mod m17_arbitration;
mod m20_screening;
mod m22_lewis_schultz;
mod m28_persuasion;

use std::collections::BTreeMap;

use armistice_scenario::EvaluationError;

/// Parameters by name.
pub(crate) type Parameters<'a> = BTreeMap<&'a str, f64>;

/// Numbers by name.
pub(crate) type Numbers = BTreeMap<&'static str, f64>;

type Computation = fn(&Parameters<'_>) -> Result<Numbers, EvaluationError>;

const COMPUTATIONS: &[(&str, Computation)] = &[
    ("banks-camerer-porter-1994-signals", m16_quantal::banks_camerer_porter),
    ("bishop-1978-attrition", m12_attrition::compute),
    ("fearon-1995-tail", m01_tail::compute),
    ("horner-morelli-squintani-2015-arbitration", m17_arbitration::compute),
    ("lewis-schultz-2003-signals", m22_lewis_schultz::compute),
    ("mckelvey-palfrey-1998-beer-quiche", m16_quantal::beer_quiche),
    ("mckelvey-palfrey-1998-crisis", m16_quantal::crisis),
    ("ochs-1995-pennies", m16_quantal::pennies),
    ("oneill-1986-dollar-auction", m05_auction::compute),
    ("powell-2004-screening", m03_screening::compute),
    ("smith-stam-2004-forts", m15_forts::compute),
    ("sobel-takahashi-1983-screening", m20_screening::compute),
    ("yildiz-2004-persuasion", m28_persuasion::compute),
];

/// What the program computes for a model; nothing for most.
pub(crate) fn compute(model: &str, parameters: &Parameters<'_>) -> Result<Numbers, EvaluationError> {
    let own = COMPUTATIONS.iter().find(|(name, _)| *name == model);
    own.map_or_else(|| Ok(Numbers::new()), |(_, computation)| computation(parameters))
}

/// A parameter by name.
pub(crate) fn parameter(parameters: &Parameters<'_>, name: &str) -> Result<f64, EvaluationError> {
    parameters.get(name).copied().ok_or_else(|| EvaluationError::Unknown { name: name.to_owned() })
}
