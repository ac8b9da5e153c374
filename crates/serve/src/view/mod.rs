//! Documents for the page: what the library found, in the shape in which it is drawn. Nothing is computed here.

pub(crate) mod scenario;
pub(crate) mod stage;
