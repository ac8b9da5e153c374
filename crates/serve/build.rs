//! Gets the web app into the crate: the folder `ARMISTICE_APP_DIST` if set, else `web/app/dist` where it is newer than its sources,
//! else built here by npm in a copy of them. Writes the list of its files for `src/assets.rs`.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../web/front_end.rs"]
mod front_end;

use front_end::env;

/// What the app is built from, below `web`. It draws its charts with parts of the chart runtime of reports.
const SOURCES: [&str; 8] = [
    "app/package.json",
    "app/package-lock.json",
    "app/.npmrc",
    "app/vite.config.js",
    "app/index.html",
    "app/src",
    "charts/licenses.js",
    "charts/src",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=ARMISTICE_APP_DIST");
    let here = PathBuf::from(env("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env("OUT_DIR")?);
    let dist = dist(&here.join("../../web"), &out)?;
    let mut files = Vec::new();
    collect(&dist, "", &mut files)?;
    files.sort();
    if !files.iter().any(|(name, _)| name == "index.html") {
        return Err(format!("{} holds no index.html", dist.display()).into());
    }
    let mut list = String::from("&[\n");
    for (name, path) in &files {
        writeln!(list, "    ({name:?}, include_bytes!({:?}).as_slice()),", path.display().to_string())?;
    }
    list.push_str("]\n");
    fs::write(out.join("assets.rs"), list)?;
    Ok(())
}

/// The folder of the built app.
fn dist(web: &Path, out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    if let Some(given) = std::env::var_os("ARMISTICE_APP_DIST").map(PathBuf::from) {
        println!("cargo:rerun-if-changed={}", given.display());
        return Ok(given.canonicalize()?);
    }
    let newest = front_end::newest(web, &SOURCES)?;
    let built = web.join("app/dist");
    if built.join("index.html").is_file() {
        println!("cargo:rerun-if-changed={}", built.display());
        if front_end::modified(&built.join("index.html"))? >= newest {
            return Ok(built.canonicalize()?);
        }
    }
    let remedy = "install Node.js 20 or newer with npm, or build web/app on another machine and set \
                  ARMISTICE_APP_DIST to the path of its folder dist";
    let copy = out.join("web");
    front_end::build(web, &copy, &SOURCES, "app", remedy)?;
    Ok(copy.join("app/dist"))
}

/// Files below a folder with their names, `/` between folders.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else {
            files.push((name, path));
        }
    }
    Ok(())
}
