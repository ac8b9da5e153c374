//! Renders a findings document: `cargo run --example page -- findings.json report.html`.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("name a findings document and the page to write".into());
    };
    let findings = serde_json::from_str(&std::fs::read_to_string(from)?)?;
    armistice_report::write(&findings, Path::new(&to))?;
    Ok(())
}
