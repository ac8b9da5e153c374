//! Tables of estimates as text, comma-separated values and LaTeX.

use crate::compare::Comparison;
use crate::estimate::{Estimates, Kind, Method, Multiplicity};
use crate::inference::Covariance;
use crate::optimize::Status;
use crate::predict::{Effect, Predictions};

/// Columns as wide as they need to be: the first `words` flush left, the others flush right.
fn align(rows: &[Vec<String>], words: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|s| s.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let room = " ".repeat(width - cell.chars().count());
            let gap = if column == 0 { "" } else { "  " };
            if column < words {
                line.push_str(&format!("{gap}{cell}{room}"));
            } else {
                line.push_str(&format!("{gap}{room}{cell}"));
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Four decimals, or powers of ten where these say nothing.
fn number(x: f64) -> String {
    if x != 0.0 && (x.abs() < 5e-4 || x.abs() >= 1e5) { format!("{x:.3e}") } else { format!("{x:.4}") }
}

fn optional(x: Option<f64>) -> String {
    x.map_or("–".to_owned(), number)
}

fn p_value(p: Option<f64>) -> String {
    p.map_or("–".to_owned(), |p| if p < 5e-5 { "<0.0001".to_owned() } else { format!("{p:.4}") })
}

impl Estimates {
    /// What was fitted, in a few words.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.request.kind {
            Kind::Strategic(kind) => {
                format!("{:?}, {:?}, {:?} errors", kind.tree, kind.link, kind.errors).to_lowercase()
            }
            Kind::Signaling(kind) => match kind.method {
                Method::Full => "crisis signaling, maximum likelihood over all equilibria".to_owned(),
                Method::Pseudo => "crisis signaling, pseudo-likelihood".to_owned(),
                Method::Nested => "crisis signaling, nested pseudo-likelihood".to_owned(),
            },
            Kind::TugOfWar(kind) => {
                format!("tug of war, {} states, discount factor {}", kind.states, kind.discount)
            }
            Kind::Ultimatum(kind) => format!("ultimatum, offers from {} to {}", kind.range[0], kind.range[1]),
        }
    }

    /// Which errors are shown.
    #[must_use]
    pub fn errors(&self) -> String {
        match self.request.covariance {
            Covariance::Observed => "observed information".to_owned(),
            Covariance::OuterProduct => "outer products of scores".to_owned(),
            Covariance::Robust => "robust".to_owned(),
            Covariance::Clustered => match &self.request.cluster {
                Some(name) => format!("clustered by {name}, {} clusters", self.clusters.unwrap_or(0)),
                None => "clustered".to_owned(),
            },
            Covariance::Bootstrap => {
                let of = self.bootstrap.map_or(0, |b| b.asked - b.failed);
                format!("bootstrap, {of} replicates")
            }
        }
    }

    /// The table as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n{}\n", self.title(), self.request.formula.trim());
        out.push_str(&format!("{} observations", self.observations));
        if !self.dropped.is_empty() {
            let list: Vec<String> = self.dropped.iter().map(|(name, n)| format!("{name} {n}")).collect();
            let gone = self.rows - self.observations;
            out.push_str(&format!("; {gone} of {} rows dropped, missing: {}", self.rows, list.join(", ")));
        }
        out.push('\n');
        let outcomes: Vec<String> = self.outcomes.iter().map(|o| format!("{} {}", o.name, o.count)).collect();
        out.push_str(&format!("observed: {}\n\n", outcomes.join(" · ")));
        let percent = format!("{} % interval", crate::render::short(100.0 * self.request.level));
        let header = ["", "estimate", "error", "z", "p", &percent, ""];
        let mut rows: Vec<Vec<String>> = vec![header.iter().map(|h| (*h).to_owned()).collect()];
        for c in &self.coefficients {
            let [low, high] = c.interval.map_or([None, None], |[a, b]| [Some(a), Some(b)]);
            let z = c.z.map_or("–".to_owned(), |z| format!("{z:.2}"));
            let cells = [
                number(c.estimate),
                optional(c.standard_error),
                z,
                p_value(c.p),
                optional(low),
                optional(high),
            ];
            rows.push(std::iter::once(c.name.clone()).chain(cells).collect());
        }
        out.push_str(&align(&rows, 1));
        out.push_str(&format!(
            "\nln L {:.6} · AIC {:.3} · BIC {:.3} · errors: {}\n",
            self.log_likelihood,
            self.aic,
            self.bic,
            self.errors()
        ));
        out.push_str(&self.optima_text());
        out.push_str(&self.multiplicity.as_ref().map_or(String::new(), Multiplicity::text));
        for note in &self.notes {
            out.push_str(&format!("note: {note}\n"));
        }
        out
    }

    fn optima_text(&self) -> String {
        let status = |s: Status| match s {
            Status::Converged => "",
            Status::Flat => ", flat",
            Status::Stalled | Status::Undefined => ", not converged",
        };
        let one = |o: &crate::estimate::OptimumRow| {
            format!("{:.6} from {} of {} starts{}", o.log_likelihood, o.starts, self.starts, status(o.status))
        };
        let mut list: Vec<String> = self.optima.iter().take(8).map(one).collect();
        if self.optima.len() > 8 {
            list.push(format!("{} more", self.optima.len() - 8));
        }
        let failed = if self.failed_starts > 0 {
            format!("; {} led nowhere", self.failed_starts)
        } else {
            String::new()
        };
        format!("maxima: {}{failed}\n", list.join(" · "))
    }

    /// The coefficients as comma-separated values, in full precision; what is not defined is empty.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = "name,estimate,standard_error,z,p,low,high\n".to_owned();
        let cell = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
        for c in &self.coefficients {
            let (low, high) = (c.interval.map(|i| i[0]), c.interval.map(|i| i[1]));
            let cells = [Some(c.estimate), c.standard_error, c.z, c.p, low, high].map(cell);
            out.push_str(&format!("{},{}\n", quoted(&c.name), cells.join(",")));
        }
        out
    }

    /// The table as LaTeX, for the package `booktabs`.
    #[must_use]
    pub fn latex(&self) -> String {
        let mut out =
            String::from("\\begin{tabular}{lrrr}\n\\toprule\n & Estimate & Std. error & $p$ \\\\\n");
        let mut equation = String::new();
        for c in &self.coefficients {
            let (of, name) = c.name.split_once(':').unwrap_or(("", &c.name));
            if of != equation {
                of.clone_into(&mut equation);
                out.push_str(&format!("\\midrule\n\\multicolumn{{4}}{{l}}{{{}}} \\\\\n", escaped(of)));
            }
            let minus = |text: String| text.replace('-', "$-$").replace('–', "--");
            let p = p_value(c.p).replace('<', "$<$").replace('–', "--");
            out.push_str(&format!(
                "{} & {} & {} & {p} \\\\\n",
                escaped(name),
                minus(number(c.estimate)),
                minus(optional(c.standard_error))
            ));
        }
        out.push_str(&format!(
            "\\midrule\nObservations & \\multicolumn{{3}}{{r}}{{{}}} \\\\\nLog likelihood & \\multicolumn{{3}}{{r}}{{{}}} \\\\\n",
            self.observations,
            format!("{:.3}", self.log_likelihood).replace('-', "$-$")
        ));
        out.push_str("\\bottomrule\n\\end{tabular}\n");
        out
    }
}

