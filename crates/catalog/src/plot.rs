//! The plot of a model's page: predictions against a parameter as lines, solved games as points, as SVG.

use std::fmt::Write;

use armistice_solve::Control;

use crate::check::at;
use crate::model::{Game, Model, Plot};
use crate::scope::Scope;
use crate::solved::solve_game;
use crate::{CatalogError, Settings};

/// Points of a line.
const POINTS: usize = 121;
/// Games solved along the axis.
const SOLVED: usize = 9;

const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 360.0;

/// Colors that can be told apart, also by most who see few of them (Okabe and Ito 2008, with a darker yellow).
const COLORS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8f7a00", "#000000"];

/// What is drawn: by line, its name, its points, and the points of solved games.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) lines: Vec<Line>,
}

/// A prediction along the axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// Parameter and prediction; `None` where it is not defined.
    pub(crate) curve: Vec<(f64, Option<f64>)>,
    /// Parameter and what a solved game says.
    pub(crate) points: Vec<(f64, f64)>,
}

/// Draws the plot of a model; `None` where it has none.
///
/// - cost: evaluations of the closed form, and nine solved games where the plot names one.
/// - errors: [`CatalogError`].
pub fn draw(
    model: &Model,
    settings: &Settings,
    control: &Control<'_>,
) -> Result<Option<String>, CatalogError> {
    let Some(plot) = &model.plot else { return Ok(None) };
    let drawn = drawn(model, plot, settings, control)?;
    Ok(Some(svg(model, plot, &drawn)))
}

fn drawn(
    model: &Model,
    plot: &Plot,
    settings: &Settings,
    control: &Control<'_>,
) -> Result<Drawn, CatalogError> {
    let game = plot.game.as_ref().map(|name| {
        model.games.iter().find(|game| game.name == *name).ok_or_else(|| CatalogError::Unreadable {
            model: model.name.clone(),
            why: format!("the plot names the game `{name}`, and there is none"),
        })
    });
    let game = game.transpose()?;
    let integer = model.parameters.get(&plot.parameter).is_some_and(|p| p.integer);
    let place = |position: usize, count: usize| {
        let x = plot.from + (plot.to - plot.from) * position as f64 / (count - 1) as f64;
        if integer { x.round() } else { x }
    };
    let scope = |x: f64| -> Result<Scope<'_>, CatalogError> {
        let mut scope = match game {
            Some(game) => at(model, &game.parameters, settings)?,
            None => at(model, &Default::default(), settings)?,
        };
        scope.set(&plot.parameter, x)?;
        Ok(scope)
    };
    let mut lines: Vec<Line> = plot
        .lines
        .iter()
        .map(|name| Line { name: name.clone(), curve: Vec::new(), points: Vec::new() })
        .collect();
    for position in 0..POINTS {
        let x = place(position, POINTS);
        for line in &mut lines {
            line.curve.push((x, scope(x)?.prediction(&line.name).ok().flatten()));
        }
    }
    if let Some(game) = game.filter(|_| settings.games) {
        let read: Vec<(usize, usize)> = lines
            .iter()
            .enumerate()
            .filter_map(|(line, l)| Some((line, game.measures.iter().position(|(name, _)| name == l.name)?)))
            .collect();
        for position in 0..SOLVED {
            control.report("plot", position as u64, Some(SOLVED as u64));
            let x = place(position, SOLVED);
            for (line, value) in solved(model, game, &mut scope(x)?, &read, control)? {
                lines[line].points.push((x, value));
            }
        }
    }
    Ok(Drawn { lines })
}

/// What a game says at a place; nothing where it cannot be built there.
fn solved(
    model: &Model,
    game: &Game,
    scope: &mut Scope<'_>,
    read: &[(usize, usize)],
    control: &Control<'_>,
) -> Result<Vec<(usize, f64)>, CatalogError> {
    match solve_game(model, game, scope, game.refine.last().copied(), control) {
        Ok(solution) => Ok(read
            .iter()
            .filter_map(|(line, measure)| Some((*line, solution.values.get(*measure)?.clone().ok()?)))
            .collect()),
        Err(CatalogError::Cancelled) => Err(CatalogError::Cancelled),
        Err(_) => Ok(Vec::new()),
    }
}

/// Round steps of an axis: at most about six of them.
fn ticks(from: f64, to: f64) -> Vec<f64> {
    let rough = (to - from) / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough).unwrap_or(power * 10.0);
    let first = (from / step - 1e-9).ceil() as i64;
    let last = (to / step + 1e-9).floor() as i64;
    (first..=last).map(|k| k as f64 * step).collect()
}

