//! A solved finite game as text.

use armistice::solve::tree::{PathEnd, PathEvent, QrePath};

use crate::session::{CARE, GOOD, HEADING, styled};
use crate::text::{Table, count, plural, signed, small};

use super::Sizes;
use super::labels::Labels;
use super::solve::{EQUILIBRIUM, Stamp, Verdict, Wanted};

/// Information sets that are shown unless all are asked for.
const SETS: usize = 40;
/// Actions of one set that are shown whatever their probability.
const ACTIONS: usize = 12;
/// In longer lists, actions below this probability are left out.
const RARE: f64 = 1e-3;
/// Events that are listed.
const EVENTS: usize = 10;
/// Most λ beside each other.
const COLUMNS: usize = 6;

/// What is shown.
pub struct Shown<'a> {
    pub stamp: &'a Stamp,
    pub size: &'a Sizes,
    pub labels: &'a Labels,
    pub path: &'a QrePath,
    pub verdict: &'a Verdict,
    pub wanted: &'a [Wanted<'a>],
    pub all: bool,
}

impl Shown<'_> {
    /// All of it.
    pub fn text(&self) -> String {
        let mut out = vec![styled(HEADING, &self.stamp.game)];
        out.extend(self.size.lines(self.labels).iter().map(|(name, value)| line(name, value)));
        out.push(String::new());
        out.extend(self.path_lines());
        out.push(String::new());
        out.extend(self.certificate());
        out.push(String::new());
        if !self.wanted.is_empty() {
            out.extend(self.asked());
            out.push(String::new());
        }
        out.extend(self.strategies());
        out.push(String::new());
        out.push(format!(
            "armistice {} · game {} · {}",
            self.stamp.version,
            self.stamp.game_hash.get(..8).unwrap_or_default(),
            self.stamp.command
        ));
        out.join("\n")
    }

    fn lambda(&self) -> f64 {
        self.path.points.last().map_or(0.0, |point| point.lambda)
    }

    fn path_lines(&self) -> Vec<String> {
        let path = self.path;
        let why = match path.end {
            PathEnd::Reached => "the largest λ asked for",
            PathEnd::Stalled => "where steps became too small to go on",
            PathEnd::Points => "where the number of points was used up",
            PathEnd::Cancelled => "where it was stopped",
        };
        let mut out = vec![
            styled(HEADING, "Branch of quantal response equilibria from uniform play"),
            line("followed", &format!("to λ = {}, {why}", number(self.lambda()))),
            line(
                "took",
                &format!(
                    "{}, {}",
                    plural(whole(path.counts.points), "point"),
                    plural(whole(path.counts.evaluations), "evaluation")
                ),
            ),
        ];
        if path.events.is_empty() {
            out.push(line("events", "none: λ grew all the way, and no other branch crossed"));
        }
        for (position, event) in path.events.iter().take(EVENTS).enumerate() {
            let what = match event {
                PathEvent::Turning { lambda } => format!("turning point near λ = {}", number(*lambda)),
                PathEvent::Bifurcation { from, to } if from == to => {
                    format!("another branch crosses near λ = {}", number(*from))
                }
                PathEvent::Bifurcation { from, to } => {
                    format!("another branch crosses between λ = {} and {}", number(*from), number(*to))
                }
            };
            out.push(line(if position == 0 { "events" } else { "" }, &what));
        }
        if path.events.len() > EVENTS {
            let more = path.events.len() - EVENTS;
            out.push(line("", &format!("and {} more; --json lists them", count(more as u128))));
        }
        out
    }

    fn certificate(&self) -> Vec<String> {
        let found = &self.path.certificate;
        let status = match self.verdict {
            Verdict::Verified => {
                styled(GOOD, format!("verified: regret ≤ {EQUILIBRIUM:e} of the payoff range"))
            }
            Verdict::Unverified { why, .. } => styled(CARE, format!("NOT an equilibrium: {why}")),
        };
        let mut out = vec![
            styled(HEADING, format!("Certificate at λ = {}", number(self.lambda()))),
            line("status", &status),
        ];
        if let Verdict::Unverified { quantal: true, .. } = self.verdict {
            let what = format!("a quantal response equilibrium at λ = {}", number(self.lambda()));
            out.push(line("", &what));
        }
        out.extend([
            line(
                "agent regret",
                &format!("{} in payoff, at any one information set", small(found.agent_regret)),
            ),
            line("regret", &format!("{} of the payoff range, at most", small(found.relative))),
        ]);
        let players = self.labels.players.iter().zip(&found.regret).zip(&found.payoffs);
        let mut table = Table::default();
        for ((name, regret), payoff) in players.take(SETS) {
            table.row([short(name), small(*regret), format!("payoff {}", payoff_text(*payoff))]);
        }
        out.extend(table.lines(&format!("  {:INDENT$}", "")));
        if found.regret.len() > SETS {
            out.push(line("", &format!("and {} more players; --json lists them", found.regret.len() - SETS)));
        }
        out.push(line("NashConv", &format!("{} (all regrets together)", small(found.nash_conv))));
        if let Some(residual) = found.residual {
            out.push(line(
                "residual",
                &format!("{} in probability, from logit responses at this λ", small(residual)),
            ));
        }
        out.push(line("mass error", &small(found.mass_error)));
        if !found.perfect_recall {
            out.push(line("recall", &styled(CARE, "imperfect: regrets are lower bounds")));
        }
        out
    }

    /// What the points at the λ of `--at` are worth.
    fn asked(&self) -> Vec<String> {
        let mut table = Table::default();
        for wanted in self.wanted {
            let name = format!("λ = {}", number(wanted.lambda));
            match (&wanted.certificate, wanted.residual) {
                (Some(found), Some(residual)) => {
                    let residual = found.residual.unwrap_or(residual);
                    table.row([
                        name,
                        format!("residual {}", small(residual)),
                        format!("regret {} of the payoff range", small(found.relative)),
                    ]);
                }
                _ => table.row([name, styled(CARE, "no point: the branch turned or ended there")]),
            }
        }
        let mut out = vec![styled(HEADING, "Points asked for")];
        out.extend(table.lines_with_prose("  "));
        out
    }

    fn strategies(&self) -> Vec<String> {
        let mut points: Vec<(f64, &[f64])> = self
            .wanted
            .iter()
            .filter_map(|wanted| Some((wanted.lambda, wanted.strategies.as_ref()?.profile)))
            .collect();
        if let Some(last) = self.path.points.last()
            && points.last().is_none_or(|(lambda, _)| *lambda != last.lambda)
        {
            points.push((last.lambda, &last.profile));
        }
        let hidden = points.len().saturating_sub(COLUMNS);
        let points = points.get(hidden..).unwrap_or_default();
        let what = match self.verdict {
            Verdict::Verified => "Strategies",
            Verdict::Unverified { quantal: true, .. } => "Strategies of quantal response",
            Verdict::Unverified { .. } => "Strategies (not an equilibrium)",
        };
        let mut out = vec![match points {
            [(lambda, _)] => styled(HEADING, format!("{what} at λ = {}", number(*lambda))),
            _ => styled(HEADING, what),
        }];
        let sets = self.labels.sets.len();
        let shown = if self.all { sets } else { sets.min(SETS) };
        let mut table = Table::default();
        if points.len() > 1 {
            let head = points.iter().map(|(lambda, _)| format!("λ = {}", number(*lambda)));
            table.row(std::iter::once(String::new()).chain(head));
        }
        for set in 0..shown {
            self.set(set, points, &mut table);
        }
        out.extend(table.lines("  "));
        if !self.all && self.labels.actions.iter().any(|actions| actions.len() > ACTIONS) {
            out.push(format!("  of long lists, actions below {RARE} are left out: --all shows them"));
        }
        if shown < sets {
            let more = plural(sets - shown, "more information set");
            out.push(format!("  {more}: --all shows them, --json has them"));
        }
        if hidden > 0 {
            out.push(format!("  {} of smaller λ: --json has them", plural(hidden, "more point")));
        }
        out
    }

    fn set(&self, set: usize, points: &[(f64, &[f64])], table: &mut Table) {
        let (Some(label), Some(actions)) = (self.labels.sets.get(set), self.labels.actions.get(set)) else {
            return;
        };
        table.row([format!("{} · {}", short(self.labels.player_of(set)), short(label))]);
        let range = self.labels.range(set);
        let columns: Vec<&[f64]> =
            points.iter().map(|(_, profile)| profile.get(range.clone()).unwrap_or_default()).collect();
        let mut left_out = 0;
        for (position, action) in actions.iter().enumerate() {
            let row: Vec<f64> = columns.iter().filter_map(|column| column.get(position).copied()).collect();
            if !self.all && actions.len() > ACTIONS && row.iter().all(|p| *p < RARE) {
                left_out += 1;
                continue;
            }
            let cells = row.iter().map(|p| probability(*p));
            table.row(std::iter::once(format!("    {}", short(action))).chain(cells));
        }
        if left_out > 0 {
            table.row([format!("    ({left_out} more)")]);
        }
    }
}

