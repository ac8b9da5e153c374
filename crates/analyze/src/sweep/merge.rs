//! All rows of a sweep in one table, and what they say at a glance.

use std::fs::File;
use std::io::{BufWriter, Write};

use serde::Serialize;

use super::{Cells, Plan, SweepError, SweepFolder, Table, TableWriter};

/// Rows in a row group of the merged table: enough for readers to skip, few enough to hold.
const GROUP: usize = 1 << 16;

/// Failed points that are named.
const NAMED: usize = 5;

/// What the rows of a sweep say at a glance.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Points.
    pub points: usize,
    /// Points that failed.
    pub failed: usize,
    /// Points at which something did not converge.
    pub not_converged: usize,
    /// The largest share of stage games of a point that did not converge.
    pub unsolved: f64,
    /// The first points that failed, and why.
    pub failures: Vec<(i64, String)>,
    /// By measure.
    pub measures: Vec<MeasureTally>,
    /// By claim.
    pub claims: Vec<ClaimTally>,
    /// blake3 of the merged table.
    pub blake3: String,
}

/// A measure over all points where it is defined.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MeasureTally {
    /// Its name.
    pub name: String,
    /// Points where it is defined.
    pub defined: usize,
    /// Lowest.
    pub lowest: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Highest.
    pub highest: Option<f64>,
}

/// A claim over all points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClaimTally {
    /// Its name.
    pub name: String,
    /// Points where it holds.
    pub holds: usize,
    /// Points where it does not.
    pub fails: usize,
    /// Points where it is not defined.
    pub undefined: usize,
}

/// Writes the rows of all shards into one table, in the order of the points.
///
/// Every planned point has one row, or nothing is written.
///
/// - cost: reads every shard once; holds at most 65,536 rows and a shard.
/// - errors: [`SweepError::Table`] for a shard that is missing or not whole; [`SweepError::Io`].
pub fn merge(folder: &SweepFolder) -> Result<Tally, SweepError> {
    let plan = folder.plan();
    let path = folder.merged();
    let mut tally = Tally::new(plan);
    folder.place_with(&path, |file| {
        let hashed = Hashed { inner: BufWriter::new(file), hasher: blake3::Hasher::new() };
        let mut writer = TableWriter::new(hashed, &plan.table(&[]), &about(plan, folder.plan_hash()))?;
        let mut open = plan.table(&[]);
        for shard in 0..plan.shards() {
            let rows = rows(folder, shard)?;
            tally.add(plan, &rows);
            open.append(rows)?;
            if open.rows() >= GROUP {
                writer.write(&open)?;
                open = plan.table(&[]);
            }
        }
        if open.rows() > 0 {
            writer.write(&open)?;
        }
        let mut hashed = writer.finish()?;
        hashed.flush().map_err(SweepError::io("write", &path))?;
        tally.blake3 = hashed.hasher.finalize().to_hex().to_string();
        Ok(())
    })?;
    Ok(tally)
}

/// The rows of a shard, which has to be whole and of the points that the plan says.
fn rows(folder: &SweepFolder, shard: usize) -> Result<Table, SweepError> {
    let wrong = |what: &str| {
        let what = format!("{} {what}", folder.shard(shard).display());
        SweepError::Table { doing: "read", what }
    };
    let (_, content) = folder.read(shard)?.ok_or_else(|| wrong("is missing or damaged"))?;
    let table = Table::from_parquet(content)?;
    let expected: Vec<i64> = folder.plan().shard(shard).map(|point| point as i64).collect();
    match table.column("point") {
        Some(Cells::Integers(points)) if *points == expected => Ok(table),
        _ => Err(wrong("has other points than the plan says")),
    }
}

/// What a table says about itself.
pub(super) fn about(plan: &Plan, hash: &str) -> Vec<(&'static str, String)> {
    vec![
        ("armistice.version", plan.version.clone()),
        ("armistice.scenario", plan.scenario.clone()),
        ("armistice.scenario_hash", plan.scenario_hash.clone()),
        ("armistice.plan_hash", hash.to_owned()),
    ]
}

impl Tally {
    fn new(plan: &Plan) -> Self {
        let measure = |name: &String| MeasureTally { name: name.clone(), ..MeasureTally::default() };
        let claim = |name: &String| ClaimTally { name: name.clone(), ..ClaimTally::default() };
        Self {
            measures: plan.questions.measures.iter().map(measure).collect(),
            claims: plan.questions.claims.iter().map(claim).collect(),
            ..Self::default()
        }
    }

    fn add(&mut self, plan: &Plan, table: &Table) {
        self.points += table.rows();
        let names = plan.columns();
        let mut columns = names.iter().skip(plan.design.factors.len() + 1).filter_map(|n| table.column(n));
        let (status, unsolved, error) = (columns.next(), columns.next(), columns.next());
        columns.next();
        if let Some(Cells::Numbers(unsolved)) = unsolved {
            self.unsolved = unsolved.iter().flatten().fold(self.unsolved, |most, share| most.max(*share));
        }
        if let Some(Cells::Texts(status)) = status {
            let count = |wanted: &str| status.iter().flatten().filter(|s| *s == wanted).count();
            self.failed += count("failed");
            self.not_converged += count("not_converged");
        }
        if let (Some(Cells::Texts(errors)), Some(Cells::Integers(points))) = (error, table.column("point")) {
            let named = points.iter().zip(errors).filter_map(|(point, error)| Some((*point, error.clone()?)));
            let room = NAMED.saturating_sub(self.failures.len());
            self.failures.extend(named.take(room));
        }
        for (tally, cells) in self.measures.iter_mut().zip(columns.by_ref()) {
            let Cells::Numbers(cells) = cells else { continue };
            for value in cells.iter().flatten() {
                tally.add(*value);
            }
        }
        for (tally, cells) in self.claims.iter_mut().zip(columns) {
            let Cells::Switches(cells) = cells else { continue };
            tally.holds += cells.iter().filter(|cell| **cell == Some(true)).count();
            tally.fails += cells.iter().filter(|cell| **cell == Some(false)).count();
            tally.undefined += cells.iter().filter(|cell| cell.is_none()).count();
        }
    }
}

impl MeasureTally {
    /// The mean is updated number by number (Welford 1962), always in the order of the points.
    fn add(&mut self, value: f64) {
        self.defined += 1;
        self.lowest = Some(self.lowest.map_or(value, |x| x.min(value)));
        self.highest = Some(self.highest.map_or(value, |x| x.max(value)));
        let mean = self.mean.unwrap_or(0.0);
        self.mean = Some(mean + (value - mean) / self.defined as f64);
    }
}

/// A writer that hashes what goes through it.
struct Hashed<'f> {
    inner: BufWriter<&'f mut File>,
    hasher: blake3::Hasher,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
