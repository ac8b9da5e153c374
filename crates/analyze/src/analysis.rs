//! The main job: everything that is asked of a scenario, in one document.

use std::slice;
use std::sync::Arc;

use armistice_game::PlayerId;
use armistice_scenario::Scenario;
use armistice_solve::{Control, Status, certify, compare_selections, grid_error};

use crate::AnalyzeError;
use crate::evaluate::{Measures, cases_of};
use crate::findings::{
    Agreement, Answer, DataFile, Findings, Levers, Missing, Outcome, Provenance, SCHEMA, Sensitivity,
};
use crate::forward::{Propagation, Spread, Start};
use crate::levers::{curve, timing};
use crate::options::{Audit, Options};
use crate::parts::levers::Which;
use crate::parts::{
    answer, bargaining, certificate, claims, levers, margins, outlook, record, sensitivity, signals, words,
};
use crate::run::Run;
use crate::runs::{Runs, Solved, Variation, start_of};
use crate::simulate::{Simulation, Trajectory, simulate};
use crate::survey;

/// The result of [`analyze`].
#[derive(Clone, Debug)]
pub struct Analysis {
    /// What was found.
    pub findings: Findings,
    /// The main game and its solution.
    pub solved: Solved,
    /// Where the war starts.
    pub start: Start,
    /// The first [`Options::keep`] simulated wars, step by step.
    pub trajectories: Vec<Trajectory>,
}

/// Solves a scenario and computes everything a report shows.
///
/// The main solution is followed forward and simulated; variations (cases, levers, parameters) are solved on the coarser audit
/// grid and only compared with each other. When the control is canceled after the main solution, what is done is returned
/// and what is not is listed in [`Findings::missing`].
///
/// - cost: two solutions, and one on the audit grid for every case, set of levers, precision, and end of a parameter's range that
///   changes the game.
/// - errors: a scenario that does not compile, a game that cannot be solved, [`AnalyzeError::Cancelled`] before the main
///   solution was there.
pub fn analyze(
    scenario: &Scenario,
    options: &Options,
    control: &Control<'_>,
) -> Result<Analysis, AnalyzeError> {
    let base = Variation::base(Arc::new(scenario.clone()));
    let attacker = PlayerId::new(scenario.about.attacker);
    let main_pass = Propagation {
        spread: Spread::Merge { limit: options.nodes },
        margins: Some(attacker),
        ..Propagation::default()
    };
    let main = Runs::new(options.settings.clone(), options.limits, main_pass, control);
    let solved = main.solve(&base)?;
    let run = main.follow(&base, &solved)?;

    let quiet = Control { progress: None, cancel: control.cancel.clone() };
    let audit_pass =
        Propagation { spread: Spread::Merge { limit: options.audit_nodes }, ..Propagation::default() };
    let audit = Runs::new(options.audit_settings(&solved.compiled.game), options.limits, audit_pass, &quiet);

    let job = Job { scenario, options, control, base, main, audit, solved, run };
    let (findings, trajectories) = job.everything();
    let start = start_of(&job.solved.compiled);
    Ok(Analysis { findings, start, trajectories, solved: job.solved })
}

struct Job<'a> {
    scenario: &'a Scenario,
    options: &'a Options,
    control: &'a Control<'a>,
    base: Variation,
    main: Runs<'a>,
    audit: Runs<'a>,
    solved: Solved,
    run: Run,
}

/// Parts that failed or were stopped.
#[derive(Default)]
struct Gaps(Vec<Missing>);

impl Gaps {
    /// The part, or nothing and a line that says why.
    fn keep<T>(&mut self, part: &str, result: Result<T, AnalyzeError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                let reason = match error {
                    AnalyzeError::Cancelled => "stopped on request".to_owned(),
                    other => format!("failed to {other}"),
                };
                self.0.push(Missing { part: part.to_owned(), reason });
                None
            }
        }
    }

    fn skip(&mut self, part: &str) {
        self.0.push(Missing { part: part.to_owned(), reason: "not asked for".to_owned() });
    }
}

