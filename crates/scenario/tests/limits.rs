//! Nothing in a scenario can hang the tool or exhaust memory.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use armistice_scenario::{
    Change, Diagnostic, Expression, Limits, Loaded, MAX_FILE, Scenario, load, parse, parse_with,
};

const WAR: &str = include_str!("files/good/learning-from-battle.toml");

fn read(text: &str) -> Loaded {
    parse(text, "scenario.toml", Path::new("."))
}

fn codes(list: &[Diagnostic]) -> Vec<&str> {
    list.iter().map(|d| d.code).collect()
}

fn refused(scenario: &Scenario, limits: &Limits) -> Vec<Diagnostic> {
    scenario.compile(&Change::default(), limits).unwrap_err()
}

/// Well above what any of these takes, well below what allocating would.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_scenario_of_10_to_the_12_states_is_refused_at_once_with_the_numbers() {
    let mut state = String::new();
    for name in ["a", "b", "c", "d"] {
        writeln!(state, "{name} = {{ from = 1, to = 1000, start = 1 }}").unwrap();
    }
    let text = WAR.replace("[let]", &format!("{state}\n[let]"));
    let start = Instant::now();
    let scenario = read(&text).scenario.unwrap();
    assert_eq!(scenario.size(17).states, 7_000_000_000_000);
    let diagnostics = refused(&scenario, &Limits::default());
    assert!(start.elapsed() < SOON);
    assert_eq!(codes(&diagnostics), ["A0601"]);
    assert!(diagnostics[0].message.contains("7 000 000 000 000 states"), "{}", diagnostics[0].message);
    assert!(diagnostics[0].help.as_ref().unwrap().contains("--max-states"));
}

#[test]
fn sizes_multiply_without_overflow() {
    let text = WAR.replace("horizon = 24", "horizon = 4294967295");
    let scenario = read(&text).scenario.unwrap();
    let size = scenario.size(usize::MAX);
    assert_eq!(size.periods, 4_294_967_295);
    assert_eq!(size.values, size.states * size.grid_points * size.periods * size.slots);
    let refusal = scenario.refuse(1_000_001, &Limits::default()).unwrap();
    assert_eq!(refusal.code, "A0603");
    assert!(refusal.message.contains("7 states × 1 000 001 belief points × 4 294 967 295 periods × 3 slots"));
    assert!(refusal.help.unwrap().contains("--max-values"));
    assert!(read(WAR).scenario.unwrap().refuse(65, &Limits::default()).is_none());
}

#[test]
fn a_simplex_of_three_types_has_triangular_numbers_of_points() {
    let text = WAR.replace(
        "weak = { prior = 0.5,",
        "middle = { prior = 0, up = 0.2, down = 0.2 }\nweak = { prior = 0.5,",
    );
    assert_eq!(read(&text).scenario.unwrap().size(5).grid_points, 15);
}

#[test]
fn trees_stop_growing_at_the_limit_of_nodes() {
    let scenario = read(WAR).scenario.unwrap();
    let limits = Limits { max_nodes: 50, ..Limits::default() };
    assert_eq!(codes(&refused(&scenario, &limits)), ["A0602"]);
    let loaded = parse_with(WAR, "scenario.toml", Path::new("."), &limits);
    assert_eq!(codes(&loaded.diagnostics), ["A0806"]);
    assert!(loaded.scenario.is_some());
}

#[test]
fn work_is_bounded_too() {
    let mut lets = String::new();
    for i in 0..20 {
        writeln!(lets, "x{i} = \"max(if reply == 'fight' then 1 else 2{})\"", ", front".repeat(500)).unwrap();
    }
    let sum: Vec<String> = (0..20).map(|i| format!("x{i}")).collect();
    let text = WAR
        .replace("[let]", &format!("[let]\n{lets}"))
        .replace("r = \"war_cost_r\"", &format!("r = \"war_cost_r + 0 * ({})\"", sum.join(" + ")));
    let scenario = read(&text).scenario.unwrap();
    scenario.compile(&Change::default(), &Limits::default()).unwrap();
    let limits = Limits { max_nodes: 180, ..Limits::default() };
    assert_eq!(codes(&refused(&scenario, &limits)), ["A0604"]);
}

