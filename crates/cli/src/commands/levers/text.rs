//! What levers do, in a screenful.

use armistice::analyze::findings::{
    Curve, CurveAxis, CurvePoint, CurveSubject, Effect, Front, FrontCost, FrontEffect, FrontSet, LeverSet,
    Timing,
};
use armistice::analyze::levers::LeverFindings;

use crate::session::{CARE, DIM, GOOD, HEADING, styled};
use crate::text::{Table, percent, plural, signed};
use crate::work::Stamp;

/// Up to so many sets are shown; of more, those worth a look.
const SHOWN: usize = 16;

/// Width of a tornado's bars.
const BAR: usize = 24;

/// Parameters of a tornado that are shown.
const TORNADO: usize = 12;

/// How to repeat it.
pub fn foot(stamp: &Stamp) -> String {
    let hash = stamp.scenario_hash.get(..8).unwrap_or_default();
    let points = stamp.settings.belief_points;
    let text =
        format!("armistice {} · scenario {hash} · {points} belief points · {}", stamp.version, stamp.command);
    styled(DIM, text)
}

/// Everything.
pub fn show(findings: &LeverFindings) -> String {
    let mut parts = vec![head(findings), sets(findings)];
    parts.extend(fronts(findings));
    parts.extend(findings.levers.curves.iter().map(|curve| self::curve(findings, curve)));
    parts.extend((!findings.levers.timing.is_empty()).then(|| timing(findings)));
    parts.extend((!findings.tornado.is_empty()).then(|| tornado(findings)));
    if findings.not_converged > 0 {
        let games = plural(findings.not_converged, "game");
        parts.push(styled(CARE, format!("in {games} some stage game did not converge")));
    }
    parts.join("\n\n")
}

fn head(findings: &LeverFindings) -> String {
    let mut out = vec![styled(HEADING, &findings.scenario)];
    let mut players: Vec<(&str, Vec<String>)> = Vec::new();
    for (player, kind, p) in &findings.belief {
        let text = format!("{kind} {}", percent(*p));
        match players.last_mut() {
            Some((last, list)) if *last == player => list.push(text),
            _ => players.push((player, vec![text])),
        }
    }
    players.retain(|(_, list)| list.len() > 1);
    let beliefs: Vec<String> =
        players.iter().map(|(player, list)| format!("{player}: {}", list.join(", "))).collect();
    out.push(format!("Start: {}", findings.state));
    if !beliefs.is_empty() {
        out.push(format!("Public belief: {}", beliefs.join("; ")));
    }
    out.push(format!(
        "Margin: what stopping is worth to {} more than going on, at the start, by type; above 0 stopping is better.",
        findings.title
    ));
    out.join("\n")
}

/// The types asked about: positions and names.
fn kinds(findings: &LeverFindings) -> Vec<(usize, &str)> {
    let all =
        findings.levers.base.margins.iter().enumerate().map(|(position, m)| (position, m.kind.as_str()));
    all.filter(|(_, kind)| findings.kind.as_deref().is_none_or(|wanted| wanted == *kind)).collect()
}

fn names(levers: &[String]) -> String {
    if levers.is_empty() { "none".to_owned() } else { levers.join(" + ") }
}

fn optional(x: Option<f64>, form: impl Fn(f64) -> String) -> String {
    x.map_or_else(|| "–".to_owned(), form)
}

