//! Gets the chart runtime into the crate: `ARMISTICE_CHARTS_JS` if set, else `web/charts/dist/charts.js` where it is newer than its
//! sources, else built here by npm in a copy of `web/charts`. Puts the style sheet together, whose colors the web app has too, and states
//! the hashes the page's content security policy needs.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

#[path = "../../web/front_end.rs"]
mod front_end;

use front_end::env;

/// What the runtime is built from, below `web/charts`.
const SOURCES: [&str; 6] =
    ["package.json", "package-lock.json", ".npmrc", "vite.config.js", "licenses.js", "src"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=ARMISTICE_CHARTS_JS");
    let here = PathBuf::from(env("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env("OUT_DIR")?);
    let script = fs::read_to_string(runtime(&here.join("../../web/charts"), &out)?)?;
    if script.to_ascii_lowercase().contains("</script") {
        return Err("the chart runtime holds `</script`, which would end the element it is put into".into());
    }
    fs::write(out.join("charts.js"), &script)?;
    fs::write(out.join("charts.sha256"), digest(&script))?;

    let mut style = String::new();
    for part in ["../../web/charts/src/palette.css", "src/templates/style.css"] {
        println!("cargo:rerun-if-changed={}", here.join(part).display());
        style += &fs::read_to_string(here.join(part))?;
    }
    fs::write(out.join("style.sha256"), digest(&style))?;
    fs::write(out.join("style.css"), style)?;
    Ok(())
}

/// Path of the built runtime.
fn runtime(web: &Path, out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    if let Some(given) = std::env::var_os("ARMISTICE_CHARTS_JS").map(PathBuf::from) {
        println!("cargo:rerun-if-changed={}", given.display());
        if !given.is_file() {
            return Err(format!("ARMISTICE_CHARTS_JS names {}, which is not a file", given.display()).into());
        }
        return Ok(given);
    }
    let newest = front_end::newest(web, &SOURCES)?;
    let built = web.join("dist/charts.js");
    if built.is_file() {
        println!("cargo:rerun-if-changed={}", built.display());
        if front_end::modified(&built)? >= newest {
            return Ok(built);
        }
    }
    let remedy = "install Node.js 20 or newer with npm, or build web/charts on another machine and set \
                  ARMISTICE_CHARTS_JS to the path of its dist/charts.js";
    let copy = out.join("charts");
    front_end::build(web, &copy, &SOURCES, "", remedy)?;
    Ok(copy.join("dist/charts.js"))
}

/// A source expression of a content security policy: `sha256-…` in base 64.
fn digest(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            text.push(if place <= chunk.len() { char::from(DIGITS[digit as usize]) } else { '=' });
        }
    }
    text
}
