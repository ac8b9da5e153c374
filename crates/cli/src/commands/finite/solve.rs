//! `solve GAME`: follows the branch of quantal response equilibria from uniform play, and checks where it leads.

use std::path::Path;

use armistice::game::FiniteGame;
use armistice::solve::tree::{
    PathCounts, PathEnd, PathEvent, PathPoint, PathSettings, QrePath, TreeCertificate, certify_profile, trace,
};
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::{At, Solve};
use crate::failure::Failure;
use crate::game_file::{self, Format};
use crate::progress::ProgressLine;
use crate::run_folder::write_whole_with;
use crate::session::Session;
use crate::text::small;

use super::labels::{Labels, Strategies};
use super::{Sizes, only_what_applies, plot, rows, show, tree_failure};

const SCHEMA: &str = "armistice.solve-game/1";

/// Largest regret of an equilibrium, as a share of the payoff range of the player who has it: what is left at λ = 1e6 where
/// payoffs differ by about 1, and far above round-off.
pub const EQUILIBRIUM: f64 = 1e-6;

/// Largest distance from logit responses of a quantal response equilibrium: what round-off makes of payoffs near 1 at λ = 1e6,
/// with room.
const LOGIT: f64 = 1e-6;

/// Largest error of Σ σ = 1 of an equilibrium: many sums of double precision, and nothing else.
pub const MASS: f64 = 1e-9;

/// What a result was made from and how.
#[derive(Debug, Serialize)]
pub struct Stamp {
    /// Version of this program.
    pub version: &'static str,
    /// Title of the game.
    pub game: String,
    /// blake3 of the file.
    pub game_hash: String,
    /// How the path was followed.
    pub settings: PathSettings,
    /// A command that gives the same result.
    pub command: String,
}

/// What the last point of a path is.
#[derive(Debug)]
pub enum Verdict {
    /// No player would gain more than [`EQUILIBRIUM`] by playing differently.
    Verified,
    /// That was not shown.
    Unverified {
        /// Whether it is a quantal response equilibrium at its λ all the same.
        quantal: bool,
        /// Why not.
        why: String,
        /// What to do about it.
        hint: String,
    },
}

impl Verdict {
    fn new(path: &QrePath, profile: &[f64]) -> Self {
        let found = &path.certificate;
        let quantal = quantal(path);
        let unverified = |why: String, hint: &str| Self::Unverified { quantal, why, hint: hint.to_owned() };
        let finite = found.payoffs.iter().chain(&found.regret).chain(profile).all(|x| x.is_finite());
        if !finite || path.points.is_empty() {
            unverified(
                "there is no number for some of its payoffs".to_owned(),
                "choose other units for payoffs",
            )
        } else if !(found.mass_error <= MASS) {
            unverified(
                format!("probabilities miss 1 by {}", small(found.mass_error)),
                "probabilities of chance in the file may be rounded; write them as fractions",
            )
        } else if !found.perfect_recall {
            unverified(
                "without perfect recall the largest gain of a player is not known".to_owned(),
                "gains at single information sets are: see the agent regret",
            )
        } else if found.relative <= EQUILIBRIUM {
            Self::Verified
        } else {
            let why = format!("regret {} of the payoff range, above {EQUILIBRIUM:e}", small(found.relative));
            let hint = match path.end {
                PathEnd::Reached if quantal => {
                    "it is a quantal response equilibrium at its λ; a larger --max-lambda leads closer to an equilibrium"
                }
                PathEnd::Points => "the branch is too long to be followed whole",
                _ => "the branch could not be followed further; --path FILE shows how far it came",
            };
            unverified(why, hint)
        }
    }
}

/// Whether the last point of a path is a quantal response equilibrium at its λ, by the independent check.
fn quantal(path: &QrePath) -> bool {
    let found = &path.certificate;
    found.residual.is_some_and(|residual| residual <= LOGIT) && found.mass_error <= MASS
}