fn decimal(x: f64) -> String {
    let text = format!("{x:.4}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
}

fn by(findings: &LeverFindings) -> String {
    match &findings.by_date {
        Some(date) => format!("over by {date}"),
        None => format!("over in {}", findings.levers.by),
    }
}

/// The cells of an effect: margins, then what all read.
fn effect(findings: &LeverFindings, effect: &Effect) -> Vec<String> {
    let margin = |kind: &str| {
        let found = effect.margins.iter().find(|m| m.player == findings.player && m.kind == kind);
        optional(found.and_then(|m| m.margin), signed)
    };
    let mut out: Vec<String> = kinds(findings).iter().map(|(_, kind)| margin(kind)).collect();
    out.push(optional(effect.ended_by, percent));
    out.push(optional(effect.terms, decimal));
    out.push(optional(effect.duration, |x| format!("{x:.1}")));
    out
}

fn effect_heading(findings: &LeverFindings) -> Vec<String> {
    let mut out: Vec<String> = kinds(findings).iter().map(|(_, kind)| (*kind).to_owned()).collect();
    out.extend([by(findings), "terms".to_owned(), "periods".to_owned()]);
    out
}

/// What a set costs each player, as far as the player loses expected payoff.
fn losses(findings: &LeverFindings, effect: &Effect) -> Vec<String> {
    let plain = findings.levers.plain.players.iter();
    plain
        .map(|before| {
            let after = effect.players.iter().find(|other| other.player == before.player);
            optional(after.map(|after| after.value - before.value), signed)
        })
        .collect()
}

fn sets(findings: &LeverFindings) -> String {
    let levers = &findings.levers;
    let all: Vec<(&LeverSet, &Effect)> = levers.sets.iter().zip(&levers.effects).collect();
    let most = all.iter().map(|(set, _)| set.levers.len()).max().unwrap_or(0);
    let worth = |set: &LeverSet| {
        let chosen = levers.fronts.iter().filter(|front| front.cost == paid(findings));
        set.levers.len() == 1
            || set.levers.len() == most
            || chosen
                .filter(|front| asked(findings, front))
                .any(|f| f.sets.iter().any(|s| s.levers == set.levers))
    };
    let shown: Vec<&(&LeverSet, &Effect)> =
        all.iter().filter(|(set, _)| all.len() <= SHOWN || worth(set)).collect();
    let mut table = Table::default();
    let players: Vec<String> = levers.plain.players.iter().map(|p| format!("Δ {}", p.player)).collect();
    let heading = [vec!["Levers in force".to_owned(), "cost".to_owned()], effect_heading(findings), players];
    table.row(heading.concat());
    let nothing: Vec<String> = levers.plain.players.iter().map(|_| String::new()).collect();
    table.row([vec!["none".to_owned(), "0".to_owned()], effect(findings, &levers.plain), nothing].concat());
    for (set, found) in &shown {
        let start = vec![names(&set.levers), decimal(set.cost)];
        table.row([start, effect(findings, found), losses(findings, found)].concat());
    }
    let mut out = titled(&table);
    out.push(
        "cost: stated, per period in force. terms: mean, where a war ends on terms. periods: expected, cut at the horizon.\n\
         Δ PLAYER: change of the player's expected payoff, stated costs of levers not included."
            .to_owned(),
    );
    let hidden = all.len() - shown.len();
    if hidden > 0 {
        out.push(format!("{} more with --json and in the tables of --out", plural(hidden, "set")));
    }
    for (set, found) in &all {
        if let Some(why) = &found.undefined {
            out.push(styled(CARE, format!("{}: {why}", names(&set.levers))));
        }
    }
    out.join("\n")
}

/// The lines of a table with its first row in bold.
fn titled(table: &Table) -> Vec<String> {
    let lines = table.lines("").into_iter().enumerate();
    lines.map(|(row, line)| if row == 0 { styled(HEADING, line) } else { line }).collect()
}

fn paid(findings: &LeverFindings) -> FrontCost {
    findings.pays.clone().map_or(FrontCost::Stated, FrontCost::Loss)
}

fn asked(findings: &LeverFindings, front: &Front) -> bool {
    match &front.effect {
        FrontEffect::EndedBy => true,
        FrontEffect::Margin(kind) => findings.kind.as_ref().is_none_or(|wanted| wanted == kind),
    }
}

/// The cheapest set for each type, then the fronts.
fn fronts(findings: &LeverFindings) -> Vec<String> {
    let words = match &findings.pays {
        None => "stated cost per period".to_owned(),
        Some(player) => format!("loss of {player}"),
    };
    let chosen = findings.levers.fronts.iter().filter(|f| f.cost == paid(findings) && asked(findings, f));
    let mut cheapest = vec![styled(HEADING, "Cheapest set that makes stopping better than going on")];
    let mut table = Table::default();
    let mut sets = Table::default();
    sets.row(["Sets that no other beats", "cost", "effect"].map(str::to_owned));
    for front in chosen {
        let kind = match &front.effect {
            FrontEffect::Margin(kind) => Some(kind),
            FrontEffect::EndedBy => None,
        };
        if let Some(kind) = kind {
            table.row([format!("  {kind}"), self::cheapest(front, &words)]);
        }
        let what = kind.map_or_else(|| by(findings), |kind| format!("margin of {kind}"));
        let form: fn(f64) -> String = if kind.is_some() { signed } else { percent };
        sets.row([format!("  {what}, against {words}"), String::new(), String::new()]);
        for FrontSet { levers, cost, effect } in &front.sets {
            sets.row([format!("    {}", self::names(levers)), decimal(*cost), form(*effect)]);
        }
    }
    cheapest.extend(table.lines_with_prose(""));
    if !findings.levers.complete {
        cheapest.push("  of the sets computed, which are not all there are".to_owned());
    }
    vec![cheapest.join("\n"), titled(&sets).join("\n")]
}

fn cheapest(front: &Front, words: &str) -> String {
    match (&front.cheapest, front.sets.last()) {
        (Some(set), _) if set.levers.is_empty() => {
            styled(GOOD, format!("none needed: margin {} without any", signed(set.effect)))
        }
        (Some(set), _) => {
            let text = format!(
                "{}: {words} {}, margin {}",
                names(&set.levers),
                decimal(set.cost),
                signed(set.effect)
            );
            styled(GOOD, text)
        }
        (None, Some(best)) => {
            format!("no set does; nearest is {}, margin {}", names(&best.levers), signed(best.effect))
        }
        (None, None) => "there is no choice between stopping and going on at the start".to_owned(),
    }
}

/// What is looked for or varies, in words.
fn subject(subject: &CurveSubject) -> String {
    match subject {
        CurveSubject::Parameter(name) | CurveSubject::State(name) => name.clone(),
        CurveSubject::Strength(levers) => format!("strength of {}", levers.join(" + ")),
        CurveSubject::Belief(player, kind) => format!("belief {player}.{kind}"),
    }
}

fn curve(findings: &LeverFindings, curve: &Curve) -> String {
    let unit = curve.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
    let mut out = vec![styled(HEADING, format!("Threshold of {}", subject(&curve.subject)))];
    out.push(format!(
        "where the margin changes sign; {}{unit} in the scenario, tried from {} to {}",
        decimal(curve.base),
        decimal(curve.low),
        decimal(curve.high)
    ));
    let wanted: Vec<&str> = kinds(findings).into_iter().map(|(_, kind)| kind).collect();
    let kinds = curve.kinds.iter().filter(|kind| wanted.contains(&kind.kind.as_str()));
    let mut table = Table::default();
    match curve.axes.as_slice() {
        [rows, columns] => {
            for kind in kinds {
                let name =
                    format!("{}: {} \\ {}", kind.kind, subject(&rows.subject), subject(&columns.subject));
                table.row([vec![name], labels(columns)].concat());
                for (label, points) in
                    labels(rows).iter().zip(kind.points.chunks(columns.labels.len().max(1)))
                {
                    table.row([vec![format!("  {label}")], points.iter().map(point).collect()].concat());
                }
            }
        }
        axes => {
            let (name, labels) = match axes.first() {
                Some(axis) => (subject(&axis.subject), labels(axis)),
                None => ("type".to_owned(), vec!["threshold".to_owned()]),
            };
            table.row([vec![name], labels].concat());
            for kind in kinds {
                table.row(
                    [vec![format!("  {}", kind.kind)], kind.points.iter().map(point).collect()].concat(),
                );
            }
        }
    }
    out.extend(table.lines(""));
    out.push("↑ stopping is better above it, ↓ below it; stop, go on: better at every value tried;\njump: the sign changes without a zero".to_owned());
    out.join("\n")
}

/// The values of an axis: words of a state variable, else numbers that are not longer than needed.
fn labels(axis: &CurveAxis) -> Vec<String> {
    match axis.subject {
        CurveSubject::State(_) => axis.labels.clone(),
        _ => axis.values.iter().map(|value| decimal(*value)).collect(),
    }
}

fn point(point: &CurvePoint) -> String {
    let one = |crossing: &armistice::analyze::findings::Crossing| match crossing.value {
        Some(value) => format!("{}{}", decimal(value), if crossing.rising { "↑" } else { "↓" }),
        None => "jump".to_owned(),
    };
    let list: Vec<String> = point.crossings.iter().map(one).collect();
    match (list.is_empty(), point.at_low) {
        (false, _) => list.join(" "),
        (true, _) if point.undefined.is_some() => "–".to_owned(),
        (true, Some(margin)) => if margin > 0.0 { "stop" } else { "go on" }.to_owned(),
        (true, None) => "–".to_owned(),
    }
}

fn timing(findings: &LeverFindings) -> String {
    let mut table = Table::default();
    let heading = effect_heading(findings);
    let kinds = kinds(findings).len();
    let after = |heading: &[String]| heading.iter().skip(kinds).cloned().collect::<Vec<_>>();
    let first = vec!["Levers from a later period on".to_owned(), "announced:".to_owned()];
    table.row([first, heading.clone(), vec!["surprise:".to_owned()], after(&heading)].concat());
    let mut notes = Vec::new();
    for Timing { levers, points, undefined } in &findings.levers.timing {
        table.row([format!("  {}", names(levers))]);
        for point in points {
            let when = match &point.date {
                Some(date) => format!("    {:>3}  {date}", point.period),
                None => format!("    {:>3}", point.period),
            };
            let (announced, surprise) =
                (effect(findings, &point.announced), effect(findings, &point.surprise));
            let nothing = vec![String::new()];
            table.row([vec![when], nothing.clone(), announced, nothing, after(&surprise)].concat());
        }
        notes.extend(undefined.iter().map(|why| styled(CARE, format!("{}: {why}", names(levers)))));
    }
    let mut out = titled(&table);
    out.push("announced: known at the start; surprise: expected by nobody until then, so that margins at\nthe start are those without levers".to_owned());
    out.extend(notes);
    out.join("\n")
}

/// The largest swings of one margin: from the low end of each range to the high end, around the margin as written.
fn tornado(findings: &LeverFindings) -> String {
    let mut out = Vec::new();
    for (position, kind) in kinds(findings) {
        let Some(base) = findings.levers.base.margins.get(position).and_then(|m| m.margin) else { continue };
        let margin = |outcome: &armistice::analyze::findings::Outcome| outcome.margins.get(position)?.margin;
        let mut rows: Vec<_> = findings
            .tornado
            .iter()
            .filter_map(|row| Some((row, margin(&row.at_low)?, margin(&row.at_high)?)))
            .collect();
        let swing = |low: f64, high: f64| (low - base).abs().max((high - base).abs());
        rows.sort_by(|a, b| swing(b.1, b.2).total_cmp(&swing(a.1, a.2)));
        let all = rows.len();
        rows.truncate(TORNADO);
        let ends = rows.iter().flat_map(|(_, low, high)| [*low, *high]).chain([base]);
        let (least, most) =
            ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (f64::min(a, x), f64::max(b, x)));
        let width = if most > least { most - least } else { 1.0 };
        let place = |x: f64| ((x - least) / width * (BAR - 1) as f64).round() as usize;
        let mut table = Table::default();
        table.row(["", "range", "margin at its ends", "", ""]);
        for (row, low, high) in rows {
            let (from, to) = (place(low.min(high)), place(low.max(high)));
            let cell = |k: usize| match k {
                k if k == place(base) => '│',
                k if (from..=to).contains(&k) => '█',
                _ => ' ',
            };
            table.row([
                format!("  {}", row.parameter),
                format!("{} to {}", decimal(row.low), decimal(row.high)),
                signed(low),
                signed(high),
                format!("▏{}▕", (0..BAR).map(cell).collect::<String>()),
            ]);
        }
        let turns = format!("Margin of {kind} over the range of each parameter, {} as written", signed(base));
        let mut lines = vec![styled(HEADING, turns)];
        lines.extend(table.lines(""));
        if all > TORNADO {
            lines.push(format!(
                "  {} more with --json and in the tables of --out",
                plural(all - TORNADO, "parameter")
            ));
        }
        out.push(lines.join("\n"));
    }
    out.join("\n\n")
}
