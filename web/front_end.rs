// What the build scripts of crates that carry a front end share: is a built file newer than its sources, and building it with npm in a
// copy, so that the checkout stays as it is. Included by `#[path]`.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// A variable of cargo's.
pub fn env(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|_| format!("the environment variable {name} is not set").into())
}

/// Tells cargo to watch the sources, and says when the youngest of them was last changed.
pub fn newest(web: &Path, sources: &[&str]) -> Result<SystemTime, Box<dyn Error>> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for name in sources {
        println!("cargo:rerun-if-changed={}", web.join(name).display());
        newest = newest.max(modified(&web.join(name))?);
    }
    Ok(newest)
}

/// When a file, or the youngest file below a folder, was last changed.
pub fn modified(path: &Path) -> Result<SystemTime, Box<dyn Error>> {
    let about = fs::metadata(path)
        .map_err(|error| format!("a source of the front end, {}, cannot be read: {error}", path.display()))?;
    let mut newest = about.modified()?;
    if about.is_dir() {
        for entry in fs::read_dir(path)? {
            newest = newest.max(modified(&entry?.path())?);
        }
    }
    Ok(newest)
}

/// Copies the sources from `web` to `copy` and runs npm in its folder `package`; `remedy` is what to do where npm fails.
pub fn build(
    web: &Path,
    copy: &Path,
    sources: &[&str],
    package: &str,
    remedy: &str,
) -> Result<(), Box<dyn Error>> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    fs::create_dir_all(copy)?;
    for name in sources {
        duplicate(&web.join(name), &copy.join(name))?;
    }
    let folder = copy.join(package);
    npm(&folder, &["ci", "--no-audit", "--no-fund"], remedy)?;
    npm(&folder, &["run", "build"], remedy)?;
    fs::remove_dir_all(folder.join("node_modules"))?;
    Ok(())
}

fn duplicate(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    if !from.is_dir() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(from, to)?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        duplicate(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn npm(folder: &Path, arguments: &[&str], remedy: &str) -> Result<(), Box<dyn Error>> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(program).args(arguments).current_dir(folder).output().map_err(|error| {
        format!("the front end is built with npm, which did not start ({error}): {remedy}")
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`npm {}` failed:\n{said}\nremedy: {remedy}", arguments.join(" ")).into())
}
