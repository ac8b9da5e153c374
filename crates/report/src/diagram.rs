//! The moves of one period as a drawing: who moves in which order, what can be done, what chance decides, how it ends.
//!
//! Text cannot be measured here, so its width is estimated from above and lines are broken accordingly. The drawing is made twice, for
//! wide and for narrow places, because a scaled-down drawing cannot be read on a phone.

use std::fmt::Write;

use armistice_analyze::findings::{Branch, StageKind, StageStep};

use crate::block::Diagram;
use crate::names::Names;
use crate::table::{Cell, Table};
use crate::{number, words};

/// Sizes of a drawing, in its own units (CSS pixels at full size).
struct Plan {
    width: f64,
    /// Where the spine of the period runs.
    spine: f64,
    /// Where titles and actions begin.
    body: f64,
    /// Where frequency bars begin, and how long a full one is.
    bars: (f64, f64),
    /// Where exits are written.
    exits: f64,
    /// Whether the player's name stands left of the spine rather than above the title.
    gutter: bool,
    /// Font size of actions.
    size: f64,
}

const WIDE: Plan = Plan {
    width: 920.0,
    spine: 190.0,
    body: 214.0,
    bars: (540.0, 90.0),
    exits: 690.0,
    gutter: true,
    size: 13.5,
};
const NARROW: Plan = Plan {
    width: 330.0,
    spine: 9.0,
    body: 26.0,
    bars: (218.0, 50.0),
    exits: 42.0,
    gutter: false,
    size: 13.0,
};

/// Draws a drawing line by line.
struct Pen<'a> {
    plan: &'a Plan,
    out: String,
    y: f64,
}

/// The diagram; `None` without stages.
pub(crate) fn draw(names: Names<'_>) -> Option<Diagram> {
    let stages = &names.0.stages;
    if stages.is_empty() {
        return None;
    }
    let order: Vec<String> = stages
        .iter()
        .filter(|stage| stage.kind != StageKind::Flow)
        .map(|stage| match (&stage.player, stage.kind) {
            (Some(player), StageKind::Move) => format!("{}: {}", names.player(player), stage.title),
            _ => format!("chance: {}", stage.title),
        })
        .collect();
    Some(Diagram {
        read: "From top to bottom: one period. A filled circle is a choice, a diamond is chance, a small square only pays or counts. Bars and \
               percentages say how often an action is taken over the whole war, over the times its move is reached; arrows on the right leave \
               the period or end the war."
            .into(),
        label: format!("Diagram of one period, in order: {}.", order.join("; ")),
        wide: svg(names, &WIDE),
        narrow: svg(names, &NARROW),
        table: table(names),
    })
}

fn svg(names: Names<'_>, plan: &Plan) -> String {
    let mut pen = Pen { plan, out: String::new(), y: 8.0 };
    let top = pen.y + 8.0;
    let mut before = None;
    for stage in &names.0.stages {
        // Flow stages in a row are one line: what the period pays and costs.
        if !(stage.kind == StageKind::Flow && before == Some(StageKind::Flow)) {
            pen.stage(names, stage);
        }
        before = Some(stage.kind);
    }
    let bottom = pen.y + 4.0;
    pen.closing(names, bottom);
    let height = pen.y + 8.0;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height:.0}\" width=\"{}\" height=\"{height:.0}\" class=\"stages\" aria-hidden=\"true\" focusable=\"false\">",
        plan.width, plan.width
    );
    let _ = write!(
        text,
        "<line class=\"spine\" x1=\"{0}\" y1=\"{top:.1}\" x2=\"{0}\" y2=\"{bottom:.1}\"/>",
        plan.spine
    );
    text.push_str(&pen.out);
    text.push_str("</svg>");
    text
}

