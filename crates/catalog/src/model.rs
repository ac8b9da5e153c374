//! What a `model.toml` says: a published model, its predictions, and the games that have to bear them out.

use std::fmt;

use armistice_scenario::Expression;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::CatalogError;

/// How close a model of the catalog is to what was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fidelity {
    /// The game form and the closed form are those of the source.
    Reproduces,
    /// A reduction that keeps the mechanism; numbers are not those of the source.
    SameMechanism,
    /// No single source: a game of our own for an argument made in prose.
    Own,
}

impl Fidelity {
    /// The words that may stand before the citation.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Reproduces => "reproduces",
            Self::SameMechanism => "same mechanism as",
            Self::Own => "a game of our own, after",
        }
    }
}

/// A published model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The folder it lies in, and the name it is called by.
    #[serde(skip)]
    pub name: String,
    /// blake3 of its files.
    #[serde(skip)]
    pub hash: String,
    /// Short identifier used in the literature table, such as `m01`.
    pub id: String,
    /// One line.
    pub title: String,
    /// How close it is to the source.
    pub fidelity: Fidelity,
    /// Sources, the first one first.
    pub citation: Vec<String>,
    /// The argument as it is made in prose.
    pub prose: String,
    /// Sources in short.
    pub literature: String,
    /// What the formal result says.
    pub result: String,
    /// What would be observed if the mechanism were at work.
    pub implication: String,
    /// The claims of the audited arguments that rest on it, such as `B2`.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Who plays.
    pub players: String,
    /// Who does what when.
    pub timing: String,
    /// What is private.
    pub private: String,
    /// What is paid.
    pub payoffs: String,
    /// Solution concept, uniqueness, refinement.
    pub equilibrium: String,
    /// What is easily got wrong.
    #[serde(default)]
    pub note: Option<String>,
    /// Its parameters.
    pub parameters: Ordered<Parameter>,
    /// Shorthands of the closed form.
    #[serde(default, rename = "let")]
    pub shorthands: Ordered<Formula>,
    /// The predictions that a closed form gives.
    #[serde(default)]
    pub predictions: Ordered<Prediction>,
    /// Cases with known numbers.
    #[serde(default)]
    pub cases: Vec<Case>,
    /// Comparative statics.
    #[serde(default)]
    pub statics: Vec<Static>,
    /// Statements that hold everywhere in a region.
    #[serde(default)]
    pub identities: Vec<Identity>,
    /// Games that are solved and compared with the closed form.
    #[serde(default)]
    pub games: Vec<Game>,
    /// What its page shows.
    pub plot: Option<Plot>,
}

/// A parameter of a model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its value.
    pub value: Formula,
    /// From where to where it is varied when comparative statics are checked; without it, it stays.
    #[serde(default)]
    pub range: Option<[f64; 2]>,
    /// Whether only whole numbers make sense.
    #[serde(default)]
    pub integer: bool,
    /// What it means.
    pub says: String,
}

/// A number that the closed form predicts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    /// The closed form; without it, the program's own computation of that name.
    #[serde(default)]
    pub value: Option<Formula>,
    /// What it is.
    pub says: String,
    /// Where it is defined.
    #[serde(default)]
    pub when: Option<Formula>,
}

/// Known numbers at known parameters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case is called.
    pub id: String,
    /// What differs from the parameters of the model.
    #[serde(default)]
    pub parameters: Ordered<Formula>,
    /// Prediction and its known value.
    pub expect: Ordered<Formula>,
    /// Largest difference.
    #[serde(default = "exact")]
    pub tolerance: f64,
}

fn exact() -> f64 {
    1e-9
}

/// The sign of a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sign {
    /// Rises.
    #[serde(rename = "+")]
    Rises,
    /// Falls.
    #[serde(rename = "-")]
    Falls,
    /// Does not move.
    #[serde(rename = "0")]
    Constant,
    /// Does not fall.
    #[serde(rename = ">=0")]
    NotFalling,
    /// Does not rise.
    #[serde(rename = "<=0")]
    NotRising,
}

impl Sign {
    /// The word for tables.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Rises => "rises",
            Self::Falls => "falls",
            Self::Constant => "does not move",
            Self::NotFalling => "does not fall",
            Self::NotRising => "does not rise",
        }
    }
}

/// A comparative static: the sign of ∂ quantity / ∂ parameter over a region.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Static {
    /// A prediction, or an expression.
    pub quantity: Formula,
    /// The parameter that moves.
    pub parameter: String,
    /// Which way the quantity goes.
    pub sign: Sign,
    /// Where, in words.
    pub region: String,
    /// Where.
    #[serde(default, rename = "where")]
    pub condition: Option<Formula>,
}

