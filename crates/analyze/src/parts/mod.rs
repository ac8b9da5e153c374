//! From runs to the parts of [`crate::findings::Findings`].

pub(crate) mod answer;
pub(crate) mod bargaining;
pub(crate) mod certificate;
pub(crate) mod claims;
pub(crate) mod levers;
pub(crate) mod margins;
pub(crate) mod outlook;
pub(crate) mod record;
pub(crate) mod sensitivity;
pub(crate) mod signals;
pub(crate) mod words;
