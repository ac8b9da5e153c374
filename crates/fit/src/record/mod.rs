//! The record of one war held against its game: exact likelihood, estimates, rival theories, forecasts, and a backtest month by month.
//!
//! The way through: a [`Record`](armistice_scenario::Record) is cut to what may be seen ([`Past`]); [`RecordModel`] is a scenario with free parameters; its
//! [`RecordModel::at`] solves the game and follows the record through it ([`filter`]), with the gradient by [`RecordModel::gradient`].

mod ascent;
mod backtest;
mod choices;
mod compare;
mod document;
mod filter;
mod fit;
mod forecast;
mod gradient;
mod model;
mod past;
mod play;
mod posterior;
mod predict;
mod psis;
mod resolve;
mod rolling;
mod scoring;
mod series;
mod simulate;

pub use backtest::{Around, Backtest, BacktestMonth, BacktestRequest, Scored, Target, backtest};
pub use compare::{
    CompareRequest, RecordComparison, Theory, TheoryFit, TheoryTest, compare_theories, theory_of,
};
pub use document::{
    BeliefNow, Estimate, Fit, Identified, MarginNow, MonthRow, OptimumFound, Profile, RecordSeen, read_draws,
};
pub use filter::{FilterSettings, Filtered, History, Month, filter, mixed_belief};
pub use fit::{FitDone, FitRequest, add_posterior, fit_model, fit_record, fit_record_from};
pub use forecast::{Forecast, ForecastRequest, Quantity, Rule, forecast};
pub use gradient::{FilteredWar, likelihood_gradient};
pub use model::{Free, Point, RecordModel, RecordSettings, Spent, free_parameters, read_record};
pub use past::Past;
pub use play::{Walk, stopping_margins, walks};
pub use posterior::{
    Clouds, Likelihood, PosteriorFindings, PosteriorRow, PosteriorSettings, posterior, posterior_from,
};
pub use predict::{NextMonth, next_month};
pub use psis::{LeaveOneOut, LeftOut, leave_one_out};
pub use resolve::{Resolved, ResolvedQuantity, score_forecast};
pub use rolling::Refits;
pub use series::{Category, Track, categories, tracks};
pub use simulate::{Drawn, draw_war};
