//! The design that the options describe.

use std::fs::File;

use armistice::analyze::design::{Design, DesignError, Factor, Levels, Sampling, Subject, read_points};
use armistice::scenario::{Parameter, Scenario};

use super::{design_failure, ranged};
use crate::arguments::{DesignKind, FactorOptions, PointOptions, Sweep};
use crate::failure::Failure;
use crate::names::unknown;

/// What varies, and at which points.
pub fn design(scenario: &Scenario, arguments: &Sweep) -> Result<Design, Failure> {
    let points = &arguments.points;
    if let Some(path) = &points.from {
        if words_of(&arguments.factors) != Vec::<String>::new() {
            let what =
                "--from says what varies: leave out --parameters, --levers, --cases, --priors, --precision";
            return Err(Failure::usage(what));
        }
        let file = File::open(path).map_err(Failure::io("read", path))?;
        return read_points(scenario, file).map_err(|error| match error {
            DesignError::File { line, what } => {
                Failure::usage(format!("cannot read line {line} of {}: {what}", path.display()))
            }
            other => design_failure(other),
        });
    }
    let (count, seed) = (points.points as usize, points.seed);
    let sampling = match points.design {
        DesignKind::Lhs => Sampling::LatinHypercube { points: count, seed },
        DesignKind::Sobol => Sampling::Sobol { points: count, seed },
        DesignKind::Grid => Sampling::Grid { levels: points.levels as usize },
        DesignKind::Saltelli => Sampling::Saltelli { base: count, seed },
        DesignKind::File => {
            return Err(Failure::Usage {
                what: "`--design file` needs a file of points".to_owned(),
                hint: Some("name it with --from".to_owned()),
            });
        }
    };
    Ok(Design { factors: factors(scenario, &arguments.factors)?, sampling })
}

fn factors(scenario: &Scenario, options: &FactorOptions) -> Result<Vec<Factor>, Failure> {
    let mut out = Vec::new();
    let nothing = words_of(options).is_empty();
    let all = || ranged(scenario).map(own);
    if nothing {
        out.extend(all());
    }
    for text in &options.parameters {
        let (name, levels) = split(text)?;
        if text == "all" && !scenario.parameters.iter().any(|p| p.name == "all") {
            out.extend(all());
            continue;
        }
        let found = scenario.parameters.iter().find(|p| p.name == name);
        let names = scenario.parameters.iter().map(|p| p.name.as_str());
        let parameter = found.ok_or_else(|| unknown("parameter", name, names))?;
        let factor = match levels {
            Some(levels) => Factor { subject: Subject::Parameter(name.to_owned()), levels },
            None if parameter.range.is_none() && parameter.distribution.is_none() => {
                return Err(design_failure(DesignError::NoRange { name: name.to_owned() }));
            }
            None => own(parameter),
        };
        out.push(factor);
    }
    for name in &options.levers {
        out.push(Factor { subject: Subject::Lever(name.clone()), levels: Levels::Switch });
    }
    if !options.cases.is_empty() {
        out.push(Factor { subject: Subject::Case, levels: Levels::Cases(options.cases.clone()) });
    }
    for text in &options.priors {
        let (name, levels) = split(text)?;
        let Some((player, kind)) = name.split_once('.') else {
            return Err(Failure::usage(format!(
                "`{name}` is not a player, a dot and a type, such as russia.maximal"
            )));
        };
        let subject = Subject::Prior { player: player.to_owned(), kind: kind.to_owned() };
        out.push(Factor { subject, levels: levels.unwrap_or(Levels::Range { low: 0.0, high: 1.0 }) });
    }
    if let Some(text) = &options.precision {
        let levels = levels(text).ok_or_else(|| not_levels("--precision", text))?;
        out.push(Factor { subject: Subject::Precision, levels });
    }
    if out.is_empty() {
        return Err(Failure::Usage {
            what: "no parameter of the scenario has a range or a distribution, so nothing varies".to_owned(),
            hint: Some(
                "name what varies: --parameters NAME=LOW..HIGH, --levers, --cases, --priors".to_owned(),
            ),
        });
    }
    Ok(out)
}

