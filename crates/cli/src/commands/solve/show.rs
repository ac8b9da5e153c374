//! What is played at one point of the game, as text.

use armistice::game::WarGame;

use super::point::Point;
use super::view::{MoveNode, View};
use crate::session::{CARE, DIM, GOOD, HEADING, styled};
use crate::text::{Table, percent, plural, signed};

/// The text of a view.
pub fn show(game: &WarGame, point: &Point, view: &View) -> String {
    let mut out = Vec::new();
    let label = game.state_label(point.state);
    let place = format!("period {}{}{label}", point.period, if label.is_empty() { "" } else { ", " });
    out.push(styled(HEADING, format!("What the players do ({place})")));
    for belief in &view.beliefs {
        let types: Vec<String> =
            belief.types.iter().map(|(name, p)| format!("{name} {}", percent(*p))).collect();
        out.push(format!("  belief about {}: {}", belief.player, types.join(", ")));
    }
    for node in &view.nodes {
        out.push(String::new());
        out.extend(move_lines(node));
    }
    if view.nodes.is_empty() {
        out.push("  nobody moves here: the war is over in this state".to_owned());
    }
    if view.hidden > 0 {
        let hidden = plural(view.hidden, "other move");
        out.push(styled(DIM, format!("\n  {hidden} off the likeliest path; --all shows every one")));
    }
    if !view.margins.is_empty() {
        out.push(format!("\n{}", styled(HEADING, "Stopping margins (positive: stopping is better)")));
        let mut table = Table::default();
        for margin in &view.margins {
            table.row([
                name(game, &margin.player, &margin.kind),
                signed(margin.margin),
                format!("{} against {}", margin.stop, margin.go),
            ]);
        }
        for (line, margin) in table.lines_with_prose("  ").into_iter().zip(&view.margins) {
            out.push(styled(if margin.margin > 0.0 { GOOD } else { CARE }, line));
        }
    }
    if !view.values.is_empty() {
        out.push(format!("\n{}", styled(HEADING, "Expected payoffs from here on")));
        let mut table = Table::default();
        for player in &view.values {
            for (kind, value) in &player.types {
                table.row([name(game, &player.player, kind), signed(*value)]);
            }
        }
        out.extend(table.lines("  "));
    }
    out.join("\n")
}

/// A player and a type; the player alone where there is only one type.
fn name(game: &WarGame, player: &str, kind: &str) -> String {
    let several = game.players.iter().any(|p| p.name == player && p.types.len() > 1);
    if several { format!("{player}, {kind}") } else { player.to_owned() }
}

/// One move: a table of actions against types.
fn move_lines(node: &MoveNode) -> Vec<String> {
    let history: Vec<String> =
        node.history.iter().map(|(name, chosen)| format!("{name} = {chosen}")).collect();
    let mut title = format!("  {}", styled(HEADING, format!("{}: {}", node.player, node.name)));
    if !history.is_empty() {
        let place = format!("after {} (reached {})", history.join(", "), percent(node.reached));
        title.push_str(&format!(" {}", styled(DIM, place)));
    }
    let mut out = vec![title];
    let private = node.types.len() > 1;
    let mut table = Table::default();
    let mut header = vec!["action".to_owned()];
    if private {
        header.extend(node.types.iter().cloned());
    }
    header.push("probability".to_owned());
    if private {
        header.extend(node.types.iter().skip(1).map(|kind| format!("then {kind}")));
    }
    table.row(header);
    for action in &node.actions {
        let mut row = vec![action.label.clone()];
        if private {
            row.extend(action.strategy.iter().map(|p| percent(*p)));
        }
        row.push(percent(action.probability));
        if private {
            row.extend(action.belief_after.iter().skip(1).map(|p| percent(*p)));
        }
        table.row(row);
    }
    for (position, line) in table.lines("    ").into_iter().enumerate() {
        out.push(if position == 0 { styled(DIM, line) } else { line });
    }
    out
}
