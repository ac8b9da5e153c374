//! The sections of the page, in reading order. Each one is always there: where its findings are not, it says why.

pub(crate) mod answer;
mod claims;
mod evidence;
mod levers;
mod outlook;
mod play;
mod record;
mod reproduce;
mod sensitivity;

use crate::block::Section;
use crate::names::Names;

/// All sections after the first screen.
pub(crate) fn all(names: Names<'_>) -> Vec<Section> {
    vec![
        record::section(names),
        play::section(names),
        outlook::margins(names),
        outlook::survival(names),
        outlook::terms(names),
        outlook::bargaining(names),
        play::signals(names),
        levers::section(names),
        claims::section(names),
        evidence::calibration(names),
        sensitivity::section(names),
        evidence::certificate(names),
        evidence::parameters(names),
        reproduce::section(names),
    ]
}
