//! The files of the catalog, built into the program.

use armistice_scenario::catalog_scenario;

use crate::{CatalogError, Model};

/// Name and text of a file.
pub type File = (&'static str, &'static str);

/// The scenario of a model that has one.
pub const SCENARIO: &str = "scenario.toml";

macro_rules! catalog {
    ($($model:literal: $($file:literal)+;)*) => {
        /// Every model with its files, by name, but for the scenarios: those are built into `armistice-scenario`.
        const CATALOG: &[(&str, &[File])] = &[
            $(($model, &[$(($file, include_str!(concat!("../../../catalog/", $model, "/", $file)))),+]),)*
        ];
    };
}

catalog! {
    "abreu-gul-2000-reputation": "model.toml" "concession.efg";
    "baliga-sjostrom-2004-arms": "model.toml" "game.efg";
    "banks-1990-monotonicity": "model.toml";
    "banks-camerer-porter-1994-signals": "model.toml" "signals.efg";
    "baron-ferejohn-1989-legislature": "model.toml";
    "benson-meirowitz-ramsay-2014-sharing": "model.toml";
    "bishop-1978-attrition": "model.toml" "attrition.efg";
    "bishop-1978-exponential": "model.toml" "attrition.efg";
    "chassang-padro-2010-risk": "model.toml" "game.efg";
    "cho-kreps-1987-beer": "model.toml";
    "debs-monteiro-2014-arming": "model.toml" "game.efg";
    "downs-rocke-1994-gamble": "model.toml";
    "fearon-1994-audience": "model.toml";
    "fearon-1994-bluff": "model.toml";
    "fearon-1995-cost": "model.toml";
    "fearon-1995-indivisible": "model.toml";
    "fearon-1995-power": "model.toml";
    "fearon-1995-power-types": "model.toml";
    "fearon-1995-preventive": "model.toml" "two-periods.efg";
    "fearon-1995-tail": "model.toml";
    "fearon-1995-three-types": "model.toml";
    "fearon-1995-two-types": "model.toml";
    "fearon-1996-salami": "model.toml";
    "fearon-2004-ceasefire": "model.toml";
    "fey-ramsay-2007-bound": "model.toml" "split.efg";
    "filson-werner-2002-battles": "model.toml";
    "gallop-2017-core": "model.toml";
    "goemans-2000-bias": "model.toml";
    "horner-morelli-squintani-2015-arbitration": "model.toml" "mechanism.efg" "truthful.efg";
    "kreps-wilson-1982-chain-store": "model.toml";
    "kydd-2003-mediator": "model.toml" "mediator.efg";
    "kydd-walter-2002-spoiler": "model.toml";
    "lewis-schultz-2003-signals": "model.toml";
    "mastro-2019-talks": "model.toml";
    "maynard-smith-1974-hazards": "model.toml" "obstinate.efg" "rounds.efg" "three.efg";
    "mckelvey-palfrey-1998-beer-quiche": "model.toml" "beer-quiche.efg";
    "mckelvey-palfrey-1998-crisis": "model.toml" "crisis.efg";
    "ochs-1995-pennies": "model.toml" "pennies.efg";
    "oneill-1986-dollar-auction": "model.toml";
    "padro-yared-2012-proxy": "model.toml";
    "powell-1988-brink": "model.toml" "pairs.efg";
    "powell-2004-screening": "model.toml";
    "rubinstein-1982-fighting": "model.toml";
    "schelling-1966-probe": "model.toml";
    "signorino-1999-crisis": "model.toml" "crisis.efg";
    "smith-1995-patron": "model.toml" "two-types.efg";
    "smith-stam-2004-forts": "model.toml";
    "sobel-takahashi-1983-screening": "model.toml";
    "tarar-2016-slice": "model.toml";
    "wittman-1979-range": "model.toml";
    "yildiz-2004-persuasion": "model.toml" "persuasion.efg";
    "zagare-kilgour-1993-deterrence": "model.toml";
}

/// The names of all models, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    CATALOG.iter().map(|(name, _)| *name)
}

/// The files of a model: `model.toml` and its games.
#[must_use]
pub fn files(name: &str) -> Option<Vec<File>> {
    let (_, own) = CATALOG.iter().find(|(n, _)| *n == name)?;
    let scenario = catalog_scenario(name).map(|text| (SCENARIO, text));
    Some(own.iter().copied().chain(scenario).collect())
}

/// The text of a file of a model.
#[must_use]
pub fn file(model: &str, name: &str) -> Option<&'static str> {
    files(model)?.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text)
}

/// A model of the catalog.
///
/// - errors: [`CatalogError::Unknown`], with a name like it where there is one.
pub fn model(name: &str) -> Result<Model, CatalogError> {
    let Some(text) = file(name, "model.toml") else {
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
