//! Reading and writing finite games: every way in which files are written, every problem with its place, round trips.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use armistice_game::{Cells, FiniteGame, FiniteKind, FormatErrors, FormatProblem, NormalGame, Number, Place};

// In canonical form.
const STAGES: &str = include_str!("files/stages.efg");
const TABLE: &str = include_str!("files/table.nfg");
const OUTCOMES: &str = include_str!("files/outcomes.nfg");

fn efg(text: &str) -> FiniteGame {
    let game = FiniteGame::read_efg(text).unwrap();
    game.validate().unwrap();
    let written = game.write_efg();
    let again = FiniteGame::read_efg(&written).unwrap();
    assert_eq!(game, again);
    assert_eq!(again.write_efg(), written);
    game
}

fn nfg(text: &str) -> NormalGame {
    let game = NormalGame::read_nfg(text).unwrap();
    game.validate().unwrap();
    let written = game.write_nfg();
    let again = NormalGame::read_nfg(&written).unwrap();
    assert_eq!(game, again);
    assert_eq!(again.write_nfg(), written);
    game
}

fn values(numbers: &[Number]) -> Vec<f64> {
    numbers.iter().map(|number| number.value).collect()
}

/// The messages of what is wrong, a line each, without remedies.
fn problems(errors: &FormatErrors) -> String {
    let lines: Vec<_> = errors
        .errors
        .iter()
        .map(|error| match error.place {
            Some(Place { line, column }) => format!("{line}:{column} {}", error.problem),
            None => error.problem.to_string(),
        })
        .collect();
    lines.join("\n")
}

fn bad_efg(text: &str) -> String {
    problems(&FiniteGame::read_efg(text).unwrap_err())
}

fn bad_nfg(text: &str) -> String {
    problems(&NormalGame::read_nfg(text).unwrap_err())
}

#[test]
fn a_canonical_tree_is_read_and_written_byte_by_byte() {
    let game = efg(STAGES);
    assert_eq!(game.write_efg(), STAGES);
    assert_eq!(game.title, "Two stages");
    assert_eq!(game.comment.as_deref(), Some("A comment with \"quotes\""));
    assert_eq!(game.players, ["A", "B"]);
    assert_eq!(game.nodes.len(), 9);
    let children: Vec<&[u32]> = game.nodes.iter().map(|node| &node.children[..]).collect();
    assert_eq!(children, [&[1, 6][..], &[2, 5], &[3, 4], &[], &[], &[], &[7, 8], &[], &[]]);
    assert_eq!((&*game.nodes[0].name, &*game.nodes[4].name), ("root", "end"));
    assert_eq!(game.nodes[0].kind, FiniteKind::Chance { set: 0 });
    assert_eq!(game.nodes[2].kind, FiniteKind::Move { set: 1 });
    assert_eq!(game.nodes[6].kind, FiniteKind::Move { set: 0 });
    let outcomes: Vec<_> = game.nodes.iter().map(|node| node.outcome).collect();
    assert_eq!(outcomes, [None, Some(0), None, Some(0), Some(1), None, None, Some(1), Some(2)]);
    assert_eq!((game.sets[1].player, game.sets[1].number, &*game.sets[1].name), (1, 1, "(2,1)"));
    assert_eq!(game.sets[1].actions, ["h", "l"]);
    assert_eq!(game.chances[0].actions[1].0, "1B");
    assert_eq!(game.chances[0].actions[1].1.text(), "1/2");
    assert_eq!((game.outcomes[2].number, &*game.outcomes[2].name), (3, "third"));
    let texts: Vec<_> = game.outcomes[1].payoffs.iter().map(Number::text).collect();
    assert_eq!(texts, ["-0.5", "7e-1"]);
    assert_eq!(values(&game.outcomes[1].payoffs), [-0.5, 0.7]);
}

