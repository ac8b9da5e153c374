//! Words for the names in findings, and reasons for what is not there.

use armistice_analyze::Findings;
use armistice_analyze::findings::{Headline, Quantity};

use crate::block::{Block, Fact};
use crate::words;

/// Looks up titles in a findings document.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a>(pub &'a Findings);

impl<'a> Names<'a> {
    /// Title of a player.
    pub fn player(self, name: &str) -> String {
        let found = self.0.players.iter().find(|player| player.name == name);
        found.map_or_else(|| words::humane(name), |player| player.title.clone())
    }

    /// Title of a type.
    pub fn kind(self, player: &str, name: &str) -> String {
        let player = self.0.players.iter().find(|candidate| candidate.name == player);
        let found = player.and_then(|player| player.types.iter().find(|kind| kind.name == name));
        found.map_or_else(|| words::humane(name), |kind| kind.title.clone())
    }

    /// Title of the attacker's type.
    pub fn attacker_kind(self, name: &str) -> String {
        self.kind(&self.0.about.attacker, name)
    }

    /// Title of the attacker.
    pub fn attacker(self) -> String {
        self.player(&self.0.about.attacker)
    }

    /// Title of a state variable.
    pub fn variable(self, name: &str) -> String {
        let found = self.0.variables.iter().find(|variable| variable.name == name);
        found.map_or_else(|| words::humane(name), |variable| variable.title.clone())
    }

    /// Title of an outcome.
    pub fn outcome(self, name: &str) -> String {
        let found = self.0.endings.iter().find(|ending| ending.outcome == name);
        found.map_or_else(|| words::humane(name), |ending| ending.title.clone())
    }

    /// Color of an outcome, the same everywhere; what is still going on is gray.
    pub fn outcome_color(self, name: &str) -> String {
        if name == "ongoing" {
            return "var(--still)".into();
        }
        let mut kinds: Vec<&str> = Vec::new();
        for ending in &self.0.endings {
            if !kinds.contains(&ending.outcome.as_str()) {
                kinds.push(&ending.outcome);
            }
        }
        let place = kinds.iter().position(|kind| *kind == name).unwrap_or(0);
        crate::charts::color(place)
    }

    /// Color of one of the attacker's types.
    pub fn kind_color(self, name: &str) -> String {
        let player = self.0.players.iter().find(|player| player.name == self.0.about.attacker);
        let place = player.and_then(|player| player.types.iter().position(|kind| kind.name == name));
        crate::charts::color(place.unwrap_or(0))
    }

    /// The headline measure of a name.
    pub fn headline(self, name: &str) -> Option<&'a Headline> {
        self.0.answer.measures.iter().find(|measure| measure.name == name)
    }

    /// Title of a measure.
    pub fn measure(self, name: &str) -> String {
        self.headline(name).map_or_else(|| words::humane(name), |measure| measure.title.clone())
    }

    /// Whether a measure reads as a percentage.
    pub fn is_percent(self, name: &str) -> bool {
        self.headline(name).is_some_and(|measure| measure.value.percent)
    }

    /// Unit of a measure.
    pub fn measure_unit(self, name: &str) -> String {
        match self.headline(name) {
            Some(measure) if measure.value.percent => "%".into(),
            Some(measure) => measure.value.unit.clone().unwrap_or_default(),
            None => String::new(),
        }
    }

    /// What a parameter is, in words.
    pub fn parameter_says(self, name: &str) -> Option<&'a str> {
        self.0.parameters.iter().find(|row| row.name == name)?.says.as_deref()
    }

    /// Title of a lever.
    pub fn lever(self, name: &str) -> String {
        let levers = self.0.levers.as_ref();
        let found = levers.and_then(|levers| levers.levers.iter().find(|lever| lever.name == name));
        found.map_or_else(|| words::humane(name), |lever| lever.title.clone())
    }

    /// Why a part is not there: the findings' own reason, or `otherwise`.
    pub fn absent(self, part: &str, otherwise: &str) -> Block {
        let found = self.missing(part);
        Block::notice(found.map_or_else(
            || otherwise.to_owned(),
            |missing| format!("Not computed: {}.", missing.reason.trim_end_matches('.')),
        ))
    }

    /// What the findings say about a part that is missing, or about one that it belongs to.
    pub fn missing(self, part: &str) -> Option<&'a armistice_analyze::findings::Missing> {
        let covers = |whole: &str| {
            part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.missing.iter().find(|missing| covers(&missing.part))
    }

    /// Notices for parts of a section that are there only in part.
    pub fn gaps(self, prefix: &str) -> Vec<Block> {
        let parts = self.0.missing.iter().filter(|missing| missing.part.starts_with(prefix));
        parts
            .map(|missing| {
                let reason = missing.reason.trim_end_matches('.');
                Block::notice(format!("Not computed: {} ({reason}).", what(&missing.part)))
            })
            .collect()
    }

    /// "month", "week": one period.
    pub fn period(self) -> &'a str {
        &self.0.about.period
    }

    /// Whether dates should show days.
    pub fn by_day(self) -> bool {
        matches!(self.period(), "day" | "week")
    }

    /// A period in words: its date, or its number.
    pub fn when(self, period: u32, date: Option<&str>) -> String {
        match date {
            Some(date) => words::date(date, self.by_day()),
            None => format!("{} {period}", self.period()),
        }
    }
}

/// What a part is called in a sentence.
fn what(part: &str) -> String {
    match part {
        "claims.under" => "verdicts under other settings".into(),
        other => words::humane(other),
    }
}

/// A quantity with its words.
pub(crate) fn fact(label: impl Into<String>, quantity: &Quantity) -> Fact {
    let mut notes: Vec<String> = Vec::new();
    if let Some(reason) = &quantity.undefined {
        notes.push(format!("Not defined: {reason}."));
    }
    if let Some(error) = words::error(quantity) {
        notes.push(format!("{}.", words::sentence(&error)));
    }
    Fact {
        label: label.into(),
        value: words::value(quantity),
        unit: words::unit(quantity),
        mark: Some(words::origin(quantity.how).mark),
        title: Some(words::explain(quantity)),
        notes,
        absent: quantity.value.is_none(),
        code: false,
    }
}