/// Width of the names of lines.
const INDENT: usize = 13;

/// A named line.
pub fn line(name: &str, value: &str) -> String {
    format!("  {name:<INDENT$}{value}")
}

fn whole(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// A name that fits on a line.
pub fn short(name: &str) -> String {
    const LONG: usize = 48;
    if name.chars().count() <= LONG {
        return name.to_owned();
    }
    name.chars().take(LONG - 1).chain(['…']).collect()
}

/// A λ or another number, with as many digits as it needs and six at most: `0.5`, `3.20715`, `1e6`.
pub fn number(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{x:.5e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        let fixed = format!("{x:.decimals$}");
        return if fixed.contains('.') {
            fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            fixed
        };
    }
    format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.'))
}

fn payoff_text(x: f64) -> String {
    if x != 0.0 && (x.abs() >= 1e7 || x.abs() < 1e-3) { number(x) } else { signed(x) }
}

/// A probability with four digits; never rounded to certainty.
pub fn probability(p: f64) -> String {
    if p > 0.0 && p < 0.00005 {
        "<0.0001".to_owned()
    } else if (0.99995..1.0).contains(&p) {
        ">0.9999".to_owned()
    } else {
        format!("{p:.4}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (x, text) in [
            (0.0, "0"),
            (1e6, "1e6"),
            (999_999.0, "999999"),
            (100_000.0, "100000"),
            (0.5, "0.5"),
            (3.207_154_9, "3.20715"),
            (1e-7, "1e-7"),
            (123.0, "123"),
            (-2.5e9, "-2.5e9"),
        ] {
            assert_eq!(number(x), text);
        }
        assert_eq!(probability(0.5), "0.5000");
        assert_eq!(probability(1e-9), "<0.0001");
        assert_eq!(probability(0.999_99), ">0.9999");
        assert_eq!(probability(1.0), "1.0000");
        assert_eq!(probability(0.0), "0.0000");
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(short("a"), "a");
        assert_eq!(short(&"é".repeat(60)).chars().count(), 48);
    }
}
