//! Boxes of the patient rule induction method beside those of the EMA Workbench 2.5.3 (Python) on the same data: `Prim(x, y,
//! threshold=0.5).find_box()`, its other settings as they are.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use armistice_analyze::prim::{Limits, Objective, Prim, PrimBox, PrimColumn, PrimError, Trajectory};

const POINTS: usize = 1000;

/// The fractional parts of multiples of √p: the same numbers in every language.
fn column(p: f64) -> Vec<f64> {
    (0..POINTS).map(|i| (i + 1) as f64 * p.sqrt()).map(|x| x - x.floor()).collect()
}

fn columns() -> Vec<Vec<f64>> {
    [2.0, 3.0, 5.0, 7.0, 11.0].into_iter().map(column).collect()
}

fn find(columns: &[PrimColumn], holds: &[bool]) -> Trajectory {
    let outcome: Vec<f64> = holds.iter().map(|holds| f64::from(u8::from(*holds))).collect();
    Prim::default().find(columns, &outcome, holds).unwrap()
}

fn numbers(columns: &[Vec<f64>]) -> Vec<PrimColumn> {
    columns.iter().cloned().map(PrimColumn::Numbers).collect()
}

/// What the other program says about one box: coverage, density, limits and quasi-p-values of restricted factors.
struct Theirs<'a> {
    coverage: f64,
    density: f64,
    limits: &'a [(usize, f64, f64)],
    /// −1 where there is no such limit.
    p: &'a [(f64, f64)],
}

fn assert_same(ours: &PrimBox, theirs: &Theirs<'_>) {
    assert!((ours.coverage - theirs.coverage).abs() < 1e-12, "{} {}", ours.coverage, theirs.coverage);
    assert!((ours.density - theirs.density).abs() < 1e-12, "{} {}", ours.density, theirs.density);
    assert_eq!(ours.restricted.len(), theirs.p.len(), "{:?}", ours.restricted);
    for (factor, low, high) in theirs.limits {
        assert_eq!(ours.limits[*factor], Limits::Interval { low: *low, high: *high }, "factor {factor}");
    }
    for (restriction, (low, high)) in ours.restricted.iter().zip(theirs.p) {
        for (ours, theirs) in [(restriction.low, low), (restriction.high, high)] {
            match ours {
                Some(p) => assert!((p / theirs - 1.0).abs() < 1e-6, "{p} {theirs}"),
                None => assert_eq!(*theirs, -1.0),
            }
        }
    }
}

fn points(trajectory: &Trajectory) -> Vec<usize> {
    trajectory.boxes.iter().map(|b| b.points).collect()
}

#[test]
fn a_noisy_box_is_found_as_others_find_it() {
    let x = columns();
    let noise = column(23.0);
    let inside = |i: usize| x[0][i] > 0.3 && x[0][i] < 0.7 && x[1][i] < 0.4;
    let holds: Vec<bool> = (0..POINTS).map(|i| inside(i) ^ (noise[i] < 0.05)).collect();
    assert_eq!(holds.iter().filter(|h| **h).count(), 190);
    let found = find(&numbers(&x), &holds);
    let theirs = [
        1000, 950, 902, 856, 813, 772, 733, 696, 661, 627, 595, 565, 536, 509, 483, 458, 435, 413, 392, 372,
        353, 335, 318, 302, 286, 271, 257, 244, 231, 219, 208, 197, 187, 177, 168, 159, 151, 143, 135, 128,
        129, 130,
    ];
    assert_eq!(points(&found), theirs);
    assert_eq!(found.peeled, 40);
    assert_eq!(found.inside.len(), 130);
    assert_same(
        &found.boxes[21],
        &Theirs {
            coverage: 0.8473684210526315,
            density: 0.48059701492537316,
            limits: &[
                (0, 0.18246635640781506, 0.7144289248722657),
                (1, 0.0010111218289239332, 0.6312121600062568),
            ],
            p: &[(2.4034168115075376e-05, 5.316000613226693e-09), (-1.0, 1.5132811120228083e-10)],
        },
    );
    assert_same(
        found.boxes.last().unwrap(),
        &Theirs {
            coverage: 0.6578947368421053,
            density: 0.9615384615384616,
            limits: &[
                (0, 0.3031739553295125, 0.6950929411161155),
                (1, 0.035022727672071596, 0.39211979727531343),
                (2, 0.0007331374358727771, 0.9450050474350178),
            ],
            p: &[
                (1.294909885649955e-26, 3.509584084206271e-23),
                (0.38402716427115824, 7.841336625599078e-45),
                (-1.0, 0.3495808294854478),
            ],
        },
    );
}

