//! Levers: what each of them, and every set of them, does to the choice between stopping and going on, when, how strongly, and at whose cost.
//!
//! A [`LeverStudy`] resolves the names of a question and answers it; `run` answers a part of the same questions for its report.

mod ask;
pub(crate) mod curve;
pub(crate) mod effects;
mod tables;
pub(crate) mod timing;

use std::sync::Arc;

use armistice_scenario::{Change, Period, Scenario};
use armistice_solve::{Control, Settings};
use serde::{Deserialize, Serialize};

pub use self::ask::Problem;
use self::ask::{Asked, resolve};
pub use self::tables::tables;
pub use self::timing::dates;
use crate::AnalyzeError;
use crate::findings::{Levers, TornadoRow};
use crate::forward::{Propagation, Spread};
use crate::options::Options;
use crate::parts::levers::{Which, levers};
use crate::parts::outlook::date;
use crate::parts::sensitivity;
use crate::runs::{Runs, Variation};
use crate::survey::{compared, outcome};

/// What is asked about levers.
#[derive(Clone, Debug)]
pub struct LeverSettings {
    /// Whose stopping margin; nothing is the attacker.
    pub player: Option<String>,
    /// One of that player's types; nothing is every one.
    pub kind: Option<String>,
    /// Levers, by name; nothing is all that are not in force already.
    pub levers: Vec<String>,
    /// Most levers in a set; nothing is any number.
    pub largest: Option<usize>,
    /// What is in force besides: a case, other precisions.
    pub change: Change,
    /// State variables at the start and their values.
    pub state: Vec<(String, String)>,
    /// Beliefs at the start: `player.type` and its probability.
    pub belief: Vec<(String, f64)>,
    /// Periods within which the war may be over.
    pub by: u32,
    /// Whose loss is the cost of a set; nothing is the stated cost.
    pub pays: Option<String>,
    /// Parameters and levers whose thresholds are found.
    pub thresholds: Vec<Span>,
    /// What thresholds are followed over.
    pub over: Vec<Span>,
    /// Values of what is looked for at which the margin is found first.
    pub scan: usize,
    /// Whether every parameter is set to both ends of its range.
    pub tornado: bool,
    /// Periods from which levers are in force.
    pub timing: Vec<u32>,
}

impl Default for LeverSettings {
    fn default() -> Self {
        Self {
            player: None,
            kind: None,
            levers: Vec::new(),
            largest: None,
            change: Change::default(),
            state: Vec::new(),
            belief: Vec::new(),
            by: 12,
            pays: None,
            thresholds: Vec::new(),
            over: Vec::new(),
            scan: 5,
            tornado: false,
            timing: Vec::new(),
        }
    }
}

/// Something that can be given values, and which.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// A parameter, a lever, `levers`, a state variable, or a belief as `player.type`.
    pub name: String,
    /// From where to where.
    pub range: Option<(f64, f64)>,
    /// How many values.
    pub points: Option<usize>,
}

/// Periods in a year, or the whole horizon where that is less: what `by` is where nothing else is said.
#[must_use]
pub fn a_year(scenario: &Scenario) -> u32 {
    let year = match scenario.about.period {
        Period::Day => 365,
        Period::Week => 52,
        Period::Month => 12,
        Period::Quarter => 4,
        Period::Year => 1,
    };
    scenario.about.horizon.map_or(year, |horizon| year.min(horizon))
}

/// What levers do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeverFindings {
    /// Title of the scenario.
    pub scenario: String,
    /// blake3 of its files.
    pub scenario_hash: String,
    /// How games are solved.
    pub settings: Settings,
    /// Name of the player whose stopping margin is meant by *margin*: the attacker, unless asked otherwise.
    pub player: String,
    /// The player's title.
    pub title: String,
    /// The type asked about; `null` is every one.
    pub kind: Option<String>,
    /// Whose loss is the cost of a set; `null` is the stated cost.
    pub pays: Option<String>,
    /// The state at the start, in words.
    pub state: String,
    /// The public belief at the start: player, type, probability.
    pub belief: Vec<(String, String, f64)>,
    /// The date of [`Levers::by`].
    pub by_date: Option<String>,
    /// Levers and sets of them.
    pub levers: Levers,
    /// Every parameter at both ends of its range; largest effect on the margin asked about first.
    pub tornado: Vec<TornadoRow>,
    /// Games solved in which some stage game did not converge.
    pub not_converged: usize,
}

/// A question about the levers of a scenario, with every name resolved.
#[derive(Clone, Debug)]
pub struct LeverStudy {
    base: Variation,
    asked: Asked,
    settings: LeverSettings,
    options: Options,
    /// Of the grid that all games here are solved on.
    solving: Settings,
}

