//! Expressions: precedence, printing, evaluation over measures; and that no text makes the parser panic.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;
use std::path::Path;

use armistice_scenario::{
    EvaluationError, Expression, Limits, MeasureEnvironment, Operator, Scenario, Term, Value, parse,
    parse_with,
};
use proptest::prelude::*;

fn printed(text: &str) -> String {
    Expression::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).term.to_string()
}

#[test]
fn operators_bind_as_the_reference_says() {
    for (text, meaning) in [
        ("1 + 2 * 3", "1 + 2 * 3"),
        ("(1 + 2) * 3", "(1 + 2) * 3"),
        ("a - b - c", "a - b - c"),
        ("a - (b - c)", "a - (b - c)"),
        ("a / b * c", "a / b * c"),
        ("2 ^ 3 ^ 2", "2 ^ 3 ^ 2"),
        ("(2 ^ 3) ^ 2", "(2 ^ 3) ^ 2"),
        ("-a ^ 2", "-a ^ 2"),
        ("(-a) ^ 2", "(-a) ^ 2"),
        ("2 ^ -1", "2 ^ -1"),
        ("not a and b or c", "not a and b or c"),
        ("not (a and b)", "not (a and b)"),
        ("a and (b or c)", "a and (b or c)"),
        ("a == 'x' or b < 3 and c", "a == 'x' or b < 3 and c"),
        ("if a then b else if c then d else e", "if a then b else if c then d else e"),
        ("(if a then b else c) + 1", "(if a then b else c) + 1"),
        ("1 + (if a then b else c)", "1 + (if a then b else c)"),
        ("min(a, b + 1) * case.survival(12)", "min(a, b + 1) * case.survival(12)"),
        ("\"it's\" == x", "\"it's\" == x"),
        ("1e3 + .5", "1000 + 0.5"),
        ("+3", "3"),
    ] {
        assert_eq!(printed(text), meaning, "{text}");
    }
    let Term::Binary(Operator::Add, _, right) = Expression::parse("a + b * c").unwrap().term else {
        panic!("a sum")
    };
    assert!(matches!(*right, Term::Binary(Operator::Multiply, ..)));
}

#[test]
fn texts_that_are_no_expressions_are_refused_in_words() {
    for text in [
        "",
        " ",
        "1 +",
        "(1",
        "1)",
        "a b",
        "1 < 2 < 3",
        "a = 1",
        "if a then b",
        "min(1,",
        "a.b.c",
        "'x",
        "#",
        "a..b",
        "1e999",
        "then",
    ] {
        assert!(!Expression::parse(text).expect_err(text).is_empty());
    }
}

/// A war in which measures can be written.
fn war(measures: &str) -> Scenario {
    let text = format!(
        r#"
[scenario]
title = "A war"
period = "month"
horizon = 2

[parameters]
push = 0.25

[players.a]
discount = 0.9
precision = 4

[at_horizon]

[[stage]]
player = "a"
move = "act"
actions.wait = {{ payoff = {{ a = "push" }} }}

[cases.strong]
parameters = {{ push = "push * 2" }}

{measures}
"#
    );
    let loaded = parse(&text, "scenario.toml", Path::new("."));
    assert!(loaded.scenario.is_some(), "{}", armistice_scenario::render_plain(&loaded));
    loaded.scenario.unwrap()
}

/// Answers every function with a number, and remembers what was asked.
#[derive(Default)]
struct Asked(RefCell<Vec<String>>);

impl MeasureEnvironment for Asked {
    fn call(&self, case: Option<&str>, function: &str, arguments: &[Value]) -> Result<f64, EvaluationError> {
        self.0.borrow_mut().push(format!("{}.{function}{arguments:?}", case.unwrap_or("base")));
        match function {
            "expected_duration" => Ok(if case.is_some() { 5.0 } else { 10.0 }),
            "survival" => Ok(0.5),
            _ => Err(EvaluationError::Unavailable {
                function: function.to_owned(),
                reason: "not here".to_owned(),
            }),
        }
    }
}

fn value(scenario: &Scenario, text: &str, case: Option<&str>) -> Result<Value, EvaluationError> {
    scenario.evaluate(&Expression::parse(text).unwrap(), case, &Asked::default())
}

#[test]
fn measures_are_evaluated_with_their_case() {
    let scenario = war(
        "[measures.half]\nvalue = \"expected_duration / 2\"\n[measures.sum]\nvalue = \"half + half + push\"\n",
    );
    assert_eq!(value(&scenario, "half", None), Ok(Value::Number(5.0)));
    assert_eq!(value(&scenario, "strong.half", None), Ok(Value::Number(2.5)));
    assert_eq!(value(&scenario, "half", Some("strong")), Ok(Value::Number(2.5)));
    assert_eq!(value(&scenario, "sum", None), Ok(Value::Number(10.25)));
    assert_eq!(value(&scenario, "strong.sum", None), Ok(Value::Number(5.5)));
    assert_eq!(value(&scenario, "strong.push", None), Ok(Value::Number(0.5)));
    assert_eq!(
        value(&scenario, "expected_duration > strong.expected_duration", None),
        Ok(Value::Boolean(true))
    );
    // Each measure is asked for once in each case.
    let asked = Asked::default();
    scenario.evaluate(&Expression::parse("sum + half + strong.survival(3)").unwrap(), None, &asked).unwrap();
    assert_eq!(*asked.0.borrow(), ["base.expected_duration[]", "strong.survival[Number(3.0)]"]);
}

