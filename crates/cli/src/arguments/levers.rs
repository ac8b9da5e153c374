//! Arguments of `levers`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{ChangeOptions, SolveOptions, assignment};

/// Arguments of `levers`.
#[derive(Args, Debug)]
pub struct Levers {
    /// Folder of the scenario, or its scenario.toml.
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::AnyPath)]
    pub scenario: PathBuf,
    /// Whose stopping margin [default: the attacker's].
    #[arg(long, value_name = "PLAYER", help_heading = "Whose choice, where and when")]
    pub player: Option<String>,
    /// Which of that player's types [default: every one].
    #[arg(long = "type", value_name = "TYPE", help_heading = "Whose choice, where and when")]
    pub kind: Option<String>,
    /// A state variable at the start, where it is to differ; may be given several times.
    #[arg(long, value_name = "VARIABLE=VALUE", value_parser = assignment, allow_hyphen_values = true, help_heading = "Whose choice, where and when")]
    pub state: Vec<(String, String)>,
    /// Public belief at the start, where it is to differ; the player's other types keep their proportions. May be given several times.
    #[arg(long, value_name = "PLAYER.TYPE=PROBABILITY", value_parser = assignment, help_heading = "Whose choice, where and when")]
    pub belief: Vec<(String, String)>,
    /// Date, or number of periods, by which the war may be over [default: a year].
    #[arg(long, value_name = "DATE", help_heading = "Whose choice, where and when")]
    pub by: Option<String>,
    /// Only these levers, with commas between them.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Which levers, at what cost")]
    pub levers: Vec<String>,
    /// Most levers in a set [default: all of them].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64), help_heading = "Which levers, at what cost")]
    pub sets: Option<u32>,
    /// Take what this player's expected payoff falls by as the cost of a set, instead of the cost the scenario states.
    #[arg(long, value_name = "PLAYER", help_heading = "Which levers, at what cost")]
    pub cost_to: Option<String>,
    /// Find where the margin changes sign: of a parameter, or of the strength of a lever or of all `levers` (1 is in force). May be given several
    /// times.
    #[arg(long, value_name = "NAME[=LOW:HIGH]", value_parser = Range::read, allow_hyphen_values = true, help_heading = "What else is computed")]
    pub threshold: Vec<Range>,
    /// Follow that threshold over a parameter, a lever's strength, a state variable or a belief, PLAYER.TYPE; at most twice.
    #[arg(long, value_name = "NAME[=LOW:HIGH[:POINTS]]", value_parser = Range::read, allow_hyphen_values = true, help_heading = "What else is computed")]
    pub over: Vec<Range>,
    /// Values of what is looked for at which the margin is found first: sign changes closer together than these may be missed.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=1000), help_heading = "What else is computed")]
    pub scan: u32,
    /// Set every parameter to both ends of its range.
    #[arg(long, help_heading = "What else is computed")]
    pub tornado: bool,
    /// Put levers in force later, announced and by surprise: in these periods, with commas between them [default: shares of the horizon].
    #[arg(long, value_name = "PERIODS", num_args = 0..=1, require_equals = true, value_parser = Periods::read, help_heading = "What else is computed")]
    pub timing: Option<Option<Periods>>,
    /// Folder to write, which must not exist yet: the document, and every table as comma-separated values.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// What differs from the scenario as written.
    #[command(flatten)]
    pub change: ChangeOptions,
    /// How the games are solved.
    #[command(flatten)]
    pub options: SolveOptions,
}

/// Something, perhaps with values from here to there.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Its name.
    pub name: String,
    /// From where to where.
    pub range: Option<(f64, f64)>,
    /// In how many points.
    pub points: Option<usize>,
}

impl Range {
    /// Reads `name`, `name=low:high` or `name=low:high:points`.
    fn read(text: &str) -> Result<Self, String> {
        let wrong = || {
            "expected a name, or a name with a range, such as war_cost=0:0.1 or war_cost=0:0.1:9".to_owned()
        };
        let (name, range) = match text.split_once('=') {
            None => (text, None),
            Some((name, range)) => (name, Some(range)),
        };
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(wrong());
        }
        let Some(range) = range else { return Ok(Self { name, range: None, points: None }) };
        let number = |part: &str| part.trim().parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(wrong);
        let parts: Vec<&str> = range.split(':').collect();
        let (low, high, points) = match parts.as_slice() {
            [low, high] => (number(low)?, number(high)?, None),
            [low, high, points] => {
                (number(low)?, number(high)?, Some(points.trim().parse::<usize>().map_err(|_| wrong())?))
            }
            _ => return Err(wrong()),
        };
        Ok(Self { name, range: Some((low, high)), points })
    }

    /// As it would be typed.
    pub fn typed(&self) -> String {
        let mut out = self.name.clone();
        if let Some((low, high)) = self.range {
            out.push_str(&format!("={low}:{high}"));
        }
        if let Some(points) = self.points {
            out.push_str(&format!(":{points}"));
        }
        out
    }
}

/// Numbers of periods, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Periods(pub Vec<u32>);

impl Periods {
    fn read(text: &str) -> Result<Self, String> {
        let wrong = "expected numbers of periods with commas between them, such as 0,6,12";
        let list: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        let mut list = list.map_err(|_| wrong.to_owned())?;
        list.sort_unstable();
        list.dedup();
        Ok(Self(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_they_are_typed() {
        for text in ["a", "a=0:1", "us.high=-0.5:1:7"] {
            assert_eq!(Range::read(text).map(|range| range.typed()), Ok(text.to_owned()));
        }
        for wrong in ["", "=0:1", "a=", "a=1", "a=0:x", "a=0:1:2.5", "a=0:inf", "a=0:1:2:3"] {
            assert!(Range::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn periods_come_in_order_and_once() {
        assert_eq!(Periods::read("12, 3,3"), Ok(Periods(vec![3, 12])));
        assert!(Periods::read("3,").is_err() && Periods::read("-1").is_err());
    }
}
