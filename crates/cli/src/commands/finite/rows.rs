//! The path as comma-separated values.

use std::io::{self, Write};

use armistice::solve::tree::PathPoint;

use super::labels::Labels;

/// Writes a header and a row for each point. Numbers read back to the same bits.
pub fn write(out: &mut impl Write, labels: &Labels, points: &[PathPoint]) -> io::Result<()> {
    out.write_all(b"lambda,residual")?;
    for key in labels.keys() {
        write!(out, ",{}", quoted(&key))?;
    }
    out.write_all(b"\n")?;
    for point in points {
        write!(out, "{},{:e}", point.lambda, point.residual)?;
        for p in &point.profile {
            // Vanishing probabilities have hundreds of zeros.
            if *p != 0.0 && *p < 1e-4 { write!(out, ",{p:e}")? } else { write!(out, ",{p}")? }
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A field, in quotation marks where it needs them.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