#[test]
fn only_what_is_needed_is_evaluated_and_errors_say_why() {
    let scenario = war("");
    assert_eq!(value(&scenario, "if push > 0 then 1 else inefficiency", None), Ok(Value::Number(1.0)));
    assert_eq!(value(&scenario, "push > 0 or inefficiency > 0", None), Ok(Value::Boolean(true)));
    assert_eq!(value(&scenario, "push < 0 and inefficiency > 0", None), Ok(Value::Boolean(false)));
    assert_eq!(value(&scenario, "1 / (push - push)", None), Err(EvaluationError::DivisionByZero));
    assert_eq!(value(&scenario, "1e308 * 10", None), Err(EvaluationError::NotFinite));
    assert!(matches!(value(&scenario, "inefficiency", None), Err(EvaluationError::Unavailable { .. })));
    assert!(matches!(value(&scenario, "weak.push", None), Err(EvaluationError::Unknown { .. })));
    assert!(matches!(value(&scenario, "push == 'x'", None), Err(EvaluationError::Kind { .. })));
    assert!(matches!(value(&scenario, "(-8) ^ 0.5", None), Err(EvaluationError::Domain { .. })));
    let error = value(&scenario, "ln(0)", None).unwrap_err();
    assert_eq!(format!("failed to {error}"), "failed to take the logarithm of 0");
}

/// Terms as the parser makes them: no sign before a bare number, no quotation marks in texts.
fn terms() -> impl Strategy<Value = Term> {
    let name = || {
        "[a-z][a-z0-9_]{0,3}".prop_filter("a keyword", |w| {
            !["and", "or", "not", "if", "then", "else", "true", "false"].contains(&w.as_str())
        })
    };
    let leaf = prop_oneof![
        (-1e6f64..1e6).prop_map(Term::Number),
        any::<bool>().prop_map(Term::Boolean),
        "[a-z ]{0,5}".prop_map(Term::Text),
        prop::collection::vec(name(), 1..=2).prop_map(Term::Name),
    ];
    let operators = prop::sample::select(vec![
        Operator::Add,
        Operator::Subtract,
        Operator::Multiply,
        Operator::Divide,
        Operator::Power,
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
        Operator::And,
        Operator::Or,
    ]);
    leaf.prop_recursive(6, 40, 3, move |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_filter("a bare number", |t| !matches!(t, Term::Number(_)))
                .prop_map(|t| Term::Negate(Box::new(t))),
            inner.clone().prop_map(|t| Term::Not(Box::new(t))),
            (operators.clone(), inner.clone(), inner.clone()).prop_map(|(o, a, b)| Term::Binary(
                o,
                Box::new(a),
                Box::new(b)
            )),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| Term::If(
                Box::new(a),
                Box::new(b),
                Box::new(c)
            )),
            (prop::collection::vec("[a-z]{1,4}", 1..=2), prop::collection::vec(inner, 0..3)).prop_filter_map(
                "a keyword",
                |(name, arguments)| {
                    let keyword = |w: &String| Expression::parse(w).map(|e| !matches!(e.term, Term::Name(_)));
                    (!name.iter().any(|w| keyword(w).unwrap_or(true))).then_some(Term::Call(name, arguments))
                }
            ),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(text in ".*") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn texts_that_look_like_expressions_are_parsed_or_refused(
        text in r"([a-z]{1,3}|[0-9.]{1,4}|[-+*/^()<>=!,.' ]|if |then |else |not |and |or |min\(){0,40}"
    ) {
        if let Ok(found) = Expression::parse(&text) {
            let again = Expression::parse(&found.term.to_string()).unwrap();
            prop_assert_eq!(found.term, again.term);
        }
    }

    #[test]
    fn printed_terms_parse_back(term in terms()) {
        let text = term.to_string();
        prop_assert_eq!(Expression::parse(&text).map(|e| e.term), Ok(term));
    }

    #[test]
    fn any_text_is_read_as_a_scenario_or_refused(text in ".{0,200}") {
        let limits = Limits { max_states: 1_000, max_nodes: 1_000, max_values: 100_000 };
        let loaded = parse_with(&text, "scenario.toml", Path::new("."), &limits);
        prop_assert!(loaded.scenario.is_none());
        prop_assert!(!loaded.diagnostics.is_empty());
    }
}
