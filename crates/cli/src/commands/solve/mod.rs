//! `solve`: what the players do, what others believe, and a certificate.

mod point;
mod show;
mod view;

use armistice::game::Stage;
use armistice::scenario::Compiled;
use armistice::solve::{Certificate, Equilibrium, Settings, StageSolver, Status};
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::Solve;
use crate::change;
use crate::failure::Failure;
use crate::game_file::Format;
use crate::progress::ProgressLine;
use crate::session::{CARE, GOOD, HEADING, Session, styled};
use crate::text::{count, plural, small};
use crate::work::{self, Stamp};

use point::Point;
use view::View;

const SCHEMA: &str = "armistice.solve/1";

/// Points (period, state, belief) that the certificate checks, at most.
const SAMPLE: usize = 20_000;

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    stamp: &'a Stamp,
    status: &'static str,
    period: u32,
    state: String,
    beliefs: &'a [view::PlayerBelief],
    values: &'a [view::PlayerValues],
    nodes: &'a [view::MoveNode],
    margins: &'a [view::Margin],
    certificate: &'a Certificate,
}

/// Solves and shows.
pub fn run(session: &Session, arguments: &Solve) -> Result<(), Failure> {
    if let Some(format) = Format::of(&arguments.scenario) {
        return super::finite::solve(session, arguments, format);
    }
    let solved = Solved::new(session, arguments)?;
    let text = if session.json {
        solved.document(session, arguments)?
    } else {
        let (point, view) = solved.view(arguments)?;
        format!(
            "{}\n\n{}\n\n{}\n\n{}",
            head(&solved.stamp),
            show::show(&solved.compiled.game, &point, &view),
            certificate_text(&solved.certificate, &solved.equilibrium.status),
            foot(&solved.stamp),
        )
    };
    session.say(&text)?;
    verdict(&solved.equilibrium.status)
}

/// A scenario, its solution and the certificate.
pub struct Solved {
    /// The game.
    pub compiled: Compiled,
    /// Its solution.
    pub equilibrium: Equilibrium,
    certificate: Certificate,
    stamp: Stamp,
}

impl Solved {
    /// Solves the scenario that the arguments name, where they do not name a finite game.
    pub fn new(session: &Session, arguments: &Solve) -> Result<Self, Failure> {
        super::finite::refuse_options(session, arguments)?;
        let opened = work::open(session, &arguments.scenario, &arguments.options, SCHEMA)?;
        let change = change::change(&opened.scenario, &arguments.change)?;
        let compiled = work::compile(session, &opened, &change, &arguments.options, SCHEMA)?;
        // A place that does not exist is refused before the work, not after it.
        Point::find(&compiled.game, &compiled.start_belief, arguments)?;
        let settings = work::settings(&arguments.options);
        let equilibrium = work::solve(session, &compiled, &settings)?;
        let certificate = certify(session, &compiled, &equilibrium, &settings)?;
        let words = change::words(&arguments.change);
        let command = work::command("solve", &arguments.scenario, words, &arguments.options, None);
        let stamp = Stamp::new(&opened.scenario, &settings, None, command);
        Ok(Self { compiled, equilibrium, certificate, stamp })
    }

    /// What is played where the arguments look.
    fn view(&self, arguments: &Solve) -> Result<(Point, View), Failure> {
        let game = &self.compiled.game;
        let point = Point::find(game, &self.compiled.start_belief, arguments)?;
        let Some(Stage::Play(tree)) = game.stages.get(point.state.index()) else {
            return Ok((point, View::over()));
        };
        let beliefs = [point.belief.clone()];
        let found = StageSolver::new(game, &self.equilibrium).solve(point.period, point.state, &beliefs);
        let assessment =
            found.first().ok_or_else(|| Failure::Bug { what: "a stage gave no assessment".to_owned() })?;
        let view = View::new(game, tree, assessment, &point.belief, arguments.all);
        Ok((point, view))
    }