/// A statement that holds everywhere in a region.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// In words.
    pub claim: String,
    /// As a proposition over parameters and predictions.
    pub holds: Formula,
    /// Where.
    #[serde(default, rename = "where")]
    pub condition: Option<Formula>,
}

/// How a game is solved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Solver {
    /// As a finite tree: the agent quantal response branch, followed to a large λ.
    #[default]
    Tree,
    /// As a war: Markov equilibrium over public beliefs, backward in time.
    War,
}

/// A game that is solved and compared with the closed form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Game {
    /// What it is called.
    pub name: String,
    /// What it is, in words.
    pub says: String,
    /// A `.efg` file with parameters in it; without it, the model's scenario.
    #[serde(default)]
    pub file: Option<String>,
    /// What is changed in the scenario, as a scenario file that extends it; `{n}` stands for the refinement.
    #[serde(default)]
    pub extend: Option<String>,
    /// How it is solved.
    #[serde(default)]
    pub solver: Solver,
    /// Scenarios solved as trees: periods that are unfolded.
    #[serde(default)]
    pub periods: Option<u32>,
    /// Trees: largest λ, a number or an expression over parameters.
    #[serde(default)]
    pub lambda: Option<Formula>,
    /// What differs from the parameters of the model.
    #[serde(default)]
    pub parameters: Ordered<Formula>,
    /// What is read off the solution, and what it should be.
    pub measures: Ordered<Measured>,
    /// Grids on which it is solved, coarse to fine: errors have to fall.
    #[serde(default)]
    pub refine: Vec<u32>,
    /// Equilibria that are known, where there are several.
    #[serde(default)]
    pub equilibria: Vec<Known>,
}

/// What is read off a solution.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// An expression over the functions of solutions.
    pub measure: Formula,
    /// What it should be; without it, the prediction of the same name.
    #[serde(default)]
    pub equals: Option<Formula>,
    /// Largest difference, on the finest grid.
    pub tolerance: f64,
}

/// A known equilibrium of a game with several.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// What it is called.
    pub name: String,
    /// What holds in it, as a proposition over the functions of solutions.
    pub holds: Formula,
    /// A refinement that drops it, if one does.
    #[serde(default)]
    pub fails: Option<String>,
    /// Whether the branch from uniform play leads to it.
    #[serde(default)]
    pub principal: bool,
}

/// What the page of a model shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plot {
    /// The parameter on the horizontal axis.
    pub parameter: String,
    /// From where.
    pub from: f64,
    /// To where.
    pub to: f64,
    /// Predictions drawn as lines.
    pub lines: Vec<String>,
    /// The game whose solutions are drawn as points: those of its measures that are among `lines`.
    #[serde(default)]
    pub game: Option<String>,
    /// What it shows.
    pub says: String,
}

/// A number, or an expression in quotation marks.
#[derive(Clone, Debug)]
pub struct Formula(pub Expression);

impl fmt::Display for Formula {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Formula;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a number or an expression in quotation marks")
            }

            fn visit_f64<E: de::Error>(self, x: f64) -> Result<Formula, E> {
                Ok(Formula(Expression::number(x)))
            }

            fn visit_i64<E: de::Error>(self, x: i64) -> Result<Formula, E> {
                Ok(Formula(Expression::number(x as f64)))
            }

            fn visit_u64<E: de::Error>(self, x: u64) -> Result<Formula, E> {
                Ok(Formula(Expression::number(x as f64)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Formula, E> {
                Expression::parse(text).map(Formula).map_err(|why| E::custom(format!("`{text}`: {why}")))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Entries of a table in the order in which they stand in the file.
#[derive(Clone, Debug)]
pub struct Ordered<T>(pub Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Ordered<T> {
    /// The entry of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, entry)| entry)
    }

    /// Names and entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, entry)| (name.as_str(), entry))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Table<T> {
            type Value = Ordered<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
                let mut entries: Vec<(usize, String, T)> = Vec::new();
                while let Some((key, entry)) = map.next_entry::<Spanned<String>, T>()? {
                    entries.push((key.span().start, key.into_inner(), entry));
                }
                entries.sort_by_key(|(start, _, _)| *start);
                Ok(Ordered(entries.into_iter().map(|(_, name, entry)| (name, entry)).collect()))
            }
        }
        deserializer.deserialize_map(Table(std::marker::PhantomData))
    }
}

impl Model {
    /// Reads a model file.
    ///
    /// - errors: [`CatalogError::Unreadable`] with line and cause.
    pub fn read(name: &str, text: &str) -> Result<Self, CatalogError> {
        let mut model: Self = toml::from_str(text)
            .map_err(|error| CatalogError::Unreadable { model: name.to_owned(), why: error.to_string() })?;
        name.clone_into(&mut model.name);
        model.hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        Ok(model)
    }
}
