//! Published models, ready to extend: the scenarios of the folder `catalog`, embedded.

macro_rules! catalog {
    ($($name:literal),* $(,)?) => {
        /// The models of the catalog by name, with their scenario files.
        pub const CATALOG: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../catalog/", $name, "/scenario.toml")))),*];
    };
}

catalog! {
    "banks-1990-monotonicity",
    "baron-ferejohn-1989-legislature",
    "benson-meirowitz-ramsay-2014-sharing",
    "cho-kreps-1987-beer",
    "downs-rocke-1994-gamble",
    "fearon-1994-audience",
    "fearon-1994-bluff",
    "fearon-1995-cost",
    "fearon-1995-indivisible",
    "fearon-1995-power",
    "fearon-1995-power-types",
    "fearon-1995-preventive",
    "fearon-1995-tail",
    "fearon-1995-three-types",
    "fearon-1995-two-types",
    "fearon-1996-salami",
    "fearon-2004-ceasefire",
    "filson-werner-2002-battles",
    "gallop-2017-core",
    "goemans-2000-bias",
    "kreps-wilson-1982-chain-store",
    "kydd-walter-2002-spoiler",
    "lewis-schultz-2003-signals",
    "mastro-2019-talks",
    "oneill-1986-dollar-auction",
    "padro-yared-2012-proxy",
    "powell-1988-brink",
    "powell-2004-screening",
    "rubinstein-1982-fighting",
    "schelling-1966-probe",
    "signorino-1999-crisis",
    "smith-1995-patron",
    "smith-stam-2004-forts",
    "sobel-takahashi-1983-screening",
    "tarar-2016-slice",
    "wittman-1979-range",
    "zagare-kilgour-1993-deterrence",
}

/// The scenario file of a model of the catalog; `None` when there is no model of that name.
///
/// ```
/// let text = armistice_scenario::catalog_scenario("fearon-1995-cost").unwrap_or_default();
/// let loaded = armistice_scenario::parse(text, "scenario.toml", std::path::Path::new("."));
/// assert!(loaded.scenario.is_some());
/// ```
#[must_use]
pub fn catalog_scenario(name: &str) -> Option<&'static str> {
    CATALOG.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
