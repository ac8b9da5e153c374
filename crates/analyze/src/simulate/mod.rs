//! Monte Carlo: single wars at exact beliefs, drawn at random.
//!
//! Period by period, the wars at one state and one belief share one solution of the stage, and each draws its own moves
//! from its own stream of ChaCha8: the stream is the number of the war and the position in it the period, so that war
//! number 17 of seed 1 is the same whatever the other wars do, on one thread or many.

mod run;
mod summary;
mod write;

pub use run::{Simulation, Step, Trajectory, simulate};
pub use summary::{Estimate, Summary};
pub use write::{write_csv, write_json_lines};
