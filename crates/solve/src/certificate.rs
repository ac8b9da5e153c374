//! The proof that comes with a solution: recomputed without any of the solver's code.
#[derive(Clone, Debug)]
pub struct Certificate;
pub struct GridError;
pub fn certify() {}
