//! The sections of the page, in reading order. Each one but the quick audit is always there: where its findings are not, it says why.

pub(crate) mod answer;
pub(crate) mod audit;
pub(crate) mod claims;
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
    let mut out = vec![
        record::section(names),
        play::section(names),
        outlook::margins(names),
        outlook::survival(names),
        outlook::terms(names),
        outlook::bargaining(names),
        play::signals(names),
        levers::section(names),
        claims::section(names),
    ];
    out.extend(audit::section(names));
    out.extend([
        evidence::calibration(names),
        sensitivity::section(names),
        evidence::certificate(names),
        evidence::parameters(names),
        reproduce::section(names),
    ]);
    out
}