#[test]
fn what_repeats_a_description_may_be_left_out() {
    let short = r#"EFG 2 R "Two stages" { "A" "B" } "A comment with \"quotes\""
        c "root" 1 "(0,1)" { "1G" 1/2 "1B" 1/2 } 0
        p "" 1 1 "(1,1)" { "H" "L" } 1 "first" { 10 2 }
        p "" 2 1 "(2,1)" { "h" "l" } 0
        t "" 1
        t "end" 2 { -0.5 7e-1 }
        t "" 0 ""
        p "" 1 1 0
        t "" 2
        t "" 3 "third" { 0 1/3 }"#;
    assert_eq!(efg(short), efg(STAGES));
    // Only the name, or only the list; and the same values in other words.
    let mixed = short
        .replace("p \"\" 1 1 0", "p \"\" 1 1 {\"H\"\"L\"} 0")
        .replace("t \"\" 1\n", "t \"\" 1 \"first\" { 10.0, 4/2 }\n")
        .replace("t \"\" 2\n", "t \"\" 2 \"\"\n");
    assert_eq!(efg(&mixed), efg(STAGES));
}

#[test]
fn chance_may_be_repeated_with_and_without_its_list() {
    for again in ["", r#""n""#, r#""n" { "a" 0.25 "b" 3/4 }"#, r#"{ "a" 1/4, "b" .75, }"#] {
        let game = efg(&format!(
            r#"EFG 2 R "" {{ "A" }} c "" 7 "n" {{ "a" 1/4 "b" 3/4 }} 0 t "" 0 c "x" 7 {again} 0 t "" 0 t "" 0"#
        ));
        assert_eq!(game.chances.len(), 1);
        assert_eq!((game.chances[0].number, game.chances[0].actions[0].1.text()), (7, "1/4"));
        assert_eq!(game.comment, None);
    }
}

#[test]
fn sets_are_numbered_for_each_player_anew() {
    let game = efg(
        r#"EFG 2 D "" { "A" "B" } "" p "" 2 5 { "x" } 0 p "" 1 5 { "y" } 0 c "" 5 { "z" 1 } 0 t "" 5 {1,1}"#,
    );
    assert_eq!(game.sets.iter().map(|s| (s.player, s.number)).collect::<Vec<_>>(), [(1, 5), (0, 5)]);
    assert_eq!(game.comment.as_deref(), Some(""));
}

#[test]
fn white_space_means_nothing_outside_of_quotes() {
    let words = "\u{feff}\r\n EFG\t2\x0bR\x0c\"a\r\n b\"{\"A\"}\n\n\np\"\"1 1{\"l\n\"\"r\"}0 t\"\"1{1}t\"\"2{-1}\r\n\r\n";
    let game = efg(words);
    assert_eq!(game.title, "a\r\n b");
    assert_eq!(game.sets[0].actions, ["l\n", "r"]);
}

