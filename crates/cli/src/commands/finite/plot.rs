//! The branch as a drawing: probabilities of actions against λ, as SVG.

use std::fmt::Write;

use armistice::solve::tree::{PathEvent, QrePath};

use super::labels::Labels;
use super::show::number;

/// So many actions are drawn whatever their probability.
const ALL: usize = 40;
/// Of more actions, those that reach this probability somewhere.
const REACHED: f64 = 0.01;
/// Most entries of the legend.
const LEGEND: usize = 24;
/// Most events that are marked.
const EVENTS: usize = 20;
/// Distance of drawn points, in pixels: nearer ones cannot be told apart.
const APART: f64 = 0.4;

const WIDTH: f64 = 980.0;
const HEIGHT: f64 = 560.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 690.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 500.0;

/// Colors that can be told apart, also by most who see few of them (Okabe and Ito 2008, with a darker yellow).
const COLORS: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#8f7a00"];
/// Once colors are used up, lines are broken.
const DASHES: [&str; 5] = ["", "7 3", "2 3", "9 3 2 3", "14 4"];

/// One line of the drawing.
struct Curve {
    label: String,
    action: usize,
    /// Largest change over the path: what the legend is ordered by.
    moved: f64,
}

/// Draws the path.
pub fn draw(title: &str, labels: &Labels, path: &QrePath) -> String {
    let points = &path.points;
    let most = points.iter().map(|point| point.lambda).fold(0.0, f64::max);
    let width = most.ln_1p().max(f64::MIN_POSITIVE);
    // log10 (1 + λ), as a share of its largest value.
    let x = |lambda: f64| LEFT + (RIGHT - LEFT) * lambda.ln_1p() / width;
    let y = |p: f64| BOTTOM - (BOTTOM - TOP) * p.clamp(0.0, 1.0);
    let curves = curves(labels, path);
    let all = labels.keys().len();
    let shown = if curves.len() == all {
        String::new()
    } else {
        format!("; {} of {all} actions, those that reach {} %", curves.len(), REACHED * 100.0)
    };

    let marks = if path.events.is_empty() { "" } else { "; broken lines: turning points and crossings" };

    let mut out = String::new();
    // Writing to a `String` cannot fail, here and below.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" role=\"img\" font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\" \
         font-size=\"13\" fill=\"#222\">\n\
         <title>{0}: probabilities of actions against precision</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"17\" font-weight=\"600\">{0}</text>\n\
         <text x=\"{LEFT}\" y=\"48\" fill=\"#555\">Agent logit quantal response from uniform play to λ = {1}{shown}{marks}</text>",
        escaped(&cut(title, 90)),
        number(points.last().map_or(0.0, |point| point.lambda)),
    );
    axes(&mut out, most, &x, &y);
    events(&mut out, path, &x);
    let named = named(&curves);
    let thin = if curves.len() > 12 { 1.5 } else { 2.0 };
    // Lines with names lie above the others.
    let mut order: Vec<usize> = (0..curves.len()).filter(|position| !named.contains(position)).collect();
    order.extend(&named);
    for position in order {
        let curve = &curves[position];
        let mut line = String::new();
        let mut last: Option<(f64, f64)> = None;
        for (index, point) in points.iter().enumerate() {
            let here = (x(point.lambda), y(point.profile.get(curve.action).copied().unwrap_or(0.0)));
            let near = last.is_some_and(|l| (l.0 - here.0).hypot(l.1 - here.1) < APART);
            if near && index + 1 < points.len() {
                continue;
            }
            let _ = write!(line, "{}{:.1},{:.1}", if last.is_some() { " " } else { "" }, here.0, here.1);
            last = Some(here);
        }
        let _ = writeln!(
            out,
            "<polyline points=\"{line}\" fill=\"none\" stroke-linejoin=\"round\" {}>\
             <title>{}</title></polyline>",
            match named.binary_search(&position) {
                Ok(rank) => format!("stroke-width=\"{thin}\" {}", look(rank)),
                Err(_) => "stroke-width=\"0.8\" stroke=\"#c4c4c4\"".to_owned(),
            },
            escaped(&curve.label),
        );
    }
    legend(&mut out, &curves, &named);
    out.push_str("</svg>\n");
    out
}

/// The actions to draw, in the order of the game.
fn curves(labels: &Labels, path: &QrePath) -> Vec<Curve> {
    let keys = labels.keys();
    let all = keys.len();
    keys.into_iter()
        .enumerate()
        .filter_map(|(action, label)| {
            let of = || path.points.iter().filter_map(|point| point.profile.get(action).copied());
            let (least, most) = of().fold((1.0f64, 0.0f64), |(a, b), p| (a.min(p), b.max(p)));
            (all <= ALL || most >= REACHED).then_some(Curve { label, action, moved: most - least })
        })
        .collect()
}

fn look(position: usize) -> String {
    let color = COLORS[position % COLORS.len()];
    let dashes = DASHES[position / COLORS.len() % DASHES.len()];
    if dashes.is_empty() {
        format!("stroke=\"{color}\"")
    } else {
        format!("stroke=\"{color}\" stroke-dasharray=\"{dashes}\"")
    }
}

