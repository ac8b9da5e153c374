//! Effort, counted: a slower algorithm fails here without a clock.
#![allow(clippy::unwrap_used)]

mod common;

use armistice_solve::{Control, Settings, Status, solve};
use common::steel_or_mush;

#[test]
fn two_newton_steps_a_stage_are_enough() {
    let game = steel_or_mush(24, 10.0);
    let equilibrium = solve(&game, &Settings::default(), &Control::default()).unwrap();
    assert_eq!(equilibrium.status, Status::Certified);
    // 7 states × 289 beliefs × 24 periods; the four corners of each state and period need one sweep.
    let counts = equilibrium.counts;
    assert_eq!((counts.points, counts.iteration, counts.newton), (48_552, 2_023, 46_529));
    assert_eq!((counts.evaluations, counts.checks), (71_320, 56_808));
}

#[test]
fn three_times_the_precision_costs_four_times_the_work() {
    let game = steel_or_mush(12, 30.0);
    let equilibrium = solve(&game, &Settings::default(), &Control::default()).unwrap();
    assert_eq!(equilibrium.status, Status::Certified);
    let counts = equilibrium.counts;
    assert!(counts.evaluations < 13 * counts.points && counts.homotopy * 50 < counts.points, "{counts:?}");
}

#[test]
fn the_principal_branch_is_followed_around_kinks() {
    // Coarse grids fold branches at the kinks of their values; steps along the old tangent end there.
    let game = steel_or_mush(8, 60.0);
    let settings = |branch_points| Settings {
        belief_points: 5,
        selection: armistice_solve::Selection::Continuation,
        branch_points,
        ..Settings::default()
    };
    let followed = solve(&game, &settings(4000), &Control::default()).unwrap().counts;
    let given_up = solve(&game, &settings(8), &Control::default()).unwrap().counts;
    assert!(followed.not_converged <= 2, "{followed:?}");
    assert!(followed.evaluations < 700 * followed.points, "{followed:?}");
    assert!(given_up.not_converged * 2 > given_up.points, "{given_up:?}");
}