/// A parameter over what the scenario says of it: its distribution, else its range.
fn own(parameter: &Parameter) -> Factor {
    let range = parameter.range.map(|(low, high)| Levels::Range { low, high });
    let levels = parameter.distribution.map(Levels::Distribution).or(range);
    let levels = levels.unwrap_or(Levels::Numbers(Vec::new()));
    Factor { subject: Subject::Parameter(parameter.name.clone()), levels }
}

/// `NAME`, `NAME=LOW..HIGH` or `NAME=A:B:C`.
fn split(text: &str) -> Result<(&str, Option<Levels>), Failure> {
    match text.split_once('=') {
        None => Ok((text.trim(), None)),
        Some((name, values)) => {
            let levels = levels(values).ok_or_else(|| not_levels(name, values))?;
            Ok((name.trim(), Some(levels)))
        }
    }
}

/// `LOW..HIGH` or `A:B:C`.
fn levels(text: &str) -> Option<Levels> {
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|x| x.is_finite());
    match text.split_once("..") {
        Some((low, high)) => Some(Levels::Range { low: number(low)?, high: number(high)? }),
        None => text.split(':').map(number).collect::<Option<_>>().map(Levels::Numbers),
    }
}

fn not_levels(name: &str, text: &str) -> Failure {
    Failure::usage(format!(
        "`{text}` is no set of values of `{name}`: write LOW..HIGH or A:B:C, with numbers"
    ))
}

/// Parameters set throughout.
pub fn settings(scenario: &Scenario, set: &[(String, String)]) -> Result<Vec<(String, f64)>, Failure> {
    let names = || scenario.parameters.iter().map(|p| p.name.as_str());
    let mut out = Vec::new();
    for (name, value) in set {
        if !names().any(|other| other == name) {
            return Err(unknown("parameter", name, names()));
        }
        let number = value.parse::<f64>().ok().filter(|x| x.is_finite());
        let wrong = || Failure::usage(format!("`{name}` cannot be set to `{value}`: it is not a number"));
        out.push((name.clone(), number.ok_or_else(wrong)?));
    }
    Ok(out)
}

/// The seed of a design that has one.
pub fn seed(sampling: &Sampling) -> Option<u64> {
    match sampling {
        Sampling::LatinHypercube { seed, .. }
        | Sampling::Sobol { seed, .. }
        | Sampling::Saltelli { seed, .. } => Some(*seed),
        Sampling::Grid { .. } | Sampling::List { .. } => None,
    }
}

fn words_of(options: &FactorOptions) -> Vec<String> {
    let mut out = Vec::new();
    let mut add = |flag: &str, values: &[String]| {
        if !values.is_empty() {
            out.push(format!("{flag} {}", values.join(",")));
        }
    };
    add("--parameters", &options.parameters);
    add("--levers", &options.levers);
    add("--cases", &options.cases);
    add("--priors", &options.priors);
    add("--precision", options.precision.as_slice());
    out
}

/// The options as they would be typed, for stamps.
pub fn words(arguments: &Sweep) -> Vec<String> {
    let PointOptions { design, points, levels, from, seed } = &arguments.points;
    let mut out = words_of(&arguments.factors);
    out.extend(match (from, design) {
        (Some(path), _) => vec![format!("--from {}", path.display())],
        (None, DesignKind::Grid) => vec![format!("--design grid --levels {levels}")],
        (None, DesignKind::Sobol) => vec![format!("--design sobol --points {points} --seed {seed}")],
        (None, DesignKind::Saltelli) => vec![format!("--design saltelli --points {points} --seed {seed}")],
        (None, _) => vec![format!("--design lhs --points {points} --seed {seed}")],
    });
    out
}
