#[path = "../tests/common/mod.rs"]
mod common;
use armistice_solve::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let pts: usize = a[1].parse().unwrap();
    let hz: u32 = a[2].parse().unwrap();
    let lam: f64 = a.get(3).map_or(10.0, |x| x.parse().unwrap());
    let game = common::steel_or_mush(hz, lam);
    let s = Settings { belief_points: pts, ..Settings::default() };
    for _ in 0..3 {
        let t = std::time::Instant::now();
        let e = solve(&game, &s, &Control::default()).unwrap();
        println!("{:?} {:?}", t.elapsed(), e.counts);
        println!("{:?}", e.status);
        for st in [1u32, 2, 4] {
            println!(
                "{:?}",
                e.value(
                    &game,
                    0,
                    armistice_game::StateId(st),
                    &armistice_game::Belief(vec![0.5, 0.5, 1.0, 0.5, 0.5])
                )
            );
        }
    }
}