impl Job<'_> {
    fn everything(&self) -> (Findings, Vec<Trajectory>) {
        let mut gaps = Gaps::default();
        let (scenario, run, compiled) = (self.scenario, &self.run, &self.solved.compiled);
        let coarse = gaps.keep("grid errors", self.audit.get(&self.base));
        let rough = coarse.as_deref();

        let mut survival = outlook::survival(scenario, run, rough);
        let mut trajectories = Vec::new();
        if self.options.trajectories == 0 {
            gaps.skip("survival.cross_check");
        } else if let Some((summary, kept)) = gaps.keep("survival.cross_check", self.simulate()) {
            survival.cross_check = Some(outlook::cross_check(scenario, run, &summary));
            trajectories = kept;
        }
        let mut margins = margins::margins(scenario, run, rough);
        if let Some(margins) = &mut margins {
            let game = &compiled.game;
            let surfaces =
                margins::surfaces(scenario, game, &self.solved.equilibrium, &run.start, self.control);
            margins.surfaces = gaps.keep("margins.surfaces", surfaces).unwrap_or_default();
        }

        // The main run is in no cache of its own: measures find it there.
        let main = self.measures_of_main();
        let audit = Measures::new(&self.audit, &self.base);
        let headline: Vec<_> = survey::headline(scenario).iter().map(|m| &m.value).collect();
        let ready = claims::prepare(&self.audit, &self.base, &headline, "solving cases", self.control);
        let headlines = ready.and_then(|()| answer::headlines(scenario, &main, &audit));
        let (mut headlines, grid_errors) = gaps.keep("answer", headlines).unwrap_or_default();

        let mut found_claims =
            gaps.keep("claims", claims::claims(&self.audit, &self.base, self.control)).unwrap_or_default();
        let calibration =
            gaps.keep("calibration", claims::calibration(&main, &audit, scenario)).unwrap_or_default();

        let plain = gaps.keep("comparisons", survey::outcome(&self.audit, &self.base));
        let plain = plain.map(|outcome| survey::compared(outcome.clone(), &outcome));
        let mut levers = None;
        let mut sensitivity = Sensitivity::default();
        if let Some(plain) = &plain {
            if !self.options.levers {
                gaps.skip("levers");
            } else {
                levers = gaps.keep("levers", self.levers(plain)).flatten();
            }
            sensitivity = self.sensitivity(plain, &mut gaps);
        }
        self.judge_again(&mut found_claims, &sensitivity, &mut gaps);
        answer::span(&mut headlines, &sensitivity.tornado);
        let changes = answer::changes(scenario, &headlines, &sensitivity.tornado, levers.as_ref());

        let certificate = self.certificate(grid_errors, &mut gaps);
        let record = gaps.keep("record", record::record(scenario)).flatten();
        let data = gaps.keep("provenance.data", self.data()).unwrap_or_default();
        let warnings = self.warnings(&survival, &certificate);
        let findings = Findings {
            schema: SCHEMA.into(),
            provenance: self.provenance(data),
            about: words::about(scenario),
            answer: Answer { measures: headlines, changes },
            record,
            players: words::players(scenario, run),
            variables: words::variables(scenario),
            stages: words::stages(scenario, compiled, run),
            endings: words::endings(scenario, run),
            cases: words::cases(scenario),
            margins,
            survival: Some(survival),
            terms: outlook::terms(scenario, run, rough),
            observables: outlook::observables(scenario, run),
            beliefs: outlook::beliefs(scenario, run),
            signals: signals::signals(scenario, compiled, run),
            bargaining: bargaining::bargaining(scenario, run, rough),
            levers,
            claims: found_claims,
            audit: None,
            calibration,
            sensitivity,
            certificate: Some(certificate),
            parameters: words::parameters(scenario, run),
            missing: gaps.0,
            warnings,
        };
        (findings, trajectories)
    }

    /// Measures of the main solution.
    fn measures_of_main(&self) -> Measures<'_> {
        self.main.insert(&self.base, self.run.clone());
        Measures::new(&self.main, &self.base)
    }

    fn simulate(&self) -> Result<(crate::simulate::Summary, Vec<Trajectory>), AnalyzeError> {
        let what = Simulation {
            trajectories: self.options.trajectories,
            seed: self.options.seed,
            keep: self.options.keep,
            ..Simulation::default()
        };
        let game = &self.solved.compiled.game;
        simulate(game, &self.solved.equilibrium, &self.run.start, &what, self.control)
    }

    fn sensitivity(&self, plain: &Outcome, gaps: &mut Gaps) -> Sensitivity {
        if !self.options.sensitivity {
            gaps.skip("sensitivity");
            return Sensitivity::default();
        }
        let (audit, base, control) = (&self.audit, &self.base, self.control);
        let precision = sensitivity::precision(audit, base, plain, control);
        let prior = sensitivity::prior(audit, base, &self.run, plain, control);
        let mut out = Sensitivity {
            grid_points: Some(audit.grid_points()),
            precision: gaps.keep("sensitivity.precision", precision).unwrap_or_default(),
            prior: gaps.keep("sensitivity.prior", prior).flatten(),
            ..Sensitivity::default()
        };
        let tornado = sensitivity::tornado(audit, base, &self.run, plain, control);
        if let Some(tornado) = gaps.keep("sensitivity.tornado", tornado) {
            let thresholds = sensitivity::thresholds(audit, base, &tornado, control);
            out.thresholds = gaps.keep("sensitivity.thresholds", thresholds).unwrap_or_default();
            out.tornado = tornado;
        }
        let derivatives = sensitivity::derivatives(&self.main, base, control);
        if let Some(derivatives) = gaps.keep("sensitivity.derivatives", derivatives) {
            out.derivative_points = Some(self.main.grid_points());
            out.derivatives = derivatives;
        }
        out
    }

    /// Sets of levers; all of them together from later on, and at other strengths.
    fn levers(&self, plain: &Outcome) -> Result<Option<Levers>, AnalyzeError> {
        let (runs, base, control) = (&self.audit, &self.base, self.control);
        let which = Which::all(self.scenario);
        let Some(mut found) = levers::levers(runs, base, plain, &which, control)? else { return Ok(None) };
        let periods = timing::dates(self.scenario);
        found.timing =
            timing::timing(runs, base, slice::from_ref(&which.levers), &periods, which.by, control)?;
        if let Some(search) = curve::strength_over_belief(self.scenario, &which.levers) {
            found.curves.push(curve::curve(runs, base, &search, control)?);
        }
        Ok(Some(found))
    }

    /// Judges claims again under other precisions and parameters.
    fn judge_again(&self, found: &mut [crate::findings::Claim], sensitivity: &Sensitivity, gaps: &mut Gaps) {
        if self.options.audit == Audit::Base || found.is_empty() {
            if !found.is_empty() {
                gaps.skip("claims.under");
            }
            return;
        }
        let scenario = self.scenario;
        let alone = |e: &armistice_scenario::Expression| cases_of(scenario, &[e]).is_empty();
        let mut jobs: Vec<(String, f64, Variation, bool)> = [0.5, 1.5]
            .map(|scale| ("precision".to_owned(), scale, self.base.with_precision(scale), true))
            .to_vec();
        let most = match self.options.audit {
            Audit::Ranges(most) => most,
            Audit::Base | Audit::Precision => 0,
        };
        for (rank, row) in sensitivity.tornado.iter().enumerate() {
            let Some(position) = scenario.parameters.iter().position(|p| p.name == row.parameter) else {
                continue;
            };
            for value in [row.low, row.high] {
                let variation = self.base.with_parameter(position, value);
                jobs.push((row.parameter.clone(), value, variation, rank < most));
            }
        }
        let total = jobs.len() as u64;
        for (done, (what, setting, variation, all)) in jobs.iter().enumerate() {
            self.control.report("judging claims again", done as u64, Some(total));
            let verdicts = if *all {
                claims::prepare(
                    &self.audit,
                    variation,
                    &claims::propositions(scenario),
                    "judging claims again",
                    &Control { progress: None, cancel: self.control.cancel.clone() },
                )
                .and_then(|()| claims::under(&self.audit, variation, what, *setting, &|_| true))
            } else {
                claims::under(&self.audit, variation, what, *setting, &alone)
            };
            let Some(verdicts) = gaps.keep("claims.under", verdicts) else { return };
            for (claim, verdict) in found.iter_mut().zip(verdicts) {
                claim.under.extend(verdict);
            }
        }
    }

    fn certificate(
        &self,
        grid_errors: Vec<crate::findings::GridErrorRow>,
        gaps: &mut Gaps,
    ) -> crate::findings::Certificate {
        let (game, equilibrium) = (&self.solved.compiled.game, &self.solved.equilibrium);
        let mut proof = certify(game, equilibrium, self.options.certified_points, self.control);
        if let Some(coarse) = gaps.keep("certificate.value_grid_error", self.audit.solve(&self.base)) {
            proof.grid_error = Some(grid_error(game, equilibrium, &coarse.equilibrium));
        }
        if self.control.cancel.is_canceled() {
            let _: Option<()> = gaps.keep("certificate.selections", Err(AnalyzeError::Cancelled));
        } else {
            proof.selections = compare_selections(
                game,
                equilibrium,
                &self.options.selections,
                self.options.selection_points,
                self.control,
            );
        }
        let forward = self.run.outlook.payoff_error(&self.run.values);
        certificate::certificate(game, &proof, Some(forward), grid_errors)
    }

    fn data(&self) -> Result<Vec<DataFile>, AnalyzeError> {
        let Some(data) = &self.scenario.data else { return Ok(Vec::new()) };
        let path = data.observed.to_string_lossy().replace('\\', "/");
        let failed =
            |error: std::io::Error| AnalyzeError::Data { path: path.clone(), what: error.to_string() };
        let bytes = std::fs::read(self.scenario.folder.join(&data.observed)).map_err(failed)?;
        Ok(vec![DataFile { hash: blake3::hash(&bytes).to_hex().to_string(), path }])
    }

    fn provenance(&self, data: Vec<DataFile>) -> Provenance {
        let (game, settings) = (&self.solved.compiled.game, &self.options.settings);
        Provenance {
            version: env!("CARGO_PKG_VERSION").into(),
            command: self.options.stamp.command.clone(),
            date: self.options.stamp.date.clone(),
            scenario_hash: self.scenario.hash.clone(),
            data,
            seed: self.options.seed,
            grid_points: settings.belief_points,
            audit_grid_points: self.audit.grid_points(),
            selection: certificate::selection_word(settings.selection).into(),
            residual: settings.residual,
            trajectories: self.options.trajectories,
            states: game.states.len(),
            unreachable_states: game.unreachable,
            periods: self.run.horizon(),
            solved_games: self.main.solved() + self.audit.solved(),
        }
    }

    fn warnings(
        &self,
        survival: &crate::findings::Survival,
        certificate: &crate::findings::Certificate,
    ) -> Vec<String> {
        let mut out = Vec::new();
        match &self.solved.equilibrium.status {
            Status::Certified | Status::Approximate | Status::Cancelled => {}
            Status::NotConverged { points, .. } => {
                out.push(format!("{points} stage games of the main solution did not converge."));
            }
            Status::NotStationary { change } => {
                out.push(format!("Values still moved by {change:.1e} when the solver gave up."));
            }
        }
        let troubled = self.audit.troubled();
        if troubled > 0 {
            out.push(format!(
                "In {troubled} of the games solved for comparison some stage games did not converge."
            ));
        }
        if survival.cross_check.as_ref().is_some_and(|check| check.agreement == Agreement::Differ) {
            out.push(
                "Simulated wars differ from those followed forward by more than four standard errors.".into(),
            );
        }
        for check in certificate.selections.iter().filter(|check| check.different > 0) {
            out.push(format!(
                "Another equilibrium was found in {} of {} stage games ({} selection).",
                check.different, check.points, check.selection
            ));
        }
        if self.run.outlook.dropped > 1e-9 {
            let share = self.run.outlook.dropped;
            out.push(format!("Paths with a total probability of {share:.1e} were not followed."));
        }
        out
    }
}