#[test]
fn lets_that_double_are_worked_out_once() {
    let mut lets = String::from("x0 = \"front * 1e-30\"\n");
    for i in 1..80 {
        writeln!(lets, "x{i} = \"x{0} + x{0}\"", i - 1).unwrap();
    }
    let text = WAR.replace("[let]", &format!("[let]\n{lets}"));
    let start = Instant::now();
    let loaded = read(&text);
    assert!(loaded.scenario.is_some());
    assert!(start.elapsed() < SOON);
}

#[test]
fn files_over_the_limit_are_refused() {
    let text = format!("{WAR}\n# {}", "x".repeat(MAX_FILE));
    assert_eq!(codes(&read(&text).diagnostics), ["A0105"]);
}

#[test]
fn files_that_cannot_be_read_are_a_diagnostic() {
    let loaded = load(Path::new("no/such/folder"));
    assert_eq!(codes(&loaded.diagnostics), ["A0106"]);
    assert!(loaded.scenario.is_none());
}

#[test]
fn thousands_of_mistakes_are_counted_in_time() {
    let mut text = String::from(WAR);
    for i in 0..1_900 {
        writeln!(text, "[measures.m{i}]\nvalue = \"expected_duraton + m{} + unknown_{i}\"", i + 5_000)
            .unwrap();
    }
    let start = Instant::now();
    let diagnostics = read(&text).diagnostics;
    assert!(start.elapsed() < SOON);
    assert_eq!(diagnostics.len(), 201);
    assert_eq!(diagnostics.last().unwrap().code, "A0114");
}

#[test]
fn tables_of_endless_length_are_cut() {
    let mut text = String::from("[parameters]\n");
    for i in 0..200_000 {
        writeln!(text, "p{i} = \"p{}\"", i + 1).unwrap();
    }
    let start = Instant::now();
    let loaded = read(&text);
    assert!(start.elapsed() < SOON);
    assert!(codes(&loaded.diagnostics).contains(&"A0113"));
}

#[test]
fn chains_of_parameters_need_no_stack() {
    let mut parameters = String::from("[parameters]\n");
    for i in 0..1_900 {
        writeln!(parameters, "p{i} = \"p{} + 1\"", i + 1).unwrap();
    }
    parameters.push_str("p1900 = 0\n");
    let text =
        WAR.replace("[parameters]", &parameters).replace("war_cost_r = 0.05", "war_cost_r = \"p0 / 100000\"");
    let scenario = read(&text).scenario.unwrap();
    let compiled = scenario.compile(&Change::default(), &Limits::default()).unwrap();
    assert!((compiled.parameters[0] - 1_900.0).abs() < 1e-9);
}

#[test]
fn the_deepest_expressions_allowed_fit_the_stack() {
    let sum = " + 0 * front".repeat(190);
    let lets = format!("deep = \"front{sum}\"\ndeeper = \"deep{sum}\"\n");
    let text = WAR
        .replace("[let]", &format!("[let]\n{lets}"))
        .replace("r = \"war_cost_r\"", "r = \"war_cost_r + 0 * deeper\"");
    let scenario = read(&text).scenario.unwrap();
    scenario.compile(&Change::default(), &Limits::default()).unwrap();
    assert!(Expression::parse(&format!("{}1{}", "(".repeat(55), ")".repeat(55))).is_ok());
}

#[test]
fn deep_brackets_overflow_nothing() {
    for open in ["(", "-", "not ", "if ", "min(", "'", "[", "{ a = "] {
        let deep = open.repeat(100_000);
        assert!(read(&format!("[let]\nx = \"{deep}\"")).scenario.is_none());
        assert!(read(&format!("x = {deep}")).scenario.is_none());
    }
}