/// A point that was asked for.
#[derive(Debug, Serialize)]
pub struct Wanted<'a> {
    /// Its λ.
    pub lambda: f64,
    /// Whether the path has a point there.
    pub found: bool,
    /// max |played − best response at λ|, by the solver.
    pub residual: Option<f64>,
    /// The point, checked.
    pub certificate: Option<TreeCertificate>,
    /// Probabilities.
    pub strategies: Option<Strategies<'a>>,
}

/// The whole path in a document.
#[derive(Serialize)]
struct WholePath<'a> {
    /// `player/infoset/action`, in the order of the profiles.
    actions: Vec<String>,
    points: &'a [PathPoint],
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    stamp: &'a Stamp,
    status: &'static str,
    why: Option<&'a str>,
    /// Whether the last point answers payoffs as λ asks, equilibrium or not.
    quantal_response: bool,
    size: &'a Sizes,
    lambda: f64,
    end: PathEnd,
    counts: PathCounts,
    events: &'a [PathEvent],
    certificate: &'a TreeCertificate,
    strategies: Strategies<'a>,
    at: &'a [Wanted<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<WholePath<'a>>,
}

/// Solves and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    if arguments.finite.cfr.is_some() {
        return super::regret::solve(session, arguments, format);
    }
    if arguments.finite.nash {
        return super::exact::solve(session, arguments, format);
    }
    if arguments.finite.equilibria {
        return super::several::solve(session, arguments, format);
    }
    if arguments.finite.branches {
        return super::branches::solve(session, arguments, format);
    }
    if arguments.finite.pure {
        return super::pure::solve(session, arguments, format);
    }
    let file_name = arguments.scenario.as_path();
    only_what_applies(session, file_name)?;
    let settings = settings(arguments)?;
    let options = &arguments.finite;
    for target in [&options.path, &options.plot].into_iter().flatten() {
        writable(target, file_name)?;
    }
    if options.with_path && !session.json {
        return Err(Failure::Usage {
            what: "--with-path needs --json: it adds to the document".to_owned(),
            hint: Some("--path FILE writes the branch as rows".to_owned()),
        });
    }
    if options.path.is_some() && options.path == options.plot {
        return Err(Failure::usage("--path and --plot name the same file"));
    }
    let file = game_file::open(session, file_name, format, SCHEMA)?;
    let size = Sizes::new(&file)?;
    let game = &file.tree;
    let path = follow(session, game, &settings)?;
    let labels = Labels::new(game);
    let last = path.points.last();
    let profile = last.map_or(&[] as &[f64], |point| &point.profile);
    let verdict = Verdict::new(&path, profile);
    let stamp = Stamp {
        version: env!("CARGO_PKG_VERSION"),
        game: super::title(game),
        game_hash: file.hash.clone(),
        command: command(file_name, arguments, &settings),
        settings,
    };
    let wanted = stamp
        .settings
        .at
        .iter()
        .map(|lambda| at(game, &labels, &path, *lambda))
        .collect::<Result<Vec<_>, _>>()?;

    if let Some(target) = &options.path {
        write_whole_with(target, |out| rows::write(out, &labels, &path.points))?;
    }
    if let Some(target) = &options.plot {
        let drawing = plot::draw(&stamp.game, &labels, &path);
        write_whole_with(target, |out| std::io::Write::write_all(out, drawing.as_bytes()))?;
    }
    if session.json {
        session.document(
            SCHEMA,
            &Document {
                ok: matches!(verdict, Verdict::Verified),
                stamp: &stamp,
                status: match verdict {
                    Verdict::Verified => "verified",
                    Verdict::Unverified { .. } => "not_verified",
                },
                why: match &verdict {
                    Verdict::Verified => None,
                    Verdict::Unverified { why, .. } => Some(why),
                },
                quantal_response: quantal(&path),
                size: &size,
                lambda: last.map_or(0.0, |point| point.lambda),
                end: path.end,
                counts: path.counts,
                events: &path.events,
                certificate: &path.certificate,
                strategies: Strategies { labels: &labels, profile },
                at: &wanted,
                path: options.with_path.then(|| WholePath { actions: labels.keys(), points: &path.points }),
            },
        )?;
    } else {
        let shown = show::Shown {
            stamp: &stamp,
            size: &size,
            labels: &labels,
            path: &path,
            verdict: &verdict,
            wanted: &wanted,
            all: arguments.all,
        };
        session.say(&shown.text())?;
    }
    for target in [&options.path, &options.plot].into_iter().flatten() {
        session.note(&format!("wrote {}", target.display()));
    }
    match verdict {
        Verdict::Verified => Ok(()),
        // Who asks for a λ wants the quantal response there.
        Verdict::Unverified { .. }
            if arguments.finite.max_lambda.is_some() && path.end == PathEnd::Reached && quantal(&path) =>
        {
            Ok(())
        }
        Verdict::Unverified { why, hint, .. } => Err(Failure::NotEquilibrium { why, hint }),
    }
}