impl Multiplicity {
    /// How many equilibria there are, and what follows.
    fn text(&self) -> String {
        let count = |(equilibria, n): &(usize, usize)| format!("{equilibria} in {n}");
        let list: Vec<String> = self.counts.iter().map(count).collect();
        let mut out = format!(
            "equilibria at the estimate: {} observations; residual {:.1e}\n",
            list.join(", "),
            self.residual
        );
        if self.several.is_empty() {
            out.push_str("every observation has one equilibrium, and all rules of selection agree\n");
            return out;
        }
        for under in &self.under {
            let rule = format!("{:?}", under.selection).to_lowercase();
            let [at, best] =
                [under.at_estimate, under.maximum].map(|x| x.map_or("–".to_owned(), |x| format!("{x:.6}")));
            let used = if under.selection == self.selection { ", the rule used" } else { "" };
            out.push_str(&format!(
                "  {rule} equilibrium: ln L {at} at the estimate, {best} at its own maximum{used}\n"
            ));
        }
        out
    }
}

/// A number without decimals that say nothing.
pub(crate) fn short(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            '_' | '&' | '%' | '#' | '$' | '{' | '}' => out.extend(['\\', c]),
            '→' => out.push_str("$\\to$"),
            _ => out.push(c),
        }
    }
    out
}