#[test]
fn a_curved_region_is_found_as_others_find_it() {
    let x = columns();
    let holds: Vec<bool> = (0..POINTS).map(|i| x[0][i] + x[1][i] * x[2][i] > 0.8).collect();
    let found = find(&numbers(&x), &holds);
    let theirs = [
        1000, 950, 902, 856, 813, 772, 733, 696, 661, 627, 595, 565, 536, 509, 483, 458, 435, 413, 392, 372,
        353, 335, 318, 302, 286, 271, 257, 244, 231, 219, 222,
    ];
    assert_eq!(points(&found), theirs);
    assert_same(
        found.boxes.last().unwrap(),
        &Theirs {
            coverage: 0.5011337868480725,
            density: 0.9954954954954955,
            limits: &[
                (0, 0.6990975544729228, 0.9991334482227785),
                (1, 0.09977794223456726, 0.9996299037240988),
                (2, 0.1860980236754699, 0.9990937922925696),
            ],
            p: &[(5.292107674339204e-62, -1.0), (0.012077437143262933, -1.0), (0.0010841802005402625, -1.0)],
        },
    );
}

#[test]
fn categories_are_taken_out_as_others_take_them_out() {
    let x = columns();
    let noise = column(23.0);
    let category: Vec<usize> = x[3].iter().map(|v| (4.0 * v) as usize).collect();
    let inside = |i: usize| [0, 2].contains(&category[i]) && x[0][i] > 0.5;
    let holds: Vec<bool> = (0..POINTS).map(|i| inside(i) ^ (noise[i] < 0.1)).collect();
    let mut all = numbers(&x[..2]);
    all.push(PrimColumn::Categories(category));
    let found = find(&all, &holds);
    let theirs = [
        1000, 749, 500, 475, 451, 428, 406, 385, 365, 346, 328, 311, 295, 280, 266, 252, 239, 227, 215, 204,
        104, 105,
    ];
    assert_eq!(points(&found), theirs);
    assert_same(
        &found.boxes[11],
        &Theirs {
            coverage: 0.7692307692307693,
            density: 0.7395498392282959,
            limits: &[(0, 0.37546725647086987, 0.9991334482227785)],
            p: &[(3.012371671173536e-18, -1.0), (5.894132501452468e-31, -1.0)],
        },
    );
    assert_eq!(found.boxes[11].limits[2], Limits::Categories(vec![0, 2]));
    let last = found.boxes.last().unwrap();
    assert_eq!(last.limits[2], Limits::Categories(vec![0]));
    assert!((last.density - 0.9238095238095239).abs() < 1e-12);
}

#[test]
fn a_second_box_is_found_among_the_rest() {
    let x = columns();
    let corner = |i: usize| (x[0][i] < 0.3 && x[1][i] < 0.5) || (x[0][i] > 0.8 && x[2][i] > 0.5);
    let holds: Vec<bool> = (0..POINTS).map(corner).collect();
    let outcome: Vec<f64> = holds.iter().map(|holds| f64::from(u8::from(*holds))).collect();
    let prim = Prim::default();
    let first = prim.find(&numbers(&x), &outcome, &holds).unwrap();
    let rest: Vec<usize> = (0..POINTS).filter(|i| !first.inside.contains(i)).collect();
    let second = prim.find_among(&numbers(&x), &outcome, &holds, &rest).unwrap();
    let (one, two) = (first.boxes.last().unwrap(), second.boxes.last().unwrap());
    for (ours, points, density, coverage) in [
        (one, 440, 0.4068181818181818, 0.7131474103585658),
        (two, 206, 0.27184466019417475, 0.22310756972111553),
    ] {
        assert_eq!(ours.points, points);
        assert!((ours.density - density).abs() < 1e-12 && (ours.coverage - coverage).abs() < 1e-12);
    }
    assert_eq!((first.boxes.len(), second.boxes.len()), (20, 20));
    assert!(second.inside.iter().all(|i| rest.contains(i)));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let numbers = [PrimColumn::Numbers(vec![1.0, 2.0])];
    let find = |prim: Prim, columns: &[PrimColumn], y: &[f64], interest: &[bool]| {
        prim.find(columns, y, interest).unwrap_err()
    };
    let prim = Prim::default();
    assert_eq!(find(prim, &[], &[0.0, 1.0], &[false, true]), PrimError::Shape);
    assert_eq!(find(prim, &numbers, &[0.0], &[false]), PrimError::Shape);
    assert_eq!(find(prim, &numbers, &[0.0, f64::NAN], &[false, true]), PrimError::NotFinite);
    assert_eq!(find(prim, &numbers, &[0.0, 0.0], &[false, false]), PrimError::NoInterest);
    let wrong = Prim { peel: 0.5, ..prim };
    assert_eq!(find(wrong, &numbers, &[0.0, 1.0], &[false, true]), PrimError::Setting);
    let mean = Prim { objective: Objective::Mean, ..prim };
    assert_eq!(mean.find(&numbers, &[1.0, 1.0], &[true, true]).unwrap().boxes.len(), 1, "nothing to gain");
}