fn label(x: f64) -> String {
    let rounded = (x * 1e6).round() / 1e6;
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded }).replace('-', "−")
}

fn svg(model: &Model, plot: &Plot, drawn: &Drawn) -> String {
    let values = drawn.lines.iter().flat_map(|line| {
        line.curve.iter().filter_map(|(_, y)| *y).chain(line.points.iter().map(|(_, y)| *y))
    });
    let (low, high) = values.fold((0.0f64, 0.0f64), |(low, high), y| (low.min(y), high.max(y)));
    // Probabilities and shares are shown from 0 to 1.
    let high = if high <= 1.0 && high > 0.35 {
        1.0
    } else if high > low {
        high
    } else {
        low + 1.0
    };
    let x = |v: f64| LEFT + (RIGHT - LEFT) * (v - plot.from) / (plot.to - plot.from);
    let y = |v: f64| BOTTOM - (BOTTOM - TOP) * (v - low) / (high - low);
    let mut out = String::new();
    // Writing to a `String` cannot fail, here and below.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         role=\"img\" font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\" font-size=\"13\" fill=\"#222\">\n\
         <title>{0}</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"26\" font-size=\"{1}\" font-weight=\"600\">{0}</text>",
        escaped(&model.title),
        if model.title.chars().count() > 75 { 12 } else { 15 },
    );
    for tick in ticks(low, high) {
        let at = y(tick);
        let _ = writeln!(
            out,
            "<path d=\"M{LEFT} {at:.1}H{RIGHT}\" stroke=\"#e3e3e3\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            at + 4.5,
            label(tick),
        );
    }
    for tick in ticks(plot.from, plot.to) {
        let at = x(tick);
        let _ = writeln!(
            out,
            "<path d=\"M{at:.1} {BOTTOM}v5\" stroke=\"#888\"/><text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            BOTTOM + 20.0,
            label(tick),
        );
    }
    let says = model.parameters.get(&plot.parameter).map_or("", |p| p.says.as_str());
    let _ = writeln!(
        out,
        "<path d=\"M{LEFT} {BOTTOM}H{RIGHT}\" stroke=\"#888\"/>\
         <text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555\">{}: {}</text>",
        0.5 * (LEFT + RIGHT),
        BOTTOM + 44.0,
        escaped(&plot.parameter),
        escaped(says),
    );
    for (position, line) in drawn.lines.iter().enumerate() {
        let color = COLORS[position % COLORS.len()];
        let dash = if position < COLORS.len() { "" } else { " stroke-dasharray=\"6 3\"" };
        let mut path = String::new();
        let mut down = false;
        for (at, value) in &line.curve {
            if let Some(value) = value {
                let _ = write!(path, "{}{:.1} {:.1}", if down { "L" } else { "M" }, x(*at), y(*value));
            }
            down = value.is_some();
        }
        let _ =
            writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.2\"{dash}/>");
        for (at, value) in &line.points {
            let _ = writeln!(
                out,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"#fff\" stroke=\"{color}\" stroke-width=\"1.8\"/>",
                x(*at),
                y(*value),
            );
        }
        let row = TOP + 12.0 + 20.0 * position as f64;
        let _ = writeln!(
            out,
            "<path d=\"M{} {:.1}h24\" stroke=\"{color}\" stroke-width=\"2.2\"{dash}/><text x=\"{}\" y=\"{row:.1}\">{}</text>",
            RIGHT + 18.0,
            row - 4.5,
            RIGHT + 48.0,
            escaped(&line.name),
        );
    }
    if drawn.lines.iter().any(|line| !line.points.is_empty()) {
        let row = TOP + 12.0 + 20.0 * drawn.lines.len() as f64;
        let _ = writeln!(
            out,
            "<circle cx=\"{}\" cy=\"{:.1}\" r=\"4\" fill=\"#fff\" stroke=\"#555\" stroke-width=\"1.8\"/>\
             <text x=\"{}\" y=\"{row:.1}\" fill=\"#555\">game solved</text>",
            RIGHT + 30.0,
            row - 4.5,
            RIGHT + 48.0,
        );
    }
    out.push_str("</svg>\n");
    out
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        for (from, to, count) in
            [(0.0, 1.0, 6), (0.1, 0.5, 5), (-0.2, 0.3, 6), (0.0, 1e-3, 6), (3.0, 40.0, 4)]
        {
            let found = ticks(from, to);
            assert_eq!(found.len(), count, "{from} {to}: {found:?}");
            assert!(found.iter().all(|t| *t >= from - 1e-9 && *t <= to + 1e-9), "{found:?}");
        }
        assert_eq!(label(-0.2), "−0.2");
        assert_eq!(label(0.30000000000000004), "0.3");
    }
}