impl Pen<'_> {
    fn stage(&mut self, names: Names<'_>, stage: &StageStep) {
        let plan = self.plan;
        let small = stage.kind == StageKind::Flow;
        let who = match (&stage.player, stage.kind) {
            (Some(player), StageKind::Move) => names.player(player),
            (Some(player), StageKind::Chance) => format!("Chance, about {}", names.player(player)),
            (None, StageKind::Chance) => "Chance".into(),
            (_, StageKind::Flow) => String::new(),
            (None, StageKind::Move) => String::new(),
        };
        let start = self.y;
        if !plan.gutter && !small {
            self.lines(plan.body, plan.width - plan.body, &who, 12.0, "who", 15.0);
        }
        self.symbol(stage.kind, self.y + 9.0);
        if plan.gutter {
            let keep = self.y;
            self.y += 1.0;
            self.right_lines(plan.spine - 18.0, plan.spine - 26.0, &who, if small { 12.0 } else { 13.5 });
            self.y = keep;
        }
        let room = if plan.gutter { plan.bars.0 - plan.body - 12.0 } else { plan.width - plan.body };
        // Flow stages without words of their own have a running name.
        let nameless = stage.title.trim_start_matches("flow").trim().parse::<usize>().is_ok()
            || stage.title == stage.name;
        let title = if small && nameless {
            format!("what the {} pays and costs is counted", names.period())
        } else {
            stage.title.clone()
        };
        if small {
            self.lines(plan.body, plan.width - plan.body, &title, 12.0, "flow", 16.0);
        } else {
            let line = self.y;
            self.lines(plan.body, room, &title, 15.0, "name", 19.0);
            if let (Some(reached), true) = (stage.reached, plan.gutter) {
                let text = format!("made in {} of war {}", number::percent(reached), names.0.about.periods);
                self.text(plan.bars.0, line + 13.0, &text, "quiet", 12.0, "start");
            }
        }
        if let Some(when) = stage.when.as_ref().filter(|_| !small) {
            self.lines(plan.body, plan.width - plan.body, &format!("only where {when}"), 11.5, "when", 15.0);
        }
        if !small {
            for branch in &stage.branches {
                self.branch(names, branch);
            }
        }
        self.y = self.y.max(start + if small { 16.0 } else { 30.0 }) + if small { 10.0 } else { 18.0 };
    }

    fn branch(&mut self, names: Names<'_>, branch: &Branch) {
        let plan = self.plan;
        let title = match branch.copies.len() {
            0 | 1 => branch.title.clone(),
            // Without words of its own a copy is called after its label, which would name only the first of them.
            many if branch.copies.first() == Some(&branch.title) || branch.title.contains('(') => {
                format!("{} ({many} variants)", words::sentence(&words::humane(&branch.name)))
            }
            many => format!("{} ({many} variants)", branch.title),
        };
        let line = self.y + plan.size;
        self.lines(
            plan.body + 8.0,
            plan.bars.0 - plan.body - 16.0,
            &title,
            plan.size,
            "action",
            plan.size + 4.5,
        );
        if let Some(frequency) = branch.frequency {
            let (from, full) = plan.bars;
            let _ = write!(
                self.out,
                "<rect class=\"track\" x=\"{from}\" y=\"{:.1}\" width=\"{full}\" height=\"7\"/><rect class=\"share\" x=\"{from}\" y=\"{:.1}\" width=\"{:.1}\" height=\"7\"/>",
                line - 8.0,
                line - 8.0,
                (full * frequency).clamp(0.0, full)
            );
            self.text(from + full + 6.0, line, &number::percent(frequency), "quiet", 12.0, "start");
        }
        let exit = match (&branch.end, branch.ends_period) {
            (Some(end), _) => Some((format!("war ends: {}", names.outcome(end)), "exit end")),
            (None, true) => Some(("period ends".to_owned(), "exit")),
            (None, false) => None,
        };
        if let Some((text, class)) = exit {
            if plan.gutter {
                let keep = self.y;
                self.y = line - plan.size;
                self.lines(plan.exits, plan.width - plan.exits, &format!("→ {text}"), 12.5, class, 16.0);
                self.y = self.y.max(keep);
            } else {
                self.lines(plan.exits, plan.width - plan.exits, &format!("→ {text}"), 12.0, class, 16.0);
            }
        }
    }

    /// The loop back, and endings that the state itself brings.
    fn closing(&mut self, names: Names<'_>, bottom: f64) {
        let plan = self.plan;
        let _ = write!(
            self.out,
            "<path class=\"arrow\" d=\"M{0} {1:.1} l-4 -7 h8 z\"/>",
            plan.spine,
            bottom + 6.0
        );
        self.y = bottom - 2.0;
        let text =
            format!("then the next {} begins in the state reached, with the beliefs reached", names.period());
        self.lines(plan.body, plan.width - plan.body, &text, 13.0, "quiet", 17.0);
        let by_state: Vec<String> = names
            .0
            .endings
            .iter()
            .filter_map(|ending| ending.when.as_ref().map(|when| format!("{}, where {when}", ending.title)))
            .collect();
        for (i, ending) in by_state.iter().enumerate() {
            if i == 0 {
                self.y += 6.0;
                let text = format!("The war is over at the start of any {} in these states:", names.period());
                self.lines(plan.body, plan.width - plan.body, &text, 13.0, "quiet", 17.0);
            }
            self.lines(
                plan.body + 8.0,
                plan.width - plan.body - 8.0,
                &format!("→ {ending}"),
                12.5,
                "exit end",
                17.0,
            );
        }
    }

    fn symbol(&mut self, kind: StageKind, y: f64) {
        let x = self.plan.spine;
        let _ = match kind {
            StageKind::Move => write!(self.out, "<circle class=\"move\" cx=\"{x}\" cy=\"{y:.1}\" r=\"6\"/>"),
            StageKind::Chance => {
                write!(self.out, "<path class=\"chance\" d=\"M{x} {:.1} l7 7 l-7 7 l-7 -7 z\"/>", y - 7.0)
            }
            StageKind::Flow => {
                write!(
                    self.out,
                    "<rect class=\"counts\" x=\"{}\" y=\"{:.1}\" width=\"7\" height=\"7\"/>",
                    x - 3.5,
                    y - 3.5
                )
            }
        };
    }

    /// Text broken into lines that fit, left-aligned; moves down.
    fn lines(&mut self, x: f64, room: f64, text: &str, size: f64, class: &str, leading: f64) {
        // Conditions are set in a monospaced face, whose narrow letters are as wide as the others.
        let measured = match class {
            "when" => mono_width,
            "who" | "name" => bold_width,
            _ => width,
        };
        for line in broken(text, room, size, measured) {
            self.text(x, self.y + size, &line, class, size, "start");
            self.y += leading;
        }
    }

    fn right_lines(&mut self, x: f64, room: f64, text: &str, size: f64) {
        for line in broken(text, room, size, bold_width) {
            self.text(x, self.y + size - 1.0, &line, "who", size, "end");
            self.y += size + 3.0;
        }
    }

    fn text(&mut self, x: f64, y: f64, text: &str, class: &str, size: f64, anchor: &str) {
        let _ = write!(
            self.out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\" font-size=\"{size}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(text)
        );
    }
}

