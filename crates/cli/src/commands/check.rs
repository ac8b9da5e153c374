//! `check`: every problem of a scenario in one run, and what it will cost to solve.

use armistice::game::{Stage, WarGame};
use armistice::scenario::{Change, Diagnostic, Limits, Loaded, Size};
use armistice::solve::Settings;
use serde::Serialize;
use serde_json::Value;

use crate::arguments::Check;
use crate::diagnostics;
use crate::failure::Failure;
use crate::game_file::Format;
use crate::session::{GOOD, HEADING, Session, styled};
use crate::text::{Table, count, plural};
use crate::work;

const SCHEMA: &str = "armistice.check/1";

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    title: &'a str,
    scenario_hash: &'a str,
    diagnostics: Vec<Value>,
    size: Sizes,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quotations: Vec<Quotation<'a>>,
}

/// Words of a document that a claim quotes, found there.
#[derive(Debug, Serialize)]
struct Quotation<'a> {
    claim: &'a str,
    document: String,
    line: usize,
}

/// What was found, and what solving will take.
#[derive(Debug, Serialize)]
struct Sizes {
    players: usize,
    types: usize,
    states: usize,
    unreachable_states: u64,
    nodes: usize,
    moves: usize,
    periods: Option<u32>,
    belief_points: usize,
    grid_points: u64,
    values: u64,
    megabytes: f64,
    parameters: usize,
    levers: usize,
    cases: usize,
    measures: usize,
    claims: usize,
}

/// Checks and reports.
pub fn run(session: &Session, arguments: &Check) -> Result<(), Failure> {
    if let Some(format) = Format::of(&arguments.scenario) {
        return super::finite::check(session, &arguments.scenario, format);
    }
    let Loaded { source, scenario, mut diagnostics, .. } =
        work::load(&arguments.scenario, &Limits::default())?;
    let Some(scenario) = scenario.filter(|_| !diagnostics.iter().any(Diagnostic::is_error)) else {
        return Err(work::refuse(session, &source, &diagnostics, SCHEMA));
    };
    let compiled = match scenario.compile(&Change::default(), &Limits::default()) {
        Ok(compiled) => compiled,
        Err(problems) => {
            diagnostics.extend(problems);
            return Err(work::refuse(session, &source, &diagnostics, SCHEMA));
        }
    };
    for warning in &compiled.warnings {
        if !diagnostics.contains(warning) {
            diagnostics.push(warning.clone());
        }
    }
    let points = arguments.belief_points.map_or(Settings::default().belief_points, |n| n as usize);
    let sizes = sizes(&compiled.game, &scenario, scenario.size(points), points);
    let quotations = quotations(&scenario);
    if !diagnostics.is_empty() {
        session.note(&diagnostics::render(&source, &diagnostics, session.look));
    }
    if session.json {
        session.document(
            SCHEMA,
            &Document {
                ok: true,
                title: &scenario.about.title,
                scenario_hash: &scenario.hash,
                diagnostics: work::listed(&source, &diagnostics),
                size: sizes,
                quotations,
            },
        )?;
    } else {
        session.say(&text(&scenario.about.title, &sizes, &quotations, diagnostics.len()))?;
    }
    if arguments.deny_warnings && !diagnostics.is_empty() {
        let what = format!("there {} and warnings are denied", there(diagnostics.len()));
        return Err(Failure::Check { what });
    }
    Ok(())
}

fn there(warnings: usize) -> String {
    if warnings == 1 { "is 1 warning".to_owned() } else { format!("are {warnings} warnings") }
}

fn quotations(scenario: &armistice::scenario::Scenario) -> Vec<Quotation<'_>> {
    let found = scenario.claims.iter().filter_map(|claim| {
        let quote = claim.quote.as_ref()?;
        let document = quote.document.to_string_lossy().replace('\\', "/");
        Some(Quotation { claim: &claim.name, document, line: quote.line? })
    });
    found.collect()
}

fn sizes(game: &WarGame, scenario: &armistice::scenario::Scenario, size: Size, points: usize) -> Sizes {
    let nodes = |stage: &Stage| match stage {
        Stage::Play(tree) => tree.nodes.len(),
        Stage::Over(_) => 0,
    };
    let grid_points = u64::try_from(size.grid_points).unwrap_or(u64::MAX);
    let periods =
        u64::from(scenario.about.horizon.unwrap_or(1)) + u64::from(scenario.about.horizon.is_some());
    // What is kept, now that the reachable states are known.
    let values = (game.states.len() as u64)
        .saturating_mul(grid_points)
        .saturating_mul(periods)
        .saturating_mul(game.slots() as u64);
    Sizes {
        players: game.players.len(),
        types: game.slots(),
        states: game.states.len(),
        unreachable_states: game.unreachable,
        nodes: game.stages.iter().map(nodes).sum(),
        moves: game.moves.len(),
        periods: scenario.about.horizon,
        belief_points: points,
        grid_points,
        values,
        megabytes: values as f64 * 8.0 / 1e6,
        parameters: scenario.parameters.len(),
        levers: scenario.levers.len(),
        cases: scenario.cases.len(),
        measures: scenario.measures.len(),
        claims: scenario.claims.len(),
    }
}

fn text(title: &str, sizes: &Sizes, quotations: &[Quotation<'_>], warnings: usize) -> String {
    let verdict = match warnings {
        0 => styled(GOOD, "no problems"),
        _ => format!("no errors, {}", plural(warnings, "warning")),
    };
    let mut table = Table::default();
    let unreachable = match sizes.unreachable_states {
        0 => String::new(),
        n => format!(" ({} more that no play reaches)", count(u128::from(n))),
    };
    let periods =
        sizes.periods.map_or_else(|| "indefinite horizon".to_owned(), |n| plural(n as usize, "period"));
    let mut row = |name: &str, value: String| table.row([format!("{name:<9} {value}")]);
    row(
        "game",
        format!("{}, {} in all, {periods}", plural(sizes.players, "player"), plural(sizes.types, "type")),
    );
    row("states", format!("{}{unreachable}", count(sizes.states as u128)));
    row(
        "period",
        format!("{}, {} over all states", plural(sizes.moves, "move"), plural(sizes.nodes, "node")),
    );
    row(
        "solving",
        format!(
            "{} numbers ({:.1} MB) at {} belief points per dimension",
            count(u128::from(sizes.values)),
            sizes.megabytes,
            sizes.belief_points
        ),
    );
    row(
        "questions",
        format!(
            "{}, {}, {}, {}, {}",
            plural(sizes.parameters, "parameter"),
            plural(sizes.levers, "lever"),
            plural(sizes.cases, "case"),
            plural(sizes.measures, "measure"),
            plural(sizes.claims, "claim"),
        ),
    );
    for Quotation { claim, document, line } in quotations {
        row("quoted", format!("{claim}: {document}, line {line}"));
    }
    format!("{}: {verdict}\n{}", styled(HEADING, title), table.lines("  ").join("\n"))
}
