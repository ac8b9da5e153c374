//! From runs to the parts of [`crate::findings::Findings`].

pub(crate) mod certificate;
pub(crate) mod margins;
pub(crate) mod outlook;
pub(crate) mod record;
pub(crate) mod signals;
pub(crate) mod words;
