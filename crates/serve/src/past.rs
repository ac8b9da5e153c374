//! The record of a war as play of its game, at the parameters of a case.

use std::collections::BTreeMap;
use std::sync::Arc;

use armistice::Control;
use armistice::fit::record::{Filtered, Past, Point, RecordModel, RecordSettings, read_record};
use armistice::scenario::{Change, Limits, Record, RecordTable, Scenario, load_record};
use serde_json::{Value, json};

use crate::answers::settings;
use crate::case::{Numbers, Resolved, with_parameters};
use crate::error::Problem;
use crate::recent::Recent;
use crate::workspace::{Source, Workspace};

/// How many solved games with their records are kept.
const KEPT: usize = 4;

/// A record, read as play.
#[derive(Debug)]
pub(crate) struct Faced {
    /// The scenario that says how: that of the case, or one beside it that extends it or what it is a theory of.
    pub source: Arc<Source>,
    /// With the parameters of the case, and of the theory that it is of, in it.
    pub scenario: Arc<Scenario>,
    /// These parameters.
    pub set: BTreeMap<String, f64>,
    /// What of the case is not in it, and why.
    pub left_out: Vec<String>,
    pub table: RecordTable,
    pub record: Record,
}

/// A record that went through its game, solved.
#[derive(Debug)]
pub(crate) struct Followed {
    pub faced: Faced,
    pub past: Past,
    pub point: Point,
}

/// The last ones.
#[derive(Debug)]
pub(crate) struct Pasts(Recent<Followed>);

impl Default for Pasts {
    fn default() -> Self {
        Self(Recent::new(KEPT))
    }
}

impl Faced {
    /// Finds the scenario that reads the record, sets the case's parameters in it and reads.
    ///
    /// - errors: that no scenario says how the record reads; everything that is wrong with the record.
    /// - cost: one compilation, and what checking the record's rows takes.
    pub fn of(resolved: &Resolved, workspace: &Workspace) -> Result<Self, Problem> {
        let (source, base) = workspace.reader(&resolved.source)?;
        let limits = workspace.limits();
        let Numbers { set: moved, more } = resolved.numbers(limits)?;
        let mut set = match &base {
            Some(base) => differences(&base.scenario, &resolved.source.scenario, limits)?,
            None => BTreeMap::new(),
        };
        set.extend(moved);
        let mut left_out = more;
        let reading = source.scenario.read_by_record();
        let mut kept = BTreeMap::new();
        for (name, value) in set {
            match source.scenario.parameters.iter().position(|parameter| parameter.name == name) {
                None => left_out.push(format!("`{name}`, which {} does not have", source.id)),
                Some(position) if reading.contains(&position) => {
                    left_out.push(format!("`{name}`, which says how the record reads"));
                }
                Some(_) => {
                    kept.insert(name, value);
                }
            }
        }
        let scenario = with_parameters(&source.scenario, &kept);
        let table = load_record(&scenario, None).map_err(|problems| Problem::first(&problems))?;
        let record = read_record(&scenario, &table, None, limits)?;
        Ok(Self { source, scenario, set: kept, left_out, table, record })
    }

    /// Periods of the game after the record.
    pub fn left(&self) -> Option<u32> {
        let rows = u32::try_from(self.record.periods.len()).unwrap_or(u32::MAX);
        self.scenario.about.horizon.map(|horizon| horizon.saturating_sub(rows))
    }

    /// Which scenario reads the record, and how it differs from the case.
    pub fn document(&self) -> Value {
        json!({
            "id": self.source.id,
            "title": self.scenario.about.title,
            "hash": self.scenario.hash,
            "set": self.set,
            "left_out": self.left_out,
            "left": self.left(),
            "rows": self.record.periods.len(),
            "from": self.record.periods.first().map(|row| &row.date),
            "to": self.record.periods.last().map(|row| &row.date),
        })
    }
}

/// The parameters that a theory writes otherwise than the scenario it is of, with its values.
fn differences(
    base: &Scenario,
    theory: &Scenario,
    limits: &Limits,
) -> Result<BTreeMap<String, f64>, Problem> {
    let compiled = theory.compile(&Change::default(), &limits.without_grid());
    let compiled = compiled.map_err(|problems| Problem::first(&problems))?;
    let rows = theory.parameters.iter().zip(&compiled.parameters);
    let written = |name: &str| base.parameters.iter().find(|parameter| parameter.name == name);
    let differs = rows.filter(|(parameter, _)| {
        written(&parameter.name).is_none_or(|other| other.value.text != parameter.value.text)
    });
    Ok(differs.map(|(parameter, value)| (parameter.name.clone(), *value)).collect())
}

/// How records are followed on a grid.
pub(crate) fn record_settings(points: usize, limits: &Limits) -> RecordSettings {
    RecordSettings { solving: settings(points), limits: *limits, ..RecordSettings::default() }
}

impl Pasts {
    /// The record of a case followed through its game, from those kept or computed.
    ///
    /// - cost: one solution, and a stage solution for each row and history, the first time.
    pub fn get(
        &self,
        resolved: &Resolved,
        points: usize,
        workspace: &Workspace,
        control: &Control<'_>,
    ) -> Result<Arc<Followed>, Problem> {
        let case = serde_json::to_string(&resolved.case).unwrap_or_default();
        let key = format!("{points} {} {case}", resolved.source.scenario.hash);
        if let Some(known) = self.0.find(&key) {
            return Ok(known);
        }
        let faced = Faced::of(resolved, workspace)?;
        if let Some(refusal) = faced.scenario.refuse(points, workspace.limits()) {
            return Err(Problem::bad(refusal.message));
        }
        control.report("following the record", 0, None);
        let past = Past::all(&faced.record);
        let settings = record_settings(points, workspace.limits());
        let model =
            RecordModel::new(Arc::clone(&faced.scenario), Vec::new(), vec![past.clone()], settings, control);
        let point = model.at(&[])?.ok_or_else(|| {
            Problem::bad("at these parameters the game cannot produce the record, or there is no game")
                .hint("take the last change back, or try a smaller one")
        })?;
        Ok(self.0.keep(key, Followed { faced, past, point }))
    }
}

impl Followed {
    /// The record's way through the game.
    ///
    /// - errors: none in practice: a point holds as many as its model has wars.
    pub fn filtered(&self) -> Result<&Filtered, Problem> {
        self.point.filtered.first().ok_or_else(|| Problem::bad("there is no record"))
    }
}
