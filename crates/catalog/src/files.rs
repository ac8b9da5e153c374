//! The files of the catalogue, built into the program.

use crate::{CatalogError, Model};

/// Name and text of a file.
pub type File = (&'static str, &'static str);

macro_rules! catalog {
    ($($model:literal: $($file:literal)+;)*) => {
        /// Every model with its files, by name.
        const CATALOG: &[(&str, &[File])] = &[
            $(($model, &[$(($file, include_str!(concat!("../../../catalog/", $model, "/", $file)))),+]),)*
        ];
    };
}

catalog! {
    "fearon-1995-cost": "model.toml" "scenario.toml";
    "fearon-1995-indivisible": "model.toml" "scenario.toml";
    "fearon-1995-preventive": "model.toml" "scenario.toml" "two-periods.efg";
    "fearon-1995-two-types": "model.toml" "scenario.toml";
    "fearon-2004-ceasefire": "model.toml" "scenario.toml";
    "fearon-1996-salami": "model.toml" "scenario.toml";
    "kreps-wilson-1982-chain-store": "model.toml" "scenario.toml";
    "oneill-1986-dollar-auction": "model.toml" "scenario.toml";
    "schelling-1966-probe": "model.toml" "scenario.toml";
    "tarar-2016-slice": "model.toml" "scenario.toml";
}

/// The names of all models, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    CATALOG.iter().map(|(name, _)| *name)
}

/// The files of a model.
#[must_use]
pub fn files(name: &str) -> Option<&'static [File]> {
    CATALOG.iter().find(|(n, _)| *n == name).map(|(_, files)| *files)
}

/// A model of the catalogue.
///
/// - errors: [`CatalogError::Unknown`], with a name like it where there is one.
pub fn model(name: &str) -> Result<Model, CatalogError> {
    let text = files(name).and_then(|files| files.iter().find(|(file, _)| *file == "model.toml"));
    let Some((_, text)) = text else {
        let near = names()
            .map(|known| (strsim::jaro_winkler(known, name), known))
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        return Err(CatalogError::Unknown {
            name: name.to_owned(),
            near: near.map(|(_, known)| known.to_owned()),
        });
    };
    Model::read(name, text)
}