    /// The document of `--json` for where the arguments look.
    pub fn document(&self, session: &Session, arguments: &Solve) -> Result<String, Failure> {
        let (point, view) = self.view(arguments)?;
        let document = Document {
            ok: self.equilibrium.status == Status::Certified,
            stamp: &self.stamp,
            status: status_name(&self.equilibrium.status),
            period: point.period,
            state: self.compiled.game.state_label(point.state),
            beliefs: &view.beliefs,
            values: &view.values,
            nodes: &view.nodes,
            margins: &view.margins,
            certificate: &self.certificate,
        };
        session.document_text(SCHEMA, &document)
    }
}

/// Exit code 4 unless certified.
pub fn verdict(status: &Status) -> Result<(), Failure> {
    match status {
        Status::Certified => Ok(()),
        other => Err(Failure::NotCertified { status: status_text(other) }),
    }
}

fn head(stamp: &Stamp) -> String {
    styled(HEADING, &stamp.scenario)
}

fn foot(stamp: &Stamp) -> String {
    format!(
        "armistice {} · scenario {} · {} belief points · {}",
        stamp.version,
        stamp.scenario_hash.get(..8).unwrap_or_default(),
        stamp.settings.belief_points,
        stamp.command,
    )
}

/// The certificate, with the comparison to a coarser grid.
fn certify(
    session: &Session,
    compiled: &armistice::scenario::Compiled,
    equilibrium: &armistice::solve::Equilibrium,
    settings: &Settings,
) -> Result<Certificate, Failure> {
    let line = ProgressLine::new(session.quiet);
    let update = |progress: Progress<'_>| line.update(progress);
    let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
    let mut certificate = armistice::solve::certify(&compiled.game, equilibrium, SAMPLE, &control);
    if settings.belief_points >= 3 {
        let coarse = Settings { belief_points: settings.belief_points.div_ceil(2), ..settings.clone() };
        let coarse =
            armistice::solve::solve(&compiled.game, &coarse, &control).map_err(work::solve_failure)?;
        certificate.grid_error = Some(armistice::solve::grid_error(&compiled.game, equilibrium, &coarse));
    }
    session.go_on("nothing was written; run the same command again")?;
    Ok(certificate)
}

/// The status as one word.
pub fn status_name(status: &Status) -> &'static str {
    match status {
        Status::Certified => "certified",
        Status::Approximate => "approximate",
        Status::NotConverged { .. } => "not_converged",
        Status::NotStationary { .. } => "not_stationary",
        Status::Cancelled => "cancelled",
    }
}

/// The status in words.
pub fn status_text(status: &Status) -> String {
    match status {
        Status::Certified => "certified: every point is within the residual asked for".to_owned(),
        Status::Approximate => "approximate: some points are only within 1e-6".to_owned(),
        Status::NotConverged { points, .. } => {
            format!("{} did not converge", plural(usize::try_from(*points).unwrap_or(usize::MAX), "point"))
        }
        Status::NotStationary { change } => {
            format!("values still moved by {} in the last period", small(*change))
        }
        Status::Cancelled => "stopped on request".to_owned(),
    }
}

fn certificate_text(certificate: &Certificate, status: &Status) -> String {
    let style = if *status == Status::Certified { GOOD } else { CARE };
    let mut out = vec![
        styled(HEADING, "Certificate"),
        format!("  status        {}", styled(style, status_text(status))),
        format!("  residual      {} in probability", small(certificate.residual)),
        format!(
            "  regret        {} in payoff ({} of the payoff range; logit choice allows {})",
            small(certificate.regret),
            small(certificate.regret_share),
            small(certificate.regret_bound),
        ),
        format!("  value error   {} in payoff", small(certificate.value_error)),
    ];
    if let Some(grid) = &certificate.grid_error {
        out.push(format!(
            "  grid error    {} in payoff at the start ({} against {} belief points: {})",
            small(grid.richardson),
            certificate.belief_points,
            grid.coarse_points,
            small(grid.start_difference),
        ));
    }
    out.push(format!(
        "  points        {} solved, {} checked independently",
        count(u128::from(certificate.counts.points)),
        count(u128::from(certificate.checked)),
    ));
    if let Status::NotConverged { examples, .. } = status {
        for point in examples.iter().take(5) {
            out.push(format!(
                "  not converged period {}, state {}, belief point {}, residual {}",
                point.period,
                point.state.index(),
                point.point,
                small(point.residual),
            ));
        }
    }
    out.join("\n")
}
