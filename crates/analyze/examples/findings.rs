//! Writes the findings of a scenario as JSON: `cargo run --release --example findings -- scenarios/winter-war`.

use std::path::Path;
use std::time::Instant;

use armistice_analyze::{Options, analyze};
use armistice_solve::{Control, Progress};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a scenario")?;
    let loaded = armistice_scenario::load(Path::new(&path));
    eprint!("{}", armistice_scenario::render_plain(&loaded));
    let scenario = loaded.scenario.ok_or("the scenario has errors")?;
    let start = Instant::now();
    let show = |p: Progress<'_>| {
        if Some(p.done) == p.total || p.done == 0 {
            eprintln!("{:7.2} s  {} {}/{:?}", start.elapsed().as_secs_f64(), p.what, p.done, p.total);
        }
    };
    let control = Control { progress: Some(&show), ..Control::default() };
    let analysis = analyze(&scenario, &Options::default(), &control)?;
    eprintln!("{:7.2} s", start.elapsed().as_secs_f64());
    println!("{}", serde_json::to_string_pretty(&analysis.findings)?);
    Ok(())
}