#[test]
fn quotes_and_backslashes() {
    for (written, text) in [
        (r#""say \"no\"""#, r#"say "no""#),
        (r#""a\b""#, r"a\b"),
        (r#""a\\b""#, r"a\b"),
        (r#""\\""#, r"\"),
        (r#""\\\"""#, r#"\""#),
        (r#""\n\x{é}""#, r"\n\x{é}"),
    ] {
        let game = efg(&format!(r#"EFG 2 R {written} {{ "A" }} t "" 0"#));
        assert_eq!(game.title, text);
    }
}

#[test]
fn an_outcome_may_be_described_after_its_first_use() {
    let game = efg(r#"EFG 2 R "" { "A" } p "" 1 1 { "l" "r" } 0 t "" 9 t "" 9 "late" { 1 }"#);
    assert_eq!(
        (game.outcomes.len(), &*game.outcomes[0].name, values(&game.outcomes[0].payoffs)),
        (1, "late", vec![1.0])
    );
}

#[test]
fn long_descriptions_are_written_once() {
    let payoffs = "1234567890 ".repeat(100);
    let players = "\"A\" ".repeat(100);
    let ends = "t \"\" 1 ".repeat(1_000);
    let actions = "\"a\" ".repeat(1_001);
    let text =
        format!("EFG 2 R \"\" {{ {players} }} p \"\" 1 1 {{ {actions} }} 0 t \"\" 1 {{ {payoffs} }} {ends}");
    assert!(efg(&text).write_efg().len() < 2 * text.len());
}

#[test]
fn problems_of_trees_that_hide_the_rest() {
    for (text, message) in [
        ("", "1:1 the text ends where `EFG`, with which a game in extensive form begins is expected"),
        ("  NFG 1 R", "1:3 expected `EFG`, with which a game in extensive form begins, found `NFG`"),
        ("EFG 1 R", "1:5 expected `2`, the version of the format, found `1`"),
        ("EFG 2 Q", "1:7 expected `R` or `D`, the kind of numbers, found `Q`"),
        ("EFG 2 R title", "1:9 expected the title of the game in quotes, found `title`"),
        ("EFG 2 R \"title {", "1:9 a quoted text begins here and never ends"),
        ("EFG 2 R \"title\\\"", "1:9 a quoted text begins here and never ends"),
        ("EFG 2 R \"\"\n\"A\"", "2:1 expected `{` and the names of the players, found a quoted text"),
        ("EFG 2 R \"\" { \"A\", \"B\" }", "1:17 expected the name of a player in quotes or `}`, found `,`"),
        (
            "EFG 2 R \"\" { \"A\"",
            "1:17 the text ends where the name of a player in quotes or `}` is expected",
        ),
        ("EFG 2 R \"\" { \"A\" } ", "1:20 the text ends where a node: `c`, `p` or `t` is expected"),
        ("EFG 2 R \"\" { \"A\" } q", "1:20 expected a node: `c`, `p` or `t`, found `q`"),
        ("EFG 2 R \"é\" { \"A\" } t 0", "1:23 expected the name of the node in quotes, found `0`"),
        ("EFG 2 R \"\" { \"A\" }\np \"\" one", "2:6 expected the number of the player, found `one`"),
        (
            "EFG 2 R \"\" { \"A\" }\np \"\" 1 99999999999999999999",
            "2:8 expected the number of the information set, found `99999999999999999999`",
        ),
        (
            "EFG 2 R \"\" { \"A\" }\np \"\" 1 1 0",
            "2:8 information set 1 of player 1 appears for the first time without its actions",
        ),
        (
            "EFG 2 R \"\" { \"A\" }\nc \"\" 1 \"x\" 0",
            "2:6 chance set 1 appears for the first time without its actions",
        ),
        (
            "EFG 2 R \"\" { \"A\" }\nc \"\" 1 { \"x\" } 0",
            "2:14 expected the probability of the action, found `}`",
        ),
        (
            "EFG 2 R \"\" { \"A\" }\np \"\" 1 1 { l } 0",
            "2:12 expected the name of an action in quotes or `}`, found `l`",
        ),
        ("EFG 2 R \"\" { \"A\" }\nt \"\"", "2:5 the text ends where the number of the outcome is expected"),
        ("EFG 2 R \"\" { \"A\" }\nt \"\" 1 { 1", "2:11 the text ends where a payoff or `}` is expected"),
        (
            "EFG 2 R \"\" { \"A\" }\np \"\" 1 1 { \"l\" \"r\" } 0\np \"\" 1 1 0\n",
            "4:1 the text ends before the tree does: it needs at least 3 more nodes",
        ),
    ] {
        assert_eq!(bad_efg(text), message, "{text}");
    }
}

#[test]
fn problems_of_trees_are_reported_together() {
    let text = r#"EFG 2 R "" { }
c "" 0 "chance" { "a" 1/2 "b" 1/3 } 0
p "" 3 1 "x" { "l" "r" } 0 "none" { 1 }
t "" -1 { 1 }
p "" 1 1 "y" { "u" "d" } 1 "one" { 1/0, 1e999, many }
p "" 1 1 "z" { "u" "x" } 1 "two"
p "" 1 1 { "u" } 1 { 1, 1, 0 }
t "" 7
c "" 2 { } 2 { }
c "" 3 { "a" -1/2 "b" 3/2 } 0
c "" 0 "chancy" { "a" 1/2 "b" 1/2 } 0
t "" 0
t "" 0
c "" 0 { "b" 1/2 "a" 1/3 } 0
t "" 0
c "" 0 { "a" 1 } 0
t "" 8 "" { 1 2 }
t "" 0
"#;
    let expected = "\
1:12 the game has no players
2:6 chance set number 0 is not positive
2:17 the probabilities of chance set 0 sum to 5/6 instead of 1
3:6 there is no player 3: the game has 0 players
3:35 outcome 0 has a name or payoffs
4:6 outcome number -1 is not positive
4:9 outcome -1 has 1 payoff for 0 players
5:6 there is no player 1: the game has 0 players
5:34 outcome 1 has 3 payoffs for 0 players
5:36 `1/0` is a fraction with denominator zero
5:41 `1e999` is beyond the range of double precision
5:48 `many` is not a number
6:6 there is no player 1: the game has 0 players
6:8 information set 1 of player 1 is described again with another name
6:14 information set 1 of player 1 is described again with other actions
6:26 outcome 1 is described again with another name
7:6 there is no player 1: the game has 0 players
7:10 information set 1 of player 1 has 1 action here and 2 where it appeared first
7:20 outcome 1 is described again with other payoffs
7:20 outcome 1 has 3 payoffs for 0 players
8:6 outcome 7 has no payoffs anywhere
9:8 chance set 2 has no actions
10:14 the probability -1/2 is negative
11:6 chance set 0 is described again with another name
11:17 chance set 0 is described again with other probabilities
14:8 chance set 0 is described again with other actions
16:8 chance set 0 has 1 action here and 2 where it appeared first
17:11 outcome 8 has 2 payoffs for 0 players";
    assert_eq!(bad_efg(text), expected);
}

#[test]
fn messages_say_where_what_and_how_to_mend_it() {
    let text = "EFG 2 R \"\" { \"A\" }\nc \"\" 1 { \"a\" 0.5 \"b\" 0.4 } 0\nt \"\" 0\nt \"\" 1 { 2, 3 } more";
    assert_eq!(
        FiniteGame::read_efg(text).unwrap_err().to_string(),
        "read the game:
  line 2, column 8: the probabilities of chance set 1 sum to 0.9 instead of 1; make them sum to 1; fractions are summed exactly
  line 4, column 8: outcome 1 has 2 payoffs for 1 player; give one payoff for each player
  line 4, column 17: the game is complete, but `more` follows; remove the rest, or give an earlier move the actions that lead to it"
    );
}

#[test]
fn only_so_many_problems_are_listed() {
    let text = format!("EFG 2 R \"\" {{ \"A\" }} t \"\" 1 {{ {} }}", "x ".repeat(5_000));
    let errors = FiniteGame::read_efg(&text).unwrap_err();
    assert_eq!((errors.errors.len(), errors.omitted), (1_000, 4_001));
    assert!(errors.to_string().ends_with("and 4001 more problems"));
}

#[test]
fn probabilities_sum_to_one() {
    let game = |list: &str| {
        let ends = "t \"\" 0 ".repeat(list.matches('"').count() / 2);
        FiniteGame::read_efg(&format!("EFG 2 R \"\" {{ \"A\" }} c \"\" 1 {{ {list} }} 0 {ends}"))
    };
    for list in [
        r#""a" 1/3 "b" 1/3 "c" 1/3"#,
        r#""a" 0.1 "b" 0.2 "c" 0.7"#,
        r#""a" 0.3333333333 "b" 0.3333333333 "c" 0.3333333333"#,
        r#""a" 1 "b" 0"#,
        r#""a" 1e-30 "b" 1"#,
    ] {
        game(list).unwrap();
    }
    for list in [r#""a" 1/3 "b" 2/3 "c" 1/1000000000000000"#, r#""a" 0.33 "b" 0.66"#, r#""a" 2 "b" -1"#] {
        game(list).unwrap_err();
    }
}

#[test]
fn depth_costs_no_stack() {
    let head = "EFG 2 R \"\" { \"A\" } p \"\" 1 1 { \"on\" } 0\n";
    let text = format!("{head}{}t \"\" 0", "p \"\" 1 1 0\n".repeat(1_000_000));
    let game = FiniteGame::read_efg(&text).unwrap();
    assert_eq!(game.nodes.len(), 1_000_002);
    game.validate().unwrap();
    assert_eq!(FiniteGame::read_efg(&game.write_efg()).unwrap(), game);
    let cut = text.strip_suffix("t \"\" 0").unwrap();
    assert_eq!(bad_efg(cut), "1000002:1 the text ends before the tree does: it needs at least 1 more node");
}

#[test]
fn claims_cost_no_memory() {
    // A hundred thousand nodes that each claim a thousand children.
    let actions = "\"a\" ".repeat(1_000);
    let text = format!(
        "EFG 2 R \"\" {{ \"A\" }} p \"\" 1 1 {{ {actions} }} 0\n{}",
        "p \"\" 1 1 0\n".repeat(100_000)
    );
    assert_eq!(
        bad_efg(&text),
        "100002:1 the text ends before the tree does: it needs at least 99901000 more nodes"
    );
    for (text, message) in [
        (
            "NFG 1 R \"\" { \"A\" \"B\" } { 1000000 1000000 } 1 2 3",
            "1:49 the table has 3 numbers where players and strategies ask for 2000000000000",
        ),
        (
            "NFG 1 R \"\" { \"A\" \"B\" } { 1000000000000 1 } { { 0 0 } } 1 1",
            "1:59 the table has 2 numbers where players and strategies ask for 1000000000000",
        ),
    ] {
        assert_eq!(bad_nfg(text), message);
    }
    let huge =
        format!("NFG 1 R \"\" {{ {} }} {{ {} }} 1", "\"A\" ".repeat(50), "9000000000000000000 ".repeat(50));
    let errors = NormalGame::read_nfg(&huge).unwrap_err();
    assert_eq!(errors.errors[0].problem, FormatProblem::EntryCount { found: 1, needed: u128::MAX });
}

#[test]
fn canonical_tables_are_read_and_written_byte_by_byte() {
    let game = nfg(TABLE);
    assert_eq!(game.write_nfg(), TABLE);
    assert_eq!(game.comment.as_deref(), Some("A comment"));
    assert_eq!(game.strategies[1], ["ballet", "boxing"]);
    let Cells::Payoffs(payoffs) = &game.cells else { panic!() };
    assert_eq!((payoffs[6].text(), payoffs[7].text()), ("1/2", "2.50"));
    let game = nfg(OUTCOMES);
    assert_eq!(game.write_nfg(), OUTCOMES);
    let Cells::Outcomes { outcomes, cells } = &game.cells else { panic!() };
    assert_eq!(
        (outcomes[1].number, &*outcomes[1].name, values(&outcomes[1].payoffs)),
        (2, "war", vec![0.0, -2.0])
    );
    assert_eq!(cells, &[Some(0), Some(1), None, Some(1), Some(1), Some(0)]);
}

#[test]
fn tables_may_count_strategies_and_separate_by_commas() {
    // The two examples of the documentation are the same game.
    let counted = nfg("NFG 1 D \"Selten\"\n{ \"1\" \"2\" } { 3 2 } \"\"\n\n1 1 0 2 0 2 1 1 0 3 2 0 ");
    assert_eq!(counted.strategies, [vec!["1", "2", "3"], vec!["1", "2"]]);
    let listed = nfg(
        "NFG 1 R \"Selten\" {\"1\" \"2\"} {{\"1\" \"2\" \"3\"}{\"1\" \"2\"}} \"\" 1, 1, 0, 2, 0, 2, 1, 1, 0, 3, 2, 0",
    );
    assert_eq!(counted, listed);
    let outcomes =
        nfg("NFG 1 R \"Selten\" { \"1\" \"2\" } { 3 2 } \"\" {{1 1}{\"\" 0, 2}{0,3}{2 0}} 1,2,2,1,3,4");
    let Cells::Outcomes { outcomes: list, cells } = &outcomes.cells else { panic!() };
    let Cells::Payoffs(payoffs) = &counted.cells else { panic!() };
    let paid: Vec<Number> =
        cells.iter().flat_map(|cell| list[cell.unwrap() as usize].payoffs.clone()).collect();
    assert_eq!(&paid, payoffs);
}

#[test]
fn problems_of_tables() {
    for (text, message) in [
        ("EFG 2 R", "1:1 expected `NFG`, with which a game in normal form begins, found `EFG`"),
        (
            "NFG 1 R \"\" { \"A\" }",
            "1:19 the text ends where `{` and the strategies of the players is expected",
        ),
        (
            "NFG 1 R \"\" { \"A\" } { x } 1",
            "1:22 expected a number of strategies, `{` and their names, or `}`, found `x`",
        ),
        ("NFG 1 R \"\" { \"A\" } { 0 } 1", "1:22 player 1 has no strategies"),
        ("NFG 1 R \"\" { \"A\" } { {} } 1", "1:22 player 1 has no strategies"),
        ("NFG 1 R \"\" { \"A\" } { 1 1 } 1", "1:20 there are strategies for 2 players, and the game has 1"),
        ("NFG 1 R \"\" { } { } ", "1:12 the game has no players"),
        (
            "NFG 1 R \"\" { \"A\" } { 2 }\n1\n",
            "3:1 the table has 1 number where players and strategies ask for 2",
        ),
        (
            "NFG 1 R \"\" { \"A\" } { 1 }\n1 2 3",
            "2:3 the table has 3 numbers where players and strategies ask for 1",
        ),
        ("NFG 1 R \"\" { \"A\" } { 2 }\n1 x", "2:3 `x` is not a number"),
        ("NFG 1 R \"\" { \"A\" } { 2 }\n1 \"x\"", "2:3 expected a payoff, found a quoted text"),
        (
            "NFG 1 R \"\" { \"A\" } { 2 }\n{ { \"\" 1 2 } } 1 2 -1",
            "2:3 outcome 1 has 2 payoffs for 1 player\n\
             2:18 there is no outcome 2: the list has 1 outcome\n\
             2:20 there is no outcome -1: the list has 1 outcome\n\
             2:20 the table has 3 numbers where players and strategies ask for 2",
        ),
        (
            "NFG 1 R \"\" { \"A\" } { 2 }\n{ { \"\" 1 } } 1 1/1",
            "2:16 expected the number of an outcome, found `1/1`",
        ),
    ] {
        assert_eq!(bad_nfg(text), message, "{text}");
    }
}

/// Payoffs of all pure profiles of a tree in which each player has one information set.
fn payoffs(tree: &FiniteGame, profile: &[usize]) -> Vec<f64> {
    let mut paid = vec![0.0; tree.players.len()];
    let mut at = 0;
    loop {
        let node = &tree.nodes[at];
        if let Some(outcome) = node.outcome {
            let payoffs = &tree.outcomes[outcome as usize].payoffs;
            paid.iter_mut().zip(payoffs).for_each(|(sum, payoff)| *sum += payoff.value);
        }
        match node.kind {
            FiniteKind::Move { set } => {
                at = node.children[profile[tree.sets[set as usize].player as usize]] as usize;
            }
            _ => return paid,
        }
    }
}

#[test]
fn tables_become_trees() {
    let game = nfg(OUTCOMES);
    let tree = game.to_tree();
    tree.validate().unwrap();
    assert_eq!(tree.nodes.len(), 1 + 3 + 6);
    assert_eq!(payoffs(&tree, &[1, 0]), [0.0, -2.0]);
    assert_eq!(payoffs(&tree, &[2, 0]), [0.0, 0.0]);
    assert_eq!(payoffs(&tree, &[2, 1]), [1.0, 1.0]);
    let three =
        nfg("NFG 1 R \"\" { \"A\" \"B\" \"C\" } { 2 1 3 } 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18");
    let tree = three.to_tree();
    tree.validate().unwrap();
    // The player with one strategy comes first.
    assert_eq!(tree.sets.iter().map(|set| set.player).collect::<Vec<_>>(), [1, 0, 2]);
    for c in 0..3 {
        for a in 0..2 {
            let first = 3.0 * (a + 2 * c) as f64 + 1.0;
            assert_eq!(payoffs(&tree, &[a, 0, c]), [first, first + 1.0, first + 2.0]);
        }
    }
    assert_eq!(efg(&tree.write_efg()), tree);
}

#[test]
fn trees_of_tables_are_not_larger_than_twice_the_table() {
    let players = 2_000;
    let ones = "1 ".repeat(players - 1);
    let names = "\"A\" ".repeat(players);
    let zeros = "0 ".repeat(1_000);
    let game = nfg(&format!("NFG 1 R \"\" {{ {names} }} {{ 1000 {ones} }} {{ }} {zeros}"));
    let tree = game.to_tree();
    assert_eq!(tree.nodes.len(), players + 1_000);
    tree.validate().unwrap();
}

#[test]
fn broken_games_are_refused_and_never_panic() {
    let sound = efg(STAGES);
    let break_with = |change: &dyn Fn(&mut FiniteGame)| {
        let mut game = sound.clone();
        change(&mut game);
        let _ = FiniteGame::read_efg(&game.write_efg());
        problems(&game.validate().unwrap_err())
    };
    type Change = &'static dyn Fn(&mut FiniteGame);
    let cases: [(Change, &str); 12] = [
        (
            &|g| g.nodes.clear(),
            "node 0: a tree has a root\nchance set 0: it is not used\ninformation set 0: it is not used\noutcome 0: it is not used",
        ),
        (&|g| g.nodes[0].children.swap(0, 1), "node 1: nodes are listed in preorder, each the child of one"),
        (&|g| g.nodes[6].children[1] = 70, "node 8: nodes are listed in preorder, each the child of one"),
        (
            &|g| g.nodes[8].children.push(9),
            "node 8: it has not as many children as actions\nnode 8: it has children that do not exist",
        ),
        (
            &|g| g.nodes[8].outcome = Some(3),
            "node 8: its outcome does not exist\nnode 8: outcomes are listed in the order in which they appear first",
        ),
        (
            &|g| {
                g.nodes[1].kind = FiniteKind::Move { set: 1 };
                g.nodes[2].kind = FiniteKind::Move { set: 0 };
            },
            "node 1: sets are listed in the order in which they appear first",
        ),
        (&|g| g.sets[1].player = 2, "there is no player 3: the game has 2 players"),
        (&|g| g.outcomes[1].number = 1, "outcome 1: an earlier one has the same number"),
        (&|g| g.outcomes[1].number = 0, "outcome number 0 is not positive"),
        (
            &|g| g.outcomes[1].payoffs[0] = Number::from_f64(f64::NAN),
            "outcome 1: its text does not have its value, or the value is not finite",
        ),
        (&|g| g.outcomes[1].payoffs.truncate(1), "outcome 2 has 1 payoff for 2 players"),
        (
            &|g| g.chances[0].actions[0].1 = Number::from_f64(0.75),
            "the probabilities of chance set 1 sum to 1.25 instead of 1",
        ),
    ];
    for (change, message) in cases {
        assert_eq!(break_with(change), message);
    }
    let mut game = nfg(TABLE);
    game.strategies[0].push("third".into());
    assert_eq!(
        problems(&game.validate().unwrap_err()),
        "the table has 8 numbers where players and strategies ask for 12"
    );
    assert!(game.to_tree().nodes.is_empty());
    game.strategies.clear();
    assert!(game.to_tree().nodes.is_empty());
    let _ = game.write_nfg();
}

#[test]
fn the_reference_games_round_trip() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/theory/efg");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: {} is not there; no reference game was read", folder.display());
        return;
    };
    let mut count = 0;
    for file in files {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "efg") {
            efg(&std::fs::read_to_string(&path).unwrap());
            count += 1;
        }
    }
    println!("{count} reference games were read and written");
    assert!(count > 0);
}