/// Why a question cannot be answered.
#[derive(Debug)]
pub enum LeverError {
    /// Everything that is wrong with it.
    Problems(Vec<Problem>),
    /// The scenario does not compile as changed.
    Analyze(AnalyzeError),
}

impl LeverStudy {
    /// Resolves the names of a question.
    ///
    /// - cost: one compilation.
    /// - errors: [`LeverError`] with every problem at once.
    pub fn new(scenario: &Scenario, settings: &LeverSettings, options: &Options) -> Result<Self, LeverError> {
        let mut scenario = scenario.clone();
        let compiled = scenario.compile(&settings.change, &options.limits).map_err(|diagnostics| {
            let first = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first());
            let what = first.map_or_else(String::new, |d| d.message.clone());
            LeverError::Analyze(AnalyzeError::Compile { what })
        })?;
        let asked = resolve(&scenario, &compiled, settings).map_err(LeverError::Problems)?;
        // The player whose margin is asked for takes the attacker's place in everything below.
        scenario.about.attacker = asked.player;
        let base =
            Variation::base(Arc::new(scenario)).with_change(&settings.change).with_change(&asked.start);
        let solving =
            Settings { belief_points: options.audit_grid(&compiled.game), ..options.settings.clone() };
        Ok(Self { base, asked, settings: settings.clone(), options: options.clone(), solving })
    }

    /// How games are solved.
    #[must_use]
    pub fn solving(&self) -> &Settings {
        &self.solving
    }

    /// Answers the question. The same for any number of threads.
    ///
    /// - cost: one solution and one forward pass for every set of levers; what is asked besides as in [`LeverSettings`]: two solutions for each
    ///   parameter of a tornado, for thresholds and timing as [`crate::findings::Curve`] and [`crate::findings::Timing`] need.
    /// - errors: those of compiling and solving the scenario without levers, [`AnalyzeError::Cancelled`].
    pub fn findings(&self, control: &Control<'_>) -> Result<LeverFindings, AnalyzeError> {
        let (base, asked, settings) = (&self.base, &self.asked, &self.settings);
        let scenario = base.scenario();
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let pass = Propagation {
            spread: Spread::Merge { limit: self.options.audit_nodes },
            ..Propagation::default()
        };
        let runs = Runs::new(self.solving.clone(), self.options.limits, pass, &quiet);
        let run = runs.get(base)?;
        let plain = outcome(&runs, base)?;
        let plain = compared(plain.clone(), &plain);
        let which = Which { levers: asked.levers.clone(), largest: asked.largest, by: settings.by };
        let mut found = levers(&runs, base, &plain, &which, control)?.unwrap_or_default();
        for search in &asked.searches {
            found.curves.push(curve::curve(&runs, base, search, control)?);
        }
        if !asked.timing.is_empty() {
            found.timing =
                timing::timing(&runs, base, &asked.timing, &settings.timing, settings.by, control)?;
        }
        let mut tornado = Vec::new();
        if settings.tornado {
            tornado = sensitivity::tornado(&runs, base, &run, &plain, control)?;
            tornado.sort_by(|a, b| swing(b, settings).total_cmp(&swing(a, settings)));
        }
        let spec = scenario.players.get(asked.player);
        let belief = scenario.players.iter().enumerate().flat_map(|(position, player)| {
            let own = run.start.belief.of(&run.game, armistice_game::PlayerId::new(position));
            player.types.iter().zip(own).map(|(kind, p)| (player.name.clone(), kind.name.clone(), *p))
        });
        Ok(LeverFindings {
            scenario: scenario.about.title.clone(),
            scenario_hash: scenario.hash.clone(),
            settings: Settings { threads: None, ..self.solving.clone() },
            player: spec.map(|p| p.name.clone()).unwrap_or_default(),
            title: spec.map(|p| p.title.clone()).unwrap_or_default(),
            kind: settings.kind.clone(),
            pays: settings.pays.clone(),
            state: run.game.state_label(run.start.state),
            belief: belief.collect(),
            by_date: date(scenario, settings.by),
            levers: found,
            tornado,
            not_converged: runs.troubled(),
        })
    }
}

/// Largest move of the margin asked about: of any type, where none is.
fn swing(row: &TornadoRow, settings: &LeverSettings) -> f64 {
    let asked = |kind: &str| settings.kind.as_deref().is_none_or(|wanted| wanted == kind);
    let moves = row.at_low.margins.iter().chain(&row.at_high.margins);
    moves.filter(|m| asked(&m.kind)).filter_map(|m| m.difference).fold(0.0, |most, d| most.max(d.abs()))
}