impl Predictions {
    /// The predictions as text.
    #[must_use]
    pub fn text(&self) -> String {
        let held: Vec<String> = self
            .held
            .iter()
            .map(|(name, value)| format!("{name} {}", value.parse().map_or(value.clone(), number)))
            .collect();
        let mut out = format!("Predictions, intervals from {}", self.intervals);
        if !held.is_empty() {
            out.push_str(&format!("; held at {}", held.join(", ")));
        }
        out.push('\n');
        let at: Vec<String> =
            self.rows.first().map(|r| r.at.iter().map(|(n, _)| n.clone()).collect()).unwrap_or_default();
        let words = at.len() + 1;
        let tail = ["", "estimate", "error", "low", "high"].map(str::to_owned);
        let mut rows = vec![at.into_iter().chain(tail).collect::<Vec<_>>()];
        for r in &self.rows {
            let [low, high] = r.interval.map_or([None, None], |[a, b]| [Some(a), Some(b)]);
            let cells = [
                r.quantity.clone(),
                number(r.estimate),
                optional(r.standard_error),
                optional(low),
                optional(high),
            ];
            rows.push(r.at.iter().map(|(_, v)| v.clone()).chain(cells).collect());
        }
        out.push_str(&align(&rows, words));
        out
    }
}

/// Average marginal effects as text.
#[must_use]
pub fn effects_text(effects: &[Effect]) -> String {
    let mut rows = vec![["", "", "", "effect", "error", "low", "high"].map(str::to_owned).to_vec()];
    for e in effects {
        let [low, high] = e.interval.map_or([None, None], |[a, b]| [Some(a), Some(b)]);
        let (name, change, quantity) = (e.column.clone(), e.change.clone(), e.quantity.clone());
        rows.push(vec![
            name,
            change,
            quantity,
            number(e.effect),
            optional(e.standard_error),
            optional(low),
            optional(high),
        ]);
    }
    format!("Average marginal effects\n{}", align(&rows, 3))
}

impl Comparison {
    /// Both tests as text.
    #[must_use]
    pub fn text(&self) -> String {
        let [a, b] = self.log_likelihoods;
        let [k, l] = self.coefficients;
        let verdict = |p: f64, first: bool| match (p < 0.05, first) {
            (false, _) => "neither is closer at 5 %",
            (true, true) => "the first is closer",
            (true, false) => "the second is closer",
        };
        let vuong = match (self.vuong, self.vuong_p) {
            (Some(z), Some(p)) => format!("z {z:.4}, p {}: {}", p_value(Some(p)), verdict(p, z > 0.0)),
            _ => "not defined: both predict the same".to_owned(),
        };
        let clarke = format!(
            "{} of {} better under the first, p {}: {}",
            self.clarke,
            self.observations,
            p_value(Some(self.clarke_p)),
            verdict(self.clarke_p, 2 * self.clarke > self.observations as u64)
        );
        format!(
            "Against the second model: ln L {a:.6} with {k} coefficients, {b:.6} with {l}\nVuong   {vuong}\nClarke  {clarke}\n"
        )
    }
}
