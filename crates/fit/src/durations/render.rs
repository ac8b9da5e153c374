//! A backtest of durations as text and as CSV.

use super::backtest::{DurationBacktest, HORIZONS, ModelScores, SampleScores};

/// What stands for a number that is not defined.
const NONE: &str = "–";

impl DurationBacktest {
    /// Tables to be read.
    #[must_use]
    pub fn text(&self) -> String {
        let dropped = match self.dropped {
            0 => String::new(),
            1 => "; 1 row dropped, something missing".to_owned(),
            n => format!("; {n} rows dropped, something missing"),
        };
        let known = match self.covariates.as_slice() {
            [] => "nothing".to_owned(),
            known => known.join(", "),
        };
        let mut out = format!(
            "Durations of {} wars{dropped}; each war is predicted from others, without itself\nknown of a war when it begins, to the structural model: {known}\n",
            self.wars
        );
        for sample in &self.samples {
            out.push_str(&sample.text());
        }
        out.push_str(
            "\nlog score: sum of ln densities per day, to be high · against best: the same less that of the best baseline estimated on the sample's own\nwars, and its standard error · CRPS in days, Brier scores × 100: to be low · 1y: of wars that reached a year, whether they ended in the next\n",
        );
        out
    }

    /// One row for each prediction, at full precision.
    #[must_use]
    pub fn forecasts_csv(&self) -> String {
        let mut rows = vec![
            "sample,learns_from,model,war,days,log_score,crps,transform,q05,q25,q50,q75,q95".to_owned()
                + &HORIZONS.map(|h| format!(",ended_by_{h}")).concat()
                + ",ends_within_a_year_after_a_year,parameters",
        ];
        let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
        for sample in &self.samples {
            for f in &sample.forecasts {
                let parameters: Vec<String> =
                    f.parameters.iter().map(|p| format!("{}={}", p.name, p.value)).collect();
                let mut cells = vec![
                    quoted(&sample.sample),
                    sample.learns_from.clone(),
                    f.model.name().to_owned(),
                    quoted(&f.war),
                    f.days.to_string(),
                    number(f.log_score),
                    number(f.crps),
                    f.transform.to_string(),
                ];
                cells.extend(f.quantiles.map(number));
                cells.extend(f.ended_by.map(|p| p.to_string()));
                cells.push(number(f.ends_within));
                cells.push(parameters.join(";"));
                rows.push(cells.join(","));
            }
        }
        rows.join("\n") + "\n"
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

impl SampleScores {
    fn text(&self) -> String {
        let source = if self.learns_from == "all wars" { "all other wars" } else { "others of the group" };
        let mut rows = vec![["model", "log score", "against best", "CRPS"].map(str::to_owned).to_vec()];
        rows[0].extend(HORIZONS.map(|h| format!("{h}")));
        rows[0].push("1y".to_owned());
        rows.extend(self.models.iter().map(ModelScores::cells));
        let widths: Vec<usize> = (0..rows[0].len())
            .map(|c| rows.iter().map(|row| row[c].chars().count()).max().unwrap_or(0))
            .collect();
        let mut out = format!("\n{} ({}), predicted from {source}\n", self.sample, self.wars);
        for row in &rows {
            let cells = row.iter().zip(&widths).enumerate().map(|(c, (cell, &width))| {
                if c == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            out.push('\n');
        }
        let parameters = self.models.last().filter(|m| !m.parameters.is_empty());
        if let Some(structural) = parameters {
            let list: Vec<String> =
                structural.parameters.iter().map(|p| format!("{} {:.4}", p.name, p.value)).collect();
            out.push_str(&format!("{} on all of them: {}\n", structural.model.name(), list.join(", ")));
        }
        out
    }
}

impl ModelScores {
    fn cells(&self) -> Vec<String> {
        let fixed =
            |x: Option<f64>, digits: usize| x.map_or_else(|| NONE.to_owned(), |x| format!("{x:.digits$}"));
        let versus = self
            .versus
            .map_or_else(|| NONE.to_owned(), |d| format!("{:+.2} ± {:.2}", d.sum, d.standard_error));
        let mut cells =
            vec![self.model.name().to_owned(), fixed(self.log_score, 4), versus, fixed(self.crps, 1)];
        cells.extend(self.brier.iter().map(|b| fixed(b.map(|b| 100.0 * b), 2)));
        cells.push(fixed(self.brier_ends_within.map(|b| 100.0 * b), 2));
        cells
    }
}