/// Breaks a text at spaces into lines no wider than `room`; a word that is too long is cut.
fn broken(text: &str, room: f64, size: f64, width: fn(&str, f64) -> f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let mut word = word.to_owned();
        if let Some(last) = lines.last_mut()
            && width(last, size) + width(" ", size) + width(&word, size) <= room
        {
            last.push(' ');
            last.push_str(&word);
            continue;
        }
        while width(&word, size) > room && word.chars().count() > 3 {
            let mut fits = String::new();
            for letter in word.chars() {
                if width(&fits, size) + width("m", size) > room {
                    break;
                }
                fits.push(letter);
            }
            word = word.chars().skip(fits.chars().count()).collect();
            lines.push(fits);
        }
        lines.push(word);
    }
    lines
}

/// Estimated width of a text in a plain sans-serif face, from above.
fn width(text: &str, size: f64) -> f64 {
    let of = |letter: char| match letter {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '(' | ')'
        | '[' | ']' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '→' => 0.96,
        'A'..='Z' => 0.72,
        letter if letter as u32 > 0x2e80 => 1.05,
        _ => 0.58,
    };
    text.chars().map(of).sum::<f64>() * size
}

/// Width of a text in the bold face.
fn bold_width(text: &str, size: f64) -> f64 {
    width(text, size) * 1.12
}

/// Width of a text in a monospaced face.
fn mono_width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * 0.62 * size
}

/// Text that may stand in the markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn table(names: Names<'_>) -> Table {
    let mut table = Table::new("stages", "The moves of one period, in order")
        .words("Stage")
        .words("Who")
        .words("Action or outcome")
        .words("Only where")
        .numbers("How often")
        .words("Then");
    for stage in &names.0.stages {
        let who = match (&stage.player, stage.kind) {
            (Some(player), StageKind::Chance) => format!("chance, about {}", names.player(player)),
            (Some(player), _) => names.player(player),
            (None, StageKind::Chance) => "chance".into(),
            (None, _) => "every period".into(),
        };
        for branch in &stage.branches {
            let then = match (&branch.end, branch.ends_period) {
                (Some(end), _) => format!("the war ends: {}", names.outcome(end)),
                (None, true) => "the period ends".into(),
                (None, false) if branch.sets.is_empty() => String::new(),
                (None, false) => format!("sets {}", words::list(&branch.sets)),
            };
            let when = [stage.when.as_deref(), branch.when.as_deref()];
            let when: Vec<&str> = when.into_iter().flatten().collect();
            table.row(vec![
                Cell::text(stage.title.clone()),
                Cell::text(who.clone()),
                Cell::text(if stage.kind == StageKind::Flow { "–".into() } else { branch.title.clone() }),
                Cell::code(when.join(" and ")),
                Cell::number(branch.frequency, number::percent),
                Cell::text(then),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_long_words_are_cut() {
        let lines = broken("a somewhat longer sentence that must be broken", 100.0, 12.0, width);
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| width(line, 12.0) <= 100.0));
        assert!(broken(&"x".repeat(200), 100.0, 12.0, width).iter().all(|line| width(line, 12.0) <= 100.0));
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escaped("<b> & \"c\""), "&lt;b&gt; &amp; &quot;c&quot;");
    }
}