fn axes(out: &mut String, most: f64, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) {
    for (p, text) in [(0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1")] {
        let at = y(p);
        let _ = writeln!(
            out,
            "<path d=\"M{LEFT} {at:.1}H{RIGHT}\" stroke=\"#e3e3e3\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            LEFT - 8.0,
            at + 4.5,
        );
    }
    for lambda in ticks(most, x) {
        let at = x(lambda);
        let _ = writeln!(
            out,
            "<path d=\"M{at:.1} {TOP}V{}\" stroke=\"#e3e3e3\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            BOTTOM + 5.0,
            BOTTOM + 21.0,
            if lambda >= 1e4 { format!("{lambda:e}") } else { number(lambda) },
        );
    }
    let _ = writeln!(
        out,
        "<path d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\" fill=\"none\" stroke=\"#555\"/>\n\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">precision λ, at log₁₀(1 + λ)</text>\n\
         <text transform=\"translate(18 {}) rotate(-90)\" text-anchor=\"middle\">probability</text>",
        (LEFT + RIGHT) / 2.0,
        BOTTOM + 44.0,
        (TOP + BOTTOM) / 2.0,
    );
}

/// λ that are named on the axis: 0, then powers of ten, then twice and five times these, as far as there is room.
fn ticks(most: f64, x: &dyn Fn(f64) -> f64) -> Vec<f64> {
    const ROOM: f64 = 30.0;
    const ENOUGH: usize = 8;
    let mut out = vec![0.0];
    if !(most > 0.0) {
        return out;
    }
    let top = most.log10().floor() as i32;
    for factor in [1.0, 2.0, 5.0, 3.0, 4.0] {
        if out.len() >= ENOUGH {
            break;
        }
        for exponent in (top - 12..=top).rev() {
            let lambda = factor * 10f64.powi(exponent);
            let free = out.iter().all(|other| (x(*other) - x(lambda)).abs() >= ROOM);
            if lambda <= most * (1.0 + 1e-12) && free {
                out.push(lambda);
            }
        }
    }
    out
}

fn events(out: &mut String, path: &QrePath, x: &dyn Fn(f64) -> f64) {
    for event in path.events.iter().take(EVENTS) {
        let (lambda, what) = match event {
            PathEvent::Turning { lambda } => (*lambda, "turning point"),
            PathEvent::Bifurcation { from, to } => (0.5 * (from + to), "another branch crosses"),
        };
        let at = x(lambda);
        let _ = writeln!(
            out,
            "<path d=\"M{at:.1} {TOP}V{BOTTOM}\" stroke=\"#999\" stroke-dasharray=\"3 3\">\
             <title>{what} near λ = {}</title></path>",
            number(lambda),
        );
    }
}

/// The lines that get a name: all of a few, else those that move most; in the order of the game.
fn named(curves: &[Curve]) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..curves.len()).collect();
    if chosen.len() > LEGEND {
        chosen.sort_by(|a, b| curves[*b].moved.total_cmp(&curves[*a].moved));
        chosen.truncate(LEGEND - 1);
        chosen.sort_unstable();
    }
    chosen
}

fn legend(out: &mut String, curves: &[Curve], named: &[usize]) {
    let (from, row) = (RIGHT + 22.0, 18.0);
    for (line, position) in named.iter().enumerate() {
        let at = TOP + 8.0 + row * line as f64;
        let _ = writeln!(
            out,
            "<path d=\"M{from} {:.1}h26\" stroke-width=\"2.4\" {}/><text x=\"{}\" y=\"{:.1}\" font-size=\"12\">{}</text>",
            at - 4.0,
            look(line),
            from + 33.0,
            at,
            escaped(&cut(&curves[*position].label, 34)),
        );
    }
    let rest = curves.len() - named.len();
    if rest > 0 {
        let at = TOP + 8.0 + row * named.len() as f64;
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{at:.1}\" font-size=\"12\" fill=\"#555\">in gray: {rest} more that move less</text>",
            from + 33.0
        );
    }
}

/// The end of a name matters as much as its beginning.
fn cut(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let half = (most - 1) / 2;
    text.chars().take(most - 1 - half).chain(['…']).chain(text.chars().skip(length - half)).collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no way to write these.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_have_room_and_stay_on_the_axis() {
        for most in [0.0, 1e-9, 0.3, 5.0, 1e6, 1e15] {
            let width = f64::ln_1p(most).max(f64::MIN_POSITIVE);
            let x = |lambda: f64| 600.0 * lambda.ln_1p() / width;
            let found = ticks(most, &x);
            assert!(found.iter().all(|lambda| *lambda <= most * 1.001), "{most}: {found:?}");
            assert!(found.len() <= 21 && (most == 0.0 || found.len() >= 3), "{most}: {found:?}");
        }
    }

    #[test]
    fn text_is_safe_and_short() {
        assert_eq!(escaped("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
        assert_eq!(cut("abcdefghij", 7), "abc…hij");
        assert_eq!(cut("abc", 7), "abc");
    }
}