fn follow(session: &Session, game: &FiniteGame, settings: &PathSettings) -> Result<QrePath, Failure> {
    let line = ProgressLine::new(session.quiet);
    let update = |progress: Progress<'_>| line.update(progress);
    let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
    let path = trace(game, settings, &control).map_err(tree_failure)?;
    drop(line);
    session.go_on("nothing was written; run the same command again, or with a smaller --max-lambda")?;
    Ok(path)
}

/// How to follow the path: λ wanted in ascending order, each once.
pub fn settings(arguments: &Solve) -> Result<PathSettings, Failure> {
    let mut settings = PathSettings::default();
    if let Some(lambda) = arguments.finite.max_lambda {
        settings.max_lambda = lambda;
    }
    for at in &arguments.at {
        match at {
            At::Lambdas(lambdas) => settings.at.extend(lambdas),
            At::State(name, value) => {
                return Err(Failure::Usage {
                    what: format!("--at {name}={value} is for scenarios; a finite game takes numbers"),
                    hint: Some("name the λ that are wanted, such as --at 1,2.5,10".to_owned()),
                });
            }
        }
    }
    settings.at.sort_by(f64::total_cmp);
    settings.at.dedup();
    if let Some(beyond) = settings.at.iter().find(|at| **at > settings.max_lambda) {
        return Err(Failure::Usage {
            what: format!(
                "λ = {} of --at is beyond the largest λ, {}",
                beyond,
                show::number(settings.max_lambda)
            ),
            hint: Some("raise it with --max-lambda".to_owned()),
        });
    }
    Ok(settings)
}

/// Fails before long work when a file could not be written after it, or is the one that is read.
fn writable(target: &Path, source: &Path) -> Result<(), Failure> {
    let same = |a: &Path, b: &Path| a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b));
    if same(target, source) {
        return Err(Failure::usage(format!("{} is the game itself; name another file", target.display())));
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let why = if !folder.is_dir() {
        format!("there is no folder {}", folder.display())
    } else if target.is_dir() {
        "it is a folder".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::Io { doing: "write", path: target.to_owned(), why })
}

/// The point of the path at a λ, checked.
fn at<'a>(
    game: &FiniteGame,
    labels: &'a Labels,
    path: &'a QrePath,
    lambda: f64,
) -> Result<Wanted<'a>, Failure> {
    let point = path.points.iter().find(|point| point.lambda == lambda);
    let certificate =
        point.map(|point| certify_profile(game, &point.profile, Some(lambda)).map_err(tree_failure));
    Ok(Wanted {
        lambda,
        found: point.is_some(),
        residual: point.map(|point| point.residual),
        certificate: certificate.transpose()?,
        strategies: point.map(|point| Strategies { labels, profile: &point.profile }),
    })
}

/// A command line that gives the same result.
fn command(file: &Path, arguments: &Solve, settings: &PathSettings) -> String {
    let name = file.display().to_string();
    let name = if name.contains(char::is_whitespace) { format!("'{name}'") } else { name };
    let mut out = format!("armistice solve {name}");
    if let Some(lambda) = arguments.finite.max_lambda {
        out.push_str(&format!(" --max-lambda {lambda}"));
    }
    if !settings.at.is_empty() {
        let list: Vec<String> = settings.at.iter().map(ToString::to_string).collect();
        out.push_str(&format!(" --at {}", list.join(",")));
    }
    out
}
