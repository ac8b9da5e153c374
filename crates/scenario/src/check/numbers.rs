//! Checks of parameters as numbers: cycles, ranges, names nobody reads; and of the horizon.

use crate::codes;
use crate::compile::code::Kind;
use crate::compile::constants::{constants, order, parameter_needs, trim};
use crate::compile::program::Linker;
use crate::diagnostic::{Diagnostic, Problems};
use crate::model::{Change, Scenario};

/// Parameters that need themselves.
pub(super) fn parameter_cycles(scenario: &Scenario, problems: &mut Problems) {
    let (_, stuck) = order(&parameter_needs(scenario));
    for position in stuck {
        let parameter = &scenario.parameters[position];
        let message = format!("the parameter `{}` needs itself, directly or through others", parameter.name);
        let diagnostic = Diagnostic::error(codes::CYCLE, message)
            .at(parameter.value.span.clone(), "")
            .help("give one parameter of the cycle a number");
        problems.push(diagnostic);
    }
}

/// An indefinite horizon has no use for a payoff at the horizon.
pub(super) fn horizon(scenario: &Scenario, problems: &mut Problems) {
    if let (Some(end), None) = (&scenario.at_horizon, scenario.about.horizon) {
        let message = "`[at_horizon]` has no effect: the horizon is indefinite";
        problems.push(Diagnostic::warning(codes::NO_EFFECT, message).at(end.span.clone(), ""));
    }
}

/// Parameters whose value lies outside their own range.
pub(super) fn ranges(scenario: &Scenario, problems: &mut Problems) {
    let Ok(constants) = constants(scenario, &Change::default()) else { return };
    for (parameter, value) in scenario.parameters.iter().zip(&constants.parameters) {
        if let Some((low, high)) = parameter.range
            && !(low..=high).contains(value)
        {
            let (name, value) = (&parameter.name, trim(*value));
            let message = format!("`{name}` is {value}, outside its own range of {low} … {high}");
            let diagnostic = Diagnostic::warning(codes::OUTSIDE_RANGE, message)
                .at(parameter.value.span.clone(), "")
                .help("correct the value or widen the range");
            problems.push(diagnostic);
        }
    }
}

/// Parameters and `let`s that nothing reads.
pub(super) fn unused(scenario: &Scenario, linker: &Linker<'_>, problems: &mut Problems) {
    for (parameter, used) in scenario.parameters.iter().zip(&linker.lowerer.used_parameters) {
        if !used {
            let message = format!("nothing reads the parameter `{}`", parameter.name);
            let diagnostic = Diagnostic::warning(codes::UNUSED, message)
                .at(parameter.span.clone(), "")
                .help("use it in an expression or remove it");
            problems.push(diagnostic);
        }
    }
    for (position, (name, expression)) in scenario.lets.iter().enumerate() {
        // A number of the state is an observable: charts and measures read it.
        let observable = linker.lowerer.let_slot(position).is_some_and(|found| {
            found.kind == Kind::Number
                && found.reads.state
                && found.reads.stages == 0
                && found.reads.kinds == 0
        });
        if !linker.lowerer.used_lets[position] && !observable {
            let diagnostic = Diagnostic::warning(codes::UNUSED, format!("nothing reads `{name}`"))
                .at(expression.span.clone(), "")
                .help("use it in an expression or remove it");
            problems.push(diagnostic);
        }
    }
}
