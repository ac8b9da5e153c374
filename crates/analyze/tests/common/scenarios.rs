//! Scenarios whose numbers can be worked out by hand.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::Path;

use armistice_scenario::Scenario;

/// One choice, once: stop for `stop_value` or go on for the type's gain minus the cost of war. Everything is a logit.
pub const ONE_CHOICE: &str = r#"
[scenario]
title = "One choice"
period = "month"
start = 2025-01-31
horizon = 1
attacker = "north"
headline = ["ends", "margin_hard", "public"]

[parameters]
stop_value = { value = 0.2, range = [0.0, 0.8], source = "assumed" }
war_cost = { value = 0.1, range = [0.05, 0.4], source = "assumed", controlled_by = "south" }
idle = { value = 1, range = [0, 2], source = "assumed" }
prior_hard = { value = 0.3, range = [0.1, 0.9], source = "assumed" }
effect = 0.15

[players.north]
discount = 1
precision = 4
[players.north.types]
soft = { prior = "1 - prior_hard", gain = 0.2 }
hard = { prior = "prior_hard", gain = 0.6 }

[players.south]
discount = 1
precision = 4

[state]
clock = { from = 0, to = 1, start = 0 }

[let]
share = "clock / 2"

[[end]]
outcome = "stopped"
terms = "0.25"
payoff = { north = "stop_value", south = "0" }

[at_horizon]
payoff = { north = "0", south = "0" }

[[stage]]
player = "north"
move = "choice"
actions.stop = { end = "stopped" }
actions.go = { payoff = { north = "self.gain" }, cost = { north = "war_cost", south = "2 * war_cost" }, set = { clock = "1" } }

[levers.arms]
by = "south"
cost = 0.02
change = { war_cost = "war_cost + effect" }
[levers.prize]
by = "south"
cost = 0.05
change = { stop_value = "stop_value + 0.4" }
[levers.nothing]
by = "west"
change = { idle = "idle + 1" }

[cases.dear]
parameters = { war_cost = 0.5 }
[cases.armed]
levers = ["arms"]
[cases.really_hard]
given = { north = "hard" }
[cases.thought_soft]
belief = { north = { soft = 0.9, hard = 0.1 } }
[cases.must_go]
commit = { choice = "go" }

[measures.ends]
value = "probability_end_by(1)"
percent = true
[measures.margin_hard]
value = "margin('north', 'hard')"
unit = "stake"
[measures.public]
value = "prior_hard * margin('north', 'hard') + (1 - prior_hard) * margin('north', 'soft')"

[claims.costs_end_wars]
says = "Dear wars end sooner."
source = { author = "A", outlet = "B", date = 2025-05-16 }
holds_when = "dear.ends > ends"
show = ["ends", "dear.ends", "dear.margin_hard - margin_hard"]
[claims.false_one]
says = "The hard type stops more often."
holds_when = "action_probability('choice', 'stop', 'hard') > action_probability('choice', 'stop', 'soft')"
[claims.undefined_one]
says = "Terms are low in wars that must go on."
holds_when = "must_go.expected_terms < 1"

[calibration.ends]
measure = "ends"
observed = 0.4
range = [0.0, 1.0]
[calibration.cost]
measure = "cost('south')"
range = [0.0, 0.01]
"#;

/// Uniform play (λ = 0): the war ends each month with probability ½ by the choice, else moves by a battle.
pub const COIN: &str = r#"
[scenario]
title = "Coin"
period = "week"
horizon = 6

[players.north]
discount = 0.9
precision = 0
[players.south]
discount = 1
precision = 0

[state]
front = { from = 0, to = 7, start = 0 }

[let]
share = "front / 6"

[[end]]
outcome = "settled"
terms = "share"
payoff = { north = "share", south = "-share" }

[at_horizon]
payoff = { north = "share", south = "-share" }

[[stage]]
player = "south"
move = "talks"
actions.silent = {}
actions.offer = { each = { step = [0, 1] } , weight = "1 / count" }

[[stage]]
player = "north"
move = "reply"
actions.accept = { when = "talks == 'offer'", end = "settled" }
actions.refuse = { cost = { north = "0.5" } }

[[stage]]
chance = "battle"
outcomes.gain = { probability = 0.5, set = { front = "min(front + 1, 7)" } }
outcomes.hold = { probability = "rest" }
"#;

/// Parses a text that has to be sound.
pub fn parse(text: &str) -> Scenario {
    let loaded = armistice_scenario::parse(text, "test", Path::new("."));
    loaded.scenario.clone().unwrap_or_else(|| panic!("{}", armistice_scenario::render_plain(&loaded)))
}
