//! A sweep that several processes share: its plan, its parts, and a script that starts them.

use std::time::Instant;

use armistice::analyze::sweep::{self, Part, SweepFolder};
use armistice::{Control, Progress};
use serde::Serialize;

use super::{SCHEMA, failure, summary};
use crate::arguments::Sweep;
use crate::failure::Failure;
use crate::progress::ProgressLine;
use crate::run_folder::write_whole;
use crate::session::Session;
use crate::text::plural;
use crate::work::Opened;

/// More jobs than this in an array are refused by many clusters.
const PARTS: usize = 1000;

/// The document of `--plan`.
#[derive(Serialize)]
struct Planned<'a> {
    plan: &'a str,
    points: usize,
    shards: usize,
}

/// The document of `--shard`.
#[derive(Serialize)]
struct Computed<'a> {
    plan: &'a str,
    shards: usize,
    kept: usize,
    computed: usize,
}

/// Says what was planned, and how its parts are computed.
pub fn planned(session: &Session, arguments: &Sweep, folder: &SweepFolder) -> Result<(), Failure> {
    let plan = folder.plan();
    let parts = arguments.cluster.parts.map_or(plan.shards().min(PARTS), |n| n as usize);
    if let Some(path) = &arguments.cluster.slurm {
        write_whole(path, script(arguments, parts).as_bytes())?;
    }
    if session.json {
        let points = plan.points;
        return session
            .document(SCHEMA, &Planned { plan: folder.plan_hash(), points, shards: plan.shards() });
    }
    let (scenario, out) = (arguments.scenario.display(), arguments.out.display());
    let start = match &arguments.cluster.slurm {
        Some(path) => format!("  bash {}", path.display()),
        None => format!(
            "  armistice sweep {scenario} --out {out} --shard I/{parts}    each I from 1 to {parts}, in any order, anywhere\n  \
             armistice sweep {scenario} --out {out} --resume         then, once"
        ),
    };
    session.say(&format!("{} planned; computed by\n\n{start}", plural(plan.shards(), "shard")))
}

/// Computes one part.
pub fn part(
    session: &Session,
    opened: &Opened,
    arguments: &Sweep,
    (number, of): (u32, u32),
) -> Result<(), Failure> {
    let begun = Instant::now();
    let wrong = |error| failure(arguments, error);
    let folder = SweepFolder::join(&arguments.out).map_err(wrong)?;
    let sweep = sweep::Sweep::planned(&opened.scenario, folder.plan().clone()).map_err(wrong)?;
    let part = Part { position: number as usize - 1, of: of as usize };
    let outcome = {
        let line = ProgressLine::new(session.quiet);
        let update = |progress: Progress<'_>| line.update(progress);
        let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
        sweep::run_part(&sweep, &folder, part, &control).map_err(wrong)?
    };
    let whole = outcome.kept + outcome.computed;
    if whole < outcome.shards {
        return Err(Failure::Interrupted {
            go_on: format!(
                "whole so far: {whole} of {}; the same command goes on",
                plural(outcome.shards, "shard")
            ),
        });
    }
    session.step("swept", &format!("{}, part {number} of {of}", summary::points(&outcome)), begun);
    let (shards, kept, computed) = (outcome.shards, outcome.kept, outcome.computed);
    if session.json {
        return session.document(SCHEMA, &Computed { plan: folder.plan_hash(), shards, kept, computed });
    }
    let whole = plural(shards, "shard");
    session.say(&format!("part {number} of {of}: {whole} whole, {computed} of them computed now"))
}

/// A script that submits the parts as a job array, and a job after them that puts the rows together.
fn script(arguments: &Sweep, parts: usize) -> String {
    let quoted = |path: &std::path::Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        format!("'{}'", path.to_string_lossy().replace('\'', "'\\''"))
    };
    let (scenario, out) = (quoted(&arguments.scenario), quoted(&arguments.out));
    format!(
        r#"#!/usr/bin/env bash
# Submits a planned sweep to Slurm: {parts} parts as a job array, then one job that puts them together. A part that was stopped, or whose
# node was lost, goes on with its first missing shard when it is submitted again: run this script again, as often as it takes.
set -euo pipefail
armistice=${{ARMISTICE:-armistice}}     # must be found on the nodes, as must the scenario and the folder
options=(${{SBATCH_OPTIONS:-}})         # such as SBATCH_OPTIONS="--partition=short --account=mine"

array=$(sbatch --parsable --job-name=armistice --array=1-{parts} --cpus-per-task=1 --signal=B:INT@60 --requeue \
  ${{options[@]+"${{options[@]}}"}} --wrap "exec $armistice sweep {scenario} --out {out} --threads 1 --shard \$SLURM_ARRAY_TASK_ID/{parts}")
sbatch --parsable --job-name=armistice-merge --dependency=afterok:"$array" --cpus-per-task=1 \
  ${{options[@]+"${{options[@]}}"}} --wrap "exec $armistice sweep {scenario} --out {out} --threads 1 --resume"
"#
    )
}
