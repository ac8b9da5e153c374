use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use armistice_analyze::*;
use armistice_game::*;
use armistice_solve::*;
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let loaded = armistice_scenario::load(Path::new(&path));
    let scenario = loaded.scenario.unwrap();
    let t = cpu();
    let c = scenario.compile(&Default::default(), &Default::default()).unwrap();
    println!("compile {:.2} cpu", cpu() - t);
    let nodes: usize = c.game.stages.iter().map(|s| match s { Stage::Play(t) => t.nodes.len(), _ => 0 }).sum();
    let play = c.game.stages.iter().filter(|s| matches!(s, Stage::Play(_))).count();
    println!("states {} play {} nodes {} slots {} horizon {:?}", c.game.states.len(), play, nodes, c.game.slots(), c.game.horizon);
    let base = Variation::base(Arc::new(scenario.clone()));
    let control = Control::default();
    for points in [5, 9] {
        for limit in [300] {
            let pass = Propagation { spread: Spread::Merge { limit }, ..Propagation::default() };
            let runs = Runs::new(Settings { belief_points: points, ..Settings::default() }, Default::default(), pass, &control);
            let (t, w) = (cpu(), Instant::now());
            let solved = runs.solve(&base).unwrap();
            let t1 = cpu();
            println!("points {points}: solve cpu {:.2} wall {:.2} {:?}", t1 - t, w.elapsed().as_secs_f64(), solved.equilibrium.counts);
            for limit in [100, 300, 1000, 4000] {
                let pass = Propagation { spread: Spread::Merge { limit }, ..Propagation::default() };
                let t1 = cpu();
                let o = propagate(&c.game, &solved.equilibrium, &start_of(&c), &pass, &control).unwrap();
                let w = o.weights(&Given::default());
                println!("  limit {limit}: follow cpu {:.2} nodes {} width {} duration {} terms {:?}", cpu() - t1, o.nodes, o.width, o.expected_duration(&w), o.expected_terms(&w, None));
            }
        }
    }
}
